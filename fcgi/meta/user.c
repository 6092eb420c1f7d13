#include "config.h"
#include "meta/user.h"

#include "base/hash.h"
#include "meta/name.h"
#include "meta/record.h"

static weir_text or_null(weir_text t)
{
	return t.n ? t : (weir_text){ NULL, 0 };
}

/* JavaScript's String.trim for what a keyboard types: ASCII blanks. */
static weir_text hashable(weir_text password)
{
	return weir_text_trim(password);
}

weir_err weir_user_find(const struct weir_meta *m, weir_text email, weir_text *id)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "SELECT \"id\" FROM \"users\" WHERE lower(\"email\") = lower($1) ORDER BY \"createdAt\" LIMIT 1",
		1, &email);

	*id = !err && PQntuples(res) ? weir_pg_text(res, 0, 0) : (weir_text){ NULL, 0 };
	return err;
}

weir_err weir_user_count(const struct weir_meta *m, int64_t *count)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "SELECT count(*) FROM \"users\"", 0, NULL);

	*count = !err && PQntuples(res) ? weir_pg_int(res, 0, 0) : 0;
	return err;
}

weir_err weir_user_list(const struct weir_meta *m, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "SELECT " WEIR_COLUMNS_USER " FROM \"users\" t ORDER BY t.\"createdAt\", t.\"id\"", 0, NULL);
}

static weir_err insert_user(const struct weir_meta *m, const struct weir_user_new *in, weir_text id, weir_text hash)
{
	static const char user_sql[] =
		"INSERT INTO \"users\" (\"id\", \"email\", \"firstName\", \"lastName\", \"createdAt\", \"updatedAt\") VALUES ($1, $2, $3, $4, $5, $5)";
	static const char account_sql[] =
		"INSERT INTO \"accounts\" (\"id\", \"userId\", \"provider\", \"password\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, 'email', $3, $4, $4)";
	weir_text now = weir_pg_time_param(m->mem, m->now_ms);
	weir_text user[5] = { id, in->email, or_null(in->first_name), or_null(in->last_name), now };
	weir_text account[4] = { weir_uuid_arena(m->mem), id, hash, now };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, user_sql, 5, user);

	return err ? err : weir_pg_exec(m->pg, m->mem, &res, account_sql, 4, account);
}

weir_err weir_user_create(const struct weir_meta *m, const struct weir_user_new *in, weir_text *id)
{
	char hash[WEIR_PASSWORD_HASH_MAX];
	weir_text other;
	weir_err err = weir_user_find(m, in->email, &other);

	if (!err && other.p)
		return WEIR_ECONFLICT;
	if (!err)
		err = weir_password_hash(hashable(in->password), hash);
	*id = weir_prefixed_id(m->mem, "user_");
	if (!err && !id->p)
		err = WEIR_ENOMEM;
	if (!err)
		err = weir_pg_begin(m->pg);
	if (!err)
		err = insert_user(m, in, *id, weir_text_of(hash));
	if (!err)
		err = weir_pg_commit(m->pg);
	if (err)
		weir_pg_rollback(m->pg);
	return err;
}

weir_err weir_user_sign_in(const struct weir_meta *m, weir_text email, weir_text password, enum weir_sign_in *result, weir_text *user_id)
{
	static const char sql[] =
		"SELECT u.\"id\", a.\"password\", EXISTS (SELECT 1 FROM \"user_totp\" t WHERE t.\"userId\" = u.\"id\" AND t.\"enabledAt\" IS NOT NULL)"
		" FROM \"users\" u JOIN \"accounts\" a ON a.\"userId\" = u.\"id\" AND a.\"provider\" = 'email'"
		" WHERE lower(u.\"email\") = lower($1) ORDER BY u.\"createdAt\" LIMIT 1";
	PGresult *res;
	bool match = false;
	weir_text stored;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 1, &email);

	*result = WEIR_SIGN_IN_UNKNOWN;
	if (err || !PQntuples(res))
		return err;
	stored = weir_pg_text(res, 0, 1);
	if (!stored.p)
		return WEIR_OK;
	if (!weir_text_starts(stored, "$argon2")) {
		*result = WEIR_SIGN_IN_EXPIRED;
		return WEIR_OK;
	}
	/* As typed first: accounts of the reference keep the blanks that its sign-up did not trim. */
	err = weir_password_verify(password, PQgetvalue(res, 0, 1), &match);
	if (!err && !match && hashable(password).n != password.n)
		err = weir_password_verify(hashable(password), PQgetvalue(res, 0, 1), &match);
	if (err)
		return err;
	*user_id = weir_pg_text(res, 0, 0);
	*result = !match ? WEIR_SIGN_IN_WRONG : weir_pg_bool(res, 0, 2) ? WEIR_SIGN_IN_TOTP : WEIR_SIGN_IN_OK;
	return WEIR_OK;
}

