/* Events that are delivered together: of several requests, or of one that brings many. */
#include "config.h"
#include "ingest/pass.h"

void pass_parcel_make(struct pass_parcel *x)
{
	weir_arena *mem = x->p.r->mem;

	x->why = NULL;
	x->receipt = (struct weir_receipt){ .what = WEIR_DELIVERED_STALE };
	x->err = pass_event_prepare(&x->p, &x->d, &x->why);
	if (x->err)
		return;
	/* The packed row lies in a buffer that the next one overwrites, and the client may be gone when the next one's is asked for. */
	x->d.event = weir_text_dup(mem, x->d.event);
	x->d.project_id = weir_text_dup(mem, x->d.project_id);
	if (!x->d.event.p || !x->d.project_id.p)
		x->err = WEIR_ENOMEM;
}

void pass_parcels_deliver(weir_intake *in, weir_arena *mem, struct pass_parcel *const *list, size_t n)
{
	struct weir_delivery *d = weir_alloc_n(mem, n, sizeof(*d));
	struct weir_receipt *receipt = weir_alloc_n(mem, n, sizeof(*receipt));
	weir_err *each = weir_alloc_n(mem, n, sizeof(*each)), err = d && receipt && each ? WEIR_OK : WEIR_ENOMEM;
	size_t good = 0;

	for (size_t i = 0; i < n && !err; i++)
		if (!list[i]->err)
			d[good++] = list[i]->d;
	if (!err && good)
		err = weir_deliver_several(in->deliverer, mem, d, good, receipt, each);
	good = 0;
	for (size_t i = 0; i < n; i++)
		if (!list[i]->err) {
			list[i]->err = err ? err : each[good];
			if (!list[i]->err)
				list[i]->receipt = receipt[good];
			good++;
		}
}

bool pass_parcel_is_stale(const struct pass_parcel *x)
{
	return !x->err && x->receipt.what == WEIR_DELIVERED_STALE;
}
