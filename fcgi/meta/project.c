#include "config.h"
#include "meta/project.h"

#include "base/log.h"
#include "link/generation.h"
#include "meta/name.h"
#include "meta/record.h"

weir_text weir_without_slashes(weir_text url)
{
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	return url;
}

static void tell(const struct weir_meta *m, weir_text id)
{
	if (m->redis && weir_generation_bump(m->redis, m->mem, m->conf, id))
		weir_log(LOG_WARNING, "generation", "the responders were not told of a changed project: %s", weir_redis_error(m->redis));
}

static weir_err insert(const struct weir_meta *m, weir_text id, void *ctx)
{
	static const char sql[] =
		"INSERT INTO \"projects\" (\"id\", \"name\", \"organizationId\", \"types\", \"domain\", \"cors\", \"crossDomain\", \"createdAt\","
		" \"updatedAt\") VALUES ($1, $2, $3, $4::text[]::\"ProjectType\"[], $5, $6::text[], $8::bool, $7, $7)";
	const struct weir_project_new *in = ctx;
	weir_text params[8] = {
		id, in->name, in->organization_id, weir_pg_array_param(m->mem, in->types, in->types_count), weir_or_null(in->domain),
		weir_pg_array_param(m->mem, in->cors, in->cors_count), weir_meta_now(m), weir_pg_bool_param(in->cross_domain),
	};
	PGresult *res;

	return weir_meta_run(m, &res, sql, 8, params);
}

weir_err weir_project_create(const struct weir_meta *m, const struct weir_project_new *in, weir_text *id)
{
	struct weir_project_new copy = *in;
	weir_err err = weir_name_claim(m, WEIR_NAMED_PROJECT, in->name, insert, &copy, id);

	if (!err)
		tell(m, *id);
	return err;
}

/* A flag that may be left as it is. */
static weir_text flag_param(enum weir_change change)
{
	return change == WEIR_CHANGE_NONE ? (weir_text){ NULL, 0 } : weir_pg_bool_param(change == WEIR_CHANGE_ON);
}

weir_err weir_project_update(const struct weir_meta *m, weir_text id, const struct weir_project_change *in, PGresult **rows)
{
	static const char sql[] =
		"UPDATE \"projects\" t SET \"updatedAt\" = $2, \"name\" = coalesce($3, t.\"name\"),"
		" \"domain\" = CASE WHEN $4::bool THEN $5 ELSE t.\"domain\" END, \"cors\" = coalesce($6::text[], t.\"cors\"),"
		" \"crossDomain\" = coalesce($7::bool, t.\"crossDomain\"),"
		" \"allowUnsafeRevenueTracking\" = coalesce($8::bool, t.\"allowUnsafeRevenueTracking\"),"
		" \"filters\" = coalesce($9::jsonb, t.\"filters\") WHERE t.\"id\" = $1 RETURNING " WEIR_COLUMNS_PROJECT ","
		" ARRAY(SELECT c.\"id\"::text FROM \"clients\" c WHERE c.\"projectId\" = t.\"id\" ORDER BY c.\"createdAt\", c.\"id\")";
	weir_text none = { NULL, 0 };
	weir_text params[9] = {
		id, weir_meta_now(m), in->name, weir_pg_bool_param(in->sets_domain), weir_or_null(in->domain),
		in->cors ? weir_pg_array_param(m->mem, in->cors, in->cors_count) : none, flag_param(in->cross_domain), flag_param(in->unsafe_revenue),
		in->filters,
	};
	weir_err err = weir_meta_run(m, rows, sql, 9, params);

	if (!err && PQntuples(*rows))
		tell(m, id);
	return err;
}

weir_err weir_project_list(const struct weir_meta *m, weir_text organization_id, weir_text user_id, PGresult **rows)
{
#define ORDER " ORDER BY t.\"eventsCount\" DESC, t.\"createdAt\", t.\"id\""
	static const char all[] = "SELECT " WEIR_COLUMNS_PROJECT " FROM \"projects\" t" ORDER;
	static const char of_organization[] = "SELECT " WEIR_COLUMNS_PROJECT " FROM \"projects\" t WHERE t.\"organizationId\" = $1" ORDER;
	static const char of_user[] = "SELECT " WEIR_COLUMNS_PROJECT " FROM \"projects\" t WHERE t.\"organizationId\" = $1"
		" AND EXISTS (SELECT 1 FROM \"members\" m WHERE m.\"organizationId\" = $1 AND m.\"userId\" = $2)"
		" AND (NOT EXISTS (SELECT 1 FROM \"project_access\" a WHERE a.\"organizationId\" = $1 AND a.\"userId\" = $2)"
		" OR EXISTS (SELECT 1 FROM \"project_access\" a WHERE a.\"projectId\" = t.\"id\" AND a.\"userId\" = $2))" ORDER;
#undef ORDER
	weir_text params[2] = { organization_id, user_id };

	if (!organization_id.n)
		return weir_pg_exec(m->pg, m->mem, rows, all, 0, NULL);
	return weir_pg_exec(m->pg, m->mem, rows, user_id.n ? of_user : of_organization, user_id.n ? 2 : 1, params);
}

weir_err weir_project_after(const struct weir_meta *m, weir_text after, int64_t events, weir_text *id)
{
	static const char sql[] = "SELECT \"id\" FROM \"projects\" WHERE \"id\" COLLATE \"C\" > $1 AND \"eventsCount\" >= $2::bigint AND \"deleteAt\" IS NULL"
		" ORDER BY \"id\" COLLATE \"C\" LIMIT 1";
	weir_text params[2] = { after, weir_pg_int_param(m->mem, events) };
	PGresult *rows;
	weir_err err = weir_meta_run(m, &rows, sql, 2, params);

	*id = !err && PQntuples(rows) ? weir_pg_text(rows, 0, 0) : (weir_text){ NULL, 0 };
	return err;
}

weir_err weir_project_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "SELECT " WEIR_COLUMNS_PROJECT " FROM \"projects\" t WHERE t.\"id\" = $1", 1, &id);
}

weir_err weir_project_living(const struct weir_meta *m, weir_text organization_id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_PROJECT " FROM \"projects\" t WHERE t.\"organizationId\" = $1 AND t.\"deleteAt\" IS NULL"
		" ORDER BY t.\"createdAt\" DESC, t.\"id\"", 1, &organization_id);
}

weir_err weir_project_ids(const struct weir_meta *m, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT \"id\" FROM \"projects\" ORDER BY \"id\"", 0, NULL);
}
