/* What a batch leaves to do. */
#include "config.h"
#include "ingest/dues.h"

#include <stdlib.h>

enum {
	PAGES_MAX = 64 * 1024 * 1024,
	PAGES_KEEP = 64 * 1024,        /* of the buffer between batches */
};

weir_err weir_dues_init(struct weir_dues *p)
{
	*p = (struct weir_dues){ .started_ms = 0 };
	weir_str_init(&p->pages, PAGES_MAX);
	weir_touches_init(&p->touches);
	return weir_notices_init(&p->notices);
}

void weir_dues_free(struct weir_dues *p)
{
	weir_refusals_clear(&p->refused);
	weir_str_free(&p->pages);
	weir_touches_free(&p->touches);
	weir_changed_free(&p->changed);
	weir_notices_free(&p->notices);
	free(p->refused.item);
	free(p->ids.id);
}

void weir_dues_clear(struct weir_dues *p)
{
	weir_refusals_clear(&p->refused);
	weir_notices_clear(&p->notices);
	weir_touches_clear(&p->touches);
	weir_changed_clear(&p->changed);
	if (p->pages.alloc > PAGES_KEEP)
		weir_str_free(&p->pages);
	weir_str_reset(&p->pages);
	p->ids.count = 0;
}

void weir_dues_take(struct weir_dues *p, weir_batch *b)
{
	const struct weir_dues old = *p;

	p->ids = b->ids;
	b->ids = old.ids;
	p->refused = b->refused;
	b->refused = old.refused;
	p->touches = b->touches;
	b->touches = old.touches;
	p->changed = b->changed;
	b->changed = old.changed;
	p->notices = b->notices;
	b->notices = old.notices;
	weir_str_reset(&p->pages);
	weir_pages_pack(b->pages, &p->pages);
}
