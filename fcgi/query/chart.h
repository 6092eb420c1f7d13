#ifndef WEIR_QUERY_CHART_H
#define WEIR_QUERY_CHART_H
#include "query/bucket.h"
#include "query/field.h"
#include "query/plan.h"
/*
 * Charts of events over time and in sum (spec/queries.md 6 and 7).  A report
 * is what the dashboard asks; it is compiled into a plan (query/plan.h), one
 * statement for each event series and period, whose rows become series by
 * their labels, and formulas are computed of these.
 */
enum { WEIR_SERIES_MAX = 26, WEIR_BREAKDOWNS_MAX = 10 };

/* A report with what is known of it before anything is asked. in: cleaned by schema REPORT_INPUT. */
struct weir_report {
	struct weir_ask ask;
	json_object *in;
	struct weir_range range, before;
	bool previous;                 /* the period before is wanted too */
	bool sums;                     /* one figure per series, not one per bucket (chart.aggregate) */
	json_object *events[WEIR_SERIES_MAX]; /* the event series, in order; formulas left out */
	size_t event_count;
};

/* WEIR_EBADREQ: a date that cannot be read; WEIR_ELIMIT: too many series. */
WEIR_MUSTCHECK weir_err weir_report_of(const struct weir_ask *ask, json_object *in, struct weir_report *report);

/* What a breakdown is: a field and the name that it was asked by. */
struct weir_breakdowns {
	struct weir_event_field fields[WEIR_BREAKDOWNS_MAX];
	weir_text names[WEIR_BREAKDOWNS_MAX];
	size_t count;
	struct weir_joins joins;
};
/* Unknown ones are left out; so is "cohort" when there is none, or when all_cohorts is false. */
WEIR_MUSTCHECK weir_err weir_breakdowns_of(const struct weir_ask *ask, json_object *list, bool all_cohorts, struct weir_breakdowns *out);
/* Names of label columns, "l1" to "l10": constants, for they become SQL. */
extern const char *const weir_label_names[WEIR_BREAKDOWNS_MAX];
/* ", l1, l2 ..." or with another text in front. */
void weir_labels_sql(weir_sql *q, size_t count, const char *before);

struct weir_point {
	double count;
	bool null;                     /* nothing that could be counted: a sum of no numbers, a division by zero */
};

struct weir_series {
	weir_text *labels;             /* event or formula name first, then breakdown values; empty ones are left out */
	size_t label_count;
	weir_text *values;             /* the breakdown values by place, empty ones kept */
	struct weir_point *points;     /* one for each bucket */
	double total;                  /* distinct profiles over the range */
	bool has_total;
};

struct weir_series_list {
	struct weir_series *items;
	size_t count;
};

/* One item of the report's series: an event or a formula. */
struct weir_definition {
	json_object *item;
	weir_text id, name;
	bool formula, hidden;
	struct weir_series_list now, before;
};

struct weir_chart {
	struct weir_breakdowns breakdowns;
	struct weir_definition definitions[WEIR_SERIES_MAX];
	size_t count;
	struct weir_buckets now, before; /* the dates; before: none unless it was asked for */
};

/* The statements of a chart; everything in chart lives in the arena. */
WEIR_MUSTCHECK weir_err weir_chart_compile(const struct weir_report *report, struct weir_chart *chart, struct weir_plan *plan);
/* Reads the rows of a plan that has run, and computes the formulas. */
WEIR_MUSTCHECK weir_err weir_chart_read(const struct weir_report *report, struct weir_chart *chart, const struct weir_plan *plan);
/* Both, and the run between them. */
WEIR_MUSTCHECK weir_err weir_chart_run(const struct weir_report *report, struct weir_chart *chart);
/* Computes the formula definitions of a chart whose events have been read. */
WEIR_MUSTCHECK weir_err weir_chart_formulas(weir_arena *mem, struct weir_chart *chart);

/*
 * The parts of a statement about events, shared with funnels and the like:
 * " WHERE project AND range", " AND name", and all filters of an event series
 * after the report's own.
 */
WEIR_MUSTCHECK weir_err weir_event_joins(const struct weir_report *report, json_object *event, struct weir_joins *joins);
void weir_where_sql(weir_sql *q, const struct weir_ask *ask, const struct weir_span *span);
/* " AND e.name = ..."; nothing for "*". */
void weir_name_sql(weir_sql *q, weir_text name);
WEIR_MUSTCHECK weir_err weir_event_filters_sql(weir_sql *q, const struct weir_report *report, json_object *event);

/* Arithmetic of the answer (spec/queries.md 6.7), over points of one or more series. */
double weir_round(double v, int decimals);
struct weir_metrics {
	double sum, average, min, max;
};
struct weir_metrics_sum {
	double sum, min, max;
	size_t nonzero, count;
};
void weir_metrics_add(struct weir_metrics_sum *m, const struct weir_point *points, size_t count);
struct weir_metrics weir_metrics_of(const struct weir_metrics_sum *m);

/* Against the period before: difference in percent, and whether it went up. */
struct weir_change {
	double diff;
	bool has_diff;
	const char *state;             /* positive, negative, neutral */
	double value;
};
struct weir_change weir_change_of(double current, double previous);
#endif
