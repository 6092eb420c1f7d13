/* Columns of the tables. */
#include "config.h"
#include "ingest/tables.h"

#define NATIVE_UUID WEIR_NATIVE_UUID
#define NATIVE_TEXT WEIR_NATIVE_STRING
#define NATIVE_TEXTS WEIR_NATIVE_STRINGS
#define NATIVE_COUNT WEIR_NATIVE_UINT64
#define NATIVE_MAP WEIR_NATIVE_MAP
#define NATIVE_TIME WEIR_NATIVE_DATETIME64
#define NATIVE_COUNTRY WEIR_NATIVE_FIXED2
#define NATIVE_DEGREES WEIR_NATIVE_NULLABLE_FLOAT32
#define NATIVE_SECONDS WEIR_NATIVE_NULLABLE_DATETIME
#define NATIVE_SMALL WEIR_NATIVE_UINT16
#define NATIVE_BOOL WEIR_NATIVE_BOOL

#define PUT_UUID(n, c, v) weir_native_uuid(n, c, v)
#define PUT_TEXT(n, c, v) weir_native_text(n, c, v)
#define PUT_TEXTS(n, c, v) weir_native_texts(n, c, v)
#define PUT_COUNT(n, c, v) weir_native_int(n, c, (int64_t)(v))
#define PUT_MAP(n, c, v) weir_native_map(n, c, v)
#define PUT_TIME(n, c, v) weir_native_int(n, c, v)
#define PUT_COUNTRY(n, c, v) weir_native_fixed2(n, c, v)
#define PUT_DEGREES(n, c, v) weir_native_float32(n, c, v)
#define PUT_SECONDS(n, c, v) weir_native_seconds(n, c, v)
#define PUT_SMALL(n, c, v) weir_native_int(n, c, (int64_t)weir_table_small(v))
#define PUT_BOOL(n, c, v) weir_native_int(n, c, v)

/* Columns of sessions that are not in the fixed part; the member is named like the column. */
#define SESSION_OWN(X)                                 \
	X(id, weir_native_text, STRING)                \
	X(project_id, weir_native_text, STRING)        \
	X(profile_id, weir_native_text, STRING)        \
	X(device_id, weir_native_text, STRING)         \
	X(groups, weir_native_texts, STRINGS)          \
	X(created_at, weir_native_int, DATETIME64)     \
	X(ended_at, weir_native_int, DATETIME64)       \
	X(is_bounce, weir_native_int, BOOL)            \
	X(entry_origin, weir_native_text, STRING)      \
	X(entry_path, weir_native_text, STRING)        \
	X(exit_origin, weir_native_text, STRING)       \
	X(exit_path, weir_native_text, STRING)         \
	X(screen_view_count, weir_native_int, INT32)   \
	X(event_count, weir_native_int, INT32)         \
	X(revenue, weir_native_float, FLOAT64)         \
	X(version, WEIR_PUT_COUNT, UINT64)

#define WEIR_PUT_COUNT(n, c, v) weir_native_int(n, c, (int64_t)(v))

static const struct weir_native_column event_columns[] = {
#define X(name, kind) { #name, NATIVE_##kind },
	WEIR_EVENT_COLUMNS(X)
#undef X
};
static const struct weir_native_column replay_columns[] = {
#define X(name, kind) { #name, NATIVE_##kind },
	WEIR_REPLAY_COLUMNS(X)
#undef X
};
static const struct weir_native_column bot_columns[] = {
#define X(name, kind) { #name, NATIVE_##kind },
	WEIR_BOT_COLUMNS(X)
#undef X
};
static const struct weir_native_column session_columns[] = {
	{ "sign", WEIR_NATIVE_INT8 },
	{ "duration", WEIR_NATIVE_UINT32 },
#define X(name, put, type) { #name, WEIR_NATIVE_##type },
	SESSION_OWN(X)
#undef X
#define X(name, kind) { #name, NATIVE_##kind },
	WEIR_SESSION_FIXED_COLUMNS(X)
#undef X
};

#define X(name, kind) ", " #name
#define Y(name, put, type) ", " #name
static const struct {
	const char *name, *list; /* the list starts with ", " */
	const struct weir_native_column *columns;
	size_t count;
} tables[] = {
	[WEIR_TABLE_EVENTS] = { "events", WEIR_EVENT_COLUMNS(X), event_columns, sizeof(event_columns) / sizeof(*event_columns) },
	[WEIR_TABLE_SESSIONS] = { "sessions", ", sign, duration" SESSION_OWN(Y) WEIR_SESSION_FIXED_COLUMNS(X), session_columns,
		sizeof(session_columns) / sizeof(*session_columns) },
	[WEIR_TABLE_REPLAYS] = { "session_replay_chunks", WEIR_REPLAY_COLUMNS(X), replay_columns, sizeof(replay_columns) / sizeof(*replay_columns) },
	[WEIR_TABLE_BOTS] = { "events_bots", WEIR_BOT_COLUMNS(X), bot_columns, sizeof(bot_columns) / sizeof(*bot_columns) },
};
#undef X
#undef Y

