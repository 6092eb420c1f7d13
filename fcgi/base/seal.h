#ifndef WEIR_BASE_SEAL_H
#define WEIR_BASE_SEAL_H
#include "base/arena.h"
#include "base/err.h"
/*
 * Secrets that must be read again, as they lie in the database
 * (spec/trpc-metadata.md 2.4): AES-256-GCM, stored as
 * base64(iv[12] | tag[16] | ciphertext).
 */
enum { WEIR_SEAL_KEY_HEX = 64, WEIR_SEAL_MAX = 64 * 1024 };

/* Whether the text is a key: 64 hex characters. */
bool weir_seal_is_key(weir_text key);
/* *sealed lives in the arena. WEIR_EBADREQ when the key is none; WEIR_ELIMIT beyond WEIR_SEAL_MAX bytes. */
WEIR_MUSTCHECK weir_err weir_seal(weir_arena *mem, weir_text key, weir_text plain, weir_text *sealed);
/* WEIR_EBADREQ also when it was sealed with another key, or changed. */
WEIR_MUSTCHECK weir_err weir_unseal(weir_arena *mem, weir_text key, weir_text sealed, weir_text *plain);
#endif
