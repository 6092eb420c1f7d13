#include "config.h"
#include "rest/answer.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/jsonr.h"
#include "meta/project.h"
#include "meta/reference.h"

/* /manage/references (spec/ingest.md 9.4). */

#define NO_REFERENCE "Reference not found"
static const weir_text none = { NULL, 0 };

weir_err weir_rest_references(struct weir_rest_call *c)
{
	PGresult *rows;
	weir_err err = weir_reference_all(&c->meta, c->organization_id, weir_req_query(c->req, "projectId"), &rows);

	if (!err)
		weir_rest_rows(c, &weir_record_reference, rows);
	return err;
}

static weir_err own_project(struct weir_rest_call *c, weir_text id, PGresult **rows)
{
	weir_err err = weir_project_get(&c->meta, id, rows);

	if (!err && (!PQntuples(*rows) || !weir_text_eq(weir_pg_text(*rows, 0, WEIR_PROJECT_ORGANIZATION_ID), c->organization_id)))
		return WEIR_ENOTFOUND;
	return err;
}

weir_err weir_rest_reference_create(struct weir_rest_call *c)
{
	struct weir_reference_saved in = { .title = weir_jsonr_get_text(c->in, "title"), .description = weir_jsonr_get_text(c->in, "description") };
	weir_text project_id = weir_jsonr_get_text(c->in, "projectId");
	PGresult *rows;
	weir_err err = own_project(c, project_id, &rows);

	if (err)
		return err == WEIR_ENOTFOUND ? weir_rest_fail(c, err, "Project not found") : err;
	if (weir_clock_parse_js(weir_jsonr_get_text(c->in, "datetime"), &in.date_ms))
		return weir_rest_refuse(c, "datetime", "Invalid date");
	err = weir_reference_create(&c->meta, project_id, &in, &rows);
	return err ? err : weir_rest_first(c, &weir_record_reference, rows, NO_REFERENCE);
}

/* The reference of the path and its project, when that is one of the client's organization. */
static weir_err own(struct weir_rest_call *c, PGresult **rows, PGresult **project)
{
	uint8_t bytes[16];
	weir_err err = weir_uuid_parse(c->params[0], bytes) ? WEIR_ENOTFOUND : weir_reference_get(&c->meta, c->params[0], rows);

	if (!err && !PQntuples(*rows))
		err = WEIR_ENOTFOUND;
	if (!err)
		err = own_project(c, weir_pg_text(*rows, 0, WEIR_REFERENCE_PROJECT_ID), project);
	return err == WEIR_ENOTFOUND ? weir_rest_fail(c, err, NO_REFERENCE) : err;
}

weir_err weir_rest_reference_get(struct weir_rest_call *c)
{
	PGresult *rows, *project;
	weir_err err = own(c, &rows, &project);

	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_obj(&c->json, "data");
	weir_rest_record(c, &weir_record_reference, rows, 0, 0, none);
	weir_json_obj(&c->json, "project");
	weir_rest_record(c, &weir_record_project, project, 0, 0, none);
	for (int i = 0; i < 3; i++)
		weir_json_end(&c->json);
	return WEIR_OK;
}

weir_err weir_rest_reference_update(struct weir_rest_call *c)
{
	weir_text title = weir_jsonr_get_text(c->in, "title"), description = weir_jsonr_get_text(c->in, "description");
	weir_text when = weir_jsonr_get_text(c->in, "datetime");
	struct weir_reference_saved in;
	PGresult *rows, *project;
	weir_err err = own(c, &rows, &project);

	if (err)
		return err;
	in = (struct weir_reference_saved){
		.title = title.n ? title : weir_pg_text(rows, 0, WEIR_REFERENCE_TITLE),
		.description = description.p ? description : weir_pg_text(rows, 0, WEIR_REFERENCE_DESCRIPTION),
		.date_ms = weir_pg_time(rows, 0, WEIR_REFERENCE_DATE),
	};
	if (when.n && weir_clock_parse_js(when, &in.date_ms))
		return weir_rest_refuse(c, "datetime", "Invalid date");
	err = weir_reference_update(&c->meta, c->params[0], &in, &rows);
	return err ? err : weir_rest_first(c, &weir_record_reference, rows, NO_REFERENCE);
}

weir_err weir_rest_reference_delete(struct weir_rest_call *c)
{
	PGresult *rows, *project;
	weir_err err = own(c, &rows, &project);

	if (!err)
		err = weir_reference_delete(&c->meta, c->params[0], &rows);
	if (!err)
		weir_rest_success(c);
	return err;
}
