/* The endpoints, from the body to the answer. */
#include "config.h"
#include "ingest/intake.h"

#include "base/log.h"
#include "base/utf8.h"
#include "ingest/answer.h"
#include "ingest/auth.h"
#include "ingest/body.h"
#include "ingest/compose.h"
#include "ingest/deliver.h"
#include "ingest/digest.h"

#include <stdlib.h>

enum {
	ISSUES_MAX = 32 * 1024,      /* sentences about one body */
	PACKED_MAX = 16 * 1024 * 1024, /* one event in Redis */
	ATTEMPTS = 3,                /* deliveries of one event while clients change under it */
	ADDRESS_MAX = 64             /* of a __ip property */
};

/* ClickHouse's DateTime64(3) and JavaScript agree on 1970 to 2261. */
#define TIME_MAX_MS INT64_C(9214646400000)

struct weir_intake {
	const struct weir_conf *conf;
	weir_clients *clients;
	weir_auth *auth;
	weir_deliverer *deliverer;
	weir_agents *agents;
	weir_geo *geo;
	struct weir_ip_rule ip_rule;
	weir_str event;              /* kept from one request to the next */
	bool duplicate_json;
};

/* A request on its way. */
struct pass {
	weir_intake *in;
	struct weir_req *r;
	json_object *body;
	weir_text ip, origin, ua, header_client_id;
	bool ua_absent;
	struct weir_auth_ask ask;
	struct weir_auth_verdict verdict;
	weir_text digest;            /* empty: not to be told from duplicates */
};

weir_intake *weir_intake_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_intake *in = calloc(1, sizeof(*in));
	weir_text bad;

	if (!in) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	in->conf = conf;
	in->duplicate_json = weir_text_is(weir_text_of(conf->track_duplicate_answer), "json");
	weir_str_init(&in->event, PACKED_MAX);
	weir_fault_set(fault, "out of memory");
	if (conf->track_agent_cache < 0)
		weir_fault_set(fault, "track.agent_cache must not be negative");
	else if (weir_ip_rule_init(&in->ip_rule, weir_text_of(conf->track_trusted_proxies), weir_text_of(conf->track_ip_headers), &bad))
		weir_fault_set(fault, "track.trusted_proxies or track.ip_headers: cannot read \"%.*s\"", (int)bad.n, bad.p);
	else if ((in->clients = weir_clients_new(conf, fault)) && (in->deliverer = weir_deliverer_new(conf, fault)) &&
		 !weir_geo_open(conf, &in->geo, fault) && (in->auth = weir_auth_new(in->clients)) &&
		 (in->agents = weir_agents_new((size_t)conf->track_agent_cache)))
		return in;
	weir_intake_free(in);
	return NULL;
}

void weir_intake_free(weir_intake *in)
{
	if (!in)
		return;
	weir_agents_free(in->agents);
	weir_auth_free(in->auth);
	if (in->geo)
		weir_geo_close(in->geo);
	weir_deliverer_free(in->deliverer);
	weir_clients_free(in->clients);
	weir_str_free(&in->event);
	free(in);
}

static weir_text header_of(void *ctx, const char *name)
{
	return weir_req_header_in(ctx, name);
}

static weir_text first_of(weir_text a, weir_text b, weir_text c)
{
	return a.n ? a : b.n ? b : c;
}

/* What the headers say about the sender; body may be NULL. */
static void look_at(weir_intake *in, struct weir_req *r, json_object *body, struct pass *p)
{
	struct weir_headers headers = { header_of, r };
	json_object *payload = weir_jsonr_get(body, "payload");
	weir_text ua = weir_req_header_in(r, "user-agent");

	*p = (struct pass){ .in = in, .r = r, .body = body, .ua_absent = !ua.p };
	p->ua = ua.p ? ua : WEIR_TEXT("unknown/1.0");
	p->ip = weir_client_ip_of(&in->ip_rule, r->peer, headers).ip;
	p->origin = weir_req_header_in(r, "origin");
	p->header_client_id = weir_req_header_in(r, "openpanel-client-id");
	p->ask = (struct weir_auth_ask){
		.client_id = first_of(p->header_client_id, weir_req_header_in(r, "mixan-client-id"), weir_jsonr_get_text(body, "clientId")),
		.secret = first_of(weir_req_header_in(r, "openpanel-client-secret"), weir_req_header_in(r, "mixan-client-secret"),
			weir_jsonr_get_text(body, "clientSecret")),
		.origin = p->origin,
		.ip = p->ip,
		.profile_id = weir_jsonr_get_text(payload, "profileId"),
		.revenue = weir_jsonr_get(weir_jsonr_get(payload, "properties"), "__revenue"),
	};
}

