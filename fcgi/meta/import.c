#include "config.h"
#include "meta/import.h"

#include "meta/name.h"
#include "meta/record.h"

weir_err weir_import_list(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_IMPORT " FROM \"imports\" t WHERE t.\"projectId\" = $1"
		" ORDER BY t.\"createdAt\" DESC, t.\"id\"", 1, &project_id);
}

weir_err weir_import_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_IMPORT " FROM \"imports\" t WHERE t.\"id\" = $1::uuid", 1, &id);
}

weir_err weir_import_create(const struct weir_meta *m, weir_text project_id, weir_text config, PGresult **rows)
{
	static const char sql[] =
		"INSERT INTO \"imports\" AS t (\"projectId\", \"jobId\", \"status\", \"config\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, 'pending', $3::jsonb, $4, $4) RETURNING " WEIR_COLUMNS_IMPORT;
	weir_text params[4] = { project_id, weir_uuid_arena(m->mem), config, weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 4, params);
}

weir_err weir_import_retry(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	static const char sql[] =
		"UPDATE \"imports\" t SET \"status\" = 'pending', \"errorMessage\" = NULL, \"jobId\" = $2, \"updatedAt\" = $3"
		" WHERE t.\"id\" = $1::uuid AND t.\"status\" = 'failed' RETURNING " WEIR_COLUMNS_IMPORT;
	weir_text params[3] = { id, weir_uuid_arena(m->mem), weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 3, params);
}

weir_err weir_import_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "DELETE FROM \"imports\" t WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_IMPORT, 1, &id);
}
