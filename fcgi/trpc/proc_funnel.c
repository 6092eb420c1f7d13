#include "config.h"
#include "trpc/chart.h"

#include "query/funnel.h"
#include "trpc/profile.h"

#include <math.h>
#include <stdlib.h>

/* chart.funnel and chart.getFunnelProfiles (spec/queries.md 8.6 and 9). */

enum { KEY_MAX = 1024 * 1024 };

/* One series of the answer: what came to each level or further. */
struct series {
	weir_text id;
	const weir_text *values;
	double counts[WEIR_SERIES_MAX], sum;
	size_t order;
};

struct series_list {
	struct series *items;
	size_t count;
};

static weir_text shown(weir_text value)
{
	return value.n ? value : WEIR_TEXT("Not set");
}

static weir_err key_of(weir_arena *mem, const struct weir_funnel *f, const weir_text *values, weir_text *key)
{
	weir_str text;
	weir_err err;

	weir_str_init(&text, KEY_MAX);
	for (size_t i = 0; i < f->breakdowns.count; i++) {
		if (i)
			weir_str_putc(&text, '|');
		weir_str_text(&text, shown(values[i]));
	}
	if (!f->breakdowns.count)
		weir_str_puts(&text, "none");
	err = weir_str_err(&text);
	*key = weir_text_dup(mem, weir_str_view(&text));
	weir_str_free(&text);
	return err ? err : key->p ? WEIR_OK : WEIR_ENOMEM;
}

static int by_sum(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	if (x->sum != y->sum)
		return x->sum < y->sum ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static struct series *series_of(struct series_list *list, weir_text key, const weir_text *values)
{
	for (size_t i = 0; i < list->count; i++)
		if (weir_text_eq(list->items[i].id, key))
			return &list->items[i];
	list->items[list->count] = (struct series){ .id = key, .values = values, .order = list->count };
	return &list->items[list->count++];
}

/* The largest series up to the limit, with all their levels. */
static weir_err assemble(weir_arena *mem, const struct weir_funnel *f, const struct weir_funnel_rows *rows, double limit,
	struct series_list *list)
{
	static const weir_text none[WEIR_BREAKDOWNS_MAX];
	size_t steps = f->report->event_count;
	weir_err err = WEIR_OK;

	*list = (struct series_list){ weir_alloc_n(mem, rows->count + 1, sizeof(*list->items)), 0 };
	if (!list->items)
		return WEIR_ENOMEM;
	if (!f->breakdowns.count)
		series_of(list, WEIR_TEXT("none"), none);
	for (size_t i = 0; i < rows->count && !err; i++) {
		weir_text key;

		err = key_of(mem, f, rows->items[i].values, &key);
		if (!err) {
			struct series *s = series_of(list, key, rows->items[i].values);

			for (size_t k = 0; k < steps && (int64_t)k < rows->items[i].level; k++)
				s->counts[k] += rows->items[i].count;
		}
	}
	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; k < steps; k++)
			list->items[i].sum += list->items[i].counts[k];
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), by_sum);
	if (limit >= 1 && (double)list->count > limit && f->breakdowns.count)
		list->count = (size_t)limit;
	return err;
}

static void put_filters(struct weir_call *c, json_object *filters)
{
	for (size_t i = 0; i < weir_jsonr_count(filters); i++)
		weir_sj_tree(c->out, NULL, weir_jsonr_at(filters, i));
}

/* The definition, its filters after the report's, and always a name to show. */
static void put_event(struct weir_call *c, json_object *event)
{
	weir_text display = weir_jsonr_get_text(event, "displayName");

	weir_sj_obj(c->out, "event");
	json_object_object_foreach(event, key, value) {
		if (!strcmp(key, "filters") || !strcmp(key, "displayName"))
			continue;
		weir_json_key(&c->out->json, weir_text_of(key));
		weir_sj_tree(c->out, NULL, value);
	}
	weir_sj_arr(c->out, "filters");
	put_filters(c, weir_jsonr_get(c->in, "globalFilters"));
	put_filters(c, weir_jsonr_get(event, "filters"));
	weir_sj_end(c->out);
	weir_sj_str(c->out, "displayName", display.n ? display : weir_jsonr_get_text(event, "name"));
	weir_sj_end(c->out);
}

static double share(double part, double whole)
{
	return whole > 0 ? part / whole * 100 : 0;
}

/* The first step that loses most; steps when none loses any. */
static size_t worst(const struct series *s, size_t steps)
{
	size_t at = steps;
	double most = 0;

	for (size_t k = 0; k + 1 < steps; k++)
		if (s->counts[k] - s->counts[k + 1] > most) {
			most = s->counts[k] - s->counts[k + 1];
			at = k;
		}
	return at;
}

static void put_step(struct weir_call *c, const char *key, const struct weir_report *r, const struct series *s, size_t k)
{
	bool last = k + 1 == r->event_count;
	double count = s->counts[k], next = last ? 0 : s->counts[k + 1];

	weir_sj_obj(c->out, key);
	put_event(c, r->events[k]);
	weir_sj_num(c->out, "count", count);
	weir_sj_num(c->out, "percent", share(count, s->counts[0]));
	if (last) {
		weir_sj_null(c->out, "dropoffCount");
		weir_sj_null(c->out, "dropoffPercent");
	} else {
		weir_sj_num(c->out, "dropoffCount", count - next);
		weir_sj_num(c->out, "dropoffPercent", share(count - next, count));
	}
	weir_sj_num(c->out, "previousCount", k ? s->counts[k - 1] : s->counts[0]);
	if (last)
		weir_sj_null(c->out, "nextCount");
	else
		weir_sj_num(c->out, "nextCount", next);
	weir_sj_bool(c->out, "isHighestDropoff", worst(s, r->event_count) == k);
	weir_sj_end(c->out);
}

