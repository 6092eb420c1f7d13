#include "config.h"
#include "trpc/call.h"

#include "meta/organization.h"
#include "trpc/reply.h"

/* organization.* (spec/trpc-metadata.md 4.2). */

weir_err weir_do_organization_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_organization_list(&c->meta, c->viewer->user_id, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(rows); i++) {
		weir_sj_obj(c->out, NULL);
		weir_reply_organization(c, rows, i);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_organization_get(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_organization_get(&c->meta, weir_jsonr_get_text(c->in, "organizationId"), &rows);

	if (err)
		return err;
	if (!PQntuples(rows))
		return WEIR_ENOTFOUND;
	weir_sj_obj(c->out, NULL);
	weir_reply_organization(c, rows, 0);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_organization_my_access(struct weir_call *c)
{
	weir_text role;
	weir_err err = weir_access_organization(&c->meta, c->viewer->user_id, weir_jsonr_get_text(c->in, "organizationId"), &role);

	if (err)
		return err;
	if (!role.p) {
		weir_sj_null(c->out, NULL);
		return WEIR_OK;
	}
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "role", role);
	weir_sj_end(c->out);
	return WEIR_OK;
}
