/* From what was said to a row. */
#include "config.h"
#include "ingest/compose.h"

#include "base/id.h"
#include "ingest/flatten.h"
#include "ingest/referrer.h"
#include "ingest/url.h"

#include <math.h>

/* The member by its name, or by the name that older SDKs use; "" when neither is a text. */
static weir_text property(json_object *properties, const char *name, const char *old_name)
{
	weir_text t = weir_jsonr_get_text(properties, name);

	if (!t.n)
		t = weir_jsonr_get_text(properties, old_name);
	return t.n ? t : WEIR_TEXT("");
}

/* The page's query and hash go over what the sender may have put under their names. */
static weir_err add_page(weir_arena *mem, struct weir_pairs *out, const struct weir_page *page, const char **why)
{
	static const char prefix[] = "__query.";
	weir_err err = page->hash.n ? weir_flatten_text(out, WEIR_TEXT("__hash"), page->hash, why) : WEIR_OK;

	for (size_t i = 0; i < page->query.n && !err; i++) {
		weir_text key = page->query.v[i].key;
		char *name = weir_alloc(mem, sizeof(prefix) + key.n);

		if (!name)
			return WEIR_ENOMEM;
		memcpy(name, prefix, sizeof(prefix) - 1);
		memcpy(name + sizeof(prefix) - 1, key.n ? key.p : "", key.n);
		err = weir_flatten_text(out, (weir_text){ name, sizeof(prefix) - 1 + key.n }, page->query.v[i].value, why);
	}
	return err;
}

static weir_err properties_of(weir_arena *mem, json_object *properties, const struct weir_page *page,
	const struct weir_suspicion *marks, struct weir_pairs *out, const char **why)
{
	/* The server's own marks and what became columns; the last two only when the page brings its own. */
	const char *skip[] = { "__path", "__referrer", "__timestamp", "__revenue", "__bot", "__bot_reasons", NULL, NULL, NULL };
	size_t n = 6;
	weir_err err = WEIR_OK;

	if (page->query.n)
		skip[n++] = "__query";
	if (page->hash.n)
		skip[n++] = "__hash";
	weir_pairs_init(out, mem);
	if (properties)
		err = weir_flatten(out, WEIR_TEXT(""), properties, skip, why);
	if (!err)
		err = add_page(mem, out, page, why);
	if (!err && marks->reasons.n)
		err = weir_pairs_set(out, WEIR_TEXT("__bot_reasons"), marks->reasons);
	if (!err && marks->bot)
		err = weir_pairs_set(out, WEIR_TEXT("__bot"), WEIR_TEXT("1"));
	return err;
}

static void fill_fixed(struct weir_session_fixed *f, const struct weir_event *e, const struct weir_pairs *query)
{
	static const struct {
		const char *key;
		size_t at;
	} utm[] = {
		{ "utm_medium", offsetof(struct weir_session_fixed, utm_medium) },
		{ "utm_source", offsetof(struct weir_session_fixed, utm_source) },
		{ "utm_campaign", offsetof(struct weir_session_fixed, utm_campaign) },
		{ "utm_content", offsetof(struct weir_session_fixed, utm_content) },
		{ "utm_term", offsetof(struct weir_session_fixed, utm_term) },
	};

	*f = (struct weir_session_fixed){
		.country = e->country, .region = e->region, .city = e->city, .longitude = e->longitude, .latitude = e->latitude,
		.device = e->device, .brand = e->brand, .model = e->model, .browser = e->browser, .browser_version = e->browser_version,
		.os = e->os, .os_version = e->os_version, .referrer = e->referrer, .referrer_name = e->referrer_name,
		.referrer_type = e->referrer_type, .sdk_name = e->sdk_name, .sdk_version = e->sdk_version,
	};
	for (size_t i = 0; i < sizeof(utm) / sizeof(utm[0]); i++)
		*(weir_text *)(void *)((char *)f + utm[i].at) = weir_pairs_get(query, weir_text_of(utm[i].key));
}

static void fill_agent(struct weir_event *e, const struct weir_visit *visit, json_object *properties)
{
	struct weir_agent agent = visit->agent;

	if (!agent.is_server && properties)
		weir_agent_override(&agent, properties);
	e->os = agent.os;
	e->os_version = agent.os_version;
	e->browser = agent.browser;
	e->browser_version = agent.browser_version;
	e->device = agent.device;
	e->brand = agent.brand;
	e->model = agent.model;
}

/* A server's own address is nobody's place. */
static void fill_place(struct weir_event *e, const struct weir_visit *visit)
{
	const struct weir_place *p = &visit->place;
	bool known = !visit->agent.is_server;

	e->country = known && p->country.n == 2 ? p->country : WEIR_TEXT("");
	e->city = known ? p->city : WEIR_TEXT("");
	e->region = known ? p->region : WEIR_TEXT("");
	e->longitude = known && p->has_point ? p->longitude : (double)NAN;
	e->latitude = known && p->has_point ? p->latitude : (double)NAN;
}

weir_err weir_compose(weir_arena *mem, const struct weir_track_event *said, const struct weir_visit *visit, weir_text project_id,
	struct weir_composed *out, const char **why)
{
	weir_text where = property(said->properties, "__path", "path");
	struct weir_event *e = &out->event;
	struct weir_referrer referrer = { WEIR_TEXT(""), WEIR_TEXT(""), WEIR_TEXT("") };
	struct weir_pairs properties;
	struct weir_page page;
	weir_err err;

	*why = NULL;
	*out = (struct weir_composed){ .event = { .name = said->name } };
	err = weir_page_parse(mem, where, &page);
	if (!err)
		err = properties_of(mem, said->properties, &page, &visit->marks, &properties, why);
	/* Events of servers and of the past take their referrer from a session or have none. */
	if (!err && !visit->agent.is_server && !visit->when.past)
		err = weir_referrer_of(mem, property(said->properties, "__referrer", "referrer"), where, &page, &referrer);
	if (err)
		return err;
	weir_uuid_new(e->id);
	e->sdk_name = visit->sdk_name;
	e->sdk_version = visit->sdk_version;
	e->profile_id = said->profile_id;
	e->project_id = project_id;
	e->groups = said->groups;
	e->path = page.path;
	e->origin = page.origin;
	e->referrer = referrer.url;
	e->referrer_name = referrer.name;
	e->referrer_type = referrer.type;
	e->revenue = said->revenue;
	e->properties = (weir_map){ properties.v, properties.n };
	e->created_at = visit->when.ms;
	fill_agent(e, visit, said->properties);
	fill_place(e, visit);
	fill_fixed(&out->fixed, e, &page.query);
	return WEIR_OK;
}
