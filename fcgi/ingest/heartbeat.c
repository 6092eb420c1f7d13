/* A worker's figures in Redis. */
#include "config.h"
#include "ingest/heartbeat.h"

#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>

#define X(name) +1
enum { NUMBERS = WEIR_HEARTBEAT(X), KEY_MAX = 4096 };
#undef X

static const char *const names[] = {
#define X(name) #name,
	WEIR_HEARTBEAT(X)
#undef X
};

weir_err weir_heartbeat_write(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const struct weir_heartbeat *hb)
{
	const int64_t values[] = {
#define X(name) hb->name,
		WEIR_HEARTBEAT(X)
#undef X
	};
	weir_arena *mem = weir_arena_new(KEY_MAX);
	weir_text argv[2 + 2 * (NUMBERS + 1)], none = { NULL, 0 };
	char text[NUMBERS][24], life[24];
	redisReply *r = NULL;
	size_t n = 0;
	weir_err err = WEIR_ENOMEM;

	if (!mem)
		return err;
	argv[n++] = WEIR_TEXT("HSET");
	argv[n++] = weir_key(mem, conf, shard, WEIR_KEY_WORKER, none, none);
	for (size_t i = 0; i < NUMBERS; i++) {
		snprintf(text[i], sizeof(text[i]), "%" PRId64, values[i]);
		argv[n++] = weir_text_of(names[i]);
		argv[n++] = weir_text_of(text[i]);
	}
	argv[n++] = WEIR_TEXT("error");
	argv[n++] = weir_text_of(hb->error);
	if (!weir_arena_failed(mem))
		err = weir_redis_do(redis, &r, n, argv);
	if (!err) {
		freeReplyObject(r);
		snprintf(life, sizeof(life), "%d", WEIR_HEARTBEAT_LIFE_MS);
		err = weir_redis_do(redis, &r, 3, (weir_text[]){ WEIR_TEXT("PEXPIRE"), argv[1], weir_text_of(life) });
	}
	if (!err)
		freeReplyObject(r);
	weir_arena_free(mem);
	return err;
}

static void read_field(struct weir_heartbeat *hb, weir_text name, weir_text value)
{
	int64_t *const places[] = {
#define X(member) &hb->member,
		WEIR_HEARTBEAT(X)
#undef X
	};
	int64_t v;

	if (weir_text_is(name, "error"))
		snprintf(hb->error, sizeof(hb->error), "%.*s", (int)value.n, value.p);
	for (size_t i = 0; i < NUMBERS; i++)
		if (weir_text_is(name, names[i]) && !weir_num_int(value, &v))
			*places[i] = v;
}

weir_err weir_heartbeat_read(weir_redis *redis, const struct weir_conf *conf, unsigned shard, struct weir_heartbeat *hb)
{
	weir_arena *mem = weir_arena_new(KEY_MAX);
	weir_text none = { NULL, 0 }, key;
	redisReply *r = NULL;
	weir_err err = WEIR_ENOMEM;

	*hb = (struct weir_heartbeat){ 0 };
	if (!mem)
		return err;
	key = weir_key(mem, conf, shard, WEIR_KEY_WORKER, none, none);
	if (key.p)
		err = weir_redis_do(redis, &r, 2, (weir_text[]){ WEIR_TEXT("HGETALL"), key });
	weir_arena_free(mem);
	if (err)
		return err;
	if (r->type != REDIS_REPLY_ARRAY || !r->elements)
		err = WEIR_ENOTFOUND;
	for (size_t i = 0; !err && i + 1 < r->elements; i += 2)
		read_field(hb, weir_reply_text(r->element[i]), weir_reply_text(r->element[i + 1]));
	freeReplyObject(r);
	return err;
}
