/* Netting of session states within a batch. */
#include "config.h"
#include "ingest/net.h"

#include "base/hash.h"

#include <stdlib.h>

enum {
	BUCKETS = 1 << 14,
	MEMORY_MAX = 512 * 1024 * 1024,
	ITEMS_KEEP = 1024,
	NONE = -1,
};

struct item {
	struct weir_net_row row;
	char *room;     /* row.packed lies here */
	size_t size;    /* of room */
	uint32_t hash;
	int32_t next;   /* in the bucket, or in the list of free items */
	bool live;
};

struct weir_net {
	weir_arena *mem;
	struct item *item;
	size_t count, alloc; /* items in use or free */
	size_t live, bytes;
	int32_t unused;      /* items whose state has been cancelled */
	int32_t bucket[BUCKETS];
};

weir_net *weir_net_new(void)
{
	weir_net *n = calloc(1, sizeof(*n));

	if (n)
		n->mem = weir_arena_new(MEMORY_MAX);
	if (!n || !n->mem) {
		free(n);
		return NULL;
	}
	weir_net_reset(n);
	return n;
}

void weir_net_free(weir_net *n)
{
	if (!n)
		return;
	weir_arena_free(n->mem);
	free(n->item);
	free(n);
}

void weir_net_reset(weir_net *n)
{
	weir_arena_reset(n->mem);
	if (n->alloc > ITEMS_KEEP) {
		free(n->item);
		n->item = NULL;
		n->alloc = 0;
	}
	n->count = n->live = n->bytes = 0;
	n->unused = NONE;
	for (size_t i = 0; i < BUCKETS; i++)
		n->bucket[i] = NONE;
}

static uint32_t hash_of(const struct weir_session *s)
{
	return (uint32_t)(weir_fnv1a(s->id) ^ weir_fnv1a(s->project_id) * 31);
}

/* Takes the opposite of a state out of its bucket; false when it is not there. */
static bool cancel(weir_net *n, const struct weir_session *s, int sign, uint32_t hash)
{
	int32_t *link = &n->bucket[hash % BUCKETS];

	for (; *link != NONE; link = &n->item[*link].next) {
		int32_t at = *link;
		struct item *it = &n->item[at];

		if (it->hash != hash || it->row.sign != -sign || it->row.version != s->version ||
		    !weir_text_eq(it->row.id, s->id) || !weir_text_eq(it->row.project_id, s->project_id))
			continue;
		*link = it->next;
		it->live = false;
		it->next = n->unused;
		n->unused = at;
		n->live--;
		n->bytes -= it->row.packed.n;
		return true;
	}
	return false;
}

/* An item with room for size bytes: a cancelled one when it fits, else a new one. */
static struct item *item_new(weir_net *n, size_t size)
{
	struct item *it;

	if (n->unused != NONE && n->item[n->unused].size >= size) {
		it = &n->item[n->unused];
		n->unused = it->next;
		return it;
	}
	if (n->count == n->alloc) {
		size_t more = n->alloc ? n->alloc * 2 : 256;

		it = more <= INT32_MAX ? realloc(n->item, more * sizeof(*it)) : NULL;
		if (!it)
			return NULL;
		n->item = it;
		n->alloc = more;
	}
	it = &n->item[n->count];
	*it = (struct item){ .size = size };
	it->room = weir_alloc(n->mem, it->size ? it->size : 1);
	if (!it->room)
		return NULL;
	n->count++;
	return it;
}

weir_err weir_net_add(weir_net *n, const struct weir_session *s, int sign, weir_text packed)
{
	uint32_t hash = hash_of(s);
	struct item *it;

	if (cancel(n, s, sign, hash))
		return WEIR_OK;
	it = item_new(n, packed.n);
	if (!it)
		return WEIR_ENOMEM;
	memcpy(it->room, packed.p, packed.n);
	it->row = (struct weir_net_row){
		.packed = { it->room, packed.n },
		.id = { it->room + (s->id.p - packed.p), s->id.n },
		.project_id = { it->room + (s->project_id.p - packed.p), s->project_id.n },
		.version = s->version,
		.sign = sign,
		.created_at = s->created_at,
	};
	it->hash = hash;
	it->live = true;
	it->next = n->bucket[hash % BUCKETS];
	n->bucket[hash % BUCKETS] = (int32_t)(it - n->item);
	n->live++;
	n->bytes += packed.n;
	return WEIR_OK;
}

bool weir_net_next(const weir_net *n, size_t *at, struct weir_net_row *row)
{
	while (*at < n->count) {
		const struct item *it = &n->item[(*at)++];

		if (it->live) {
			*row = it->row;
			return true;
		}
	}
	return false;
}

size_t weir_net_count(const weir_net *n)
{
	return n->live;
}

size_t weir_net_bytes(const weir_net *n)
{
	return n->bytes;
}
