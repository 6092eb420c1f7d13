#include "config.h"
#include "rest/bridge.h"
#include "rest/insights.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/zone.h"
#include "query/chart.h"
#include "query/picker.h"

/* GET /export/charts and what programs ask charts for below /insights (spec/ingest.md 9.2, 9.3). */

static weir_err copy(json_object *to, const char *name, json_object *from, const char *as)
{
	json_object *v = weir_jsonr_get(from, as);

	return v ? weir_rest_member(to, name, json_object_get(v)) : WEIR_OK;
}

/* A moment with its time becomes the project's clock; a day stays what it is. */
static weir_err put_date(struct weir_rest_call *c, json_object *in, const char *name)
{
	enum { DAY_LEN = 10 };
	weir_text t = weir_jsonr_get_text(c->in, name);
	const struct weir_zone *zone;
	char buf[WEIR_CLOCK_MAX];
	int64_t ms;
	weir_err err;

	if (!t.n)
		return WEIR_OK;
	if (weir_clock_parse_js(t, &ms)) {
		c->error = "Error";
		return weir_rest_fail(c, WEIR_EBADREQ, "querystring: startDate and endDate must be dates");
	}
	if (t.n > DAY_LEN) {
		err = weir_zone_load(c->meta.mem, weir_known_timezone(c->meta.mem, c->project.timezone), &zone);
		if (err)
			return err;
		t = weir_clock_sql(ms + (int64_t)weir_zone_offset(zone, ms) * 1000, buf);
		t.n = WEIR_WALL_LEN;
	}
	return weir_rest_member(in, name, json_object_new_string_len(t.p, (int)t.n));
}

/* The events of the query as series of a report. */
static weir_err put_series(json_object *in, json_object *events)
{
	json_object *list = json_object_new_array();
	weir_err err = weir_rest_member(in, "series", list);

	for (size_t i = 0; i < weir_jsonr_count(events) && !err; i++) {
		json_object *event = NULL;

		if (json_object_deep_copy(weir_jsonr_at(events, i), &event, NULL))
			return WEIR_ENOMEM;
		err = json_object_array_add(list, event) ? WEIR_ENOMEM : weir_rest_member(event, "type", json_object_new_string("event"));
	}
	return err;
}

weir_err weir_rest_export_charts(struct weir_rest_call *c)
{
	static const char *const same[] = { "breakdowns", "interval", "range", "previous" };
	json_object *in = weir_rest_keep(c, json_object_new_object()), *series = weir_jsonr_get(c->in, "series");
	weir_text answer;
	weir_err err = in ? put_series(in, series ? series : weir_jsonr_get(c->in, "events")) : WEIR_ENOMEM;

	for (size_t i = 0; i < sizeof(same) / sizeof(*same) && !err; i++)
		err = copy(in, same[i], c->in, same[i]);
	if (!err)
		err = put_date(c, in, "startDate");
	if (!err)
		err = put_date(c, in, "endDate");
	if (!err)
		err = weir_rest_procedure(c, "chart.chart", in, &answer);
	if (!err)
		weir_json_raw(&c->json, NULL, answer);
	return err;
}

/* Series of nothing but names, and options. */
static weir_err put_names(json_object *in, json_object *names)
{
	json_object *list = json_object_new_array();
	weir_err err = weir_rest_member(in, "series", list);

	for (size_t i = 0; i < weir_jsonr_count(names) && !err; i++) {
		json_object *event = json_object_new_object();

		err = !event || json_object_array_add(list, event) ? WEIR_ENOMEM : weir_rest_member(event, "type", json_object_new_string("event"));
		if (!err)
			err = weir_rest_member(event, "name", json_object_get(weir_jsonr_at(names, i)));
	}
	return err;
}

/* The kind of chart, and the time that it is about. */
static weir_err put_span(struct weir_rest_call *c, json_object *in, const char *chart_type)
{
	weir_err err = weir_rest_member(in, "chartType", json_object_new_string(chart_type));

	if (!err)
		err = copy(in, "range", c->in, "range");
	if (!err)
		err = put_date(c, in, "startDate");
	return err ? err : put_date(c, in, "endDate");
}

/* ------------------------------------------------------------ which event follows which */

