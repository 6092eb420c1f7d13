#ifndef WEIR_INGEST_DIGEST_H
#define WEIR_INGEST_DIGEST_H
#include "base/arena.h"
#include "base/hash.h"
#include "base/jsonr.h"
/*
 * What makes two requests equal (spec/ingest.md 3.1): the same body whatever
 * the order of its keys, from the same address, origin and client.
 */
enum { WEIR_DIGEST_LEN = 32 };

/* Hex and a NUL. body may be NULL. Other members of the request go in parts, each with its length. */
WEIR_MUSTCHECK weir_err weir_request_digest(weir_arena *mem, json_object *body, const weir_text *parts, size_t count,
	char out[WEIR_DIGEST_LEN + 1]);
#endif
