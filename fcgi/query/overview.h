#ifndef WEIR_QUERY_OVERVIEW_H
#define WEIR_QUERY_OVERVIEW_H
#include "query/bucket.h"
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
	weir_text interval;
	json_object *filters;          /* may be NULL */
};

/* " WHERE ..." for sessions s: project, range and filters; those on a page mean sessions with such an event. */
WEIR_MUSTCHECK weir_err weir_visits_where(weir_sql *q, const struct weir_overview_ask *o);
/* " WHERE ..." for events e. */
WEIR_MUSTCHECK weir_err weir_views_where(weir_sql *q, const struct weir_overview_ask *o);
/* Whether a page is filtered by. */
bool weir_overview_of_page(const struct weir_overview_ask *o);

/* One period: the axis {at, date}, rows {at, total, metric...} of visits and of revenue; total is 1 in the row over everything. */
struct weir_period {
	json_object *axis, *visits, *revenue;
};
/* Current and previous period, all at the same time. */
WEIR_MUSTCHECK weir_err weir_overview_stats(const struct weir_overview_ask *now, const struct weir_overview_ask *before, struct weir_period out[2]);

enum { WEIR_TOP_MAX = 1000, WEIR_TOP_SERIES_MAX = 500 };
/* {name or null, sessions, pageviews, revenue, prefix?}, most sessions first; WEIR_EBADREQ for a column that there is no list of. */
WEIR_MUSTCHECK weir_err weir_top_generic(const struct weir_overview_ask *o, weir_text column, json_object **rows);
/* {..., date, total_sessions, total_pageviews, total_revenue}: the rows of one name stand together. */
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
/* {at, date, referrer_name, sessions, all} for buckets and the 50 largest referrers; all: sessions of the bucket, direct ones too. */
WEIR_MUSTCHECK weir_err weir_referrer_buckets(const struct weir_overview_ask *o, json_object **rows);
#endif
