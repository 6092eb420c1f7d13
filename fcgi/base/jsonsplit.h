#ifndef WEIR_BASE_JSONSPLIT_H
#define WEIR_BASE_JSONSPLIT_H
#include "base/str.h"
/*
 * Takes a long JSON document apart while it arrives, so that it never lies in
 * memory whole: the elements of an array, or values one after the other with
 * white space between them (NDJSON).  Which of the two it is, the first
 * character tells.  Looks at brackets and strings only; whether an element is
 * JSON is left to whoever reads it.
 *
 *   weir_jsonsplit_init   weir_jsonsplit_feed ...   weir_jsonsplit_end   weir_jsonsplit_free
 */
/* element is a view that dies with the call; {NULL, 0} for one that is longer than allowed. An error ends the splitting. */
typedef weir_err (*weir_jsonsplit_fn)(void *ctx, size_t index, weir_text element);

typedef struct {
	weir_jsonsplit_fn fn;
	void *ctx;
	weir_str element;      /* the part of it that has arrived */
	size_t index, offset;  /* of the next element; bytes taken so far */
	int state, depth;
	bool array, string, escape, oversize;
} weir_jsonsplit;

/* element_max: bytes of one element. */
void weir_jsonsplit_init(weir_jsonsplit *s, size_t element_max, weir_jsonsplit_fn fn, void *ctx);
void weir_jsonsplit_free(weir_jsonsplit *s);
/* WEIR_EBADREQ when the array's own punctuation is wrong (offset tells where); else what fn returned. */
WEIR_MUSTCHECK weir_err weir_jsonsplit_feed(weir_jsonsplit *s, weir_text chunk);
/* The document has ended. WEIR_EBADREQ when it was not complete. */
WEIR_MUSTCHECK weir_err weir_jsonsplit_end(weir_jsonsplit *s);
/* The first character was a bracket. False as long as nothing but white space has come. */
bool weir_jsonsplit_is_array(const weir_jsonsplit *s);
#endif
