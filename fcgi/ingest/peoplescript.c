#include "config.h"
#include "ingest/peoplescript.h"

#include "ingest/people.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>

enum { KEYS_MAX = 8 * 1024 };

/* Nothing that the worker does here has to be told as done: he does it again, and that is harmless. */
static struct weir_script script = { .name = "people", .source = "local function done() end\n" WEIR_LUA_PEOPLE };

weir_err weir_people_call(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const char *op, int64_t now_ms, weir_text list,
	redisReply **reply)
{
	weir_arena *mem = weir_arena_new(KEYS_MAX);
	weir_text none = { NULL, 0 };
	weir_err err = WEIR_ENOMEM;
	char now[24];

	*reply = NULL;
	snprintf(now, sizeof(now), "%" PRId64, now_ms);
	if (mem) {
		const weir_text argv[] = {
			weir_key(mem, conf, shard, WEIR_KEY_DIRTY, none, none),
			weir_key(mem, conf, shard, WEIR_KEY_DEAD, none, none),
			weir_text_of(op),
			weir_text_of(now),
			list,
		};

		if (!weir_arena_failed(mem))
			err = weir_redis_eval(redis, &script, reply, 2, sizeof(argv) / sizeof(*argv), argv);
	}
	weir_arena_free(mem);
	return err;
}

/* The keys of the dirty set and of one group's state. */
static weir_err group_keys(const struct weir_conf *conf, weir_arena *mem, weir_text project_id, weir_text id, weir_text keys[2])
{
	unsigned shard = weir_shard_of(project_id, (unsigned)conf->redis_shards);
	weir_text none = { NULL, 0 };

	keys[0] = weir_key(mem, conf, shard, WEIR_KEY_DIRTY, none, none);
	keys[1] = weir_key(mem, conf, shard, WEIR_KEY_GROUP_STATE, project_id, id);
	return keys[0].p && keys[1].p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_people_change_group(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, int64_t now_ms,
	const struct weir_group_change *c)
{
	weir_text argv[5];
	weir_str packed;
	char now[24];
	redisReply *reply;
	weir_err err = group_keys(conf, mem, c->project_id, c->id, argv);

	if (err)
		return err;
	weir_str_init(&packed, 4 * 1024 * 1024);
	weir_group_change_pack(c, &packed);
	snprintf(now, sizeof(now), "%" PRId64, now_ms);
	argv[2] = WEIR_TEXT("group");
	argv[3] = weir_text_of(now);
	argv[4] = weir_str_view(&packed);
	err = weir_str_err(&packed);
	if (!err)
		err = weir_redis_eval(redis, &script, &reply, 2, 5, argv);
	weir_str_free(&packed);
	if (err)
		return err;
	if (weir_text_is(weir_reply_text(reply), "b"))
		err = WEIR_ELIMIT;
	freeReplyObject(reply);
	return err;
}

weir_err weir_people_forget_group(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id, weir_text id)
{
	weir_text keys[2];
	weir_err err = group_keys(conf, mem, project_id, id, keys);
	size_t prefix;

	if (err)
		return err;
	prefix = keys[0].n - (sizeof(WEIR_KEY_DIRTY) - 1);
	{
		const weir_text del[] = { WEIR_TEXT("DEL"), keys[1] };
		const weir_text clean[] = { WEIR_TEXT("ZREM"), keys[0], { keys[1].p + prefix, keys[1].n - prefix } };
		struct weir_redis_command commands[] = { { .argc = 2, .argv = del }, { .argc = 3, .argv = clean } };

		err = weir_redis_pipe(redis, commands, 2);
		for (size_t i = 0; i < 2; i++) {
			err = err ? err : commands[i].err;
			if (commands[i].reply)
				freeReplyObject(commands[i].reply);
		}
	}
	return err;
}
