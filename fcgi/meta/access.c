#include "config.h"
#include "meta/access.h"

static void view_of(const PGresult *res, struct weir_project_view *view)
{
	view->id = weir_pg_text(res, 0, 0);
	view->organization_id = weir_pg_text(res, 0, 1);
	view->timezone = weir_pg_text(res, 0, 2);
}

weir_err weir_access_project(const struct weir_meta *m, weir_text user_id, weir_text project_id, struct weir_project_view *view,
	bool *allowed)
{
	static const char sql[] =
		"SELECT p.\"id\", p.\"organizationId\", coalesce(nullif(o.\"timezone\", ''), 'UTC'),"
		" EXISTS (SELECT 1 FROM \"members\" m WHERE m.\"organizationId\" = p.\"organizationId\" AND m.\"userId\" = $1),"
		" EXISTS (SELECT 1 FROM \"project_access\" a WHERE a.\"organizationId\" = p.\"organizationId\" AND a.\"userId\" = $1),"
		" EXISTS (SELECT 1 FROM \"project_access\" a WHERE a.\"projectId\" = p.\"id\" AND a.\"userId\" = $1)"
		" FROM \"projects\" p JOIN \"organizations\" o ON o.\"id\" = p.\"organizationId\" WHERE p.\"id\" = $2";
	weir_text params[2] = { user_id, project_id };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 2, params);

	*allowed = false;
	if (err || !PQntuples(res))
		return err;
	*allowed = weir_pg_bool(res, 0, 4) ? weir_pg_bool(res, 0, 5) : weir_pg_bool(res, 0, 3);
	if (*allowed)
		view_of(res, view);
	return WEIR_OK;
}

weir_err weir_access_organization(const struct weir_meta *m, weir_text user_id, weir_text organization_id, weir_text *role)
{
	static const char sql[] = "SELECT \"role\" FROM \"members\" WHERE \"userId\" = $1 AND \"organizationId\" = $2";
	weir_text params[2] = { user_id, organization_id };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 2, params);

	*role = !err && PQntuples(res) ? weir_pg_text(res, 0, 0) : (weir_text){ NULL, 0 };
	return err;
}

weir_err weir_access_share(const struct weir_meta *m, weir_text share_id, struct weir_share *share)
{
	static const char sql[] =
		"SELECT p.\"id\", p.\"organizationId\", coalesce(nullif(o.\"timezone\", ''), 'UTC'), s.\"public\","
		" coalesce(s.\"password\", '') <> ''"
		" FROM \"shares\" s JOIN \"projects\" p ON p.\"id\" = s.\"projectId\" JOIN \"organizations\" o ON o.\"id\" = p.\"organizationId\""
		" WHERE s.\"id\" = $1";
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 1, &share_id);

	*share = (struct weir_share){ .found = false };
	if (err || !PQntuples(res))
		return err;
	share->found = true;
	share->open = weir_pg_bool(res, 0, 3);
	share->password = weir_pg_bool(res, 0, 4);
	view_of(res, &share->project);
	return WEIR_OK;
}
