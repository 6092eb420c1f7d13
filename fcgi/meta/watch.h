#ifndef WEIR_META_WATCH_H
#define WEIR_META_WATCH_H
#include "link/postgres.h"
/*
 * Notices that clients, projects, salts or notification rules were changed, by whomever: weir-api
 * and weirctl say so themselves (link/generation.h), but an operator with psql,
 * a restored dump or OpenPanel's own dashboard on the same database does not.
 *
 * PostgreSQL counts the rows that were written per table; reading some
 * counters costs the same for ten projects and for ten thousand.  A counter may
 * follow its commit by a second, also moves when a transaction is rolled back,
 * and starts anew after a crash of the server: a mark that differs says that
 * something may have changed.  With track_counts off it never moves, and
 * track.client_ttl decides.
 */
enum { WEIR_WATCH_MAX = 32 };

/* out: a NUL-terminated mark to compare with the one before. */
WEIR_MUSTCHECK weir_err weir_watch_read(weir_pg *pg, weir_arena *mem, char out[WEIR_WATCH_MAX]);
#endif
