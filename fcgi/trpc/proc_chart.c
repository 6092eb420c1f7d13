#include "config.h"
#include "trpc/call.h"

#include "meta/slug.h"
#include "query/chart.h"
#include "trpc/ask.h"

#include <stdlib.h>

/* chart.chart (spec/queries.md 6). */

enum { DEFINITIONS_MAX = 26 };

/* One event of the report, what it brought, and what the period before brought. */
struct definition {
	json_object *event;
	weir_text id;
	struct weir_series_list now, before;
};

/* One series of the answer. */
struct shown {
	const struct definition *definition;
	size_t number;                 /* of the definition */
	const struct weir_series *series, *before;
	struct weir_metrics metrics;
	size_t order;                  /* place before sorting, to keep the sort stable */
};

static weir_text letter(weir_arena *mem, size_t number)
{
	char c = (char)('A' + number);

	return weir_text_dup(mem, (weir_text){ &c, 1 });
}

static weir_err read_definitions(struct weir_call *c, struct definition *defs, size_t *count)
{
	json_object *list = weir_jsonr_get(c->in, "series");
	size_t n = json_object_array_length(list);

	if (n > DEFINITIONS_MAX)
		return weir_call_refuse(c, "series", "Too many series");
	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(list, i);

		if (weir_text_is(weir_jsonr_get_text(o, "type"), "formula"))
			return weir_call_fail(c, WEIR_ENOTIMPL, "Formulas are not computed yet");
		defs[i] = (struct definition){ .event = o, .id = weir_jsonr_get_text(o, "id") };
		if (!defs[i].id.n)
			defs[i].id = letter(c->meta.mem, i);
		if (!defs[i].id.p)
			return WEIR_ENOMEM;
	}
	*count = n;
	return WEIR_OK;
}

static weir_err fetch(struct weir_call *c, struct definition *defs, size_t count)
{
	bool previous = weir_jsonr_truthy(weir_jsonr_get(c->in, "previous"));
	struct weir_chart_ask ask = {
		.base = weir_ask_of(c), .interval = weir_jsonr_get_text(c->in, "interval"),
		.breakdowns = weir_jsonr_get(c->in, "breakdowns"), .global_filters = weir_jsonr_get(c->in, "globalFilters"),
	}, before;
	weir_err err = weir_range_of(c->meta.mem, weir_jsonr_get_text(c->in, "range"), weir_jsonr_get_text(c->in, "startDate"),
		weir_jsonr_get_text(c->in, "endDate"), ask.base.timezone, c->meta.now_ms, &ask.range);

	if (err)
		return err == WEIR_EBADREQ ? weir_call_fail(c, err, "Invalid date") : err;
	before = ask;
	weir_range_before(&ask.range, &before.range);
	for (size_t i = 0; i < count && !err; i++) {
		err = weir_chart_series(&ask, defs[i].event, &defs[i].now);
		if (!err && previous)
			err = weir_chart_series(&before, defs[i].event, &defs[i].before);
	}
	return err == WEIR_ENOTIMPL ? weir_call_fail(c, err, "Breakdowns by cohort are not computed yet") : err;
}

/* The series of the period before with the same breakdown values. */
static const struct weir_series *match(const struct definition *d, const struct weir_series *s)
{
	for (size_t i = 0; i < d->before.count; i++) {
		const struct weir_series *b = &d->before.items[i];
		bool same = b->label_count == s->label_count;

		for (size_t k = 0; same && k < s->label_count; k++)
			same = weir_text_eq(b->labels[k], s->labels[k]);
		if (same)
			return b;
	}
	return NULL;
}

static struct weir_metrics metrics_of(const struct weir_series *s, size_t points)
{
	struct weir_metrics_sum sum = { .count = 0 };

	weir_metrics_add(&sum, s->points, points);
	return weir_metrics_of(&sum);
}

