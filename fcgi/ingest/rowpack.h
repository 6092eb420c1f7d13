#ifndef WEIR_INGEST_ROWPACK_H
#define WEIR_INGEST_ROWPACK_H
#include "ingest/event.h"
#include <msgpack.h>
/*
 * MessagePack of the column kinds that ingest/event.h lists; what event.c and
 * session.c are made of.
 *
 * Packing is msgpack-c's, into a weir_str that latches its errors.  Reading
 * walks the bytes in place: no tree and no allocation but the arrays, whose
 * size is bounded by the bytes that are left, so that a damaged entry cannot
 * ask for memory it does not bring.  The first wrong byte latches `bad`; later
 * reads give empty values.  Numbers are accepted in every form of MessagePack
 * that holds their value, because Lua's packer chooses the form by the value.
 */
void weir_rowpack_init(msgpack_packer *pk, weir_str *out);
void weir_pack_uuid(msgpack_packer *pk, const uint8_t id[16]);
void weir_pack_text(msgpack_packer *pk, weir_text v);
void weir_pack_texts(msgpack_packer *pk, weir_texts v);
void weir_pack_count(msgpack_packer *pk, uint64_t v);
void weir_pack_map(msgpack_packer *pk, weir_map v);
void weir_pack_time(msgpack_packer *pk, int64_t v);
void weir_pack_degrees(msgpack_packer *pk, double v);
void weir_pack_bool(msgpack_packer *pk, bool v);

struct weir_unpack {
	const uint8_t *p, *end;
	weir_arena *mem;
	bool bad;
	weir_err err; /* WEIR_OK, WEIR_EBADREQ or WEIR_ENOMEM */
};

void weir_unpack_init(struct weir_unpack *u, weir_arena *mem, weir_text in);
/* The number of items of an array; 0 when the next value is none. */
size_t weir_unpack_array(struct weir_unpack *u);
void weir_unpack_uuid(struct weir_unpack *u, uint8_t out[16]);
weir_text weir_unpack_text(struct weir_unpack *u);    /* str or bin */
weir_text weir_unpack_country(struct weir_unpack *u); /* "" or two bytes */
weir_texts weir_unpack_texts(struct weir_unpack *u);
weir_map weir_unpack_map(struct weir_unpack *u);
uint64_t weir_unpack_count(struct weir_unpack *u);
int64_t weir_unpack_int(struct weir_unpack *u);
double weir_unpack_number(struct weir_unpack *u);     /* NAN for nil */
bool weir_unpack_bool(struct weir_unpack *u);
/* Everything has been read and was right. */
WEIR_MUSTCHECK weir_err weir_unpack_done(const struct weir_unpack *u);

/*
 * The kinds of WEIR_EVENT_COLUMNS and WEIR_SESSION_FIXED by name, for X lists:
 * WEIR_PACK_TEXT(&pk, e->path), WEIR_UNPACK_TEXT(&u, e->path).
 */
#define WEIR_PACK_UUID(pk, v) weir_pack_uuid(pk, v)
#define WEIR_PACK_TEXT(pk, v) weir_pack_text(pk, v)
#define WEIR_PACK_TEXTS(pk, v) weir_pack_texts(pk, v)
#define WEIR_PACK_COUNT(pk, v) weir_pack_count(pk, v)
#define WEIR_PACK_MAP(pk, v) weir_pack_map(pk, v)
#define WEIR_PACK_TIME(pk, v) weir_pack_time(pk, v)
#define WEIR_PACK_COUNTRY(pk, v) weir_pack_text(pk, v)
#define WEIR_PACK_DEGREES(pk, v) weir_pack_degrees(pk, v)
#define WEIR_PACK_SECONDS(pk, v) weir_pack_time(pk, v)
#define WEIR_PACK_SMALL(pk, v) weir_pack_count(pk, v)
#define WEIR_PACK_BOOL(pk, v) weir_pack_bool(pk, v)

#define WEIR_UNPACK_UUID(u, v) weir_unpack_uuid(u, v)
#define WEIR_UNPACK_TEXT(u, v) ((v) = weir_unpack_text(u))
#define WEIR_UNPACK_TEXTS(u, v) ((v) = weir_unpack_texts(u))
#define WEIR_UNPACK_COUNT(u, v) ((v) = weir_unpack_count(u))
#define WEIR_UNPACK_MAP(u, v) ((v) = weir_unpack_map(u))
#define WEIR_UNPACK_TIME(u, v) ((v) = weir_unpack_int(u))
#define WEIR_UNPACK_COUNTRY(u, v) ((v) = weir_unpack_country(u))
#define WEIR_UNPACK_DEGREES(u, v) ((v) = weir_unpack_number(u))
#define WEIR_UNPACK_SECONDS(u, v) ((v) = weir_unpack_int(u))
#define WEIR_UNPACK_SMALL(u, v) ((v) = weir_unpack_count(u))
#define WEIR_UNPACK_BOOL(u, v) ((v) = weir_unpack_bool(u))

