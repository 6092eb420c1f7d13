#include "config.h"
#include "trpc/chart.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/zone.h"
#include "meta/record.h"
#include "query/picker.h"
#include "trpc/ask.h"
#include "trpc/event.h"
#include "trpc/reply.h"

/* What a chart can be made of, who is behind its points, and the card of a project (spec/queries.md 8). */

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

weir_err weir_do_chart_events(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	struct weir_metas beside;
	json_object *rows = NULL;
	PGresult *metas;
	double all = 0;
	weir_err err;

	weir_metas_beside(&beside, c, &ask);
	err = weir_event_names(&ask, &rows);
	if (!err)
		err = weir_metas_take(&beside, &metas);
	if (err)
		return err;
	for (size_t i = 0; i < weir_jsonr_count(rows); i++)
		all += json_object_get_double(weir_jsonr_get(weir_jsonr_at(rows, i), "count"));
	weir_sj_arr(c->out, NULL);
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "name", "*");
	weir_sj_num(c->out, "count", all);
	weir_sj_end(c->out);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		json_object *row = weir_jsonr_at(rows, i);

		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "name", weir_jsonr_get_text(row, "name"));
		weir_sj_num(c->out, "count", json_object_get_double(weir_jsonr_get(row, "count")));
		put_meta(c, metas, weir_jsonr_get_text(row, "name"));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

static void put_texts(struct weir_call *c, const char *key, json_object *rows, const char *column)
{
	weir_sj_arr(c->out, key);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++)
		weir_sj_str(c->out, NULL, weir_jsonr_get_text(weir_jsonr_at(rows, i), column));
	weir_sj_end(c->out);
}

weir_err weir_do_chart_properties(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows = NULL;
	weir_err err = weir_property_names(&ask, weir_jsonr_get_text(c->in, "event"), &rows);

	if (!err)
		put_texts(c, NULL, rows, "key");
	return err;
}

weir_err weir_do_chart_values(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	weir_text field = weir_jsonr_get_text(c->in, "property");
	json_object *rows = NULL;
	weir_err err = WEIR_OK;

	weir_sj_obj(c->out, NULL);
	if (weir_text_is(field, "has_profile")) {
		weir_sj_arr(c->out, "values");
		weir_sj_strz(c->out, NULL, "true");
		weir_sj_strz(c->out, NULL, "false");
		weir_sj_end(c->out);
	} else {
		err = weir_field_values(&ask, weir_jsonr_get_text(c->in, "event"), field, &rows);
		put_texts(c, "values", rows, "value");
	}
	weir_sj_end(c->out);
	return err;
}

/* ------------------------------------------------------- behind a point */

