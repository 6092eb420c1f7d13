#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H
#include "base/text.h"
/*
 * One arena per request.  Memory is handed out, never returned one piece at a
 * time; weir_arena_reset gives everything back at the end of the request and
 * keeps the first block.  No function here aborts: NULL means out of memory or
 * over the cap, and stays so until the reset (weir_arena_failed).
 */
typedef struct weir_arena weir_arena;

/* cap: most bytes one request may use. NULL on out of memory. Free with weir_arena_free. */
weir_arena *weir_arena_new(size_t cap);
void weir_arena_free(weir_arena *a);
void weir_arena_reset(weir_arena *a);
/* Aligned for any type, not zeroed. Valid until reset. */
void *weir_alloc(weir_arena *a, size_t n);
/* An array of count items of size bytes each, zeroed; NULL also when the product overflows. */
void *weir_alloc_n(weir_arena *a, size_t count, size_t size);
char *weir_strndup(weir_arena *a, const char *s, size_t n);
/* A copy of the text, NUL-terminated behind its end; {NULL, 0} on failure. */
weir_text weir_text_dup(weir_arena *a, weir_text t);
int weir_arena_failed(const weir_arena *a);
/* Runs f(p) at reset, newest first: for a PGresult, a redisReply, an fd. Returns 0, or -1 (f has then been run). */
int weir_arena_defer(weir_arena *a, void (*f)(void *), void *p);
#endif
