#include "config.h"
#include "trpc/chart.h"

#include "meta/cohort_name.h"
#include "trpc/ask.h"

/* chart.chart and chart.aggregate (spec/queries.md 6). */

/* Breakdowns are a list of {name}, or an object by names. */
static bool shows_cohorts(json_object *breakdowns)
{
	if (json_object_is_type(breakdowns, json_type_object)) {
		json_object_object_foreach(breakdowns, key, value) {
			(void)value;
			if (weir_text_starts(weir_text_of(key), "cohort"))
				return true;
		}
	}
	if (!json_object_is_type(breakdowns, json_type_array))
		return false;
	for (size_t i = 0; i < weir_jsonr_count(breakdowns); i++)
		if (weir_text_starts(weir_jsonr_get_text(weir_jsonr_at(breakdowns, i), "name"), "cohort"))
			return true;
	return false;
}

static weir_err cohorts(struct weir_call *c, struct weir_ask *ask)
{
	struct weir_cohort_name *list;
	PGresult *rows;
	weir_err err = weir_cohort_names(&c->meta, c->project.id, &rows);

	if (err)
		return err;
	list = weir_alloc_n(c->meta.mem, (size_t)PQntuples(rows) + 1, sizeof(*list));
	if (!list)
		return WEIR_ENOMEM;
	for (int i = 0; i < PQntuples(rows); i++)
		list[i] = (struct weir_cohort_name){ weir_pg_text(rows, i, 0), weir_pg_text(rows, i, 1) };
	ask->cohorts = list;
	ask->cohort_count = (size_t)PQntuples(rows);
	return WEIR_OK;
}

weir_err weir_call_report(struct weir_call *c, struct weir_report *report)
{
	struct weir_ask ask = weir_ask_of(c);
	weir_err err = shows_cohorts(weir_jsonr_get(c->in, "breakdowns")) ? cohorts(c, &ask) : WEIR_OK;

	return err ? err : weir_report_of(&ask, c->in, report);
}

static weir_err chart(struct weir_call *c, bool sums)
{
	struct weir_report report;
	struct weir_chart answer;
	weir_err err = weir_call_report(c, &report);

	if (err)
		return err;
	report.sums = sums;
	err = weir_chart_run(&report, &answer);
	return err ? err : weir_reply_chart(c, &report, &answer);
}

weir_err weir_do_chart_chart(struct weir_call *c)
{
	return chart(c, false);
}

weir_err weir_do_chart_aggregate(struct weir_call *c)
{
	return chart(c, true);
}