static int by_sum(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	if (x->metrics.sum != y->metrics.sum)
		return x->metrics.sum < y->metrics.sum ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* <slug of the name>-<id>-<labels>, and that as a slug again. */
static weir_err series_id(struct weir_call *c, const struct shown *s, weir_text *id)
{
	weir_text name;
	weir_str text;
	weir_err err = weir_slug(c->meta.mem, weir_jsonr_get_text(s->definition->event, "name"), &name);

	if (err)
		return err;
	weir_str_init(&text, 1024 * 1024);
	weir_str_text(&text, name);
	weir_str_putc(&text, '-');
	weir_str_text(&text, s->definition->id);
	for (size_t i = 0; i < s->series->label_count; i++) {
		weir_str_putc(&text, '-');
		weir_str_text(&text, s->series->labels[i]);
	}
	err = weir_str_err(&text);
	if (!err)
		err = weir_slug(c->meta.mem, weir_str_view(&text), id);
	weir_str_free(&text);
	return err;
}

static weir_err put_names(struct weir_call *c, const struct shown *s, bool many)
{
	weir_text shown = weir_jsonr_get_text(s->definition->event, "displayName");
	weir_str first;
	weir_err err;

	weir_str_init(&first, 64 * 1024);
	if (many)
		weir_str_addf(&first, "(%c) ", (char)('A' + s->number));
	weir_str_text(&first, shown.n ? shown : s->series->labels[0]);
	weir_sj_arr(c->out, "names");
	weir_sj_str(c->out, NULL, weir_str_view(&first));
	for (size_t i = 1; i < s->series->label_count; i++)
		weir_sj_str(c->out, NULL, s->series->labels[i]);
	weir_sj_end(c->out);
	err = weir_str_err(&first);
	weir_str_free(&first);
	return err;
}

static void put_event(struct weir_call *c, const struct shown *s)
{
	const struct weir_series_list *list = &s->definition->now;

	weir_sj_obj(c->out, "event");
	weir_sj_str(c->out, "id", s->definition->id);
	weir_sj_str(c->out, "name", weir_jsonr_get_text(s->definition->event, "name"));
	if (s->series->label_count > 1) {
		weir_sj_obj(c->out, "breakdowns");
		for (size_t i = 0; i < list->breakdown_count; i++)
			if (s->series->values[i].n) {
				weir_json_key(&c->out->json, list->breakdowns[i]);
				weir_sj_str(c->out, NULL, s->series->values[i]);
			}
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

static void put_change(struct weir_call *c, const char *key, double current, double previous)
{
	struct weir_change change = weir_change_of(current, previous);

	weir_sj_obj(c->out, key);
	if (change.has_diff)
		weir_sj_num(c->out, "diff", change.diff);
	else
		weir_sj_null(c->out, "diff");
	weir_sj_strz(c->out, "state", change.state);
	weir_sj_num(c->out, "value", change.value);
	weir_sj_end(c->out);
}

static void put_metrics(struct weir_call *c, const struct shown *s)
{
	struct weir_metrics was;

	weir_sj_obj(c->out, "metrics");
	weir_sj_num(c->out, "sum", s->metrics.sum);
	weir_sj_num(c->out, "average", s->metrics.average);
	weir_sj_num(c->out, "min", s->metrics.min);
	weir_sj_num(c->out, "max", s->metrics.max);
	if (s->series->has_total)
		weir_sj_num(c->out, "count", s->series->total);
	if (s->before) {
		was = metrics_of(s->before, s->definition->before.date_count);
		weir_sj_obj(c->out, "previous");
		put_change(c, "sum", s->metrics.sum, was.sum);
		put_change(c, "average", s->metrics.average, was.average);
		put_change(c, "min", s->metrics.min, was.min);
		put_change(c, "max", s->metrics.max, was.max);
		put_change(c, "count", s->series->total, s->before->total);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

static void put_points(struct weir_call *c, const struct shown *s)
{
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < s->definition->now.date_count; i++) {
		const struct weir_point *p = &s->series->points[i];

		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "date", p->date);
		if (p->null)
			weir_sj_null(c->out, "count");
		else
			weir_sj_num(c->out, "count", p->count);
		if (s->before && i < s->definition->before.date_count && !s->before->points[i].null)
			put_change(c, "previous", p->count, s->before->points[i].count);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

static weir_err put_series(struct weir_call *c, const struct shown *s, bool many)
{
	weir_text id;
	weir_err err = series_id(c, s, &id);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "id", id);
	err = put_names(c, s, many);
	put_event(c, s);
	put_metrics(c, s);
	put_points(c, s);
	weir_sj_end(c->out);
	return err;
}

static void put_all_metrics(struct weir_call *c, const struct shown *list, size_t count)
{
	struct weir_metrics_sum sum = { .count = 0 };
	struct weir_metrics all;

	for (size_t i = 0; i < count; i++)
		weir_metrics_add(&sum, list[i].series->points, list[i].definition->now.date_count);
	all = weir_metrics_of(&sum);
	weir_sj_obj(c->out, "metrics");
	weir_sj_num(c->out, "sum", all.sum);
	weir_sj_num(c->out, "average", all.average);
	weir_sj_num(c->out, "min", all.min);
	weir_sj_num(c->out, "max", all.max);
	weir_sj_end(c->out);
}

static weir_err answer(struct weir_call *c, const struct definition *defs, size_t count)
{
	double limit = json_object_get_double(weir_jsonr_get(c->in, "limit"));
	struct shown *list;
	size_t total = 0, n = 0;
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < count; i++)
		total += defs[i].now.count;
	list = weir_alloc_n(c->meta.mem, total + 1, sizeof(*list));
	if (!list)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < defs[i].now.count; k++, n++)
			list[n] = (struct shown){ &defs[i], i, &defs[i].now.items[k], match(&defs[i], &defs[i].now.items[k]),
				metrics_of(&defs[i].now.items[k], defs[i].now.date_count), n };
	if (n)
		qsort(list, n, sizeof(*list), by_sum);
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "series");
	for (size_t i = 0; i < n && !err && (limit < 1 || (double)i < limit); i++)
		err = put_series(c, &list[i], count > 1);
	weir_sj_end(c->out);
	put_all_metrics(c, list, n);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_chart_chart(struct weir_call *c)
{
	struct definition defs[DEFINITIONS_MAX];
	size_t count = 0;
	weir_err err = read_definitions(c, defs, &count);

	if (!err)
		err = fetch(c, defs, count);
	return err ? err : answer(c, defs, count);
}
