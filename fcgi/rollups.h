#ifndef WEIR_FCGI_ROLLUPS_H
#define WEIR_FCGI_ROLLUPS_H
#include "worker.h"
/*
 * Rolling up days that are over (query/rollup.h), project by project, each
 * step one statement of ClickHouse about some days.  A day that has changed since
 * is rolled up again; rows of earlier rolls are deleted by a later run, when
 * nobody can be reading them any more.
 */
struct rollups {
	char project[256];             /* the one that is being looked at, or was the last */
	bool open;                     /* its days are being rolled up */
	int64_t number, roll, first, last; /* days */
	int step;
	int64_t width;                 /* days at a time, by how long they take */
	int64_t took_ms;               /* the longest step of these days */
	int64_t rolled;                /* days so far */
};

/* One step. Begins with a zeroed state. */
WEIR_MUSTCHECK weir_err rollups_step(struct rollups *r, struct worker *w, bool *more);
#endif
