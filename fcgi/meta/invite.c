#include "config.h"
#include "meta/invite.h"

#include "meta/name.h"
#include "meta/record.h"

weir_err weir_invite_known(const struct weir_meta *m, weir_text invite_id, bool *known)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "SELECT 1 FROM \"invites\" WHERE \"id\" = $1", 1, &invite_id);

	*known = !err && PQntuples(res) > 0;
	return err;
}

/* Three statements, for one transaction: membership, projects, and the invitation goes. */
static weir_err consume(const struct weir_meta *m, weir_text user_id, weir_text invite_id)
{
	static const char *const sql[] = {
		"INSERT INTO \"members\" (\"role\", \"email\", \"userId\", \"invitedById\", \"organizationId\", \"createdAt\", \"updatedAt\")"
		" SELECT i.\"role\", u.\"email\", u.\"id\", i.\"createdById\", i.\"organizationId\", $3, $3"
		" FROM \"invites\" i, \"users\" u WHERE i.\"id\" = $1 AND u.\"id\" = $2"
		" ON CONFLICT (\"organizationId\", \"userId\") DO NOTHING",
		"INSERT INTO \"project_access\" (\"projectId\", \"organizationId\", \"userId\", \"level\", \"createdAt\", \"updatedAt\")"
		" SELECT p.\"id\", i.\"organizationId\", $2, 'write', $3, $3"
		" FROM \"invites\" i JOIN \"projects\" p ON p.\"id\" = ANY (i.\"projectAccess\") AND p.\"organizationId\" = i.\"organizationId\""
		" WHERE i.\"id\" = $1",
		"DELETE FROM \"invites\" WHERE \"id\" = $1 AND $2::text IS NOT NULL AND $3::text IS NOT NULL",
	};
	weir_text params[3] = { invite_id, user_id, weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < sizeof(sql) / sizeof(*sql) && !err; i++)
		err = weir_pg_exec(m->pg, m->mem, &res, sql[i], 3, params);
	return err;
}

weir_err weir_invite_accept(const struct weir_meta *m, weir_text user_id, weir_text invite_id, enum weir_invite *result)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "SELECT \"expiresAt\" FROM \"invites\" WHERE \"id\" = $1", 1, &invite_id);

	*result = WEIR_INVITE_UNKNOWN;
	if (err || !PQntuples(res))
		return err;
	*result = !m->conf->api_allow_invitation ? WEIR_INVITE_CLOSED
		: weir_pg_time(res, 0, 0) < m->now_ms ? WEIR_INVITE_EXPIRED : WEIR_INVITE_OK;
	if (*result != WEIR_INVITE_OK)
		return WEIR_OK;
	err = weir_pg_begin(m->pg);
	if (!err)
		err = consume(m, user_id, invite_id);
	if (!err)
		err = weir_pg_commit(m->pg);
	if (err)
		weir_pg_rollback(m->pg);
	return err;
}

weir_err weir_invite_create(const struct weir_meta *m, const struct weir_invite_new *in, PGresult **rows)
{
	static const int64_t life_ms = 3 * (int64_t)86400000;
	static const char sql[] =
		"INSERT INTO \"invites\" AS t (\"id\", \"email\", \"createdById\", \"organizationId\", \"projectAccess\", \"expiresAt\", \"role\","
		" \"createdAt\", \"updatedAt\") SELECT $1, lower($2), $3, $4, $5::text[], $6, $7, $8, $8"
		" WHERE NOT EXISTS (SELECT 1 FROM \"invites\" i WHERE lower(i.\"email\") = lower($2) AND i.\"organizationId\" = $4)"
		" RETURNING " WEIR_COLUMNS_INVITE;
	weir_text params[8] = { weir_prefixed_id(m->mem, "invite_"), in->email, in->created_by, in->organization_id,
		weir_pg_array_param(m->mem, in->projects, in->count), weir_pg_time_param(m->mem, m->now_ms + life_ms), in->role,
		weir_pg_time_param(m->mem, m->now_ms) };
	weir_err err = params[0].p && params[4].p && params[5].p && params[7].p ? weir_pg_exec(m->pg, m->mem, rows, sql, 8, params) : WEIR_ENOMEM;

	return err ? err : PQntuples(*rows) ? WEIR_OK : WEIR_ECONFLICT;
}

weir_err weir_invite_list(const struct weir_meta *m, weir_text organization_id, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_INVITE " FROM \"invites\" t WHERE t.\"organizationId\" = $1"
		" ORDER BY t.\"createdAt\" DESC, t.\"id\"";

	return weir_pg_exec(m->pg, m->mem, rows, sql, 1, &organization_id);
}

weir_err weir_invite_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_INVITE ", o.\"name\" FROM \"invites\" t"
		" JOIN \"organizations\" o ON o.\"id\" = t.\"organizationId\" WHERE t.\"id\" = $1";

	return weir_pg_exec(m->pg, m->mem, rows, sql, 1, &id);
}

weir_err weir_invite_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "DELETE FROM \"invites\" t WHERE t.\"id\" = $1 RETURNING " WEIR_COLUMNS_INVITE, 1, &id);
}
