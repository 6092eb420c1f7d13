/* POST /track of types identify, increment, decrement, group and assign_group, and the older endpoints of profiles. */
#include "config.h"
#include "ingest/pass.h"

#include "base/num.h"
#include "ingest/answer.h"
#include "ingest/body.h"
#include "ingest/format.h"
#include "ingest/peoplesend.h"

/* The ids of the answer. False: the answer has been made. */
static bool resolve(struct pass *p, struct weir_receipt *receipt)
{
	struct weir_delivery d = { .mode = WEIR_DELIVER_NOTHING, .event_ms = p->r->now_ms, .now_ms = p->r->now_ms, .digest = p->digest,
		.event = WEIR_TEXT("") };
	weir_err err = WEIR_OK;

	*receipt = (struct weir_receipt){ .what = WEIR_DELIVERED_STALE };
	for (int i = 0; i < PASS_ATTEMPTS && !err && receipt->what == WEIR_DELIVERED_STALE; i++) {
		if (!pass_renew(p, i))
			return false;
		err = pass_identify(p, p->ip, WEIR_TEXT(""), d.event_ms, &d);
		if (!err)
			err = weir_deliver(p->in->deliverer, p->r->mem, &d, receipt);
	}
	/* Without a live session: what the next event would begin. */
	if (!receipt->session_id.n)
		receipt->session_id = d.session_id;
	return pass_kept(p, err, receipt);
}

/* Answers what a change may come to; true when it is kept and the caller answers. */
static bool changed(struct pass *p, weir_err err, const char *why)
{
	if (err == WEIR_ELIMIT)
		weir_answer_error(p->r, 400, "Error", weir_text_of(why ? why : "a profile or group may not hold more than 1 MiB of properties"));
	else if (err)
		pass_unavailable(p->r, err);
	return !err;
}

/* ------------------------------------------------------------------ identify */

static weir_text text_of(json_object *identity, const char *name)
{
	weir_text t = weir_jsonr_get_text(identity, name);

	return t.n ? t : WEIR_TEXT("");
}

static weir_err overlay(struct weir_profile_change *c, const char *key, weir_text value)
{
	return value.n ? weir_pairs_set(&c->properties, weir_text_of(key), value) : WEIR_OK;
}

static weir_err overlay_degrees(weir_arena *mem, struct weir_profile_change *c, const char *key, double v)
{
	char buf[WEIR_NUM_MAX];
	weir_text t = weir_text_dup(mem, weir_num_js(v, buf));

	return t.p ? overlay(c, key, t) : WEIR_ENOMEM;
}

/* Where the visitor is and by what program; what is not known leaves what was said. */
static weir_err overlay_visitor(struct pass *p, json_object *properties, struct weir_profile_change *c)
{
	struct weir_visit v = { .agent = { .is_server = false } };
	weir_err err = pass_see(p, p->ip, &v);

	if (!err && v.agent.is_server)
		err = weir_geo_place(p->in->geo, p->r->mem, p->ip, p->r->now_ms, &v.place);
	if (err)
		return err;
	if (!v.agent.is_server && properties)
		weir_agent_override(&v.agent, properties);
	{
		const struct {
			const char *key;
			weir_text value;
		} seen[] = {
			{ "country", v.place.country },   { "city", v.place.city },
			{ "region", v.place.region },     { "os", v.agent.os },
			{ "os_version", v.agent.os_version }, { "browser", v.agent.browser },
			{ "browser_version", v.agent.browser_version }, { "device", v.agent.device },
			{ "brand", v.agent.brand },       { "model", v.agent.model },
		};

		for (size_t i = 0; i < sizeof(seen) / sizeof(*seen) && !err; i++)
			err = overlay(c, seen[i].key, seen[i].value);
	}
	if (!err && v.place.has_point)
		err = overlay_degrees(p->r->mem, c, "longitude", v.place.longitude);
	if (!err && v.place.has_point)
		err = overlay_degrees(p->r->mem, c, "latitude", v.place.latitude);
	return err;
}

static weir_err avatar_of(weir_arena *mem, json_object *identity, weir_text *avatar)
{
	weir_text said = text_of(identity, "avatar"), trimmed = said;
	bool valid = false;
	weir_err err = said.n ? weir_format_url(mem, said, &valid, &trimmed) : WEIR_OK;

	*avatar = valid ? trimmed : said;
	return err;
}

