#ifndef WEIR_QUERY_PULSE_H
#define WEIR_QUERY_PULSE_H
#include <json-c/json.h>
#include "query/sql.h"
/* Figures of the last minutes and days, for widgets and bills (spec/queries.md 14.9, 21.3). Counts are numbers. */
enum { WEIR_PULSE_MINUTES = 30, WEIR_PULSE_TOP = 10 };

/* {sessions}: distinct sessions of the last thirty minutes. */
WEIR_MUSTCHECK weir_err weir_pulse_sessions(const struct weir_ask *ask, int64_t *sessions);
/*
 * {minute, sessionCount, visitorCount, timestamp, time} for each of the last
 * thirty minutes, those without events included: minute and time ("08:05 PM")
 * are of the project's zone, timestamp is ms since 1970.
 */
WEIR_MUSTCHECK weir_err weir_pulse_minutes(const struct weir_ask *ask, json_object **rows);
/* What most sessions of the last thirty minutes have in common: {name, count}, ten at most. */
enum weir_pulse_top { WEIR_PULSE_COUNTRY, WEIR_PULSE_REFERRER, WEIR_PULSE_PATH };
WEIR_MUSTCHECK weir_err weir_pulse_top(const struct weir_ask *ask, enum weir_pulse_top what, json_object **rows);
/* Distinct profiles of the last thirty days. */
WEIR_MUSTCHECK weir_err weir_pulse_month(const struct weir_ask *ask, int64_t *visitors);
/* {count, day}: events of these projects on each of the last thirty days, UTC. ask->project_id is not looked at. */
WEIR_MUSTCHECK weir_err weir_pulse_usage(const struct weir_ask *ask, const weir_text *projects, size_t count, json_object **rows);
#endif
