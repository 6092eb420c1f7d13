#include "config.h"
#include "rest/answer.h"

#include "base/jsonr.h"
#include "meta/dashboard.h"
#include "meta/deletion.h"
#include "meta/project.h"
#include "meta/report.h"

/* /manage/projects and what lies below (spec/ingest.md 9.4). */

#define NO_PROJECT "Project not found"
static const weir_text none = { NULL, 0 };

weir_err weir_rest_projects(struct weir_rest_call *c)
{
	PGresult *rows;
	weir_err err = weir_project_living(&c->meta, c->organization_id, &rows);

	if (!err)
		weir_rest_rows(c, &weir_record_project, rows);
	return err;
}

/* The project of the path, when it is one of the client's organization. */
static weir_err own(struct weir_rest_call *c, PGresult **rows)
{
	weir_err err = weir_project_get(&c->meta, c->params[0], rows);

	if (!err && (!PQntuples(*rows) || !weir_text_eq(weir_pg_text(*rows, 0, WEIR_PROJECT_ORGANIZATION_ID), c->organization_id)))
		return weir_rest_fail(c, WEIR_ENOTFOUND, NO_PROJECT);
	return err;
}

weir_err weir_rest_project_get(struct weir_rest_call *c)
{
	PGresult *rows;
	weir_err err = own(c, &rows);

	return err ? err : weir_rest_first(c, &weir_record_project, rows, NO_PROJECT);
}

static weir_err texts(struct weir_rest_call *c, const char *name, weir_text **list, size_t *count)
{
	json_object *array = weir_jsonr_get(c->in, name);

	*count = weir_jsonr_count(array);
	*list = weir_alloc_n(c->meta.mem, *count + 1, sizeof(**list));
	for (size_t i = 0; *list && i < *count; i++)
		(*list)[i] = weir_without_slashes(weir_jsonr_text(weir_jsonr_at(array, i)));
	return *list ? WEIR_OK : WEIR_ENOMEM;
}

static void put_made(struct weir_rest_call *c, const PGresult *rows, const struct weir_client_made *made)
{
	weir_json_obj(&c->json, NULL);
	weir_json_obj(&c->json, "data");
	weir_rest_record(c, &weir_record_project, rows, 0, 0, none);
	weir_json_arr(&c->json, "clients");
	weir_json_obj(&c->json, NULL);
	weir_json_strz(&c->json, "id", made->id);
	weir_json_end(&c->json);
	weir_json_end(&c->json);
	weir_json_obj(&c->json, "client");
	weir_json_strz(&c->json, "id", made->id);
	weir_json_str(&c->json, "secret", made->secret);
	for (int i = 0; i < 3; i++)
		weir_json_end(&c->json);
}

weir_err weir_rest_project_create(struct weir_rest_call *c)
{
	struct weir_project_new in = {
		.organization_id = c->organization_id, .name = weir_jsonr_get_text(c->in, "name"),
		.domain = weir_without_slashes(weir_jsonr_get_text(c->in, "domain")), .cross_domain = weir_jsonr_truthy(weir_jsonr_get(c->in, "crossDomain")),
	};
	struct weir_client_new client = { .name = WEIR_TEXT("First client"), .organization_id = c->organization_id };
	struct weir_client_made made;
	weir_text *cors, *types;
	PGresult *rows;
	weir_err err = texts(c, "cors", &cors, &in.cors_count);

	if (!err)
		err = texts(c, "types", &types, &in.types_count);
	if (err)
		return err;
	in.cors = cors;
	in.types = types;
	err = weir_project_create(&c->meta, &in, &client.project_id);
	if (!err)
		err = weir_client_create(&c->meta, &client, &made);
	if (!err)
		err = weir_project_get(&c->meta, client.project_id, &rows);
	if (err || !PQntuples(rows))
		return err ? err : WEIR_EINTERNAL;
	put_made(c, rows, &made);
	return WEIR_OK;
}

static enum weir_change change_in(struct weir_rest_call *c, const char *name)
{
	if (!weir_jsonr_has(c->in, name))
		return WEIR_CHANGE_NONE;
	return weir_jsonr_truthy(weir_jsonr_get(c->in, name)) ? WEIR_CHANGE_ON : WEIR_CHANGE_OFF;
}

