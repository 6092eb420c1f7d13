/* Profiles of sessions into their earlier events. */
#include "config.h"
#include "ingest/backfill.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/changed.h"
#include "ingest/peoplescript.h"
#include "ingest/rowpack.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	MOST = 1000,                     /* sessions of one statement */
	MEMORY_MAX = 64 * 1024 * 1024,
	PACKED_MAX = 16 * 1024 * 1024,
	DAY_MS = 86400000,
	MARGIN_MS = 1000,                /* session_start lies before the first event */
};

/* An event that names no profile has its device in the place of one. */
static const char update[] =
	"SET profile_id = transform(session_id, {sessions:Array(String)}, {profiles:Array(String)}, profile_id)"
	" WHERE project_id IN {projects:Array(String)} AND created_at >= fromUnixTimestamp64Milli({first:Int64})"
	" AND created_at <= fromUnixTimestamp64Milli({last:Int64}) AND session_id IN {sessions:Array(String)} AND profile_id = device_id";

void weir_backfill_pack(const struct weir_backfill *b, weir_str *out)
{
	const weir_text texts[] = { b->project_id, b->session_id, b->profile_id };
	msgpack_packer pk;
	weir_str value;

	weir_str_init(&value, PACKED_MAX);
	weir_rowpack_init(&pk, &value);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		weir_pack_text(&pk, texts[i]);
	weir_pack_time(&pk, b->first_ms);
	weir_pack_time(&pk, b->last_ms);
	weir_rowpack_init(&pk, out);
	weir_pack_text(&pk, b->session_id);
	weir_pack_text(&pk, weir_str_view(&value));
	if (weir_str_err(&value))
		out->err = weir_str_err(&value);
	weir_str_free(&value);
}

static bool read_one(weir_arena *mem, weir_text value, struct weir_backfill *b)
{
	struct weir_unpack u;

	weir_unpack_init(&u, mem, value);
	b->project_id = weir_unpack_text(&u);
	b->session_id = weir_unpack_text(&u);
	b->profile_id = weir_unpack_text(&u);
	b->first_ms = weir_unpack_int(&u);
	b->last_ms = weir_unpack_int(&u);
	return !weir_unpack_done(&u);
}

static weir_text int_text(weir_arena *mem, int64_t v)
{
	char buf[24];
	int n = snprintf(buf, sizeof(buf), "%" PRId64, v);

	return weir_text_dup(mem, (weir_text){ buf, (size_t)n });
}

/* One statement for the pairs field, value of the reply. */
static weir_err write_some(const struct weir_conf *conf, weir_ch *ch, weir_arena *mem, const redisReply *pairs, weir_changed *changed)
{
	size_t most = pairs->elements / 2, n = 0, nprojects = 0;
	weir_text *sessions = weir_alloc_n(mem, most, sizeof(*sessions)), *profiles = weir_alloc_n(mem, most, sizeof(*profiles));
	weir_text *projects = weir_alloc_n(mem, most, sizeof(*projects));
	int64_t first = INT64_MAX, last = INT64_MIN;
	struct weir_ch_arg params[5];

	if (!sessions || !profiles || !projects)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < most; i++) {
		struct weir_backfill b;
		size_t p = 0;

		if (!read_one(mem, weir_reply_text(pairs->element[2 * i + 1]), &b)) {
			weir_log(LOG_ERR, "backfill", "error=\"a session in Redis is damaged, and is forgotten\"");
			continue;
		}
		sessions[n] = b.session_id;
		profiles[n++] = b.profile_id;
		for (int64_t ms = b.first_ms - MARGIN_MS; ms <= b.last_ms + MARGIN_MS + DAY_MS; ms += DAY_MS)
			if (weir_changed_add(changed, b.project_id, ms))
				return WEIR_ENOMEM;
		first = b.first_ms < first ? b.first_ms : first;
		last = b.last_ms > last ? b.last_ms : last;
		while (p < nprojects && !weir_text_eq(projects[p], b.project_id))
			p++;
		projects[p] = b.project_id;
		nprojects += p == nprojects;
	}
	if (!n)
		return WEIR_OK;
	params[0] = (struct weir_ch_arg){ "sessions", weir_ch_array(mem, sessions, n) };
	params[1] = (struct weir_ch_arg){ "profiles", weir_ch_array(mem, profiles, n) };
	params[2] = (struct weir_ch_arg){ "projects", weir_ch_array(mem, projects, nprojects) };
	params[3] = (struct weir_ch_arg){ "first", int_text(mem, first - MARGIN_MS) };
	params[4] = (struct weir_ch_arg){ "last", int_text(mem, last + MARGIN_MS) };
	for (size_t i = 0; i < 5; i++)
		if (!params[i].value.p)
			return WEIR_ENOMEM;
	return weir_events_update(conf, ch, update, params, 5);
}

static void pack_reply(const redisReply *pairs, weir_str *out)
{
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, pairs->elements);
	for (size_t i = 0; i < pairs->elements; i++)
		weir_pack_text(&pk, weir_reply_text(pairs->element[i]));
}

static weir_err forget(const struct weir_conf *conf, weir_redis *redis, unsigned shard, const redisReply *pairs)
{
	redisReply *reply = NULL;
	weir_str list;
	weir_err err;

	weir_str_init(&list, PACKED_MAX);
	pack_reply(pairs, &list);
	err = weir_str_err(&list);
	if (!err)
		err = weir_people_call(redis, conf, shard, "forget", weir_now_ms(), weir_str_view(&list), &reply);
	if (reply)
		freeReplyObject(reply);
	weir_str_free(&list);
	return err;
}

weir_err weir_backfill_write(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, unsigned shard, bool *more)
{
	weir_arena *mem = weir_arena_new(MEMORY_MAX);
	redisReply *pairs = NULL;
	weir_changed changed = { .count = 0 };
	msgpack_packer pk;
	weir_str most;
	weir_err err = mem ? WEIR_OK : WEIR_ENOMEM;

	*more = false;
	weir_str_init(&most, 64);
	weir_rowpack_init(&pk, &most);
	weir_pack_count(&pk, MOST);
	if (!err)
		err = weir_people_call(redis, conf, shard, "noted", weir_now_ms(), weir_str_view(&most), &pairs);
	if (!err && pairs->type == REDIS_REPLY_ARRAY && pairs->elements >= 2) {
		err = write_some(conf, ch, mem, pairs, &changed);
		if (!err)
			err = weir_changed_tell(&changed, redis, conf, shard);
		if (!err)
			err = forget(conf, redis, shard, pairs);
		*more = !err && pairs->elements >= 2 * (size_t)MOST;
	}
	if (pairs)
		freeReplyObject(pairs);
	weir_changed_free(&changed);
	weir_str_free(&most);
	weir_arena_free(mem);
	return err;
}
