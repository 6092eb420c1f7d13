#ifndef WEIR_FCGI_WORKER_H
#define WEIR_FCGI_WORKER_H
#include "base/conf.h"
#include "ingest/respool.h"
#include "ingest/notify.h"
#include "ingest/shard.h"
#include "link/clickhouse.h"
#include "link/postgres.h"
#include "link/redis.h"
/* weir-worker: what its loop (worker.c) and its jobs (jobs.c) share. */

enum { WORKER_SHARDS_MAX = 1024 };

struct jobs;

struct worker {
	struct weir_conf conf;
	weir_redis *redis;
	weir_pg *pg;
	weir_ch *ch;
	weir_respool *respool;
	weir_arena *mem;               /* of one call of a job; reset after it */
	weir_shard *shard[WORKER_SHARDS_MAX];
	size_t shards;
	weir_rules *rules;
	weir_notify *notify;
	int64_t notices;               /* jobs of notification that the shards had queued when it was last looked */
	int64_t started_at;            /* wall clock, as all that is told */
	struct jobs *jobs;
};
#endif
