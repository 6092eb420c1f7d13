#include "config.h"
#include "link/req.h"

/* What is left to do when the answer is out. */

struct weir_later {
	void (*f)(void *ctx);
	void *ctx;
	struct weir_later *next;
};

weir_err weir_req_later(struct weir_req *r, void (*f)(void *ctx), void *ctx)
{
	struct weir_later **end = &r->later, *l = weir_alloc(r->mem, sizeof(*l));

	if (!l)
		return WEIR_ENOMEM;
	*l = (struct weir_later){ f, ctx, NULL };
	while (*end)
		end = &(*end)->next;
	*end = l;
	return WEIR_OK;
}

void weir_req_run_later(struct weir_req *r)
{
	for (struct weir_later *l = r->later; l; l = l->next)
		l->f(l->ctx);
	r->later = NULL;
}