weir_err weir_user_challenge(const struct weir_meta *m, weir_text user_id, weir_text *challenge_id)
{
	static const char sql[] =
		"INSERT INTO \"two_factor_challenges\" (\"id\", \"userId\", \"expiresAt\", \"createdAt\") VALUES ($1, $2, $3, $4)";
	static const int64_t life_ms = 5 * 60 * 1000;
	weir_text params[4] = { weir_prefixed_id(m->mem, "2fa_"), user_id, weir_pg_time_param(m->mem, m->now_ms + life_ms),
		weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;

	*challenge_id = params[0];
	return params[0].p ? weir_pg_exec(m->pg, m->mem, &res, sql, 4, params) : WEIR_ENOMEM;
}

weir_err weir_user_update(const struct weir_meta *m, weir_text id, weir_text first_name, weir_text last_name, PGresult **rows)
{
	static const char sql[] = "UPDATE \"users\" t SET \"firstName\" = $2, \"lastName\" = $3, \"updatedAt\" = $4 WHERE t.\"id\" = $1"
		" RETURNING " WEIR_COLUMNS_USER;
	weir_text params[4] = { id, first_name, last_name, weir_pg_time_param(m->mem, m->now_ms) };

	return params[3].p ? weir_pg_exec(m->pg, m->mem, rows, sql, 4, params) : WEIR_ENOMEM;
}

weir_err weir_user_delete(const struct weir_meta *m, weir_text id)
{
	PGresult *res;

	return weir_pg_exec(m->pg, m->mem, &res, "DELETE FROM \"users\" WHERE \"id\" = $1", 1, &id);
}

weir_err weir_user_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_USER " FROM \"users\" t WHERE t.\"id\" = $1", 1, &id);
}

weir_err weir_user_set_password(const struct weir_meta *m, weir_text id, weir_text password)
{
	char hash[WEIR_PASSWORD_HASH_MAX];
	weir_text change[3] = { id, { NULL, 0 }, weir_meta_now(m) }, make[4] = { weir_uuid_arena(m->mem), id, { NULL, 0 }, weir_meta_now(m) };
	struct weir_pg_ask asks[] = {
		{ "UPDATE \"accounts\" SET \"password\" = $2, \"updatedAt\" = $3 WHERE \"userId\" = $1 AND \"provider\" = 'email'", 3, change, NULL },
		{ "INSERT INTO \"accounts\" (\"id\", \"userId\", \"provider\", \"password\", \"createdAt\", \"updatedAt\") SELECT $1, u.\"id\", 'email', $3, $4, $4"
			" FROM \"users\" u WHERE u.\"id\" = $2 AND NOT EXISTS (SELECT 1 FROM \"accounts\" WHERE \"userId\" = u.\"id\" AND \"provider\" = 'email')",
			4, make, NULL },
		{ "DELETE FROM \"sessions\" WHERE \"userId\" = $1", 1, change, NULL },
	};
	weir_err err = weir_password_hash(hashable(password), hash);

	if (err)
		return err;
	change[1] = make[2] = weir_text_of(hash);
	return weir_arena_failed(m->mem) ? WEIR_ENOMEM : weir_pg_pipe(m->pg, m->mem, asks, sizeof(asks) / sizeof(*asks));
}
