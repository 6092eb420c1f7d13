/* Any text as JSON: what can be flattened can be made a tree again, and no limit is passed. */
#include "config.h"
#include "ingest/flatten.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static weir_arena *a;
	const void *p = data;
	const char *why = NULL;
	struct weir_pairs flat;
	json_object *o, *tree;
	weir_err err;

	if (!a)
		a = weir_arena_new(64 << 20);
	weir_arena_reset(a);
	if (weir_jsonr_parse(a, (weir_text){ p, size }, WEIR_JSONR_DROP_SURROGATES, &o, NULL))
		return 0;
	weir_pairs_init(&flat, a);
	err = weir_flatten(&flat, WEIR_TEXT(""), o, NULL, &why);
	if (err == WEIR_ELIMIT && !why)
		abort();
	if (flat.n > WEIR_PAIRS_MAX || flat.bytes > WEIR_PAIRS_BYTES)
		abort();
	for (size_t i = 0; i < flat.n; i++)
		if (!weir_utf8_valid(flat.v[i].key) || !weir_utf8_valid(flat.v[i].value) ||
		    !weir_text_eq(weir_pairs_get(&flat, flat.v[i].key), flat.v[i].value))
			abort();
	if (!err && weir_unflatten(a, &flat, &tree) == WEIR_EBADREQ)
		abort();
	return 0;
}
