#ifndef WEIR_META_JWS_H
#define WEIR_META_JWS_H
#include "base/jsonr.h"
/*
 * Signed tokens (RFC 7515) of a provider whose keys are known as a JWK set (RFC
 * 7517); by libcjose.  Only signatures with a public key count: RS, PS and ES,
 * with SHA-256, 384 or 512.  What a token says of itself chooses among the
 * keys, never the way of checking: "none" and HMAC are refused.
 */

/* *claims is the payload when some key of the set has signed it; NULL when none has, or the token is none. */
WEIR_MUSTCHECK weir_err weir_jws_verify(weir_arena *mem, weir_text token, json_object *keys, json_object **claims);
#endif
