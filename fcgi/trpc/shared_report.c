#include "config.h"
#include "trpc/shared_report.h"

/* Takes value; the members of raw are owned by it. */
static weir_err put(json_object *o, const char *key, json_object *value)
{
	return value && !json_object_object_add(o, key, value) ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err put_shared(json_object *o, const char *key, json_object *value)
{
	return put(o, key, json_object_get(value));
}

static size_t length(json_object *list)
{
	return weir_jsonr_count(list);
}

/* Reports of old times: a filter's value may be a text instead of a list. */
static weir_err mend_filters(json_object *filters)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < length(filters) && !err; i++) {
		json_object *filter = weir_jsonr_at(filters, i), *value = weir_jsonr_get(filter, "value"), *list;

		if (!json_object_is_type(value, json_type_string))
			continue;
		list = json_object_new_array();
		if (!list || json_object_array_add(list, json_object_get(value)))
			return WEIR_ENOMEM;
		err = put(filter, "value", list);
	}
	return err;
}

/* And an item of the series may not tell that it is an event. */
static weir_err mend(json_object *report)
{
	json_object *series = weir_jsonr_get(report, "series");
	weir_err err = mend_filters(weir_jsonr_get(report, "globalFilters"));

	for (size_t i = 0; i < length(series) && !err; i++) {
		json_object *item = weir_jsonr_at(series, i);

		if (json_object_is_type(item, json_type_object) && !weir_jsonr_get(item, "type"))
			err = put(item, "type", json_object_new_string("event"));
		if (!err)
			err = mend_filters(weir_jsonr_get(item, "filters"));
	}
	return err;
}

/* What the two events of a retention report are: the values of the event's first filter, else its own name. */
static weir_err put_names(json_object *out, const char *key, json_object *item)
{
	json_object *filters = weir_jsonr_get(item, "filters"), *name = weir_jsonr_get(item, "name"), *list;
	json_object *values = length(filters) ? weir_jsonr_get(weir_jsonr_at(filters, 0), "value") : NULL;

	if (length(values))
		return put_shared(out, key, values);
	list = json_object_new_array();
	if (!list || json_object_array_add(list, name ? json_object_get(name) : json_object_new_string("*"))) {
		json_object_put(list);
		return WEIR_ENOMEM;
	}
	return put(out, key, list);
}

/* A retention chart's own members, taken from where its report keeps them. */
static weir_err put_retention(json_object *out)
{
	json_object *series = weir_jsonr_get(out, "series"), *criteria = weir_jsonr_get(weir_jsonr_get(out, "options"), "criteria");
	json_object *filters = json_object_new_array();
	weir_err err = put(out, "filters", filters);

	for (size_t i = 0; i < length(weir_jsonr_get(out, "globalFilters")) && !err; i++)
		err = json_object_array_add(filters, json_object_get(weir_jsonr_at(weir_jsonr_get(out, "globalFilters"), i))) ? WEIR_ENOMEM : WEIR_OK;
	for (size_t i = 0; i < length(series) && !err; i++) {
		json_object *of_item = weir_jsonr_get(weir_jsonr_at(series, i), "filters");

		for (size_t k = 0; k < length(of_item) && !err; k++) {
			json_object *filter = weir_jsonr_at(of_item, k);

			if (!weir_text_is(weir_jsonr_get_text(filter, "name"), "name"))
				err = json_object_array_add(filters, json_object_get(filter)) ? WEIR_ENOMEM : WEIR_OK;
		}
	}
	if (!err && criteria)
		err = put_shared(out, "criteria", criteria);
	if (!err && length(series) > 1) {
		err = put_names(out, "firstEvent", weir_jsonr_at(series, 0));
		if (!err)
			err = put_names(out, "secondEvent", weir_jsonr_at(series, 1));
	}
	return err;
}

/* raw loses all but the span of time, and gets the report's members. */
static weir_err replace(json_object *raw, json_object *report)
{
	static const char *const kept[] = { "range", "interval", "startDate", "endDate" };
	json_object *span[4];
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < 4; i++)
		span[i] = json_object_get(weir_jsonr_get(raw, kept[i]));
	json_object_object_foreach(report, key, value) {
		if (!err)
			err = put_shared(raw, key, value);
	}
	json_object_object_foreach(raw, name, old) {
		(void)old;
		if (!weir_jsonr_has(report, name))
			json_object_object_del(raw, name);
	}
	for (size_t i = 0; i < 4; i++)
		if (span[i] && (err || json_object_object_add(raw, kept[i], span[i]))) {
			json_object_put(span[i]);
			err = WEIR_ENOMEM;
		}
	return err;
}

weir_err weir_report_input(weir_arena *mem, weir_text json, json_object *in)
{
	json_object *report;
	weir_err err = weir_jsonr_parse(mem, json, 0, &report, NULL);

	if (!err)
		err = mend(report);
	if (!err)
		err = put_retention(report);
	return err ? err : replace(in, report);
}

weir_err weir_shared_report(struct weir_call *c, json_object *raw, struct weir_share *share)
{
	/* In the reference's order. */
	static const enum weir_share_kind kinds[] = { WEIR_SHARE_dashboard, WEIR_SHARE_report };
	static const char *const spans[] = { "range", "interval" };
	bool given[] = { weir_jsonr_get(raw, spans[0]) != NULL, weir_jsonr_get(raw, spans[1]) != NULL };
	weir_text id = weir_jsonr_get_text(raw, "id"), share_id = weir_jsonr_get_text(raw, "shareId"), json = { NULL, 0 };
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < 2 && !err && !json.p; i++) {
		err = weir_share_get(&c->meta, kinds[i], share_id, share);
		if (!err && share->found)
			err = weir_share_report(&c->meta, share, id, &json);
	}
	if (err || !json.p) {
		*share = (struct weir_share){ .found = false };
		return err;
	}
	err = weir_report_input(c->meta.mem, json, raw);
	if (err)
		return err;
	/* A visitor's span is his own: what he does not say is what the input's schema says. */
	for (size_t i = 0; i < 2; i++)
		if (!given[i])
			json_object_object_del(raw, spans[i]);
	return WEIR_OK;
}
