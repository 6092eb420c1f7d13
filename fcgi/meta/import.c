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

weir_err weir_import_next(const struct weir_meta *m, PGresult **rows)
{
	static const char sql[] =
		"UPDATE \"imports\" t SET \"status\" = 'processing', \"statusMessage\" = 'Initializing...', \"currentStep\" = 'loading',"
		" \"currentBatch\" = NULL, \"errorMessage\" = NULL, \"totalEvents\" = 0, \"processedEvents\" = 0, \"completedAt\" = NULL,"
		" \"jobId\" = coalesce(t.\"jobId\", t.\"id\"::text), \"updatedAt\" = $1 FROM \"projects\" p WHERE p.\"id\" = t.\"projectId\" AND t.\"id\" ="
		" (SELECT i.\"id\" FROM \"imports\" i WHERE i.\"status\" IN ('pending', 'processing') ORDER BY i.\"createdAt\", i.\"id\" LIMIT 1)"
		" RETURNING " WEIR_COLUMNS_IMPORT ", p.\"organizationId\"";
	weir_text params[1] = { weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 1, params);
}

weir_err weir_import_progress(const struct weir_meta *m, const struct weir_import_state *state, bool *there)
{
	static const char sql[] =
		"UPDATE \"imports\" SET \"currentStep\" = $3, \"statusMessage\" = $4, \"currentBatch\" = $5, \"totalEvents\" = least($6::bigint, 2147483647),"
		" \"processedEvents\" = least($7::bigint, 2147483647), \"updatedAt\" = $8"
		" WHERE \"id\" = $1::uuid AND \"jobId\" = $2 AND \"status\" = 'processing' RETURNING 1";
	weir_text params[8] = {
		state->id, state->job_id, weir_text_of(state->step), state->message, weir_or_null(state->batch),
		weir_pg_int_param(m->mem, state->total), weir_pg_int_param(m->mem, state->processed), weir_meta_now(m),
	};
	PGresult *res;
	weir_err err = weir_meta_run(m, &res, sql, 8, params);

	*there = !err && PQntuples(res) > 0;
	return err;
}

weir_err weir_import_end_of(const struct weir_meta *m, const struct weir_import_state *state, bool failed, weir_text complaint)
{
	static const char sql[] =
		"UPDATE \"imports\" SET \"status\" = CASE WHEN $3::bool THEN 'failed' ELSE 'completed' END::\"ImportStatus\","
		" \"statusMessage\" = CASE WHEN $3::bool THEN 'Import failed' ELSE 'Import completed' END,"
		" \"currentStep\" = CASE WHEN $3::bool THEN \"currentStep\" ELSE 'completed' END, \"errorMessage\" = $4,"
		" \"totalEvents\" = least($5::bigint, 2147483647), \"processedEvents\" = least($6::bigint, 2147483647),"
		" \"completedAt\" = CASE WHEN $3::bool THEN NULL ELSE $7::timestamp END, \"updatedAt\" = $7::timestamp"
		" WHERE \"id\" = $1::uuid AND \"jobId\" = $2 AND \"status\" = 'processing'";
	weir_text params[7] = {
		state->id, state->job_id, weir_pg_bool_param(failed), weir_or_null(complaint),
		weir_pg_int_param(m->mem, state->total), weir_pg_int_param(m->mem, state->processed), weir_meta_now(m),
	};
	PGresult *res;

	return weir_meta_run(m, &res, sql, 7, params);
}