static void put_series(struct weir_call *c, const struct weir_funnel *f, const struct series *s)
{
	const struct weir_report *r = f->report;
	size_t at = worst(s, r->event_count);

	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "id", s->id);
	weir_sj_arr(c->out, "breakdowns");
	for (size_t i = 0; i < f->breakdowns.count; i++)
		weir_sj_str(c->out, NULL, shown(s->values[i]));
	weir_sj_end(c->out);
	weir_sj_arr(c->out, "steps");
	for (size_t k = 0; k < r->event_count; k++)
		put_step(c, NULL, r, s, k);
	weir_sj_end(c->out);
	weir_sj_num(c->out, "totalSessions", s->counts[0]);
	put_step(c, "lastStep", r, s, r->event_count - 1);
	if (at < r->event_count)
		put_step(c, "mostDropoffsStep", r, s, at);
	weir_sj_end(c->out);
}

static weir_err put_period(struct weir_call *c, const char *key, const struct weir_funnel *f, const struct weir_statement *s)
{
	double limit = json_object_get_double(weir_jsonr_get(c->in, "limit"));
	struct weir_funnel_rows rows;
	struct series_list list;
	weir_err err = weir_funnel_read(f, weir_str_view(&s->rows), &rows);

	if (!err)
		err = assemble(c->meta.mem, f, &rows, limit, &list);
	if (err)
		return err;
	weir_sj_arr(c->out, key);
	for (size_t i = 0; i < list.count; i++)
		put_series(c, f, &list.items[i]);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err ask_funnel(struct weir_call *c, const struct weir_funnel *f)
{
	bool previous = f->report->previous;
	struct weir_plan plan;
	weir_err err;

	weir_plan_init(&plan, &f->report->ask);
	err = weir_funnel_compile(f, false, &plan);
	if (!err && previous)
		err = weir_funnel_compile(f, true, &plan);
	if (!err)
		err = weir_plan_run(&plan);
	if (!err) {
		weir_sj_obj(c->out, NULL);
		err = put_period(c, "current", f, plan.items[0]);
		if (!err && previous)
			err = put_period(c, "previous", f, plan.items[1]);
		if (!previous)
			weir_sj_null(c->out, "previous");
		weir_sj_end(c->out);
	}
	weir_plan_free(&plan);
	return err;
}

weir_err weir_do_chart_funnel(struct weir_call *c)
{
	json_object *options = weir_jsonr_get(c->in, "options");
	struct weir_report report;
	struct weir_funnel f;
	weir_err err = weir_call_report(c, &report);

	if (!err && !report.event_count)
		return weir_call_fail(c, WEIR_EBADREQ, "events are required");
	if (!err)
		err = weir_funnel_of(&report, weir_jsonr_get(c->in, "breakdowns"), weir_jsonr_get_text(options, "funnelGroup"),
			json_object_get_double(weir_jsonr_get(options, "funnelWindow")), &f);
	return err ? err : ask_funnel(c, &f);
}

/* The ids of a plan's only column. */
static weir_err ids_of(weir_arena *mem, weir_text rows, weir_text **ids, size_t *count)
{
	weir_text line;
	size_t n = 0;
	weir_err err = WEIR_OK;

	*count = 0;
	for (size_t i = 0; i < rows.n; i++)
		n += rows.p[i] == '\n';
	*ids = weir_alloc_n(mem, n + 1, sizeof(**ids));
	if (!*ids)
		return WEIR_ENOMEM;
	while (!err && weir_rows_next(&rows, &line))
		err = weir_rows_text(mem, &line, &(*ids)[(*count)++]);
	return err;
}

weir_err weir_reply_profiles_of(struct weir_call *c, const struct weir_ask *ask, struct weir_plan *plan)
{
	weir_text *ids = NULL;
	json_object *rows = NULL;
	size_t count = 0;
	weir_err err = weir_plan_run(plan);

	if (!err)
		err = ids_of(c->meta.mem, weir_str_view(&plan->items[0]->rows), &ids, &count);
	if (!err && count)
		err = weir_profiles_by_id(ask, ids, count, &rows);
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < weir_jsonr_count(rows) && !err; i++)
		err = weir_reply_profile(c, NULL, weir_jsonr_at(rows, i));
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_chart_funnel_profiles(struct weir_call *c)
{
	bool dropped = weir_jsonr_truthy(weir_jsonr_get(c->in, "showDropoffs"));
	double level = json_object_get_double(weir_jsonr_get(c->in, "stepIndex")) + 1;
	struct weir_report report;
	struct weir_funnel f;
	struct weir_plan plan;
	weir_err err = weir_call_report(c, &report);

	if (!err && !report.event_count)
		return weir_call_fail(c, WEIR_EBADREQ, "events are required");
	if (!err)
		err = weir_funnel_of(&report, weir_jsonr_get(c->in, "breakdowns"), weir_jsonr_get_text(c->in, "funnelGroup"),
			json_object_get_double(weir_jsonr_get(c->in, "funnelWindow")), &f);
	if (err)
		return err;
	weir_plan_init(&plan, &report.ask);
	err = weir_funnel_profiles_compile(&f, level, dropped, weir_jsonr_get(c->in, "breakdownValues"), &plan);
	if (!err)
		err = weir_reply_profiles_of(c, &report.ask, &plan);
	weir_plan_free(&plan);
	return err;
}
