#include "config.h"
#include "meta/totp.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/totp.h"
#include "meta/name.h"

static bool changed(PGresult *res)
{
	return !weir_text_is(weir_text_of(PQcmdTuples(res)), "0");
}

weir_err weir_totp_get(const struct weir_meta *m, weir_text user_id, struct weir_totp *totp)
{
	static const char sql[] =
		"SELECT t.\"secret\", t.\"enabledAt\", t.\"recoveryCodes\", u.\"email\","
		" EXISTS (SELECT 1 FROM \"accounts\" a WHERE a.\"userId\" = u.\"id\" AND a.\"provider\" = 'email')"
		" FROM \"users\" u LEFT JOIN \"user_totp\" t ON t.\"userId\" = u.\"id\" WHERE u.\"id\" = $1";
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 1, &user_id);

	*totp = (struct weir_totp){ .enabled_at = INT64_MIN };
	if (err || !PQntuples(res))
		return err ? err : WEIR_ENOTFOUND;
	totp->sealed = weir_pg_text(res, 0, 0);
	totp->found = totp->sealed.p != NULL;
	totp->enabled_at = weir_pg_time(res, 0, 1);
	totp->email = weir_pg_text(res, 0, 3);
	totp->password = weir_pg_bool(res, 0, 4);
	return weir_pg_array(m->mem, res, 0, 2, &totp->recovery, &totp->recovery_count);
}

weir_err weir_totp_set_up(const struct weir_meta *m, weir_text user_id, weir_text *secret)
{
	static const char sql[] =
		"INSERT INTO \"user_totp\" AS t (\"id\", \"userId\", \"secret\", \"recoveryCodes\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, '{}', $4, $4) ON CONFLICT (\"userId\") DO UPDATE"
		" SET \"secret\" = $3, \"recoveryCodes\" = '{}', \"updatedAt\" = $4 WHERE t.\"enabledAt\" IS NULL";
	weir_text params[4] = { weir_uuid_arena(m->mem), user_id, { NULL, 0 }, weir_pg_time_param(m->mem, m->now_ms) };
	char text[WEIR_TOTP_SECRET_LEN + 1];
	PGresult *res;
	weir_err err;

	weir_totp_secret(text);
	*secret = weir_text_dup(m->mem, weir_text_of(text));
	if (!secret->p || !params[0].p || !params[3].p)
		return WEIR_ENOMEM;
	err = weir_seal(m->mem, weir_text_of(m->conf->api_encryption_key), *secret, &params[2]);
	if (!err)
		err = weir_pg_exec(m->pg, m->mem, &res, sql, 4, params);
	return err ? err : changed(res) ? WEIR_OK : WEIR_ECONFLICT;
}

static weir_err fresh_codes(const struct weir_meta *m, weir_text codes[WEIR_RECOVERY_CODES], weir_text hashes[WEIR_RECOVERY_CODES])
{
	char code[WEIR_RECOVERY_LEN + 1], hash[WEIR_PASSWORD_HASH_MAX];
	weir_err err = WEIR_OK;

	for (int i = 0; i < WEIR_RECOVERY_CODES && !err; i++) {
		weir_recovery_code(code);
		err = weir_password_hash(weir_text_of(code), hash);
		if (err)
			break;
		codes[i] = weir_text_dup(m->mem, weir_text_of(code));
		hashes[i] = weir_text_dup(m->mem, weir_text_of(hash));
		if (!codes[i].p || !hashes[i].p)
			err = WEIR_ENOMEM;
	}
	return err;
}

weir_err weir_totp_codes(const struct weir_meta *m, weir_text user_id, bool begin, weir_text codes[WEIR_RECOVERY_CODES])
{
	static const char sql[] =
		"UPDATE \"user_totp\" SET \"recoveryCodes\" = $2::text[], \"enabledAt\" = coalesce(\"enabledAt\", $3::timestamp), \"updatedAt\" = $3::timestamp"
		" WHERE \"userId\" = $1 AND (\"enabledAt\" IS NULL) = $4::boolean";
	weir_text hashes[WEIR_RECOVERY_CODES];
	weir_text params[4] = { user_id, { NULL, 0 }, weir_pg_time_param(m->mem, m->now_ms), weir_pg_bool_param(begin) };
	PGresult *res;
	weir_err err = fresh_codes(m, codes, hashes);

	if (err)
		return err;
	params[1] = weir_pg_array_param(m->mem, hashes, WEIR_RECOVERY_CODES);
	err = params[1].p && params[2].p ? weir_pg_exec(m->pg, m->mem, &res, sql, 4, params) : WEIR_ENOMEM;
	return err ? err : changed(res) ? WEIR_OK : WEIR_ENOTFOUND;
}

