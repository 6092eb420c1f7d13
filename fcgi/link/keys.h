#ifndef WEIR_LINK_KEYS_H
#define WEIR_LINK_KEYS_H
#include "base/arena.h"
#include "base/conf.h"
/*
 * Names of keys in Redis.  A project belongs to one shard; all keys of a shard
 * share the hash tag {PREFIX:SHARD}, so that one script may touch them on a
 * Redis Cluster.  What the keys hold is told in ingest/entry.h.
 */
#define WEIR_KEY_EVENTS "events"
#define WEIR_KEY_DEAD "dead"
#define WEIR_KEY_CLOCK "clock"
#define WEIR_KEY_GENERATION "gen"
#define WEIR_KEY_OWNER "owner"
#define WEIR_KEY_BATCH "batch"
#define WEIR_KEY_SERVER "server"
#define WEIR_KEY_WORKER "worker"
#define WEIR_KEY_NOTIFY "notify"
#define WEIR_KEY_VIEWS "views"
#define WEIR_KEY_SESSION "s"
#define WEIR_KEY_CLOSED "z"
#define WEIR_KEY_PROFILE "p"
#define WEIR_KEY_ENDED "h"
#define WEIR_KEY_OPEN "o"
#define WEIR_KEY_BACK "back"
#define WEIR_KEY_DUPLICATE "d"
#define WEIR_KEY_LAST "last"
#define WEIR_KEY_JOB "job"
#define WEIR_KEY_INSIGHTS "insights"
#define WEIR_KEY_DELETED "deleted"
#define WEIR_KEY_ERASED "erased"

/* The shard of a project, 0 .. shards - 1. */
unsigned weir_shard_of(weir_text project_id, unsigned shards);
/* "{weir:0}:name" or "{weir:0}:name:a:b" in the arena; a and b may be empty. {NULL, 0} on no memory. */
weir_text weir_key(weir_arena *mem, const struct weir_conf *conf, unsigned shard, const char *name, weir_text a, weir_text b);
/* The text as a pattern of SCAN that matches it alone; {NULL, 0} on no memory. */
weir_text weir_key_pattern(weir_arena *mem, weir_text text);
#endif
