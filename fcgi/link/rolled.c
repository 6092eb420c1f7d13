/* Days that are rolled up. */
#include "config.h"
#include "link/rolled.h"

#include "base/num.h"
#include "link/keys.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>

enum { NUMBER = 24, WORDS_MAX = 3, KEYS = 3 };

int64_t weir_rolled_oldest(int64_t now_ms)
{
	/* A day's grace, for "old" was told by another day's clock. */
	return weir_day_of(now_ms) - WEIR_CHANGES_OLD_DAYS + 1;
}

static void put_reply(void *reply)
{
	freeReplyObject(reply);
}

/* One operation of the script; the reply lives in the arena. */
static weir_err run(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, const char *op,
	const int64_t words[WORDS_MAX], redisReply **reply)
{
	static struct weir_script script = { .name = "rolled", .source = WEIR_LUA_ROLLED };
	unsigned shard = weir_shard_of(project_id, (unsigned)conf->redis_shards);
	char text[WORDS_MAX][NUMBER];
	weir_text none = { NULL, 0 }, argv[KEYS + 1 + WORDS_MAX] = {
		weir_key(mem, conf, shard, WEIR_KEY_WRITTEN, project_id, WEIR_TEXT("rolled")), weir_changes_key(mem, conf, project_id),
		weir_key(mem, conf, shard, WEIR_KEY_CHANGES, none, none), weir_text_of(op),
	};
	weir_err err;

	for (size_t i = 0; i < WORDS_MAX; i++) {
		int n = snprintf(text[i], NUMBER, "%" PRId64, words[i]);

		argv[KEYS + 1 + i] = (weir_text){ text[i], (size_t)n };
	}
	if (weir_arena_failed(mem))
		return WEIR_ENOMEM;
	err = weir_redis_eval(redis, &script, reply, KEYS, KEYS + 1 + WORDS_MAX, argv);
	if (err)
		return err;
	if (weir_arena_defer(mem, put_reply, *reply)) {
		freeReplyObject(*reply);
		return WEIR_ENOMEM;
	}
	return WEIR_OK;
}

weir_err weir_rolled_cover(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t first, int64_t last,
	int64_t now_ms, struct weir_rolled *rolled)
{
	redisReply *r;
	weir_err err;

	*rolled = (struct weir_rolled){ .count = 0 };
	if (last - first >= WEIR_ROLLED_DAYS_MAX)
		first = last - WEIR_ROLLED_DAYS_MAX + 1;
	err = run(redis, conf, mem, project_id, "cover", (int64_t[]){ first, last, weir_rolled_oldest(now_ms) }, &r);
	if (err || r->type != REDIS_REPLY_ARRAY || r->elements < 2)
		return err;
	rolled->rolls = weir_alloc_n(mem, r->elements, sizeof(*rolled->rolls));
	if (!rolled->rolls)
		return WEIR_ENOMEM;
	if (weir_num_int(weir_reply_text(r->element[0]), &rolled->first))
		return WEIR_EINTERNAL;
	for (size_t i = 1; i < r->elements; i++)
		rolled->rolls[rolled->count++] = weir_reply_text(r->element[i]);
	return WEIR_OK;
}

weir_err weir_rolled_due(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t last, size_t most,
	int64_t now_ms, struct weir_rolled_due *due)
{
	enum { HEAD = 2 };
	redisReply *r;
	weir_err err = run(redis, conf, mem, project_id, "due", (int64_t[]){ last, (int64_t)most, weir_rolled_oldest(now_ms) }, &r);
	weir_text state;

	*due = (struct weir_rolled_due){ .count = 0 };
	if (err)
		return err;
	if (r->type != REDIS_REPLY_ARRAY || r->elements < HEAD || weir_num_int(weir_reply_text(r->element[0]), &due->number))
		return WEIR_EINTERNAL;
	state = weir_reply_text(r->element[1]);
	due->begin = weir_text_is(state, "1");
	due->stale = weir_text_is(state, "2");
	due->days = weir_alloc_n(mem, r->elements, sizeof(*due->days));
	if (!due->days)
		return WEIR_ENOMEM;
	for (size_t i = HEAD; i < r->elements && !err; i++)
		err = weir_num_int(weir_reply_text(r->element[i]), &due->days[due->count++]) ? WEIR_EINTERNAL : WEIR_OK;
	return err;
}

weir_err weir_rolled_begin(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t first, int64_t number,
	bool nothing_before)
{
	redisReply *r;

	return run(redis, conf, mem, project_id, "begin", (int64_t[]){ first, number, nothing_before }, &r);
}

weir_err weir_rolled_mark(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, int64_t day, int64_t number,
	int64_t roll)
{
	redisReply *r;

	return run(redis, conf, mem, project_id, "mark", (int64_t[]){ day, number, roll }, &r);
}

weir_err weir_rolled_all(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, weir_text **days, weir_text **rolls,
	size_t *count)
{
	redisReply *r;
	weir_err err = run(redis, conf, mem, project_id, "rolls", (int64_t[]){ 0, 0, 0 }, &r);

	if (err)
		return err;
	*count = r->type == REDIS_REPLY_ARRAY ? r->elements / 2 : 0;
	*days = weir_alloc_n(mem, *count + 1, sizeof(**days));
	*rolls = weir_alloc_n(mem, *count + 1, sizeof(**rolls));
	for (size_t i = 0; *days && *rolls && i < *count; i++) {
		(*days)[i] = weir_reply_text(r->element[2 * i]);
		(*rolls)[i] = weir_reply_text(r->element[2 * i + 1]);
	}
	return *days && *rolls ? WEIR_OK : WEIR_ENOMEM;
}