/* A list of the query string, where one element may stand alone. */
static weir_err put_list(json_object *to, const char *name, json_object *given)
{
	json_object *list;
	weir_err err;

	if (!given || json_object_is_type(given, json_type_array))
		return given ? weir_rest_member(to, name, json_object_get(given)) : WEIR_OK;
	list = json_object_new_array();
	err = weir_rest_member(to, name, list);
	return err ? err : json_object_array_add(list, json_object_get(given)) ? WEIR_ENOMEM : WEIR_OK;
}

static weir_err flow_input(struct weir_rest_call *c, json_object *in)
{
	json_object *options = json_object_new_object(), *names = weir_rest_keep(c, json_object_new_array());
	json_object *end = weir_jsonr_get(c->in, "endEvent");
	weir_err err = weir_rest_member(in, "options", options);

	if (!err && (!names || json_object_array_add(names, json_object_get(weir_jsonr_get(c->in, "startEvent")))
		|| (end && json_object_array_add(names, json_object_get(end)))))
		err = WEIR_ENOMEM;
	if (!err)
		err = put_names(in, names);
	if (!err)
		err = weir_rest_member(options, "type", json_object_new_string("sankey"));
	if (!err)
		err = copy(options, "mode", c->in, "mode");
	if (!err)
		err = copy(options, "steps", c->in, "steps");
	if (!err)
		err = put_list(options, "exclude", weir_jsonr_get(c->in, "exclude"));
	if (!err)
		err = put_list(options, "include", weir_jsonr_get(c->in, "include"));
	return err ? err : put_span(c, in, "sankey");
}

weir_err weir_rest_insights_user_flow(struct weir_rest_call *c)
{
	static const char *const lists[] = { "nodes", "links" };
	json_object *in = weir_rest_keep(c, json_object_new_object()), *answer;
	weir_text text;
	weir_err err = in ? flow_input(c, in) : WEIR_ENOMEM;

	if (!err)
		err = weir_rest_procedure(c, "chart.sankey", in, &text);
	if (!err)
		err = weir_jsonr_parse(c->meta.mem, text, 0, &answer, NULL);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_rest_tree(&c->json, "mode", weir_jsonr_get(c->in, "mode"));
	weir_rest_tree(&c->json, "startEvent", weir_jsonr_get(c->in, "startEvent"));
	weir_rest_tree(&c->json, "endEvent", weir_jsonr_get(c->in, "endEvent"));
	weir_json_int(&c->json, "node_count", (int64_t)weir_jsonr_count(weir_jsonr_get(answer, lists[0])));
	weir_json_int(&c->json, "link_count", (int64_t)weir_jsonr_count(weir_jsonr_get(answer, lists[1])));
	for (size_t i = 0; i < 2; i++)
		weir_rest_tree(&c->json, lists[i], weir_jsonr_get(answer, lists[i]));
	weir_json_end(&c->json);
	return WEIR_OK;
}

/* ------------------------------------------------------------ how many go from event to event */

static weir_err funnel_input(struct weir_rest_call *c, json_object *in)
{
	json_object *options = json_object_new_object(), *hours = weir_jsonr_get(c->in, "windowHours");
	weir_err err = weir_rest_member(in, "options", options);

	if (!err)
		err = put_names(in, weir_jsonr_get(c->in, "steps"));
	if (!err)
		err = weir_rest_member(options, "type", json_object_new_string("funnel"));
	if (!err)
		err = copy(options, "funnelGroup", c->in, "groupBy");
	if (!err && hours)
		err = weir_rest_member(options, "funnelWindow", json_object_get(hours));
	return err ? err : put_span(c, in, "funnel");
}

static double number(json_object *o, const char *name)
{
	return json_object_get_double(weir_jsonr_get(o, name));
}

static void put_step(weir_json *j, json_object *step, size_t place, double all)
{
	weir_json_obj(j, NULL);
	weir_json_int(j, "step", (int64_t)place);
	weir_json_str(j, "eventName", weir_jsonr_get_text(weir_jsonr_get(step, "event"), "name"));
	weir_json_num(j, "users", number(step, "count"));
	weir_json_num(j, "conversionRateFromStart", all > 0 ? weir_round(100 * number(step, "count") / all, 2) : 0);
	if (weir_jsonr_get(step, "dropoffPercent"))
		weir_json_num(j, "dropoffPercent", weir_round(number(step, "dropoffPercent"), 2));
	else
		weir_json_null(j, "dropoffPercent"); /* of the last one */
	weir_json_bool(j, "isHighestDropoff", json_object_get_boolean(weir_jsonr_get(step, "isHighestDropoff")));
	weir_json_end(j);
}

