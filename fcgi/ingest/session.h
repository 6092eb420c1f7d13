#ifndef WEIR_INGEST_SESSION_H
#define WEIR_INGEST_SESSION_H
#include "ingest/event.h"
/*
 * A visit.  While it lives it is one MessagePack array in Redis that the
 * scripts of sql/redis change (spec/ingest.md 7.2); every state of it that an
 * event brings about is a row of ClickHouse's table sessions: the new state
 * with sign 1, the state before with sign -1.
 *
 * The array, numbered as Lua numbers it; what never changes after the first
 * event is packed by weir-track into item 16 and is opaque to the scripts:
 *
 *    1 id            2 device_id      3 profile_id     4 created_at ms  5 ended_at ms
 *    6 is_bounce     7 entry_origin   8 entry_path     9 exit_origin   10 exit_path
 *   11 screen_view_count             12 event_count   13 revenue       14 version
 *   15 groups (array of str)         16 fixed (str)   17 project_id
 *   18 digests of the last requests, for telling duplicates (sql/redis/track.lua)
 *   19 id of the last screen view, 16 bytes, or ""                20 its ms
 *   21 true once session_end is in the stream (a late event may still extend the row); absent before
 *
 * fixed is a MessagePack array in the order of WEIR_SESSION_FIXED; the sdk's name and version have no column in the
 * table sessions and serve the session_end event.
 */
#define WEIR_SESSION_FIXED_COLUMNS(X) \
	X(country, COUNTRY)        \
	X(region, TEXT)            \
	X(city, TEXT)              \
	X(longitude, DEGREES)      \
	X(latitude, DEGREES)       \
	X(device, TEXT)            \
	X(brand, TEXT)             \
	X(model, TEXT)             \
	X(browser, TEXT)           \
	X(browser_version, TEXT)   \
	X(os, TEXT)                \
	X(os_version, TEXT)        \
	X(utm_medium, TEXT)        \
	X(utm_source, TEXT)        \
	X(utm_campaign, TEXT)      \
	X(utm_content, TEXT)       \
	X(utm_term, TEXT)          \
	X(referrer, TEXT)          \
	X(referrer_name, TEXT)     \
	X(referrer_type, TEXT)
#define WEIR_SESSION_FIXED(X)          \
	WEIR_SESSION_FIXED_COLUMNS(X)  \
	X(sdk_name, TEXT)              \
	X(sdk_version, TEXT)

struct weir_session_fixed {
#define X(name, kind) WEIR_COLUMN_##kind(name);
	WEIR_SESSION_FIXED(X)
#undef X
};

struct weir_session {
	weir_text id, device_id, profile_id, project_id;
	int64_t created_at, ended_at; /* ms */
	bool is_bounce;
	weir_text entry_origin, entry_path, exit_origin, exit_path;
	int64_t screen_view_count, event_count;
	double revenue;
	uint64_t version;
	weir_texts groups;
	struct weir_session_fixed fixed;
	weir_text last_view;  /* 16 bytes, or empty */
	int64_t last_view_at; /* ms */
	bool ended;
};

/* Packs what a session keeps of its first event (item 16). */
void weir_session_fixed_pack(const struct weir_session_fixed *f, weir_str *out);
/* Packs a whole session array; fixed is item 16, packed before, recent item 18. */
void weir_session_pack(const struct weir_session *s, weir_text fixed, weir_text recent, weir_str *out);
/* Reads a whole session array as the scripts write it; views into in, arrays in mem. WEIR_EBADREQ when it is none. */
WEIR_MUSTCHECK weir_err weir_session_unpack(weir_arena *mem, weir_text in, struct weir_session *s);
/* ended_at - created_at in ms, never negative: the column duration. */
uint32_t weir_session_duration(const struct weir_session *s);
/* The row as a JSON object with the table's column names, for people and tests. */
void weir_session_json(weir_json *j, const char *key, const struct weir_session *s);
#endif
