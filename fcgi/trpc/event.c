#include "config.h"
#include "trpc/event.h"

#include "base/num.h"
#include "trpc/reply.h"

/* What an item says, in its order; shown by default or when columnVisibility names it (or the member that it follows). */
const struct weir_event_item weir_event_items[] = {
	{ "id", "id", WEIR_EVENT_TEXT, true, true, NULL },
	{ "name", "name", WEIR_EVENT_TEXT, true, true, NULL },
	{ "deviceId", "device_id", WEIR_EVENT_TEXT, true, true, NULL },
	{ "profileId", "profile_id", WEIR_EVENT_TEXT, true, true, NULL },
	{ "projectId", "project_id", WEIR_EVENT_TEXT, true, true, NULL },
	{ "sessionId", "session_id", WEIR_EVENT_TEXT, true, true, NULL },
	{ "properties", "properties", WEIR_EVENT_TREE, false, false, NULL },
	{ "createdAt", "created_ms", WEIR_EVENT_MS, true, true, NULL },
	{ "country", "country", WEIR_EVENT_TEXT, false, true, NULL },
	{ "city", "city", WEIR_EVENT_TEXT, false, true, "country" },
	{ "region", "region", WEIR_EVENT_TEXT, false, false, NULL },
	{ "longitude", "longitude", WEIR_EVENT_NUMBER, false, false, NULL },
	{ "latitude", "latitude", WEIR_EVENT_NUMBER, false, false, NULL },
	{ "os", "os", WEIR_EVENT_TEXT, false, true, NULL },
	{ "osVersion", "os_version", WEIR_EVENT_TEXT, false, false, NULL },
	{ "browser", "browser", WEIR_EVENT_TEXT, false, true, NULL },
	{ "browserVersion", "browser_version", WEIR_EVENT_TEXT, false, false, NULL },
	{ "device", "device", WEIR_EVENT_TEXT, false, false, NULL },
	{ "brand", "brand", WEIR_EVENT_TEXT, false, false, NULL },
	{ "model", "model", WEIR_EVENT_TEXT, false, false, NULL },
	{ "path", "path", WEIR_EVENT_TEXT, false, true, "name" },
	{ "origin", "origin", WEIR_EVENT_TEXT, false, false, NULL },
	{ "referrer", "referrer", WEIR_EVENT_TEXT, false, false, NULL },
	{ "referrerName", "referrer_name", WEIR_EVENT_TEXT, false, false, NULL },
	{ "referrerType", "referrer_type", WEIR_EVENT_TEXT, false, false, NULL },
	{ "importedAt", "imported_s", WEIR_EVENT_SECONDS, false, false, NULL },
	{ "sdkName", "sdk_name", WEIR_EVENT_TEXT, false, false, NULL },
	{ "sdkVersion", "sdk_version", WEIR_EVENT_TEXT, false, false, NULL },
};
const size_t weir_event_item_count = sizeof(weir_event_items) / sizeof(*weir_event_items);

static bool is_shown(const struct weir_event_item *it, json_object *visibility)
{
	const char *name = it->follows ? it->follows : it->name;

	if (it->always || !weir_jsonr_has(visibility, name))
		return it->always || it->usual;
	return weir_jsonr_truthy(weir_jsonr_get(visibility, name));
}

/* A whole event leaves out only the moment of an import that there was not. */
static bool has_value(const struct weir_event_item *it, json_object *row)
{
	return it->kind != WEIR_EVENT_SECONDS || weir_jsonr_get(row, it->column);
}

static int64_t integer(json_object *row, const char *column)
{
	int64_t v;

	return weir_num_int(weir_jsonr_get_text(row, column), &v) ? INT64_MIN : v;
}

static void put_item(struct weir_call *c, const struct weir_event_item *it, json_object *row)
{
	json_object *value = weir_jsonr_get(row, it->column);
	int64_t v;

	switch (it->kind) {
	case WEIR_EVENT_TEXT:
		weir_sj_str(c->out, it->name, weir_jsonr_text(value));
		break;
	case WEIR_EVENT_NUMBER:
	case WEIR_EVENT_TREE:
		if (value)
			weir_sj_tree(c->out, it->name, value);
		else
			weir_sj_null(c->out, it->name);
		break;
	case WEIR_EVENT_MS:
		weir_sj_date(c->out, it->name, integer(row, it->column));
		break;
	case WEIR_EVENT_SECONDS:
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

weir_err weir_event_put(struct weir_call *c, const char *key, json_object *row, const struct weir_event_look *look)
{
	weir_err err;

	weir_sj_obj(c->out, key);
	for (size_t i = 0; i < weir_event_item_count; i++) {
		if (look->whole ? has_value(&weir_event_items[i], row) : is_shown(&weir_event_items[i], look->visibility))
			put_item(c, &weir_event_items[i], row);
		if (!strcmp(weir_event_items[i].name, "referrerType"))
			put_meta(c, look->metas, weir_jsonr_get_text(row, "name"));
	}
	err = weir_profile_put(c, "profile", &look->profiles, row);
	weir_sj_num(c->out, "revenue", json_object_get_double(weir_jsonr_get(row, "revenue")));
	if (look->whole || weir_jsonr_truthy(weir_jsonr_get(look->visibility, "groups"))) {
		weir_sj_tree(c->out, "groups", weir_jsonr_get(row, "groups"));
	} else { /* an empty list where others are left out */
		weir_sj_arr(c->out, "groups");
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return err;
}

static void ask_metas(void *ctx)
{
	struct weir_metas *m = ctx;

	if (m->asked)
		return;
	m->asked = true;
	m->err = weir_event_meta_list(&m->call->meta, m->call->project.id, &m->rows);
}

void weir_metas_beside(struct weir_metas *m, struct weir_call *c, struct weir_ask *ask)
{
	*m = (struct weir_metas){ .call = c, .aside = { ask_metas, m } };
	ask->aside = &m->aside;
}

weir_err weir_metas_take(struct weir_metas *m, PGresult **rows)
{
	ask_metas(m);
	*rows = m->rows;
	return m->err;
}

weir_err weir_event_look(struct weir_call *c, const struct weir_ask *ask, json_object *rows, size_t count, struct weir_event_look *look)
{
	struct weir_ask both = *ask;
	struct weir_metas metas;
	weir_err err;

	weir_metas_beside(&metas, c, &both);
	err = weir_profiles_of(&both, rows, count, &look->profiles);
	return err ? err : weir_metas_take(&metas, &look->metas);
}

weir_err weir_event_page_put(struct weir_call *c, const struct weir_ask *ask, json_object *rows)
{
	size_t n = weir_jsonr_count(rows) > WEIR_EVENTS_PAGE ? WEIR_EVENTS_PAGE : weir_jsonr_count(rows);
	struct weir_event_look look = { .visibility = weir_jsonr_get(c->in, "columnVisibility") };
	weir_err err = weir_event_look(c, ask, rows, n, &look);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < n && !err; i++)
		err = weir_event_put(c, NULL, weir_jsonr_at(rows, i), &look);
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "meta");
	if (!weir_place_put_next(c, rows, n))
		weir_sj_null(c->out, "next");
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return err;
}
