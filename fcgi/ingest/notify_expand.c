/* From a match to notifications. */
#include "config.h"
#include "ingest/notify_expand.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "ingest/notice_text.h"
#include "link/smtp.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum {
	RECIPIENTS_MAX = 500,
	FUNNEL_EVENTS = 500,            /* spec/ingest.md 6.6 */
	PAYLOAD_MAX = 8 * 1024 * 1024,
	PAYLOAD_WHOLE = 256 * 1024,     /* beyond that properties are left out, event by event */
	ANSWER_MAX = 64 * 1024 * 1024,
	START_SLACK_MS = 60 * 60 * 1000, /* a late event may lie before what the session called its start */
};

/* One rule that holds. */
struct hit {
	const struct weir_expander *x;
	weir_arena *mem;
	const struct weir_job *job;
	const struct weir_rule *rule;
	const struct weir_event **event; /* funnel: its steps; else one */
	size_t events;
	struct weir_jobs *out;
};

/* ------------------------------------------------------------------ payloads */

static void put_event(weir_json *j, const char *key, const struct weir_event *e, bool whole)
{
	struct weir_event less = *e;

	if (!whole)
		less.properties.count = 0;
	weir_event_payload(j, key, &less);
}

/* {"type":"event","event":{}} or {"type":"funnel","funnel":[{}]}; {NULL, 0} on no memory. */
static weir_text payload_of(const struct hit *h)
{
	weir_text json = { NULL, 0 };
	weir_str out;
	weir_json j;

	weir_str_init(&out, PAYLOAD_MAX);
	for (bool whole = true;; whole = false) {
		weir_str_reset(&out);
		weir_json_init(&j, &out);
		weir_json_obj(&j, NULL);
		weir_json_strz(&j, "type", h->rule->funnel ? "funnel" : "event");
		if (h->rule->funnel) {
			weir_json_arr(&j, "funnel");
			for (size_t i = 0; i < h->events; i++)
				put_event(&j, NULL, h->event[i], whole);
			weir_json_end(&j);
		} else {
			put_event(&j, "event", h->event[0], whole);
		}
		if (!whole)
			weir_json_bool(&j, "propertiesOmitted", true);
		weir_json_end(&j);
		if (!whole || (!weir_str_err(&out) && out.len <= PAYLOAD_WHOLE))
			break;
	}
	if (!weir_json_done(&j) && !weir_str_err(&out))
		json = weir_json_without_nul(h->mem, weir_text_dup(h->mem, weir_str_view(&out)));
	weir_str_free(&out);
	return json;
}

/* ------------------------------------------------------------------- profiles */

static const char profile_sql[] =
	"SELECT id, is_external, first_name, last_name, email, avatar, properties, toString(created_at) AS created_at,"
	" toString(last_seen_at) AS last_seen_at FROM profiles WHERE project_id = {project:String} AND id = {id:String}"
	" ORDER BY profiles.last_seen_at DESC LIMIT 1";

static weir_err read_profile(const struct hit *h, const struct weir_event *e, json_object **profile)
{
	const struct weir_ch_arg params[] = { { "project", e->project_id }, { "id", e->profile_id } };
	const struct weir_ch_query q = { .sql = profile_sql, .params = params, .nparams = 2, .format = "JSON", .read_only = true,
		.answer_max = ANSWER_MAX };
	json_object *rows;
	weir_err err;

	*profile = NULL;
	if (!weir_title_wants_profile(h->rule) || !e->profile_id.n)
		return WEIR_OK;
	err = weir_ch_rows(h->x->ch, h->mem, &q, &rows);
	if (!err && weir_jsonr_count(rows))
		*profile = weir_jsonr_at(rows, 0);
	return err;
}

/* ------------------------------------------------------------------------ jobs */

static weir_err add(const struct hit *h, const struct weir_job *like, enum weir_job_kind kind, weir_text target)
{
	static const char *const words[WEIR_JOB_KINDS] = { [WEIR_JOB_APP] = "app", [WEIR_JOB_POST] = "post", [WEIR_JOB_MAIL] = "mail" };
	struct weir_jobs *out = h->out;
	struct weir_job *job;
	weir_text seed[2] = { h->job->id, h->rule->id };

	if (out->count == out->alloc) {
		size_t more = out->alloc ? out->alloc * 2 : 16;
		struct weir_job *p = weir_alloc_n(h->mem, more, sizeof(*p));

		if (!p)
			return WEIR_ENOMEM;
		if (out->count)
			memcpy(p, out->item, out->count * sizeof(*p));
		out->item = p;
		out->alloc = more;
	}
	job = &out->item[out->count];
	*job = *like;
	job->kind = kind;
	job->target = target;
	/* The match of a funnel is of all the project's rules. */
	job->id = weir_job_id(h->mem, words[kind], weir_job_id(h->mem, "rule", seed[0], seed[1]), target);
	if (!job->id.p)
		return WEIR_ENOMEM;
	out->count++;
	return WEIR_OK;
}

