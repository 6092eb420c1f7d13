#ifndef WEIR_LINK_ROLLED_H
#define WEIR_LINK_ROLLED_H
#include "link/changes.h"
/*
 * Which days of a project are rolled up in ClickHouse (query/rollup.h), by
 * what Redis knows of them: a day is good as long as it has not changed since
 * the number of changes that was read before it was rolled up.
 *
 *   {PREFIX:SHARD}:w:PROJECT:rolled   hash: run of the Redis server; first day that has rows; each day's number and roll
 *
 * A roll is the number of the run that wrote the rows.  What a restarted Redis
 * says of the time before is not believed, since it may have lost its end:
 * everything is rolled up again then.
 */
enum { WEIR_ROLLED_DAYS_MAX = 1100 };

struct weir_rolled {
	int64_t first;                 /* day */
	weir_text *rolls;              /* of the days from first on, as digits; "0": the day has no rows */
	size_t count;
};
/* The longest run of good days between two, inclusive; count 0 for none. */
WEIR_MUSTCHECK weir_err weir_rolled_cover(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t first,
	int64_t last, int64_t now_ms, struct weir_rolled *rolled);

struct weir_rolled_due {
	int64_t number;                /* of changes, before anything is read for the days */
	bool begin;                    /* nothing is known yet: weir_rolled_begin first */
	bool stale;                    /* rows of earlier rolls lie about */
	int64_t *days;                 /* the newest first */
	size_t count;
};
/* Days up to last, inclusive, that are not good; most of them at once. */
WEIR_MUSTCHECK weir_err weir_rolled_due(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t last,
	size_t most, int64_t now_ms, struct weir_rolled_due *due);
/* The project's rows begin with that day, or else days before it are not told apart. */
WEIR_MUSTCHECK weir_err weir_rolled_begin(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t first,
	int64_t number, bool nothing_before);
WEIR_MUSTCHECK weir_err weir_rolled_mark(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t day,
	int64_t number, int64_t roll);
/* All days and their rolls, as digits, in no order; days and rolls are arrays of *count. Whatever else is there is no longer called stale. */
WEIR_MUSTCHECK weir_err weir_rolled_all(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, weir_text **days,
	weir_text **rolls, size_t *count);
/* The oldest day that changes are told of by itself. */
int64_t weir_rolled_oldest(int64_t now_ms);
#endif
