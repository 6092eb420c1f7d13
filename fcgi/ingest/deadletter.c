/* Reading and replaying the dead stream. */
#include "config.h"
#include "ingest/deadletter.h"

#include "base/num.h"
#include "ingest/people.h"
#include "ingest/session.h"
#include "redis_scripts.h"

#include <stdio.h>

enum {
	CHUNK = 50,
	KEYS_MAX = 8 * 1024,
	ROW_MAX = 16 * 1024 * 1024,
	ID_MAX = 64,
};

static struct weir_script replay_script = { .name = "replay", .source = WEIR_LUA_REPLAY };

static weir_text key_of(weir_arena *mem, const struct weir_conf *conf, unsigned shard, const char *name)
{
	weir_text none = { NULL, 0 };

	return weir_key(mem, conf, shard, name, none, none);
}

static void read_field(struct weir_dead *d, weir_text name, weir_text value)
{
	const struct {
		const char *name;
		weir_text *place;
	} places[] = {
		{ "id", &d->from },
		{ "table", &d->table },
		{ "error", &d->error },
		{ "ev", &d->entry.ev },
		{ "s", &d->entry.s },
		{ "o", &d->entry.o },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (weir_text_is(name, places[i].name))
			*places[i].place = value;
	if (weir_text_is(name, "k") && value.n == 1)
		d->entry.kind = value.p[0];
	if (weir_text_is(name, "at") && weir_num_int(value, &d->at_ms))
		d->at_ms = 0;
}

static weir_err each(const redisReply *list, char last[ID_MAX], weir_dead_fn fn, void *ctx)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < list->elements && !err; i++) {
		const redisReply *pair = list->element[i];
		struct weir_dead d = { 0 };

		if (pair->type != REDIS_REPLY_ARRAY || pair->elements != 2)
			return WEIR_EINTERNAL;
		d.id = d.entry.id = weir_reply_text(pair->element[0]);
		for (size_t f = 0; f + 1 < pair->element[1]->elements; f += 2)
			read_field(&d, weir_reply_text(pair->element[1]->element[f]), weir_reply_text(pair->element[1]->element[f + 1]));
		snprintf(last, ID_MAX, "(%.*s", (int)d.id.n, d.id.p);
		err = fn(ctx, &d);
	}
	return err;
}

weir_err weir_dead_each(weir_redis *redis, const struct weir_conf *conf, unsigned shard, weir_text after, size_t count, weir_dead_fn fn,
	void *ctx)
{
	weir_arena *mem = weir_arena_new(KEYS_MAX);
	weir_text key = mem ? key_of(mem, conf, shard, WEIR_KEY_DEAD) : (weir_text){ NULL, 0 };
	char from[ID_MAX] = "-", number[24];
	weir_err err = key.p ? WEIR_OK : WEIR_ENOMEM;
	size_t got = CHUNK;

	if (after.n > ID_MAX - 2)
		err = WEIR_EBADREQ;
	else if (after.n)
		snprintf(from, sizeof(from), "(%.*s", (int)after.n, after.p);
	while (!err && count && got == CHUNK) {
		size_t want = count < CHUNK ? count : CHUNK;
		redisReply *r = NULL;

		snprintf(number, sizeof(number), "%zu", want);
		err = weir_redis_do(redis, &r, 6,
			(weir_text[]){ WEIR_TEXT("XRANGE"), key, weir_text_of(from), WEIR_TEXT("+"), WEIR_TEXT("COUNT"), weir_text_of(number) });
		if (err)
			break;
		got = r->type == REDIS_REPLY_ARRAY ? r->elements : 0;
		err = each(r, from, fn, ctx);
		count -= got < count ? got : count;
		freeReplyObject(r);
	}
	weir_arena_free(mem);
	return err;
}

/* One command with the dead stream's key as its second word. */
static weir_err ask(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const char *command, weir_text id, int64_t *answer)
{
	weir_arena *mem = weir_arena_new(KEYS_MAX);
	weir_text key = mem ? key_of(mem, conf, shard, WEIR_KEY_DEAD) : (weir_text){ NULL, 0 };
	redisReply *r = NULL;
	weir_err err = WEIR_ENOMEM;

	if (key.p)
		err = weir_redis_do(redis, &r, id.n ? 3 : 2, (weir_text[]){ weir_text_of(command), key, id });
	if (!err) {
		*answer = r->type == REDIS_REPLY_INTEGER ? r->integer : 0;
		freeReplyObject(r);
	}
	weir_arena_free(mem);
	return err;
}