/* Those who may see the project, as meta/access.h decides it. */
static const char recipients_sql[] =
	"SELECT DISTINCT u.email FROM projects p JOIN members m ON m.\"organizationId\" = p.\"organizationId\""
	" JOIN users u ON u.id = m.\"userId\" WHERE p.id = $1 AND u.\"deletedAt\" IS NULL AND"
	" (NOT EXISTS (SELECT 1 FROM project_access a WHERE a.\"organizationId\" = p.\"organizationId\" AND a.\"userId\" = u.id)"
	" OR EXISTS (SELECT 1 FROM project_access a WHERE a.\"projectId\" = p.id AND a.\"userId\" = u.id)) ORDER BY u.email";

static weir_err add_mails(const struct hit *h, const struct weir_job *like)
{
	PGresult *res = NULL;
	weir_err err = weir_pg_exec(h->x->pg, h->mem, &res, recipients_sql, 1, &h->rule->project_id);

	for (int i = 0; !err && i < PQntuples(res) && i < RECIPIENTS_MAX; i++)
		err = add(h, like, WEIR_JOB_MAIL, weir_pg_text(res, i, 0));
	return err;
}

static weir_err add_all(const struct hit *h)
{
	const struct weir_event *last = h->event[h->events - 1];
	struct weir_job like = { .rule = h->rule->id, .project = h->rule->project_id, .created_ms = h->job->created_ms };
	json_object *profile;
	weir_err err = read_profile(h, last, &profile);

	if (err)
		return err;
	like.title = weir_notice_title(h->mem, h->rule, last, profile);
	like.message = weir_notice_message(h->mem, h->rule);
	like.payload = payload_of(h);
	if (!like.title.p || !like.message.p || !like.payload.p)
		return WEIR_ENOMEM;
	if (h->rule->to_app)
		err = add(h, &like, WEIR_JOB_APP, WEIR_TEXT(""));
	for (size_t i = 0; i < h->rule->integrations && !err; i++)
		err = add(h, &like, WEIR_JOB_POST, h->rule->integration[i]);
	if (h->rule->to_email && !weir_smtp_configured(h->x->conf))
		h->out->no_mail = true;
	else if (!err && h->rule->to_email)
		err = add_mails(h, &like);
	return err;
}

/* --------------------------------------------------------------------- funnels */

static const char session_sql[] =
	"SELECT toString(id) AS event_id, name, sdk_name, sdk_version, device_id, profile_id, project_id, session_id, groups, path, origin,"
	" referrer, referrer_name, referrer_type, toString(revenue) AS revenue_text, toString(duration) AS duration_text,"
	" mapApply((k, v) -> (replaceAll(k, '\\0', ''), replaceAll(v, '\\0', '')), properties) AS pairs,"
	" toString(toUnixTimestamp64Milli(created_at)) AS created_ms, toStringCutToZero(country) AS country_text, city, region,"
	" toFloat64(longitude) AS longitude_value, toFloat64(latitude) AS latitude_value, os, os_version, browser, browser_version, device, brand, model"
	" FROM events WHERE project_id = {project:String} AND session_id = {session:String}"
	" AND created_at >= fromUnixTimestamp64Milli({first:Int64}) AND created_at <= fromUnixTimestamp64Milli({last:Int64})"
	" ORDER BY events.created_at, events.id LIMIT {most:UInt32}";

static weir_text int_text(weir_arena *mem, int64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%" PRId64, v);
	return weir_text_dup(mem, weir_text_of(buf));
}

static weir_text column(json_object *row, const char *name)
{
	weir_text t = weir_jsonr_get_text(row, name);

	return t.p ? t : WEIR_TEXT("");
}

static double degrees(json_object *row, const char *name)
{
	json_object *o = weir_jsonr_get(row, name);

	return weir_jsonr_is_number(o) ? json_object_get_double(o) : (double)NAN;
}

static weir_err read_lists(weir_arena *mem, json_object *row, struct weir_event *e)
{
	json_object *groups = weir_jsonr_get(row, "groups"), *pairs = weir_jsonr_get(row, "pairs");
	size_t ngroups = weir_jsonr_count(groups);
	size_t npairs = json_object_is_type(pairs, json_type_object) ? (size_t)json_object_object_length(pairs) : 0;

	e->groups = (weir_texts){ weir_alloc_n(mem, ngroups + 1, sizeof(*e->groups.item)), ngroups };
	e->properties = (weir_map){ weir_alloc_n(mem, npairs + 1, sizeof(*e->properties.item)), 0 };
	if (!e->groups.item || !e->properties.item)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < ngroups; i++)
		e->groups.item[i] = weir_jsonr_text(weir_jsonr_at(groups, i));
	if (npairs) {
		json_object_object_foreach(pairs, key, value)
			e->properties.item[e->properties.count++] = (struct weir_pair){ weir_text_of(key), weir_jsonr_text(value) };
	}
	return WEIR_OK;
}

