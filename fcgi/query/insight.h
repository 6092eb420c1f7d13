#ifndef WEIR_QUERY_INSIGHT_H
#define WEIR_QUERY_INSIGHT_H
#include "query/bucket.h"
#include "query/sql.h"
#include <json-c/json.h>
/*
 * Insights: what has changed about a project without anybody asking
 * (spec/queries.md 22).  A module is what is looked at, a window is when; both
 * are rows of tables, a module of insight.c, a window of insight_window.c:
 *
 *   referrers, entry-pages, geo, devices   sessions by where they come from, begin, are and run on
 *   page-trends                            pages by their share of all page views, in hundredths of a percent
 *
 *   yesterday      against the median of the same weekday in the four weeks before; a day on which there was nothing of it
 *                  doesn't count.  All that shares are of is the sum of these medians
 *   rolling_7d     the last 7 days, until yesterday, against the 7 before
 *   rolling_30d    the same of 30
 *
 * Days are those of the project's zone.  What is found is kept when it is large
 * enough (the module's thresholds), and weighed:
 *
 *   change   (current - compare) / compare; 1 for what is new
 *   impact   ln(1 + current + compare) * |change| * 100
 *   band     of |change|: none below 0.1, low below 0.5, moderate below 1, else severe
 *
 * Names of more than WEIR_INSIGHT_NAME_MAX bytes are passed over, since an
 * index of PostgreSQL holds them, and so are those that are no UTF-8; they
 * count in the sum.
 */
enum { WEIR_INSIGHT_WINDOWS = 3, WEIR_INSIGHT_WEEKS = 4, WEIR_INSIGHT_NAME_MAX = 1500 };

struct weir_insight_module;
/* Constants. NULL behind the last one. */
const struct weir_insight_module *weir_insight_module(size_t index);
/* Its moduleKey, "referrers". */
const char *weir_insight_module_key(const struct weir_insight_module *module);

struct weir_insight_window {
	const char *kind;              /* "yesterday" */
	const char *now_words, *before_words; /* for people */
	struct weir_span current, before[WEIR_INSIGHT_WEEKS];
	size_t before_count;
	int64_t since_ms;              /* where what it is held against begins; a younger project is not looked at */
};
/* The day that a moment belongs to in the zone, in days since 1970. */
WEIR_MUSTCHECK weir_err weir_insight_today(weir_arena *mem, weir_text timezone, int64_t now_ms, int64_t *today);
/* index below WEIR_INSIGHT_WINDOWS; the windows end with the day before today. */
WEIR_MUSTCHECK weir_err weir_insight_window(weir_arena *mem, size_t index, weir_text timezone, int64_t today, struct weir_insight_window *out);

struct weir_finding {
	const struct weir_insight_module *module;
	const struct weir_insight_window *window;
	weir_text dimension;           /* dimensionKey: "referrer:Google" */
	double current, compare;       /* sessions, or page views */
	double share, share_before;    /* of all of them, 0 to 1 */
	double change, impact;
	const char *direction, *band;  /* "up", "down" or "flat"; band may be NULL */
	weir_text name, title, summary, payload; /* displayName, texts for people, JSON */
};

/* Asks for a module in a window; the answer lands with weir_insight_land. */
WEIR_MUSTCHECK weir_err weir_insight_ask(const struct weir_ask *ask, const struct weir_insight_module *module, const struct weir_insight_window *window,
	weir_sql_flight **flight);
/* Ends the flight and judges; the findings live in the arena of ask, with the window and what they name. */
WEIR_MUSTCHECK weir_err weir_insight_land(const struct weir_ask *ask, const struct weir_insight_module *module, const struct weir_insight_window *window,
	weir_sql_flight *flight, struct weir_finding **found, size_t *count);
#endif
