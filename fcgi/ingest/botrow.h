#ifndef WEIR_INGEST_BOTROW_H
#define WEIR_INGEST_BOTROW_H
#include "ingest/event.h"
/*
 * A row of the table events_bots on its way: what a robot asked for (spec/
 * ingest.md 3.3).  In Redis it is a MessagePack array like that of an event
 * (ingest/event.h tells the kinds and how the list may grow), in an entry of
 * kind t.
 */
#define WEIR_BOT_COLUMNS(X)  \
	X(id, UUID)          \
	X(project_id, TEXT)  \
	X(name, TEXT)        \
	X(type, TEXT)        \
	X(path, TEXT)        \
	X(created_at, TIME)

struct weir_bot_row {
#define X(name, kind) WEIR_COLUMN_##kind(name);
	WEIR_BOT_COLUMNS(X)
#undef X
};

/* Appends the MessagePack form of the row to out. */
void weir_bot_row_pack(const struct weir_bot_row *row, weir_str *out);
/* Reads it back; the texts are views into in. WEIR_EBADREQ when it is no such row, or has more columns than this version knows. */
WEIR_MUSTCHECK weir_err weir_bot_row_unpack(weir_arena *mem, weir_text in, struct weir_bot_row *row);
/* The row as a JSON object with the table's column names, for people (dead letters) and tests. */
void weir_bot_row_json(weir_json *j, const char *key, const struct weir_bot_row *row);
#endif
