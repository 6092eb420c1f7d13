#ifndef WEIR_QUERY_EVENTS_H
#define WEIR_QUERY_EVENTS_H
#include "query/field.h"
#include "query/place.h"
/* Lists of events, newest first (spec/queries.md 17.1). */

enum { WEIR_EVENTS_PAGE = 50 };

struct weir_events_ask {
	struct weir_ask base;
	weir_text profile_id, session_id, group_id, cohort_id; /* empty: any */
	const weir_text *names;        /* event names; none: any */
	size_t name_count;
	json_object *filters;          /* may be NULL */
	struct weir_stretch stretch;
};

/*
 * Rows of table events as objects by column name: a page, and one more when
 * there is more in the stretch looked at.  Unless both dates and no cursor are
 * given, the search goes back from the cursor or now in steps that double, up
 * to five years, until something is found.
 */
WEIR_MUSTCHECK weir_err weir_events_page(const struct weir_events_ask *ask, json_object **rows);
/* The same without searching further back than that moment. */
WEIR_MUSTCHECK weir_err weir_events_since(const struct weir_events_ask *ask, int64_t since_ms, json_object **rows);
/* The event as the only row of such a page, or none. near_ms: its moment, when that is known to a second, else INT64_MIN. */
WEIR_MUSTCHECK weir_err weir_event_by_id(const struct weir_ask *ask, weir_text id, int64_t near_ms, json_object **rows);
/* Requests of robots, newest first: {id, project_id, name, type, path, created_at, created_ms}, and how many there are in all. */
WEIR_MUSTCHECK weir_err weir_bots(const struct weir_ask *ask, int64_t limit, int64_t page, json_object **rows, int64_t *count);
/* Columns of table profiles that answers are made of (trpc/profile.h); moments as texts of ms. */
#define WEIR_PROFILE_SQL \
	"id, first_name, last_name, email, avatar, is_external, properties, groups," \
	" toString(toUnixTimestamp64Milli(created_at)) AS created_ms, toString(toUnixTimestamp64Milli(last_seen_at)) AS seen_ms"
/* Profiles by their ids, as objects with the columns of table profiles; one row each, the latest. */
WEIR_MUSTCHECK weir_err weir_profiles_by_id(const struct weir_ask *ask, const weir_text *ids, size_t count, json_object **rows);
#endif
