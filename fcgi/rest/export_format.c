#include "config.h"
#include "rest/export_format.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "rest/answer.h"
#include "trpc/event.h"

static const struct {
	const char *name;
	size_t at;
} extras[] = {
	{ "revenue", offsetof(struct weir_export_look, revenue) }, { "groups", offsetof(struct weir_export_look, groups) },
	{ "duration", offsetof(struct weir_export_look, duration) }, { "profile", offsetof(struct weir_export_look, profile) },
	{ "meta", offsetof(struct weir_export_look, meta) },
};

static void include(struct weir_export_look *look, weir_text name)
{
	for (size_t i = 0; i < weir_event_item_count; i++)
		if (weir_text_is(name, weir_event_items[i].name))
			look->shown[i] = true;
	for (size_t i = 0; i < sizeof(extras) / sizeof(*extras); i++)
		if (weir_text_is(name, extras[i].name))
			*(bool *)((char *)look + extras[i].at) = true;
}

static void include_list(struct weir_export_look *look, weir_text list)
{
	weir_text name;

	while (weir_text_next(&list, ',', &name))
		include(look, name);
}

void weir_export_look(json_object *includes, struct weir_export_look *look)
{
	*look = (struct weir_export_look){ .profiles = NULL };
	for (size_t i = 0; i < weir_event_item_count; i++)
		look->shown[i] = weir_event_items[i].usual;
	if (json_object_is_type(includes, json_type_array))
		for (size_t i = 0; i < weir_jsonr_count(includes); i++)
			include_list(look, weir_jsonr_text(weir_jsonr_at(includes, i)));
	else
		include_list(look, weir_jsonr_text(includes));
}

/* Milliseconds of a column that holds them, or seconds, as text; INT64_MIN for none. */
static int64_t moment(const struct weir_event_item *it, json_object *row)
{
	int64_t v;

	if (weir_num_int(weir_jsonr_get_text(row, it->column), &v) || (it->kind == WEIR_EVENT_SECONDS && v <= 0))
		return INT64_MIN;
	return it->kind == WEIR_EVENT_SECONDS ? v * 1000 : v;
}

