#include "config.h"
#include "trpc/report_view.h"

#include "trpc/reply.h"

/* The id by place: A, B ... Z, then A again. */
static void put_id(struct weir_superjson *s, json_object *o, size_t number)
{
	char letter[2] = { (char)('A' + number % 26), '\0' };
	weir_text id = weir_jsonr_get_text(o, "id");

	weir_sj_str(s, "id", id.n ? id : weir_text_of(letter));
}

static void put_or(struct weir_superjson *s, const char *key, json_object *o, const char *fallback)
{
	weir_text t = weir_jsonr_get_text(o, key);

	weir_sj_str(s, key, t.n ? t : weir_text_of(fallback));
}

/* Members that are only there when they are. */
static void put_given(struct weir_superjson *s, json_object *o, const char *const *keys)
{
	for (size_t i = 0; keys[i]; i++)
		if (weir_jsonr_get(o, keys[i]))
			weir_sj_tree(s, keys[i], weir_jsonr_get(o, keys[i]));
}

static void put_filter(struct weir_superjson *s, json_object *o, size_t number)
{
	static const char *const kept[] = { "type", "cohortId", "cohortIds", NULL };
	json_object *value = weir_jsonr_get(o, "value");

	weir_sj_obj(s, NULL);
	put_id(s, o, number);
	put_or(s, "name", o, "Unknown Filter");
	put_or(s, "operator", o, "is");
	if (json_object_is_type(value, json_type_array)) {
		weir_sj_tree(s, "value", value);
	} else {
		weir_sj_arr(s, "value");
		if (json_object_is_type(value, json_type_string))
			weir_sj_tree(s, NULL, value);
		weir_sj_end(s);
	}
	put_given(s, o, kept);
	weir_sj_end(s);
}

static void put_filters(struct weir_superjson *s, const char *key, json_object *list)
{
	weir_sj_arr(s, key);
	for (size_t i = 0; i < weir_jsonr_count(list); i++)
		put_filter(s, weir_jsonr_at(list, i), i);
	weir_sj_end(s);
}

static void put_series(struct weir_superjson *s, json_object *o, size_t number)
{
	static const char *const of_formula[] = { "displayName", "hideSeries", NULL }, *const of_event[] = { "displayName", "property", NULL };

	weir_sj_obj(s, NULL);
	if (weir_text_is(weir_jsonr_get_text(o, "type"), "formula")) {
		weir_sj_strz(s, "type", "formula");
		put_id(s, o, number);
		put_or(s, "formula", o, "");
		put_given(s, o, of_formula);
	} else {
		weir_sj_strz(s, "type", "event");
		put_or(s, "segment", o, "event");
		put_filters(s, "filters", weir_jsonr_get(o, "filters"));
		put_id(s, o, number);
		put_or(s, "name", o, "unknown_event");
		put_given(s, o, of_event);
	}
	weir_sj_end(s);
}

static weir_err read_column(struct weir_call *c, const PGresult *res, int row, int column, json_object **out)
{
	weir_text t = weir_pg_text(res, row, column);
	weir_err err = t.p ? weir_jsonr_parse(c->meta.mem, t, 0, out, NULL) : WEIR_OK;

	if (!t.p)
		*out = NULL;
	return err == WEIR_EBADREQ ? WEIR_EINTERNAL : err;
}

/* Text columns in the order of the answer; optional ones are left out when NULL. */
static void put_text(struct weir_superjson *s, const char *key, const PGresult *res, int row, int column)
{
	weir_text t = weir_pg_text(res, row, column);

	if (t.p)
		weir_sj_str(s, key, t);
}

static void put_json(struct weir_superjson *s, const char *key, const PGresult *res, int row, int column)
{
	weir_text t = weir_pg_text(res, row, column);

	if (t.p)
		weir_sj_raw(s, key, t);
}

static weir_err put_visible(struct weir_call *c, const PGresult *res, int row)
{
	weir_text *items;
	size_t count;
	weir_err err = weir_pg_array(c->meta.mem, res, row, WEIR_REPORT_VISIBLE_SERIES, &items, &count);

	weir_sj_arr(c->out, "visibleSeries");
	for (size_t i = 0; i < count; i++)
		weir_sj_str(c->out, NULL, items[i]);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_report_view(struct weir_call *c, const char *key, const PGresult *res, int row, bool layout)
{
	weir_text name = weir_pg_text(res, row, WEIR_REPORT_NAME);
	struct weir_superjson *s = c->out;
	json_object *series, *filters;
	weir_err err = read_column(c, res, row, WEIR_REPORT_EVENTS, &series);

	if (!err)
		err = read_column(c, res, row, WEIR_REPORT_GLOBAL_FILTERS, &filters);
	if (err)
		return err;
	weir_sj_obj(s, key);
	put_text(s, "id", res, row, WEIR_REPORT_ID);
	put_text(s, "projectId", res, row, WEIR_REPORT_PROJECT_ID);
	weir_sj_str(s, "name", name.n ? name : WEIR_TEXT("Untitled"));
	put_text(s, "chartType", res, row, WEIR_REPORT_CHART_TYPE);
	put_text(s, "lineType", res, row, WEIR_REPORT_LINE_TYPE);
	put_text(s, "interval", res, row, WEIR_REPORT_INTERVAL);
	weir_sj_arr(s, "series");
	for (size_t i = 0; i < weir_jsonr_count(series); i++)
		put_series(s, weir_jsonr_at(series, i), i);
	weir_sj_end(s);
	put_json(s, "breakdowns", res, row, WEIR_REPORT_BREAKDOWNS);
	put_filters(s, "globalFilters", filters);
	put_text(s, "range", res, row, WEIR_REPORT_RANGE);
	weir_sj_bool(s, "previous", weir_pg_bool(res, row, WEIR_REPORT_PREVIOUS));
	put_text(s, "formula", res, row, WEIR_REPORT_FORMULA);
	put_text(s, "metric", res, row, WEIR_REPORT_METRIC);
	put_text(s, "unit", res, row, WEIR_REPORT_UNIT);
	if (layout && weir_pg_text(res, row, WEIR_REPORT_COUNT).p)
		weir_reply_row(c, "layout", &weir_record_layout, res, row, WEIR_REPORT_COUNT);
	put_json(s, "options", res, row, WEIR_REPORT_OPTIONS);
	err = put_visible(c, res, row);
	put_text(s, "startDate", res, row, WEIR_REPORT_START_DATE);
	put_text(s, "endDate", res, row, WEIR_REPORT_END_DATE);
	weir_sj_end(s);
	return err;
}
