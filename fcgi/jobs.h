#ifndef WEIR_FCGI_JOBS_H
#define WEIR_FCGI_JOBS_H
#include "worker.h"
/*
 * What weir-worker does from time to time, between two steps of its shards.  A
 * job is a row of the table in jobs.c and a function there: its name, how often
 * it runs and whether --once runs it too.
 *
 * A function does what can be done in some milliseconds, so that events are not
 * kept waiting; a longer job says that there is more and is called again.  It
 * logs its own failures and is called again some seconds after one.
 *
 * Jobs that only one worker of all may do have a turn (ingest/turn.h) as well,
 * which decides when they are due; those of a worker that is killed are begun
 * anew by the next one.
 */

/* NULL on no memory. Nothing is due before the first jobs_run, everything then. */
struct jobs *jobs_new(void);
void jobs_free(struct jobs *jobs);

/* Runs what is due; in how many ms something will be. */
int64_t jobs_run(struct jobs *jobs, struct worker *w);
/* --once: runs every job of the given moment to its end; WEIR_OK when none that must not fail has failed. */
enum jobs_moment {
	JOBS_FIRST,    /* before the streams are read */
	JOBS_EMPTY,    /* when the streams are empty; what they put there is stored too */
	JOBS_LAST,     /* at the end */
};
WEIR_MUSTCHECK weir_err jobs_once(struct jobs *jobs, struct worker *w, enum jobs_moment moment);
#endif
