#ifndef WEIR_QUERY_PAGES_H
#define WEIR_QUERY_PAGES_H
#include "query/bucket.h"
#include <json-c/json.h>
/* Pages of a site by origin and path (spec/queries.md 16). */
struct weir_pages_ask {
	struct weir_ask base;
	struct weir_range range;
	struct weir_span span;         /* of the range, or another one */
	weir_text interval;            /* of the time series */
	weir_text search;              /* in path, origin or title; empty: any */
	int64_t take;                  /* 0: all */
};
enum { WEIR_PAGES_SERIES_MAX = 500 };

/* {origin, path, title, sessions, pageviews, avg_duration (minutes), bounce_rate}, most sessions first. */
WEIR_MUSTCHECK weir_err weir_pages(const struct weir_pages_ask *ask, json_object **rows);
/* {origin, path, key, pageviews, sessions} by bucket; path {NULL, 0}: of the pages viewed most. */
WEIR_MUSTCHECK weir_err weir_pages_series(const struct weir_pages_ask *ask, weir_text origin, weir_text path, json_object **rows);
/* {origin, count}: the three with most events in the last thirty days; those of a developer's own machine don't count. */
WEIR_MUSTCHECK weir_err weir_origins(const struct weir_ask *ask, json_object **rows);
#endif