/* A moment as the zone's clock shows it; a text without a zone is that already. */
static weir_err wall_of(struct weir_call *c, const struct weir_ask *ask, weir_text date, weir_text *wall)
{
	const struct weir_zone *zone;
	char buf[WEIR_CLOCK_MAX];
	int64_t ms;
	weir_err err = weir_zone_load(c->meta.mem, ask->timezone, &zone);

	if (err)
		return err;
	if (weir_clock_parse_js(date, &ms))
		return weir_call_fail(c, WEIR_EBADREQ, "Invalid date");
	if (weir_text_ends(date, "Z") || weir_text_find(date, WEIR_TEXT("GMT")))
		ms += (int64_t)weir_zone_offset(zone, ms) * 1000;
	*wall = weir_clock_sql(ms, buf);
	wall->n = WEIR_WALL_LEN;
	*wall = weir_text_dup(c->meta.mem, *wall);
	return wall->p ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err breakdown_sql(weir_sql *q, const struct weir_ask *ask, const struct weir_breakdowns *list, const weir_text *values)
{
	for (size_t i = 0; i < list->count; i++) {
		weir_sql_add(q, " AND ");
		weir_field_name_sql(q, ask, &list->fields[i]);
		weir_sql_add(q, " = ");
		weir_sql_string(q, values[i]);
	}
	return WEIR_OK;
}

/* {field: value} as breakdowns and their values. */
static weir_err read_breakdowns(const struct weir_ask *ask, json_object *in, struct weir_breakdowns *list, weir_text *values)
{
	weir_err err = WEIR_OK;

	*list = (struct weir_breakdowns){ .count = 0 };
	if (!in)
		return WEIR_OK;
	json_object_object_foreach(in, key, value) {
		struct weir_event_field f;

		if (err || list->count == WEIR_BREAKDOWNS_MAX)
			continue;
		err = weir_field_of(ask->mem, weir_text_of(key), &f);
		if (err || f.kind == WEIR_FIELD_UNKNOWN)
			continue;
		weir_field_joins(&f, &list->joins);
		values[list->count] = weir_jsonr_text(value);
		list->fields[list->count++] = f;
	}
	return err;
}

static weir_err behind_sql(weir_sql *q, struct weir_call *c, const struct weir_report *r, weir_text wall)
{
	const struct weir_interval *interval = weir_interval_of(c->meta.conf, weir_jsonr_get_text(c->in, "interval"));
	weir_text values[WEIR_BREAKDOWNS_MAX];
	struct weir_breakdowns breakdowns;
	weir_err err = read_breakdowns(&r->ask, weir_jsonr_get(c->in, "breakdowns"), &breakdowns, values);

	if (!err)
		err = weir_event_joins(r, r->events[0], &breakdowns.joins);
	if (err)
		return err;
	weir_sql_add(q, "WITH toDateTime(");
	weir_sql_string(q, wall);
	weir_sql_add(q, ") AS at SELECT DISTINCT e.profile_id");
	weir_sql_from(q, &r->ask, &breakdowns.joins);
	weir_sql_add(q, " WHERE e.project_id = ");
	weir_sql_string(q, r->ask.project_id);
	weir_sql_add(q, " AND e.created_at >= at - INTERVAL 32 DAY AND e.created_at < at + INTERVAL 32 DAY AND ");
	weir_interval_sql(q, interval, "e.created_at");
	weir_sql_add(q, " = ");
	weir_interval_sql(q, interval, "at");
	weir_name_sql(q, weir_jsonr_get_text(r->events[0], "name"));
	err = weir_event_filters_sql(q, r, r->events[0]);
	if (!err)
		err = breakdown_sql(q, &r->ask, &breakdowns, values);
	weir_sql_add(q, " ORDER BY e.profile_id LIMIT 10000");
	return err;
}

weir_err weir_do_chart_profiles(struct weir_call *c)
{
	json_object *first = weir_jsonr_at(weir_jsonr_get(c->in, "series"), 0);
	struct weir_report report;
	struct weir_plan plan;
	weir_text wall;
	weir_sql *q;
	weir_err err;

	if (!first)
		return weir_call_fail(c, WEIR_EBADREQ, "Series not found");
	if (weir_text_is(weir_jsonr_get_text(first, "type"), "formula"))
		return weir_call_fail(c, WEIR_EBADREQ, "Series must be an event");
	err = weir_call_report(c, &report);
	if (!err)
		err = wall_of(c, &report.ask, weir_jsonr_get_text(c->in, "date"), &wall);
	if (err)
		return err;
	weir_plan_init(&plan, &report.ask);
	q = weir_plan_add(&plan, "the profiles behind a point");
	err = q ? behind_sql(q, c, &report, wall) : plan.err;
	if (!err)
		err = weir_reply_profiles_of(c, &report.ask, &plan);
	weir_plan_free(&plan);
	return err;
}

/* -------------------------------------------------------- project's card */

static void put_days(struct weir_call *c, const struct weir_buckets *days, json_object *rows)
{
	size_t at = 0, n = weir_jsonr_count(rows);

	weir_sj_arr(c->out, "chart");
	for (size_t i = 0; i < days->count; i++) {
		json_object *row = NULL;
		int64_t ms = 0;

		for (; at < n; at++) {
			row = weir_jsonr_at(rows, at);
			if (weir_num_int(weir_jsonr_get_text(row, "ms"), &ms) || ms / 1000 >= days->keys[i])
				break;
		}
		row = at < n && ms / 1000 == days->keys[i] ? row : NULL;
		weir_sj_obj(c->out, NULL);
		weir_sj_num(c->out, "value", json_object_get_double(weir_jsonr_get(row, "value")));
		weir_sj_num(c->out, "revenue", json_object_get_double(weir_jsonr_get(row, "revenue")));
		weir_sj_date(c->out, "date", days->keys[i] * 1000);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

static void put_trend(struct weir_call *c, double now, double before)
{
	bool known = now > 0 && before > 0;
	double change = known ? weir_round((now - before) / before * 100, 0) : 0;

	weir_sj_obj(c->out, "trend");
	weir_sj_strz(c->out, "direction", change > 0 ? "up" : change < 0 ? "down" : "neutral");
	if (known)
		weir_sj_num(c->out, "percentage", change < 0 ? -change : change);
	else
		weir_sj_null(c->out, "percentage");
	weir_sj_end(c->out);
}

weir_err weir_do_chart_project_card(struct weir_call *c)
{
	static const char *const figures[] = { "months_3", "months_3_prev", "month", "day", "day_prev", "revenue" };
	struct weir_ask ask = weir_ask_of(c);
	json_object *days = NULL, *totals = NULL, *row;
	struct weir_buckets dates;
	struct weir_range range;
	weir_text none = { NULL, 0 };
	weir_err err = weir_range_of(c->meta.mem, WEIR_TEXT("3m"), none, none, ask.timezone, ask.now_ms, &range);

	if (!err)
		err = weir_buckets_of(c->meta.mem, weir_interval_of(c->meta.conf, WEIR_TEXT("day")), &range, ask.timezone, &dates);
	if (!err)
		err = weir_project_card(&ask, &days, &totals);
	if (err)
		return err;
	row = weir_jsonr_at(totals, 0);
	weir_sj_obj(c->out, NULL);
	put_days(c, &dates, days);
	weir_sj_obj(c->out, "metrics");
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		weir_sj_num(c->out, figures[i], json_object_get_double(weir_jsonr_get(row, figures[i])));
	weir_sj_end(c->out);
	put_trend(c, json_object_get_double(weir_jsonr_get(row, "months_3")), json_object_get_double(weir_jsonr_get(row, "months_3_prev")));
	weir_sj_end(c->out);
	return WEIR_OK;
}
