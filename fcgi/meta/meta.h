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
struct weir_ahead;
struct weir_meta {
	weir_pg *pg;
	weir_redis *redis;             /* told of changes to clients and projects; NULL: nobody is told */
	const struct weir_conf *conf;
	weir_arena *mem;
	int64_t now_ms;                /* createdAt and updatedAt of what is written */
	struct weir_ahead *ahead;      /* what will be asked anyway (meta/access.h); NULL: nothing */
};

/* weir_pg_exec for this room: WEIR_ENOMEM also when a parameter could not be made in the arena. */
static inline WEIR_MUSTCHECK weir_err weir_meta_run(const struct weir_meta *m, PGresult **rows, const char *sql, int nparams,
	const weir_text *params)
{
	return weir_arena_failed(m->mem) ? WEIR_ENOMEM : weir_pg_exec(m->pg, m->mem, rows, sql, nparams, params);
}
/* now_ms as a parameter. */
static inline weir_text weir_meta_now(const struct weir_meta *m)
{
	return weir_pg_time_param(m->mem, m->now_ms);
}
/* The text, or NULL for PostgreSQL when it is empty. */
static inline weir_text weir_or_null(weir_text t)
{
	return t.n ? t : (weir_text){ NULL, 0 };
}
#endif
