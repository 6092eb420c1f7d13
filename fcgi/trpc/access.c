#include "config.h"
#include "trpc/share.h"
#include "trpc/shared_report.h"

/* The one place that decides whether a call may go on (spec/trpc-metadata.md 3). */

static weir_err signed_in(struct weir_call *c, const char *message)
{
	return c->viewer->user_id.p ? WEIR_OK : weir_call_fail(c, WEIR_EUNAUTH, message);
}

static const struct weir_need needs[WEIR_NEED_COUNT] = {
#define X(name, least, is_admin, is_bound, text) { .level = least, .admin = is_admin, .bound = is_bound, .refused = text },
	WEIR_NEEDS(X)
#undef X
};

/*
 * Notes what the caller may do in a thing that the input names: the project
 * of the first one counts, of the levels the least.
 */
static void note(struct weir_call *c, const struct weir_access *a)
{
	if (!c->organization_id.p || a->level < c->level)
		c->level = a->level;
	if (!c->project.id.p)
		c->project = a->project;
	c->organization_id = a->project.organization_id;
	c->role = a->role;
}

/* A thing of the kind must be his, else he is told message. */
static weir_err allowed(struct weir_call *c, enum weir_entity_kind kind, weir_text id, const char *message, struct weir_access *a)
{
	weir_err err = weir_access_to(&c->meta, c->viewer->user_id, kind, id, a);

	if (err)
		return err;
	if (a->level == WEIR_LEVEL_none)
		return weir_call_fail(c, WEIR_EFORBID, message);
	note(c, a);
	return WEIR_OK;
}

static weir_err project(struct weir_call *c, json_object *raw)
{
	struct weir_access a;

	return allowed(c, WEIR_ENTITY_project, weir_jsonr_get_text(raw, "projectId"), WEIR_NO_PROJECT, &a);
}

static weir_err organization(struct weir_call *c, json_object *raw)
{
	struct weir_access a;
	weir_text of_project = c->organization_id;
	weir_err err = allowed(c, WEIR_ENTITY_organization, weir_jsonr_get_text(raw, "organizationId"),
		"You do not have access to this organization", &a);

	if (!err && of_project.p && !weir_text_eq(of_project, a.project.organization_id))
		return weir_call_fail(c, WEIR_EFORBID, "The project belongs to another organization");
	return err;
}

/* Whether the thing is elsewhere than in the project or organization that the same input names. */
static bool elsewhere(const struct weir_call *c, const struct weir_access *a)
{
	if (c->project.id.p && a->project.id.p)
		return !weir_text_eq(c->project.id, a->project.id);
	return c->organization_id.p && !weir_text_eq(c->organization_id, a->project.organization_id);
}

/* The entity of the row.  One that belongs elsewhere is as good as none. */
static weir_err entity(struct weir_call *c)
{
	const struct weir_procedure *p = c->procedure;
	const struct weir_entity *e = &weir_entities[p->entity];
	weir_text id = weir_jsonr_get_text(c->in, p->member);
	struct weir_access a;
	weir_err err;

	if (!id.p && p->optional)
		return WEIR_OK;
	err = weir_access_to(&c->meta, c->viewer->user_id, p->entity, id, &a);
	if (err)
		return err;
	if (!a.found || (!e->moves && elsewhere(c, &a)))
		return e->missing ? weir_call_fail(c, WEIR_ENOTFOUND, e->missing) : weir_call_fail(c, WEIR_EFORBID, e->refused);
	if (a.level == WEIR_LEVEL_none)
		return weir_call_fail(c, WEIR_EFORBID, e->refused);
	note(c, &a);
	return WEIR_OK;
}

weir_err weir_call_need(struct weir_call *c)
{
	const struct weir_need *need = &needs[c->procedure->need];
	weir_err err = c->procedure->entity == WEIR_ENTITY_none ? WEIR_OK : entity(c);
	bool enough;

	if (err)
		return err;
	if (!c->organization_id.p) /* about the caller himself, or about an organization that is yet to be made */
		enough = !need->bound;
	else
		enough = need->admin ? weir_text_is(c->role, "org:admin") : c->level >= need->level;
	return enough ? WEIR_OK : weir_call_fail(c, WEIR_EFORBID, need->refused);
}

/* What a visitor of the share may look at: its project, and no more than look. */
static weir_err enter(struct weir_call *c, const struct weir_share *share)
{
	bool admits;
	weir_err err = weir_share_admits(c, share, &admits);

	if (err)
		return err;
	if (!admits)
		return weir_call_fail(c, WEIR_EFORBID, "You do not have access to this share");
	c->project = share->project;
	c->organization_id = share->project.organization_id;
	c->level = WEIR_LEVEL_read;
	return WEIR_OK;
}

static weir_err overview_share(struct weir_call *c, json_object *raw)
{
	struct weir_share share;
	weir_err err = weir_share_get(&c->meta, WEIR_SHARE_overview, weir_jsonr_get_text(raw, "shareId"), &share);

	if (err)
		return err;
	if (!share.found || !share.open)
		return weir_call_fail(c, WEIR_EFORBID, "Share not found or not public");
	if (!weir_text_eq(share.project.id, weir_jsonr_get_text(raw, "projectId")))
		return weir_call_fail(c, WEIR_EFORBID, "Project ID mismatch");
	return enter(c, &share);
}

static weir_err chart_share(struct weir_call *c, json_object *raw)
{
	struct weir_share share;
	weir_err err;

	if (!weir_jsonr_get_text(raw, "id").n)
		return weir_call_fail(c, WEIR_EBADREQ, "reportId required with shareId");
	err = weir_shared_report(c, raw, &share);
	if (err)
		return err;
	if (!share.found || !share.open)
		return weir_call_fail(c, WEIR_EFORBID, "Share not found or not public");
	return enter(c, &share);
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
			return chart_share(c, raw);
		break;
	}
	err = signed_in(c, "Authentication required");
	return err ? err : project(c, raw);
}
