#ifndef WEIR_INGEST_STORED_H
#define WEIR_INGEST_STORED_H
#include "ingest/entryrows.h"
#include "ingest/net.h"
#include "link/clickhouse.h"
/*
 * What of a batch is in ClickHouse already: asked whenever an INSERT may have
 * happened without its answer being heard.  The answer is exact as long as no
 * INSERT of the same rows is running.
 *
 * Errors: those of link/clickhouse.h.
 */
/* An INSERT whose token starts with mark is being executed by the node that is asked; false as well when it does not tell. */
WEIR_MUSTCHECK weir_err weir_stored_is_busy(weir_ch *c, weir_text mark, bool *busy);
/* The table remembers the tokens of INSERTs: it is replicated, or has a deduplication window. */
WEIR_MUSTCHECK weir_err weir_stored_remembers(weir_ch *c, const char *table, bool *remembers);

/* Fills present of each key, all of one table other than sessions. At most a few thousand at once. */
WEIR_MUSTCHECK weir_err weir_stored_rows(weir_ch *c, weir_arena *mem, enum weir_table t, struct weir_row_key *keys, size_t count);

/*
 * Session rows cannot be looked for one by one, since ClickHouse merges a
 * state with its opposite away.  What remains of a session is the sum of signs
 * per version; from it follows whether a row still has to be written:
 *
 *   +1 of version v   when the sum of v is negative (its opposite came first),
 *                     or 0 and no higher version holds
 *   -1 of version v   when v holds (sum positive), or its +1 is yet to come
 *                     from the dead stream: the sum is 0 and no higher version
 *                     holds
 */
WEIR_MUSTCHECK weir_err weir_stored_sessions(weir_ch *c, weir_arena *mem, const struct weir_net_row *rows, size_t count, bool *missing);

/* The rule itself: held are versions with their sums, of one session. */
struct weir_held {
	uint64_t version;
	int64_t sum;
};
bool weir_session_row_missing(const struct weir_held *held, size_t count, uint64_t version, int sign);
#endif
