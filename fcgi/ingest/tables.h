#ifndef WEIR_INGEST_TABLES_H
#define WEIR_INGEST_TABLES_H
#include "ingest/native.h"
#include "ingest/session.h"
/*
 * The two ClickHouse tables that weir-worker fills (spec/queries.md 1.2): the
 * INSERT of each, and how an event or a session becomes a row of it.
 */
enum weir_table { WEIR_TABLE_EVENTS, WEIR_TABLE_SESSIONS };
enum { WEIR_TABLES = 2 };

const char *weir_table_name(enum weir_table t);
/* Appends "INSERT INTO events (id, ...) FORMAT Native". */
void weir_table_insert(enum weir_table t, weir_str *out);
/* A writer with the columns of that statement. */
weir_native *weir_table_native(enum weir_table t);
void weir_table_add_event(weir_native *n, const struct weir_event *e);
/* sign: 1 for a state that holds, -1 for one that holds no more. */
void weir_table_add_session(weir_native *n, const struct weir_session *s, int sign);

/* Why ClickHouse could not keep such a row, or NULL: what Native would take without asking, or quietly make another value of. */
const char *weir_event_unfit(const struct weir_event *e);
const char *weir_session_unfit(const struct weir_session *s);
#endif
