#ifndef WEIR_INGEST_ROWS_H
#define WEIR_INGEST_ROWS_H
#include "ingest/botrow.h"
#include "ingest/entry.h"
#include "ingest/replayrow.h"
#include "ingest/session.h"
/*
 * What an entry of the events stream (ingest/entry.h) becomes in ClickHouse.
 * Pure: no I/O, the same entry always gives the same rows with the same ids,
 * so that rows can be made again from the stream whenever a batch is repeated.
 *
 *   kind  rows of events                       rows of sessions
 *   n     session_start, the event             +s
 *   x     the event                            +s -o
 *   b     session_end of o, session_start,     +s
 *         the event
 *   -     the event                            none
 *   e     session_end of o                     none
 *   r     none, but a row of session_replay_chunks
 *   t     none, but a row of events_bots
 *
 * session_start is the event itself 100 ms earlier, without revenue;
 * session_end is made of the closed session alone (spec/ingest.md 6.4, 6.7
 * and 11 item 16).  An event takes over from its session what spec/ingest.md
 * 6.3 and 6.4 say.
 *
 * The time spent on a page is known when the next screen view of the session
 * comes, or with the session's end, until its last event.  It belongs to an
 * earlier entry's event, and comes beside the rows.
 */
struct weir_entry {
	weir_text id;            /* "1700000000000-0" */
	char kind;
	weir_text ev, s, o;      /* {NULL, 0} when absent */
	unsigned skip;           /* 1: no session_start, 2: not the event itself (WEIR_SKIP_ of ingest/deliver.h) */
	weir_text only;          /* name of a table: a replayed entry whose other rows are stored; else {NULL, 0} */
};

/* A page was looked at for so long: what its event's duration becomes. */
struct weir_page_time {
	uint8_t id[16];         /* of the screen view */
	weir_text project_id;
	int64_t at, spent;      /* ms: when it was, for how long */
};

struct weir_entry_rows {
	struct weir_event event[3];
	size_t events;
	bool has_after, has_before; /* session rows: after with sign 1, before with sign -1 */
	struct weir_session after, before;
	size_t replays, bots;       /* 0 or 1 */
	struct weir_replay_row replay;
	struct weir_bot_row bot;
	struct weir_page_time page[2];
	size_t pages;
};

/*
 * Fills rows; texts are views into the entry, the rest lies in mem.
 * WEIR_EBADREQ when the entry is damaged; *why then says how.
 */
WEIR_MUSTCHECK weir_err weir_rows_of_entry(weir_arena *mem, const struct weir_entry *entry, struct weir_entry_rows *rows, const char **why);
#endif
