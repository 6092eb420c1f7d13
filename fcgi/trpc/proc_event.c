#include "config.h"
#include "trpc/call.h"

#include "base/clock.h"
#include "base/num.h"
#include "meta/event_meta.h"
#include "query/events.h"
#include "trpc/ask.h"
#include "trpc/profile.h"
#include "trpc/reply.h"

/* event.events (spec/queries.md 17.1). */

/* What an item says, in its order; shown by default or when columnVisibility names it (or the member that it follows). */
static const struct item {
	const char *name, *column;
	enum { TEXT, NUMBER, TREE, MS, SECONDS } kind;
	bool always, usual;
	const char *follows;
} items[] = {
	{ "id", "id", TEXT, true, true, NULL },
	{ "name", "name", TEXT, true, true, NULL },
	{ "deviceId", "device_id", TEXT, true, true, NULL },
	{ "profileId", "profile_id", TEXT, true, true, NULL },
	{ "projectId", "project_id", TEXT, true, true, NULL },
	{ "sessionId", "session_id", TEXT, true, true, NULL },
	{ "properties", "properties", TREE, false, false, NULL },
	{ "createdAt", "created_ms", MS, true, true, NULL },
	{ "country", "country", TEXT, false, true, NULL },
	{ "city", "city", TEXT, false, true, "country" },
	{ "region", "region", TEXT, false, false, NULL },
	{ "longitude", "longitude", NUMBER, false, false, NULL },
	{ "latitude", "latitude", NUMBER, false, false, NULL },
	{ "os", "os", TEXT, false, true, NULL },
	{ "osVersion", "os_version", TEXT, false, false, NULL },
	{ "browser", "browser", TEXT, false, true, NULL },
	{ "browserVersion", "browser_version", TEXT, false, false, NULL },
	{ "device", "device", TEXT, false, false, NULL },
	{ "brand", "brand", TEXT, false, false, NULL },
	{ "model", "model", TEXT, false, false, NULL },
	{ "path", "path", TEXT, false, true, "name" },
	{ "origin", "origin", TEXT, false, false, NULL },
	{ "referrer", "referrer", TEXT, false, false, NULL },
	{ "referrerName", "referrer_name", TEXT, false, false, NULL },
	{ "referrerType", "referrer_type", TEXT, false, false, NULL },
	{ "importedAt", "imported_s", SECONDS, false, false, NULL },
	{ "sdkName", "sdk_name", TEXT, false, false, NULL },
	{ "sdkVersion", "sdk_version", TEXT, false, false, NULL },
};

static bool is_shown(const struct item *it, json_object *visibility)
{
	const char *name = it->follows ? it->follows : it->name;

	if (it->always || !weir_jsonr_has(visibility, name))
		return it->always || it->usual;
	return weir_jsonr_truthy(weir_jsonr_get(visibility, name));
}

static int64_t integer(json_object *row, const char *column)
{
	int64_t v;

	return weir_num_int(weir_jsonr_get_text(row, column), &v) ? INT64_MIN : v;
}

static void put_item(struct weir_call *c, const struct item *it, json_object *row)
{
	json_object *value = weir_jsonr_get(row, it->column);
	int64_t v;

	switch (it->kind) {
	case TEXT:
		weir_sj_str(c->out, it->name, weir_jsonr_text(value));
		break;
	case NUMBER:
	case TREE:
		if (value)
			weir_sj_tree(c->out, it->name, value);
		else
			weir_sj_null(c->out, it->name);
		break;
	case MS:
		weir_sj_date(c->out, it->name, integer(row, it->column));
		break;
	case SECONDS:
		v = integer(row, it->column);
		weir_sj_date(c->out, it->name, v > 0 ? v * 1000 : INT64_MIN);
	}
}

static void put_meta(struct weir_call *c, const PGresult *metas, weir_text name)
{
	for (int i = 0; i < PQntuples(metas); i++)
		if (weir_text_eq(weir_pg_text(metas, i, WEIR_EVENT_META_NAME), name)) {
			weir_sj_obj(c->out, "meta");
			weir_reply_record(c->out, c->meta.mem, &weir_record_event_meta, metas, i, 0, NULL);
			weir_sj_end(c->out);
			return;
		}
}

static weir_err put_event(struct weir_call *c, json_object *row, const PGresult *metas, const struct weir_page_profiles *profiles)
{
	json_object *visibility = weir_jsonr_get(c->in, "columnVisibility");
	weir_err err;

	weir_sj_obj(c->out, NULL);
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
		if (is_shown(&items[i], visibility))
			put_item(c, &items[i], row);
		if (!strcmp(items[i].name, "referrerType"))
			put_meta(c, metas, weir_jsonr_get_text(row, "name"));
	}
	err = weir_profile_put(c, "profile", profiles, row);
	weir_sj_num(c->out, "revenue", json_object_get_double(weir_jsonr_get(row, "revenue")));
	if (weir_jsonr_truthy(weir_jsonr_get(visibility, "groups"))) {
		weir_sj_tree(c->out, "groups", weir_jsonr_get(row, "groups"));
	} else { /* an empty list where others are left out */
		weir_sj_arr(c->out, "groups");
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return err;
}

