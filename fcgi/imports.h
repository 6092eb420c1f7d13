#ifndef WEIR_FCGI_IMPORTS_H
#define WEIR_FCGI_IMPORTS_H
#include "worker.h"
/*
 * Runs the imports that people have ordered on the dashboard (meta/import.h),
 * the oldest first, one at a time: fetches the file, makes rows of it
 * (ingest/umami.h), stores them (ingest/import.h), and makes sessions of the
 * events (query/imported.h).  How far it is, and why it failed, stands in the
 * import's own row.
 *
 * An import that was broken off begins anew; rows that are stored already are
 * not stored twice.  It never ends the worker, and never waits for long.
 */
struct imports;

/* NULL on no memory. */
struct imports *imports_new(void);
void imports_free(struct imports *im);
/* A step. *again_ms: when there is more; left alone when none waits. WEIR_EUNAVAIL when a database is away. */
WEIR_MUSTCHECK weir_err imports_step(struct imports *im, struct worker *w, int64_t *again_ms);
#endif
