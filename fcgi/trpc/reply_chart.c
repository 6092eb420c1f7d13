#include "config.h"
#include "trpc/chart.h"

#include "base/hash.h"
#include "meta/slug.h"

#include <stdlib.h>

/* Series of a chart as the dashboard reads them (spec/queries.md 6.7). */

enum { NAME_MAX_LEN = 1024 * 1024 };

/* One series of the answer. */
struct shown {
	const struct weir_chart *chart;
	const struct weir_definition *definition;
	size_t number;                 /* of the definition */
	const struct weir_series *series, *before;
	struct weir_metrics metrics;
	size_t order;                  /* place before sorting, to keep the sort stable */
	weir_text id;
};

/* The series of the period before with the same breakdown values. */
static const struct weir_series *match(const struct weir_chart *chart, const struct weir_definition *d, const struct weir_series *s)
{
	for (size_t i = 0; i < d->before.count; i++) {
		const struct weir_series *b = &d->before.items[i];
		bool same = true;

		for (size_t k = 0; same && k < chart->breakdowns.count; k++)
			same = weir_text_eq(b->values[k], s->values[k]);
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

static void put_labels(weir_str *text, const struct shown *s)
{
	for (size_t i = 0; i < s->series->label_count; i++) {
		if (i)
			weir_str_putc(text, '-');
		weir_str_text(text, s->series->labels[i]);
	}
}

static void put_formula_id(weir_str *text, const struct shown *s)
{
	weir_str_puts(text, "formula-");
	weir_str_text(text, s->definition->id);
	weir_str_putc(text, '-');
	if (s->series->label_count < 2)
		weir_str_puts(text, "default");
	for (size_t i = 1; i < s->series->label_count; i++) {
		if (i > 1)
			weir_str_puts(text, ":::");
		weir_str_text(text, s->series->labels[i]);
	}
}

static weir_err put_event_id(struct weir_call *c, weir_str *text, const struct shown *s, bool sums)
{
	weir_text name;
	weir_err err;

	if (sums) {
		weir_str_text(text, s->definition->name);
		weir_str_putc(text, '-');
		put_labels(text, s);
		weir_str_addf(text, "-%zu", s->number);
		return WEIR_OK;
	}
	err = weir_slug(c->meta.mem, s->definition->name, &name);
	if (err)
		return err;
	weir_str_text(text, name);
	weir_str_putc(text, '-');
	weir_str_text(text, s->definition->id);
	weir_str_putc(text, '-');
	put_labels(text, s);
	return WEIR_OK;
}

static weir_err series_id(struct weir_call *c, const struct shown *s, bool sums, weir_text *id)
{
	weir_str text;
	weir_err err = WEIR_OK;

	weir_str_init(&text, NAME_MAX_LEN);
	if (s->definition->formula)
		put_formula_id(&text, s);
	else
		err = put_event_id(c, &text, s, sums);
	if (!err)
		err = weir_str_err(&text);
	if (!err)
		err = weir_slug(c->meta.mem, weir_str_view(&text), id);
	weir_str_free(&text);
	return err;
}

static int by_id(const void *a, const void *b)
{
	const struct shown *x = *(struct shown *const *)a, *y = *(struct shown *const *)b;
	size_t n = x->id.n < y->id.n ? x->id.n : y->id.n;
	int order = n ? memcmp(x->id.p, y->id.p, n) : 0;

	return order ? order : (x->id.n > y->id.n) - (x->id.n < y->id.n);
}

/* Tells series of one id apart by what they are, not by where they stand: the dashboard remembers ids. */
static weir_err tell_apart(struct weir_call *c, struct shown *s)
{
	weir_str text, what;
	weir_err err;

	weir_str_init(&what, NAME_MAX_LEN);
	weir_str_init(&text, NAME_MAX_LEN);
	weir_str_text(&what, s->definition->id);
	for (size_t i = 0; i < s->chart->breakdowns.count; i++) {
		weir_str_putc(&what, '\n');
		weir_str_text(&what, s->series->values[i]);
	}
	weir_str_text(&text, s->id);
	weir_str_addf(&text, "%s%016llx", s->id.n ? "-" : "", (unsigned long long)weir_fnv1a(weir_str_view(&what)));
	err = weir_str_err(&what) ? weir_str_err(&what) : weir_str_err(&text);
	s->id = weir_text_dup(c->meta.mem, weir_str_view(&text));
	weir_str_free(&what);
	weir_str_free(&text);
	return err ? err : s->id.p ? WEIR_OK : WEIR_ENOMEM;
}

/* Names of other scripts leave nothing in an id: those that come twice, or are empty, get a tail. */
static weir_err give_ids(struct weir_call *c, struct shown *list, size_t count, bool sums)
{
	struct shown **sorted = weir_alloc_n(c->meta.mem, count + 1, sizeof(*sorted));
	bool twin = false;
	weir_err err = sorted ? WEIR_OK : WEIR_ENOMEM;

	for (size_t i = 0; i < count && !err; i++) {
		sorted[i] = &list[i];
		err = series_id(c, &list[i], sums, &list[i].id);
	}
	if (!err && count)
		qsort(sorted, count, sizeof(*sorted), by_id);
	for (size_t i = 0; i < count && !err; i++) {
		bool next = i + 1 < count && !by_id(&sorted[i], &sorted[i + 1]);

		if (twin || next || !sorted[i]->id.n)
			err = tell_apart(c, sorted[i]);
		twin = next;
	}
	return err;
}

static weir_err put_names(struct weir_call *c, const struct shown *s)
{
	weir_text shown = weir_jsonr_get_text(s->definition->item, "displayName");
	weir_str first;
	weir_err err;

	weir_str_init(&first, NAME_MAX_LEN);
	if (s->chart->count > 1)
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
	weir_sj_obj(c->out, "event");
	weir_sj_str(c->out, "id", s->definition->id);
	weir_sj_str(c->out, "name", s->definition->name);
	if (s->series->label_count > 1) {
		weir_sj_obj(c->out, "breakdowns");
		for (size_t i = 0; i < s->chart->breakdowns.count; i++)
			if (s->series->values[i].n) {
				weir_json_key(&c->out->json, s->chart->breakdowns.names[i]);
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

static void put_figures(struct weir_call *c, const struct weir_metrics *m)
{
	weir_sj_num(c->out, "sum", m->sum);
	weir_sj_num(c->out, "average", m->average);
	weir_sj_num(c->out, "min", m->min);
	weir_sj_num(c->out, "max", m->max);
}

static void put_metrics(struct weir_call *c, const struct shown *s)
{
	struct weir_metrics was;

	weir_sj_obj(c->out, "metrics");
	put_figures(c, &s->metrics);
	if (s->series->has_total)
		weir_sj_num(c->out, "count", s->series->total);
	if (s->before) {
		was = metrics_of(s->before, s->chart->before.count);
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
	for (size_t i = 0; i < s->chart->now.count; i++) {
		const struct weir_point *p = &s->series->points[i];

		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "date", s->chart->now.texts[i]);
		if (p->null)
			weir_sj_null(c->out, "count");
		else
			weir_sj_num(c->out, "count", p->count);
		if (s->before && i < s->chart->before.count && !s->before->points[i].null)
			put_change(c, "previous", p->count, s->before->points[i].count);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

static weir_err put_series(struct weir_call *c, const struct shown *s)
{
	weir_err err;

	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "id", s->id);
	err = put_names(c, s);
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
		weir_metrics_add(&sum, list[i].series->points, list[i].chart->now.count);
	all = weir_metrics_of(&sum);
	weir_sj_obj(c->out, "metrics");
	put_figures(c, &all);
	weir_sj_end(c->out);
}

/* All series that are not hidden, the largest first. */
static weir_err collect(weir_arena *mem, const struct weir_chart *chart, struct shown **list, size_t *count)
{
	size_t total = 0;

	*count = 0;
	for (size_t i = 0; i < chart->count; i++)
		total += chart->definitions[i].now.count;
	*list = weir_alloc_n(mem, total + 1, sizeof(**list));
	if (!*list)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < chart->count; i++) {
		const struct weir_definition *d = &chart->definitions[i];

		for (size_t k = 0; k < d->now.count && !d->hidden; k++, ++*count)
			(*list)[*count] = (struct shown){ chart, d, i, &d->now.items[k], match(chart, d, &d->now.items[k]),
				metrics_of(&d->now.items[k], chart->now.count), *count, { NULL, 0 } };
	}
	if (*count)
		qsort(*list, *count, sizeof(**list), by_sum);
	return WEIR_OK;
}

weir_err weir_reply_chart(struct weir_call *c, const struct weir_report *report, const struct weir_chart *chart)
{
	double limit = json_object_get_double(weir_jsonr_get(report->in, "limit"));
	struct shown *list;
	size_t n;
	weir_err err = collect(c->meta.mem, chart, &list, &n);

	if (!err)
		err = give_ids(c, list, n, report->sums);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "series");
	for (size_t i = 0; i < n && !err && (limit < 1 || (double)i < limit); i++)
		err = put_series(c, &list[i]);
	weir_sj_end(c->out);
	put_all_metrics(c, list, n);
	weir_sj_end(c->out);
	return err;
}
