#ifndef WEIR_QUERY_SEARCH_H
#define WEIR_QUERY_SEARCH_H
#include <json-c/json.h>
#include "query/bucket.h"
#include "query/sql.h"
/* What search engines bring (spec/queries.md 24): the stored figures of Google Search Console, and sessions by engine. Both days of a range count. */

/* {date, clicks, impressions, ctr, position} by day, week (from Sunday) or month. */
WEIR_MUSTCHECK weir_err weir_search_overview(const struct weir_ask *ask, const struct weir_range *range, weir_text interval, json_object **rows);
/* {label, clicks, impressions, ctr, position} of pages or of queries, most clicks first. */
WEIR_MUSTCHECK weir_err weir_search_top(const struct weir_ask *ask, const struct weir_range *range, bool queries, int64_t limit,
	json_object **rows);
/* {name, sessions, total}: engines by sessions, ten at most; total is that of all engines. ai: assistants instead of search engines. */
WEIR_MUSTCHECK weir_err weir_search_engines(const struct weir_ask *ask, const struct weir_range *range, bool ai, json_object **rows);
#endif
