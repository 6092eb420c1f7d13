#ifndef WEIR_INGEST_PURGE_H
#define WEIR_INGEST_PURGE_H
#include "link/clickhouse.h"
#include "link/redis.h"
#include <stdint.h>
/*
 * Takes everything that ClickHouse and Redis have of one project away, in steps
 * of some milliseconds.  What PostgreSQL has is meta/deletion.h's business.
 *
 *   Redis        sessions, closed ids, pointers, states of profiles and groups,
 *                members of clock and dirty, dead letters, jobs of
 *                notification; by SCAN
 *   ClickHouse   rows of every MergeTree table and materialized view of the
 *                database that has a column project_id (ingest/sweep.h)
 *
 * A step asks before it deletes, so that a purge may be broken off and begun
 * anew at any point.  Entries of the events stream are left to the worker: what
 * it writes after a purge is found by the next one, for which
 * weir_purge_remember keeps the project's id for WEIR_PURGE_MEMORY_MS.
 */
typedef struct weir_purge weir_purge;

/* conf, redis and ch outlive it; the id is copied. NULL on no memory. */
weir_purge *weir_purge_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, weir_text project_id);
void weir_purge_free(weir_purge *p);
weir_text weir_purge_project(const weir_purge *p);

/* One step. *again_ms: in how many ms the next one has something to do; -1 when nothing is left. After an error it may be tried again. */
WEIR_MUSTCHECK weir_err weir_purge_step(weir_purge *p, int64_t *again_ms);

struct weir_purge_counts {
	uint64_t tables, rows; /* of ClickHouse, that had to be deleted from */
	uint64_t keys, dead;   /* of Redis: keys and members, dead letters */
};
struct weir_purge_counts weir_purge_counts(const weir_purge *p);

enum { WEIR_PURGE_MEMORY_MS = 7 * 24 * 3600 * 1000 };
/* Notes that the project is being deleted at a time. */
WEIR_MUSTCHECK weir_err weir_purge_remember(weir_redis *redis, const struct weir_conf *conf, weir_text project_id, int64_t now_ms);
WEIR_MUSTCHECK weir_err weir_purge_forget(weir_redis *redis, const struct weir_conf *conf, weir_text project_id);
/*
 * The remembered projects of a shard, into mem: at most max, oldest first.
 * Those from before WEIR_PURGE_MEMORY_MS are forgotten.
 */
WEIR_MUSTCHECK weir_err weir_purge_remembered(weir_redis *redis, const struct weir_conf *conf, unsigned shard, int64_t now_ms, weir_arena *mem,
	weir_text *ids, size_t max, size_t *count);
#endif
