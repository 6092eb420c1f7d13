#ifndef WEIR_INGEST_TABLES_H
#define WEIR_INGEST_TABLES_H
#include "ingest/botrow.h"
#include "ingest/native.h"
#include "ingest/replayrow.h"
#include "ingest/session.h"
/*
 * The ClickHouse tables that weir-worker fills from the stream (spec/queries.md
 * 1.2): the INSERT of each, and how an event, a session, a chunk of a recorded
 * visit or what a bot did becomes a row of it.
 */
enum weir_table { WEIR_TABLE_EVENTS, WEIR_TABLE_SESSIONS, WEIR_TABLE_REPLAYS, WEIR_TABLE_BOTS };
enum { WEIR_TABLES = 4 };

const char *weir_table_name(enum weir_table t);
/* Appends "INSERT INTO events (id, ...) FORMAT Native". */
void weir_table_insert(enum weir_table t, weir_str *out);
/* A writer with the columns of that statement. */
weir_native *weir_table_native(enum weir_table t);
void weir_table_add_event(weir_native *n, const struct weir_event *e);
/* sign: 1 for a state that holds, -1 for one that holds no more. */
void weir_table_add_session(weir_native *n, const struct weir_session *s, int sign);
void weir_table_add_replay(weir_native *n, const struct weir_replay_row *r);
void weir_table_add_bot(weir_native *n, const struct weir_bot_row *b);
/* Gives the event in that row of the block (0 is the first) another duration, in ms. */
void weir_table_set_duration(weir_native *events, size_t row, int64_t ms);

/* What a UInt16 column holds of a count: 65535 for all that is larger, rather than its low bits. */
uint64_t weir_table_small(uint64_t v);

/* Whether a DateTime64(3) column can hold the time. */
bool weir_table_time_fits(int64_t ms);

/* Why ClickHouse could not keep such a row, or NULL: what Native would take without asking, or quietly make another value of. */
const char *weir_event_unfit(const struct weir_event *e);
const char *weir_session_unfit(const struct weir_session *s);
const char *weir_replay_unfit(const struct weir_replay_row *r);
const char *weir_bot_unfit(const struct weir_bot_row *b);
#endif
