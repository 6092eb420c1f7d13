#include "config.h"
#include "trpc/call.h"

#include "meta/report.h"
#include "trpc/reply.h"
#include "trpc/report_view.h"

#include <math.h>

/* report.* (spec/trpc-metadata.md 4.6). */

#define NO_REPORT "Report not found"
#define NO_DASHBOARD "Dashboard not found"

/* The reports of the dashboard that the input names. */
static weir_err reports(struct weir_call *c, PGresult **rows)
{
	bool found;
	weir_err err = weir_report_list(&c->meta, c->project.id, weir_in_text(c, "dashboardId"), rows, &found);

	return err || found ? err : weir_call_fail(c, WEIR_ENOTFOUND, NO_DASHBOARD);
}

weir_err weir_do_report_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = reports(c, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; !err && i < PQntuples(rows); i++)
		err = weir_report_view(c, NULL, rows, i, true);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_report_get(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_report_get(&c->meta, weir_in_text(c, "reportId"), &rows);

	if (err)
		return err;
	return PQntuples(rows) ? weir_report_view(c, NULL, rows, 0, true) : weir_call_fail(c, WEIR_ENOTFOUND, NO_REPORT);
}

static weir_err read_report(struct weir_call *c, struct weir_report_saved *in)
{
	json_object *o = weir_jsonr_get(c->in, "report"), *visible = weir_jsonr_get(o, "visibleSeries"), *filters = weir_jsonr_get(o, "globalFilters");
	bool custom = weir_text_is(weir_jsonr_get_text(o, "range"), "custom");
	weir_text none = { NULL, 0 };
	weir_text *list;
	size_t n = weir_jsonr_count(visible);

	list = weir_alloc_n(c->meta.mem, n + 1, sizeof(*list));
	for (size_t i = 0; list && i < n; i++)
		list[i] = weir_jsonr_text(weir_jsonr_at(visible, i));
	*in = (struct weir_report_saved){
		.name = weir_jsonr_get_text(o, "name"), .interval = weir_jsonr_get_text(o, "interval"), .range = weir_jsonr_get_text(o, "range"),
		.chart_type = weir_jsonr_get_text(o, "chartType"), .line_type = weir_jsonr_get_text(o, "lineType"),
		.metric = weir_jsonr_get_text(o, "metric"), .formula = weir_jsonr_get_text(o, "formula"), .unit = weir_jsonr_get_text(o, "unit"),
		.series = weir_in_json(c, weir_jsonr_get(o, "series")), .breakdowns = weir_in_json(c, weir_jsonr_get(o, "breakdowns")),
		.global_filters = filters ? weir_in_json(c, filters) : WEIR_TEXT("[]"), .options = weir_in_json(c, weir_jsonr_get(o, "options")),
		.previous = weir_jsonr_truthy(weir_jsonr_get(o, "previous")), .visible_series = list, .visible_count = n,
		.start_date = custom ? weir_jsonr_get_text(o, "startDate") : none, .end_date = custom ? weir_jsonr_get_text(o, "endDate") : none,
	};
	return list ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_do_report_create(struct weir_call *c)
{
	struct weir_report_saved in;
	PGresult *rows;
	weir_err err = read_report(c, &in);

	if (!err)
		err = weir_report_create(&c->meta, weir_in_text(c, "dashboardId"), &in, &rows);
	return err ? err : weir_reply_first(c, &weir_record_report, rows, NO_DASHBOARD);
}

weir_err weir_do_report_update(struct weir_call *c)
{
	struct weir_report_saved in;
	PGresult *rows;
	weir_err err = read_report(c, &in);

	if (!err)
		err = weir_report_update(&c->meta, weir_in_text(c, "reportId"), &in, &rows);
	return err ? err : weir_reply_first(c, &weir_record_report, rows, NO_REPORT);
}

/* What becomes of the report that the input names. */
static weir_err change(struct weir_call *c, weir_err (*fn)(const struct weir_meta *m, weir_text id, PGresult **rows))
{
	PGresult *rows;
	weir_err err = fn(&c->meta, weir_in_text(c, "reportId"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_report, rows, NO_REPORT);
}

weir_err weir_do_report_duplicate(struct weir_call *c)
{
	return change(c, weir_report_duplicate);
}

weir_err weir_do_report_delete(struct weir_call *c)
{
	return change(c, weir_report_delete);
}

weir_err weir_do_report_update_layout(struct weir_call *c)
{
	static const char *const names[WEIR_PLACE_COUNT] = { "x", "y", "w", "h", "minW", "minH", "maxW", "maxH" };
	json_object *layout = weir_jsonr_get(c->in, "layout");
	weir_text place[WEIR_PLACE_COUNT];
	PGresult *rows;
	weir_err err;

	for (int i = 0; i < WEIR_PLACE_COUNT; i++) {
		json_object *value = weir_jsonr_get(layout, names[i]);
		double v = value ? json_object_get_double(value) : 0;

		if (v != floor(v) || fabs(v) > INT32_MAX)
			return weir_call_refuse(c, "layout", "A layout is made of integers");
		place[i] = value ? weir_pg_int_param(c->meta.mem, (int64_t)v) : (weir_text){ NULL, 0 };
	}
	err = weir_report_place(&c->meta, weir_in_text(c, "reportId"), place, &rows);
	return err ? err : weir_reply_first(c, &weir_record_layout, rows, NO_REPORT);
}

weir_err weir_do_report_get_layouts(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = reports(c, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; !err && i < PQntuples(rows); i++) {
		if (!weir_pg_text(rows, i, WEIR_REPORT_COUNT).p)
			continue;
		weir_sj_obj(c->out, NULL);
		weir_reply_record(c->out, c->meta.mem, &weir_record_layout, rows, i, WEIR_REPORT_COUNT, NULL);
		weir_reply_row(c, "report", &weir_record_report, rows, i, 0);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_report_reset_layout(struct weir_call *c)
{
	int64_t count;
	weir_err err = weir_report_unplace(&c->meta, weir_in_text(c, "dashboardId"), &count);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_int(c->out, "count", count);
	weir_sj_end(c->out);
	return WEIR_OK;
}
