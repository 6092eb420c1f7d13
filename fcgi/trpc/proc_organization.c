#include "config.h"
#include "trpc/call.h"

#include "meta/deletion.h"
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

static weir_err put_one(struct weir_call *c, const PGresult *rows)
{
	if (!PQntuples(rows))
		return WEIR_ENOTFOUND;
	weir_sj_obj(c->out, NULL);
	weir_reply_organization(c, rows, 0);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_organization_get(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_organization_get(&c->meta, weir_in_text(c, "organizationId"), &rows);

	return err ? err : put_one(c, rows);
}

weir_err weir_do_organization_update(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_organization_update(&c->meta, c->organization_id, weir_in_text(c, "name"),
		weir_in_text(c, "timezone"), &rows);

	return err ? err : put_one(c, rows);
}

weir_err weir_do_organization_my_access(struct weir_call *c)
{
	struct weir_access access;
	weir_err err = weir_access_to(&c->meta, c->viewer->user_id, WEIR_ENTITY_organization, weir_in_text(c, "organizationId"), &access);

	if (err)
		return err;
	if (!access.role.p) {
		weir_sj_null(c->out, NULL);
		return WEIR_OK;
	}
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "role", access.role);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err put_true(struct weir_call *c, weir_err err)
{
	if (!err)
		weir_sj_bool(c->out, NULL, true);
	return err;
}

weir_err weir_do_organization_delete(struct weir_call *c)
{
	weir_err err = weir_deletion_schedule(&c->meta, WEIR_DELETION_ORGANIZATION, c->organization_id, c->meta.now_ms + WEIR_DELETION_GRACE_MS);

	if (err == WEIR_ECONFLICT)
		return weir_call_fail(c, WEIR_EBADREQ, "Please cancel your subscription before deleting this organization.");
	return put_true(c, err);
}

weir_err weir_do_organization_cancel_deletion(struct weir_call *c)
{
	return put_true(c, weir_deletion_undo(&c->meta, WEIR_DELETION_ORGANIZATION, c->organization_id));
}
