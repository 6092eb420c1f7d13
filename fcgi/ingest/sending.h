#ifndef WEIR_INGEST_SENDING_H
#define WEIR_INGEST_SENDING_H
#include "ingest/batchname.h"
#include "ingest/dues.h"
#include "link/clickhouse.h"
/*
 * One batch on its way into ClickHouse: an INSERT per table, at the same time,
 * each with its token; and what is due when all have been answered.
 */
struct weir_sending {
	struct weir_dues dues;
	char name[WEIR_BATCHNAME_MAX];
	/* one for each table that the batch brings rows to */
	struct weir_ch_load load[WEIR_TABLES];
	enum weir_table table[WEIR_TABLES];
	size_t loads;
	weir_str block[WEIR_TABLES];            /* by table */
	char token[WEIR_TABLES][WEIR_TOKEN_MAX];
	weir_ch_flight *flight;                 /* NULL when there is nothing to be sent, too */
};

/* WEIR_ENOMEM; weir_sending_free is due all the same. */
WEIR_MUSTCHECK weir_err weir_sending_init(struct weir_sending *s);
/* Waits for what is on its way. */
void weir_sending_free(struct weir_sending *s);

/* The batch's ids give it its name; the batch must have some. */
weir_text weir_sending_call(struct weir_sending *s, const weir_batch *b);
/* Takes what the batch holds, clears it, and starts the INSERTs; insert: the statements by table.  On an error nothing is on its way. */
WEIR_MUSTCHECK weir_err weir_sending_start(struct weir_sending *s, const struct weir_conf *conf, unsigned shard, weir_ch *ch,
	const weir_str insert[WEIR_TABLES], weir_batch *b);
/* Moves it on for at most wait_ms; true when the answers are there. */
bool weir_sending_step(struct weir_sending *s, int wait_ms);
/* Waits for the answers.  The first error, its text in *why; the dues stay. */
WEIR_MUSTCHECK weir_err weir_sending_end(struct weir_sending *s, const char **why);

/* A block's buffer between batches: what is larger than usual is given back. */
void weir_block_trim(weir_str *block);
void weir_block_init(weir_str *block);
#endif
