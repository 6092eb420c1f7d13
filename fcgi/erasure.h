#ifndef WEIR_FCGI_ERASURE_H
#define WEIR_FCGI_ERASURE_H
#include "worker.h"
/*
 * The job that erases persons (ingest/person.h) and what is older than a
 * project keeps (worker.keep_events), in short steps.  Who was erased within
 * the last day is looked at again: what was on its way may have come to
 * ClickHouse since.  What fails is logged and does not hold up the others.
 */
struct erasure;

/* NULL on no memory. */
struct erasure *erasure_new(void);
void erasure_free(struct erasure *e);
/* As deletion_step (deletion.h). */
WEIR_MUSTCHECK weir_err erasure_step(struct erasure *e, struct worker *w, int64_t *again_ms);
#endif
