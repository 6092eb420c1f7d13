#ifndef WEIR_INGEST_EVENT_H
#define WEIR_INGEST_EVENT_H
#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "ingest/pairs.h"
/*
 * An event row on its way from weir-track through Redis to ClickHouse's table
 * events.  In Redis it is a MessagePack array with one item per column, in the
 * order of WEIR_EVENT_COLUMNS; a new column is a new row at the end of the
 * list, and a shorter array from before is read with the column empty.
 *
 *   kind      C member            MessagePack          ClickHouse
 *   UUID      uint8_t [16]        bin                  UUID
 *   TEXT      weir_text           str                  String and its LowCardinality forms
 *   TEXTS     weir_texts          array of str         Array(String)
 *   COUNT     uint64_t            integer              UInt64
 *   MAP       weir_pairs          array k,v,k,v        Map(String, String)
 *   TIME      int64_t ms          integer              DateTime64(3)
 *   COUNTRY   weir_text           str                  FixedString(2), two NULs when empty
 *   DEGREES   double, NAN = NULL  float or nil         Nullable(Float32)
 *   SECONDS   int64_t s, 0 = NULL integer              Nullable(DateTime)
 *   SMALL     uint64_t            integer              UInt16, for larger values 65535
 *   BOOL      bool                bool                 Bool
 *
 * The last two are not in events, but in other tables whose rows are kept in
 * the same way (ingest/replayrow.h, ingest/botrow.h).
 */
typedef struct {
	weir_text *item;
	size_t count;
} weir_texts;

/* Keys and values of a Map column; weir_pairs of ingest/pairs.h hands over its array as { p.v, p.n }. */
typedef struct {
	struct weir_pair *item;
	size_t count;
} weir_map;

#define WEIR_EVENT_COLUMNS(X)      \
	X(id, UUID)                \
	X(name, TEXT)              \
	X(sdk_name, TEXT)          \
	X(sdk_version, TEXT)       \
	X(device_id, TEXT)         \
	X(profile_id, TEXT)        \
	X(project_id, TEXT)        \
	X(session_id, TEXT)        \
	X(groups, TEXTS)           \
	X(path, TEXT)              \
	X(origin, TEXT)            \
	X(referrer, TEXT)          \
	X(referrer_name, TEXT)     \
	X(referrer_type, TEXT)     \
	X(revenue, COUNT)          \
	X(duration, COUNT)         \
	X(properties, MAP)         \
	X(created_at, TIME)        \
	X(country, COUNTRY)        \
	X(city, TEXT)              \
	X(region, TEXT)            \
	X(longitude, DEGREES)      \
	X(latitude, DEGREES)       \
	X(os, TEXT)                \
	X(os_version, TEXT)        \
	X(browser, TEXT)           \
	X(browser_version, TEXT)   \
	X(device, TEXT)            \
	X(brand, TEXT)             \
	X(model, TEXT)             \
	X(imported_at, SECONDS)

#define WEIR_COLUMN_UUID(name) uint8_t name[16]
#define WEIR_COLUMN_TEXT(name) weir_text name
#define WEIR_COLUMN_TEXTS(name) weir_texts name
#define WEIR_COLUMN_COUNT(name) uint64_t name
#define WEIR_COLUMN_MAP(name) weir_map name
#define WEIR_COLUMN_TIME(name) int64_t name
#define WEIR_COLUMN_COUNTRY(name) weir_text name
#define WEIR_COLUMN_DEGREES(name) double name
#define WEIR_COLUMN_SECONDS(name) int64_t name
#define WEIR_COLUMN_SMALL(name) uint64_t name
#define WEIR_COLUMN_BOOL(name) bool name

struct weir_event {
#define X(name, kind) WEIR_COLUMN_##kind(name);
	WEIR_EVENT_COLUMNS(X)
#undef X
};

/* Appends the MessagePack form of the event to out. */
void weir_event_pack(const struct weir_event *row, weir_str *out);
/*
 * Reads it back; the texts are views into in, arrays lie in mem.  WEIR_EBADREQ
 * when it is not an event, or has more columns than this version knows.
 */
WEIR_MUSTCHECK weir_err weir_event_unpack(weir_arena *mem, weir_text in, struct weir_event *row);
/* The id of a packed event; false when it has none. */
bool weir_event_packed_id(weir_text in, uint8_t id[16]);
/* The row as a JSON object with the table's column names, for people (dead letters) and tests. */
void weir_event_json(weir_json *j, const char *key, const struct weir_event *row);
#endif
