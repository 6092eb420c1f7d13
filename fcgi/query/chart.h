#ifndef WEIR_QUERY_CHART_H
#define WEIR_QUERY_CHART_H
#include "query/field.h"
#include "query/range.h"
/*
 * Time series of events (spec/queries.md 6.3 to 6.5): one statement per
 * series definition, whose rows become series by their labels.
 */
struct weir_chart_ask {
	struct weir_ask base;
	struct weir_range range;
	weir_text interval;            /* minute, hour, day, week, month */
	json_object *breakdowns;       /* [{name}], may be NULL */
	json_object *global_filters;   /* put before the event's own, may be NULL */
};

struct weir_point {
	weir_text date;                /* "2026-08-01 00:00:00", or "2026-08-01" for weeks and months */
	double count;
	bool null;                     /* nothing that could be counted, such as a sum of no numbers */
};

struct weir_series {
	weir_text *labels;             /* event name first, then breakdown values; empty ones are left out */
	size_t label_count;
	weir_text *values;             /* the breakdown values by place, label_slots of them, empty ones kept */
	struct weir_point *points;     /* one for each date */
	double total;                  /* distinct profiles over the range; 0: not known */
	bool has_total;
};

struct weir_series_list {
	struct weir_series *items;
	size_t count;
	weir_text *breakdowns;         /* names of the breakdowns that count; unknown ones are dropped */
	size_t breakdown_count;
	size_t date_count;
};

/* One event definition: {name, segment, property?, filters}. Everything in out lives in the arena. */
WEIR_MUSTCHECK weir_err weir_chart_series(const struct weir_chart_ask *ask, json_object *event, struct weir_series_list *out);

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
