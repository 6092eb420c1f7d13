#include "config.h"
#include "query/chart.h"

#include "base/jsonr.h"
#include "query/filter.h"

/* What all charts have in common: their range, series, breakdowns, and where their events come from. */

const char *const weir_label_names[WEIR_BREAKDOWNS_MAX] = { "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10" };

weir_err weir_report_of(const struct weir_ask *ask, json_object *in, struct weir_report *r)
{
	json_object *list = weir_jsonr_get(in, "series");
	size_t n = weir_jsonr_count(list);
	weir_err err;

	*r = (struct weir_report){ .ask = *ask, .in = in, .previous = weir_jsonr_truthy(weir_jsonr_get(in, "previous")) };
	if (n > WEIR_SERIES_MAX) {
		weir_ask_advise(ask, "A report has at most 26 series");
		return WEIR_ELIMIT;
	}
	for (size_t i = 0; i < n; i++) {
		json_object *o = weir_jsonr_at(list, i);

		if (!weir_text_is(weir_jsonr_get_text(o, "type"), "formula"))
			r->events[r->event_count++] = o;
	}
	err = weir_range_of(ask->mem, weir_jsonr_get_text(in, "range"), weir_jsonr_get_text(in, "startDate"),
		weir_jsonr_get_text(in, "endDate"), ask->timezone, ask->now_ms, &r->range);
	if (err == WEIR_EBADREQ)
		weir_ask_advise(ask, "Invalid date");
	if (!err)
		weir_range_before(&r->range, &r->before);
	return err;
}

weir_err weir_breakdowns_of(const struct weir_ask *ask, json_object *list, bool all_cohorts, struct weir_breakdowns *out)
{
	weir_err err = WEIR_OK;

	*out = (struct weir_breakdowns){ .count = 0 };
	for (size_t i = 0; i < weir_jsonr_count(list) && !err; i++) {
		weir_text name = weir_jsonr_get_text(weir_jsonr_at(list, i), "name");
		struct weir_event_field f;

		err = weir_field_of(ask->mem, name, &f);
		if (err || f.kind == WEIR_FIELD_UNKNOWN)
			continue;
		if (f.kind == WEIR_FIELD_COHORT && !f.key.n && (!all_cohorts || !ask->cohort_count))
			continue;
		if (out->count == WEIR_BREAKDOWNS_MAX) {
			weir_ask_advise(ask, "A report has at most 10 breakdowns");
			return WEIR_ELIMIT;
		}
		weir_field_joins(&f, &out->joins);
		out->fields[out->count] = f;
		out->names[out->count++] = name;
	}
	return err;
}

void weir_labels_sql(weir_sql *q, size_t count, const char *before)
{
	for (size_t i = 0; i < count; i++) {
		weir_sql_const(q, i ? ", " : before);
		weir_sql_const(q, weir_label_names[i]);
	}
}

weir_err weir_event_joins(const struct weir_report *r, json_object *event, struct weir_joins *joins)
{
	weir_err err = weir_filters_joins(r->ask.mem, weir_jsonr_get(r->in, "globalFilters"), joins);

	return err ? err : weir_filters_joins(r->ask.mem, weir_jsonr_get(event, "filters"), joins);
}

void weir_where_sql(weir_sql *q, const struct weir_ask *ask, const struct weir_span *span)
{
	weir_sql_add(q, " WHERE e.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_span_sql(q, span, "e.created_at");
}

void weir_name_sql(weir_sql *q, weir_text name)
{
	if (weir_text_is(name, "*"))
		return;
	weir_sql_add(q, " AND e.name = ");
	weir_sql_string(q, name);
}

weir_err weir_event_filters_sql(weir_sql *q, const struct weir_report *r, json_object *event)
{
	weir_err err = weir_filters_sql(q, &r->ask, weir_jsonr_get(r->in, "globalFilters"));

	return err ? err : weir_filters_sql(q, &r->ask, weir_jsonr_get(event, "filters"));
}
