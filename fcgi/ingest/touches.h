#ifndef WEIR_INGEST_TOUCHES_H
#define WEIR_INGEST_TOUCHES_H
#include "ingest/rows.h"
#include "link/redis.h"
/*
 * What the beginnings and ends of sessions say about profiles (spec/ingest.md
 * 6.5): collected from the rows of a batch, and told to sql/redis/people.lua
 * before the batch's entries are settled, so that a crash repeats them and
 * loses none.  Telling something twice is harmless.
 */
typedef struct {
	weir_str packed;   /* member, state, member ... in MessagePack, without the array's head */
	size_t *end;       /* of each touch in packed */
	size_t count, alloc;
	weir_str ended;    /* sessions of profiles, as weir_backfill_pack packs them */
	size_t ended_count;
} weir_touches;

void weir_touches_init(weir_touches *t);
void weir_touches_free(weir_touches *t);
void weir_touches_clear(weir_touches *t);
/* Collects from session_start and session_end among the rows. */
WEIR_MUSTCHECK weir_err weir_touches_add(weir_touches *t, const struct weir_entry_rows *rows);
/* Tells what was collected; all of it belongs to the shard. Ended sessions are noted when worker.profile_backfill is on. */
WEIR_MUSTCHECK weir_err weir_touches_send(weir_touches *t, weir_redis *redis, const struct weir_conf *conf, unsigned shard);
#endif
