#ifndef WEIR_BASE_JSONR_H
#define WEIR_BASE_JSONR_H
#include "base/arena.h"
#include "base/err.h"
#include <json-c/json.h>
/*
 * Reads JSON by json-c, as a JavaScript server would take it: strict grammar,
 * a UTF-8 byte order mark is skipped, broken UTF-8 becomes U+FFFD, the last of
 * duplicate keys wins.  Bounded: WEIR_JSONR_DEPTH levels.  The tree belongs to
 * the arena and goes with its reset.  Keys and strings that hold a NUL
 * character are refused with WEIR_EBADREQ, since neither ClickHouse keys nor
 * PostgreSQL text can hold one.
 */
enum { WEIR_JSONR_DEPTH = 48 };

enum weir_jsonr_flags {
	WEIR_JSONR_REFUSE_PROTO = 1 << 0, /* fail on keys __proto__ and constructor.prototype (spec/ingest.md 0.1) */
	WEIR_JSONR_DROP_SURROGATES = 1 << 1, /* \uD800 to \uDFFF without a partner vanish; else they become U+FFFD */
	WEIR_JSONR_SMALL = 1 << 2, /* refuse what would take more than some 16 MiB as a tree */
};

/*
 * Parses the whole text.  WEIR_EBADREQ when it is not JSON (or too deep);
 * *at then holds the byte offset of the fault when at is not NULL.
 */
WEIR_MUSTCHECK weir_err weir_jsonr_parse(weir_arena *a, weir_text in, unsigned flags, json_object **out, size_t *at);

/* The member, or NULL when o is no object or has none; a member that is null gives NULL too (weir_jsonr_has tells). */
json_object *weir_jsonr_get(json_object *o, const char *key);
bool weir_jsonr_has(json_object *o, const char *key);
/* The string's bytes, or {NULL, 0} when o is not a string. Valid as long as o. */
weir_text weir_jsonr_text(json_object *o);
/* The member's string; {NULL, 0} when absent or of another type. */
weir_text weir_jsonr_get_text(json_object *o, const char *key);
/* Items of an array; 0 when o is none (json-c's own function ends the program then: stored JSON may hold anything). */
size_t weir_jsonr_count(json_object *o);
/* The item at index, or NULL when o is no array or ends before it. */
json_object *weir_jsonr_at(json_object *o, size_t index);
bool weir_jsonr_is_number(json_object *o);
/* What JavaScript's "if (x)" decides: false for null, false, 0, NaN and "". */
bool weir_jsonr_truthy(json_object *o);
/* The word the schema messages use: undefined (o is NULL and absent is true), null, string, number, boolean, array, object. */
const char *weir_jsonr_kind(json_object *o, bool absent);
#endif