/* The row as an event; its texts are the JSON tree's. */
static weir_err read_event(weir_arena *mem, json_object *row, struct weir_event *e)
{
	*e = (struct weir_event){ .longitude = degrees(row, "longitude_value"), .latitude = degrees(row, "latitude_value") };
#define TAKE(member) (e->member = column(row, #member))
	TAKE(name);
	TAKE(sdk_name);
	TAKE(sdk_version);
	TAKE(device_id);
	TAKE(profile_id);
	TAKE(project_id);
	TAKE(session_id);
	TAKE(path);
	TAKE(origin);
	TAKE(referrer);
	TAKE(referrer_name);
	TAKE(referrer_type);
	TAKE(city);
	TAKE(region);
	TAKE(os);
	TAKE(os_version);
	TAKE(browser);
	TAKE(browser_version);
	TAKE(device);
	TAKE(brand);
	TAKE(model);
#undef TAKE
	e->country = column(row, "country_text");
	if (weir_uuid_parse(column(row, "event_id"), e->id) || weir_num_uint(column(row, "revenue_text"), &e->revenue) ||
	    weir_num_uint(column(row, "duration_text"), &e->duration) || weir_num_int(column(row, "created_ms"), &e->created_at))
		return WEIR_EBADREQ;
	return read_lists(mem, row, e);
}

static weir_err read_session(const struct weir_expander *x, weir_arena *mem, const struct weir_event *end, struct weir_event **events,
	size_t *count)
{
	const struct weir_ch_arg params[] = {
		{ "project", end->project_id }, { "session", end->session_id },
		{ "first", int_text(mem, end->created_at - (int64_t)end->duration - START_SLACK_MS) },
		{ "last", int_text(mem, end->created_at) },
		{ "most", int_text(mem, FUNNEL_EVENTS) },
	};
	const struct weir_ch_query q = { .sql = session_sql, .params = params, .nparams = sizeof(params) / sizeof(*params), .format = "JSON",
		.read_only = true, .answer_max = ANSWER_MAX };
	json_object *rows;
	weir_err err = weir_ch_rows(x->ch, mem, &q, &rows);

	if (err)
		return err;
	*events = weir_alloc_n(mem, weir_jsonr_count(rows) + 1, sizeof(**events));
	if (!*events)
		return WEIR_ENOMEM;
	for (*count = 0; *count < weir_jsonr_count(rows) && !err; ++*count)
		err = read_event(mem, weir_jsonr_at(rows, *count), &(*events)[*count]);
	return err;
}

/* The funnel's steps as an ordered subsequence of the events; false when one is missing. */
static bool find_steps(const struct weir_rule *rule, const struct weir_event *events, size_t count, const struct weir_event **step)
{
	size_t found = 0;

	for (size_t i = 0; i < count && found < rule->events.count; i++)
		if (weir_condition_holds(&rule->events, found, &events[i]))
			step[found++] = &events[i];
	return found && found == rule->events.count;
}

static weir_err expand_funnel(const struct hit *like, const struct weir_event *end)
{
	struct hit h = *like;
	struct weir_event *events;
	size_t count, rules;
	const struct weir_rule *rule = weir_rules_of(h.x->rules, h.job->project, &rules);
	weir_err err = rules ? read_session(h.x, h.mem, end, &events, &count) : WEIR_OK;

	for (size_t i = 0; i < rules && !err; i++) {
		if (!rule[i].funnel)
			continue;
		h.rule = &rule[i];
		h.events = rule[i].events.count;
		h.event = weir_alloc_n(h.mem, h.events + 1, sizeof(*h.event));
		if (!h.event)
			err = WEIR_ENOMEM;
		else if (find_steps(h.rule, events, count, h.event))
			err = add_all(&h);
	}
	return err;
}

weir_err weir_expand(const struct weir_expander *x, weir_arena *mem, const struct weir_job *job, struct weir_jobs *out, const char **why)
{
	const struct weir_event *only;
	struct weir_event e;
	struct hit h = { .x = x, .mem = mem, .job = job, .event = &only, .events = 1, .out = out };
	weir_err err = weir_event_unpack(mem, job->payload, &e);

	*out = (struct weir_jobs){ .count = 0 };
	*why = "its event cannot be read";
	if (err)
		return err;
	if (job->kind == WEIR_JOB_FUNNEL)
		return expand_funnel(&h, &e);
	only = &e;
	h.rule = weir_rule_by_id(x->rules, job->project, job->rule);
	*why = "there is no such rule any more";
	return h.rule ? add_all(&h) : WEIR_EBADREQ;
}
