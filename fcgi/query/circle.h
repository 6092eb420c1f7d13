#ifndef WEIR_QUERY_CIRCLE_H
#define WEIR_QUERY_CIRCLE_H
#include <json-c/json.h>
#include "query/sql.h"
/*
 * A circle of profiles: a group or a cohort, and what its members do
 * (spec/queries.md 13.5, 20).  Moments are texts of ms since 1970, counts are
 * numbers; days are those of the project.
 */
enum weir_circle_kind { WEIR_CIRCLE_GROUP, WEIR_CIRCLE_COHORT };
struct weir_circle {
	enum weir_circle_kind kind;
	weir_text id;
};

enum weir_circle_list {
	WEIR_CIRCLE_EVENTS,            /* {count, name}: the ten most frequent events but those of pages and sessions */
	WEIR_CIRCLE_ROUTES,            /* {count, path}: the ten most visited paths */
	WEIR_CIRCLE_DAYS,              /* {count, date}: events by day, the newest first; days without any are left out */
	WEIR_CIRCLE_MONTH,             /* {count, date}: events of each of the last 31 days, the oldest first */
	WEIR_CIRCLE_GROWTH             /* the same of profiles that were first seen on it */
};
WEIR_MUSTCHECK weir_err weir_circle_list(const struct weir_ask *ask, const struct weir_circle *circle, enum weir_circle_list list, json_object **rows);
/* {total_events, profiles, first_ms, last_ms}: one row; a moment of "0" is none. */
WEIR_MUSTCHECK weir_err weir_circle_metrics(const struct weir_ask *ask, const struct weir_circle *circle, json_object **rows);

struct weir_circle_page {
	weir_text search;              /* words that must all be in id, names or address; empty: any */
	json_object *filters;          /* of profiles: profile.* and cohorts; others are passed over; may be NULL */
	int64_t take, page;
};
/* Its profiles, the newest first: rows of WEIR_PROFILE_SQL (query/events.h) and total, how many there are in all. */
WEIR_MUSTCHECK weir_err weir_circle_profiles(const struct weir_ask *ask, const struct weir_circle *circle, const struct weir_circle_page *page,
	json_object **rows);

/* Appends " AND (...)" for filters on profiles, whose relation is pr; see weir_circle_page. */
WEIR_MUSTCHECK weir_err weir_profile_filters_sql(weir_sql *q, const struct weir_ask *ask, json_object *filters);
#endif
