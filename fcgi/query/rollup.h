#ifndef WEIR_QUERY_ROLLUP_H
#define WEIR_QUERY_ROLLUP_H
#include "link/rolled.h"
#include "query/bucket.h"
/*
 * Rollups: what events and sessions come to by the hour, in the table of that
 * name (sql/clickhouse/0004-rollups.sql).  They are made of whole UTC days
 * that are over (weir_rollup_days), and a question reads them instead of the
 * rows where that gives the identical answer:
 *
 *   - what it asks for is among the sums and distinct counts below, with no filter but the event's name;
 *   - the zone's clock differs from UTC by whole hours all over the range, and the interval is an hour or longer;
 *   - the days have not changed since they were rolled up (link/rolled.h).
 *
 * Charts count profiles and sessions exactly, overviews by uniq; so there are
 * states of both kinds.  The exact ones hold 16 bytes for each profile and
 * session of an hour and name.
 *
 * The rest of the range, such as the day that runs, is read from the rows:
 *
 *   SELECT ... FROM (SELECT ... FROM rollups WHERE the cover
 *                    UNION ALL SELECT the same FROM events WHERE the range AND NOT the cover) GROUP BY ...
 *
 * kind      a, b, c                  of each hour
 * event     name                     n events, revenue, users, sessions, exact_users, exact_sessions
 * page      origin, path             n views, revenue, sessions
 * place     country, region, city    sessions that have events from there
 * link      href                     n events link_out
 * visit                              n sessions, bounces, length and timed (of their duration), views, users
 * entry, exit   origin, path         n sessions, views, revenue
 * a column of weir_visit_columns:
 *           prefix or "", value      n sessions, views, revenue
 */

/* What of a range is rolled up: whole hours, of days in a row. */
struct weir_cover {
	bool some;
	const char *why;               /* not, for people; constant */
	struct weir_span span;
	int64_t first_day;
	weir_text rolls;               /* "[1,2]" of the days from first_day on */
};

/* interval NULL: no buckets are asked for.  Nothing is covered when Redis is away, or api.rollups is off. */
WEIR_MUSTCHECK weir_err weir_cover_of(const struct weir_ask *ask, const struct weir_span *span, const struct weir_interval *interval,
	struct weir_cover *cover);
/* Where a statement reads that has this cover, for people; {NULL, 0} on no memory. */
weir_text weir_cover_text(weir_arena *mem, const struct weir_cover *cover);
/* " FROM rollups WHERE ..."; kind is constant. */
void weir_cover_from(weir_sql *q, const struct weir_ask *ask, const struct weir_cover *cover, const char *kind);
/* " AND ..." for the rows that are not covered, of those in the span that the cover is of. */
void weir_cover_rest(weir_sql *q, const struct weir_cover *cover, const char *moment);

/* What sessions are listed by, and what stands before a name that would not be clear alone (NULL: nothing). Constants. */
struct weir_visit_column {
	const char *column, *name, *prefix;
};
extern const struct weir_visit_column weir_visit_columns[];
extern const size_t weir_visit_column_count;

/* Rows of UTC days, first to last, into the table, in so many steps, each one statement; roll is theirs alone. */
enum { WEIR_ROLLUP_STEPS = 6 };
WEIR_MUSTCHECK weir_err weir_rollup_days(const struct weir_ask *ask, int64_t first, int64_t last, int64_t roll, int step);
/* The first day that has rows of events or sessions; *some is false when there are none. */
WEIR_MUSTCHECK weir_err weir_rollup_first_day(const struct weir_ask *ask, int64_t *day, bool *some);
/* Deletes rows of the project that are older than before_ms and none of the rolls that the days have. */
WEIR_MUSTCHECK weir_err weir_rollup_sweep(const struct weir_ask *ask, const weir_text *days, const weir_text *rolls, size_t count, int64_t before_ms);
#endif
