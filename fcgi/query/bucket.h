#ifndef WEIR_QUERY_BUCKET_H
#define WEIR_QUERY_BUCKET_H
#include "query/range.h"
#include "query/sql.h"
/*
 * Pieces of a span of time: minutes, hours, days, weeks and months of the
 * project's clock.  A bucket is known by the moment that it begins, in seconds
 * (for an hour that comes twice a year has one text); weeks begin on the day
 * of setting api.week_start.
 */
struct weir_bucket {
	const char *word, *before, *behind, *step;
};

/* Months for a word that is none. */
const struct weir_bucket *weir_bucket_of(const struct weir_conf *conf, weir_text interval);
/* The DateTime at which the bucket of moment begins; moment is a constant. */
void weir_bucket_sql(weir_sql *q, const struct weir_bucket *b, const char *moment);
/* " AND s.created_at >= ... AND s.created_at <= ..." for the constant moment; both ends count. */
void weir_range_sql(weir_sql *q, const char *moment, const struct weir_range *range);

/*
 * A statement that lists the buckets of range, also those without anything:
 * rows {at, date}, date as "2026-08-01 00:00:00".  The end counts unless it is
 * the first moment of its bucket.
 */
void weir_axis_sql(weir_sql *q, const struct weir_bucket *b, const struct weir_range *range);

/* What stands at each bucket of an axis: rows by their number "at"; those without one are NULL. */
WEIR_MUSTCHECK weir_err weir_axis_place(weir_arena *mem, json_object *axis, json_object *rows, json_object ***places);
#endif
