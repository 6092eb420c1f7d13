#include "config.h"
#include "meta/integration.h"

#include "base/log.h"
#include "link/generation.h"
#include "meta/record.h"

weir_err weir_integration_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_INTEGRATION " FROM \"integrations\" t WHERE t.\"id\" = $1::uuid", 1, &id);
}

weir_err weir_integration_list(const struct weir_meta *m, weir_text organization_id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_INTEGRATION " FROM \"integrations\" t WHERE t.\"organizationId\" = $1"
		" AND t.\"config\" <> '{}'::jsonb ORDER BY t.\"createdAt\", t.\"id\"", 1, &organization_id);
}

/* Rules of any project may lead there. */
static weir_err tell(const struct weir_meta *m, weir_err err, PGresult **rows)
{
	if (!err && PQntuples(*rows) && m->redis && weir_generation_bump(m->redis, m->mem, m->conf, WEIR_TEXT("")))
		weir_log(LOG_WARNING, "generation", "the worker was not told of a changed integration: %s", weir_redis_error(m->redis));
	return err;
}

weir_err weir_integration_save(const struct weir_meta *m, weir_text organization_id, weir_text id, weir_text name, weir_text config,
	PGresult **rows)
{
	static const char insert[] =
		"INSERT INTO \"integrations\" AS t (\"organizationId\", \"name\", \"config\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3::jsonb, $4, $4) RETURNING " WEIR_COLUMNS_INTEGRATION;
	static const char update[] =
		"UPDATE \"integrations\" t SET \"name\" = $2, \"config\" = $3::jsonb, \"updatedAt\" = $4"
		" WHERE t.\"organizationId\" = $1 AND t.\"id\" = $5::uuid RETURNING " WEIR_COLUMNS_INTEGRATION;
	weir_text params[5] = { organization_id, name, config, weir_meta_now(m), id };

	return tell(m, weir_meta_run(m, rows, id.n ? update : insert, id.n ? 5 : 4, params), rows);
}

weir_err weir_integration_prepare(const struct weir_meta *m, weir_text organization_id, weir_text id, weir_text name, PGresult **rows)
{
	static const char insert[] =
		"INSERT INTO \"integrations\" AS t (\"organizationId\", \"name\", \"config\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, '{}', $3, $3) RETURNING " WEIR_COLUMNS_INTEGRATION;
	static const char update[] =
		"UPDATE \"integrations\" t SET \"name\" = $2, \"updatedAt\" = $3"
		" WHERE t.\"organizationId\" = $1 AND t.\"id\" = $4::uuid RETURNING " WEIR_COLUMNS_INTEGRATION;
	weir_text params[4] = { organization_id, name, weir_meta_now(m), id };

	return weir_meta_run(m, rows, id.n ? update : insert, id.n ? 4 : 3, params);
}

weir_err weir_integration_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return tell(m, weir_meta_run(m, rows, "DELETE FROM \"integrations\" t WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_INTEGRATION, 1,
		&id), rows);
}
