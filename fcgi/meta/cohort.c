#include "config.h"
#include "meta/cohort.h"

#include "meta/record.h"

#define SELECT_SQL "SELECT " WEIR_COLUMNS_COHORT " FROM \"cohorts\" t "

weir_err weir_cohort_list(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	return weir_meta_run(m, rows, SELECT_SQL "WHERE t.\"projectId\" = $1 ORDER BY t.\"createdAt\" DESC, t.\"id\"", 1, &project_id);
}

weir_err weir_cohort_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, SELECT_SQL "WHERE t.\"id\" = $1::uuid", 1, &id);
}

weir_err weir_cohort_create(const struct weir_meta *m, weir_text project_id, const struct weir_cohort_saved *in, PGresult **rows)
{
	static const char sql[] =
		"INSERT INTO \"cohorts\" AS t (\"projectId\", \"name\", \"description\", \"definition\", \"isStatic\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, $4::jsonb, $5::bool, $6, $6) RETURNING " WEIR_COLUMNS_COHORT;
	weir_text params[6] = { project_id, in->name, in->description, in->definition, weir_pg_bool_param(in->is_static), weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 6, params);
}

weir_err weir_cohort_update(const struct weir_meta *m, weir_text id, const struct weir_cohort_saved *in, PGresult **rows)
{
	static const char sql[] =
		"UPDATE \"cohorts\" t SET \"name\" = coalesce($2, t.\"name\"),"
		" \"description\" = CASE WHEN $3::bool THEN $4 ELSE t.\"description\" END, \"definition\" = coalesce($5::jsonb, t.\"definition\"),"
		" \"isStatic\" = coalesce($6::bool, t.\"isStatic\"), \"updatedAt\" = $7 WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_COHORT;
	weir_text none = { NULL, 0 };
	weir_text params[7] = {
		id, weir_or_null(in->name), weir_pg_bool_param(in->sets_description), in->description, in->definition,
		in->sets_static ? weir_pg_bool_param(in->is_static) : none, weir_meta_now(m),
	};

	return weir_meta_run(m, rows, sql, 7, params);
}

weir_err weir_cohort_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "DELETE FROM \"cohorts\" t WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_COHORT, 1, &id);
}

weir_err weir_cohort_computed(const struct weir_meta *m, weir_text id, int64_t count)
{
	weir_text params[3] = { id, weir_pg_int_param(m->mem, count), weir_meta_now(m) };
	PGresult *res;

	return weir_meta_run(m, &res, "UPDATE \"cohorts\" SET \"profileCount\" = least($2::bigint, 2147483647), \"lastComputedAt\" = $3"
		" WHERE \"id\" = $1::uuid", 3, params);
}

weir_err weir_cohort_due(const struct weir_meta *m, int64_t age_ms, weir_text after, PGresult **rows)
{
	static const char sql[] = SELECT_SQL "WHERE t.\"id\"::text > $2 AND (t.\"lastComputedAt\" IS NULL OR (NOT t.\"isStatic\" AND t.\"lastComputedAt\" < $1))"
		" ORDER BY t.\"id\"::text LIMIT 1";
	weir_text params[2] = { weir_pg_time_param(m->mem, m->now_ms - age_ms), after };

	return weir_meta_run(m, rows, sql, 2, params);
}
