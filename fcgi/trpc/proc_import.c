#include "config.h"
#include "trpc/call.h"

#include "meta/import.h"
#include "meta/insight.h"
#include "meta/organization.h"
#include "meta/project.h"
#include "trpc/reply.h"

/* import.* and insight.* (spec/trpc-metadata.md 4.13, 4.19). */

#define NO_IMPORT "Import not found"

weir_err weir_do_import_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_import_list(&c->meta, c->project.id, &rows);

	if (!err)
		weir_reply_rows(c, NULL, &weir_record_import, rows);
	return err;
}

weir_err weir_do_import_get(struct weir_call *c)
{
	PGresult *rows, *project;
	weir_err err = weir_import_get(&c->meta, weir_in_text(c, "id"), &rows);

	if (!err)
		err = weir_project_get(&c->meta, c->project.id, &project);
	if (err)
		return err;
	if (!PQntuples(rows) || !PQntuples(project))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_IMPORT);
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_import, rows, 0, 0, NULL);
	weir_reply_row(c, "project", &weir_record_project, project, 0, 0);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err check_paid(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_organization_get(&c->meta, c->organization_id, &rows);

	if (err)
		return err;
	if (!PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, "Could not start import, organization not found");
	if (!weir_reply_is_active(c, rows, 0))
		return weir_call_fail(c, WEIR_EBADREQ, "You cannot start an import without an active subscription!");
	return WEIR_OK;
}

/* The projects that rows go to: he must be allowed to import there as well. */
static weir_err check_targets(struct weir_call *c)
{
	json_object *mapper = weir_jsonr_get(weir_jsonr_get(c->in, "config"), "projectMapper");

	for (size_t i = 0; i < weir_jsonr_count(mapper); i++) {
		weir_text to = weir_jsonr_get_text(weir_jsonr_at(mapper, i), "to");
		struct weir_access a = { .level = c->level, .project.organization_id = c->organization_id };
		weir_err err = weir_text_eq(to, c->project.id) ? WEIR_OK : weir_access_to(&c->meta, c->viewer->user_id, WEIR_ENTITY_project, to, &a);

		if (err)
			return err;
		if (a.level < WEIR_LEVEL_write || !weir_text_eq(a.project.organization_id, c->organization_id))
			return weir_call_fail(c, WEIR_EFORBID, "You do not have permission to create imports for this project");
	}
	return WEIR_OK;
}

weir_err weir_do_import_create(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = c->meta.conf->api_self_hosted ? WEIR_OK : check_paid(c);

	if (!err)
		err = check_targets(c);

	if (!err)
		err = weir_import_create(&c->meta, c->project.id, weir_in_json(c, weir_jsonr_get(c->in, "config")), &rows);
	return err ? err : weir_reply_first(c, &weir_record_import, rows, NO_IMPORT);
}

weir_err weir_do_import_delete(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_import_delete(&c->meta, weir_in_text(c, "id"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_import, rows, NO_IMPORT);
}

weir_err weir_do_import_retry(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_import_retry(&c->meta, weir_in_text(c, "id"), &rows);

	if (!err && !PQntuples(rows))
		return weir_call_fail(c, WEIR_EBADREQ, "Only failed imports can be retried");
	return err ? err : weir_reply_first(c, &weir_record_import, rows, NO_IMPORT);
}

/* ------------------------------------------------------------ insights */

weir_err weir_do_insight_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_insight_list(&c->meta, c->project.id, weir_in_int(c, "limit", 50, 1, 100), &rows);

	if (!err)
		weir_reply_rows(c, NULL, &weir_record_insight_brief, rows);
	return err;
}

weir_err weir_do_insight_list_all(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_insight_list_all(&c->meta, c->project.id, weir_in_int(c, "limit", 200, 1, 500), &rows);

	if (!err)
		weir_reply_rows(c, NULL, &weir_record_insight, rows);
	return err;
}

weir_err weir_do_insight_explain(struct weir_call *c)
{
	return weir_call_fail(c, WEIR_EINTERNAL, "Explanations are written by a language model, and this server has none");
}

weir_err weir_do_overview_run_filter_command(struct weir_call *c)
{
	return weir_call_fail(c, WEIR_ENOTIMPL, "Sentences are turned into filters by a language model, and this server has none");
}
