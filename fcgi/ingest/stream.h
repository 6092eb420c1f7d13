#ifndef WEIR_INGEST_STREAM_H
#define WEIR_INGEST_STREAM_H
#include "ingest/changed.h"
#include "ingest/rows.h"
#include "ingest/touches.h"
#include "link/redis.h"
/*
 * One shard's stream of accepted events, as its consumer sees it.
 *
 * The lease: one process at a time consumes a stream.  weir_stream_hold takes
 * or renews it; every step that writes is preceded by it, for longer than the
 * step may last, and settling checks it inside Redis.  A worker that finds the
 * lease with another forgets what it has read: the other reads it again.
 *
 * Entries are read with the consumer group "writers".  Settling takes them out
 * of the stream, so that what is there up to the group's last entry was read
 * and not settled, and comes first after any crash.  Redis keeps no list of
 * pending entries beside it: that would cost it more than reading does.
 *
 * Errors: those of link/redis.h; WEIR_ECONFLICT when the lease is another's.
 */
typedef struct weir_stream weir_stream;

/* redis and conf stay the caller's and outlive it. NULL on no memory. */
weir_stream *weir_stream_new(const struct weir_conf *conf, weir_redis *redis, unsigned shard);
void weir_stream_free(weir_stream *st);
unsigned weir_stream_shard(const weir_stream *st);

/* The longest time between two weir_stream_hold during which the lease is certain. */
int64_t weir_stream_lease_ms(const weir_stream *st);
/* batch ("" for none) is kept as what is about to be written. WEIR_ECONFLICT: *other (may be NULL) names the holder until the next call. */
WEIR_MUSTCHECK weir_err weir_stream_hold(weir_stream *st, weir_text batch, weir_text *other);
/* What the last weir_stream_hold with a batch kept, appended to out; nothing when there is none. */
WEIR_MUSTCHECK weir_err weir_stream_batch(weir_stream *st, weir_str *out);
/* Gives the lease up when it is ours. */
void weir_stream_release(weir_stream *st);
/*
 * True for a while after the worker has met another run of the Redis server
 * than the one it last read from: after a power cut Redis may have come back
 * without its last second, and with entries in the stream that were stored and
 * settled in that second.
 */
bool weir_stream_doubtful(const weir_stream *st);

/* An entry's id as numbers. */
struct weir_entry_id {
	uint64_t ms, seq;
};
enum { WEIR_ENTRY_ID_MAX = 48 };
/* "1700000000000-0" in buf. */
weir_text weir_entry_id_text(struct weir_entry_id id, char buf[WEIR_ENTRY_ID_MAX]);
bool weir_entry_id_parse(weir_text t, struct weir_entry_id *id);
int weir_entry_id_cmp(struct weir_entry_id a, struct weir_entry_id b);

/*
 * Called for every entry read, in order; entry lives during the call.  An
 * entry that was deleted from outside comes with kind 0 and no fields.  An
 * error ends the reading and is handed on.
 */
typedef weir_err (*weir_entry_fn)(void *ctx, struct weir_entry_id id, const struct weir_entry *entry);

/*
 * So many entries may be in memory at once, whatever they are (a chunk of a recorded visit is up to 2.5 MB), and so many
 * such steps be asked for in one round trip.
 */
enum { WEIR_STREAM_STEP = 25, WEIR_STREAM_STEPS = 8, WEIR_STREAM_READ = WEIR_STREAM_STEP * WEIR_STREAM_STEPS };
/* At most count entries that no one has read, WEIR_STREAM_READ at most; *got tells how many there were. */
WEIR_MUSTCHECK weir_err weir_stream_read_new(weir_stream *st, size_t count, weir_entry_fn fn, void *ctx, size_t *got);
/* Ids of at most count entries after an id that were read and not settled, appended to ids (room for count); *got tells how many. */
WEIR_MUSTCHECK weir_err weir_stream_pending(weir_stream *st, struct weir_entry_id after, size_t count, struct weir_entry_id *ids, size_t *got);
/* At most count entries of the stream from first to last, read or not. */
WEIR_MUSTCHECK weir_err weir_stream_read_range(weir_stream *st, struct weir_entry_id first, struct weir_entry_id last, size_t count,
	weir_entry_fn fn, void *ctx, size_t *got);

/* An entry that ClickHouse refused; table is the table's name, or "entry" (not readable). */
struct weir_refused {
	struct weir_entry_id id;
	const char *table;
	char *error; /* malloc'd */
};
/* A job of notification that an entry brings (ingest/notice.h): its id, and its packed form. */
struct weir_notice {
	struct weir_entry_id entry;
	weir_text id, job;
};
/* What is settled at once; refusals of one entry lie side by side. */
struct weir_settlement {
	const struct weir_entry_id *ids;
	size_t count;
	const struct weir_refused *refused;
	size_t nrefused;
	const struct weir_notice *notices;
	size_t nnotices;
	weir_text pages;               /* page times, noted in the same step, as weir_pages_pack makes them */
};
/* What found no room to wait in. */
struct weir_overflow {
	size_t notices;                /* notify.queue_max */
	size_t page_times;             /* a million */
};
/*
 * Takes entries out of the stream, the refused ones into the dead stream, and
 * the jobs of each entry into the queue of notifications in the same step as
 * the entry.  *over tells what found no room.
 */
WEIR_MUSTCHECK weir_err weir_stream_settle(weir_stream *st, const struct weir_settlement *what, struct weir_overflow *over);

/* Page times that were noted: id and value as they lie in the hash. */
struct weir_noted_page {
	weir_text id, value;
};
typedef weir_err (*weir_noted_page_fn)(void *ctx, const struct weir_noted_page *page);
/* Hands over about count of them, some perhaps twice; *cursor is 0 at first, and again when all have been seen. */
WEIR_MUSTCHECK weir_err weir_stream_pages(weir_stream *st, uint64_t *cursor, size_t count, weir_noted_page_fn fn, void *ctx);
/* Removes those that are still as they were. pages: id and value of each, MessagePack, one after the other. */
WEIR_MUSTCHECK weir_err weir_stream_pages_done(weir_stream *st, weir_text pages);
/* The days that stored rows lie in, for whoever keeps what he has read of them (link/changes.h). */
WEIR_MUSTCHECK weir_err weir_stream_changed(weir_stream *st, weir_changed *changed);
/* What the entries say about profiles, to the shard's states of them (ingest/touches.h). */
WEIR_MUSTCHECK weir_err weir_stream_touch(weir_stream *st, weir_touches *touches);

/* Waiting entries, and the server ms of the oldest (0 when there is none). */
WEIR_MUSTCHECK weir_err weir_stream_queue(weir_stream *st, int64_t *length, int64_t *oldest_ms);
/* Jobs of notification that wait. */
WEIR_MUSTCHECK weir_err weir_stream_waiting(weir_stream *st, int64_t *notices, int64_t *page_times);
/* One step of the reaper (sql/redis/reap.lua); *more when it should be called again at once. */
WEIR_MUSTCHECK weir_err weir_stream_reap(weir_stream *st, int64_t *ended, bool *more);
#endif
