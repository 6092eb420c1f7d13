/* Jobs that one worker at a time does. */
#include "config.h"
#include "ingest/turn.h"

#include "base/num.h"
#include "link/keys.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>

enum { KEY_MAX = 4096, NUMBER_MAX = 24 };

static struct weir_script turn_script = { .name = "turn", .source = WEIR_LUA_TURN };

const char *weir_turn_name(enum weir_turn_job job)
{
	static const char *const names[] = {
#define X(name, setting, text) #name,
		WEIR_TURNS(X)
#undef X
	};

	return names[job];
}

int64_t weir_turn_interval(const struct weir_conf *conf, enum weir_turn_job job)
{
	const int64_t intervals[] = {
#define X(name, setting, text) conf->setting,
		WEIR_TURNS(X)
#undef X
	};

	return intervals[job];
}

static weir_text key_of(weir_arena *mem, const struct weir_conf *conf, enum weir_turn_job job)
{
	return weir_key(mem, conf, 0, WEIR_KEY_JOB, weir_text_of(weir_turn_name(job)), (weir_text){ NULL, 0 });
}

static const char *number(char buf[NUMBER_MAX], int64_t v)
{
	snprintf(buf, NUMBER_MAX, "%" PRId64, v);
	return buf;
}

/* Runs the script with its arguments from the third on; *other, when it is not NULL, gets who has it. */
static weir_err ask(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, const char *const args[6], bool *mine,
	char other[WEIR_OWNER_MAX])
{
	weir_arena *mem = weir_arena_new(KEY_MAX);
	weir_text argv[7];
	redisReply *r = NULL;
	weir_err err = WEIR_ENOMEM;

	argv[0] = mem ? key_of(mem, conf, job) : (weir_text){ NULL, 0 };
	for (int i = 0; i < 6; i++)
		argv[1 + i] = weir_text_of(args[i]);
	if (argv[0].p)
		err = weir_redis_eval(redis, &turn_script, &r, 1, 7, argv);
	weir_arena_free(mem);
	if (err)
		return err;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 2 && r->element[1]->str) {
		*mine = r->element[0]->integer == 1;
		if (other)
			snprintf(other, WEIR_OWNER_MAX, "%s", r->element[1]->str);
	} else {
		err = WEIR_EINTERNAL;
	}
	freeReplyObject(r);
	return err;
}

weir_err weir_turn_take(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, const char *me, int64_t now_ms, bool *mine)
{
	char now[NUMBER_MAX], lease[NUMBER_MAX], interval[NUMBER_MAX], other[WEIR_OWNER_MAX] = "";
	const char *args[6] = { "take", me, number(now, now_ms), number(lease, WEIR_TURN_LEASE_MS),
		number(interval, weir_turn_interval(conf, job)), "" };
	weir_err err;

	*mine = false;
	err = ask(redis, conf, job, args, mine, other);
	if (!err && !*mine && other[0] && weir_owner_is_dead(weir_text_of(other))) {
		args[5] = other;
		err = ask(redis, conf, job, args, mine, NULL);
	}
	return err;
}

weir_err weir_turn_keep(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, const char *me, int64_t now_ms)
{
	char now[NUMBER_MAX], lease[NUMBER_MAX];
	bool mine = false;
	weir_err err = ask(redis, conf, job, (const char *[6]){ "keep", me, number(now, now_ms), number(lease, WEIR_TURN_LEASE_MS), "0", "" }, &mine,
		NULL);

	return err || mine ? err : WEIR_ECONFLICT;
}

weir_err weir_turn_end(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, const char *me, int64_t now_ms,
	int64_t took_ms, const char *error, int64_t retry_ms)
{
	char now[NUMBER_MAX], took[NUMBER_MAX], retry[NUMBER_MAX];
	bool mine = false;
	weir_err err = ask(redis, conf, job, (const char *[6]){ "end", me, number(now, now_ms), number(took, took_ms), number(retry, retry_ms), error },
		&mine, NULL);

	return err || mine ? err : WEIR_ECONFLICT;
}

weir_err weir_turn_hurry(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job)
{
	weir_arena *mem = weir_arena_new(KEY_MAX);
	weir_text key = mem ? key_of(mem, conf, job) : (weir_text){ NULL, 0 };
	redisReply *r = NULL;
	weir_err err = key.p ? weir_redis_do(redis, &r, 4, (weir_text[]){ WEIR_TEXT("HDEL"), key, WEIR_TEXT("begun"), WEIR_TEXT("retry") }) : WEIR_ENOMEM;

	if (!err)
		freeReplyObject(r);
	weir_arena_free(mem);
	return err;
}

static void read_field(struct weir_turn *turn, weir_text name, weir_text value)
{
	const struct {
		const char *name;
		int64_t *place;
	} places[] = {
		{ "begun", &turn->begun }, { "ended", &turn->ended }, { "done", &turn->done }, { "took", &turn->took },
		{ "runs", &turn->runs },   { "failures", &turn->failures }, { "retry", &turn->retry },
	};
	int64_t v;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (weir_text_is(name, places[i].name) && !weir_num_int(value, &v))
			*places[i].place = v;
	if (weir_text_is(name, "owner"))
		turn->running = true;
	if (weir_text_is(name, "error"))
		snprintf(turn->error, sizeof(turn->error), "%.*s", (int)value.n, value.n ? value.p : "");
}

weir_err weir_turn_read(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, struct weir_turn *turn)
{
	weir_arena *mem = weir_arena_new(KEY_MAX);
	weir_text key = mem ? key_of(mem, conf, job) : (weir_text){ NULL, 0 };
	redisReply *r = NULL;
	weir_err err = key.p ? weir_redis_do(redis, &r, 2, (weir_text[]){ WEIR_TEXT("HGETALL"), key }) : WEIR_ENOMEM;

	*turn = (struct weir_turn){ .begun = 0 };
	weir_arena_free(mem);
	if (err)
		return err;
	if (!r->elements)
		err = WEIR_ENOTFOUND;
	for (size_t i = 0; i + 1 < r->elements; i += 2)
		read_field(turn, weir_reply_text(r->element[i]), weir_reply_text(r->element[i + 1]));
	freeReplyObject(r);
	return err;
}
