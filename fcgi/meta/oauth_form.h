#ifndef WEIR_META_OAUTH_FORM_H
#define WEIR_META_OAUTH_FORM_H
#include "base/jsonr.h"
#include "link/http.h"
#include "meta/oauth.h"
/* What the ways of signing in elsewhere share with those of connecting to other services; private to meta/oauth*.c, oidc.c, slack.c and gsc*.c. */

struct weir_pair {
	const char *name;
	weir_text value;       /* {NULL, 0} leaves the pair out */
};
/* base?a=b&c=d, or without base a=b&c=d; in the arena, {NULL, 0} on no memory. */
weir_text weir_oauth_form(weir_arena *mem, weir_text base, const struct weir_pair *pairs, size_t count);
/* a and b one behind the other, in the arena; {NULL, 0} on no memory. */
weir_text weir_oauth_join(weir_arena *mem, weir_text a, weir_text b);
/* An address of this API for people who come back from elsewhere: api.url, or below the dashboard's, with path behind it. */
weir_text weir_oauth_back(const struct weir_meta *m, const char *path);
/* 256 random bits in base64url. */
void weir_oauth_secret(char out[WEIR_OAUTH_SECRET_LEN + 1]);
/* The PKCE challenge of a verifier (RFC 7636, 4.2). */
WEIR_MUSTCHECK weir_err weir_oauth_challenge(weir_text verifier, char out[48]);
/* Where the provider sends people back to. */
weir_text weir_oauth_redirect(const struct weir_meta *m, enum weir_provider p);
/* A request whose answer is JSON with status 200; else WEIR_EBADGATEWAY, logged. */
WEIR_MUSTCHECK weir_err weir_oauth_json(const struct weir_meta *m, const struct weir_http *in, json_object **out);

struct weir_oauth_client {
	weir_text id, secret;
};
struct weir_oauth_client weir_oauth_client(const struct weir_conf *conf, enum weir_provider p);

/* meta/oidc.c */
WEIR_MUSTCHECK weir_err weir_oidc_url(const struct weir_meta *m, enum weir_provider p, weir_text state, weir_text verifier, weir_text *url);
WEIR_MUSTCHECK weir_err weir_oidc_identity(const struct weir_meta *m, enum weir_provider p, weir_text code, weir_text verifier,
	struct weir_identity *identity, const char **why);
#endif
