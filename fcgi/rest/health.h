#ifndef WEIR_REST_HEALTH_H
#define WEIR_REST_HEALTH_H
#include "ingest/spool.h"
#include "rest/rest.h"
/*
 * How the system is (spec/ingest.md 1.6): what answers, how many accepted
 * events wait for ClickHouse, and how long the oldest of them has waited.
 */
enum { WEIR_DEPENDENCIES = 3 };

struct weir_health {
	bool up[WEIR_DEPENDENCIES];    /* redis, db, ch */
	int64_t waiting;               /* events in all streams */
	int64_t oldest_ms;             /* age of the oldest one; 0 when none waits */
	int64_t dead;                  /* entries that ClickHouse refused */
	int64_t shards, owned;         /* streams, and how many of them a worker holds */
	struct weir_spool_figures spool; /* of this host, or as its worker tells it */
};

extern const char *const weir_dependencies[WEIR_DEPENDENCIES];

/* Asks all three. */
void weir_health_ask(struct weir_rest *rest, struct weir_req *r, struct weir_health *h);
/* Redis and the spool: the queue. False when Redis is away; the spool's figures are there all the same. */
bool weir_health_queue(struct weir_rest *rest, struct weir_req *r, struct weir_health *h);

void weir_get_healthcheck(struct weir_rest *rest, struct weir_req *r);
void weir_get_live(struct weir_rest *rest, struct weir_req *r);
void weir_get_ready(struct weir_rest *rest, struct weir_req *r);
void weir_get_metrics(struct weir_rest *rest, struct weir_req *r);
#endif
