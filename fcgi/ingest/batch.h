#ifndef WEIR_INGEST_BATCH_H
#define WEIR_INGEST_BATCH_H
#include "ingest/changed.h"
#include "ingest/entryrows.h"
#include "ingest/net.h"
#include "ingest/notice.h"
#include "ingest/pagelist.h"
#include "ingest/stream.h"
#include "ingest/touches.h"
/*
 * Entries of a stream on their way to becoming one INSERT per table: their ids, their
 * rows in column buffers, and the entries that cannot become rows at all.
 *
 *   weir_batch_add ... weir_batch_block ... weir_batch_clear
 *
 * The rows are copied out of the entries at once; memory is the size of the
 * blocks and of the batch's distinct sessions.  Buffers that grew beyond
 * what an ordinary batch needs are given back by weir_batch_clear.
 */
typedef struct {
	struct weir_entry_id *id;
	size_t count, alloc;
} weir_entry_ids;

typedef struct {
	struct weir_refused *item;
	size_t count, alloc;
} weir_refusals;

typedef struct {
	weir_entry_ids ids;
	weir_refusals refused;
	weir_native *native[WEIR_TABLES]; /* sessions: filled by weir_batch_block */
	weir_net *net;
	weir_pages *pages;                /* times spent on pages: in the rows, or kept for later */
	weir_touches touches;             /* of profiles, by the sessions that begin and end */
	weir_notices notices;             /* jobs that the entries' events bring */
	weir_changed changed;             /* days that the rows lie in */
	weir_arena *scratch;              /* of one entry or one session */
	size_t bytes;                     /* of the entries, about */
	bool replayed;                    /* an entry came from the dead stream */
} weir_batch;

WEIR_MUSTCHECK weir_err weir_batch_init(weir_batch *b);
void weir_batch_free(weir_batch *b);
void weir_batch_clear(weir_batch *b);

/* A weir_entry_fn with the batch as context. An entry that cannot become rows is noted in refused; errors are of memory only. */
WEIR_MUSTCHECK weir_err weir_batch_add(void *batch, struct weir_entry_id id, const struct weir_entry *entry);

/* Appends the table's rows as a Native block to out and forgets them; nothing when there are none. *rows tells how many. */
WEIR_MUSTCHECK weir_err weir_batch_block(weir_batch *b, enum weir_table t, weir_str *out, size_t *rows);
size_t weir_batch_rows(const weir_batch *b);
/* What the blocks will hold, about. */
size_t weir_batch_bytes(const weir_batch *b);

/* Notes what the entry tells about time spent on pages, for later, though its rows go another way. */
WEIR_MUSTCHECK weir_err weir_batch_keep_times(weir_batch *b, const struct weir_entry_rows *rows);

WEIR_MUSTCHECK weir_err weir_entry_ids_add(weir_entry_ids *ids, struct weir_entry_id id);
/* Notes a refusal behind those of the same entry; text is copied, at most 2000 bytes of it. */
WEIR_MUSTCHECK weir_err weir_refusals_add(weir_refusals *r, struct weir_entry_id id, const char *table, const char *text);
bool weir_refusals_has(const weir_refusals *r, struct weir_entry_id id, const char *table);
void weir_refusals_clear(weir_refusals *r);
#endif
