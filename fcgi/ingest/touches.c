/* Profiles of sessions. */
#include "config.h"
#include "ingest/touches.h"

#include "base/clock.h"
#include "base/num.h"
#include "ingest/backfill.h"
#include "ingest/people.h"
#include "ingest/peoplescript.h"
#include "ingest/rowpack.h"

#include <math.h>
#include <stdlib.h>

enum {
	PACKED_MAX = 256 * 1024 * 1024,
	PACKED_KEEP = 256 * 1024,
	PROPERTIES_MAX = 16,
	END_AFTER_MS = 1000, /* session_end lies so long after the last event */
};

void weir_touches_init(weir_touches *t)
{
	*t = (weir_touches){ .count = 0 };
	weir_str_init(&t->packed, PACKED_MAX);
	weir_str_init(&t->ended, PACKED_MAX);
}

void weir_touches_free(weir_touches *t)
{
	weir_str_free(&t->ended);
	weir_str_free(&t->packed);
	free(t->end);
	*t = (weir_touches){ .count = 0 };
}

void weir_touches_clear(weir_touches *t)
{
	weir_str *const lists[] = { &t->packed, &t->ended };

	for (size_t i = 0; i < 2; i++) {
		if (lists[i]->alloc > PACKED_KEEP) {
			weir_str_free(lists[i]);
			weir_str_init(lists[i], PACKED_MAX);
		}
		weir_str_reset(lists[i]);
	}
	t->count = t->ended_count = 0;
}

static void add(weir_map *m, const char *key, weir_text value)
{
	if (value.n)
		m->item[m->count++] = (struct weir_pair){ weir_text_of(key), value };
}

static void add_degrees(weir_map *m, const char *key, double v, char buf[WEIR_NUM_MAX])
{
	if (isfinite(v))
		add(m, key, weir_num_js(v, buf));
}

/* Place and program of a visitor; a session that calls itself a server's has nothing to say about them (people.lua). */
static void add_visitor(weir_map *m, const struct weir_event *e, char degrees[2][WEIR_NUM_MAX])
{
	if (weir_text_is(e->device, "server"))
		return;
	add(m, "country", e->country);
	add(m, "city", e->city);
	add(m, "region", e->region);
	add_degrees(m, "longitude", e->longitude, degrees[0]);
	add_degrees(m, "latitude", e->latitude, degrees[1]);
	add(m, "os", e->os);
	add(m, "os_version", e->os_version);
	add(m, "browser", e->browser);
	add(m, "browser_version", e->browser_version);
	add(m, "device", e->device);
}

static weir_err touch(weir_touches *t, const struct weir_event *e)
{
	struct weir_pair pair[PROPERTIES_MAX];
	char degrees[2][WEIR_NUM_MAX];
	weir_map m = { pair, 0 };
	weir_str state, member;
	msgpack_packer pk;
	weir_err err;

	if (t->count == t->alloc) {
		size_t more = t->alloc ? t->alloc * 2 : 256;
		size_t *end = realloc(t->end, more * sizeof(*end));

		if (!end)
			return WEIR_ENOMEM;
		t->end = end;
		t->alloc = more;
	}
	add(&m, "path", e->path);
	add_visitor(&m, e, degrees);
	add(&m, "brand", e->brand);
	add(&m, "model", e->model);
	add(&m, "referrer", e->referrer);
	add(&m, "referrer_name", e->referrer_name);
	add(&m, "referrer_type", e->referrer_type);
	weir_str_init(&member, PACKED_MAX);
	weir_str_init(&state, PACKED_MAX);
	weir_str_puts(&member, WEIR_KEY_PROFILE_STATE ":");
	weir_str_text(&member, e->project_id);
	weir_str_putc(&member, ':');
	weir_str_text(&member, e->profile_id);
	weir_profile_touched_pack(e->project_id, e->profile_id, !weir_text_eq(e->profile_id, e->device_id), m, weir_now_ms(), &state);
	weir_rowpack_init(&pk, &t->packed);
	weir_pack_text(&pk, weir_str_view(&member));
	weir_pack_text(&pk, weir_str_view(&state));
	err = weir_str_err(&member) ? weir_str_err(&member) : weir_str_err(&state) ? weir_str_err(&state) : weir_str_err(&t->packed);
	weir_str_free(&member);
	weir_str_free(&state);
	t->end[t->count++] = t->packed.len;
	return err;
}

static weir_err note_end(weir_touches *t, const struct weir_event *e)
{
	const struct weir_backfill b = { .project_id = e->project_id, .session_id = e->session_id, .profile_id = e->profile_id,
		.first_ms = e->created_at - (int64_t)e->duration - END_AFTER_MS, .last_ms = e->created_at };

	if (!e->session_id.n || weir_text_eq(e->profile_id, e->device_id))
		return WEIR_OK;
	weir_backfill_pack(&b, &t->ended);
	t->ended_count++;
	return weir_str_err(&t->ended);
}

weir_err weir_touches_add(weir_touches *t, const struct weir_entry_rows *rows)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < rows->events && !err; i++) {
		const struct weir_event *e = &rows->event[i];

		if (e->profile_id.n && (weir_text_is(e->name, "session_start") || weir_text_is(e->name, "session_end")))
			err = touch(t, e);
		if (!err && e->profile_id.n && weir_text_is(e->name, "session_end"))
			err = note_end(t, e);
	}
	return err;
}

/* A call with a list whose items are packed already. */
static weir_err tell(weir_redis *redis, const struct weir_conf *conf, unsigned shard, const char *op, weir_text items, size_t count)
{
	redisReply *reply = NULL;
	msgpack_packer pk;
	weir_str list;
	weir_err err;

	weir_str_init(&list, PACKED_MAX);
	weir_rowpack_init(&pk, &list);
	msgpack_pack_array(&pk, count);
	weir_str_text(&list, items);
	err = weir_str_err(&list);
	if (!err)
		err = weir_people_call(redis, conf, shard, op, weir_now_ms(), weir_str_view(&list), &reply);
	if (reply)
		freeReplyObject(reply);
	weir_str_free(&list);
	return err;
}

weir_err weir_touches_send(weir_touches *t, weir_redis *redis, const struct weir_conf *conf, unsigned shard)
{
	weir_err err = WEIR_OK;

	for (size_t lo = 0, hi; lo < t->count && !err; lo = hi) {
		size_t from = lo ? t->end[lo - 1] : 0;

		hi = t->count - lo > WEIR_PEOPLE_LIST_MAX ? lo + WEIR_PEOPLE_LIST_MAX : t->count;
		err = tell(redis, conf, shard, "touch", (weir_text){ t->packed.buf + from, t->end[hi - 1] - from }, 2 * (hi - lo));
	}
	if (!err && t->ended_count && conf->worker_profile_backfill)
		err = tell(redis, conf, shard, "note", weir_str_view(&t->ended), 2 * t->ended_count);
	if (!err)
		weir_touches_clear(t);
	return err;
}
