#include "config.h"
#include "query/chart.h"

#include "base/jsonr.h"
#include "query/formula.h"

#include <math.h>

/* Formulas of a chart (spec/queries.md 7): for each tuple of breakdown values, of the series before them. */

enum { DECIMALS = 2 };

/* One period of a chart under computation. */
struct period {
	weir_arena *mem;
	struct weir_chart *chart;
	bool before;
	size_t points;
};

static struct weir_series_list *list_of(const struct period *p, size_t definition)
{
	struct weir_definition *d = &p->chart->definitions[definition];

	return p->before ? &d->before : &d->now;
}

static bool same_values(const struct period *p, const weir_text *a, const weir_text *b)
{
	for (size_t i = 0; i < p->chart->breakdowns.count; i++)
		if (!weir_text_eq(a[i], b[i]))
			return false;
	return true;
}

static const struct weir_series *find(const struct period *p, const struct weir_series_list *list, const weir_text *values)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_values(p, list->items[i].values, values))
			return &list->items[i];
	return NULL;
}

/* Labels: the formula's name, then the values that are something. */
static weir_err new_series(const struct period *p, weir_text name, weir_text *values, struct weir_series *s)
{
	size_t n = p->chart->breakdowns.count;

	*s = (struct weir_series){ .values = values };
	s->labels = weir_alloc_n(p->mem, n + 1, sizeof(*s->labels));
	s->points = weir_alloc_n(p->mem, p->points + 1, sizeof(*s->points));
	if (!s->labels || !s->points)
		return WEIR_ENOMEM;
	s->labels[s->label_count++] = name;
	for (size_t i = 0; i < n; i++)
		if (values[i].n)
			s->labels[s->label_count++] = values[i];
	return WEIR_OK;
}

/* A group without an event of some letter counts that as zero; a letter's gap is a gap of the result. No total: a ratio has no profiles. */
static void evaluate(const struct period *p, const struct weir_formula *f, size_t number, struct weir_series *s)
{
	const struct weir_series *inputs[WEIR_SERIES_MAX];
	struct weir_formula_scope scope = { .known = { false } };
	double v;

	for (size_t k = 0; k < number; k++) {
		inputs[k] = find(p, list_of(p, k), s->values);
		scope.known[k] = true;
	}
	for (size_t i = 0; i < p->points; i++) {
		for (size_t k = 0; k < number; k++)
			scope.value[k] = !inputs[k] ? 0 : inputs[k]->points[i].null ? NAN : inputs[k]->points[i].count;
		v = f ? weir_formula_eval(f, &scope) : NAN;
		s->points[i] = (struct weir_point){ isnan(v) ? 0 : weir_round(v, DECIMALS), isnan(v) };
	}
}

/* The groups are the tuples of all series before, in their order. */
static weir_err one_formula(const struct period *p, const struct weir_formula *f, size_t number)
{
	struct weir_series_list *out = list_of(p, number);
	size_t all = 0;
	weir_err err = WEIR_OK;

	for (size_t k = 0; k < number; k++)
		all += list_of(p, k)->count;
	*out = (struct weir_series_list){ weir_alloc_n(p->mem, all + 1, sizeof(*out->items)), 0 };
	if (!out->items)
		return WEIR_ENOMEM;
	for (size_t k = 0; k < number; k++) {
		const struct weir_series_list *in = list_of(p, k);

		for (size_t i = 0; i < in->count && !err; i++) {
			if (find(p, out, in->items[i].values))
				continue;
			err = new_series(p, p->chart->definitions[number].name, in->items[i].values, &out->items[out->count]);
			if (!err)
				evaluate(p, f, number, &out->items[out->count++]);
		}
	}
	return err;
}

weir_err weir_chart_formulas(weir_arena *mem, struct weir_chart *chart)
{
	struct period now = { mem, chart, false, chart->now.count }, before = { mem, chart, true, chart->before.count };
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < chart->count && !err; i++) {
		const struct weir_formula *f = NULL;

		if (!chart->definitions[i].formula)
			continue;
		err = weir_formula_parse(mem, weir_jsonr_get_text(chart->definitions[i].item, "formula"), &f);
		if (err == WEIR_EBADREQ) {
			f = NULL; /* a text that is no formula draws gaps */
			err = WEIR_OK;
		}
		if (!err)
			err = one_formula(&now, f, i);
		if (!err && chart->before.count)
			err = one_formula(&before, f, i);
	}
	return err;
}
