#ifndef WEIR_INGEST_RESPOOL_H
#define WEIR_INGEST_RESPOOL_H
#include "ingest/spool.h"
/*
 * Makes the calls that the spool holds (ingest/spool.h), each exactly once, in
 * the order in which they came, file by file and across the files that nobody
 * holds.
 *
 * Which record of a file was replayed last stands in Redis, written by the
 * very script call that did it (sql/redis/respool.lua): a worker that is
 * killed, a Redis that is killed, an answer that is not heard repeat nothing.
 * A record that Redis refuses as such goes to a file ending in .bad, with a
 * line in the log, and holds up nothing else.  A file is removed some seconds
 * after its last record, when Redis still knows that it replayed it.
 */
typedef struct weir_respool weir_respool;

/* conf and redis outlive it. NULL with *fault filled. */
weir_respool *weir_respool_new(const struct weir_conf *conf, weir_redis *redis, struct weir_fault *fault);
/* Lets go of all files. */
void weir_respool_free(weir_respool *r);

enum weir_respool_did {
	WEIR_RESPOOL_WORK,    /* call again at once */
	WEIR_RESPOOL_IDLE,    /* nothing to do */
	WEIR_RESPOOL_FAILING  /* Redis takes nothing */
};
/* One step: a look at the directory, or some dozens of calls in one round trip. */
enum weir_respool_did weir_respool_step(weir_respool *r);
/* True while there is a file, held by whomever: what happened to sessions is not all known to Redis yet. */
bool weir_respool_waits(const weir_respool *r);
/* True while files are being replayed. */
bool weir_respool_busy(const weir_respool *r);
#endif