weir_err weir_dead_count(weir_redis *redis, const struct weir_conf *conf, unsigned shard, int64_t *count)
{
	return ask(redis, conf, shard, "XLEN", (weir_text){ NULL, 0 }, count);
}

weir_err weir_dead_remove(weir_redis *redis, const struct weir_conf *conf, unsigned shard, weir_text id)
{
	int64_t gone = 0;
	weir_err err = id.n ? ask(redis, conf, shard, "XDEL", id, &gone) : WEIR_ENOTFOUND;

	return err ? err : gone ? WEIR_OK : WEIR_ENOTFOUND;
}

weir_err weir_dead_replay(weir_redis *redis, const struct weir_conf *conf, unsigned shard, weir_text id)
{
	weir_arena *mem = weir_arena_new(KEYS_MAX);
	redisReply *r = NULL;
	weir_err err = WEIR_ENOMEM;

	if (mem) {
		weir_text dead = key_of(mem, conf, shard, WEIR_KEY_DEAD), events = key_of(mem, conf, shard, WEIR_KEY_EVENTS);

		if (dead.p && events.p)
			err = weir_redis_eval(redis, &replay_script, &r, 2, 3, (weir_text[]){ dead, events, id });
	}
	if (!err) {
		err = weir_reply_text(r).n ? WEIR_OK : WEIR_ENOTFOUND;
		freeReplyObject(r);
	}
	weir_arena_free(mem);
	return err;
}

static void row_json(weir_json *j, weir_arena *mem, const struct weir_entry *entry)
{
	struct weir_event e;
	struct weir_replay_row r;
	struct weir_bot_row b;

	if (!entry->ev.p)
		return;
	if (entry->kind == 'r') {
		if (!weir_replay_row_unpack(mem, entry->ev, &r))
			weir_replay_row_json(j, "replay", &r);
	} else if (entry->kind == 't') {
		if (!weir_bot_row_unpack(mem, entry->ev, &b))
			weir_bot_row_json(j, "bot", &b);
	} else if (!weir_event_unpack(mem, entry->ev, &e)) {
		weir_event_json(j, "event", &e);
	}
}

static void state_json(weir_json *j, weir_arena *mem, const struct weir_entry *entry)
{
	struct weir_session s;
	struct weir_profile p;
	struct weir_group g;

	if (!entry->s.p)
		return;
	if (entry->kind == WEIR_KEY_PROFILE_STATE[0]) {
		if (!weir_profile_unpack(mem, entry->s, &p))
			weir_profile_json(j, "profile", &p);
	} else if (entry->kind == WEIR_KEY_GROUP_STATE[0]) {
		if (!weir_group_unpack(mem, entry->s, &g))
			weir_group_json(j, "group", &g);
	} else if (!weir_session_unpack(mem, entry->s, &s)) {
		weir_session_json(j, "session", &s);
	}
}

weir_err weir_dead_json(weir_json *j, const char *key, const struct weir_dead *dead)
{
	weir_arena *mem = weir_arena_new(ROW_MAX);
	struct weir_session s;

	if (!mem)
		return WEIR_ENOMEM;
	weir_json_obj(j, key);
	weir_json_str(j, "id", dead->id);
	weir_json_str(j, "from", dead->from);
	weir_json_str(j, "table", dead->table);
	weir_json_str(j, "error", dead->error);
	weir_json_int(j, "at", dead->at_ms);
	weir_json_str(j, "kind", (weir_text){ &dead->entry.kind, 1 });
	row_json(j, mem, &dead->entry);
	state_json(j, mem, &dead->entry);
	if (dead->entry.o.p && !weir_session_unpack(mem, dead->entry.o, &s))
		weir_session_json(j, "sessionBefore", &s);
	weir_json_end(j);
	weir_arena_free(mem);
	return weir_str_err(j->out);
}
