#ifndef WEIR_INGEST_BACKFILL_H
#define WEIR_INGEST_BACKFILL_H
#include "ingest/eventsupdate.h"
#include "link/redis.h"
/*
 * What a visitor did before he was identified (spec/ingest.md 7.7; setting
 * worker.profile_backfill): when a session has ended that belongs to a profile,
 * its events that have no other than their device get that profile.  Events
 * that named a profile of their own keep it.
 *
 * Ended sessions are noted (ingest/touches.h) in the hash
 * {PREFIX:SHARD}:backfill, by session, before their entries are settled: by
 * then their events are in ClickHouse.  Some times a minute those noted are
 * written by one lightweight UPDATE and forgotten.  Whatever dies in between,
 * the statement comes again with the same values.
 */
#define WEIR_KEY_BACKFILL "backfill"

struct weir_backfill {
	weir_text project_id, session_id, profile_id;
	int64_t first_ms, last_ms; /* of its events */
};

/* Field and value of the hash, packed one after the other. */
void weir_backfill_pack(const struct weir_backfill *b, weir_str *out);
/*
 * Writes what is noted; *more when some is left.  WEIR_EBADGATEWAY when
 * ClickHouse refuses (nothing is forgotten), and the errors of link/redis.h
 * and link/clickhouse.h.
 */
WEIR_MUSTCHECK weir_err weir_backfill_write(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, unsigned shard, bool *more);
#endif
