#ifndef WEIR_TRPC_PROFILE_H
#define WEIR_TRPC_PROFILE_H
#include "query/events.h"
#include "trpc/call.h"
/* The profiles behind a page of events (spec/queries.md 17.1). */
struct weir_page_profiles {
	json_object *rows;     /* of table profiles; NULL: none */
	json_object *events;   /* the page */
	size_t count;          /* of its events that count */
};

WEIR_MUSTCHECK weir_err weir_profiles_of(const struct weir_ask *ask, json_object *events, size_t count, struct weir_page_profiles *out);
/*
 * The profile of one event: its own; else, when another event of the same
 * session has an identified one, that with "* " before the first name; else
 * an empty one.
 */
WEIR_MUSTCHECK weir_err weir_profile_put(struct weir_call *c, const char *key, const struct weir_page_profiles *profiles, json_object *event);
/* The members of a row of WEIR_PROFILE_SQL, into the object that is open. */
WEIR_MUSTCHECK weir_err weir_profile_members(struct weir_call *c, json_object *row);
/* {data: profiles, meta: {count, pageCount: take}}; the rows have a column total. */
WEIR_MUSTCHECK weir_err weir_profile_page(struct weir_call *c, json_object *rows, int64_t take);
/* A row of weir_profiles_by_id as it is (spec/queries.md 19.1). */
WEIR_MUSTCHECK weir_err weir_reply_profile(struct weir_call *c, const char *key, json_object *row);
#endif
