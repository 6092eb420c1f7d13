#ifndef WEIR_INGEST_PASS_H
#define WEIR_INGEST_PASS_H
#include "ingest/agent.h"
#include "ingest/auth.h"
#include "ingest/bot.h"
#include "ingest/compose.h"
#include "ingest/deliver.h"
#include "ingest/geo.h"
#include "ingest/intake.h"
#include "ingest/peoplesend.h"
#include "ingest/track_input.h"
#include "ingest/visitor.h"
/*
 * A request on its way through weir-track: what the files of the endpoints
 * (intake*.c) share, and nobody else includes.
 *
 *   look   what headers and body say about the sender
 *   read   the body against the schema of its type; what is wrong is answered
 *          before the sender is known (spec/ingest.md 0)
 *   admit  client, secret, origin, filters
 *   bot    a robot is answered and goes no further
 *   serve  one function per type, each in a file of its own
 *
 * Functions that return false have made the answer.
 */
struct weir_intake {
	const struct weir_conf *conf;
	weir_clients *clients;
	weir_auth *auth;
	weir_deliverer *deliverer;
	weir_people_sender *people;
	weir_agents *agents;
	weir_bots *bots;
	weir_geo *geo;
	struct weir_ip_rule ip_rule;
	weir_str event;              /* a packed row; kept from one request to the next */
	bool duplicate_json;
};

struct event_pass;

/* What many bodies of one sender have in common, from one of them to the next. */
struct pass_sight {
	bool seen, marked;           /* whether what follows is known already, of address ip */
	weir_text ip;
	struct weir_visit visit;     /* agent, place, sdk_name, sdk_version; when marked, marks */
};

struct pass {
	weir_intake *in;
	struct weir_req *r;
	json_object *body;
	weir_text ip, origin, ua, header_client_id;
	bool ua_absent;              /* ua is then what OpenPanel puts in its place */
	struct weir_auth_ask header_ask, ask; /* by the headers alone, and with the body */
	struct weir_auth_verdict verdict;
	weir_text digest;            /* empty: not to be told from duplicates */
	struct weir_track_input input;
	struct event_pass *event;    /* of type track, between read and serve */
	struct pass_sight *batch;    /* one of many: events of the past find the visit that they belong to; NULL: the only one */
};

enum { PASS_ATTEMPTS = 3 };          /* deliveries of one request while clients change under it */

/* What the headers say about the sender; body may be NULL. */
void pass_look(weir_intake *in, struct weir_req *r, json_object *body, struct pass *p);
/* The same for another body of the same request, of which like is one already. */
void pass_look_again(const struct pass *like, json_object *body, struct pass *p);
/* A weir_header_fn whose context is the request. */
weir_text pass_header(void *pass_req, const char *name);
/* A header made fit for a column; "" when absent. */
weir_text pass_clean_header(struct pass *p, const char *name);
/* What SDK headers, user agent and address say about the visitor: sdk_name, sdk_version, agent and place of v. */
WEIR_MUSTCHECK weir_err pass_see(struct pass *p, weir_text ip, struct weir_visit *v);

typedef weir_err (*pass_rule)(weir_auth *a, const struct weir_auth_ask *ask, int64_t now_ms, struct weir_auth_verdict *v);
/* Also false, without an answer, when the verdict has a refusal. */
bool pass_admit(struct pass *p, pass_rule rule);
bool pass_admit_ingest(struct pass *p);
/* After admission, on every endpoint of SDKs: false when a robot asks, whose answer has been made, and whose page, if the body names one, is kept. */
bool pass_bot(struct pass *p);
/* Before a delivery is tried: from the second attempt on (1) the client is read and judged anew. */
bool pass_renew(struct pass *p, int attempt);
/* Told apart from duplicates by body, address, origin and client; nothing to tell when one of them is missing. */
bool pass_take_digest(struct pass *p);
/* The device ids that today's and yesterday's salt give, and the id of a session that would begin at event_ms. override may be empty. */
WEIR_MUSTCHECK weir_err pass_identify(struct pass *p, weir_text ip, weir_text override, int64_t event_ms, struct weir_delivery *d);

/* The answer to an error; always false. */
bool pass_unavailable(struct weir_req *r, weir_err err);
/* 400 with the sentences. */
void pass_answer_issues(struct weir_req *r, const weir_str *issues);
/* Answers what every kind of delivery may come to; true when it was kept and the caller answers. */
bool pass_kept(struct pass *p, weir_err err, const struct weir_receipt *receipt);

/* POST /track, a step after the other; the first two are false when the answer has been made. absent: there is no body at all. */
bool pass_track_read(struct pass *p, bool absent, weir_str *issues);
bool pass_track_admit(struct pass *p);
void pass_track_serve(struct pass *p);

/* One type of POST /track. */
struct pass_type {
	bool (*read)(struct pass *p, weir_str *issues); /* what the schema leaves open; NULL for nothing */
	void (*serve)(struct pass *p);
	bool deduplicated;
};
bool pass_event_read(struct pass *p, weir_str *issues);
bool pass_event_read_legacy(struct pass *p, weir_str *issues); /* of POST /event */
void pass_event_serve(struct pass *p);
/* Delivers and answers what see and identify have let through. */
void pass_event_deliver(struct pass *p);
/* The same in steps, for many at once: everything about the visitor that no client or session changes (false: the answer has been made); */
bool pass_event_see(struct pass *p);
/* the delivery, with what is known about the client by now, whose packed row lives until the next one is made; *why may explain WEIR_ELIMIT; */
WEIR_MUSTCHECK weir_err pass_event_prepare(struct pass *p, struct weir_delivery *d, const char **why);
/* and the answer. */
void pass_event_answer(struct pass *p, weir_err err, const char *why, const struct weir_receipt *receipt);
/* An event that is delivered together with others. */
struct pass_parcel {
	struct pass p;
	struct weir_delivery d;
	weir_err err;                /* of what was done last; then nothing more is */
	const char *why;
	struct weir_receipt receipt; /* stale until it is delivered */
};
/* The delivery, by what is known about the client by now, in memory of the request. */
void pass_parcel_make(struct pass_parcel *x);
/* One round trip for those that have no error; what becomes of them lies in mem. */
void pass_parcels_deliver(weir_intake *in, weir_arena *mem, struct pass_parcel *const *list, size_t n);
bool pass_parcel_is_stale(const struct pass_parcel *x);

bool pass_replay_read(struct pass *p, weir_str *issues);
void pass_replay_serve(struct pass *p);
/* What an event's __identify says beyond the profile's id, done before the event is delivered. False: the answer has been made. */
bool pass_event_identify(struct pass *p);
void pass_identify_serve(struct pass *p);
void pass_adjust_serve(struct pass *p);
void pass_group_serve(struct pass *p);
void pass_assign_serve(struct pass *p);
#endif
