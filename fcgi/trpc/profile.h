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
/* A row of weir_profiles_by_id as it is (spec/queries.md 19.1). */
WEIR_MUSTCHECK weir_err weir_reply_profile(struct weir_call *c, const char *key, json_object *row);
#endif
