#include "config.h"
#include "meta/organization.h"

#include "meta/name.h"
#include "meta/record.h"

static const int64_t TRIAL_MS = 30 * (int64_t)86400000;

weir_err weir_organization_join(const struct weir_meta *m, weir_text organization_id, weir_text user_id, const char *role)
{
	static const char sql[] =
		"INSERT INTO \"members\" (\"id\", \"role\", \"email\", \"userId\", \"organizationId\", \"createdAt\", \"updatedAt\")"
		" SELECT $1::uuid, $2, u.\"email\", u.\"id\", $3, $5, $5 FROM \"users\" u WHERE u.\"id\" = $4";
	weir_text params[5] = { weir_uuid_arena(m->mem), weir_text_of(role), organization_id, user_id, weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 5, params);

	return !err && weir_text_is(weir_text_of(PQcmdTuples(res)), "0") ? WEIR_ENOTFOUND : err;
}

static weir_err insert(const struct weir_meta *m, const struct weir_organization_new *in, weir_text id)
{
	static const char sql[] =
		"INSERT INTO \"organizations\" (\"id\", \"name\", \"createdByUserId\", \"timezone\", \"onboarding\", \"subscriptionStatus\","
		" \"subscriptionEndsAt\", \"subscriptionPeriodEventsLimit\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, $4, '', CASE WHEN $3::text IS NOT NULL THEN 'trialing' END, $5, 10000000, $6, $6)";
	weir_text none = { NULL, 0 };
	weir_text params[6] = { id, in->name, in->created_by.n ? in->created_by : none, in->timezone.n ? in->timezone : none,
		weir_pg_time_param(m->mem, m->now_ms + TRIAL_MS), weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 6, params);

	return err || !in->created_by.n ? err : weir_organization_join(m, id, in->created_by, "org:admin");
}

static weir_err insert_whole(const struct weir_meta *m, weir_text id, void *ctx)
{
	weir_err err = weir_pg_begin(m->pg);

	if (!err)
		err = insert(m, ctx, id);
	if (!err)
		err = weir_pg_commit(m->pg);
	if (err)
		weir_pg_rollback(m->pg);
	return err;
}

weir_err weir_organization_create(const struct weir_meta *m, const struct weir_organization_new *in, weir_text *id)
{
	struct weir_organization_new copy = *in;

	return weir_name_claim(m, WEIR_NAMED_ORGANIZATION, in->name, insert_whole, &copy, id);
}

weir_err weir_organization_list(const struct weir_meta *m, weir_text user_id, PGresult **rows)
{
	static const char all[] = "SELECT " WEIR_COLUMNS_ORGANIZATION " FROM \"organizations\" t ORDER BY t.\"createdAt\" DESC, t.\"id\"";
	static const char of_user[] = "SELECT " WEIR_COLUMNS_ORGANIZATION " FROM \"organizations\" t"
		" WHERE EXISTS (SELECT 1 FROM \"members\" m WHERE m.\"organizationId\" = t.\"id\" AND m.\"userId\" = $1)"
		" ORDER BY t.\"createdAt\" DESC, t.\"id\"";

	return weir_pg_exec(m->pg, m->mem, rows, user_id.n ? of_user : all, user_id.n ? 1 : 0, &user_id);
}

weir_err weir_organization_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "SELECT " WEIR_COLUMNS_ORGANIZATION " FROM \"organizations\" t WHERE t.\"id\" = $1", 1, &id);
}

weir_err weir_organization_update(const struct weir_meta *m, weir_text id, weir_text name, weir_text timezone, PGresult **rows)
{
	static const char sql[] = "UPDATE \"organizations\" t SET \"name\" = $2, \"timezone\" = $3, \"updatedAt\" = $4 WHERE t.\"id\" = $1"
		" RETURNING " WEIR_COLUMNS_ORGANIZATION;
	weir_text params[4] = { id, name, timezone, weir_pg_time_param(m->mem, m->now_ms) };

	return params[3].p ? weir_pg_exec(m->pg, m->mem, rows, sql, 4, params) : WEIR_ENOMEM;
}

weir_err weir_organization_made_by(const struct weir_meta *m, weir_text user_id, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_ORGANIZATION " FROM \"organizations\" t WHERE t.\"createdByUserId\" = $1"
		" ORDER BY t.\"createdAt\", t.\"id\"";

	return weir_pg_exec(m->pg, m->mem, rows, sql, 1, &user_id);
}
