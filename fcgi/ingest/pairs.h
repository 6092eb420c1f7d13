#ifndef WEIR_INGEST_PAIRS_H
#define WEIR_INGEST_PAIRS_H
#include "base/arena.h"
#include "base/err.h"
#include <stdint.h>
/*
 * An ordered list of key and value texts in which a key occurs once: setting
 * a key again replaces its value and keeps its place, as a JavaScript object
 * does.  Lives in an arena; the texts are kept as views, not copied.  Bounded
 * by the two limits below so that small input cannot grow into large output.
 */
enum {
	WEIR_PAIRS_MAX = 20000,           /* keys */
	WEIR_PAIRS_BYTES = 4 * 1024 * 1024 /* of all keys and values together */
};

struct weir_pair {
	weir_text key, value;
};

struct weir_pairs {
	struct weir_pair *v;
	size_t n;
	/* the list's own business */
	weir_arena *arena;
	uint32_t *slots;
	size_t alloc, slot_count, bytes;
};

void weir_pairs_init(struct weir_pairs *p, weir_arena *a);
/* WEIR_ELIMIT over a limit, WEIR_ENOMEM when the arena is spent. */
WEIR_MUSTCHECK weir_err weir_pairs_set(struct weir_pairs *p, weir_text key, weir_text value);
/* The value, or {NULL, 0}; a present empty value has a pointer. */
weir_text weir_pairs_get(const struct weir_pairs *p, weir_text key);
bool weir_pairs_has(const struct weir_pairs *p, weir_text key);
#endif
