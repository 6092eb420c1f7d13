#include "config.h"
#include "trpc/call.h"

#include "meta/oauth.h"
#include "meta/sign_in.h"
#include "meta/totp.h"
#include "meta/user.h"
#include "trpc/api.h"
#include "trpc/rate.h"
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

/* Signing in, as the functions of meta want it. */
static struct weir_door door_of(struct weir_call *c)
{
	return (struct weir_door){ &c->meta, c->req, &c->api->cookies };
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

weir_err weir_do_auth_sign_up_email(struct weir_call *c)
{
	struct weir_user_new user = {
		.email = weir_in_text(c, "email"), .password = weir_in_text(c, "password"),
		.first_name = weir_in_text(c, "firstName"), .last_name = weir_in_text(c, "lastName"),
	};
	weir_text invite_id = weir_in_text(c, "inviteId"), id;
	struct weir_door door = door_of(c);
	bool open;
	PGresult *row;
	weir_err err = weir_registration_open(&c->meta, invite_id, &open);

	if (err || !open)
		return err ? err : weir_call_fail(c, WEIR_EUNAUTH, "Registrations are not allowed");
	err = weir_user_create(&c->meta, &user, &id);
	if (err == WEIR_ECONFLICT)
		return weir_call_fail(c, WEIR_ENOTFOUND, "User already exists");
	if (!err && invite_id.n)
		err = accept_invite(c, id, invite_id);
	if (!err)
		err = weir_sign_in_session(&door, id, &row);
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
	weir_cookie_set(c->req, &c->api->cookies, WEIR_COOKIE_CHALLENGE, id, CHALLENGE_S);
	if (invite_id.n)
		weir_cookie_set(c->req, &c->api->cookies, WEIR_COOKIE_INVITE, invite_id, CHALLENGE_S);
	return WEIR_OK;
}

weir_err weir_do_auth_sign_in_email(struct weir_call *c)
{
	weir_text invite_id = weir_in_text(c, "inviteId"), id = { NULL, 0 };
	struct weir_door door = door_of(c);
	enum weir_sign_in result;
	weir_err err = weir_user_sign_in(&c->meta, weir_in_text(c, "email"), weir_in_text(c, "password"), &result, &id);

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
		err = weir_sign_in(&door, id, "email", invite_id);
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
	struct weir_door door = door_of(c);

	if (v->user_id.p && !v->demo)
		weir_sign_in_cookie(&door, weir_req_cookie(c->req, WEIR_COOKIE_SESSION), v->expires_at);
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "extended", v->user_id.p && !v->demo);
	if (v->user_id.p && !v->demo)
		weir_sj_date(c->out, "expiresAt", v->expires_at);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_auth_sign_out(struct weir_call *c)
{
	struct weir_door door = door_of(c);

	weir_cookie_clear(&door, WEIR_COOKIE_SESSION);
	if (!c->viewer->session_id.p || c->viewer->demo)
		return WEIR_OK;
	return weir_session_delete(&c->meta, c->viewer->session_id);
}

/* The second factor, after the password. */
weir_err weir_do_auth_sign_in_totp(struct weir_call *c)
{
	struct weir_door door = door_of(c);
	weir_text challenge_id = weir_req_cookie(c->req, WEIR_COOKIE_CHALLENGE), user_id = { NULL, 0 };
	struct weir_totp totp;
	enum weir_code code;
	bool expired = false, taken;
	weir_err err = challenge_id.n ? weir_totp_challenge(&c->meta, challenge_id, &user_id, &expired) : WEIR_OK;

	if (err)
		return err;
	if (!user_id.p)
		return weir_call_fail(c, WEIR_EUNAUTH, "No active two-factor challenge");
	if (expired)
		return weir_call_fail(c, WEIR_EUNAUTH, "Two-factor challenge has expired");
	err = weir_totp_get(&c->meta, user_id, &totp);
	if (err)
		return err;
	if (totp.enabled_at == INT64_MIN)
		return weir_call_fail(c, WEIR_EUNAUTH, "Two-factor is not enabled");
	/* Whoever has the password may come from many addresses; the codes are few. */
	err = weir_rate_count(c, &weir_rates[WEIR_RATE_totp_user], "totp", user_id);
	if (!err)
		err = weir_totp_verify(&c->meta, user_id, &totp, weir_in_text(c, "code"), true, &code);
	if (!err && code == WEIR_CODE_WRONG)
		return weir_call_fail(c, WEIR_EUNAUTH, "Invalid code");
	if (!err)
		err = weir_totp_challenge_take(&c->meta, challenge_id, &taken);
	if (!err && !taken)
		return weir_call_fail(c, WEIR_EUNAUTH, "No active two-factor challenge");
	if (err)
		return err;
	weir_cookie_clear(&door, WEIR_COOKIE_CHALLENGE);
	err = weir_sign_in(&door, user_id, "email", weir_req_cookie(c->req, WEIR_COOKIE_INVITE));
	if (err)
		return err;
	if (weir_req_cookie(c->req, WEIR_COOKIE_INVITE).n)
		weir_cookie_clear(&door, WEIR_COOKIE_INVITE);
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "type", "email");
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* ------------------------------------------------------------ with an account elsewhere; the way back is rest/oauth.h */

static weir_err not_set_up(struct weir_call *c, enum weir_provider p)
{
	weir_str text;

	weir_str_init(&text, 1024);
	weir_str_puts(&text, "Signing in with ");
	weir_str_puts(&text, weir_provider_name(c->meta.conf, p));
	weir_str_puts(&text, " is not set up on this server");
	c->message = weir_text_dup(c->meta.mem, weir_str_view(&text));
	weir_str_free(&text);
	return WEIR_ENOTIMPL;
}

weir_err weir_do_auth_sign_in_oauth(struct weir_call *c)
{
	weir_text word = weir_in_text(c, "provider"), invite_id = weir_in_text(c, "inviteId");
	/* "email" means Google, as with the reference. */
	enum weir_provider p = weir_text_is(word, "email") ? WEIR_PROVIDER_google : weir_provider_of(word);
	const struct weir_cookie_rule *cookies = &c->api->cookies;
	struct weir_oauth_start start;
	weir_err err = weir_oauth_begin(&c->meta, p, &start);

	if (err)
		return err == WEIR_ENOTFOUND ? not_set_up(c, p) : err;
	weir_cookie_set(c->req, cookies, weir_provider_state_cookie(p), weir_text_of(start.state), WEIR_OAUTH_SECONDS);
	if (p != WEIR_PROVIDER_github)
		weir_cookie_set(c->req, cookies, weir_provider_verifier_cookie(p), weir_text_of(start.verifier), WEIR_OAUTH_SECONDS);
	if (invite_id.n)
		weir_cookie_set(c->req, cookies, WEIR_COOKIE_INVITE, invite_id, WEIR_OAUTH_SECONDS);
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "type", weir_provider_word(p));
	weir_sj_str(c->out, "url", start.url);
	weir_sj_end(c->out);
	return WEIR_OK;
}
