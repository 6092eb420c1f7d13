#ifndef WEIR_TRPC_API_H
#define WEIR_TRPC_API_H
#include "ingest/visitor.h"
#include "link/clickhouse.h"
#include "link/postgres.h"
#include "link/redis.h"
#include "link/req.h"
#include "link/cookie.h"
#include "meta/recent.h"
/*
 * tRPC over HTTP as @trpc/server 11 speaks it (spec/trpc-metadata.md 1): GET
 * queries, POST mutations, batches, superjson both ways.
 *
 * struct weir_api is what lives as long as the process; the main owns it.
 */
struct weir_api {
	const struct weir_conf *conf;
	weir_pg *pg;
	weir_redis *redis;
	weir_ch *ch;
	struct weir_recent *recent;    /* meta/recent.h */
	struct weir_cookie_rule cookies;
	int64_t cache_away_ms;         /* monotonic: until then Redis is not asked for kept answers */
	struct weir_ip_rule ips;       /* whose forwarding headers count, for rate limits */
};

/* Answers a request whose path is /trpc or begins with /trpc/. */
void weir_trpc_serve(struct weir_api *api, struct weir_req *r);
#endif
