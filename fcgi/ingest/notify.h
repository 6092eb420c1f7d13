#ifndef WEIR_INGEST_NOTIFY_H
#define WEIR_INGEST_NOTIFY_H
#include "ingest/rules.h"
#include "link/redis.h"
/*
 * Notifications, from the queue in Redis to where they go: rows of the table
 * notifications and word on channel notification:created, webhooks, Slack,
 * Discord, mail.
 *
 * A job stays in Redis until it is done.  A worker takes it by moving its due
 * time half a minute ahead, so that it comes back when that worker dies.  What
 * a job becomes replaces it in one step, and ids follow from what they stand
 * for: a row is there once; a webhook is sent again only when nobody knows
 * whether it was taken, with the same id.
 *
 * A request that fails and may go better is tried again after notify.retry,
 * twice as long each time, up to notify.attempts; then it is given up with a
 * line in the log.  PostgreSQL or ClickHouse away does not count as an
 * attempt.
 *
 * One step does a bounded piece of work: requests to others never wait, one
 * question to PostgreSQL or ClickHouse per job does, ClickHouse's for two
 * seconds at most.
 */
typedef struct weir_notify weir_notify;

/* conf, redis, pg and rules outlive it. shards: the numbers of the streams whose queues it serves. NULL with *fault on a bad setting. */
weir_notify *weir_notify_new(const struct weir_conf *conf, weir_redis *redis, weir_pg *pg, const weir_rules *rules, const unsigned *shards,
	size_t count, struct weir_fault *fault);
/* What is on its way is waited for, three seconds at most; the rest stays in Redis. */
void weir_notify_free(weir_notify *n);
/* New jobs may have been queued: look at once. */
void weir_notify_wake(weir_notify *n);
/* False when nothing can be done before the next job is due, or before Redis or PostgreSQL is back. */
bool weir_notify_step(weir_notify *n);
/* Nothing is on its way, and no queue has a job that is due. */
bool weir_notify_idle(const weir_notify *n);
#endif