weir_err weir_rest_insights_funnel(struct weir_rest_call *c)
{
	json_object *in = weir_rest_keep(c, json_object_new_object()), *answer, *steps;
	weir_text text;
	double all, last;
	size_t n;
	weir_err err = in ? funnel_input(c, in) : WEIR_ENOMEM;

	if (!err)
		err = weir_rest_procedure(c, "chart.funnel", in, &text);
	if (!err)
		err = weir_jsonr_parse(c->meta.mem, text, 0, &answer, NULL);
	if (err)
		return err;
	steps = weir_jsonr_get(weir_jsonr_at(weir_jsonr_get(answer, "current"), 0), "steps");
	n = weir_jsonr_count(steps);
	all = n ? number(weir_jsonr_at(steps, 0), "count") : 0;
	last = n ? number(weir_jsonr_at(steps, n - 1), "count") : 0;
	weir_json_obj(&c->json, NULL);
	weir_json_arr(&c->json, "steps");
	for (size_t i = 0; i < n; i++)
		put_step(&c->json, weir_jsonr_at(steps, i), i + 1, all);
	weir_json_end(&c->json);
	weir_json_num(&c->json, "totalUsers", all);
	weir_json_num(&c->json, "completedUsers", last);
	weir_json_num(&c->json, "overallConversionRate", all > 0 ? weir_round(100 * last / all, 2) : 0);
	weir_json_end(&c->json);
	return WEIR_OK;
}

static void put_texts(weir_json *j, const char *key, json_object *rows, const char *column, size_t most)
{
	weir_json_arr(j, key);
	for (size_t i = 0; i < weir_jsonr_count(rows) && i < most; i++)
		weir_json_str(j, NULL, weir_jsonr_get_text(weir_jsonr_at(rows, i), column));
	weir_json_end(j);
}

weir_err weir_rest_insights_event_names(struct weir_rest_call *c)
{
	enum { NAMES_MAX = 50 };
	struct weir_ask ask = weir_rest_ask(c);
	json_object *rows;
	weir_err err = weir_event_names(&ask, &rows);

	if (!err)
		put_texts(&c->json, NULL, rows, "name", NAMES_MAX);
	return err;
}

weir_err weir_rest_insights_event_properties(struct weir_rest_call *c)
{
	enum { KEYS_MAX = 500 };
	/* What every event has besides. */
	static const char *const columns[] = {
		"name", "path", "origin", "referrer", "referrer_name", "referrer_type", "duration", "revenue", "created_at", "country", "city",
		"region", "os", "os_version", "browser", "browser_version", "device", "brand", "model", "profile_id", "session_id", "device_id",
	};
	struct weir_ask ask = weir_rest_ask(c);
	json_object *rows;
	weir_err err = weir_event_keys(&ask, weir_jsonr_get_text(c->in, "eventName"), KEYS_MAX, &rows);

	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_arr(&c->json, "columns");
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		weir_json_strz(&c->json, NULL, columns[i]);
	weir_json_end(&c->json);
	weir_rest_tree(&c->json, "properties", rows);
	weir_json_end(&c->json);
	return WEIR_OK;
}

weir_err weir_rest_insights_property_values(struct weir_rest_call *c)
{
	enum { VALUES_MAX = 200 };
	struct weir_ask ask = weir_rest_ask(c);
	weir_text event = weir_jsonr_get_text(c->in, "eventName"), key = weir_jsonr_get_text(c->in, "propertyKey"), field;
	json_object *rows = NULL;
	weir_str name;
	weir_err err;

	weir_str_init(&name, 64 * 1024);
	weir_str_puts(&name, weir_text_starts(key, "properties.") ? "" : "properties.");
	weir_str_text(&name, key);
	field = weir_text_dup(c->meta.mem, weir_str_view(&name));
	err = weir_str_err(&name) ? weir_str_err(&name) : field.p ? WEIR_OK : WEIR_ENOMEM;
	weir_str_free(&name);
	if (!err)
		err = weir_field_values(&ask, event, field, &rows);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_str(&c->json, "event", event);
	weir_json_str(&c->json, "property", key);
	put_texts(&c->json, "values", rows, "value", VALUES_MAX);
	weir_json_end(&c->json);
	return WEIR_OK;
}
