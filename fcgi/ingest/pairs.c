#include "config.h"
#include "ingest/pairs.h"
#include "base/hash.h"

#include <string.h>

void weir_pairs_init(struct weir_pairs *p, weir_arena *a)
{
	*p = (struct weir_pairs){ .arena = a };
}

/* Short lists are searched from end to end; longer ones have an open table of positions + 1. */
enum { LINEAR = 12 };

static size_t slot_of(const struct weir_pairs *p, weir_text key)
{
	size_t mask = p->slot_count - 1, at = (size_t)weir_fnv1a(key) & mask;

	while (p->slots[at] && !weir_text_eq(p->v[p->slots[at] - 1].key, key))
		at = (at + 1) & mask;
	return at;
}

static struct weir_pair *find(const struct weir_pairs *p, weir_text key)
{
	if (p->slots) {
		uint32_t at = p->slots[slot_of(p, key)];

		return at ? &p->v[at - 1] : NULL;
	}
	for (size_t i = 0; i < p->n; i++)
		if (weir_text_eq(p->v[i].key, key))
			return &p->v[i];
	return NULL;
}

static weir_err grow(struct weir_pairs *p)
{
	size_t alloc = p->alloc ? p->alloc * 2 : LINEAR;
	struct weir_pair *v = weir_alloc_n(p->arena, alloc, sizeof(*v));

	if (!v)
		return WEIR_ENOMEM;
	if (p->n)
		memcpy(v, p->v, p->n * sizeof(*v));
	p->v = v;
	p->alloc = alloc;
	if (alloc <= LINEAR)
		return WEIR_OK;
	for (p->slot_count = 64; p->slot_count < alloc * 2;)
		p->slot_count *= 2;
	p->slots = weir_alloc_n(p->arena, p->slot_count, sizeof(*p->slots));
	if (!p->slots)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < p->n; i++)
		p->slots[slot_of(p, p->v[i].key)] = (uint32_t)(i + 1);
	return WEIR_OK;
}

weir_err weir_pairs_set(struct weir_pairs *p, weir_text key, weir_text value)
{
	struct weir_pair *old = find(p, key);
	size_t room = WEIR_PAIRS_BYTES - (p->bytes - (old ? old->value.n : 0));
	weir_err err;

	if (!value.p)
		value = WEIR_TEXT("");
	if (old) {
		if (value.n > room)
			return WEIR_ELIMIT;
		p->bytes = p->bytes - old->value.n + value.n;
		old->value = value;
		return WEIR_OK;
	}
	if (p->n >= WEIR_PAIRS_MAX || key.n > room || value.n > room - key.n)
		return WEIR_ELIMIT;
	if (p->n == p->alloc && (err = grow(p)))
		return err;
	p->v[p->n] = (struct weir_pair){ key, value };
	p->bytes += key.n + value.n;
	if (p->slots)
		p->slots[slot_of(p, key)] = (uint32_t)(p->n + 1);
	p->n++;
	return WEIR_OK;
}

weir_text weir_pairs_get(const struct weir_pairs *p, weir_text key)
{
	const struct weir_pair *pair = find(p, key);

	return pair ? pair->value : (weir_text){ NULL, 0 };
}

bool weir_pairs_has(const struct weir_pairs *p, weir_text key)
{
	return find(p, key) != NULL;
}