/* identity: the payload of an identify, a __identify, or the body of POST /profile. */
static weir_err identify(struct pass *p, json_object *identity, weir_text profile_id, const char **why)
{
	/* The server's own marks. */
	static const char *const skip[] = { "__bot", "__bot_reasons", NULL };
	json_object *properties = weir_jsonr_get(identity, "properties");
	struct weir_profile_change c = {
		.project_id = p->verdict.client->project_id,
		.id = profile_id,
		.is_external = true,
		.first_name = text_of(identity, "firstName"),
		.last_name = text_of(identity, "lastName"),
		.email = text_of(identity, "email"),
	};
	weir_err err = avatar_of(p->r->mem, identity, &c.avatar);

	weir_pairs_init(&c.properties, p->r->mem);
	weir_pairs_init(&c.replaced, p->r->mem);
	if (!err)
		err = weir_profile_properties(&c.properties, &c.replaced, properties, skip, why);
	if (!err)
		err = overlay_visitor(p, properties, &c);
	return err ? err : weir_people_put(p->in->people, p->r->mem, p->r->now_ms, &c);
}

void pass_identify_serve(struct pass *p)
{
	weir_text id = weir_track_profile_id(p->r->mem, weir_jsonr_get(p->input.payload, "profileId"));
	struct weir_receipt receipt;
	const char *why = NULL;

	if (resolve(p, &receipt) && changed(p, identify(p, p->input.payload, id, &why), why))
		weir_answer_ids(p->r, receipt.device_id, receipt.session_id, NULL);
}

bool pass_event_identify(struct pass *p)
{
	json_object *identity = weir_jsonr_get(weir_jsonr_get(p->input.payload, "properties"), "__identify");
	weir_text id = weir_track_profile_id(p->r->mem, weir_jsonr_get(identity, "profileId"));
	const char *why = NULL;

	/* One that names the profile and nothing else says nothing about it. */
	if (!json_object_is_type(identity, json_type_object) || json_object_object_length(identity) < 2)
		return true;
	return changed(p, identify(p, identity, id, &why), why);
}

/* ------------------------------------------------------- increment, decrement */

void pass_adjust_serve(struct pass *p)
{
	json_object *payload = p->input.payload, *value = weir_jsonr_get(payload, "value");
	struct weir_adjustment a = {
		.id = weir_track_profile_id(p->r->mem, weir_jsonr_get(payload, "profileId")),
		.property = weir_jsonr_get_text(payload, "property"),
		.by = (value ? json_object_get_double(value) : 1) * (p->input.type == WEIR_TRACK_DECREMENT ? -1 : 1),
	};
	struct weir_receipt receipt;
	weir_err err;

	if (!resolve(p, &receipt))
		return;
	a.project_id = p->verdict.client->project_id;
	err = weir_people_adjust(p->in->people, p->r->mem, p->r->now_ms, &a);
	if (err == WEIR_ENOTFOUND)
		weir_answer_error(p->r, 404, NULL, WEIR_TEXT("Profile not found"));
	else if (err == WEIR_EBADREQ)
		weir_answer_error(p->r, 400, NULL, WEIR_TEXT("Property value is not a number"));
	else if (changed(p, err, NULL))
		weir_answer_ids(p->r, receipt.device_id, receipt.session_id, NULL);
}

/* -------------------------------------------------------------------- groups */

void pass_group_serve(struct pass *p)
{
	json_object *payload = p->input.payload;
	struct weir_group_change c = {
		.id = weir_jsonr_get_text(payload, "id"),
		.type = weir_jsonr_get_text(payload, "type"),
		.name = weir_jsonr_get_text(payload, "name"),
	};
	struct weir_receipt receipt;
	const char *why = NULL;
	weir_err err;

	if (!resolve(p, &receipt))
		return;
	c.project_id = p->verdict.client->project_id;
	weir_pairs_init(&c.properties, p->r->mem);
	weir_pairs_init(&c.replaced, p->r->mem);
	err = weir_group_properties(&c.properties, &c.replaced, weir_jsonr_get(payload, "properties"), &why);
	if (!err)
		err = weir_people_put_group(p->in->people, p->r->mem, p->r->now_ms, &c);
	if (changed(p, err, why))
		weir_answer_ids(p->r, receipt.device_id, receipt.session_id, NULL);
}

