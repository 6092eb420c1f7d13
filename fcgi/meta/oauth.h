#ifndef WEIR_META_OAUTH_H
#define WEIR_META_OAUTH_H
#include "meta/meta.h"
/*
 * Signing in with an account elsewhere (spec/trpc-metadata.md 2.7): GitHub by
 * its own OAuth, Google and any other provider by OpenID Connect, with PKCE,
 * and an ID token of which signature, issuer, audience, end and nonce are
 * checked (OpenID Connect Core 1.0, 3.1.3.7).  The nonce is a digest of the
 * PKCE verifier, so that one cookie does for both.
 *
 *   start     an address to send the browser to, and two secrets for its cookies
 *   identity  what the provider says of whoever comes back with a code
 */
#define WEIR_PROVIDERS(X) X(github) X(google) X(oidc)
#define X(name) WEIR_PROVIDER_##name,
enum weir_provider { WEIR_PROVIDERS(X) WEIR_PROVIDER_COUNT };
#undef X

enum { WEIR_OAUTH_SECRET_LEN = 43 /* 256 bits in base64url */, WEIR_OAUTH_SECONDS = 600 };

/* "github"; as accounts.provider has it. */
const char *weir_provider_word(enum weir_provider p);
/* How it is called on the page where people sign in. */
const char *weir_provider_name(const struct weir_conf *conf, enum weir_provider p);
/* Names of the cookies for state and verifier. */
const char *weir_provider_state_cookie(enum weir_provider p);
const char *weir_provider_verifier_cookie(enum weir_provider p);
/* Whether the settings have a client there. */
bool weir_provider_configured(const struct weir_conf *conf, enum weir_provider p);
/* The provider of that word; WEIR_PROVIDER_COUNT when there is none. */
enum weir_provider weir_provider_of(weir_text word);

struct weir_oauth_start {
	weir_text url;
	char state[WEIR_OAUTH_SECRET_LEN + 1], verifier[WEIR_OAUTH_SECRET_LEN + 1];
};
/* WEIR_ENOTFOUND when it is not configured; WEIR_EBADGATEWAY when its description cannot be had (logged). */
WEIR_MUSTCHECK weir_err weir_oauth_begin(const struct weir_meta *m, enum weir_provider p, struct weir_oauth_start *start);

struct weir_identity {
	enum weir_provider provider;
	weir_text id;                  /* the account there; for oidc the issuer, a blank, and the subject */
	weir_text email;
	weir_text first_name, last_name; /* may be empty */
};
/*
 * Exchanges the code for an identity.  WEIR_EFORBID, WEIR_EBADGATEWAY or
 * WEIR_ETIMEOUT with *why, a sentence for the person (NULL: none); the details
 * are logged.
 */
WEIR_MUSTCHECK weir_err weir_oauth_identity(const struct weir_meta *m, enum weir_provider p, weir_text code, weir_text verifier,
	struct weir_identity *identity, const char **why);

/*
 * The user of the identity (spec/trpc-metadata.md 2.7): whose account at the
 * provider it is, else a new one, as far as registration is open.  *why: he is
 * refused, and this is what he is told.
 */
WEIR_MUSTCHECK weir_err weir_oauth_user(const struct weir_meta *m, const struct weir_identity *identity, weir_text invite_id, weir_text *user_id,
	const char **why);
#endif
