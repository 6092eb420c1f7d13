/* Who is to be erased. */
#include "config.h"
#include "ingest/persons.h"

#include "base/num.h"
#include "link/keys.h"

#include <inttypes.h>
#include <stdio.h>

static const weir_text none = { NULL, 0 };

static weir_text set_key(weir_arena *mem, const struct weir_conf *conf, unsigned shard)
{
	return weir_key(mem, conf, shard, WEIR_KEY_ERASED, none, none);
}

weir_err weir_person_remember(weir_redis *redis, const struct weir_conf *conf, const struct weir_person *person)
{
	weir_arena *mem = weir_arena_new(256 * 1024);
	weir_text set = mem ? set_key(mem, conf, weir_shard_of(person->project_id, (unsigned)conf->redis_shards)) : none;
	char score[24];
	redisReply *r = NULL;
	weir_str who;
	weir_err err = set.p ? WEIR_OK : WEIR_ENOMEM;

	weir_str_init(&who, 64 * 1024);
	weir_str_text(&who, person->project_id);
	weir_str_putc(&who, ':');
	weir_str_text(&who, person->profile_id);
	snprintf(score, sizeof(score), "%" PRId64, person->until_ms);
	if (!err)
		err = weir_str_err(&who);
	if (!err)
		err = weir_redis_do(redis, &r, 4, (weir_text[]){ WEIR_TEXT("ZADD"), set, weir_text_of(score), weir_str_view(&who) });
	if (r)
		freeReplyObject(r);
	weir_str_free(&who);
	weir_arena_free(mem);
	return err;
}

/* "PROJECT:PROFILE"; a project's id has no colon. */
static bool read_person(weir_arena *mem, weir_text who, weir_text score, struct weir_person *p)
{
	const char *colon = who.n ? memchr(who.p, ':', who.n) : NULL;
	double until;

	if (!colon || weir_num_double(score, &until))
		return false;
	p->project_id = weir_text_dup(mem, (weir_text){ who.p, (size_t)(colon - who.p) });
	p->profile_id = weir_text_dup(mem, (weir_text){ colon + 1, who.n - p->project_id.n - 1 });
	p->until_ms = (int64_t)until;
	return p->project_id.p && p->profile_id.p;
}

weir_err weir_person_remembered(weir_redis *redis, const struct weir_conf *conf, unsigned shard, int64_t now_ms, weir_arena *mem,
	struct weir_person *persons, size_t max, size_t *count)
{
	weir_text set = set_key(mem, conf, shard);
	char old[24], last[24];
	redisReply *r = NULL;
	weir_err err;

	*count = 0;
	if (!set.p || !max)
		return set.p ? WEIR_OK : WEIR_ENOMEM;
	snprintf(old, sizeof(old), "%" PRId64, now_ms - WEIR_PERSON_MEMORY_MS);
	snprintf(last, sizeof(last), "%zu", max - 1);
	err = weir_redis_do(redis, &r, 4, (weir_text[]){ WEIR_TEXT("ZREMRANGEBYSCORE"), set, WEIR_TEXT("-inf"), weir_text_of(old) });
	if (err)
		return err;
	freeReplyObject(r);
	r = NULL;
	err = weir_redis_do(redis, &r, 5, (weir_text[]){ WEIR_TEXT("ZRANGE"), set, WEIR_TEXT("0"), weir_text_of(last), WEIR_TEXT("WITHSCORES") });
	for (size_t i = 0; !err && i + 1 < r->elements && *count < max; i += 2)
		*count += read_person(mem, weir_reply_text(r->element[i]), weir_reply_text(r->element[i + 1]), &persons[*count]);
	if (r)
		freeReplyObject(r);
	return err ? err : weir_arena_failed(mem) ? WEIR_ENOMEM : WEIR_OK;
}
