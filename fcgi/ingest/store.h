#ifndef WEIR_INGEST_STORE_H
#define WEIR_INGEST_STORE_H
#include "ingest/batch.h"
#include "link/clickhouse.h"
/*
 * Brings the entries of a stream into ClickHouse, each exactly once, whatever
 * dies on the way.
 *
 * The plain way is INSERTs at the same time, one per table, each with a
 * deduplication token made of the table and of the batch's first and last id
 * and count; when all have been answered, the entries are settled (taken out
 * of the stream).  Before that the batch's name is kept in Redis.  Two batches
 * may be on their way at once, so that ClickHouse always has something to do,
 * and a third have arrived and be about to be settled: what is pending then is
 * one batch that is stored whole, and two that have the names.  They are
 * settled in the order of the stream, whichever arrives first: a time spent on
 * a page is told after the row that it is for.
 *
 * The careful way is taken for whatever was read and not settled: after a
 * crash, after an INSERT whose answer was not heard or was a refusal, after
 * another run of the Redis server, and for replayed entries.  It waits until
 * ClickHouse executes none of the shard's INSERTs any more.
 *   1. When the batch is one whose name was kept, and young enough for the
 *      table to remember its token, it is sent once more under that token:
 *      ClickHouse then completes what the first try left out, views included.
 *   2. ClickHouse is asked which rows it has (ingest/stored.h); it remembers a
 *      token before the rows are safe, so that its word about tokens is not
 *      enough.  The missing ones are sent under a token of their own.
 *   3. When that is refused because of a row, the entries are halved until the
 *      one at fault is alone; it goes to the dead stream, once per table that
 *      refuses it, and its rows of the other tables are stored as usual.  The
 *      rows that one entry brings to one table are kept or refused together.
 * Rows are made again from the stream for this, so that a batch needs no
 * memory while ClickHouse is away.
 *
 * Times spent on pages whose screen view is not in the batch are noted in Redis
 * in the step that settles the batch (ingest/pagetime.h).
 */
typedef struct weir_store weir_store;

/* Figures since the start, for the heartbeat. */
struct weir_store_figures {
	int64_t batches, entries, refused, failures;
	int64_t rows[WEIR_TABLES];
	int64_t notices;                           /* jobs of notification queued */
	int64_t page_times_lost;                   /* found no room to wait in */
	int64_t last_flush_ms, last_flush_took_ms; /* wall clock; 0 when there was none */
	int64_t failing_since_ms;                  /* 0 when the last try went well */
	char error[512];                           /* of the last failure */
};

/* All three outlive the store. NULL on no memory. */
weir_store *weir_store_new(const struct weir_conf *conf, weir_ch *ch, weir_stream *stream);
void weir_store_free(weir_store *s);
/* Events are held against these rules from now on; they outlive the store. The batches that it is given have the same. */
void weir_store_notify(weir_store *s, const weir_rules *rules);
const struct weir_store_figures *weir_store_figures(const weir_store *s);

/*
 * The plain way.  Takes the batch's rows and ids, clears it, and starts the
 * INSERTs.  WEIR_OK when they run.
 */
WEIR_MUSTCHECK weir_err weir_store_start(weir_store *s, weir_batch *b);
/* How many batches are on their way; another one may be started when these are fewer than WEIR_BATCHNAMES. */
size_t weir_store_under_way(const weir_store *s);
/* Moves them on for at most wait_ms; true when the answers of the oldest are there. */
bool weir_store_step(weir_store *s, int wait_ms);
/*
 * When the answers are there: the oldest has arrived, and is to be settled before the next one lands; another may be
 * started before that.  On any error of these three its entries and those of the batches behind it are still pending, and
 * the careful way has to be gone, after weir_store_finish.
 */
WEIR_MUSTCHECK weir_err weir_store_land(weir_store *s);
/* Settles what has arrived, if anything has. */
WEIR_MUSTCHECK weir_err weir_store_settle(weir_store *s);
/* Settles what has arrived, waits for what is on its way, and settles that. */
WEIR_MUSTCHECK weir_err weir_store_finish(weir_store *s);

/* The careful way, for all entries that were read and not settled, oldest first. WEIR_OK when none is left. */
WEIR_MUSTCHECK weir_err weir_store_recover(weir_store *s, weir_batch *b);
#endif
