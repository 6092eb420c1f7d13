/* An event: POST /track of type track, and POST /event of older SDKs. */
#include "config.h"
#include "ingest/pass.h"

#include "ingest/answer.h"
#include "ingest/compose.h"
#include "ingest/legacy.h"

enum { ADDRESS_MAX = 64 }; /* of a __ip property */

/* ClickHouse's DateTime64(3) and JavaScript agree on 1970 to 2261. */
#define TIME_MAX_MS INT64_C(9214646400000)

struct event_pass {
	struct weir_track_event said;
	struct weir_visit visit;
	struct weir_composed made;
	weir_text ip;    /* of the visitor; __ip goes before the headers */
	bool legacy;     /* of POST /event, which knows neither __ip nor __deviceId (spec/ingest.md 1.3) */
	bool dropped;    /* by a filter of the project */
	weir_text device_id, session_id; /* of a dropped event, when Redis does not tell of a live session */
};

static struct event_pass *begin(struct pass *p)
{
	struct event_pass *e = weir_alloc(p->r->mem, sizeof(*e));

	if (e)
		*e = (struct event_pass){ .ip = p->ip };
	else
		pass_unavailable(p->r, WEIR_ENOMEM);
	return p->event = e;
}

/* When it happened, and whether a column holds that. */
static bool take_time(struct pass *p, weir_str *issues)
{
	struct event_pass *e = p->event;

	e->visit.when = weir_event_time_of(weir_jsonr_get(e->said.properties, "__timestamp"), p->r->now_ms);
	if (e->visit.when.ms >= 0 && e->visit.when.ms <= TIME_MAX_MS)
		return true;
	weir_str_addf(issues, "body%s/properties/__timestamp Invalid input: expected a time between 1970 and 2261", e->legacy ? "" : "/payload");
	pass_answer_issues(p->r, issues);
	return false;
}

/* What came of reading the event. */
static bool settle(struct pass *p, weir_err err, weir_str *issues)
{
	if (!err)
		return take_time(p, issues);
	if (err == WEIR_EBADREQ)
		pass_answer_issues(p->r, issues);
	else
		pass_unavailable(p->r, err);
	return false;
}

bool pass_event_read(struct pass *p, weir_str *issues)
{
	return begin(p) && settle(p, weir_track_event_read(p->r->mem, p->input.payload, &p->event->said, issues), issues);
}

bool pass_event_read_legacy(struct pass *p, weir_str *issues)
{
	if (!begin(p))
		return false;
	p->event->legacy = true;
	p->ua_absent = false; /* what stands in its place is parsed as well */
	return settle(p, weir_legacy_event_read(p->r->mem, p->body, &p->event->said, issues), issues);
}

bool pass_event_see(struct pass *p)
{
	struct event_pass *e = p->event;
	weir_text ip = e->legacy ? WEIR_TEXT("") : weir_jsonr_get_text(e->said.properties, "__ip");
	weir_err err;

	if (ip.n && ip.n <= ADDRESS_MAX)
		e->ip = ip;
	err = pass_see(p, e->ip, &e->visit);
	return err ? pass_unavailable(p->r, err) : true;
}

/* Older SDKs ask for the session of now, whenever the event was. */
static weir_err choose_ids(struct pass *p, struct event_pass *e, struct weir_delivery *d)
{
	if (e->legacy)
		return pass_identify(p, e->ip, WEIR_TEXT(""), p->r->now_ms, d);
	return pass_identify(p, e->ip, weir_device_override(e->said.properties), d->event_ms, d);
}

/* Marks need the verdict about the secret (spec/ingest.md 3.4). */
static weir_err mark(struct pass *p, struct event_pass *e)
{
	struct weir_headers headers = { pass_header, p->r };
	struct weir_network network = { .asn = 0 };
	struct pass_sight *known = p->batch;
	weir_err err = WEIR_OK;

	e->visit.marks = (struct weir_suspicion){ WEIR_TEXT(""), false };
	if (p->verdict.secret_ok || e->visit.agent.is_server)
		return WEIR_OK;
	if (known && known->marked && weir_text_eq(known->ip, e->ip)) {
		e->visit.marks = known->visit.marks;
		return WEIR_OK;
	}
	err = weir_geo_network(p->in->geo, p->r->mem, e->ip, p->r->now_ms, &network);
	if (!err)
		err = weir_suspicion_of(p->r->mem, p->ua_absent ? WEIR_TEXT("") : p->ua, headers, &network, &e->visit.marks);
	if (!err && known && known->seen && weir_text_eq(known->ip, e->ip)) {
		known->visit.marks = e->visit.marks;
		known->marked = true;
	}
	return err;
}

