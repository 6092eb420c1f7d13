#ifndef WEIR_INGEST_FLATTEN_H
#define WEIR_INGEST_FLATTEN_H
#include "base/jsonr.h"
#include "base/str.h"
#include "ingest/pairs.h"
/*
 * Properties become a flat map of texts (spec/ingest.md 5.5): nested keys are
 * joined by dots, array elements are keyed by index, null and "" are dropped,
 * numbers and booleans are spelled as JavaScript spells them.  A string that
 * looks like a JSON document is taken apart in its place; one that starts
 * like one but is none is dropped.  Other strings are trimmed.  A later key
 * replaces an equal earlier one.
 *
 * Errors: WEIR_ELIMIT when nesting (WEIR_FLATTEN_DEPTH levels, documents in
 * strings included) or the limits of pairs.h are exceeded, with *why a
 * sentence for the sender; WEIR_ENOMEM when the arena is spent.  Texts of the
 * result live in the arena or in the JSON tree.
 */
enum { WEIR_FLATTEN_DEPTH = 48 };

/*
 * Adds value o under the key prefix ("" for the root, whose members are then
 * the keys).  skip (may be NULL): members of o itself that are left out, a
 * NULL-terminated list.
 */
WEIR_MUSTCHECK weir_err weir_flatten(struct weir_pairs *out, weir_text prefix, json_object *o,
	const char *const *skip, const char **why);
/* Adds one text under a key by the same rules as a string inside JSON. */
WEIR_MUSTCHECK weir_err weir_flatten_text(struct weir_pairs *out, weir_text key, weir_text value, const char **why);
/*
 * The inverse: an object tree from dotted keys ("a.b" = 1 becomes {"a":{"b":"1"}}; indices stay keys, what is
 * deeper than WEIR_FLATTEN_DEPTH keeps its dots).
 * Where a key is both a value and a parent, the later one wins.  The tree belongs to the arena.
 */
WEIR_MUSTCHECK weir_err weir_unflatten(weir_arena *a, const struct weir_pairs *in, json_object **out);
/* Without white space as JavaScript's trim sees it (Unicode spaces, line ends, U+FEFF) at both ends. */
weir_text weir_js_trim(weir_text t);
#endif
