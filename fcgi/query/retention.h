#ifndef WEIR_QUERY_RETENTION_H
#define WEIR_QUERY_RETENTION_H
#include "query/chart.h"
/*
 * Retention (spec/queries.md 11.1): identified profiles by the unit of their
 * first event in the range, and how many of them came back in the units after.
 * Units are days, weeks from Monday or months of the project's zone.
 */
struct weir_retention {
	struct weir_ask ask;
	struct weir_range range;
	weir_text interval;
	const weir_text *first, *second; /* event names; none: any event */
	size_t first_count, second_count;
	json_object *filters;          /* may be NULL */
	bool exactly;                  /* back in that very unit, not in it or later ("on") */
};

/*
 * A stored report: the names are the values of the first filter of its first
 * two event series, or these series' own names; the filters are the report's.
 */
WEIR_MUSTCHECK weir_err weir_retention_of_report(const struct weir_report *report, struct weir_retention *r);

/* One cohort: those whose first event was in that unit. */
struct weir_retained {
	weir_text date;                /* "2026-03-02" */
	int64_t unit;
	double size;
	double *counts;                /* columns of them: who was back after so many units */
};

struct weir_retention_table {
	struct weir_retained *items;
	size_t count, columns;
	int64_t now_unit;              /* the unit that is now */
};

enum { WEIR_RETENTION_COLUMNS_MAX = 4000 };

/* WEIR_ELIMIT, with advice, when the table would be too wide. */
WEIR_MUSTCHECK weir_err weir_retention_compile(const struct weir_retention *r, struct weir_plan *plan);
WEIR_MUSTCHECK weir_err weir_retention_read(const struct weir_retention *r, const struct weir_plan *plan, struct weir_retention_table *table);
/*
 * The row over all cohorts: their mean size is returned; shares and values
 * (columns of each) are those of the cohorts that are old enough for a column.
 */
double weir_retention_average(const struct weir_retention_table *table, double *values, double *shares);
#endif
