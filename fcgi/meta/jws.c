#include "config.h"
#include "meta/jws.h"

#include <cjose/cjose.h>

static bool is_public_key_signature(const char *alg)
{
	static const char *const known[] = { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512" };

	for (size_t i = 0; alg && i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(alg, known[i]))
			return true;
	return false;
}

/* A key may sign this: of the token's kid when it names one, of a public kind, and not meant for encryption. */
static bool may_have_signed(json_object *key, const char *kid)
{
	weir_text kty = weir_jsonr_get_text(key, "kty"), use = weir_jsonr_get_text(key, "use");

	if (kid && *kid && !weir_text_is(weir_jsonr_get_text(key, "kid"), kid))
		return false;
	return (weir_text_is(kty, "RSA") || weir_text_is(kty, "EC")) && (!use.n || weir_text_is(use, "sig"));
}

static bool signed_by(cjose_jws_t *jws, json_object *key)
{
	const char *text = json_object_to_json_string_ext(key, JSON_C_TO_STRING_PLAIN);
	cjose_err e;
	cjose_jwk_t *jwk = text ? cjose_jwk_import(text, strlen(text), &e) : NULL;
	bool good = jwk && cjose_jws_verify(jws, jwk, &e);

	if (jwk)
		cjose_jwk_release(jwk);
	return good;
}

static bool signed_by_any(cjose_jws_t *jws, json_object *keys)
{
	cjose_err e;
	cjose_header_t *header = cjose_jws_get_protected(jws);
	const char *kid = header ? cjose_header_get(header, CJOSE_HDR_KID, &e) : NULL;
	json_object *list = weir_jsonr_get(keys, "keys");

	if (!header || !is_public_key_signature(cjose_header_get(header, CJOSE_HDR_ALG, &e)) || !json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < weir_jsonr_count(list); i++) {
		json_object *key = weir_jsonr_at(list, i);

		if (may_have_signed(key, kid) && signed_by(jws, key))
			return true;
	}
	return false;
}

weir_err weir_jws_verify(weir_arena *mem, weir_text token, json_object *keys, json_object **claims)
{
	cjose_err e;
	cjose_jws_t *jws = token.n ? cjose_jws_import(token.p, token.n, &e) : NULL;
	uint8_t *payload = NULL;
	size_t n = 0;
	weir_err err = WEIR_OK;

	*claims = NULL;
	if (jws && signed_by_any(jws, keys) && cjose_jws_get_plaintext(jws, &payload, &n, &e))
		err = weir_jsonr_parse(mem, (weir_text){ (const char *)payload, n }, 0, claims, NULL);
	if (jws)
		cjose_jws_release(jws);
	if (err == WEIR_EBADREQ) { /* signed, but not JSON */
		*claims = NULL;
		err = WEIR_OK;
	}
	return err;
}