/* What a column holds that an older, shorter array does not bring. */
#define WEIR_EMPTY_UUID(v) memset(v, 0, sizeof(v))
#define WEIR_EMPTY_TEXT(v) ((v) = WEIR_TEXT(""))
#define WEIR_EMPTY_TEXTS(v) ((v) = (weir_texts){ NULL, 0 })
#define WEIR_EMPTY_COUNT(v) ((v) = 0)
#define WEIR_EMPTY_MAP(v) ((v) = (weir_map){ NULL, 0 })
#define WEIR_EMPTY_TIME(v) ((v) = 0)
#define WEIR_EMPTY_COUNTRY(v) ((v) = WEIR_TEXT(""))
#define WEIR_EMPTY_DEGREES(v) ((v) = (double)NAN)
#define WEIR_EMPTY_SECONDS(v) ((v) = 0)
#define WEIR_EMPTY_SMALL(v) ((v) = 0)
#define WEIR_EMPTY_BOOL(v) ((v) = false)

/* One column as a member of a JSON object, spelled as ClickHouse's JSONEachRow spells it. */
void weir_row_json_uuid(weir_json *j, const char *key, const uint8_t id[16]);
void weir_row_json_text(weir_json *j, const char *key, weir_text v);
void weir_row_json_texts(weir_json *j, const char *key, weir_texts v);
void weir_row_json_count(weir_json *j, const char *key, uint64_t v);
void weir_row_json_map(weir_json *j, const char *key, weir_map v);
void weir_row_json_time(weir_json *j, const char *key, int64_t v);
void weir_row_json_degrees(weir_json *j, const char *key, double v);
void weir_row_json_seconds(weir_json *j, const char *key, int64_t v);

#define WEIR_JSON_UUID(j, k, v) weir_row_json_uuid(j, k, v)
#define WEIR_JSON_TEXT(j, k, v) weir_row_json_text(j, k, v)
#define WEIR_JSON_TEXTS(j, k, v) weir_row_json_texts(j, k, v)
#define WEIR_JSON_COUNT(j, k, v) weir_row_json_count(j, k, v)
#define WEIR_JSON_MAP(j, k, v) weir_row_json_map(j, k, v)
#define WEIR_JSON_TIME(j, k, v) weir_row_json_time(j, k, v)
#define WEIR_JSON_COUNTRY(j, k, v) weir_row_json_text(j, k, v)
#define WEIR_JSON_DEGREES(j, k, v) weir_row_json_degrees(j, k, v)
#define WEIR_JSON_SECONDS(j, k, v) weir_row_json_seconds(j, k, v)
#define WEIR_JSON_SMALL(j, k, v) weir_row_json_count(j, k, v)
#define WEIR_JSON_BOOL(j, k, v) weir_json_bool(j, k, v)

/*
 * The functions of a row type, out of its list of columns:
 *
 *	WEIR_ROW_FUNCTIONS(weir_event, WEIR_EVENT_COLUMNS, 7)
 *
 * defines weir_event_pack, weir_event_unpack and weir_event_json for struct
 * weir_event.  A packed row with fewer than least columns, or more than this
 * version knows, is refused; those that lack between are empty.
 */
#define WEIR_ROW_ONE(name, kind) +1
#define WEIR_ROW_PACK(name, kind) WEIR_PACK_##kind(&pk, row->name);
#define WEIR_ROW_UNPACK(name, kind)                    \
	if (left) {                                    \
		WEIR_UNPACK_##kind(&u, row->name);     \
		left--;                                \
	} else {                                       \
		WEIR_EMPTY_##kind(row->name);          \
	}
#define WEIR_ROW_JSON(name, kind) WEIR_JSON_##kind(j, #name, row->name);

#define WEIR_ROW_FUNCTIONS(type, COLUMNS, least)                                            \
	void type##_pack(const struct type *row, weir_str *out)                             \
	{                                                                                   \
		msgpack_packer pk;                                                          \
                                                                                            \
		weir_rowpack_init(&pk, out);                                                \
		msgpack_pack_array(&pk, COLUMNS(WEIR_ROW_ONE));                             \
		COLUMNS(WEIR_ROW_PACK)                                                      \
	}                                                                                   \
                                                                                            \
	weir_err type##_unpack(weir_arena *mem, weir_text in, struct type *row)             \
	{                                                                                   \
		struct weir_unpack u;                                                       \
		size_t left;                                                                \
                                                                                            \
		weir_unpack_init(&u, mem, in);                                              \
		left = weir_unpack_array(&u);                                               \
		if (left < (least) || left > (COLUMNS(WEIR_ROW_ONE)))                       \
			return u.err ? u.err : WEIR_EBADREQ;                                \
		COLUMNS(WEIR_ROW_UNPACK)                                                    \
		return weir_unpack_done(&u);                                                \
	}                                                                                   \
                                                                                            \
	void type##_json(weir_json *j, const char *key, const struct type *row)             \
	{                                                                                   \
		weir_json_obj(j, key);                                                      \
		COLUMNS(WEIR_ROW_JSON)                                                      \
		weir_json_end(j);                                                           \
	}
#endif
