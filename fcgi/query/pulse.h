#ifndef WEIR_QUERY_PULSE_H
#define WEIR_QUERY_PULSE_H
#include <json-c/json.h>
#include "query/sql.h"
/* Figures of the last minutes and days, for widgets and bills (spec/queries.md 14.9, 21.3). Counts are numbers. */
enum { WEIR_PULSE_MINUTES = 30, WEIR_PULSE_TOP = 10 };

/* What most sessions of the last thirty minutes have in common: {label, count}, ten at most. */
enum weir_pulse_top { WEIR_PULSE_COUNTRY, WEIR_PULSE_REFERRER, WEIR_PULSE_PATH, WEIR_PULSE_TOPS };

struct weir_pulse {
	int64_t sessions;              /* distinct, of the last thirty minutes */
	/*
	 * {minute, sessionCount, visitorCount, timestamp, time} for each of the
	 * last thirty minutes, those without events included: minute and time
	 * ("08:05 PM") are of the project's zone, timestamp is ms since 1970.
	 */
	json_object *minutes;
	json_object *top[WEIR_PULSE_TOPS]; /* NULL where it isn't wanted */
};
WEIR_MUSTCHECK weir_err weir_pulse_now(const struct weir_ask *ask, const bool wanted[WEIR_PULSE_TOPS], struct weir_pulse *out);

/* The statements of sessions {value} and minutes, for others that ask for them along with more. */
void weir_pulse_sessions_sql(weir_sql *q, const struct weir_ask *ask);
void weir_pulse_minutes_sql(weir_sql *q, const struct weir_ask *ask);
/* Column value of the first row. */
int64_t weir_pulse_number(json_object *rows);
/* Distinct profiles of the last thirty days. */
WEIR_MUSTCHECK weir_err weir_pulse_month(const struct weir_ask *ask, int64_t *visitors);
/* {count, day}: events of these projects on each of the last thirty days, UTC. ask->project_id is not looked at. */
WEIR_MUSTCHECK weir_err weir_pulse_usage(const struct weir_ask *ask, const weir_text *projects, size_t count, json_object **rows);
#endif
