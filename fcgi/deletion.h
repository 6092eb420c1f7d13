#ifndef WEIR_FCGI_DELETION_H
#define WEIR_FCGI_DELETION_H
#include "worker.h"
/*
 * The job that deletes what is due (meta/deletion.h), in short steps.  In this order, so that it can be killed anywhere:
 *
 *   organizations that have lost their last administrator are scheduled
 *   projects deleted within the last days are looked at again: what was still waiting in the stream, or in a
 *   spool, may have come to ClickHouse since (ingest/purge.h); one that exists again is left alone
 *   each project that is due: its id is remembered, its clients go, then Redis, ClickHouse and PostgreSQL;
 *   its row, which says that it is due, goes last
 *   organizations that are due and have no project left
 *
 * A project that fails is logged and does not hold up the others; the next run tries it again.
 */
struct deletion;

/* NULL on no memory. */
struct deletion *deletion_new(void);
void deletion_free(struct deletion *d);
/*
 * One step.  *again_ms: in how many ms there is more to do; -1 at the end of the run, and the next step begins a new one.
 * After an error the next step goes on behind it; what fails is told at the end of the run.
 */
WEIR_MUSTCHECK weir_err deletion_step(struct deletion *d, struct worker *w, int64_t *again_ms);
#endif
