/* What every endpoint does with a request. */
#include "config.h"
#include "ingest/pass.h"

#include "base/utf8.h"
#include "ingest/answer.h"
#include "ingest/digest.h"

weir_text pass_header(void *pass_req, const char *name)
{
	return weir_req_header_in(pass_req, name);
}

/* What the body says about the sender, where the headers say nothing. */
static void look_into(struct pass *p, json_object *body)
{
	json_object *payload = weir_jsonr_get(body, "payload");

	p->body = body;
	if (!p->ask.client_id.n)
		p->ask.client_id = weir_jsonr_get_text(body, "clientId");
	if (!p->ask.secret.n)
		p->ask.secret = weir_jsonr_get_text(body, "clientSecret");
	p->ask.profile_id = weir_jsonr_get_text(payload, "profileId");
	p->ask.revenue = weir_jsonr_get(weir_jsonr_get(payload, "properties"), "__revenue");
}

static weir_text first_of(weir_text a, weir_text b)
{
	return a.n ? a : b;
}

void pass_look(weir_intake *in, struct weir_req *r, json_object *body, struct pass *p)
{
	struct weir_headers headers = { pass_header, r };
	weir_text ua = weir_req_header_in(r, "user-agent");

	*p = (struct pass){ .in = in, .r = r, .ua_absent = !ua.p };
	p->ua = ua.p ? ua : WEIR_TEXT("unknown/1.0");
	p->ip = weir_client_ip_of(&in->ip_rule, r->peer, headers).ip;
	p->origin = weir_req_header_in(r, "origin");
	p->header_client_id = weir_req_header_in(r, "openpanel-client-id");
	p->header_ask = (struct weir_auth_ask){
		.client_id = first_of(p->header_client_id, weir_req_header_in(r, "mixan-client-id")),
		.secret = first_of(weir_req_header_in(r, "openpanel-client-secret"), weir_req_header_in(r, "mixan-client-secret")),
		.origin = p->origin,
		.ip = p->ip,
	};
	p->ask = p->header_ask;
	look_into(p, body);
}

void pass_look_again(const struct pass *like, json_object *body, struct pass *p)
{
	*p = (struct pass){ .in = like->in, .r = like->r, .ua_absent = like->ua_absent, .ua = like->ua, .ip = like->ip,
		.origin = like->origin, .header_client_id = like->header_client_id, .header_ask = like->header_ask,
		.ask = like->header_ask, .batch = like->batch };
	look_into(p, body);
}

weir_text pass_clean_header(struct pass *p, const char *name)
{
	weir_text t = weir_req_header_in(p->r, name);

	return t.n ? weir_utf8_clean(p->r->mem, t) : WEIR_TEXT("");
}

static void copy_sight(struct weir_visit *to, const struct weir_visit *from)
{
	to->agent = from->agent;
	to->place = from->place;
	to->sdk_name = from->sdk_name;
	to->sdk_version = from->sdk_version;
}

weir_err pass_see(struct pass *p, weir_text ip, struct weir_visit *v)
{
	weir_arena *mem = p->r->mem;
	struct pass_sight *known = p->batch;
	weir_text ua;
	weir_err err;

	if (known && known->seen && weir_text_eq(known->ip, ip)) {
		copy_sight(v, &known->visit);
		return WEIR_OK;
	}
	ua = p->ua_absent ? WEIR_TEXT("") : weir_utf8_clean(mem, p->ua);
	v->sdk_name = pass_clean_header(p, "openpanel-sdk-name");
	v->sdk_version = pass_clean_header(p, "openpanel-sdk-version");
	err = weir_agent_parse(p->in->agents, mem, ua, p->r->now_ms, &v->agent);
	if (!err && !v->agent.is_server)
		err = weir_geo_place(p->in->geo, mem, ip, p->r->now_ms, &v->place);
	if (!err && known) {
		*known = (struct pass_sight){ .seen = true, .ip = ip };
		copy_sight(&known->visit, v);
	}
	return err;
}

void pass_answer_issues(struct weir_req *r, const weir_str *issues)
{
	weir_answer_error(r, 400, "Error", weir_str_view(issues));
}

bool pass_unavailable(struct weir_req *r, weir_err err)
{
	if (err == WEIR_EUNAVAIL || err == WEIR_ENOMEM)
		weir_answer_unavailable(r, "Temporarily unavailable, please try again");
	else
		weir_answer_error(r, weir_err_status(err), "Error", weir_text_of(weir_err_text(err)));
	return false;
}

/* A refusal is believed only when nothing has changed since the client was read. */
bool pass_admit(struct pass *p, pass_rule rule)
{
	weir_intake *in = p->in;
	weir_err err = rule(in->auth, &p->ask, p->r->now_ms, &p->verdict);

	if (!err && p->verdict.refusal && weir_deliverer_outdated(in->deliverer, p->r->mem, p->r->now_ms)) {
		weir_clients_forget(in->clients);
		err = rule(in->auth, &p->ask, p->r->now_ms, &p->verdict);
	}
	return err ? pass_unavailable(p->r, err) : !p->verdict.refusal;
}

bool pass_admit_ingest(struct pass *p)
{
	if (pass_admit(p, weir_auth_ingest))
		return true;
	if (p->verdict.refusal)
		weir_req_plain(p->r, 401, p->verdict.refusal);
	return false;
}

bool pass_renew(struct pass *p, int attempt)
{
	if (!attempt)
		return true;
	weir_clients_forget(p->in->clients);
	return pass_admit_ingest(p);
}

/* Requests without address, origin or client header are never duplicates (spec/ingest.md 3.1). */
bool pass_take_digest(struct pass *p)
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
	return err ? pass_unavailable(p->r, err) : true;
}

weir_err pass_identify(struct pass *p, weir_text ip, weir_text override, int64_t event_ms, struct weir_delivery *d)
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

bool pass_kept(struct pass *p, weir_err err, const struct weir_receipt *receipt)
{
	if (err)
		return pass_unavailable(p->r, err);
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

