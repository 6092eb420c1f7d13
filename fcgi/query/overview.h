#ifndef WEIR_QUERY_OVERVIEW_H
#define WEIR_QUERY_OVERVIEW_H
#include "query/rollup.h"
#include <json-c/json.h>
/*
 * What an overview page asks (spec/queries.md 14, 15): about sessions where
 * that is enough, about events where a page is filtered by.
 *
 * Sessions are summed with their sign, so rows of earlier versions cancel out
 * whether ClickHouse has merged them or not.  Of the filters those count that
 * a session can be told by; the others are passed over.
 *
 * The rows of lists are objects by the names of the answer.
 */
struct weir_overview_ask {
	struct weir_ask base;
	struct weir_range range;
	struct weir_span span;         /* of the range */
	weir_text interval;
	json_object *filters;          /* may be NULL */
};

/* " WHERE ..." for sessions s: project, range and filters; those on a page mean sessions with such an event. */
WEIR_MUSTCHECK weir_err weir_visits_where(weir_sql *q, const struct weir_overview_ask *o);
/* " WHERE ..." for events e. */
WEIR_MUSTCHECK weir_err weir_views_where(weir_sql *q, const struct weir_overview_ask *o);
/* What of the range is read from rollups: nothing when there is a filter. by may be NULL. */
WEIR_MUSTCHECK weir_err weir_overview_cover(const struct weir_overview_ask *o, const struct weir_interval *by, struct weir_cover *cover);
/* Whether a page is filtered by. */
bool weir_overview_of_page(const struct weir_overview_ask *o);

/*
 * One period: its buckets, what stands at each (NULL: nothing happened), and
 * the sums over everything (may be NULL).  Members of visits: bounce_rate ...
 * views_per_session; of revenue: total_revenue.
 */
struct weir_period {
	struct weir_buckets buckets;
	json_object **visits, **revenue;
	json_object *visits_total, *revenue_total;
};
/* Current and previous period, all at the same time. */
WEIR_MUSTCHECK weir_err weir_overview_stats(const struct weir_overview_ask *now, const struct weir_overview_ask *before, struct weir_period out[2]);

enum { WEIR_TOP_MAX = 1000, WEIR_TOP_SERIES_MAX = 500 };
/* {name or null, sessions, pageviews, revenue, prefix?}, most sessions first; WEIR_EBADREQ for a column that there is no list of. */
WEIR_MUSTCHECK weir_err weir_top_generic(const struct weir_overview_ask *o, weir_text column, json_object **rows);
/* {name, prefix?, key, sessions ... and total_sessions ...}: the rows of one name stand together, in the order of their buckets. */
WEIR_MUSTCHECK weir_err weir_top_series(const struct weir_overview_ask *o, weir_text column, json_object **rows);
/* Whether the list of that column has a prefix. */
bool weir_top_has_prefix(weir_text column);
/* mode page, entry or exit: {origin, path, sessions, pageviews, revenue}. */
WEIR_MUSTCHECK weir_err weir_top_pages(const struct weir_overview_ask *o, weir_text mode, int64_t limit, json_object **rows);
/* {name, count} without the events in exclude. */
WEIR_MUSTCHECK weir_err weir_top_events(const struct weir_overview_ask *o, const weir_text *exclude, size_t count, json_object **rows);
/* {href, count} */
WEIR_MUSTCHECK weir_err weir_top_links(const struct weir_overview_ask *o, json_object **rows);
/* {country, region, city, lat, lng, count} */
WEIR_MUSTCHECK weir_err weir_visit_map(const struct weir_overview_ask *o, json_object **rows);
/* {key, referrer_name, sessions, bucket_all, referrer_all} for all buckets with sessions, the largest referrers first; '' are the direct ones. */
WEIR_MUSTCHECK weir_err weir_referrer_buckets(const struct weir_overview_ask *o, json_object **rows);
struct weir_sankey_graph;
/* How visitors go on from the three most frequent first pages, steps pages at most. */
WEIR_MUSTCHECK weir_err weir_page_journey(const struct weir_overview_ask *o, int64_t steps, struct weir_sankey_graph *graph);
#endif
