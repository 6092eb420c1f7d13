#ifndef WEIR_TRPC_ASK_H
#define WEIR_TRPC_ASK_H
#include "query/range.h"
#include "query/sql.h"
#include "trpc/api.h"
#include "trpc/call.h"
/* What a handler gives to the functions of query: the project is the one that the access check has found. */
static inline struct weir_ask weir_ask_of(struct weir_call *c)
{
	return (struct weir_ask){
		.ch = c->api->ch, .redis = c->api->redis, .mem = c->meta.mem, .conf = c->meta.conf, .project_id = c->project.id,
		.timezone = weir_known_timezone(c->meta.mem, c->project.timezone), .now_ms = c->meta.now_ms,
		.advice = &c->advice,
	};
}
#endif
