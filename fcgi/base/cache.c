#include "config.h"
#include "base/cache.h"

#include "base/hash.h"

#include <stdlib.h>

/* Chained hash table; the entries also form a ring, most recently used behind the anchor. */
struct entry {
	struct entry *chain;
	struct entry *newer, *older;
	void *value;
	int64_t until_ms;
	uint64_t hash;
	size_t key_len;
	char key[];
};

struct weir_cache {
	struct entry **bucket;
	size_t buckets; /* a power of two */
	size_t count, max;
	void (*drop)(void *);
	struct entry *newest, *oldest;
};

weir_cache *weir_cache_new(size_t max_entries, void (*drop)(void *value))
{
	weir_cache *c = calloc(1, sizeof(*c));
	size_t buckets = 16;

	if (!c)
		return NULL;
	while (buckets < max_entries && buckets < SIZE_MAX / 4)
		buckets *= 2;
	c->bucket = calloc(buckets, sizeof(*c->bucket));
	if (!c->bucket) {
		free(c);
		return NULL;
	}
	c->buckets = buckets;
	c->max = max_entries;
	c->drop = drop;
	return c;
}

static struct entry **slot_of(weir_cache *c, weir_text key, uint64_t hash)
{
	struct entry **slot = &c->bucket[hash & (c->buckets - 1)];

	while (*slot && ((*slot)->hash != hash || !weir_text_eq((weir_text){ (*slot)->key, (*slot)->key_len }, key)))
		slot = &(*slot)->chain;
	return slot;
}

static void unlink_ring(weir_cache *c, struct entry *e)
{
	if (e->newer)
		e->newer->older = e->older;
	else
		c->newest = e->older;
	if (e->older)
		e->older->newer = e->newer;
	else
		c->oldest = e->newer;
}

static void link_newest(weir_cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	if (c->newest)
		c->newest->newer = e;
	else
		c->oldest = e;
	c->newest = e;
}

static void remove_entry(weir_cache *c, struct entry **slot)
{
	struct entry *e = *slot;

	*slot = e->chain;
	unlink_ring(c, e);
	c->count--;
	if (c->drop && e->value)
		c->drop(e->value);
	free(e);
}

void *weir_cache_get(weir_cache *c, weir_text key, int64_t now_ms, bool *found)
{
	struct entry **slot = slot_of(c, key, weir_fnv1a(key));
	bool live = *slot && (*slot)->until_ms > now_ms;

	if (found)
		*found = live;
	if (*slot && !live)
		remove_entry(c, slot);
	if (!live)
		return NULL;
	if (c->newest != *slot) {
		struct entry *e = *slot;

		unlink_ring(c, e);
		link_newest(c, e);
	}
	return (*slot)->value;
}

bool weir_cache_put(weir_cache *c, weir_text key, void *value, int64_t now_ms, int64_t ttl_ms)
{
	uint64_t hash = weir_fnv1a(key);
	struct entry **slot = slot_of(c, key, hash);
	struct entry *e = key.n < SIZE_MAX - sizeof(*e) ? malloc(sizeof(*e) + key.n) : NULL;

	if (!e) {
		if (c->drop && value)
			c->drop(value);
		return false;
	}
	if (*slot)
		remove_entry(c, slot);
	if (c->count >= c->max && c->oldest) {
		struct entry *old = c->oldest;

		remove_entry(c, slot_of(c, (weir_text){ old->key, old->key_len }, old->hash));
	}
	*e = (struct entry){ .value = value, .until_ms = now_ms + ttl_ms, .hash = hash, .key_len = key.n };
	if (key.n)
		memcpy(e->key, key.p, key.n);
	e->chain = c->bucket[hash & (c->buckets - 1)];
	c->bucket[hash & (c->buckets - 1)] = e;
	link_newest(c, e);
	c->count++;
	return true;
}

void weir_cache_clear(weir_cache *c)
{
	while (c->newest) {
		struct entry *e = c->newest;

		remove_entry(c, slot_of(c, (weir_text){ e->key, e->key_len }, e->hash));
	}
}

size_t weir_cache_count(const weir_cache *c)
{
	return c->count;
}

void weir_cache_free(weir_cache *c)
{
	if (!c)
		return;
	weir_cache_clear(c);
	free(c->bucket);
	free(c);
}
