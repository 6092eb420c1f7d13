#ifndef WEIR_INGEST_ENTRYROWS_H
#define WEIR_INGEST_ENTRYROWS_H
#include "ingest/rows.h"
#include "ingest/tables.h"
/*
 * The rows that an entry brings to one table, whichever table that is.  Rows of
 * sessions are none of these: they are netted first (ingest/net.h), and the
 * functions find no rows for that table.
 */
size_t weir_entry_rows_count(const struct weir_entry_rows *rows, enum weir_table t);
/* Why ClickHouse could not keep one of them, or NULL. */
const char *weir_entry_rows_unfit(const struct weir_entry_rows *rows, enum weir_table t);
/* Appends row number i. */
void weir_entry_rows_add(const struct weir_entry_rows *rows, enum weir_table t, size_t i, weir_native *n);

/* What a row is told from others by, when ClickHouse is asked whether it has it (ingest/stored.h). */
struct weir_row_key {
	uint8_t id[16];       /* its id; of a replay chunk, which has none, the MD5 of its other columns and its payload's length */
	weir_text look;       /* text that finds it quickly: the id, or the chunk's session */
	weir_text project_id;
	int64_t at;           /* created_at or started_at, ms */
	bool present;         /* the answer */
};
/* Texts are copied into mem. WEIR_ENOMEM, or WEIR_EINTERNAL when a digest fails. */
WEIR_MUSTCHECK weir_err weir_entry_rows_key(weir_arena *mem, const struct weir_entry_rows *rows, enum weir_table t, size_t i,
	struct weir_row_key *key);
/* The key of a row of events that is no entry's. */
WEIR_MUSTCHECK weir_err weir_event_key(weir_arena *mem, const struct weir_event *e, weir_text project_id, struct weir_row_key *key);
#endif
