#ifndef WEIR_QUERY_EVENTS_H
#define WEIR_QUERY_EVENTS_H
#include "query/field.h"
/* Lists of events, newest first (spec/queries.md 17.1). */

enum { WEIR_EVENTS_PAGE = 50 };

/* A place in the list: the moment of the last event seen, and its id ({NULL, 0}: everything of that moment has been seen). */
struct weir_events_cursor {
	int64_t ms;
	weir_text id;
};

struct weir_events_ask {
	struct weir_ask base;
	weir_text profile_id, session_id, group_id, cohort_id; /* empty: any */
	const weir_text *names;        /* event names; none: any */
	size_t name_count;
	json_object *filters;          /* may be NULL */
	bool has_cursor, has_dates;
	struct weir_events_cursor cursor;
	int64_t start_ms, end_ms;      /* the UTC days of both count whole */
};

/*
 * Rows of table events as objects by column name: a page, and one more when
 * there is more in the stretch looked at.  Unless both dates and no cursor are
 * given, the search goes back from the cursor or now in steps that double, up
 * to five years, until something is found.
 */
WEIR_MUSTCHECK weir_err weir_events_page(const struct weir_events_ask *ask, json_object **rows);
/* Columns of table profiles that answers are made of (trpc/profile.h); moments as texts of ms. */
#define WEIR_PROFILE_SQL \
	"id, first_name, last_name, email, avatar, is_external, properties, groups," \
	" toString(toUnixTimestamp64Milli(created_at)) AS created_ms, toString(toUnixTimestamp64Milli(last_seen_at)) AS seen_ms"
/* Profiles by their ids, as objects with the columns of table profiles; one row each, the latest. */
WEIR_MUSTCHECK weir_err weir_profiles_by_id(const struct weir_ask *ask, const weir_text *ids, size_t count, json_object **rows);
/* Distinct profiles of the last five minutes. */
WEIR_MUSTCHECK weir_err weir_live_visitors(const struct weir_ask *ask, int64_t *visitors);
#endif
