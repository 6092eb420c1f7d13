#ifndef WEIR_QUERY_SESSIONS_H
#define WEIR_QUERY_SESSIONS_H
#include "query/place.h"
#include <json-c/json.h>
/* Lists of sessions, one session, and its recording (spec/queries.md 18). */
struct weir_sessions_ask {
	struct weir_ask base;
	weir_text profile_id;          /* empty: any */
	weir_text search;              /* in first and last path and in the referrer */
	json_object *filters;          /* query/entity.h; may be NULL */
	struct weir_stretch stretch;
	int64_t take;
};
enum { WEIR_SESSIONS_MAX = 1000 };

/*
 * Rows of table sessions by column names, with created_ms and ended_ms (texts
 * of ms) and has_replay: a page, and one more when there is more in the
 * stretch looked at, which reaches back at most a year.
 */
WEIR_MUSTCHECK weir_err weir_sessions_page(const struct weir_sessions_ask *ask, json_object **rows);
/* One such row, or NULL. */
WEIR_MUSTCHECK weir_err weir_session_by_id(const struct weir_ask *ask, weir_text id, json_object **row);
/* {value}: up to 200 of the last 90 days, the most frequent first. WEIR_EBADREQ for a field that is none. */
WEIR_MUSTCHECK weir_err weir_session_values(const struct weir_ask *ask, weir_text field, json_object **rows);

/* {payload}: pieces of a recording in their order from number from on, a page and one more when there is more. */
enum { WEIR_REPLAY_PAGE = 40 };
WEIR_MUSTCHECK weir_err weir_replay_chunks(const struct weir_ask *ask, weir_text session_id, int64_t from, json_object **rows);
#endif
