#ifndef WEIR_TRPC_SESSION_H
#define WEIR_TRPC_SESSION_H
#include "trpc/call.h"
/* Writing sessions (spec/queries.md 18). */

/* One row of query/sessions.h as an object, without its profile. */
void weir_session_put(struct weir_call *c, const char *key, json_object *row);
#endif
