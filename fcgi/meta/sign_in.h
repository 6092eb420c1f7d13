#ifndef WEIR_META_SIGN_IN_H
#define WEIR_META_SIGN_IN_H
#include "link/cookie.h"
#include "meta/invite.h"
/* What follows when somebody has shown who he is, by whatever way: a session, its cookies, and the invitation that he came with. */
struct weir_door {
	const struct weir_meta *meta;
	struct weir_req *req;
	const struct weir_cookie_rule *cookies;
};

/* Cookies that the ways share. */
#define WEIR_COOKIE_SESSION "session"
#define WEIR_COOKIE_INVITE "inviteId"
#define WEIR_COOKIE_CHALLENGE "2fa_challenge"
/* Signed, of gsc.initiateOAuth for its way back. */
#define WEIR_COOKIE_GSC_STATE "gsc_oauth_state"
#define WEIR_COOKIE_GSC_VERIFIER "gsc_code_verifier"
#define WEIR_COOKIE_GSC_PROJECT "gsc_project_id"

/* A session and its cookie; *row (may be NULL) is one row of record session. */
WEIR_MUSTCHECK weir_err weir_sign_in_session(const struct weir_door *door, weir_text user_id, PGresult **row);
/*
 * The same, with cookie last-auth-provider ("email", "github" ...); and the
 * invitation is accepted when there is one.  Whoever has signed in is in,
 * whatever becomes of the invitation: that is only logged.
 */
WEIR_MUSTCHECK weir_err weir_sign_in(const struct weir_door *door, weir_text user_id, const char *provider, weir_text invite_id);
/* The session's cookie for a token that ends at that time. */
void weir_sign_in_cookie(const struct weir_door *door, weir_text token, int64_t expires_at);
/* Takes a cookie back. */
void weir_cookie_clear(const struct weir_door *door, const char *name);

/* Whether somebody new may have an account: api.allow_registration, api.allow_invitation; the first user always may. */
WEIR_MUSTCHECK weir_err weir_registration_open(const struct weir_meta *m, weir_text invite_id, bool *open);
#endif
