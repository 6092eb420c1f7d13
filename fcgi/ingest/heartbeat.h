#ifndef WEIR_INGEST_HEARTBEAT_H
#define WEIR_INGEST_HEARTBEAT_H
#include "link/keys.h"
#include "link/redis.h"
#include <stdint.h>
/*
 * What a worker tells about a shard: a hash {PREFIX:SHARD}:worker whose fields
 * are the names below, gone WEIR_HEARTBEAT_LIFE_MS after the last beat.  Read
 * by /metrics, weirctl doctor and weir status.  Times are server ms; 0 means
 * never or none.
 */
enum { WEIR_HEARTBEAT_LIFE_MS = 30 * 1000 };

#define WEIR_HEARTBEAT(X)                                                        \
	X(pid)                                                                   \
	X(started_at)                                                            \
	X(at)                  /* of this beat */                                \
	X(queue)               /* entries in the stream */                       \
	X(oldest_at)           /* when the oldest of them was accepted */        \
	X(batches)             /* since the start of the worker, as all below */ \
	X(entries)                                                               \
	X(event_rows)                                                            \
	X(session_rows)                                                          \
	X(profile_rows)                                                          \
	X(group_rows)                                                            \
	X(replay_rows)                                                           \
	X(bot_rows)                                                              \
	X(page_times)          /* of events that were stored before */           \
	X(page_times_lost)     /* of them, for which there was no room to wait */ \
	X(page_times_waiting)  /* now */                                         \
	X(refused)             /* entries moved to the dead stream */            \
	X(failures)            /* tries that ClickHouse or Redis did not take */ \
	X(reaped)              /* sessions ended because nothing more came */    \
	X(last_flush_at)                                                         \
	X(last_flush_ms)       /* how long it took */                            \
	X(failing_since)       /* 0 when the last try went well */       \
	X(spool_bytes)         /* of the worker's host (ingest/spool.h) */       \
	X(spool_records)                                                         \
	X(spool_oldest_at)                                                       \
	X(spool_bad)           /* records that Redis refuses */                  \
	X(spool_refused)       /* calls that the full spool did not take */ \
	X(notices)             /* jobs of notification queued */         \
	X(notices_waiting)     /* of them, and of earlier ones, not done yet */

struct weir_heartbeat {
#define X(name) int64_t name;
	WEIR_HEARTBEAT(X)
#undef X
	char error[512]; /* text of the last failure */
};

WEIR_MUSTCHECK weir_err weir_heartbeat_write(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const struct weir_heartbeat *hb);
/* WEIR_ENOTFOUND when no worker has told anything lately. */
WEIR_MUSTCHECK weir_err weir_heartbeat_read(weir_redis *redis, const struct weir_conf *conf, unsigned shard, struct weir_heartbeat *hb);
#endif
