#ifndef WEIR_INGEST_PEOPLEFLUSH_H
#define WEIR_INGEST_PEOPLEFLUSH_H
#include "link/clickhouse.h"
#include "link/redis.h"
#include <stdint.h>
/*
 * Dirty profiles and groups of one shard (ingest/people.h), from Redis to
 * ClickHouse: reads states, reads the rows of those that were begun without
 * one and lets the script merge them, writes rows, and marks as clean what has
 * not changed meanwhile.  The tables keep the newest version of a row, so that
 * writing one twice is harmless and a step that fails is simply done again.
 *
 * A row that ClickHouse refuses goes to the dead stream (ingest/deadletter.h)
 * with its error; it holds no other up.
 */
typedef struct weir_people_flush weir_people_flush;

struct weir_people_figures {
	int64_t profile_rows, group_rows, refused, failures;
	char error[512];           /* of the last failure */
};

/* conf, redis and ch outlive it. NULL on no memory. */
weir_people_flush *weir_people_flush_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, unsigned shard);
void weir_people_flush_free(weir_people_flush *f);
const struct weir_people_figures *weir_people_figures(const weir_people_flush *f);

/*
 * A step of a page of the oldest; it never waits for ClickHouse.  *again_ms: in
 * how many ms there is more to do, -1 when nothing is waiting.  many_events:
 * four fifths of the time are theirs.  After a failure it does nothing for a
 * while that grows up to half a minute, and tells WEIR_EUNAVAIL: ClickHouse
 * being away is not to hold up the events.
 */
WEIR_MUSTCHECK weir_err weir_people_flush_step(weir_people_flush *f, bool many_events, int64_t *again_ms);
/* Page after page for about budget_ms, waiting for each; *more when others wait; failures as above. */
WEIR_MUSTCHECK weir_err weir_people_flush_run(weir_people_flush *f, int64_t budget_ms, bool *more);
/* Forgets the page on its way, if there is one: the states are another's to write from now on. It may be written all the same. */
void weir_people_flush_drop(weir_people_flush *f);
#endif
