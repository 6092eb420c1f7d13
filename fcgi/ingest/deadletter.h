#ifndef WEIR_INGEST_DEADLETTER_H
#define WEIR_INGEST_DEADLETTER_H
#include "base/jsonw.h"
#include "ingest/rows.h"
#include "link/redis.h"
/*
 * The dead stream of a shard: entries whose rows ClickHouse refused
 * (ingest/entry.h), and profiles and groups (ingest/people.h), for weirctl
 * deadletter.  An entry stands there once per
 * table that refused it; what it means for the other table has been stored.
 * Nothing leaves the stream but by replay or removal.
 *
 * Replaying puts the entry back at the end of the events stream, for the rows
 * that are missing only; ids of rows are made of the entry's content, and the
 * worker asks ClickHouse for them before it writes, so that a row never comes
 * twice.  An entry refused again comes back here.
 *
 * Errors: those of link/redis.h, WEIR_ENOTFOUND for an id that is not there.
 */
struct weir_dead {
	weir_text id;              /* in the dead stream */
	weir_text from;            /* its id in the events stream */
	weir_text table;           /* name of the table that refused it, or "entry": not readable */
	weir_text error;
	int64_t at_ms;
	struct weir_entry entry;
};

typedef weir_err (*weir_dead_fn)(void *ctx, const struct weir_dead *dead);

/* Entries behind the id after ({NULL, 0}: from the first), oldest first, at most count; dead lives during the call. */
WEIR_MUSTCHECK weir_err weir_dead_each(weir_redis *redis, const struct weir_conf *conf, unsigned shard, weir_text after, size_t count,
	weir_dead_fn fn, void *ctx);
WEIR_MUSTCHECK weir_err weir_dead_count(weir_redis *redis, const struct weir_conf *conf, unsigned shard, int64_t *count);
WEIR_MUSTCHECK weir_err weir_dead_replay(weir_redis *redis, const struct weir_conf *conf, unsigned shard, weir_text id);
/* Takes it away for good. */
WEIR_MUSTCHECK weir_err weir_dead_remove(weir_redis *redis, const struct weir_conf *conf, unsigned shard, weir_text id);

/*
 * {"id","from","table","error","at","kind","event":{...},"session":{...},"sessionBefore":{...}}, or "profile" or "group"
 * in the place of these three; parts that cannot be read are left out.
 */
WEIR_MUSTCHECK weir_err weir_dead_json(weir_json *j, const char *key, const struct weir_dead *dead);
#endif