static void put_tree(weir_json *j, const char *key, json_object *value)
{
	weir_json_raw(j, key, weir_text_of(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
}

static void put_item(weir_json *j, const struct weir_event_item *it, json_object *row)
{
	char buf[WEIR_CLOCK_MAX];
	int64_t ms;

	switch (it->kind) {
	case WEIR_EVENT_TEXT:
		weir_json_str(j, it->name, weir_jsonr_get_text(row, it->column));
		break;
	case WEIR_EVENT_NUMBER:
	case WEIR_EVENT_TREE:
		put_tree(j, it->name, weir_jsonr_get(row, it->column));
		break;
	case WEIR_EVENT_MS:
	case WEIR_EVENT_SECONDS:
		ms = moment(it, row);
		if (ms == INT64_MIN)
			weir_json_null(j, it->name);
		else
			weir_json_str(j, it->name, weir_clock_iso(ms, buf));
	}
}

static json_object *profile_of(const struct weir_export_look *look, json_object *row)
{
	for (size_t i = 0; i < weir_jsonr_count(look->profiles); i++) {
		json_object *p = weir_jsonr_at(look->profiles, i);

		if (weir_text_eq(weir_jsonr_get_text(p, "id"), weir_jsonr_get_text(row, "profile_id")))
			return p;
	}
	return NULL;
}

static void put_profile(weir_json *j, json_object *p)
{
	static const struct {
		const char *name, *column;
	} texts[] = { { "id", "id" }, { "firstName", "first_name" }, { "lastName", "last_name" }, { "email", "email" }, { "avatar", "avatar" } };

	if (!p) {
		weir_json_null(j, "profile");
		return;
	}
	weir_json_obj(j, "profile");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		weir_json_str(j, texts[i].name, weir_jsonr_get_text(p, texts[i].column));
	put_tree(j, "isExternal", weir_jsonr_get(p, "is_external"));
	put_tree(j, "properties", weir_jsonr_get(p, "properties"));
	put_tree(j, "groups", weir_jsonr_get(p, "groups"));
	weir_json_end(j);
}

static void put_meta(weir_json *j, const PGresult *metas, weir_text name)
{
	for (int i = 0; metas && i < PQntuples(metas); i++) {
		if (!weir_text_eq(weir_pg_text(metas, i, WEIR_EVENT_META_NAME), name))
			continue;
		weir_json_obj(j, "meta");
		weir_json_str(j, "name", name);
		weir_json_bool(j, "conversion", weir_pg_bool(metas, i, WEIR_EVENT_META_CONVERSION));
		weir_json_str(j, "color", weir_pg_text(metas, i, WEIR_EVENT_META_COLOR));
		weir_json_str(j, "icon", weir_pg_text(metas, i, WEIR_EVENT_META_ICON));
		weir_json_end(j);
		return;
	}
	weir_json_null(j, "meta");
}

weir_err weir_export_json(weir_json *j, weir_arena *mem, json_object *row, const struct weir_export_look *look)
{
	(void)mem;
	weir_json_obj(j, NULL);
	for (size_t i = 0; i < weir_event_item_count; i++)
		if (look->shown[i])
			put_item(j, &weir_event_items[i], row);
	if (look->duration)
		put_tree(j, "duration", weir_jsonr_get(row, "duration"));
	if (look->revenue)
		put_tree(j, "revenue", weir_jsonr_get(row, "revenue"));
	if (look->profile)
		put_profile(j, profile_of(look, row));
	if (look->meta)
		put_meta(j, look->metas, weir_jsonr_get_text(row, "name"));
	if (look->groups) {
		put_tree(j, "groups", weir_jsonr_get(row, "groups"));
	} else {
		weir_json_arr(j, "groups");
		weir_json_end(j);
	}
	weir_json_end(j);
	return weir_str_err(j->out);
}

/* Columns of CSV that are not among the items. */
static const char *const columns[] = { "duration", "revenue", "groups" };

static bool has_column(const struct weir_export_look *look, size_t i)
{
	return i == 0 ? look->duration : i == 1 ? look->revenue : look->groups;
}

static void cell(weir_str *out, bool first, weir_text t)
{
	bool quoted = false;

	if (!first)
		weir_str_putc(out, ',');
	for (size_t i = 0; i < t.n; i++)
		quoted = quoted || strchr("\",\r\n", t.p[i]);
	if (!quoted) {
		weir_str_text(out, t);
		return;
	}
	weir_str_putc(out, '"');
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '"')
			weir_str_putc(out, '"');
		weir_str_putc(out, t.p[i]);
	}
	weir_str_putc(out, '"');
}

static weir_text text_of(json_object *value)
{
	if (!value)
		return WEIR_TEXT("");
	if (json_object_is_type(value, json_type_string))
		return weir_jsonr_text(value);
	return weir_text_of(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

void weir_export_csv_head(weir_str *out, const struct weir_export_look *look)
{
	bool first = true;

	for (size_t i = 0; i < weir_event_item_count; i++)
		if (look->shown[i]) {
			cell(out, first, weir_text_of(weir_event_items[i].name));
			first = false;
		}
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (has_column(look, i))
			cell(out, false, weir_text_of(columns[i]));
	weir_str_puts(out, "\r\n");
}

weir_err weir_export_csv(weir_str *out, json_object *row, const struct weir_export_look *look)
{
	char buf[WEIR_CLOCK_MAX];
	bool first = true;

	for (size_t i = 0; i < weir_event_item_count; i++) {
		const struct weir_event_item *it = &weir_event_items[i];
		bool time = it->kind == WEIR_EVENT_MS || it->kind == WEIR_EVENT_SECONDS;

		if (!look->shown[i])
			continue;
		if (!time)
			cell(out, first, text_of(weir_jsonr_get(row, it->column)));
		else
			cell(out, first, moment(it, row) == INT64_MIN ? WEIR_TEXT("") : weir_clock_iso(moment(it, row), buf));
		first = false;
	}
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (has_column(look, i))
			cell(out, false, text_of(weir_jsonr_get(row, columns[i])));
	weir_str_puts(out, "\r\n");
	return weir_str_err(out);
}