const char *weir_table_name(enum weir_table t)
{
	return tables[t].name;
}

void weir_table_insert(enum weir_table t, weir_str *out)
{
	weir_str_puts(out, "INSERT INTO ");
	weir_str_puts(out, tables[t].name);
	weir_str_puts(out, " (");
	weir_str_puts(out, tables[t].list + 2);
	weir_str_puts(out, ") FORMAT Native");
}

weir_native *weir_table_native(enum weir_table t)
{
	return weir_native_new(tables[t].columns, tables[t].count);
}

void weir_table_add_event(weir_native *n, const struct weir_event *e)
{
	size_t c = 0;

#define X(name, kind) PUT_##kind(n, c, e->name), c++;
	WEIR_EVENT_COLUMNS(X)
#undef X
	weir_native_row(n);
}

void weir_table_add_replay(weir_native *n, const struct weir_replay_row *r)
{
	size_t c = 0;

#define X(name, kind) PUT_##kind(n, c, r->name), c++;
	WEIR_REPLAY_COLUMNS(X)
#undef X
	weir_native_row(n);
}

void weir_table_add_bot(weir_native *n, const struct weir_bot_row *b)
{
	size_t c = 0;

#define X(name, kind) PUT_##kind(n, c, b->name), c++;
	WEIR_BOT_COLUMNS(X)
#undef X
	weir_native_row(n);
}

void weir_table_set_duration(weir_native *events, size_t row, int64_t ms)
{
	enum {
#define X(name, kind) EVENT_##name,
		WEIR_EVENT_COLUMNS(X)
#undef X
	};

	weir_native_set_int(events, EVENT_duration, row, ms);
}

void weir_table_add_session(weir_native *n, const struct weir_session *s, int sign)
{
	size_t c = 0;

	weir_native_int(n, c++, sign);
	weir_native_int(n, c++, weir_session_duration(s));
#define X(name, put, type) put(n, c, s->name), c++;
	SESSION_OWN(X)
#undef X
#define X(name, kind) PUT_##kind(n, c, s->fixed.name), c++;
	WEIR_SESSION_FIXED_COLUMNS(X)
#undef X
	weir_native_row(n);
}

uint64_t weir_table_small(uint64_t v)
{
	return v > UINT16_MAX ? UINT16_MAX : v;
}

/* DateTime64 holds 1900-01-01 to 2299-12-31; beyond it a row would lie in a partition of another time. */
bool weir_table_time_fits(int64_t ms)
{
	return ms >= -2208988800000 && ms < 10413792000000;
}

const char *weir_event_unfit(const struct weir_event *e)
{
	if (!weir_table_time_fits(e->created_at))
		return "created_at lies outside the years 1900 to 2299";
	if (e->imported_at < 0 || e->imported_at > UINT32_MAX)
		return "imported_at lies outside the years 1970 to 2105";
	if (!e->project_id.n)
		return "project_id is empty";
	return NULL;
}

const char *weir_session_unfit(const struct weir_session *s)
{
	if (!weir_table_time_fits(s->created_at) || !weir_table_time_fits(s->ended_at))
		return "created_at or ended_at lies outside the years 1900 to 2299";
	if (s->screen_view_count < 0 || s->screen_view_count > INT32_MAX || s->event_count < 0 || s->event_count > INT32_MAX)
		return "screen_view_count or event_count is no Int32";
	if (!s->id.n || !s->project_id.n)
		return "id or project_id is empty";
	return NULL;
}

const char *weir_replay_unfit(const struct weir_replay_row *r)
{
	if (!weir_table_time_fits(r->started_at) || !weir_table_time_fits(r->ended_at))
		return "started_at or ended_at lies outside the years 1900 to 2299";
	if (r->chunk_index > UINT16_MAX)
		return "chunk_index is no UInt16";
	if (!r->project_id.n || !r->session_id.n)
		return "project_id or session_id is empty";
	return NULL;
}

const char *weir_bot_unfit(const struct weir_bot_row *b)
{
	if (!weir_table_time_fits(b->created_at))
		return "created_at lies outside the years 1900 to 2299";
	return b->project_id.n ? NULL : "project_id is empty";
}
