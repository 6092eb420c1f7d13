#include "config.h"
#include "link/limit.h"

#include "link/keys.h"

#include <stdio.h>

static const char script_text[] =
	"local n = redis.call('INCR', KEYS[1])\n"
	"if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end\n"
	"return {n, redis.call('PTTL', KEYS[1])}\n";

weir_err weir_limit_count(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const char *what, weir_text whose, int seconds,
	struct weir_limit *limit)
{
	static struct weir_script script = { .name = "rate", .source = script_text };
	weir_text argv[2];
	char window[32];
	redisReply *reply;
	int n = snprintf(window, sizeof(window), "%d000", seconds);

	*limit = (struct weir_limit){ .count = 0 };
	argv[0] = weir_key(mem, conf, 0, "rate", weir_text_of(what), whose);
	argv[1] = (weir_text){ window, (size_t)n };
	if (!argv[0].p)
		return WEIR_ENOMEM;
	if (weir_redis_eval(redis, &script, &reply, 1, 2, argv))
		return WEIR_OK; /* logged */
	if (reply->elements == 2)
		*limit = (struct weir_limit){ reply->element[0]->integer, reply->element[1]->integer };
	freeReplyObject(reply);
	return WEIR_OK;
}
