#include "config.h"
#include "meta/oauth.h"

#include "meta/name.h"
#include "meta/sign_in.h"
#include "meta/user.h"

static weir_text or_null(weir_text t)
{
	return t.n ? t : (weir_text){ NULL, 0 };
}

/*
 * The account that is this identity: of the provider and id; else one of the
 * provider that was made before ids were kept, or (GitHub and Google) one from
 * the times when accounts did not tell the provider, of the same address.
 */
static weir_err find_account(const struct weir_meta *m, const struct weir_identity *in, weir_text *account_id, weir_text *user_id)
{
	static const char sql[] =
		"SELECT a.\"id\", a.\"userId\" FROM \"accounts\" a JOIN \"users\" u ON u.\"id\" = a.\"userId\""
		" WHERE (a.\"provider\" = $1 AND a.\"providerId\" = $2)"
		" OR ($4::boolean AND a.\"provider\" = $1 AND a.\"providerId\" IS NULL AND lower(a.\"email\") = lower($3))"
		" OR ($4::boolean AND a.\"provider\" = 'oauth' AND lower(u.\"email\") = lower($3))"
		" ORDER BY a.\"providerId\" = $2 DESC NULLS LAST, a.\"createdAt\" LIMIT 1";
	weir_text params[4] = { weir_text_of(weir_provider_word(in->provider)), in->id, in->email,
		weir_pg_bool_param(in->provider != WEIR_PROVIDER_oidc) };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 4, params);

	*account_id = *user_id = (weir_text){ NULL, 0 };
	if (err || !PQntuples(res))
		return err;
	*account_id = weir_pg_text(res, 0, 0);
	*user_id = weir_pg_text(res, 0, 1);
	return WEIR_OK;
}

static weir_err update_account(const struct weir_meta *m, const struct weir_identity *in, weir_text account_id)
{
	static const char sql[] =
		"UPDATE \"accounts\" SET \"provider\" = $2, \"providerId\" = $3, \"email\" = $4, \"updatedAt\" = $5 WHERE \"id\" = $1";
	weir_text params[5] = { account_id, weir_text_of(weir_provider_word(in->provider)), in->id, in->email, weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;

	return weir_pg_exec(m->pg, m->mem, &res, sql, 5, params);
}

static weir_err insert_user(const struct weir_meta *m, const struct weir_identity *in, weir_text user_id)
{
	static const char sql[] =
		"WITH u AS (INSERT INTO \"users\" (\"id\", \"email\", \"firstName\", \"lastName\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, $4, $5, $5) RETURNING \"id\")"
		" INSERT INTO \"accounts\" (\"id\", \"userId\", \"provider\", \"providerId\", \"email\", \"createdAt\", \"updatedAt\")"
		" SELECT $6, u.\"id\", $7, $8, $2, $5, $5 FROM u";
	weir_text params[8] = { user_id, in->email, or_null(in->first_name), or_null(in->last_name), weir_pg_time_param(m->mem, m->now_ms),
		weir_uuid_arena(m->mem), weir_text_of(weir_provider_word(in->provider)), in->id };
	PGresult *res;

	return params[4].p && params[5].p ? weir_pg_exec(m->pg, m->mem, &res, sql, 8, params) : WEIR_ENOMEM;
}

weir_err weir_oauth_user(const struct weir_meta *m, const struct weir_identity *identity, weir_text invite_id, weir_text *user_id,
	const char **why)
{
	static const char other_way[] = "Please sign in using your original authentication method";
	weir_text account_id, other;
	bool open = false;
	weir_err err = find_account(m, identity, &account_id, user_id);

	*why = NULL;
	if (err || account_id.p)
		return err ? err : update_account(m, identity, account_id);
	err = weir_user_find(m, identity->email, &other);
	if (!err && other.p) {
		*why = other_way;
		return WEIR_OK;
	}
	if (!err)
		err = weir_registration_open(m, invite_id, &open);
	if (!err && !open)
		*why = "Registrations are not allowed";
	if (err || *why)
		return err;
	*user_id = weir_uuid_arena(m->mem);
	err = user_id->p ? insert_user(m, identity, *user_id) : WEIR_ENOMEM;
	if (err == WEIR_ECONFLICT) { /* somebody else with this address was quicker */
		*why = other_way;
		return WEIR_OK;
	}
	return err;
}
