#ifndef WEIR_INGEST_OUTBOX_H
#define WEIR_INGEST_OUTBOX_H
#include "base/conf.h"
#include "ingest/call.h"
/*
 * The way of everything that weir-track has to keep: a script of sql/redis is
 * called in Redis, or, when Redis does not take it, the call itself is kept in
 * a spool file on the disk, from which weir-worker makes it later, exactly
 * once (ingest/spool.h, ingest/respool.h).
 *
 * Each call carries a token of this process and a number, and Redis remembers
 * the last number that did something (sql/redis/outbox.lua), so that a call
 * whose answer was not heard is neither lost nor made twice.
 *
 * After a failure Redis is left alone for a moment; then a PING on a fresh
 * connection, with a tenth of a second of patience, decides whether it is
 * tried again.  A Redis that does not answer costs a process one
 * redis.timeout, not every request; the processes of a host tell each other.
 *
 * With durable = power only a Redis that syncs its file before it answers is
 * used; the outbox looks at its settings on each new connection.
 */
typedef struct weir_outbox weir_outbox;

/* conf must live as long. NULL with *fault filled when a setting makes no sense. */
weir_outbox *weir_outbox_new(const struct weir_conf *conf, struct weir_fault *fault);
void weir_outbox_free(weir_outbox *o);

/*
 * Makes the calls, in order, in one round trip for all of them (up to a
 * thousand).  Calls of one script and one shard, up to a hundred, are one
 * command, so that all of them are executed or none.  What Redis does not take is kept in the spool, with one sync of
 * the disk for all.  The outcome of each is in the call; returns the first err
 * that is not WEIR_OK.
 */
WEIR_MUSTCHECK weir_err weir_outbox_send(weir_outbox *o, struct weir_call *calls, size_t count);
/*
 * Keeps those calls in the spool whose reply says that nothing was done since
 * too much waits in Redis; full tells them.  Replies of calls that were kept
 * are released, the others stay as they are.
 */
void weir_outbox_defer(weir_outbox *o, struct weir_call *calls, size_t count, bool (*full)(const struct weir_call *));
/* Calls of this host wait in the spool: what Redis does not know, it may learn yet. */
bool weir_outbox_waits(const weir_outbox *o);
/* A command that changes nothing; WEIR_EUNAVAIL at once while Redis is left alone. */
WEIR_MUSTCHECK weir_err weir_outbox_ask(weir_outbox *o, redisReply **reply, size_t argc, const weir_text *argv);
/* For a process that nothing arrives at: hands what it kept over to weir-worker. */
void weir_outbox_idle(weir_outbox *o);
#endif
