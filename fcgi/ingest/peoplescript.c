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
