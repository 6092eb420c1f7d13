/* The session row as the scripts in Redis keep it, and as JSON. */
#include "config.h"
#include "ingest/session.h"

#include "ingest/rowpack.h"

#include <math.h>

enum {
	ITEMS_NEW = 20,
	ITEMS_LEAST = 17, /* of a version before the digests */
	ITEMS_MOST = 21,
	VIEW_ID = 16,
};
#define X(name, kind) +1
enum { FIXED = WEIR_SESSION_FIXED(X) };
#undef X

void weir_session_fixed_pack(const struct weir_session_fixed *f, weir_str *out)
{
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, FIXED);
#define X(name, kind) WEIR_PACK_##kind(&pk, f->name);
	WEIR_SESSION_FIXED(X)
#undef X
}

void weir_session_pack(const struct weir_session *s, weir_text fixed, weir_text recent, weir_str *out)
{
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, ITEMS_NEW);
	weir_pack_text(&pk, s->id);
	weir_pack_text(&pk, s->device_id);
	weir_pack_text(&pk, s->profile_id);
	weir_pack_time(&pk, s->created_at);
	weir_pack_time(&pk, s->ended_at);
	weir_pack_bool(&pk, s->is_bounce);
	weir_pack_text(&pk, s->entry_origin);
	weir_pack_text(&pk, s->entry_path);
	weir_pack_text(&pk, s->exit_origin);
	weir_pack_text(&pk, s->exit_path);
	weir_pack_time(&pk, s->screen_view_count);
	weir_pack_time(&pk, s->event_count);
	weir_pack_degrees(&pk, s->revenue);
	weir_pack_count(&pk, s->version);
	weir_pack_texts(&pk, s->groups);
	weir_pack_text(&pk, fixed);
	weir_pack_text(&pk, s->project_id);
	weir_pack_text(&pk, recent);
	weir_pack_text(&pk, s->last_view);
	weir_pack_time(&pk, s->last_view_at);
}

static weir_err fixed_unpack(weir_arena *mem, weir_text in, struct weir_session_fixed *f)
{
	struct weir_unpack u;
	size_t left;

	weir_unpack_init(&u, mem, in);
	left = weir_unpack_array(&u);
	if (left > FIXED)
		return WEIR_EBADREQ;
#define X(name, kind)                                  \
	if (left) {                                    \
		WEIR_UNPACK_##kind(&u, f->name);       \
		left--;                                \
	} else {                                       \
		WEIR_EMPTY_##kind(f->name);            \
	}
	WEIR_SESSION_FIXED(X)
#undef X
	return weir_unpack_done(&u);
}

weir_err weir_session_unpack(weir_arena *mem, weir_text in, struct weir_session *s)
{
	struct weir_unpack u;
	weir_text fixed;
	size_t items;
	weir_err err;

	weir_unpack_init(&u, mem, in);
	items = weir_unpack_array(&u);
	if (items < ITEMS_LEAST || items > ITEMS_MOST)
		return WEIR_EBADREQ;
	s->id = weir_unpack_text(&u);
	s->device_id = weir_unpack_text(&u);
	s->profile_id = weir_unpack_text(&u);
	s->created_at = weir_unpack_int(&u);
	s->ended_at = weir_unpack_int(&u);
	s->is_bounce = weir_unpack_bool(&u);
	s->entry_origin = weir_unpack_text(&u);
	s->entry_path = weir_unpack_text(&u);
	s->exit_origin = weir_unpack_text(&u);
	s->exit_path = weir_unpack_text(&u);
	s->screen_view_count = weir_unpack_int(&u);
	s->event_count = weir_unpack_int(&u);
	s->revenue = weir_unpack_number(&u);
	s->version = weir_unpack_count(&u);
	s->groups = weir_unpack_texts(&u);
	fixed = weir_unpack_text(&u);
	s->project_id = weir_unpack_text(&u);
	if (items > 17)
		(void)weir_unpack_text(&u); /* digests of requests: for the scripts alone */
	s->last_view = items > 18 ? weir_unpack_text(&u) : WEIR_TEXT("");
	s->last_view_at = items > 19 ? weir_unpack_int(&u) : 0;
	s->ended = items > 20 && weir_unpack_bool(&u);
	err = weir_unpack_done(&u);
	if (err)
		return err;
	if (!isfinite(s->revenue) || (s->last_view.n && s->last_view.n != VIEW_ID))
		return WEIR_EBADREQ;
	return fixed_unpack(mem, fixed, &s->fixed);
}

uint32_t weir_session_duration(const struct weir_session *s)
{
	/* Both ends are times of events; a difference that does not fit is no visit but a damaged row. */
	if (s->ended_at <= s->created_at)
		return 0;
	if (s->created_at < 0 && s->ended_at > INT64_MAX + s->created_at)
		return UINT32_MAX;
	return s->ended_at - s->created_at > UINT32_MAX ? UINT32_MAX : (uint32_t)(s->ended_at - s->created_at);
}

void weir_session_json(weir_json *j, const char *key, const struct weir_session *s)
{
	weir_json_obj(j, key);
	weir_row_json_text(j, "id", s->id);
	weir_row_json_text(j, "project_id", s->project_id);
	weir_row_json_text(j, "profile_id", s->profile_id);
	weir_row_json_text(j, "device_id", s->device_id);
	weir_row_json_texts(j, "groups", s->groups);
	weir_row_json_time(j, "created_at", s->created_at);
	weir_row_json_time(j, "ended_at", s->ended_at);
	weir_json_bool(j, "is_bounce", s->is_bounce);
	weir_row_json_text(j, "entry_origin", s->entry_origin);
	weir_row_json_text(j, "entry_path", s->entry_path);
	weir_row_json_text(j, "exit_origin", s->exit_origin);
	weir_row_json_text(j, "exit_path", s->exit_path);
	weir_json_int(j, "screen_view_count", s->screen_view_count);
	weir_json_num(j, "revenue", s->revenue);
	weir_json_int(j, "event_count", s->event_count);
	weir_json_uint(j, "duration", weir_session_duration(s));
#define X(name, kind) WEIR_JSON_##kind(j, #name, s->fixed.name);
	WEIR_SESSION_FIXED(X)
#undef X
	weir_json_uint(j, "version", s->version);
	weir_json_end(j);
}
