/* What a server says about itself. */
#include "config.h"
#include "link/redis.h"

static bool value_is(const redisReply *r, const char *name, const char *value)
{
	for (size_t i = 0; r->type == REDIS_REPLY_ARRAY && i + 1 < r->elements; i += 2)
		if (weir_text_is(weir_reply_text(r->element[i]), name))
			return weir_text_is(weir_reply_text(r->element[i + 1]), value);
	return false;
}

weir_err weir_redis_durable(weir_redis *c)
{
	redisReply *r = NULL;
	weir_err err = weir_redis_cmd(c, &r, "CONFIG", "GET", "append*", NULL);

	/* A user without the right to ask is told no, and the connection stays. */
	if (err)
		return weir_redis_connection(c) ? WEIR_EINTERNAL : err;
	if (!value_is(r, "appendonly", "yes") || !value_is(r, "appendfsync", "always"))
		err = WEIR_EFORBID;
	freeReplyObject(r);
	return err;
}