static bool unavailable(struct weir_req *r, weir_err err)
{
	if (err == WEIR_EUNAVAIL || err == WEIR_ENOMEM)
		weir_answer_unavailable(r, "Temporarily unavailable, please try again");
	else
		weir_answer_error(r, weir_err_status(err), "Error", weir_text_of(weir_err_text(err)));
	return false;
}

typedef weir_err (*auth_rule)(weir_auth *a, const struct weir_auth_ask *ask, int64_t now_ms, struct weir_auth_verdict *v);

/* False: the answer has been made. A refusal is believed only when nothing has changed since the client was read. */
static bool admit(struct pass *p, auth_rule rule)
{
	weir_intake *in = p->in;
	weir_err err = rule(in->auth, &p->ask, p->r->now_ms, &p->verdict);

	if (!err && p->verdict.refusal && weir_deliverer_outdated(in->deliverer, p->r->mem, p->r->now_ms)) {
		weir_clients_forget(in->clients);
		err = rule(in->auth, &p->ask, p->r->now_ms, &p->verdict);
	}
	return err ? unavailable(p->r, err) : !p->verdict.refusal;
}

static bool admit_ingest(struct pass *p)
{
	if (admit(p, weir_auth_ingest))
		return true;
	if (p->verdict.refusal)
		weir_req_plain(p->r, 401, p->verdict.refusal);
	return false;
}

/* Requests without address, origin or client header are never duplicates (spec/ingest.md 3.1). */
static bool take_digest(struct pass *p)
{
	weir_text parts[] = { p->ip, p->origin, p->header_client_id };
	char *hex;
	weir_err err;

	if (!p->ip.n || !p->origin.n || !p->header_client_id.n || !p->in->conf->track_duplicate_window)
		return true;
	hex = weir_alloc(p->r->mem, WEIR_DIGEST_LEN + 1);
	err = hex ? weir_request_digest(p->r->mem, p->body, parts, sizeof(parts) / sizeof(parts[0]), hex) : WEIR_ENOMEM;
	if (!err)
		p->digest = (weir_text){ hex, WEIR_DIGEST_LEN };
	return err ? unavailable(p->r, err) : true;
}

/* The device ids that today's and yesterday's salt give, and the id of a session that would begin now. */
static weir_err identify(struct pass *p, weir_text ip, weir_text override, int64_t event_ms, struct weir_delivery *d)
{
	weir_text project = p->verdict.client->project_id;
	char *id = weir_alloc(p->r->mem, 2 * (WEIR_DEVICE_ID_LEN + 1) + WEIR_SESSION_ID_LEN + 1);
	char *second = id + WEIR_DEVICE_ID_LEN + 1, *session = second + WEIR_DEVICE_ID_LEN + 1;
	const struct weir_salts *salts;
	weir_err err = id ? WEIR_OK : WEIR_ENOMEM;

	d->project_id = project;
	d->device[0] = d->device[1] = d->session_id = WEIR_TEXT("");
	if (err || (!override.n && !p->ua.n))
		return err;
	if (override.n) {
		d->device[0] = override;
	} else {
		err = weir_clients_salts(p->in->clients, p->r->now_ms, &salts);
		if (!err)
			err = weir_device_id(p->ua, ip, project, weir_text_of(salts->current), id);
		if (!err && salts->previous[0])
			err = weir_device_id(p->ua, ip, project, weir_text_of(salts->previous), second);
		if (err)
			return err;
		d->device[0] = (weir_text){ id, WEIR_DEVICE_ID_LEN };
		if (salts->previous[0] && strcmp(salts->previous, salts->current))
			d->device[1] = (weir_text){ second, WEIR_DEVICE_ID_LEN };
	}
	err = weir_session_id(project, d->device[0], event_ms, p->in->conf->session_timeout, session);
	d->session_id = (weir_text){ session, WEIR_SESSION_ID_LEN };
	return err;
}

/* Answers what every kind of delivery may come to; true when it was kept and the caller answers. */
static bool kept(struct pass *p, weir_err err, const struct weir_receipt *receipt)
{
	if (err)
		return unavailable(p->r, err);
	switch (receipt->what) {
	case WEIR_DELIVERED_KEPT:
		return true;
	case WEIR_DELIVERED_AGAIN:
		if (p->in->duplicate_json)
			weir_answer_ids(p->r, receipt->device_id, receipt->session_id, NULL);
		else
			weir_req_plain(p->r, 200, "Duplicate event");
		break;
	case WEIR_DELIVERED_FULL:
		weir_answer_unavailable(p->r, "Too many events are waiting to be stored, please try again later");
		break;
	case WEIR_DELIVERED_STALE:
		weir_answer_unavailable(p->r, "The project is being changed, please try again");
		break;
	}
	return false;
}

