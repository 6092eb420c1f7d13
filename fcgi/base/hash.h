#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
/* Digests, encodings, random bytes and stored secrets; all of it by OpenSSL and libargon2. */

/* Digests of the parts one after the other. Return WEIR_EINTERNAL only when the library fails. */
WEIR_MUSTCHECK weir_err weir_sha256(const weir_text *parts, size_t count, uint8_t out[32]);
WEIR_MUSTCHECK weir_err weir_md5(const weir_text *parts, size_t count, uint8_t out[16]);
WEIR_MUSTCHECK weir_err weir_shake256(const weir_text *parts, size_t count, uint8_t *out, size_t len);
WEIR_MUSTCHECK weir_err weir_hmac_sha256(weir_text key, weir_text message, uint8_t out[32]);
/* Fast and keyless, for hash tables and shards only: FNV-1a, 64 bit. */
uint64_t weir_fnv1a(weir_text t);

/* Lower-case hex; out needs 2 * n + 1 bytes. */
void weir_hex(const uint8_t *p, size_t n, char *out);
WEIR_MUSTCHECK weir_err weir_unhex(weir_text t, uint8_t *out, size_t n); /* exactly n bytes */
/* Base64 (RFC 4648). Encoders write a NUL and return the length; out needs 4 * ((n + 2) / 3) + 1 bytes. */
size_t weir_base64(const uint8_t *p, size_t n, char *out);          /* with padding */
size_t weir_base64url(const uint8_t *p, size_t n, char *out);       /* no padding */
WEIR_MUSTCHECK weir_err weir_unbase64(weir_text t, uint8_t *out, size_t max, size_t *len); /* standard alphabet, padding optional */
/* RFC 4648 base32, lower case, no padding; out needs 8 * ((n + 4) / 5) + 1 bytes. */
size_t weir_base32(const uint8_t *p, size_t n, char *out);

/* Random bytes from the kernel; aborts the process when there are none. */
void weir_random(void *out, size_t n);
/* Compares in constant time for texts of equal length. */
bool weir_equal_secret(weir_text a, weir_text b);

/* Client secrets: "<32 hex salt>.<64 hex key>", scrypt N=16384 r=8 p=1, the salt's ASCII text is the salt (spec/ingest.md 2.3). */
enum { WEIR_SECRET_HASH_LEN = 97 };
WEIR_MUSTCHECK weir_err weir_secret_hash(weir_text secret, char out[WEIR_SECRET_HASH_LEN + 1]);
WEIR_MUSTCHECK weir_err weir_secret_hash_with(weir_text secret, weir_text salt, char out[WEIR_SECRET_HASH_LEN + 1]);
/* *match tells; a malformed stored form never matches. */
WEIR_MUSTCHECK weir_err weir_secret_verify(weir_text secret, weir_text stored, bool *match);

/* Passwords: Argon2id v1.3, m=19456 KiB, t=2, p=1, PHC string (spec/trpc-metadata.md 2.4). */
enum { WEIR_PASSWORD_HASH_MAX = 128 };
WEIR_MUSTCHECK weir_err weir_password_hash(weir_text password, char out[WEIR_PASSWORD_HASH_MAX]);
WEIR_MUSTCHECK weir_err weir_password_verify(weir_text password, const char *stored, bool *match);
#endif
