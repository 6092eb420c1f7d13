#ifndef WEIR_REST_REST_H
#define WEIR_REST_REST_H
#include "link/clickhouse.h"
#include "ingest/visitor.h"
#include "link/cookie.h"
#include "link/postgres.h"
#include "link/redis.h"
#include "link/req.h"
/* The HTTP interface beside tRPC: a table of method, path and handler in rest.c. */

struct weir_rest {
	const struct weir_conf *conf;
	weir_pg *pg;
	weir_redis *redis;
	weir_ch *ch;
	const struct weir_cookie_rule *cookies;
	const struct weir_ip_rule *ips; /* whose forwarding headers count */
};

/* Answers any request; an unknown one with the 404 envelope of spec/ingest.md 0.1. */
void weir_rest_serve(struct weir_rest *rest, struct weir_req *r);
#endif