/* An event between its schema and its delivery. */
struct event_pass {
	struct weir_track_event said;
	struct weir_visit visit;
	weir_text ip; /* of the visitor; __ip goes before the headers */
};

static weir_text clean_header(struct pass *p, const char *name)
{
	weir_text t = weir_req_header_in(p->r, name);

	return t.n ? weir_utf8_clean(p->r->mem, t) : WEIR_TEXT("");
}

/* Everything about the visitor that no client or session changes. */
static weir_err see_visitor(struct pass *p, struct event_pass *e)
{
	weir_arena *mem = p->r->mem;
	struct weir_visit *v = &e->visit;
	weir_text ip = weir_jsonr_get_text(e->said.properties, "__ip"), ua = p->ua_absent ? WEIR_TEXT("") : weir_utf8_clean(mem, p->ua);
	weir_err err;

	e->ip = ip.n && ip.n <= ADDRESS_MAX ? ip : p->ip;
	v->sdk_name = clean_header(p, "openpanel-sdk-name");
	v->sdk_version = clean_header(p, "openpanel-sdk-version");
	err = weir_agent_parse(p->in->agents, mem, ua, p->r->now_ms, &v->agent);
	if (!err && !v->agent.is_server)
		err = weir_geo_place(p->in->geo, mem, e->ip, p->r->now_ms, &v->place);
	return err;
}

/* Marks need the verdict about the secret (spec/ingest.md 3.4). */
static weir_err mark(struct pass *p, struct event_pass *e)
{
	struct weir_headers headers = { header_of, p->r };
	struct weir_network network = { .asn = 0 };
	weir_err err = WEIR_OK;

	e->visit.marks = (struct weir_suspicion){ WEIR_TEXT(""), false };
	if (p->verdict.secret_ok || e->visit.agent.is_server)
		return WEIR_OK;
	err = weir_geo_network(p->in->geo, p->r->mem, e->ip, p->r->now_ms, &network);
	return err ? err : weir_suspicion_of(p->r->mem, p->ua_absent ? WEIR_TEXT("") : p->ua, headers, &network, &e->visit.marks);
}

static enum weir_delivery_mode mode_of(const struct event_pass *e, const struct weir_delivery *d)
{
	if (e->visit.when.past)
		return WEIR_DELIVER_PAST;
	if (e->visit.agent.is_server)
		return WEIR_DELIVER_SERVER;
	return d->device[0].n ? WEIR_DELIVER_EVENT : WEIR_DELIVER_PAST;
}

/* One attempt, with what is known about the client by now. */
static weir_err send_event(struct pass *p, struct event_pass *e, struct weir_receipt *receipt, const char **why)
{
	struct weir_delivery d = { .event_ms = e->visit.when.ms, .now_ms = p->r->now_ms, .digest = p->digest };
	weir_intake *in = p->in;
	struct weir_composed made;
	weir_err err = mark(p, e);

	if (!err)
		err = identify(p, e->ip, weir_device_override(e->said.properties), d.event_ms, &d);
	if (!err)
		err = weir_compose(p->r->mem, &e->said, &e->visit, d.project_id, &made, why);
	if (err)
		return err;
	weir_str_reset(&in->event);
	weir_event_pack(&made.event, &in->event);
	err = weir_str_err(&in->event);
	if (err)
		return err;
	d.mode = mode_of(e, &d);
	d.profile_id = made.event.profile_id;
	d.screen_view = weir_text_is(made.event.name, "screen_view");
	d.path = made.event.path;
	d.origin = made.event.origin;
	d.revenue = made.event.revenue;
	d.groups = made.event.groups;
	d.fixed = &made.fixed;
	d.event = weir_str_view(&in->event);
	return weir_deliver(in->deliverer, p->r->mem, &d, receipt);
}

static void answer_issues(struct weir_req *r, const weir_str *issues)
{
	weir_answer_error(r, 400, "Error", weir_str_view(issues));
}

static void track_event(struct pass *p, struct event_pass *e)
{
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };
	const char *why = NULL;
	weir_err err = see_visitor(p, e);

	for (int i = 0; i < ATTEMPTS && !err && receipt.what == WEIR_DELIVERED_STALE; i++) {
		if (i) {
			weir_clients_forget(p->in->clients);
			if (!admit_ingest(p))
				return;
		}
		err = send_event(p, e, &receipt, &why);
	}
	if (err == WEIR_ELIMIT)
		weir_answer_error(p->r, 400, "Error", weir_text_of(why ? why : "body/payload is more than one event may carry"));
	else if (kept(p, err, &receipt))
		weir_answer_ids(p->r, receipt.device_id, receipt.session_id, NULL);
}

