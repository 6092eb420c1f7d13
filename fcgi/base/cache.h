#ifndef WEIR_BASE_CACHE_H
#define WEIR_BASE_CACHE_H
#include "base/text.h"
#include <stdint.h>
/*
 * A bounded map from text to a value with a life time.  When it is full the
 * entry used longest ago goes.  Owns copies of the keys; a value is owned by
 * the cache from put on and released by the drop function given at the start.
 * A value got from the cache stays valid until the next put or clear.
 */
typedef struct weir_cache weir_cache;

/* max_entries > 0. drop may be NULL. NULL on out of memory. */
weir_cache *weir_cache_new(size_t max_entries, void (*drop)(void *value));
void weir_cache_free(weir_cache *c);
/* The live value, or NULL. *found (may be NULL) tells a stored NULL from an absent one. */
void *weir_cache_get(weir_cache *c, weir_text key, int64_t now_ms, bool *found);
/* Stores value until now_ms + ttl_ms, replacing an older one; on out of memory drops the value and returns false. */
bool weir_cache_put(weir_cache *c, weir_text key, void *value, int64_t now_ms, int64_t ttl_ms);
void weir_cache_clear(weir_cache *c);
size_t weir_cache_count(const weir_cache *c);
#endif
