#ifndef WEIR_CHDB_POOL_H
#define WEIR_CHDB_POOL_H
#include "base/conf.h"
#include "call.h"
/*
 * The threads that run queries, each with engine sessions of its own, and the
 * watch: one more thread that ends a query in the engine when its client has
 * gone away.
 *
 * A thread keeps a few sessions whose settings, database and read-only level
 * are already as a query wants them; a query that leaves something behind in
 * its session (SET, USE, temporary tables) gets one that is closed after it.
 */
struct weir_pool;

WEIR_MUSTCHECK weir_err weir_pool_start(const struct weir_conf *conf, struct weir_pool **out, struct weir_fault *fault);
/* Queues the call (taking a reference). WEIR_ERATE when too many wait. */
WEIR_MUSTCHECK weir_err weir_pool_submit(struct weir_pool *p, struct weir_call *c);
/* A client that may have gone: its query is ended in the engine if it still runs. */
void weir_pool_kill(struct weir_pool *p, struct weir_call *c);
/* Queries that wait or run. */
size_t weir_pool_busy(struct weir_pool *p);
/* Ends what still runs, lets the threads finish and closes their sessions. */
void weir_pool_stop(struct weir_pool *p);
#endif
