/* Kept answers. */
#include "config.h"
#include "link/answers.h"

#include "base/hash.h"
#include "base/num.h"
#include "link/keys.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>

enum { NUMBER = 24 };

static weir_text number(char buf[NUMBER], int64_t v)
{
	int n = snprintf(buf, NUMBER, "%" PRId64, v);

	return (weir_text){ buf, (size_t)n };
}

static unsigned shard_of(const struct weir_conf *conf, weir_text project_id)
{
	return weir_shard_of(project_id, (unsigned)conf->redis_shards);
}

static weir_text entry_key(weir_arena *mem, const struct weir_conf *conf, const struct weir_question *q)
{
	return weir_key(mem, conf, shard_of(conf, q->project_id), WEIR_KEY_ANSWER, q->project_id, q->name);
}

static weir_text lock_key(weir_arena *mem, const struct weir_conf *conf, const struct weir_question *q)
{
	static const char suffix[] = "-now";
	weir_text key = entry_key(mem, conf, q);
	char *out = key.p ? weir_alloc(mem, key.n + sizeof(suffix)) : NULL;

	if (!out)
		return (weir_text){ NULL, 0 };
	memcpy(out, key.p, key.n);
	memcpy(out + key.n, suffix, sizeof(suffix));
	return (weir_text){ out, key.n + sizeof(suffix) - 1 };
}

static weir_text list_key(weir_arena *mem, const struct weir_conf *conf, unsigned shard, weir_text which)
{
	return weir_key(mem, conf, shard, WEIR_KEY_ANSWERS, which, (weir_text){ NULL, 0 });
}

static void put_reply(void *reply)
{
	freeReplyObject(reply);
}

static weir_err read_answer(const redisReply *r, struct weir_answer *answer)
{
	weir_text at;

	if (r->type != REDIS_REPLY_ARRAY || r->elements < 2)
		return WEIR_EINTERNAL;
	if (r->element[0]->integer == 1) {
		answer->state = WEIR_ANSWER_KEPT;
		answer->body = weir_reply_text(r->element[1]);
		return answer->body.p ? WEIR_OK : WEIR_EINTERNAL;
	}
	answer->state = r->element[0]->integer == 0 ? WEIR_ANSWER_MINE : WEIR_ANSWER_WAIT;
	at = r->elements == 3 ? weir_reply_text(r->element[2]) : (weir_text){ NULL, 0 };
	if (!answer->since[0])
		snprintf(answer->since, sizeof(answer->since), "%.*s", (int)at.n, at.n ? at.p : "");
	at = weir_reply_text(r->element[1]);
	snprintf(answer->number, sizeof(answer->number), "%.*s", (int)at.n, at.n ? at.p : "");
	return WEIR_OK;
}

weir_err weir_answer_ask(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const struct weir_question *q, int64_t now_ms,
	struct weir_answer *answer)
{
	static struct weir_script script = { .name = "answer", .source = WEIR_LUA_ANSWER };
	enum { KEYS = 5, ALL = 11 };
	unsigned shard = shard_of(conf, q->project_id);
	weir_text none = { NULL, 0 }, argv[ALL];
	char first[NUMBER], last[NUMBER], lock[NUMBER];
	redisReply *reply;
	weir_err err;

	if (!answer->token[0]) {
		uint8_t random[WEIR_ANSWER_TOKEN / 2];

		weir_random(random, sizeof(random));
		weir_hex(random, sizeof(random), answer->token);
	}
	argv[0] = entry_key(mem, conf, q);
	argv[1] = lock_key(mem, conf, q);
	argv[2] = weir_changes_key(mem, conf, q->project_id);
	argv[3] = weir_key(mem, conf, shard, WEIR_KEY_CHANGES, none, none);
	argv[4] = list_key(mem, conf, shard, none);
	argv[5] = q->bounded ? number(first, q->first) : WEIR_TEXT("");
	argv[6] = q->bounded ? number(last, q->last) : WEIR_TEXT("");
	/* A day's grace, for "old" was told by another day's clock. */
	argv[7] = q->first <= weir_day_of(now_ms) - WEIR_CHANGES_OLD_DAYS + 1 ? WEIR_TEXT("1") : WEIR_TEXT("0");
	argv[8] = weir_text_of(answer->token);
	argv[9] = number(lock, WEIR_ANSWER_LOCK_MS);
	argv[10] = weir_text_of(answer->since);
	if (weir_arena_failed(mem))
		return WEIR_ENOMEM;
	err = weir_redis_eval(redis, &script, &reply, KEYS, ALL, argv);
	if (err)
		return err;
	if (weir_arena_defer(mem, put_reply, reply)) {
		freeReplyObject(reply);
		return WEIR_ENOMEM;
	}
	return read_answer(reply, answer);
}

