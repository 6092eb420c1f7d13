#ifndef WEIR_FCGI_GSC_H
#define WEIR_FCGI_GSC_H
#include "base/id.h"
#include "worker.h"
/*
 * Figures of Google Search Console for the projects that are connected with it
 * (meta/gsc.h, spec/queries.md 24): six months in pieces of 14 days when a
 * site has been chosen, then the last three days once a day.  How it went
 * stands in the connection's row; one that fails is in nobody's way.
 *
 * A step asks Google one question and waits for its answer, ten seconds at
 * most; events are stored that much later.
 */
enum { GSC_ID_MAX = 256 };

struct gsc {
	char after[GSC_ID_MAX];        /* project of the connection that was looked at last */
	char project[GSC_ID_MAX];      /* of the one that is being asked for; "" for none */
	bool backfill;
	int64_t day, last_day;         /* of the next piece and the end, days since 1970 */
	size_t kind;                   /* of that piece: totals, pages, queries */
	int64_t from;                  /* row that its next question begins with */
	int64_t rows, asked, failed;   /* of this run */
};
/* A step; *more: there may be another one. Begins with a zeroed state. */
WEIR_MUSTCHECK weir_err gsc_step(struct gsc *g, struct worker *w, bool *more);
#endif