weir_err weir_totp_remove(const struct weir_meta *m, weir_text user_id)
{
	static const char sql[] = "WITH c AS (DELETE FROM \"two_factor_challenges\" WHERE \"userId\" = $1)"
		" DELETE FROM \"user_totp\" WHERE \"userId\" = $1";
	PGresult *res;

	return weir_pg_exec(m->pg, m->mem, &res, sql, 1, &user_id);
}

/* Two requests with the same code: one of them removes its hash. */
static weir_err use_recovery(const struct weir_meta *m, weir_text user_id, weir_text hash, enum weir_code *code)
{
	static const char sql[] =
		"UPDATE \"user_totp\" SET \"recoveryCodes\" = array_remove(\"recoveryCodes\", $2::text), \"updatedAt\" = $3::timestamp"
		" WHERE \"userId\" = $1 AND $2::text = ANY (\"recoveryCodes\")";
	weir_text params[3] = { user_id, hash, weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 3, params);

	if (!err && changed(res))
		*code = WEIR_CODE_RECOVERY;
	return err;
}

static weir_err try_recovery(const struct weir_meta *m, weir_text user_id, const struct weir_totp *totp, weir_text typed, enum weir_code *code)
{
	char normal[WEIR_RECOVERY_LEN + 1];
	bool match = false;
	weir_err err = WEIR_OK;

	if (!weir_recovery_normal(typed, normal))
		return WEIR_OK;
	for (size_t i = 0; i < totp->recovery_count && !err && !match; i++) {
		const char *hash = weir_strndup(m->mem, totp->recovery[i].p, totp->recovery[i].n);

		err = hash ? weir_password_verify(weir_text_of(normal), hash, &match) : WEIR_ENOMEM;
		if (!err && match)
			err = use_recovery(m, user_id, totp->recovery[i], code);
	}
	return err;
}

weir_err weir_totp_verify(const struct weir_meta *m, weir_text user_id, const struct weir_totp *totp, weir_text typed, bool recovery,
	enum weir_code *code)
{
	char digits[WEIR_TOTP_DIGITS + 1];
	weir_text secret;
	bool match;
	weir_err err;

	*code = WEIR_CODE_WRONG;
	if (!weir_totp_digits(typed, digits))
		return recovery ? try_recovery(m, user_id, totp, typed, code) : WEIR_OK;
	err = weir_unseal(m->mem, weir_text_of(m->conf->api_encryption_key), totp->sealed, &secret);
	if (!err)
		err = weir_totp_check(secret, digits, m->now_ms, &match);
	if (err == WEIR_EBADREQ) {
		weir_log(LOG_ERR, "totp", "the secret of a second factor cannot be read: api.encryption_key is missing, or another one than when it was set up");
		return WEIR_EINTERNAL;
	}
	if (!err && match)
		*code = WEIR_CODE_TOTP;
	return err;
}

weir_err weir_totp_challenge(const struct weir_meta *m, weir_text challenge_id, weir_text *user_id, bool *expired)
{
	PGresult *res;
	bool taken;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "SELECT \"userId\", \"expiresAt\" FROM \"two_factor_challenges\" WHERE \"id\" = $1",
		1, &challenge_id);

	*user_id = (weir_text){ NULL, 0 };
	*expired = false;
	if (err || !PQntuples(res))
		return err;
	*expired = weir_pg_time(res, 0, 1) <= m->now_ms;
	*user_id = weir_pg_text(res, 0, 0);
	return *expired ? weir_totp_challenge_take(m, challenge_id, &taken) : WEIR_OK;
}

weir_err weir_totp_challenge_take(const struct weir_meta *m, weir_text challenge_id, bool *taken)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, "DELETE FROM \"two_factor_challenges\" WHERE \"id\" = $1", 1, &challenge_id);

	*taken = !err && changed(res);
	return err;
}
