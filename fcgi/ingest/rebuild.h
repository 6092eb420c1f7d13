#ifndef WEIR_INGEST_REBUILD_H
#define WEIR_INGEST_REBUILD_H
#include "ingest/batch.h"
#include "link/clickhouse.h"
/*
 * Rows of entries that were read before, made once more from the stream: all
 * of them, or those that ClickHouse does not have.
 */
enum { WEIR_REBUILD_MAX = 128 * 1024 * 1024 };

struct weir_rebuild {
	weir_ch *ch;                      /* asked which rows it has; NULL takes all rows */
	weir_stream *stream;
	const struct weir_entry_id *ids;  /* these entries, ascending */
	size_t count;
	enum weir_table table;
	weir_refusals *refused;           /* what cannot be a row is noted here */
	bool *brings;                     /* by table: set when an entry brings rows to it; WEIR_TABLES of them, or NULL */
	weir_changed *changed;            /* the days of all rows, missing or not, are added here; may be NULL */
	weir_notices *notices;            /* the jobs of all events, missing or not, are added here, and no rows are made; may be NULL */
};

/*
 * Fills the table's columns of b, which must be empty, and with those of events
 * its page times; none of them is put into a row, since the view's row may be
 * stored already.  Errors: those of
 * link/redis.h and link/clickhouse.h, WEIR_ENOMEM, WEIR_ELIMIT when several
 * entries bring more than WEIR_REBUILD_MAX bytes.  An entry that somebody has
 * deleted gives no rows.
 */
WEIR_MUSTCHECK weir_err weir_rebuild(const struct weir_rebuild *r, weir_batch *b);
#endif
