/* Days of projects that have changed. */
#include "config.h"
#include "link/changes.h"

#include "link/keys.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	CALL_MAX = 500,                /* changes of one call */
	DAY_TEXT = 24,
	MEMORY_MAX = 4 * 1024 * 1024,
};

weir_text weir_changes_key(weir_arena *mem, const struct weir_conf *conf, weir_text project_id)
{
	return weir_key(mem, conf, weir_shard_of(project_id, (unsigned)conf->redis_shards), WEIR_KEY_WRITTEN, project_id, WEIR_TEXT("days"));
}

static weir_text day_text(int64_t day, int64_t today, char buf[DAY_TEXT])
{
	int n;

	if (day == WEIR_CHANGED_ALL)
		return WEIR_TEXT("all");
	if (day < today - WEIR_CHANGES_OLD_DAYS)
		return WEIR_TEXT("old");
	n = snprintf(buf, DAY_TEXT, "%" PRId64, day);
	return (weir_text){ buf, (size_t)n };
}

static weir_err tell(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, unsigned shard, const struct weir_changed_day *changes,
	size_t count, int64_t now_ms)
{
	static struct weir_script script = { .name = "changed", .source = WEIR_LUA_CHANGED };
	weir_text argv[1 + 2 * CALL_MAX], none = { NULL, 0 };
	char days[CALL_MAX][DAY_TEXT];
	redisReply *reply;
	weir_err err;

	argv[0] = weir_key(mem, conf, shard, WEIR_KEY_CHANGES, none, none);
	for (size_t i = 0; i < count; i++) {
		argv[1 + i] = weir_changes_key(mem, conf, changes[i].project_id);
		argv[1 + count + i] = day_text(changes[i].day, weir_day_of(now_ms), days[i]);
	}
	if (weir_arena_failed(mem))
		return WEIR_ENOMEM;
	err = weir_redis_eval(redis, &script, &reply, 1 + count, 1 + 2 * count, argv);
	if (!err)
		freeReplyObject(reply);
	return err;
}

weir_err weir_changes_tell(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const struct weir_changed_day *changes, size_t count,
	int64_t now_ms)
{
	weir_arena *mem = count ? weir_arena_new(MEMORY_MAX) : NULL;
	weir_err err = count && !mem ? WEIR_ENOMEM : WEIR_OK;

	for (size_t at = 0, n; at < count && !err; at += n) {
		n = count - at < CALL_MAX ? count - at : CALL_MAX;
		err = tell(redis, conf, mem, shard, changes + at, n, now_ms);
		weir_arena_reset(mem);
	}
	weir_arena_free(mem);
	return err;
}

weir_err weir_changes_all(weir_redis *redis, const struct weir_conf *conf, weir_text project_id, int64_t now_ms)
{
	const struct weir_changed_day all = { project_id, WEIR_CHANGED_ALL };

	return weir_changes_tell(redis, conf, weir_shard_of(project_id, (unsigned)conf->redis_shards), &all, 1, now_ms);
}
