#include "config.h"
#include "rest/answer.h"

#include "base/id.h"
#include "base/jsonr.h"
#include "meta/project.h"

/* /manage/clients (spec/ingest.md 9.4). */

#define NO_CLIENT "Client not found"

/* A project that the caller names must be one of his organization's. */
static weir_err own_project(struct weir_rest_call *c, weir_text id)
{
	PGresult *rows;
	weir_err err;

	if (!id.n)
		return WEIR_OK;
	err = weir_project_get(&c->meta, id, &rows);
	if (!err && (!PQntuples(rows) || !weir_text_eq(weir_pg_text(rows, 0, WEIR_PROJECT_ORGANIZATION_ID), c->organization_id)))
		return weir_rest_fail(c, WEIR_ENOTFOUND, "Project not found");
	return err;
}

weir_err weir_rest_clients(struct weir_rest_call *c)
{
	weir_text project_id = weir_req_query(c->req, "projectId");
	PGresult *rows;
	weir_err err = own_project(c, project_id);

	if (!err)
		err = weir_client_list(&c->meta, c->organization_id, project_id, &rows);
	if (!err)
		weir_rest_rows(c, &weir_record_client, rows);
	return err;
}

weir_err weir_rest_client_create(struct weir_rest_call *c)
{
	struct weir_client_new in = {
		.name = weir_jsonr_get_text(c->in, "name"), .type = weir_jsonr_get_text(c->in, "type"),
		.project_id = weir_jsonr_get_text(c->in, "projectId"), .organization_id = c->organization_id,
	};
	struct weir_client_made made;
	weir_err err = own_project(c, in.project_id);

	if (!err)
		err = weir_client_create(&c->meta, &in, &made);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_obj(&c->json, "data");
	weir_rest_record(c, &weir_record_client, made.rows, 0, 0, made.secret);
	weir_json_end(&c->json);
	weir_json_end(&c->json);
	return WEIR_OK;
}

static weir_err own(struct weir_rest_call *c, PGresult **rows)
{
	uint8_t bytes[16];
	weir_err err = weir_uuid_parse(c->params[0], bytes) ? WEIR_ENOTFOUND : weir_client_get(&c->meta, c->params[0], rows);

	if (!err && (!PQntuples(*rows) || !weir_text_eq(weir_pg_text(*rows, 0, WEIR_CLIENT_ORGANIZATION_ID), c->organization_id)))
		err = WEIR_ENOTFOUND;
	return err == WEIR_ENOTFOUND ? weir_rest_fail(c, err, NO_CLIENT) : err;
}

weir_err weir_rest_client_get(struct weir_rest_call *c)
{
	PGresult *rows;
	weir_err err = own(c, &rows);

	return err ? err : weir_rest_first(c, &weir_record_client, rows, NO_CLIENT);
}

weir_err weir_rest_client_update(struct weir_rest_call *c)
{
	weir_text name = weir_jsonr_get_text(c->in, "name");
	PGresult *rows;
	weir_err err = own(c, &rows);

	if (!err && name.n)
		err = weir_client_rename(&c->meta, c->params[0], name, &rows);
	return err ? err : weir_rest_first(c, &weir_record_client, rows, NO_CLIENT);
}

weir_err weir_rest_client_delete(struct weir_rest_call *c)
{
	PGresult *rows;
	weir_err err = own(c, &rows);

	if (!err)
		err = weir_client_delete(&c->meta, c->params[0], &rows);
	if (!err)
		weir_rest_success(c);
	return err;
}
