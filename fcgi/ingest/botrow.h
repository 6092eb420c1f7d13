#ifndef WEIR_INGEST_BOTROW_H
#define WEIR_INGEST_BOTROW_H
#include "ingest/event.h"
/*
 * What a bot did, on its way from weir-track to ClickHouse's table
 * events_bots: a MessagePack array as ingest/event.h tells.
 */
#define WEIR_BOT_COLUMNS(X)             \
	X(id, UUID)                     \
	X(project_id, TEXT)             \
	X(name, TEXT)                   \
	X(type, TEXT)                   \
	X(path, TEXT)                   \
	X(created_at, TIME)

struct weir_bot_row {
#define X(name, kind) WEIR_COLUMN_##kind(name);
	WEIR_BOT_COLUMNS(X)
#undef X
};

/* Appends the MessagePack form of the row to out. */
void weir_bot_row_pack(const struct weir_bot_row *row, weir_str *out);
/* Reads it back; texts are views into in.  WEIR_EBADREQ when it is none, or has more columns than this version knows. */
WEIR_MUSTCHECK weir_err weir_bot_row_unpack(weir_arena *mem, weir_text in, struct weir_bot_row *row);
/* The row as a JSON object with the table's column names. */
void weir_bot_row_json(weir_json *j, const char *key, const struct weir_bot_row *row);
#endif
