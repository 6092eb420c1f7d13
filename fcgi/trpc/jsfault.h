#ifndef WEIR_TRPC_JSFAULT_H
#define WEIR_TRPC_JSFAULT_H
#include "base/arena.h"
#include "base/err.h"
/*
 * What JSON.parse of Node 20 says about a text that is not JSON, for people
 * who know these sentences: "Unexpected token 'x', "x" is not valid JSON".
 * Positions count UTF-16 units.  A text that JavaScript would take but this
 * server does not (too deep, NUL characters) gets a sentence of our own.
 */
WEIR_MUSTCHECK weir_err weir_js_fault(weir_arena *mem, weir_text in, weir_text *message);
#endif
