#ifndef WEIR_QUERY_BUCKET_H
#define WEIR_QUERY_BUCKET_H
#include "query/range.h"
#include "query/sql.h"
/*
 * Intervals of a chart: how a moment falls into a bucket, and which buckets a
 * range has.  A bucket is known by its key: of minutes, hours and days the
 * moment that it starts at, in seconds; of weeks and months, which are dates,
 * that of the date's midnight as if the zone were UTC.  So the hour that a
 * clock goes through twice makes two buckets, and the day that a zone left out
 * makes none.
 */
struct weir_interval;

/* day for words that are unknown; weeks begin as api.week_start says. Constant. */
const struct weir_interval *weir_interval_of(const struct weir_conf *conf, weir_text word);
/* Whether weeks begin on Sunday. */
bool weir_sunday_weeks(const struct weir_conf *conf);
/* The key of the bucket of a moment, Int64; moment is constant SQL. */
void weir_interval_sql(weir_sql *q, const struct weir_interval *interval, const char *moment);
/* Shorter than an hour. */
bool weir_interval_is_minute(const struct weir_interval *interval);
bool weir_interval_is_date(const struct weir_interval *interval);

/* The moments of a range, from inclusive, to exclusive: an end that is no midnight counts with its second. */
struct weir_span {
	int64_t from_ms, to_ms;
};
WEIR_MUSTCHECK weir_err weir_span_of(weir_arena *mem, const struct weir_range *range, weir_text timezone, struct weir_span *span);
/* " AND moment >= ... AND moment < ..."; moment is the created_at of events or sessions, constant SQL. */
void weir_span_sql(weir_sql *q, const struct weir_span *span, const char *moment);

/* " AND (moment < ... OR moment >= ...)": the others, of rows that a span bounds as well. */
void weir_outside_sql(weir_sql *q, const struct weir_span *span, const char *moment);
/* All moments that ClickHouse has days for, but for those at its ends; and " AND ..." for the rows of other times. */
extern const struct weir_span weir_days_span;
void weir_beyond_days_sql(weir_sql *q, const char *moment);
/* " AND moment >= ..." of these, for moments of our time: rows from after 2149, where ClickHouse's days end, may be left out. */
void weir_since_sql(weir_sql *q, const char *moment, int64_t ms);

/* All buckets of a span, in order, with their texts ("2026-08-01 00:00:00", or "2026-08-01" for weeks and months). */
struct weir_buckets {
	int64_t *keys;
	weir_text *texts;
	size_t count;
};
/* WEIR_ELIMIT beyond WEIR_BUCKETS_MAX. */
enum { WEIR_BUCKETS_MAX = 600000 };
WEIR_MUSTCHECK weir_err weir_buckets_of(weir_arena *mem, const struct weir_interval *interval, const struct weir_range *range,
	weir_text timezone, struct weir_buckets *out);
/* The place of a key, or count. */
size_t weir_bucket_find(const struct weir_buckets *b, int64_t key);
#endif
