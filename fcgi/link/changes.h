#ifndef WEIR_LINK_CHANGES_H
#define WEIR_LINK_CHANGES_H
#include "base/arena.h"
#include "base/conf.h"
#include "link/redis.h"
/*
 * Which days of a project have other rows in ClickHouse than before, so that
 * what was computed of them can be told from what has to be computed again
 * (link/answers.h, link/rolled.h).
 *
 *   {PREFIX:SHARD}:changes         counts up with every call of sql/redis/changed.lua
 *   {PREFIX:SHARD}:w:PROJECT:days  sorted set of days, each with the number of its last change
 *
 * A day is one of UTC, counted from 1970, by the created_at of the events and
 * sessions that were written; "old" stands for all that lie more than
 * WEIR_CHANGES_OLD_DAYS back, "all" for every day.  Whoever writes rows tells
 * it when ClickHouse has taken them, so what a reader knows at a number holds
 * until a larger one appears at a day of his.
 */
#define WEIR_KEY_CHANGES "changes"
#define WEIR_KEY_WRITTEN "w"

enum { WEIR_CHANGES_OLD_DAYS = 1500 };
#define WEIR_CHANGED_ALL INT64_MIN

struct weir_changed_day {
	weir_text project_id;
	int64_t day;           /* or WEIR_CHANGED_ALL */
};

/* The day of a moment. */
static inline int64_t weir_day_of(int64_t ms)
{
	enum { DAY = 86400000 };

	return ms / DAY - (ms % DAY < 0);
}

/* The key of a project's days; {NULL, 0} on no memory. */
weir_text weir_changes_key(weir_arena *mem, const struct weir_conf *conf, weir_text project_id);
/* Tells changes of projects of one shard. */
WEIR_MUSTCHECK weir_err weir_changes_tell(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const struct weir_changed_day *changes,
	size_t count, int64_t now_ms);
/* Tells that any day of the project may have changed: for deletions, and whatever doesn't know its days. */
WEIR_MUSTCHECK weir_err weir_changes_all(weir_redis *redis, const struct weir_conf *conf, weir_text project_id, int64_t now_ms);
#endif
