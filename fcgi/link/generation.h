#ifndef WEIR_LINK_GENERATION_H
#define WEIR_LINK_GENERATION_H
#include "base/conf.h"
#include "link/redis.h"
/*
 * Tells the responders that clients, projects or salts have changed: the
 * counter {PREFIX:SHARD}:gen goes up, and what weir-track remembers of the
 * shard's clients is read from PostgreSQL again.
 *
 * Call it after the commit.  Without it (Redis away) a change is seen when
 * track.client_ttl has passed.
 */

/* project_id: the project that changed; empty means all shards (an organization-wide client, a salt). */
WEIR_MUSTCHECK weir_err weir_generation_bump(weir_redis *redis, weir_arena *mem, const struct weir_conf *conf, weir_text project_id);
#endif