weir_err weir_rest_project_update(struct weir_rest_call *c)
{
	struct weir_project_change in = {
		.name = weir_jsonr_get_text(c->in, "name"), .sets_domain = weir_jsonr_has(c->in, "domain"),
		.domain = weir_without_slashes(weir_jsonr_get_text(c->in, "domain")), .cross_domain = change_in(c, "crossDomain"),
		.unsafe_revenue = change_in(c, "allowUnsafeRevenueTracking"),
	};
	weir_text *cors;
	PGresult *rows;
	weir_err err = own(c, &rows);

	if (!err)
		err = texts(c, "cors", &cors, &in.cors_count);
	if (err)
		return err;
	in.cors = weir_jsonr_has(c->in, "cors") ? cors : NULL;
	err = weir_project_update(&c->meta, c->params[0], &in, &rows);
	return err ? err : weir_rest_first(c, &weir_record_project, rows, NO_PROJECT);
}

weir_err weir_rest_project_delete(struct weir_rest_call *c)
{
	PGresult *rows;
	weir_err err = own(c, &rows);

	if (!err)
		err = weir_deletion_schedule(&c->meta, WEIR_DELETION_PROJECT, c->params[0], c->meta.now_ms + WEIR_DELETION_GRACE_MS);
	if (!err)
		weir_rest_success(c);
	return err;
}

/* ------------------------------------------------------------ dashboards and reports */

static weir_err own_or_forbidden(struct weir_rest_call *c)
{
	PGresult *rows;
	weir_err err = own(c, &rows);

	if (err != WEIR_ENOTFOUND)
		return err;
	c->error = "Forbidden";
	return weir_rest_fail(c, WEIR_EFORBID, "Project does not belong to your organization");
}

weir_err weir_rest_dashboards(struct weir_rest_call *c)
{
	struct weir_dashboards all;
	weir_err err = own_or_forbidden(c);

	if (!err)
		err = weir_dashboard_list(&c->meta, c->params[0], &all);
	if (err)
		return err;
	weir_json_arr(&c->json, NULL);
	for (int i = 0; i < PQntuples(all.dashboards); i++) {
		weir_json_obj(&c->json, NULL);
		weir_json_str(&c->json, "id", weir_pg_text(all.dashboards, i, WEIR_DASHBOARD_ID));
		weir_json_str(&c->json, "name", weir_pg_text(all.dashboards, i, WEIR_DASHBOARD_NAME));
		weir_json_str(&c->json, "projectId", weir_pg_text(all.dashboards, i, WEIR_DASHBOARD_PROJECT_ID));
		weir_json_end(&c->json);
	}
	weir_json_end(&c->json);
	return WEIR_OK;
}

weir_err weir_rest_reports(struct weir_rest_call *c)
{
	static const struct { const char *name; int column; bool json; } members[] = {
		{ "id", WEIR_REPORT_ID, false }, { "name", WEIR_REPORT_NAME, false }, { "chartType", WEIR_REPORT_CHART_TYPE, false },
		{ "range", WEIR_REPORT_RANGE, false }, { "interval", WEIR_REPORT_INTERVAL, false }, { "metric", WEIR_REPORT_METRIC, false },
		{ "series", WEIR_REPORT_EVENTS, true }, { "breakdowns", WEIR_REPORT_BREAKDOWNS, true },
	};
	PGresult *rows;
	bool found;
	weir_err err = own_or_forbidden(c);

	if (!err)
		err = weir_report_list(&c->meta, c->params[0], c->params[1], &rows, &found);
	if (!err && !found)
		return weir_rest_fail(c, WEIR_ENOTFOUND, "Dashboard not found");
	if (err)
		return err;
	weir_json_arr(&c->json, NULL);
	for (int i = 0; i < PQntuples(rows); i++) {
		weir_json_obj(&c->json, NULL);
		for (size_t k = 0; k < sizeof(members) / sizeof(*members); k++)
			if (members[k].json)
				weir_json_raw(&c->json, members[k].name, weir_pg_text(rows, i, members[k].column));
			else
				weir_json_str(&c->json, members[k].name, weir_pg_text(rows, i, members[k].column));
		weir_json_end(&c->json);
	}
	weir_json_end(&c->json);
	return WEIR_OK;
}
