#include "config.h"
#include "meta/oauth_form.h"

#include "base/hash.h"
#include "base/log.h"
#include "meta/jws.h"
#include "meta/project.h"

/* OpenID Connect Core 1.0 and Discovery 1.0, the authorization code flow with PKCE (RFC 7636). */

enum { LEEWAY_S = 60 /* between two clocks */ };

/* Where a provider has what. */
struct place {
	weir_text issuer, authorize, token, keys, userinfo;
	bool post;             /* the client's secret goes into the form, not the header */
};

static weir_err fault(enum weir_provider p, const char *what)
{
	weir_log(LOG_ERR, "oauth", "provider=%s error=\"%s\"", weir_provider_word(p), what);
	return WEIR_EBADGATEWAY;
}

/* True when the list is there and does not name the word. */
static bool excludes(json_object *list, const char *word)
{
	if (!json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < weir_jsonr_count(list); i++)
		if (weir_text_is(weir_jsonr_text(weir_jsonr_at(list, i)), word))
			return false;
	return true;
}

/* Discovery 1.0, 4: the document must name the very issuer that was asked for. */
static weir_err discover(const struct weir_meta *m, struct place *at)
{
	struct weir_http in = { .url = weir_oauth_join(m->mem, weir_without_slashes(weir_text_of(m->conf->oauth_oidc_issuer)), WEIR_TEXT("/.well-known/openid-configuration")) };
	json_object *doc;
	weir_err err = in.url.p ? weir_oauth_json(m, &in, &doc) : WEIR_ENOMEM;

	if (err)
		return err;
	at->issuer = weir_jsonr_get_text(doc, "issuer");
	at->authorize = weir_jsonr_get_text(doc, "authorization_endpoint");
	at->token = weir_jsonr_get_text(doc, "token_endpoint");
	at->keys = weir_jsonr_get_text(doc, "jwks_uri");
	at->userinfo = weir_jsonr_get_text(doc, "userinfo_endpoint");
	at->post = excludes(weir_jsonr_get(doc, "token_endpoint_auth_methods_supported"), "client_secret_basic");
	if (!weir_text_is(at->issuer, m->conf->oauth_oidc_issuer))
		return fault(WEIR_PROVIDER_oidc, "the provider's description names another issuer than oauth.oidc_issuer");
	if (!at->authorize.n || !at->token.n || !at->keys.n)
		return fault(WEIR_PROVIDER_oidc, "the provider's description lacks an endpoint");
	return WEIR_OK;
}

static weir_err place_of(const struct weir_meta *m, enum weir_provider p, struct place *at)
{
	*at = (struct place){ .post = false };
	if (p == WEIR_PROVIDER_oidc)
		return discover(m, at);
	at->issuer = weir_without_slashes(weir_text_of(m->conf->oauth_google_url));
	at->authorize = weir_oauth_join(m->mem, at->issuer, WEIR_TEXT("/o/oauth2/v2/auth"));
	at->token = weir_text_of(m->conf->oauth_google_token_url);
	at->keys = weir_text_of(m->conf->oauth_google_keys_url);
	return at->authorize.p ? WEIR_OK : WEIR_ENOMEM;
}

/* base64url(SHA-256(prefix | verifier)): with an empty prefix the code challenge (RFC 7636, 4.2), with another the nonce. */
static weir_err digest_of(weir_text prefix, weir_text verifier, char out[48])
{
	weir_text parts[2] = { prefix, verifier };
	uint8_t digest[32];
	weir_err err = weir_sha256(parts, 2, digest);

	if (!err)
		weir_base64url(digest, sizeof(digest), out);
	return err;
}

weir_err weir_oauth_challenge(weir_text verifier, char out[48])
{
	return digest_of((weir_text){ NULL, 0 }, verifier, out);
}

static weir_err nonce_of(weir_text verifier, char out[48])
{
	return digest_of(WEIR_TEXT("nonce "), verifier, out);
}

