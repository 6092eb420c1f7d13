#ifndef WEIR_INGEST_REPLAYROW_H
#define WEIR_INGEST_REPLAYROW_H
#include "ingest/event.h"
/*
 * A piece of a recorded visit on its way from weir-track to ClickHouse's table
 * session_replay_chunks: a MessagePack array as ingest/event.h tells.  Times
 * are ms; payload is what the browser sent, JSON text that nobody looks into.
 */
#define WEIR_REPLAY_COLUMNS(X)          \
	X(project_id, TEXT)             \
	X(session_id, TEXT)             \
	X(chunk_index, SMALL)           \
	X(started_at, TIME)             \
	X(ended_at, TIME)               \
	X(events_count, SMALL)          \
	X(is_full_snapshot, BOOL)       \
	X(payload, TEXT)

struct weir_replay_row {
#define X(name, kind) WEIR_COLUMN_##kind(name);
	WEIR_REPLAY_COLUMNS(X)
#undef X
};

/* Appends the MessagePack form of the row to out. */
void weir_replay_row_pack(const struct weir_replay_row *row, weir_str *out);
/* Reads it back; texts are views into in.  WEIR_EBADREQ when it is none, or has more columns than this version knows. */
WEIR_MUSTCHECK weir_err weir_replay_row_unpack(weir_arena *mem, weir_text in, struct weir_replay_row *row);
/* The row as a JSON object with the table's column names. */
void weir_replay_row_json(weir_json *j, const char *key, const struct weir_replay_row *row);
#endif
