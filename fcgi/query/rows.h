#ifndef WEIR_QUERY_ROWS_H
#define WEIR_QUERY_ROWS_H
#include "query/chart.h"
/*
 * Lines "date, count, total, found, label..." of TabSeparated text, sorted by
 * date, into series by their labels (spec/queries.md 6.5): empty labels don't
 * count, so series that differ in nothing else are one; each series gets a
 * point for each date; of two lines for the same point the first one counts.
 */
WEIR_MUSTCHECK weir_err weir_rows_to_series(weir_arena *mem, weir_text lines, weir_text event_name, size_t labels,
	struct weir_series_list *out, size_t *count);
#endif
