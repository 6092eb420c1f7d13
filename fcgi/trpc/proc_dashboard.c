#include "config.h"
#include "trpc/call.h"

#include "meta/dashboard.h"
#include "trpc/reply.h"

/* dashboard.* (spec/trpc-metadata.md 4.5). */

#define NO_DASHBOARD "Dashboard not found"

static void put_reports(struct weir_call *c, const PGresult *reports, weir_text dashboard_id)
{
	weir_sj_arr(c->out, "reports");
	for (int i = 0; i < PQntuples(reports); i++)
		if (weir_text_eq(weir_pg_text(reports, i, WEIR_REPORT_DASHBOARD_ID), dashboard_id))
			weir_reply_row(c, NULL, &weir_record_report, reports, i, 0);
	weir_sj_end(c->out);
}

static void put_dashboard(struct weir_call *c, const struct weir_dashboards *all, int row)
{
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_dashboard, all->dashboards, row, 0, NULL);
	weir_reply_row(c, "project", &weir_record_project, all->project, 0, 0);
	if (all->reports)
		put_reports(c, all->reports, weir_pg_text(all->dashboards, row, WEIR_DASHBOARD_ID));
	weir_sj_end(c->out);
}

weir_err weir_do_dashboard_list(struct weir_call *c)
{
	struct weir_dashboards all;
	weir_err err = weir_dashboard_list(&c->meta, c->project.id, &all);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(all.dashboards) && PQntuples(all.project); i++)
		put_dashboard(c, &all, i);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_dashboard_by_id(struct weir_call *c)
{
	struct weir_dashboards all;
	weir_err err = weir_dashboard_get(&c->meta, c->project.id, weir_in_text(c, "id"), &all);

	if (err)
		return err;
	if (!PQntuples(all.dashboards) || !PQntuples(all.project))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_DASHBOARD);
	put_dashboard(c, &all, 0);
	return WEIR_OK;
}

weir_err weir_do_dashboard_create(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_dashboard_create(&c->meta, c->project.id, weir_in_text(c, "name"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_dashboard, rows, "Project not found");
}

weir_err weir_do_dashboard_update(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_dashboard_update(&c->meta, weir_in_text(c, "id"), weir_in_text(c, "name"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_dashboard, rows, NO_DASHBOARD);
}

/* With its reports, whether forceDelete is said or not: as the reference. */
weir_err weir_do_dashboard_delete(struct weir_call *c)
{
	return weir_dashboard_delete(&c->meta, weir_in_text(c, "id"));
}