/* "2026-08-01T12:00:00.000Z", or with ",ID" when the page broke off inside a millisecond. */
static weir_err read_cursor(struct weir_call *c, struct weir_events_ask *ask)
{
	weir_text t = weir_jsonr_get_text(c->in, "cursor"), when = t;
	const char *comma = t.n ? memchr(t.p, ',', t.n) : NULL;

	if (!t.n)
		return WEIR_OK;
	ask->has_cursor = true;
	if (comma) {
		when.n = (size_t)(comma - t.p);
		ask->cursor.id = (weir_text){ comma + 1, t.n - when.n - 1 };
	}
	return weir_clock_parse_js(when, &ask->cursor.ms) ? weir_call_refuse(c, "cursor", "Invalid date") : WEIR_OK;
}

/* A Date, or a string that JavaScript would read as one. */
static weir_err read_date(struct weir_call *c, const char *name, bool *given, int64_t *ms)
{
	json_object *value = weir_jsonr_get(c->in, name);
	weir_text t = weir_jsonr_text(value);

	*given = value != NULL;
	if (!value)
		return WEIR_OK;
	return !t.n || weir_clock_parse_js(t, ms) ? weir_call_refuse(c, name, "Invalid date") : WEIR_OK;
}

static weir_err read_input(struct weir_call *c, struct weir_events_ask *ask)
{
	json_object *names = weir_jsonr_get(c->in, "events");
	bool start, end;
	weir_text *list;
	weir_err err;

	*ask = (struct weir_events_ask){
		.base = weir_ask_of(c), .filters = weir_jsonr_get(c->in, "filters"),
		.profile_id = weir_jsonr_get_text(c->in, "profileId"), .session_id = weir_jsonr_get_text(c->in, "sessionId"),
		.group_id = weir_jsonr_get_text(c->in, "groupId"), .cohort_id = weir_jsonr_get_text(c->in, "cohortId"),
		.name_count = names ? json_object_array_length(names) : 0,
	};
	list = weir_alloc_n(c->meta.mem, ask->name_count + 1, sizeof(*list));
	for (size_t i = 0; list && i < ask->name_count; i++)
		list[i] = weir_jsonr_text(json_object_array_get_idx(names, i));
	ask->names = list;
	err = list ? read_cursor(c, ask) : WEIR_ENOMEM;
	if (!err)
		err = read_date(c, "startDate", &start, &ask->start_ms);
	if (!err)
		err = read_date(c, "endDate", &end, &ask->end_ms);
	ask->has_dates = !err && start && end;
	return err;
}

/* Where the next page begins: null behind nothing. */
static void put_next(struct weir_call *c, json_object *rows, size_t shown)
{
	json_object *last, *more;
	char buf[WEIR_CLOCK_MAX];
	weir_str next;

	if (!shown) {
		weir_sj_null(c->out, "next");
		return;
	}
	last = json_object_array_get_idx(rows, shown - 1);
	more = json_object_array_get_idx(rows, shown);
	weir_str_init(&next, 256);
	weir_str_text(&next, weir_clock_iso(integer(last, "created_ms"), buf));
	if (more && integer(more, "created_ms") == integer(last, "created_ms")) {
		weir_str_putc(&next, ',');
		weir_str_text(&next, weir_jsonr_get_text(last, "id"));
	}
	weir_sj_str(c->out, "next", weir_str_view(&next));
	weir_str_free(&next);
}

weir_err weir_do_event_events(struct weir_call *c)
{
	struct weir_page_profiles profiles;
	struct weir_events_ask ask;
	json_object *rows = NULL;
	PGresult *metas = NULL;
	size_t n;
	weir_err err = read_input(c, &ask);

	if (!err)
		err = weir_events_page(&ask, &rows);
	if (!err)
		err = weir_event_meta_list(&c->meta, c->project.id, &metas);
	if (err)
		return err;
	n = json_object_array_length(rows);
	n = n > WEIR_EVENTS_PAGE ? WEIR_EVENTS_PAGE : n;
	err = weir_profiles_of(&ask.base, rows, n, &profiles);
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < n && !err; i++)
		err = put_event(c, json_object_array_get_idx(rows, i), metas, &profiles);
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "meta");
	put_next(c, rows, n);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return err;
}
