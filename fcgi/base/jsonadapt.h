#ifndef WEIR_BASE_JSONADAPT_H
#define WEIR_BASE_JSONADAPT_H
#include "base/arena.h"
/*
 * Rewrites valid JSON in the two places where json-c reads something other
 * than a JavaScript engine: integers of more than 18 digits get an exponent,
 * so that they become doubles instead of being cut at 64 bits; and, when
 * drop_surrogates is set, \uD800 to \uDFFF without a partner are left out
 * (json-c makes U+FFFD of them).  The text itself when there is nothing to
 * rewrite; {NULL, 0} on no memory.
 */
weir_text weir_jsonadapt(weir_arena *a, weir_text in, bool drop_surrogates);
#endif
