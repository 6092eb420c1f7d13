#include "config.h"
#include "trpc/call.h"

#include "base/log.h"
#include "meta/invite.h"
#include "meta/user.h"
#include "trpc/api.h"
#include "trpc/reply.h"

/* auth.*: signing up, in and out (spec/trpc-metadata.md 2.6, 4.1). */

static void put_session(struct weir_call *c)
{
	const struct weir_viewer *v = c->viewer;

	if (!v->user_id.p) {
		weir_sj_null(c->out, "session");
		return;
	}
	weir_sj_obj(c->out, "session");
	if (v->session) {
		weir_reply_record(c->out, c->meta.mem, &weir_record_session, v->session, 0, 0, NULL);
	} else { /* the demo user's */
		weir_sj_str(c->out, "id", v->session_id);
		weir_sj_str(c->out, "userId", v->user_id);
		weir_sj_date(c->out, "expiresAt", v->expires_at);
		weir_sj_date(c->out, "createdAt", c->meta.now_ms);
		weir_sj_date(c->out, "updatedAt", c->meta.now_ms);
	}
	weir_sj_end(c->out);
}

static void put_user(struct weir_call *c)
{
	const struct weir_viewer *v = c->viewer;

	if (!v->user_id.p) {
		weir_sj_null(c->out, "user");
		return;
	}
	weir_sj_obj(c->out, "user");
	weir_reply_record(c->out, c->meta.mem, &weir_record_user, v->user, 0, v->user_column, NULL);
	weir_sj_end(c->out);
}