weir_err weir_oidc_url(const struct weir_meta *m, enum weir_provider p, weir_text state, weir_text verifier, weir_text *url)
{
	char challenge[48], nonce[48];
	struct place at;
	weir_err err = place_of(m, p, &at);

	if (!err)
		err = weir_oauth_challenge(verifier, challenge);
	if (!err)
		err = nonce_of(verifier, nonce);
	if (err)
		return err;
	*url = weir_oauth_form(m->mem, at.authorize, (struct weir_pair[]){
		{ "response_type", WEIR_TEXT("code") }, { "client_id", weir_oauth_client(m->conf, p).id }, { "state", state },
		{ "code_challenge_method", WEIR_TEXT("S256") }, { "code_challenge", weir_text_of(challenge) },
		{ "scope", p == WEIR_PROVIDER_oidc ? weir_text_of(m->conf->oauth_oidc_scope) : WEIR_TEXT("openid profile email") },
		{ "redirect_uri", weir_oauth_redirect(m, p) }, { "nonce", weir_text_of(nonce) },
	}, 8);
	return url->p ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err tokens_of(const struct weir_meta *m, enum weir_provider p, const struct place *at, weir_text code, weir_text verifier,
	json_object **tokens)
{
	struct weir_oauth_client client = weir_oauth_client(m->conf, p);
	weir_text none = { NULL, 0 };
	bool in_form = at->post || !client.secret.n;
	struct weir_pair pairs[] = {
		{ "grant_type", WEIR_TEXT("authorization_code") }, { "code", code }, { "redirect_uri", weir_oauth_redirect(m, p) },
		{ "code_verifier", verifier }, { "client_id", in_form ? client.id : none },
		{ "client_secret", in_form && client.secret.n ? client.secret : none },
	};
	struct weir_http in = {
		.url = at->token, .form = weir_oauth_form(m->mem, none, pairs, sizeof(pairs) / sizeof(*pairs)),
		.user = in_form ? none : client.id, .password = in_form ? none : client.secret,
	};

	return in.form.p ? weir_oauth_json(m, &in, tokens) : WEIR_ENOMEM;
}

/* aud is a text or an array; with several, azp must say that the token was made for this client. */
static bool is_audience(json_object *claims, weir_text client_id)
{
	json_object *aud = weir_jsonr_get(claims, "aud");
	weir_text azp = weir_jsonr_get_text(claims, "azp");
	bool named = weir_text_eq(weir_jsonr_text(aud), client_id);
	size_t count = weir_jsonr_count(aud);

	for (size_t i = 0; i < count; i++)
		named = named || weir_text_eq(weir_jsonr_text(weir_jsonr_at(aud, i)), client_id);
	return named && (azp.n ? weir_text_eq(azp, client_id) : count < 2);
}

/* Google's tokens may name their issuer without the scheme. */
static bool is_issuer(enum weir_provider p, weir_text iss, weir_text issuer)
{
	weir_text short_form = issuer;

	if (weir_text_eq(iss, issuer))
		return true;
	if (p != WEIR_PROVIDER_google || !weir_text_starts(issuer, "https://"))
		return false;
	short_form.p += strlen("https://");
	short_form.n -= strlen("https://");
	return weir_text_eq(iss, short_form);
}

/* What is wrong with the claims of a token whose signature is good; NULL: nothing. */
static const char *objection(const struct weir_meta *m, enum weir_provider p, const struct place *at, json_object *claims, const char *nonce)
{
	json_object *exp = weir_jsonr_get(claims, "exp"), *nbf = weir_jsonr_get(claims, "nbf");
	int64_t now_s = m->now_ms / 1000;

	if (!is_issuer(p, weir_jsonr_get_text(claims, "iss"), at->issuer))
		return "the token is of another issuer";
	if (!is_audience(claims, weir_oauth_client(m->conf, p).id))
		return "the token is for another client";
	if (!weir_jsonr_is_number(exp) || json_object_get_int64(exp) <= now_s - LEEWAY_S)
		return "the token has expired";
	if (weir_jsonr_is_number(nbf) && json_object_get_int64(nbf) > now_s + LEEWAY_S)
		return "the token is not valid yet";
	if (!weir_equal_secret(weir_jsonr_get_text(claims, "nonce"), weir_text_of(nonce)))
		return "the token's nonce is that of another sign-in";
	return weir_jsonr_get_text(claims, "sub").n ? NULL : "the token has no subject";
}

static weir_err check_token(const struct weir_meta *m, enum weir_provider p, const struct place *at, weir_text token, weir_text verifier,
	json_object **claims)
{
	struct weir_http in = { .url = at->keys };
	json_object *keys;
	const char *wrong;
	char nonce[48];
	weir_err err = weir_oauth_json(m, &in, &keys);

	if (!err)
		err = nonce_of(verifier, nonce);
	if (!err)
		err = weir_jws_verify(m->mem, token, keys, claims);
	if (err)
		return err;
	wrong = *claims ? objection(m, p, at, *claims, nonce) : "the token is not signed by the provider";
	return wrong ? fault(p, wrong) : WEIR_OK;
}

/* Some providers tell the address only there (Core 1.0, 5.3). The subject must be the same. */
static weir_err more_claims(const struct weir_meta *m, enum weir_provider p, const struct place *at, weir_text bearer, json_object **claims)
{
	struct weir_http in = { .url = at->userinfo, .bearer = bearer };
	weir_text sub = weir_jsonr_get_text(*claims, "sub");
	json_object *info;
	weir_err err;

	if (weir_jsonr_get_text(*claims, "email").n || !at->userinfo.n || !bearer.n)
		return WEIR_OK;
	err = weir_oauth_json(m, &in, &info);
	if (err)
		return err;
	if (!weir_text_eq(weir_jsonr_get_text(info, "sub"), sub))
		return fault(p, "the user's description is of somebody else");
	*claims = info;
	return WEIR_OK;
}

/* A person's text is cut into first and last name where the provider does not do so. */
static void names_of(json_object *claims, struct weir_identity *identity)
{
	identity->first_name = weir_jsonr_get_text(claims, "given_name");
	identity->last_name = weir_jsonr_get_text(claims, "family_name");
	if (!identity->first_name.n)
		identity->first_name = weir_jsonr_get_text(claims, "name");
	if (!identity->first_name.n)
		identity->first_name = weir_jsonr_get_text(claims, "preferred_username");
}

/* Google must say that it has verified the address; another provider, which the operator has chosen, must not say that it hasn't. */
static bool is_verified(enum weir_provider p, json_object *claims)
{
	json_object *verified = weir_jsonr_get(claims, "email_verified");
	bool said = weir_jsonr_has(claims, "email_verified");

	if (weir_text_is(weir_jsonr_text(verified), "true"))
		return true;
	return json_object_is_type(verified, json_type_boolean) ? json_object_get_boolean(verified) : !said && p == WEIR_PROVIDER_oidc;
}

static weir_err identity_of(const struct weir_meta *m, enum weir_provider p, const struct place *at, json_object *claims,
	struct weir_identity *identity, const char **why)
{
	weir_text sub = weir_jsonr_get_text(claims, "sub"), issuer = at->issuer;

	identity->email = weir_jsonr_get_text(claims, "email");
	if (!identity->email.n || !is_verified(p, claims)) {
		*why = p == WEIR_PROVIDER_google ? "Email not verified with Google" : "The provider does not tell a verified email address";
		return WEIR_EFORBID;
	}
	names_of(claims, identity);
	identity->id = sub;
	if (p == WEIR_PROVIDER_oidc) { /* a subject is unique below its issuer alone (Core 1.0, 2) */
		issuer = weir_oauth_join(m->mem, issuer, WEIR_TEXT(" "));
		identity->id = weir_oauth_join(m->mem, issuer, sub);
	}
	*why = NULL;
	return identity->id.p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_oidc_identity(const struct weir_meta *m, enum weir_provider p, weir_text code, weir_text verifier,
	struct weir_identity *identity, const char **why)
{
	struct place at;
	json_object *tokens, *claims;
	weir_err err = place_of(m, p, &at);

	*why = p == WEIR_PROVIDER_google ? "Error fetching Google user" : NULL;
	if (!err)
		err = tokens_of(m, p, &at, code, verifier, &tokens);
	if (!err)
		err = check_token(m, p, &at, weir_jsonr_get_text(tokens, "id_token"), verifier, &claims);
	if (!err)
		err = more_claims(m, p, &at, weir_jsonr_get_text(tokens, "access_token"), &claims);
	return err ? err : identity_of(m, p, &at, claims, identity, why);
}
