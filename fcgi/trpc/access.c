#include "config.h"
#include "trpc/call.h"

/* The one place that decides whether a call may go on (spec/trpc-metadata.md 3). */

static weir_err signed_in(struct weir_call *c, const char *message)
{
	return c->viewer->user_id.p ? WEIR_OK : weir_call_fail(c, WEIR_EUNAUTH, message);
}

static weir_err project(struct weir_call *c, json_object *raw)
{
	weir_text id = weir_jsonr_get_text(raw, "projectId");
	bool allowed = false;
	weir_err err = id.p ? weir_access_project(&c->meta, c->viewer->user_id, id, &c->project, &allowed) : WEIR_OK;

	if (err)
		return err;
	return allowed ? WEIR_OK : weir_call_fail(c, WEIR_EFORBID, "You do not have access to this project");
}

static weir_err organization(struct weir_call *c, json_object *raw)
{
	weir_text id = weir_jsonr_get_text(raw, "organizationId"), role = { NULL, 0 };
	weir_err err = id.p ? weir_access_organization(&c->meta, c->viewer->user_id, id, &role) : WEIR_OK;

	if (err)
		return err;
	return role.p ? WEIR_OK : weir_call_fail(c, WEIR_EFORBID, "You do not have access to this organization");
}

/*
 * A share must be public and belong to the project.  One with a password is
 * open to members alone: the cookie that the reference takes for it can be
 * made by anybody (spec/queries.md 28.2).
 */
static weir_err overview_share(struct weir_call *c, json_object *raw)
{
	struct weir_share share;
	weir_err err = weir_access_share(&c->meta, weir_jsonr_get_text(raw, "shareId"), &share);

	if (err)
		return err;
	if (!share.found || !share.open)
		return weir_call_fail(c, WEIR_EFORBID, "Share not found or not public");
	if (!weir_text_eq(share.project.id, weir_jsonr_get_text(raw, "projectId")))
		return weir_call_fail(c, WEIR_EFORBID, "Project ID mismatch");
	if (share.password)
		return c->viewer->user_id.p ? project(c, raw) : weir_call_fail(c, WEIR_EFORBID, "You do not have access to this share");
	c->project = share.project;
	return WEIR_OK;
}

static weir_err protected(struct weir_call *c, json_object *raw)
{
	weir_err err = WEIR_OK;

	if (weir_jsonr_has(raw, "projectId"))
		err = project(c, raw);
	/* Schemas that allow null there mean "none" (project.list). */
	if (!err && weir_jsonr_get(raw, "organizationId"))
		err = organization(c, raw);
	return err;
}

weir_err weir_call_access(struct weir_call *c, json_object *raw)
{
	bool shared = weir_jsonr_get_text(raw, "shareId").n > 0;
	weir_err err;

	switch (c->procedure->access) {
	case WEIR_ACCESS_public:
	case WEIR_ACCESS_session:
		return WEIR_OK;
	case WEIR_ACCESS_protected:
		return protected(c, raw);
	case WEIR_ACCESS_overview:
		if (shared)
			return overview_share(c, raw);
		break;
	case WEIR_ACCESS_chart:
		if (shared)
			return weir_call_fail(c, WEIR_ENOTIMPL, "Shared reports are not served yet");
		break;
	}
	err = signed_in(c, "Authentication required");
	return err ? err : project(c, raw);
}
