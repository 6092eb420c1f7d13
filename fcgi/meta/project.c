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

weir_err weir_project_create(const struct weir_meta *m, const struct weir_project_new *in, weir_text *id)
{
	static const char sql[] =
		"INSERT INTO \"projects\" (\"id\", \"name\", \"organizationId\", \"types\", \"domain\", \"cors\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, $4::text[]::\"ProjectType\"[], $5, $6::text[], $7, $7)";
	weir_text none = { NULL, 0 }, params[7];
	PGresult *res;
	weir_err err = weir_name_id(m, WEIR_NAMED_PROJECT, in->name, id);

	if (err)
		return err;
	params[0] = *id;
	params[1] = in->name;
	params[2] = in->organization_id;
	params[3] = weir_pg_array_param(m->mem, in->types, in->types_count);
	params[4] = in->domain.n ? in->domain : none;
	params[5] = weir_pg_array_param(m->mem, in->cors, in->cors_count);
	params[6] = weir_pg_time_param(m->mem, m->now_ms);
	if (!params[3].p || !params[5].p || !params[6].p)
		return WEIR_ENOMEM;
	err = weir_pg_exec(m->pg, m->mem, &res, sql, 7, params);
	if (!err && m->redis && weir_generation_bump(m->redis, m->mem, m->conf, *id))
		weir_log(LOG_WARNING, "generation", "the responders were not told of a new project: %s", weir_redis_error(m->redis));
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

weir_err weir_project_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "SELECT " WEIR_COLUMNS_PROJECT " FROM \"projects\" t WHERE t.\"id\" = $1", 1, &id);
}
