#ifndef WEIR_INGEST_DUES_H
#define WEIR_INGEST_DUES_H
#include "ingest/batch.h"
/* What is due for a batch when its rows are in ClickHouse; ingest/store.h does it. */
struct weir_dues {
	weir_entry_ids ids;
	weir_str pages;               /* page times that go to Redis when the ids are settled, as weir_pages_pack makes them */
	weir_refusals refused;
	weir_touches touches;
	weir_changed changed;         /* the days that the rows lie in */
	weir_notices notices;
	size_t rows[WEIR_TABLES];     /* that were sent */
	int64_t started_ms;           /* monotonic */
};

/* WEIR_ENOMEM; weir_dues_free is due all the same. */
WEIR_MUSTCHECK weir_err weir_dues_init(struct weir_dues *p);
void weir_dues_free(struct weir_dues *p);
void weir_dues_clear(struct weir_dues *p);
/* What the batch has of this changes hands, and the room for it the other way: the batch is to be cleared. Errors latch in pages. */
void weir_dues_take(struct weir_dues *p, weir_batch *b);
#endif
