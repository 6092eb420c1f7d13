#ifndef WEIR_INGEST_SHARD_H
#define WEIR_INGEST_SHARD_H
#include "ingest/heartbeat.h"
#include "ingest/spool.h"
#include "ingest/rules.h"
#include "link/clickhouse.h"
/*
 * One shard's life in a worker, cut into short steps so that one process can
 * serve several shards and look at its signals in between.
 *
 *   seeking   the lease is another's, or Redis is away
 *   pending   what was read and not settled goes the careful way (ingest/store.h)
 *   running   entries are read into a batch while the one before it, or the
 *             two before it when they are full, are on their way
 *
 * Any failure leads back to pending or seeking, with pauses that grow to five
 * seconds.  What was read and not settled is dropped from memory then: the
 * stream has it.
 */
typedef struct weir_shard weir_shard;

/* conf, redis and ch outlive it. NULL on no memory. */
weir_shard *weir_shard_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, unsigned number);
/* Waits for the answers of a batch on its way, stores what was read and gives the lease up, each if it can be done at once. */
void weir_shard_stop(weir_shard *s);
/* Events are held against these notification rules from now on; they outlive the shard. */
void weir_shard_notify(weir_shard *s, const weir_rules *rules);
unsigned weir_shard_number(const weir_shard *s);
/* Jobs of notification that it has queued since its start. */
int64_t weir_shard_notices(const weir_shard *s);
void weir_shard_free(weir_shard *s);

enum weir_shard_did {
	WEIR_SHARD_WORK,    /* call again at once */
	WEIR_SHARD_WAIT,    /* a batch is on its way: call again in some milliseconds */
	WEIR_SHARD_IDLE,    /* nothing to do */
	WEIR_SHARD_FAILING, /* something is away */
	WEIR_SHARD_FOREIGN, /* another worker holds the lease */
};
/* One step. drain: a batch leaves as soon as nothing more is there. */
enum weir_shard_did weir_shard_step(weir_shard *s, bool drain);
/* Everything that was read is stored, and nothing more was there. */
bool weir_shard_is_empty(const weir_shard *s);

/* The lease is held and the batch that left last was full: more waits than a batch holds, as far as is known. */
bool weir_shard_has_backlog(const weir_shard *s);

/* Ends sessions that nothing was heard of; only while the lease is held. */
WEIR_MUSTCHECK weir_err weir_shard_reap(weir_shard *s);
/*
 * Writes times spent on pages (ingest/pagetime.h); only while the lease is
 * held.  *more: call again at once.  What ClickHouse refuses is logged.
 */
WEIR_MUSTCHECK weir_err weir_shard_write_page_times(weir_shard *s, bool *more);
/* Profiles into the events from before they were known (ingest/backfill.h); only while the lease is held. */
WEIR_MUSTCHECK weir_err weir_shard_backfill(weir_shard *s, bool *more);
/* A step of bringing changed profiles and groups to ClickHouse (ingest/peopleflush.h); only while the lease is held. */
WEIR_MUSTCHECK weir_err weir_shard_flush_people(weir_shard *s, int64_t *again_ms);
/* Its figures, and those of the host's spool, to Redis; nothing while the lease is another's. */
WEIR_MUSTCHECK weir_err weir_shard_beat(weir_shard *s, int64_t started_at, const struct weir_spool_figures *spool);
#endif
