#include "config.h"
#include "meta/reset.h"

#include "base/hash.h"
#include "meta/name.h"

weir_err weir_reset_begin(const struct weir_meta *m, weir_text email, weir_text *token, weir_text *to)
{
	static const int64_t life_ms = 10 * 60 * 1000;
	static const char find_sql[] =
		"SELECT a.\"id\", u.\"email\" FROM \"users\" u JOIN \"accounts\" a ON a.\"userId\" = u.\"id\" AND a.\"provider\" = 'email'"
		" WHERE lower(u.\"email\") = lower($1) ORDER BY u.\"createdAt\" LIMIT 1";
	static const char insert_sql[] =
		"WITH old AS (DELETE FROM \"reset_password\" WHERE \"accountId\" = $2)"
		" INSERT INTO \"reset_password\" (\"id\", \"accountId\", \"expiresAt\", \"createdAt\", \"updatedAt\") VALUES ($1, $2, $3, $4, $4)";
	weir_text params[4] = { weir_prefixed_id(m->mem, "pw_"), { NULL, 0 }, weir_pg_time_param(m->mem, m->now_ms + life_ms),
		weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res, *inserted;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, find_sql, 1, &email);

	*token = *to = (weir_text){ NULL, 0 };
	if (err || !PQntuples(res))
		return err;
	params[1] = weir_pg_text(res, 0, 0);
	err = params[0].p && params[2].p && params[3].p ? weir_pg_exec(m->pg, m->mem, &inserted, insert_sql, 4, params) : WEIR_ENOMEM;
	if (!err) {
		*token = params[0];
		*to = weir_pg_text(res, 0, 1);
	}
	return err;
}

weir_err weir_reset_finish(const struct weir_meta *m, weir_text token, weir_text password, enum weir_reset *result)
{
	static const char find_sql[] = "SELECT \"expiresAt\" FROM \"reset_password\" WHERE \"id\" = $1";
	/* Whoever deletes the token sets the password. */
	static const char set_sql[] =
		"WITH r AS (DELETE FROM \"reset_password\" WHERE \"id\" = $1 RETURNING \"accountId\")"
		" UPDATE \"accounts\" SET \"password\" = $2, \"updatedAt\" = $3::timestamp WHERE \"id\" IN (SELECT \"accountId\" FROM r)";
	char hash[WEIR_PASSWORD_HASH_MAX];
	weir_text params[3] = { token, { NULL, 0 }, weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, find_sql, 1, &token);

	*result = WEIR_RESET_UNKNOWN;
	if (err || !PQntuples(res))
		return err;
	if (weir_pg_time(res, 0, 0) < m->now_ms) {
		*result = WEIR_RESET_EXPIRED;
		return WEIR_OK;
	}
	err = weir_password_hash(weir_text_trim(password), hash);
	if (err)
		return err;
	params[1] = weir_text_of(hash);
	err = weir_pg_exec(m->pg, m->mem, &res, set_sql, 3, params);
	if (!err && !weir_text_is(weir_text_of(PQcmdTuples(res)), "0"))
		*result = WEIR_RESET_OK;
	return err;
}
