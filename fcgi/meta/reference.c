#include "config.h"
#include "meta/reference.h"

#include "meta/record.h"

#define SELECT_SQL "SELECT " WEIR_COLUMNS_REFERENCE " FROM \"references\" t "
#define RETURNING_SQL " RETURNING " WEIR_COLUMNS_REFERENCE

weir_err weir_reference_list(const struct weir_meta *m, weir_text project_id, int64_t page, PGresult **rows)
{
	static const char sql[] = SELECT_SQL "WHERE t.\"projectId\" = $1 ORDER BY t.\"createdAt\", t.\"id\" LIMIT $2 OFFSET $3";
	weir_text params[3] = { project_id, weir_pg_int_param(m->mem, WEIR_REFERENCES_PAGE),
		weir_pg_int_param(m->mem, page * WEIR_REFERENCES_PAGE) };

	return weir_meta_run(m, rows, sql, 3, params);
}

weir_err weir_reference_all(const struct weir_meta *m, weir_text organization_id, weir_text project_id, PGresult **rows)
{
	static const char sql[] = SELECT_SQL "JOIN \"projects\" p ON p.\"id\" = t.\"projectId\" WHERE p.\"organizationId\" = $1"
		" AND ($2 = '' OR p.\"id\" = $2) ORDER BY t.\"createdAt\" DESC, t.\"id\"";
	weir_text params[2] = { organization_id, project_id.p ? project_id : WEIR_TEXT("") };

	return weir_meta_run(m, rows, sql, 2, params);
}

weir_err weir_reference_between(const struct weir_meta *m, weir_text project_id, int64_t from_ms, int64_t to_ms, PGresult **rows)
{
	static const char sql[] = SELECT_SQL "WHERE t.\"projectId\" = $1 AND t.\"date\" BETWEEN $2 AND $3 ORDER BY t.\"date\", t.\"id\"";
	weir_text params[3] = { project_id, weir_pg_time_param(m->mem, from_ms), weir_pg_time_param(m->mem, to_ms) };

	return weir_meta_run(m, rows, sql, 3, params);
}

weir_err weir_reference_create(const struct weir_meta *m, weir_text project_id, const struct weir_reference_saved *in, PGresult **rows)
{
	static const char sql[] = "INSERT INTO \"references\" AS t (\"projectId\", \"title\", \"description\", \"date\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, $4, $5, $5)" RETURNING_SQL;
	weir_text params[5] = { project_id, in->title, in->description, weir_pg_time_param(m->mem, in->date_ms), weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 5, params);
}

weir_err weir_reference_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, SELECT_SQL "WHERE t.\"id\" = $1::uuid", 1, &id);
}

weir_err weir_reference_update(const struct weir_meta *m, weir_text id, const struct weir_reference_saved *in, PGresult **rows)
{
	static const char sql[] = "UPDATE \"references\" t SET \"title\" = $2, \"description\" = $3, \"date\" = $4, \"updatedAt\" = $5"
		" WHERE t.\"id\" = $1::uuid" RETURNING_SQL;
	weir_text params[5] = { id, in->title, in->description, weir_pg_time_param(m->mem, in->date_ms), weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 5, params);
}

weir_err weir_reference_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "DELETE FROM \"references\" t WHERE t.\"id\" = $1::uuid" RETURNING_SQL, 1, &id);
}
