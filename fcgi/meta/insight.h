#ifndef WEIR_META_INSIGHT_H
#define WEIR_META_INSIGHT_H
#include "meta/meta.h"
/* What was found out about a project by itself (spec/trpc-metadata.md 4.19, spec/queries.md 22). */

/* Rows of record insight_brief: of each subject the newest window only, the most relevant first. */
WEIR_MUSTCHECK weir_err weir_insight_list(const struct weir_meta *m, weir_text project_id, int64_t limit, PGresult **rows);
/* Rows of record insight: all active ones. */
WEIR_MUSTCHECK weir_err weir_insight_list_all(const struct weir_meta *m, weir_text project_id, int64_t limit, PGresult **rows);

/* ---- finding them: query/insight.h asks, these keep what was found */

struct weir_insight_project {
	weir_text id, timezone;        /* of its organization */
	int64_t created_ms;
};
/*
 * The first project behind another, in the order of their ids, with more than
 * worker.insight_events events; with worker.insights = subscribed only one that
 * has changed within a day and whose organization's subscription is active.
 * id {NULL, 0} when there is none.
 */
WEIR_MUSTCHECK weir_err weir_insight_project_after(const struct weir_meta *m, weir_text after, struct weir_insight_project *out);
/* The project of that id, whatever its events; WEIR_ENOTFOUND when there is none or it is to be deleted. */
WEIR_MUSTCHECK weir_err weir_insight_project_of(const struct weir_meta *m, weir_text id, struct weir_insight_project *out);

struct weir_insight_row {
	const char *module, *window;   /* moduleKey, windowKind */
	weir_text dimension, name, title, summary;
	weir_text payload;             /* JSON */
	const char *direction, *band;  /* band may be NULL */
	double impact;
	int64_t start_ms, end_ms;      /* of the window; the end is exclusive here and a millisecond earlier in the table */
};

/* All that was found about a project, and where: the modules and the windows that each was looked at in. */
struct weir_insight_place {
	const char *module, *window;
};
struct weir_insight_batch {
	weir_text project_id;
	const struct weir_insight_place *places;
	size_t place_count;
	const struct weir_insight_row *rows;
	size_t count;
	int64_t yesterday_ms;          /* exclusive end of window yesterday, when that is among them */
};
struct weir_insight_counts {
	int64_t found, created, changed, closed, deleted;
};
enum { WEIR_INSIGHT_KEEP = 20 };   /* active rows of a module and window */
/*
 * Stores them in one transaction that locks the project, so that two runs at
 * the same time come one after the other.  A row there is goes on, one that was
 * closed or suppressed is opened again; its version counts what is new about it:
 * that it is there (again), goes the other way, or is of another band.  What
 * happened to a row is told in insight_events: created, direction_flip,
 * severity_up, severity_down, updated (other figures or days, or open again),
 * closed.  Without any of it there is no event.
 *
 * Then, of these places: rows of window yesterday that are of
 * another day are deleted, active ones that were not found for more than seven
 * days are closed, and of the others those with the largest impact are kept.
 *
 * WEIR_ENOTFOUND when the project has gone meanwhile.
 */
WEIR_MUSTCHECK weir_err weir_insight_store(const struct weir_meta *m, const struct weir_insight_batch *batch, struct weir_insight_counts *counts);
/*
 * Deletes suppressed rows, and closed ones and events that are older than
 * worker.insight_retention (0: none); some thousands at a time, *deleted 0
 * when that was all.
 */
WEIR_MUSTCHECK weir_err weir_insight_sweep(const struct weir_meta *m, int64_t *deleted);
#endif
