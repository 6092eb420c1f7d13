#ifndef WEIR_INGEST_PEOPLESCRIPT_H
#define WEIR_INGEST_PEOPLESCRIPT_H
#include "link/keys.h"
#include "link/redis.h"
#include <stdint.h>
/*
 * weir-worker's calls of sql/redis/people.lua, which has the operations and
 * their answers.  weir-track's go through ingest/peoplesend.h.
 */
enum { WEIR_PEOPLE_LIST_MAX = 200 }; /* states in one call, so that Redis is not held up */

/* list: the third argument, MessagePack. The reply is the caller's to free. Errors: those of link/redis.h. */
WEIR_MUSTCHECK weir_err weir_people_call(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const char *op, int64_t now_ms,
	weir_text list, redisReply **reply);

/* A change of one group by somebody who is no SDK; counts as one of theirs. WEIR_ELIMIT: it would be too big. */
struct weir_group_change;
WEIR_MUSTCHECK weir_err weir_people_change_group(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, int64_t now_ms,
	const struct weir_group_change *c);
/* Forgets what Redis knows of a group, as is right when it has been deleted. */
WEIR_MUSTCHECK weir_err weir_people_forget_group(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, weir_text project_id,
	weir_text id);
#endif
