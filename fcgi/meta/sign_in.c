#include "config.h"
#include "meta/sign_in.h"

#include "base/log.h"
#include "meta/record.h"
#include "meta/session.h"
#include "meta/user.h"

void weir_sign_in_cookie(const struct weir_door *door, weir_text token, int64_t expires_at)
{
	/* The cookie's clock starts a moment after the session's, so a whole second is lost, as with the reference. */
	weir_cookie_set(door->req, door->cookies, WEIR_COOKIE_SESSION, token, (expires_at - door->meta->now_ms - 1) / 1000);
}

void weir_cookie_clear(const struct weir_door *door, const char *name)
{
	weir_cookie_set(door->req, door->cookies, name, WEIR_TEXT(""), 0);
}

weir_err weir_sign_in_session(const struct weir_door *door, weir_text user_id, PGresult **row)
{
	char token[WEIR_SESSION_TOKEN_LEN + 1];
	PGresult *made;
	weir_err err = weir_session_create(door->meta, user_id, token, &made);

	if (err)
		return err;
	weir_sign_in_cookie(door, weir_text_of(token), weir_pg_time(made, 0, WEIR_SESSION_EXPIRES_AT));
	if (row)
		*row = made;
	return WEIR_OK;
}

weir_err weir_sign_in(const struct weir_door *door, weir_text user_id, const char *provider, weir_text invite_id)
{
	enum { YEAR_S = 365 * 86400 };
	enum weir_invite result = WEIR_INVITE_OK;
	weir_err err = weir_sign_in_session(door, user_id, NULL);

	if (err)
		return err;
	weir_cookie_set(door->req, door->cookies, "last-auth-provider", weir_text_of(provider), YEAR_S);
	if (invite_id.n && (weir_invite_accept(door->meta, user_id, invite_id, &result) || result != WEIR_INVITE_OK))
		weir_log(LOG_NOTICE, "invite", "not accepted at sign-in: reason=%d", (int)result);
	return WEIR_OK;
}

weir_err weir_registration_open(const struct weir_meta *m, weir_text invite_id, bool *open)
{
	int64_t users;
	weir_err err;

	*open = m->conf->api_allow_registration;
	if (*open)
		return WEIR_OK;
	err = weir_user_count(m, &users);
	*open = !err && !users;
	if (!err && !*open && invite_id.n && m->conf->api_allow_invitation)
		err = weir_invite_known(m, invite_id, open);
	return err;
}
