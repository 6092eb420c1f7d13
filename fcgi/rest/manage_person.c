#include "config.h"
#include "rest/answer.h"

#include "ingest/persons.h"
#include "ingest/turn.h"
#include "meta/project.h"

/* /manage/projects/{projectId}/profiles/{profileId}: everything about one person, told or erased. */

/* The person of the path, when the project is one of the client's organization. */
static weir_err person_of(struct weir_rest_call *c, struct weir_person *person)
{
	PGresult *rows;
	weir_err err = weir_project_get(&c->meta, c->params[0], &rows);

	*person = (struct weir_person){ c->params[0], c->params[1], c->meta.now_ms };
	if (!err && (!PQntuples(rows) || !weir_text_eq(weir_pg_text(rows, 0, WEIR_PROJECT_ORGANIZATION_ID), c->organization_id)))
		return weir_rest_fail(c, WEIR_ENOTFOUND, "Project not found");
	return err;
}

/* {"table": ..., "row": {...}}, one to a line. */
static weir_err put_lines(void *ctx, const char *table, weir_text lines)
{
	struct weir_rest_call *c = ctx;
	weir_text line;

	c->req->content_type = "application/x-ndjson; charset=utf-8";
	while (weir_text_next(&lines, '\n', &line)) {
		weir_json j;

		if (!line.n)
			continue;
		weir_json_init(&j, c->req->out);
		weir_json_obj(&j, NULL);
		weir_json_strz(&j, "table", table);
		weir_json_raw(&j, "row", line);
		weir_json_end(&j);
		weir_str_putc(c->req->out, '\n');
	}
	return weir_req_flush(c->req);
}

weir_err weir_rest_person_export(struct weir_rest_call *c)
{
	struct weir_person person;
	struct weir_ask ask;
	uint64_t rows;
	weir_err err = person_of(c, &person);

	if (err)
		return err;
	ask = weir_rest_ask(c);
	err = weir_person_tell(c->rest->ch, c->meta.conf, &person, put_lines, c, &rows);
	if (err && !weir_req_begun(c->req))
		c->req->content_type = "application/json; charset=utf-8";
	if (err)
		return weir_sql_verdict(&ask, err);
	return rows ? WEIR_OK : weir_rest_fail(c, WEIR_ENOTFOUND, "Profile not found");
}

/* The worker does it: a large table takes its time. */
weir_err weir_rest_person_erase(struct weir_rest_call *c)
{
	struct weir_person person;
	weir_err err = person_of(c, &person);

	if (!err)
		err = weir_person_remember(c->meta.redis, c->meta.conf, &person);
	if (!err)
		err = weir_turn_hurry(c->meta.redis, c->meta.conf, WEIR_TURN_erasure);
	if (err)
		return err;
	c->req->status = 202;
	weir_rest_success(c);
	return WEIR_OK;
}
