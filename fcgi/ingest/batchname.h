#ifndef WEIR_INGEST_BATCHNAME_H
#define WEIR_INGEST_BATCHNAME_H
#include "ingest/batch.h"
/*
 * What batches are called: the name under which Redis remembers one that is on
 * its way ("FIRST LAST COUNT MS": ids, and the wall clock when it left), and the
 * tokens under which ClickHouse remembers its INSERTs.
 */
enum {
	WEIR_BATCHNAME_MAX = 160,
	WEIR_BATCHNAMES = 2,           /* on their way at once */
	WEIR_TOKEN_MAX = 384,
};

/* ids: at least one. */
weir_text weir_batchname(const weir_entry_ids *ids, int64_t ms, char buf[WEIR_BATCHNAME_MAX]);

/* A named batch among ids: those from lo to before hi. */
struct weir_named {
	size_t lo, hi;
	int64_t ms;
};
/*
 * Looks for the batches of names (one a line, oldest first) among ids, which
 * ascend.  Those that lie there whole come into named, in order; what is
 * unreadable or not whole is left out.  The answer is how many.
 */
size_t weir_batchname_find(weir_text names, const weir_entry_ids *ids, struct weir_named named[WEIR_BATCHNAMES]);

/* The token of a batch's, or a group's, INSERT into a table: the same whenever the same entries are sent as one. */
void weir_token_of(const struct weir_conf *conf, unsigned shard, const char *table, const struct weir_entry_id *ids, size_t count,
	char out[WEIR_TOKEN_MAX]);
/* One that no INSERT had before. */
void weir_token_fresh(const struct weir_conf *conf, unsigned shard, char out[WEIR_TOKEN_MAX]);
/* What all tokens of the shard start with. */
weir_text weir_token_mark(const struct weir_conf *conf, unsigned shard, char out[WEIR_TOKEN_MAX]);
#endif
