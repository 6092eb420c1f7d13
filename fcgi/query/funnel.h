#ifndef WEIR_QUERY_FUNNEL_H
#define WEIR_QUERY_FUNNEL_H
#include "query/chart.h"
/*
 * Funnels and conversion over time (spec/queries.md 9 and 10): how far
 * sessions or profiles come through a row of steps within a window.
 *
 * The steps of one session are gone through moment by moment.  For each step
 * the latest start of a chain that has come so far is kept; an event takes a
 * chain on when it came strictly later than the step before it and within the
 * window since the chain's start.  So an event that is several steps of the
 * same funnel counts for one of them at a time.
 */
enum { WEIR_FUNNEL_HOURS = 24 };

struct weir_funnel {
	const struct weir_report *report;
	struct weir_breakdowns breakdowns;
	bool profiles;                 /* by profile, not by session */
	double window_ms;
	bool same_moment;              /* a step may happen at the moment of the one before; for two steps */
};

/* group, window_hours: as the input has them, {NULL, 0} and 0 for the defaults. */
WEIR_MUSTCHECK weir_err weir_funnel_of(const struct weir_report *report, json_object *breakdowns, weir_text group, double window_hours,
	struct weir_funnel *funnel);

/* How many came to a level and no further. */
struct weir_funnel_row {
	int64_t level, bucket;         /* bucket: of conversions only */
	double count;
	weir_text values[WEIR_BREAKDOWNS_MAX];
};
struct weir_funnel_rows {
	struct weir_funnel_row *items;
	size_t count;
};

WEIR_MUSTCHECK weir_err weir_funnel_compile(const struct weir_funnel *funnel, bool before, struct weir_plan *plan);
/* The same by buckets of the first step's moment, for conversions. */
WEIR_MUSTCHECK weir_err weir_conversion_compile(const struct weir_funnel *funnel, bool before, struct weir_plan *plan);
/* The rows of either. */
WEIR_MUSTCHECK weir_err weir_funnel_read(const struct weir_funnel *funnel, weir_text text, struct weir_funnel_rows *rows);

/* Who came to a level, at most 1000: level or beyond, or exactly it; values (may be NULL) are those of the breakdowns. */
WEIR_MUSTCHECK weir_err weir_funnel_profiles_compile(const struct weir_funnel *funnel, double level, bool exactly, json_object *values,
	struct weir_plan *plan);
#endif
