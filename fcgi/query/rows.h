#ifndef WEIR_QUERY_ROWS_H
#define WEIR_QUERY_ROWS_H
#include "query/chart.h"
/*
 * Rows "bucket, count, total, label..." into series by their labels
 * (spec/queries.md 6.5): each distinct tuple of labels is a series, and each
 * series gets a point for each bucket.  WEIR_ELIMIT, with advice, beyond 20000
 * series or two million points.
 */
WEIR_MUSTCHECK weir_err weir_rows_to_series(const struct weir_ask *ask, weir_text rows, weir_text name, size_t labels,
	const struct weir_buckets *buckets, struct weir_series_list *out);
#endif
