/* Clearing away what sessions have left in Redis. */
#include "config.h"
#include "ingest/vacuum.h"

#include "base/clock.h"
#include "link/keys.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>

enum { KEYS_MAX = 16 * 1024, STEP_MS = 10, ANSWERS = 5 };

static struct weir_script vacuum_script = { .name = "vacuum", .source = WEIR_LUA_VACUUM };

void weir_vacuum_init(struct weir_vacuum *v)
{
	*v = (struct weir_vacuum){ .cursor = "0" };
}

static weir_err take(struct weir_vacuum *v, const redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements != ANSWERS || !r->element[0]->str)
		return WEIR_EINTERNAL;
	snprintf(v->cursor, sizeof(v->cursor), "%s", r->element[0]->str);
	v->returned += r->element[1]->integer;
	v->states += r->element[2]->integer;
	v->members += r->element[3]->integer;
	v->pointers += r->element[4]->integer;
	return WEIR_OK;
}

static weir_err scan(struct weir_vacuum *v, weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, int64_t now_ms)
{
	weir_text none = { NULL, 0 }, common = weir_key(mem, conf, v->shard, "", none, none);
	weir_text clock = weir_key(mem, conf, v->shard, WEIR_KEY_CLOCK, none, none), pattern = weir_key_pattern(mem, common);
	char now[24], age[24];
	redisReply *r = NULL;
	weir_err err;

	if (!common.p || !clock.p || !pattern.p)
		return WEIR_ENOMEM;
	snprintf(now, sizeof(now), "%" PRId64, now_ms);
	snprintf(age, sizeof(age), "%" PRId64, conf->worker_vacuum_age);
	err = weir_redis_eval(redis, &vacuum_script, &r, 1, 7,
		(weir_text[]){ clock, common, pattern, weir_text_of(v->cursor), WEIR_TEXT("500"), weir_text_of(now), weir_text_of(age) });
	if (err)
		return err;
	err = take(v, r);
	freeReplyObject(r);
	return err;
}

weir_err weir_vacuum_step(struct weir_vacuum *v, weir_redis *redis, const struct weir_conf *conf, int64_t now_ms, bool *more)
{
	int64_t end = weir_monotonic_ms() + STEP_MS;
	weir_arena *mem = weir_arena_new(KEYS_MAX);
	weir_err err = mem ? WEIR_OK : WEIR_ENOMEM;

	*more = v->shard < (unsigned)conf->redis_shards;
	while (*more && !err && weir_monotonic_ms() < end) {
		err = scan(v, redis, conf, mem, now_ms);
		weir_arena_reset(mem);
		if (!err && !strcmp(v->cursor, "0"))
			v->shard++;
		*more = v->shard < (unsigned)conf->redis_shards;
	}
	weir_arena_free(mem);
	return err;
}
