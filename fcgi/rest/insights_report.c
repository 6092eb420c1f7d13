#include "config.h"
#include "rest/bridge.h"
#include "rest/insights.h"

#include "base/jsonr.h"
#include "meta/report.h"
#include "trpc/shared_report.h"

/* GET /insights/{projectId}/reports/{reportId}/data: a saved report with what it shows (spec/queries.md 23.1). */

/* Which procedure draws a chart, and which member of its answer are the data; NULL: all of it. */
static const struct {
	const char *chart_type, *procedure, *data;
} drawn[] = {
	{ "funnel", "chart.funnel", "current" },
	{ "conversion", "chart.conversion", "current" },
	{ "retention", "chart.cohort", NULL },
	{ "sankey", "chart.sankey", NULL },
	{ "metric", "chart.aggregate", NULL },
	{ "", "chart.chart", NULL }, /* all others */
};

static size_t kind_of(weir_text chart_type)
{
	size_t i = 0;

	while (i < sizeof(drawn) / sizeof(*drawn) - 1 && !weir_text_is(chart_type, drawn[i].chart_type))
		i++;
	return i;
}

static weir_err data_of(struct weir_rest_call *c, json_object *report, json_object **data)
{
	size_t kind = kind_of(weir_jsonr_get_text(report, "chartType"));
	weir_text answer;
	weir_err err = weir_rest_procedure(c, drawn[kind].procedure, report, &answer);

	if (!err)
		err = weir_jsonr_parse(c->meta.mem, answer, 0, data, NULL);
	if (!err && drawn[kind].data)
		*data = weir_jsonr_get(*data, drawn[kind].data);
	return err;
}

weir_err weir_rest_insights_report(struct weir_rest_call *c)
{
	static const char *const members[] = { "id", "name", "chartType", "range", "interval" };
	struct weir_ask ask = weir_rest_ask(c);
	json_object *report = weir_rest_keep(c, json_object_new_object()), *data = NULL;
	struct weir_report_chart chart;
	struct weir_range range;
	weir_err err = report ? weir_report_chart(&c->meta, c->project.id, c->params[1], &chart) : WEIR_ENOMEM;

	if (!err && !chart.json.p)
		return weir_rest_fail(c, WEIR_ENOTFOUND, "Report not found");
	if (!err)
		err = weir_report_input(c->meta.mem, chart.json, report);
	if (!err)
		err = weir_range_of(c->meta.mem, weir_jsonr_get_text(report, "range"), weir_jsonr_get_text(report, "startDate"),
			weir_jsonr_get_text(report, "endDate"), ask.timezone, ask.now_ms, &range);
	if (err == WEIR_EBADREQ)
		return weir_rest_fail(c, err, "The report's dates cannot be read");
	if (!err)
		err = data_of(c, report, &data);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		weir_rest_tree(&c->json, members[i], weir_jsonr_get(report, members[i]));
	weir_json_strz(&c->json, "startDate", range.start);
	weir_json_strz(&c->json, "endDate", range.end);
	weir_rest_tree(&c->json, "data", data);
	weir_json_end(&c->json);
	return WEIR_OK;
}
