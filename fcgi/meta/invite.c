#include "config.h"
#include "meta/invite.h"

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
		" FROM \"invites\" i JOIN \"projects\" p ON p.\"id\" = ANY (i.\"projectAccess\") WHERE i.\"id\" = $1",
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