/* What the schema leaves open but the tables do not take. False: the answer has been made. */
static bool read_event(struct pass *p, json_object *payload, struct event_pass *e, weir_str *issues)
{
	weir_err err = weir_track_event_read(p->r->mem, payload, &e->said, issues);

	if (!err) {
		e->visit.when = weir_event_time_of(weir_jsonr_get(e->said.properties, "__timestamp"), p->r->now_ms);
		if (e->visit.when.ms >= 0 && e->visit.when.ms <= TIME_MAX_MS)
			return true;
		weir_str_puts(issues, "body/payload/properties/__timestamp Invalid input: expected a time between 1970 and 2261");
		err = WEIR_EBADREQ;
	}
	if (err == WEIR_EBADREQ)
		answer_issues(p->r, issues);
	else
		unavailable(p->r, err);
	return false;
}

static void track(weir_intake *in, struct weir_req *r, struct weir_body *body, weir_str *issues)
{
	struct weir_track_input input;
	struct event_pass e = { .ip = { "", 0 } };
	struct pass p;
	weir_err err;

	look_at(in, r, body->json, &p);
	err = weir_track_input_read(r->mem, body->json, body->absent, &input, issues);
	if (err == WEIR_EBADREQ) {
		answer_issues(r, issues);
		return;
	}
	if (err) {
		unavailable(r, err);
		return;
	}
	if (input.type == WEIR_TRACK_EVENT && !read_event(&p, input.payload, &e, issues))
		return;
	if (!admit_ingest(&p))
		return;
	if (input.type == WEIR_TRACK_ALIAS)
		weir_answer_error(r, 400, "Bad Request", WEIR_TEXT("Alias is not supported"));
	else if (input.type != WEIR_TRACK_EVENT)
		weir_answer_not_yet(r, "Only events of type track are accepted yet");
	else if (take_digest(&p))
		track_event(&p, &e);
}

void weir_intake_track(weir_intake *in, struct weir_req *r)
{
	struct weir_body body;
	weir_str issues;

	if (!weir_body_read(r, (size_t)in->conf->track_body_max, &body))
		return;
	weir_str_init(&issues, ISSUES_MAX);
	track(in, r, &body, &issues);
	weir_str_free(&issues);
}

void weir_intake_device_id(weir_intake *in, struct weir_req *r)
{
	static const char *const sentences[] = {
		"No session exists for this device id",
		"current session exists for this device id",
		"previous session exists for this device id",
	};
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };
	struct weir_delivery d = { .mode = WEIR_DELIVER_NOTHING, .event_ms = r->now_ms, .now_ms = r->now_ms,
		.event = WEIR_TEXT("") };
	weir_err err = WEIR_OK;
	struct pass p;

	look_at(in, r, NULL, &p);
	if (!admit_ingest(&p))
		return;
	if (!p.ip.n) {
		weir_req_plain(r, 400, "Missing ip address");
		return;
	}
	if (p.ua_absent || !p.ua.n) {
		weir_req_plain(r, 400, "Missing header: user-agent");
		return;
	}
	if (!take_digest(&p))
		return;
	d.digest = p.digest;
	for (int i = 0; i < ATTEMPTS && !err && receipt.what == WEIR_DELIVERED_STALE; i++) {
		if (i) {
			weir_clients_forget(in->clients);
			if (!admit_ingest(&p))
				return;
		}
		err = identify(&p, p.ip, WEIR_TEXT(""), d.event_ms, &d);
		if (!err)
			err = weir_deliver(in->deliverer, r->mem, &d, &receipt);
	}
	if (kept(&p, err, &receipt))
		weir_answer_ids(r, receipt.device_id, receipt.session_id, sentences[receipt.live]);
}

void weir_intake_legacy(weir_intake *in, struct weir_req *r)
{
	struct weir_body body;
	struct pass p;

	if (!weir_body_read(r, (size_t)in->conf->track_body_max, &body))
		return;
	look_at(in, r, body.json, &p);
	if (admit_ingest(&p))
		weir_answer_not_yet(r, "This endpoint is not served yet; POST /track takes events of type track");
}

void weir_intake_import(weir_intake *in, struct weir_req *r)
{
	struct pass p;

	look_at(in, r, NULL, &p);
	p.ask.client_id = p.header_client_id;
	p.ask.secret = weir_req_header_in(r, "openpanel-client-secret");
	if (admit(&p, weir_auth_import))
		weir_answer_not_yet(r, "The import of events is not served yet");
	else if (p.verdict.refusal)
		weir_answer_unauthorized(r, p.verdict.refusal);
}
