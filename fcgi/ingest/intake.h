#ifndef WEIR_INGEST_INTAKE_H
#define WEIR_INGEST_INTAKE_H
#include "base/conf.h"
#include "link/req.h"
/*
 * The ingestion endpoints (spec/ingest.md 1).  An intake owns everything that
 * they need from one request to the next: the clients it remembers, the
 * connections to Redis and PostgreSQL, the tables of user agents and places.
 *
 * Order of a request: body, schema, client, then without any further I/O the
 * visitor and the row, then one round trip to Redis, then the answer.  What is
 * wrong with the body is told before who sent it is looked at.
 *
 * Each function leaves the answer in r, whatever happens.
 */
typedef struct weir_intake weir_intake;

/* conf must live as long. NULL with *fault filled when a setting makes no sense. */
weir_intake *weir_intake_new(const struct weir_conf *conf, struct weir_fault *fault);
void weir_intake_free(weir_intake *in);

void weir_intake_track(weir_intake *in, struct weir_req *r);        /* POST /track */
/* The same for several requests, whose events go to Redis in one round trip. */
void weir_intake_track_group(weir_intake *in, struct weir_req *const *r, size_t n);
void weir_intake_batch(weir_intake *in, struct weir_req *r);        /* POST /track/batch */
void weir_intake_device_id(weir_intake *in, struct weir_req *r);    /* GET /track/device-id */
/* Of older SDKs. */
void weir_intake_event(weir_intake *in, struct weir_req *r);        /* POST /event */
void weir_intake_profile(weir_intake *in, struct weir_req *r);      /* POST /profile */
void weir_intake_increment(weir_intake *in, struct weir_req *r);    /* POST /profile/increment */
void weir_intake_decrement(weir_intake *in, struct weir_req *r);    /* POST /profile/decrement */
void weir_intake_import(weir_intake *in, struct weir_req *r);       /* POST /import/events */
/* For a responder that nothing arrives at, once a second. */
void weir_intake_idle(weir_intake *in);
#endif