void pass_assign_serve(struct pass *p)
{
	json_object *payload = p->input.payload, *ids = weir_jsonr_get(payload, "groupIds");
	weir_text profile = weir_track_profile_id(p->r->mem, weir_jsonr_get(payload, "profileId"));
	struct weir_profile_change c = { .is_external = profile.n > 0, .first_name = WEIR_TEXT("") };
	struct weir_receipt receipt;
	weir_err err = WEIR_OK;

	if (!resolve(p, &receipt))
		return;
	c.project_id = p->verdict.client->project_id;
	c.id = profile.n ? profile : receipt.device_id;
	c.groups.count = weir_jsonr_count(ids);
	c.groups.item = c.groups.count ? weir_alloc_n(p->r->mem, c.groups.count, sizeof(weir_text)) : NULL;
	if (c.groups.count && !c.groups.item) {
		pass_unavailable(p->r, WEIR_ENOMEM);
		return;
	}
	for (size_t i = 0; i < c.groups.count; i++)
		c.groups.item[i] = weir_jsonr_text(weir_jsonr_at(ids, i));
	weir_pairs_init(&c.properties, p->r->mem);
	weir_pairs_init(&c.replaced, p->r->mem);
	if (c.id.n) /* a visitor without a device belongs to nobody */
		err = weir_people_put(p->in->people, p->r->mem, p->r->now_ms, &c);
	if (changed(p, err, NULL))
		weir_answer_ids(p->r, receipt.device_id, receipt.session_id, NULL);
}

/* ------------------------------------------------------------ older endpoints */

/* Their bodies have no schema; without a profile there is nothing to do. False: the answer has been made. */
static bool begin(weir_intake *in, struct weir_req *r, struct pass *p, weir_text *id)
{
	struct weir_body body;
	json_object *said;

	if (!weir_body_read(r, (size_t)in->conf->track_body_max, &body))
		return false;
	pass_look(in, r, body.json, p);
	said = weir_jsonr_get(body.json, "profileId");
	p->ask.profile_id = weir_jsonr_text(said);
	p->ask.revenue = weir_jsonr_get(weir_jsonr_get(body.json, "properties"), "__revenue");
	if (!json_object_is_type(said, json_type_string) && !weir_jsonr_is_number(said))
		said = NULL;
	*id = weir_track_profile_id(r->mem, said);
	if (!pass_admit_ingest(p) || !pass_bot(p))
		return false;
	if (!id->n)
		weir_answer_error(r, 400, "Error", WEIR_TEXT("body/profileId Invalid input"));
	return id->n > 0;
}

/* 202 with the profile's id as text. */
static void answer_id(struct pass *p, weir_text id)
{
	weir_req_plain(p->r, 202, "");
	weir_str_text(p->r->out, id);
}

void weir_intake_profile(weir_intake *in, struct weir_req *r)
{
	const char *why = NULL;
	struct pass p;
	weir_text id;

	if (begin(in, r, &p, &id) && changed(&p, identify(&p, p.body, id, &why), why))
		answer_id(&p, id);
}

static void adjust_older(weir_intake *in, struct weir_req *r, int sign)
{
	struct weir_adjustment a;
	struct pass p;
	weir_text id;
	json_object *value;
	weir_err err = WEIR_EBADREQ;

	if (!begin(in, r, &p, &id))
		return;
	value = weir_jsonr_get(p.body, "value");
	a = (struct weir_adjustment){ p.verdict.client->project_id, id, weir_jsonr_get_text(p.body, "property"), sign * json_object_get_double(value) };
	if (weir_jsonr_is_number(value) && a.property.n)
		err = weir_people_adjust(in->people, r->mem, r->now_ms, &a);
	if (err == WEIR_ENOTFOUND)
		weir_req_plain(r, 404, "Not found");
	else if (err == WEIR_EBADREQ)
		weir_req_plain(r, 400, "Not number");
	else if (changed(&p, err, NULL))
		answer_id(&p, id);
}

void weir_intake_increment(weir_intake *in, struct weir_req *r)
{
	adjust_older(in, r, 1);
}

void weir_intake_decrement(weir_intake *in, struct weir_req *r)
{
	adjust_older(in, r, -1);
}
