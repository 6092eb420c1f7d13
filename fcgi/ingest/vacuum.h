#ifndef WEIR_INGEST_VACUUM_H
#define WEIR_INGEST_VACUUM_H
#include "base/conf.h"
#include "link/redis.h"
#include <stdint.h>
/*
 * What sessions may leave behind in Redis when something went wrong, cleared
 * away in steps by SCAN (spec/ingest.md 7.2, 8):
 *
 *   a state that the clock does not know, its last event older than
 *   worker.vacuum_age     goes back to the clock, so that the reaper ends it as it should
 *   a state that cannot be read                        is removed
 *   a member of the clock that has no state            is removed
 *   a pointer of a profile to a session that is not there, or is another profile's   is removed
 *
 * Closed ids and digests of requests expire by themselves.
 */
struct weir_vacuum {
	unsigned shard;
	char cursor[32];               /* "0" at the beginning of a shard */
	int64_t returned, states, members, pointers; /* so far */
};

void weir_vacuum_init(struct weir_vacuum *v);
/* One step of some milliseconds; *more while there is something left. */
WEIR_MUSTCHECK weir_err weir_vacuum_step(struct weir_vacuum *v, weir_redis *redis, const struct weir_conf *conf, int64_t now_ms, bool *more);
#endif
