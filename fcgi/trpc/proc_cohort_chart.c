#include "config.h"
#include "trpc/chart.h"

#include "query/retention.h"
#include "trpc/ask.h"

/* chart.cohort (spec/queries.md 11.1). */

enum { DECIMALS = 2 };

static weir_err names_of(weir_arena *mem, json_object *list, const weir_text **names, size_t *count)
{
	size_t n = weir_jsonr_count(list);
	weir_text *out = weir_alloc_n(mem, n + 1, sizeof(*out));

	if (!out)
		return WEIR_ENOMEM;
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		weir_text name = weir_jsonr_text(weir_jsonr_at(list, i));

		if (weir_text_is(name, "*")) { /* any event at all */
			*count = 0;
			break;
		}
		out[(*count)++] = name;
	}
	*names = out;
	return WEIR_OK;
}

static void put_row(struct weir_call *c, weir_text name, double size, const double *values, const double *shares, size_t columns)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "cohort_interval", name);
	weir_sj_num(c->out, "sum", size);
	weir_sj_arr(c->out, "values");
	for (size_t k = 0; k < columns; k++)
		weir_sj_num(c->out, NULL, values[k]);
	weir_sj_end(c->out);
	weir_sj_arr(c->out, "percentages");
	for (size_t k = 0; k < columns; k++)
		weir_sj_num(c->out, NULL, shares[k]);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
}

static weir_err put_table(struct weir_call *c, const struct weir_retention_table *t)
{
	double *values = weir_alloc_n(c->meta.mem, t->columns, sizeof(*values));
	double *shares = weir_alloc_n(c->meta.mem, t->columns, sizeof(*shares));

	if (!values || !shares)
		return WEIR_ENOMEM;
	weir_sj_arr(c->out, NULL);
	if (t->count) {
		double size = weir_retention_average(t, values, shares);

		put_row(c, WEIR_TEXT("Weighted Average"), size, values, shares, t->columns);
	}
	for (size_t i = 0; i < t->count; i++) {
		for (size_t k = 0; k < t->columns; k++)
			shares[k] = weir_round(t->items[i].counts[k] / t->items[i].size, DECIMALS);
		put_row(c, t->items[i].date, t->items[i].size, t->items[i].counts, shares, t->columns);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_chart_cohort(struct weir_call *c)
{
	struct weir_retention r = {
		.ask = weir_ask_of(c), .interval = weir_jsonr_get_text(c->in, "interval"), .filters = weir_jsonr_get(c->in, "filters"),
		.exactly = weir_text_is(weir_jsonr_get_text(c->in, "criteria"), "on"),
	};
	struct weir_retention_table table;
	struct weir_report report;
	struct weir_plan plan;
	weir_err err = weir_report_of(&r.ask, c->in, &report);

	r.range = report.range;
	if (!err)
		err = names_of(c->meta.mem, weir_jsonr_get(c->in, "firstEvent"), &r.first, &r.first_count);
	if (!err)
		err = names_of(c->meta.mem, weir_jsonr_get(c->in, "secondEvent"), &r.second, &r.second_count);
	if (err)
		return err;
	weir_plan_init(&plan, &r.ask);
	err = weir_retention_compile(&r, &plan);
	if (!err)
		err = weir_plan_run(&plan);
	if (!err)
		err = weir_retention_read(&r, &plan, &table);
	weir_plan_free(&plan);
	return err ? err : put_table(c, &table);
}