weir_err weir_answer_hold(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const struct weir_question *q)
{
	char ms[NUMBER];
	weir_text argv[] = { WEIR_TEXT("PEXPIRE"), lock_key(mem, conf, q), number(ms, WEIR_ANSWER_LOCK_MS) };
	redisReply *reply;
	weir_err err = argv[1].p ? weir_redis_do(redis, &reply, 3, argv) : WEIR_ENOMEM;

	if (!err)
		freeReplyObject(reply);
	return err;
}

weir_err weir_answer_keep(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const struct weir_question *q,
	const struct weir_answer *answer, weir_text body, int64_t ms)
{
	static struct weir_script script = { .name = "keep", .source = WEIR_LUA_KEEP };
	enum { KEYS = 5, ALL = 10 };
	unsigned shard = shard_of(conf, q->project_id);
	int64_t most = conf->api_cache_memory / conf->redis_shards;
	char life[NUMBER], bytes[NUMBER];
	weir_text argv[ALL] = {
		entry_key(mem, conf, q), lock_key(mem, conf, q), list_key(mem, conf, shard, WEIR_TEXT("end")),
		list_key(mem, conf, shard, WEIR_TEXT("bytes")), list_key(mem, conf, shard, (weir_text){ NULL, 0 }),
		weir_text_of(answer->token), weir_text_of(answer->number),
		body.n && body.n <= WEIR_ANSWER_BYTES_MAX && ms > 0 ? body : WEIR_TEXT(""), number(life, ms), number(bytes, most),
	};
	redisReply *reply;
	weir_err err;

	if (weir_arena_failed(mem))
		return WEIR_ENOMEM;
	err = weir_redis_eval(redis, &script, &reply, KEYS, ALL, argv);
	if (!err)
		freeReplyObject(reply);
	return err;
}

static int64_t read_number(const redisReply *r, size_t i)
{
	int64_t v = 0;

	return r->elements > i && !weir_num_int(weir_reply_text(r->element[i]), &v) ? v : 0;
}

weir_err weir_answer_read_figures(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, unsigned shard, struct weir_answer_figures *f)
{
	enum { ASKED = 3 };
	weir_text figures[] = { WEIR_TEXT("HMGET"), list_key(mem, conf, shard, (weir_text){ NULL, 0 }), WEIR_TEXT("kept"), WEIR_TEXT("joined"),
		WEIR_TEXT("computed"), WEIR_TEXT("evicted") };
	weir_text sum[] = { WEIR_TEXT("HMGET"), list_key(mem, conf, shard, WEIR_TEXT("bytes")), WEIR_TEXT("sum") };
	weir_text count[] = { WEIR_TEXT("ZCARD"), list_key(mem, conf, shard, WEIR_TEXT("end")) };
	struct weir_redis_command commands[ASKED] = { { .argc = 6, .argv = figures }, { .argc = 3, .argv = sum }, { .argc = 2, .argv = count } };
	weir_err err;

	*f = (struct weir_answer_figures){ .kept = 0 };
	if (weir_arena_failed(mem))
		return WEIR_ENOMEM;
	err = weir_redis_pipe(redis, commands, ASKED);
	for (size_t i = 0; i < ASKED && !err; i++)
		err = commands[i].err;
	if (!err)
		*f = (struct weir_answer_figures){ read_number(commands[0].reply, 0), read_number(commands[0].reply, 1), read_number(commands[0].reply, 2),
			read_number(commands[0].reply, 3), read_number(commands[1].reply, 0), commands[2].reply->integer };
	for (size_t i = 0; i < ASKED; i++)
		if (commands[i].reply)
			freeReplyObject(commands[i].reply);
	return err;
}
