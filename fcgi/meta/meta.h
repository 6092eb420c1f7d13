#ifndef WEIR_META_META_H
#define WEIR_META_META_H
#include "base/arena.h"
#include "base/conf.h"
#include "link/postgres.h"
#include "link/redis.h"
/*
 * What every function of this room needs.  The room's functions are shared by
 * weir-api and weirctl: they check the shape of nothing (the input schemas do)
 * and the access of nobody (trpc/access.c does).
 *
 * Results are rows of libpq that the arena owns; which column is which is told
 * by the record named in the function's comment (meta/record.h).  Rows are
 * valid until the arena's reset.
 */
struct weir_meta {
	weir_pg *pg;
	weir_redis *redis;             /* told of changes to clients and projects; NULL: nobody is told */
	const struct weir_conf *conf;
	weir_arena *mem;
	int64_t now_ms;                /* createdAt and updatedAt of what is written */
};
#endif
