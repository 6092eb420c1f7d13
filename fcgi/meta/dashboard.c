#include "config.h"
#include "meta/dashboard.h"

#include "meta/name.h"
#include "meta/record.h"

#define PROJECT_SQL "SELECT " WEIR_COLUMNS_PROJECT " FROM \"projects\" t WHERE t.\"id\" = $1"

weir_err weir_dashboard_list(const struct weir_meta *m, weir_text project_id, struct weir_dashboards *out)
{
	struct weir_pg_ask asks[] = {
		{ PROJECT_SQL, 1, &project_id, NULL },
		{ "SELECT " WEIR_COLUMNS_DASHBOARD " FROM \"dashboards\" t WHERE t.\"projectId\" = $1 ORDER BY t.\"createdAt\", t.\"id\"", 1,
			&project_id, NULL },
		{ "SELECT " WEIR_COLUMNS_REPORT " FROM \"reports\" t JOIN \"dashboards\" d ON d.\"id\" = t.\"dashboardId\""
			" WHERE d.\"projectId\" = $1 ORDER BY t.\"createdAt\", t.\"id\"", 1, &project_id, NULL },
	};
	weir_err err = weir_pg_pipe(m->pg, m->mem, asks, sizeof(asks) / sizeof(*asks));

	*out = (struct weir_dashboards){ asks[0].res, asks[1].res, asks[2].res };
	return err;
}

weir_err weir_dashboard_get(const struct weir_meta *m, weir_text project_id, weir_text id, struct weir_dashboards *out)
{
	weir_text both[2] = { project_id, id };
	struct weir_pg_ask asks[] = {
		{ PROJECT_SQL, 1, &project_id, NULL },
		{ "SELECT " WEIR_COLUMNS_DASHBOARD " FROM \"dashboards\" t WHERE t.\"projectId\" = $1 AND t.\"id\" = $2", 2, both, NULL },
	};
	weir_err err = weir_pg_pipe(m->pg, m->mem, asks, sizeof(asks) / sizeof(*asks));

	*out = (struct weir_dashboards){ asks[0].res, asks[1].res, NULL };
	return err;
}

struct claim {
	weir_text project_id, name;
	PGresult **rows;
};

static weir_err insert(const struct weir_meta *m, weir_text id, void *ctx)
{
	static const char sql[] =
		"INSERT INTO \"dashboards\" AS t (\"id\", \"name\", \"organizationId\", \"projectId\", \"createdAt\", \"updatedAt\")"
		" SELECT $1, $2, p.\"organizationId\", p.\"id\", $4, $4 FROM \"projects\" p WHERE p.\"id\" = $3"
		" RETURNING " WEIR_COLUMNS_DASHBOARD;
	const struct claim *claim = ctx;
	weir_text params[4] = { id, claim->name, claim->project_id, weir_meta_now(m) };

	return weir_meta_run(m, claim->rows, sql, 4, params);
}

weir_err weir_dashboard_create(const struct weir_meta *m, weir_text project_id, weir_text name, PGresult **rows)
{
	struct claim claim = { project_id, name, rows };
	weir_text id;

	return weir_name_claim(m, WEIR_NAMED_DASHBOARD, name, insert, &claim, &id);
}

weir_err weir_dashboard_update(const struct weir_meta *m, weir_text id, weir_text name, PGresult **rows)
{
	static const char sql[] = "UPDATE \"dashboards\" t SET \"name\" = $2, \"updatedAt\" = $3 WHERE t.\"id\" = $1"
		" RETURNING " WEIR_COLUMNS_DASHBOARD;
	weir_text params[3] = { id, name, weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 3, params);
}

weir_err weir_dashboard_delete(const struct weir_meta *m, weir_text id)
{
	PGresult *res;

	return weir_meta_run(m, &res, "DELETE FROM \"dashboards\" WHERE \"id\" = $1", 1, &id);
}
