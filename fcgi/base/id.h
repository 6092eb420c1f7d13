#ifndef WEIR_BASE_ID_H
#define WEIR_BASE_ID_H
#include "base/hash.h"
/* Identifiers of the kinds that the wire formats and tables use. */
enum { WEIR_UUID_LEN = 36 };

/* A random UUID (version 4), as 16 bytes in network order. */
void weir_uuid_new(uint8_t out[16]);
/* A stable UUID made of the digest of seed: the same seed always gives the same id (version nibble 4, variant 10). */
void weir_uuid_of(weir_text seed, uint8_t out[16]);
void weir_uuid_text(const uint8_t id[16], char out[WEIR_UUID_LEN + 1]);
/* 8-4-4-4-12 hex digits of either case; WEIR_EBADREQ otherwise. */
WEIR_MUSTCHECK weir_err weir_uuid_parse(weir_text t, uint8_t out[16]);
/* True for lower-case 8-4-4-4-12 hex, whatever the version (the rule for client ids, spec/ingest.md 2.1). */
bool weir_uuid_is_client_id(weir_text t);
/* n random characters of A-Za-z0-9_- and of 0-9A-Za-z; out needs n + 1 bytes. */
void weir_nanoid(char *out, size_t n);
void weir_shortid(char *out, size_t n);
/* "sec_" and 20 hex characters, the form of a fresh client secret. */
enum { WEIR_CLIENT_SECRET_LEN = 24 };
void weir_client_secret(char out[WEIR_CLIENT_SECRET_LEN + 1]);
#endif
