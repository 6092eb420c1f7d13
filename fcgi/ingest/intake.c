/* The endpoints, from the body to the answer. */
#include "config.h"
#include "ingest/pass.h"

#include "ingest/answer.h"
#include "ingest/body.h"

#include <stdlib.h>

enum {
	ISSUES_MAX = 32 * 1024,      /* sentences about one body */
	PACKED_MAX = 16 * 1024 * 1024, /* one event in Redis */
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
		 (in->people = weir_people_sender_new(conf, weir_deliverer_outbox(in->deliverer))) &&
		 !weir_geo_open(conf, &in->geo, fault) && (in->auth = weir_auth_new(in->clients)) &&
		 (in->agents = weir_agents_new((size_t)conf->track_agent_cache)) &&
		 (in->bots = weir_bots_new((size_t)conf->track_agent_cache)))
		return in;
	weir_intake_free(in);
	return NULL;
}

void weir_intake_free(weir_intake *in)
{
	if (!in)
		return;
	weir_agents_free(in->agents);
	weir_bots_free(in->bots);
	weir_auth_free(in->auth);
	if (in->geo)
		weir_geo_close(in->geo);
	weir_people_sender_free(in->people);
	weir_deliverer_free(in->deliverer);
	weir_clients_free(in->clients);
	weir_str_free(&in->event);
	free(in);
}

static void alias_serve(struct pass *p)
{
	weir_answer_error(p->r, 400, "Bad Request", WEIR_TEXT("Alias is not supported"));
}

/* A type of POST /track is a row here and a function in a file of its own. */
static const struct pass_type types[WEIR_TRACK_TYPES] = {
	[WEIR_TRACK_EVENT] = { pass_event_read, pass_event_serve, true },
	[WEIR_TRACK_IDENTIFY] = { NULL, pass_identify_serve, true },
	[WEIR_TRACK_INCREMENT] = { NULL, pass_adjust_serve, true },
	[WEIR_TRACK_DECREMENT] = { NULL, pass_adjust_serve, true },
	[WEIR_TRACK_ALIAS] = { NULL, alias_serve, false },
	[WEIR_TRACK_GROUP] = { NULL, pass_group_serve, true },
	[WEIR_TRACK_ASSIGN_GROUP] = { NULL, pass_assign_serve, true },
	[WEIR_TRACK_REPLAY] = { pass_replay_read, pass_replay_serve, false },
};

bool pass_track_read(struct pass *p, bool absent, weir_str *issues)
{
	weir_err err = weir_track_input_read(p->r->mem, p->body, absent, &p->input, issues);

	if (err == WEIR_EBADREQ)
		pass_answer_issues(p->r, issues);
	else if (err)
		pass_unavailable(p->r, err);
	else
		return !types[p->input.type].read || types[p->input.type].read(p, issues);
	return false;
}

bool pass_track_admit(struct pass *p)
{
	return pass_admit_ingest(p) && pass_bot(p) && (!types[p->input.type].deduplicated || pass_take_digest(p));
}

void pass_track_serve(struct pass *p)
{
	types[p->input.type].serve(p);
}

/* True: an event that only has to be delivered; else the answer has been made. */
static bool bring(weir_intake *in, struct weir_req *r, struct pass *p)
{
	struct weir_body body;
	weir_str issues;
	bool through;

	if (!weir_body_read(r, (size_t)in->conf->track_body_max, &body))
		return false;
	weir_str_init(&issues, ISSUES_MAX);
	pass_look(in, r, body.json, p);
	through = pass_track_read(p, body.absent, &issues) && pass_track_admit(p);
	weir_str_free(&issues);
	if (through && p->input.type == WEIR_TRACK_EVENT)
		return pass_event_see(p) && pass_event_identify(p);
	if (through)
		pass_track_serve(p);
	return false;
}

void weir_intake_track(weir_intake *in, struct weir_req *r)
{
	struct pass p;

	if (bring(in, r, &p))
		pass_event_deliver(&p);
}

/* From the second time on, as the clients are then. Answers those who may not any more, and gives the number of the others. */
static size_t make_again(struct pass_parcel **list, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (!pass_admit_ingest(&list[i]->p))
			continue;
		pass_parcel_make(list[i]);
		list[left++] = list[i];
	}
	return left;
}

/* Answers those whose fate is known, and gives the number of the others. */
static size_t answer_settled(struct pass_parcel **list, size_t n, bool last)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (!last && pass_parcel_is_stale(list[i]))
			list[left++] = list[i];
		else
			pass_event_answer(&list[i]->p, list[i]->err, list[i]->why, &list[i]->receipt);
	return left;
}

void weir_intake_track_group(weir_intake *in, struct weir_req *const *r, size_t n)
{
	struct pass_parcel parcel[WEIR_REQ_GROUP_MAX], *list[WEIR_REQ_GROUP_MAX] = { NULL };
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (bring(in, r[i], &parcel[i].p)) {
			pass_parcel_make(&parcel[i]);
			list[left++] = &parcel[i];
		}
	for (int attempt = 1; left; attempt++) {
		pass_parcels_deliver(in, r[0]->mem, list, left);
		left = answer_settled(list, left, attempt == PASS_ATTEMPTS);
		if (left) {
			weir_clients_forget(in->clients);
			left = make_again(list, left);
		}
	}
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

	pass_look(in, r, NULL, &p);
	if (!pass_admit_ingest(&p) || !pass_bot(&p))
		return;
	if (!p.ip.n) {
		weir_req_plain(r, 400, "Missing ip address");
		return;
	}
	if (p.ua_absent || !p.ua.n) {
		weir_req_plain(r, 400, "Missing header: user-agent");
		return;
	}
	if (!pass_take_digest(&p))
		return;
	d.digest = p.digest;
	for (int i = 0; i < PASS_ATTEMPTS && !err && receipt.what == WEIR_DELIVERED_STALE; i++) {
		if (!pass_renew(&p, i))
			return;
		err = pass_identify(&p, p.ip, WEIR_TEXT(""), d.event_ms, &d);
		if (!err)
			err = weir_deliver(in->deliverer, r->mem, &d, &receipt);
	}
	if (pass_kept(&p, err, &receipt))
		weir_answer_ids(r, receipt.device_id, receipt.session_id, sentences[receipt.live]);
}

void weir_intake_idle(weir_intake *in)
{
	weir_deliverer_idle(in->deliverer);
	weir_geo_idle(in->geo);
}