weir_err weir_do_auth_session(struct weir_call *c)
{
	weir_sj_obj(c->out, NULL);
	put_session(c);
	put_user(c);
	weir_sj_str(c->out, "userId", c->viewer->user_id);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static void set_session_cookie(struct weir_call *c, weir_text token, int64_t expires_at)
{
	/* The cookie's clock starts a moment after the session's, so a whole second is lost, as with the reference. */
	weir_cookie_set(c->req, &c->api->cookies, "session", token, (expires_at - c->meta.now_ms - 1) / 1000);
}

/* api.allow_registration and api.allow_invitation; the first user may always sign up. */
static weir_err registration(struct weir_call *c, weir_text invite_id)
{
	int64_t users;
	bool known = false;
	weir_err err = WEIR_OK;

	if (c->meta.conf->api_allow_registration)
		return WEIR_OK;
	err = weir_user_count(&c->meta, &users);
	if (err || !users)
		return err;
	if (invite_id.n && c->meta.conf->api_allow_invitation)
		err = weir_invite_known(&c->meta, invite_id, &known);
	return err ? err : known ? WEIR_OK : weir_call_fail(c, WEIR_EUNAUTH, "Registrations are not allowed");
}

static weir_err accept_invite(struct weir_call *c, weir_text user_id, weir_text invite_id)
{
	static const char *const texts[] = {
		[WEIR_INVITE_UNKNOWN] = "Invite not found",
		[WEIR_INVITE_CLOSED] = "Invitations are not allowed",
		[WEIR_INVITE_EXPIRED] = "Invite expired",
	};
	enum weir_invite result;
	weir_err err = weir_invite_accept(&c->meta, user_id, invite_id, &result);

	if (err || result == WEIR_INVITE_OK)
		return err;
	return weir_call_fail(c, WEIR_EBADREQ, texts[result]);
}

/* A session for the user, and its cookie. */
static weir_err open_session(struct weir_call *c, weir_text user_id, PGresult **row)
{
	char token[WEIR_SESSION_TOKEN_LEN + 1];
	weir_err err = weir_session_create(&c->meta, user_id, token, row);

	if (!err)
		set_session_cookie(c, weir_text_of(token), weir_pg_time(*row, 0, WEIR_SESSION_EXPIRES_AT));
	return err;
}

weir_err weir_do_auth_sign_up_email(struct weir_call *c)
{
	struct weir_user_new user = {
		.email = weir_jsonr_get_text(c->in, "email"), .password = weir_jsonr_get_text(c->in, "password"),
		.first_name = weir_jsonr_get_text(c->in, "firstName"), .last_name = weir_jsonr_get_text(c->in, "lastName"),
	};
	weir_text invite_id = weir_jsonr_get_text(c->in, "inviteId"), id;
	PGresult *row;
	weir_err err = registration(c, invite_id);

	if (err)
		return err;
	err = weir_user_create(&c->meta, &user, &id);
	if (err == WEIR_ECONFLICT)
		return weir_call_fail(c, WEIR_ENOTFOUND, "User already exists");
	if (!err && invite_id.n)
		err = accept_invite(c, id, invite_id);
	if (!err)
		err = open_session(c, id, &row);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_session, row, 0, 0, NULL);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* The second factor is asked for: auth.signInTotp goes on from the challenge in the cookie. */
static weir_err challenge(struct weir_call *c, weir_text user_id, weir_text invite_id)
{
	enum { CHALLENGE_S = 300 };
	weir_text id;
	weir_err err = weir_user_challenge(&c->meta, user_id, &id);

	if (err)
		return err;
	weir_cookie_set(c->req, &c->api->cookies, "2fa_challenge", id, CHALLENGE_S);
	if (invite_id.n)
		weir_cookie_set(c->req, &c->api->cookies, "inviteId", invite_id, CHALLENGE_S);
	return WEIR_OK;
}

static weir_err signed_in(struct weir_call *c, weir_text user_id, weir_text invite_id)
{
	enum { YEAR_S = 365 * 86400 };
	enum weir_invite result = WEIR_INVITE_OK;
	PGresult *row;
	weir_err err = open_session(c, user_id, &row);

	if (err)
		return err;
	weir_cookie_set(c->req, &c->api->cookies, "last-auth-provider", WEIR_TEXT("email"), YEAR_S);
	/* Whoever has signed in is in, whatever becomes of the invitation. */
	if (invite_id.n && (weir_invite_accept(&c->meta, user_id, invite_id, &result) || result != WEIR_INVITE_OK))
		weir_log(LOG_NOTICE, "invite", "not accepted at sign-in: reason=%d", (int)result);
	return WEIR_OK;
}

weir_err weir_do_auth_sign_in_email(struct weir_call *c)
{
	weir_text invite_id = weir_jsonr_get_text(c->in, "inviteId"), id = { NULL, 0 };
	enum weir_sign_in result;
	weir_err err = weir_user_sign_in(&c->meta, weir_jsonr_get_text(c->in, "email"), weir_jsonr_get_text(c->in, "password"), &result, &id);

	if (err)
		return err;
	switch (result) {
	case WEIR_SIGN_IN_UNKNOWN:
		return weir_call_fail(c, WEIR_ENOTFOUND, "User does not exists");
	case WEIR_SIGN_IN_EXPIRED:
		return weir_call_fail(c, WEIR_EUNAUTH, "Reset your password, old password has expired");
	case WEIR_SIGN_IN_WRONG:
		return weir_call_fail(c, WEIR_EUNAUTH, "Incorrect email or password");
	case WEIR_SIGN_IN_TOTP:
		err = challenge(c, id, invite_id);
		break;
	case WEIR_SIGN_IN_OK:
		err = signed_in(c, id, invite_id);
	}
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "type", result == WEIR_SIGN_IN_TOTP ? "totp_required" : "email");
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_auth_extend_session(struct weir_call *c)
{
	const struct weir_viewer *v = c->viewer;

	if (v->user_id.p && !v->demo)
		set_session_cookie(c, weir_req_cookie(c->req, "session"), v->expires_at);
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "extended", v->user_id.p && !v->demo);
	if (v->user_id.p && !v->demo)
		weir_sj_date(c->out, "expiresAt", v->expires_at);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_auth_sign_out(struct weir_call *c)
{
	weir_text none = { "", 0 };

	weir_cookie_set(c->req, &c->api->cookies, "session", none, 0);
	if (!c->viewer->session_id.p || c->viewer->demo)
		return WEIR_OK;
	return weir_session_delete(&c->meta, c->viewer->session_id);
}
