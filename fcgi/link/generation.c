#include "config.h"
#include "link/generation.h"

#include "link/keys.h"

static weir_err bump(weir_redis *redis, weir_arena *mem, const struct weir_conf *conf, unsigned shard)
{
	weir_text none = { NULL, 0 };
	weir_text argv[2] = { WEIR_TEXT("INCR"), weir_key(mem, conf, shard, WEIR_KEY_GENERATION, none, none) };
	redisReply *reply;
	weir_err err;

	if (!argv[1].p)
		return WEIR_ENOMEM;
	err = weir_redis_do(redis, &reply, 2, argv);
	if (!err)
		freeReplyObject(reply);
	return err;
}

weir_err weir_generation_bump(weir_redis *redis, weir_arena *mem, const struct weir_conf *conf, weir_text project_id)
{
	unsigned shards = conf->redis_shards > 0 ? (unsigned)conf->redis_shards : 1;
	weir_err err = WEIR_OK;

	if (project_id.n)
		return bump(redis, mem, conf, weir_shard_of(project_id, shards));
	for (unsigned i = 0; i < shards && !err; i++)
		err = bump(redis, mem, conf, i);
	return err;
}
