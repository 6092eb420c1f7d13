/* Screen views and page times of a batch, by id. */
#include "config.h"
#include "ingest/pagelist.h"

#include "base/hash.h"
#include "ingest/rowpack.h"

#include <stdlib.h>

enum {
	SLOTS_FIRST = 1024,            /* powers of two */
	SLOTS_KEEP = 32 * 1024,        /* between batches */
	PROJECTS_MAX = 64 * 1024 * 1024,
	VALUE_MAX = 64 * 1024,
	NOWHERE = -1,
};

struct slot {
	uint8_t id[16];
	weir_text project_id;          /* of a kept time */
	int64_t at, spent;
	int64_t row;                   /* in the batch, or NOWHERE */
	bool used, kept;
};

struct weir_pages {
	struct slot *slot;
	size_t slots, used, kept;
	weir_arena *mem;               /* project ids */
};

weir_pages *weir_pages_new(void)
{
	weir_pages *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->slots = SLOTS_FIRST;
	p->slot = calloc(p->slots, sizeof(*p->slot));
	p->mem = weir_arena_new(PROJECTS_MAX);
	if (p->slot && p->mem)
		return p;
	weir_pages_free(p);
	return NULL;
}

void weir_pages_free(weir_pages *p)
{
	if (!p)
		return;
	weir_arena_free(p->mem);
	free(p->slot);
	free(p);
}

void weir_pages_reset(weir_pages *p)
{
	struct slot *fewer = p->slots > SLOTS_KEEP ? calloc(SLOTS_FIRST, sizeof(*fewer)) : NULL;

	if (fewer) {
		free(p->slot);
		p->slot = fewer;
		p->slots = SLOTS_FIRST;
	} else if (p->used) {
		memset(p->slot, 0, p->slots * sizeof(*p->slot));
	}
	p->used = p->kept = 0;
	weir_arena_reset(p->mem);
}

/* The id's slot, or the free one where it belongs. */
static struct slot *find(struct slot *slot, size_t slots, const uint8_t id[16])
{
	size_t at = (size_t)weir_fnv1a((weir_text){ (const char *)id, 16 }) & (slots - 1);

	while (slot[at].used && memcmp(slot[at].id, id, 16) != 0)
		at = (at + 1) & (slots - 1);
	return &slot[at];
}

static weir_err grow(weir_pages *p)
{
	struct slot *more = calloc(p->slots * 2, sizeof(*more));

	if (!more)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < p->slots; i++)
		if (p->slot[i].used)
			*find(more, p->slots * 2, p->slot[i].id) = p->slot[i];
	free(p->slot);
	p->slot = more;
	p->slots *= 2;
	return WEIR_OK;
}

/* The id's slot, made when there is none. NULL on no memory. */
static struct slot *claim(weir_pages *p, const uint8_t id[16])
{
	struct slot *s;

	if (p->used * 2 >= p->slots && grow(p))
		return NULL;
	s = find(p->slot, p->slots, id);
	if (!s->used) {
		*s = (struct slot){ .used = true, .row = NOWHERE };
		memcpy(s->id, id, 16);
		p->used++;
	}
	return s;
}

weir_err weir_pages_view(weir_pages *p, const uint8_t id[16], size_t row)
{
	struct slot *s = claim(p, id);

	if (!s)
		return WEIR_ENOMEM;
	s->row = (int64_t)row;
	return WEIR_OK;
}

weir_err weir_pages_time(weir_pages *p, const struct weir_page_time *time, bool *here, size_t *row)
{
	struct slot *s = claim(p, time->id);

	*here = s && s->row != NOWHERE;
	*row = *here ? (size_t)s->row : 0;
	if (!s)
		return WEIR_ENOMEM;
	if (*here)
		return WEIR_OK;
	if (!s->kept) {
		s->project_id = weir_text_dup(p->mem, time->project_id);
		if (!s->project_id.p)
			return WEIR_ENOMEM;
		s->kept = true;
		p->kept++;
	}
	s->at = time->at;
	s->spent = time->spent;
	return WEIR_OK;
}

size_t weir_pages_kept(const weir_pages *p)
{
	return p->kept;
}

void weir_pages_pack(const weir_pages *p, weir_str *out)
{
	msgpack_packer pk, inner;
	weir_str value;

	weir_str_init(&value, VALUE_MAX);
	weir_rowpack_init(&pk, out);
	weir_rowpack_init(&inner, &value);
	for (size_t i = 0; i < p->slots && p->kept; i++) {
		const struct slot *s = &p->slot[i];

		if (!s->kept)
			continue;
		weir_str_reset(&value);
		weir_pack_text(&inner, s->project_id);
		weir_pack_time(&inner, s->at);
		weir_pack_time(&inner, s->spent);
		weir_pack_text(&pk, (weir_text){ (const char *)s->id, 16 });
		weir_pack_text(&pk, weir_str_view(&value));
	}
	if (weir_str_err(&value) && !out->err)
		out->err = weir_str_err(&value);
	weir_str_free(&value);
}
