#include "config.h"
#include "meta/member.h"

#include "base/id.h"
#include "base/num.h"
#include "meta/record.h"

static int64_t affected(PGresult *res)
{
	int64_t n = 0;

	return weir_num_int(weir_text_of(PQcmdTuples(res)), &n) ? 0 : n;
}

weir_err weir_member_list(const struct weir_meta *m, weir_text organization_id, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_MEMBER ", " WEIR_JOINED_USER " FROM \"members\" t JOIN \"users\" u ON u.\"id\" = t.\"userId\""
		" WHERE t.\"organizationId\" = $1 ORDER BY t.\"createdAt\", t.\"id\"";

	return weir_pg_exec(m->pg, m->mem, rows, sql, 1, &organization_id);
}

weir_err weir_member_access_list(const struct weir_meta *m, weir_text organization_id, weir_text user_id, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_ACCESS " FROM \"project_access\" t"
		" WHERE t.\"organizationId\" = $1 AND ($2 = '' OR t.\"userId\" = $2) ORDER BY t.\"createdAt\", t.\"id\"";
	weir_text params[2] = { organization_id, user_id.p ? user_id : WEIR_TEXT("") };

	return weir_pg_exec(m->pg, m->mem, rows, sql, 2, params);
}

weir_err weir_member_get(const struct weir_meta *m, weir_text organization_id, weir_text user_id, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_MEMBER " FROM \"members\" t WHERE t.\"organizationId\" = $1 AND t.\"userId\" = $2";
	weir_text params[2] = { organization_id, user_id };

	return weir_pg_exec(m->pg, m->mem, rows, sql, 2, params);
}

weir_err weir_member_count(const struct weir_meta *m, weir_text user_id, int64_t *count)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "SELECT count(*) FROM \"members\" WHERE \"userId\" = $1", 1, &user_id);

	*count = err ? 0 : weir_pg_int(res, 0, 0);
	return err;
}

weir_err weir_member_anywhere(const struct weir_meta *m, weir_text user_id, bool *anywhere)
{
	static const char sql[] = "SELECT EXISTS (SELECT 1 FROM \"members\" WHERE \"userId\" = $1)"
		" OR EXISTS (SELECT 1 FROM \"project_access\" WHERE \"userId\" = $1)";
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 1, &user_id);

	*anywhere = !err && weir_pg_bool(res, 0, 0);
	return err;
}

/* Commits, or undoes everything when there was an error or the result is a refusal. */
static weir_err finish(const struct weir_meta *m, weir_err err, enum weir_member_change result)
{
	if (!err && result == WEIR_MEMBER_OK)
		err = weir_pg_commit(m->pg);
	if (err || result != WEIR_MEMBER_OK)
		weir_pg_rollback(m->pg);
	return err;
}

static weir_err remove_member(const struct weir_meta *m, const weir_text params[3], enum weir_member_change *result)
{
	/* Locked, so that two admins who remove each other do not both succeed. */
	static const char admins_sql[] = "SELECT \"userId\" FROM \"members\" WHERE \"organizationId\" = $1 AND \"role\" = 'org:admin' FOR UPDATE";
	static const char member_sql[] = "DELETE FROM \"members\" WHERE \"organizationId\" = $1 AND \"userId\" = $2 AND \"id\" = $3::uuid";
	static const char access_sql[] = "DELETE FROM \"project_access\" WHERE \"organizationId\" = $1 AND \"userId\" = $2";
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, admins_sql, 1, params);

	if (err)
		return err;
	if (PQntuples(res) == 1 && weir_text_eq(weir_pg_text(res, 0, 0), params[1])) {
		*result = WEIR_MEMBER_LAST_ADMIN;
		return WEIR_OK;
	}
	err = weir_pg_exec(m->pg, m->mem, &res, member_sql, 3, params);
	if (!err && !affected(res))
		*result = WEIR_MEMBER_UNKNOWN;
	return err || *result != WEIR_MEMBER_OK ? err : weir_pg_exec(m->pg, m->mem, &res, access_sql, 2, params);
}

weir_err weir_member_remove(const struct weir_meta *m, weir_text organization_id, weir_text user_id, weir_text id,
	enum weir_member_change *result)
{
	weir_text params[3] = { organization_id, user_id, id };
	uint8_t uuid[16];
	weir_err err;

	*result = weir_uuid_parse(id, uuid) ? WEIR_MEMBER_UNKNOWN : WEIR_MEMBER_OK;
	if (*result != WEIR_MEMBER_OK)
		return WEIR_OK;
	err = weir_pg_begin(m->pg);
	if (!err)
		err = remove_member(m, params, result);
	return finish(m, err, *result);
}

weir_err weir_member_projects_known(const struct weir_meta *m, weir_text organization_id, const weir_text *projects, size_t count, bool *known)
{
	static const char sql[] = "SELECT NOT EXISTS (SELECT 1 FROM unnest($2::text[]) w(id)"
		" WHERE NOT EXISTS (SELECT 1 FROM \"projects\" p WHERE p.\"id\" = w.id AND p.\"organizationId\" = $1))";
	weir_text params[2] = { organization_id, weir_pg_array_param(m->mem, projects, count) };
	PGresult *res;
	weir_err err = params[1].p ? weir_pg_exec(m->pg, m->mem, &res, sql, 2, params) : WEIR_ENOMEM;

	*known = !err && weir_pg_bool(res, 0, 0);
	return err;
}

static const char *level_word(enum weir_level level)
{
	return level == WEIR_LEVEL_admin ? "admin" : level == WEIR_LEVEL_write ? "write" : "read";
}

static weir_err set_access(const struct weir_meta *m, const struct weir_member_projects *in, int64_t *removed, int64_t *added)
{
	static const char remove_sql[] = "DELETE FROM \"project_access\" WHERE \"organizationId\" = $1 AND \"userId\" = $2";
	static const char add_sql[] =
		"INSERT INTO \"project_access\" (\"projectId\", \"organizationId\", \"userId\", \"level\", \"createdAt\", \"updatedAt\")"
		" SELECT p.\"id\", $1, $2, $4::text::\"AccessLevel\", $5, $5 FROM \"projects\" p WHERE p.\"id\" = ANY ($3::text[]) ORDER BY p.\"id\"";
	weir_text params[5] = { in->organization_id, in->user_id, weir_pg_array_param(m->mem, in->projects, in->count),
		weir_text_of(level_word(in->level)), weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;
	weir_err err = params[2].p && params[4].p ? weir_pg_exec(m->pg, m->mem, &res, remove_sql, 2, params) : WEIR_ENOMEM;

	if (err)
		return err;
	*removed = affected(res);
	err = weir_pg_exec(m->pg, m->mem, &res, add_sql, 5, params);
	*added = err ? 0 : affected(res);
	return err;
}

weir_err weir_member_access_set(const struct weir_meta *m, const struct weir_member_projects *in, enum weir_member_change *result,
	int64_t *removed, int64_t *added)
{
	PGresult *member;
	bool known = false;
	weir_err err = weir_pg_begin(m->pg);

	*removed = *added = 0;
	if (!err)
		err = weir_member_get(m, in->organization_id, in->user_id, &member);
	if (!err)
		err = weir_member_projects_known(m, in->organization_id, in->projects, in->count, &known);
	*result = err || !PQntuples(member) ? WEIR_MEMBER_UNKNOWN : known ? WEIR_MEMBER_OK : WEIR_MEMBER_FOREIGN_PROJECT;
	if (!err && *result == WEIR_MEMBER_OK)
		err = set_access(m, in, removed, added);
	return finish(m, err, *result);
}