static enum weir_delivery_mode mode_of(const struct pass *p, const struct event_pass *e, const struct weir_delivery *d)
{
	bool visits = d->device[0].n && !e->visit.agent.is_server;

	if (e->visit.when.past)
		return p->batch && visits ? WEIR_DELIVER_BACKDATED : WEIR_DELIVER_PAST;
	if (e->visit.agent.is_server)
		return WEIR_DELIVER_SERVER;
	return visits ? WEIR_DELIVER_EVENT : WEIR_DELIVER_PAST;
}

static bool is_unwanted(const struct weir_conditions *filters, const struct weir_event *row)
{
	return weir_conditions_find(filters, 0, row) < filters->count;
}

/*
 * The project's event filters (spec/ingest.md 6.4): an event that is filtered
 * as it was sent touches no session; one that is filtered only as a row, with
 * the device in the place of a missing profile, is counted by its session and
 * not stored, and so is a session_start.
 */
static void filter(struct pass *p, struct event_pass *e, struct weir_delivery *d)
{
	const struct weir_conditions *filters = &p->verdict.client->event_filters;
	struct weir_event row = e->made.event;

	e->dropped = false;
	if (!filters->count)
		return;
	row.device_id = d->device[0];
	if (is_unwanted(filters, &row)) {
		e->dropped = true;
		e->device_id = d->device[0];
		e->session_id = d->session_id;
		d->mode = WEIR_DELIVER_NOTHING; /* the answer is that of an event which was kept */
		return;
	}
	if (!row.profile_id.n)
		row.profile_id = row.device_id;
	if (is_unwanted(filters, &row))
		d->skip |= WEIR_SKIP_EVENT;
	row.name = WEIR_TEXT("session_start");
	row.revenue = 0;
	if (is_unwanted(filters, &row))
		d->skip |= WEIR_SKIP_START;
}

weir_err pass_event_prepare(struct pass *p, struct weir_delivery *d, const char **why)
{
	struct event_pass *e = p->event;
	const struct weir_event *row = &e->made.event;
	weir_intake *in = p->in;
	weir_err err = mark(p, e);

	*d = (struct weir_delivery){ .event_ms = e->visit.when.ms, .now_ms = p->r->now_ms, .digest = p->digest };
	if (!err)
		err = choose_ids(p, e, d);
	if (!err)
		err = weir_compose(p->r->mem, &e->said, &e->visit, d->project_id, &e->made, why);
	if (err)
		return err;
	weir_str_reset(&in->event);
	weir_event_pack(row, &in->event);
	d->mode = mode_of(p, e, d);
	d->profile_id = row->profile_id;
	d->screen_view = weir_text_is(row->name, "screen_view");
	d->path = row->path;
	d->origin = row->origin;
	d->revenue = row->revenue;
	d->groups = row->groups;
	d->fixed = &e->made.fixed;
	d->event = weir_str_view(&in->event);
	filter(p, e, d);
	return weir_str_err(&in->event);
}

void pass_event_answer(struct pass *p, weir_err err, const char *why, const struct weir_receipt *receipt)
{
	const struct event_pass *e = p->event;

	if (err == WEIR_ELIMIT)
		weir_answer_error(p->r, 400, "Error", weir_text_of(why ? why : "body/payload is more than one event may carry"));
	else if (e->dropped && !e->legacy && (err == WEIR_EUNAVAIL || (!err && receipt->what == WEIR_DELIVERED_KEPT && !receipt->session_id.n)))
		weir_answer_ids(p->r, e->device_id, e->session_id, NULL);
	else if (!pass_kept(p, err, receipt))
		return;
	else if (p->event->legacy)
		weir_req_plain(p->r, 202, "ok");
	else
		weir_answer_ids(p->r, receipt->device_id, receipt->session_id, NULL);
}

void pass_event_deliver(struct pass *p)
{
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };
	const char *why = NULL;
	weir_err err = WEIR_OK;

	for (int i = 0; i < PASS_ATTEMPTS && !err && receipt.what == WEIR_DELIVERED_STALE; i++) {
		struct weir_delivery d;

		if (!pass_renew(p, i))
			return;
		err = pass_event_prepare(p, &d, &why);
		if (!err)
			err = weir_deliver(p->in->deliverer, p->r->mem, &d, &receipt);
	}
	pass_event_answer(p, err, why, &receipt);
}

void pass_event_serve(struct pass *p)
{
	if (pass_event_see(p) && pass_event_identify(p))
		pass_event_deliver(p);
}
