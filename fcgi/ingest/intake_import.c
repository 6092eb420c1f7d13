/* POST /import/events: rows of the table events, as many as the sender likes. */
#include "config.h"
#include "ingest/pass.h"

#include "base/jsonsplit.h"
#include "ingest/answer.h"
#include "ingest/import.h"

enum {
	READ_BYTES = 64 * 1024,
	ROW_MAX = 4 * 1024 * 1024
};

static weir_err add(void *im, size_t index, weir_text element)
{
	return weir_import_add(im, index, element);
}

/* Both counts, and what is wrong with the bad rows; message is left out of a success. */
static void answer(struct weir_req *r, int status, const char *error, const char *message, const struct weir_import_figures *f)
{
	weir_json j;

	weir_str_reset(r->out);
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	if (message) {
		weir_json_int(&j, "status", status);
		weir_json_strz(&j, "error", error);
		weir_json_strz(&j, "message", message);
	}
	weir_json_uint(&j, "imported", f->imported);
	weir_json_uint(&j, "existing", f->existing);
	weir_json_uint(&j, "failed", f->failed);
	weir_json_arr(&j, "errors");
	for (size_t i = 0; i < f->errors; i++) {
		weir_json_obj(&j, NULL);
		weir_json_uint(&j, "index", f->error[i].index);
		weir_json_strz(&j, "reason", f->error[i].why);
		weir_json_end(&j);
	}
	weir_json_end(&j);
	weir_json_uint(&j, "errorsNotShown", f->failed - f->errors);
	weir_json_end(&j);
	r->status = status;
	if (weir_json_done(&j))
		weir_answer_error(r, 500, "Error", WEIR_TEXT("The answer could not be written"));
}

/* From the request into the import, a piece at a time. False: the answer has been made. */
static bool pour(struct weir_req *r, weir_import *im, weir_jsonsplit *split, bool lines)
{
	char *buf = weir_alloc(r->mem, READ_BYTES);
	size_t got = READ_BYTES;
	weir_err err = buf ? WEIR_OK : WEIR_ENOMEM;

	while (!err && got == READ_BYTES) {
		weir_req_meanwhile();
		err = weir_req_body_next(r, buf, READ_BYTES, &got);
		if (err == WEIR_EBADREQ) {
			answer(r, 400, "FastifyError", "Request body size did not match Content-Length", weir_import_figures(im));
			return false;
		}
		if (!err)
			err = weir_jsonsplit_feed(split, (weir_text){ buf, got });
		if (!lines && split->offset && !weir_jsonsplit_is_array(split) && split->state) {
			/* OpenPanel's words, which its importers know. */
			weir_answer_error(r, 500, "TypeError", WEIR_TEXT("request.body.map is not a function"));
			return false;
		}
	}
	if (!err)
		err = weir_jsonsplit_end(split);
	if (!err)
		err = weir_import_end(im);
	if (err == WEIR_EBADREQ)
		answer(r, 400, "FastifyError", "Body is not valid JSON but content-type is set to 'application/json'", weir_import_figures(im));
	else if (err) {
		weir_req_header(r, "Retry-After", WEIR_TEXT("30"));
		answer(r, 503, "Service Unavailable", "The events could not all be stored. What is counted here is; send the same import again later, "
			"nothing will be stored twice", weir_import_figures(im));
	}
	return !err;
}

static bool is_type(const struct weir_req *r, const char *wanted)
{
	weir_text type = weir_req_header_in(r, "content-type"), word = { NULL, 0 };

	weir_text_next(&type, ';', &word);
	return weir_text_eq_nocase(word, weir_text_of(wanted));
}

/* The announced length and the type. False: the answer has been made. */
static bool look_at_body(struct pass *p, bool *lines)
{
	struct weir_req *r = p->r;
	uint64_t length;
	weir_err err = weir_req_body_begin(r, (uint64_t)p->in->conf->track_import_max, &length);

	*lines = is_type(r, "application/x-ndjson");
	if (err == WEIR_ELIMIT)
		weir_answer_body_error(r, 413, "Request body is too large");
	else if (err)
		weir_answer_body_error(r, 400, "Request body size did not match Content-Length");
	else if (!*lines && !is_type(r, "application/json"))
		weir_answer_body_error(r, 415, "Unsupported Media Type");
	else if (!length)
		weir_answer_body_error(r, 400, "Body cannot be empty when content-type is set to 'application/json'");
	else
		return true;
	return false;
}

static void import(struct pass *p, bool lines)
{
	struct weir_fault fault;
	weir_text project = weir_text_dup(p->r->mem, p->verdict.client->project_id);
	weir_import *im = project.p ? weir_import_new(p->in->conf, project, p->r->now_ms, &fault) : NULL;
	weir_jsonsplit split;

	if (!im) {
		pass_unavailable(p->r, WEIR_ENOMEM);
		return;
	}
	weir_import_meanwhile(im, weir_req_meanwhile);
	weir_jsonsplit_init(&split, ROW_MAX, add, im);
	if (pour(p->r, im, &split, lines))
		answer(p->r, 200, NULL, NULL, weir_import_figures(im));
	weir_jsonsplit_free(&split);
	weir_import_free(im);
}

void weir_intake_import(weir_intake *in, struct weir_req *r)
{
	struct pass p;
	bool lines;

	pass_look(in, r, NULL, &p);
	p.ask.client_id = p.header_client_id;
	p.ask.secret = weir_req_header_in(r, "openpanel-client-secret");
	if (!pass_admit(&p, weir_auth_import)) {
		if (p.verdict.refusal)
			weir_answer_unauthorized(r, p.verdict.refusal);
		return;
	}
	if (!p.verdict.client->project_id.n)
		weir_answer_error(r, 400, NULL, WEIR_TEXT("The client belongs to no project"));
	else if (look_at_body(&p, &lines))
		import(&p, lines);
}
