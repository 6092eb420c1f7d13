#include "config.h"
#include "trpc/api.h"

#include "link/no_route.h"
#include "query/sql.h"
#include "trpc/cors.h"
#include "trpc/jsfault.h"
#include "trpc/kept.h"
#include "trpc/reply.h"
#include "trpc/rate.h"

#include <stdio.h>

enum {
	CALLS_MAX = 100,                  /* calls of one batch */
	ANSWER_MAX = 64 * 1024 * 1024
};

/* The input of the request, parsed when the first call asks for it. */
struct inputs {
	bool read;
	weir_err err;
	weir_text message;
	json_object *root;             /* what input= or the body holds */
	bool given;
};

struct rpc {
	struct weir_api *api;
	struct weir_req *req;
	struct weir_viewer viewer;
	weir_err viewer_err;
	struct inputs inputs;
	struct weir_ahead ahead;
	bool batch;
	int status;                    /* of all calls; 0: none yet, 207: they differ */
};

/* ------------------------------------------------------------ answers without a call */

static void plain_error(struct rpc *p, weir_err err, weir_text message)
{
	p->req->status = weir_err_status(err);
	p->req->content_type = "text/plain;charset=UTF-8";
	weir_reply_error(p->req->out, err, message, (weir_text){ NULL, 0 }, NULL);
}

static void framework_error(struct weir_req *r, int status, const char *code, const char *message)
{
	weir_json j;

	r->status = status;
	r->content_type = "application/json; charset=utf-8";
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_int(&j, "status", status);
	weir_json_strz(&j, "error", "FastifyError");
	weir_json_strz(&j, "code", code);
	weir_json_strz(&j, "message", message);
	weir_json_end(&j);
}

/* ------------------------------------------------------------ input */

static weir_err input_fault(struct inputs *in, weir_err err, const char *message)
{
	in->message = weir_text_of(message);
	return in->err = err;
}

static weir_err read_inputs(struct rpc *p)
{
	struct inputs *in = &p->inputs;
	weir_text text;

	if (in->read)
		return in->err;
	in->read = true;
	if (weir_text_is(p->req->method, "GET")) {
		text = weir_req_query(p->req, "input");
		if (!text.n)
			return WEIR_OK;
	} else {
		in->err = weir_req_body(p->req, (size_t)p->api->conf->api_body_max, &text);
		if (in->err)
			return in->err;
	}
	in->given = true;
	in->err = weir_jsonr_parse(p->req->mem, text, 0, &in->root, NULL);
	if (in->err == WEIR_EBADREQ && weir_js_fault(p->req->mem, text, &in->message))
		return in->err = WEIR_ENOMEM;
	if (!in->err && p->batch && !json_object_is_type(in->root, json_type_object))
		return input_fault(in, WEIR_EBADREQ, "\"input\" needs to be an object when doing a batch call");
	return in->err;
}

/* The raw input of call number index. */
static weir_err raw_input(struct rpc *p, struct weir_call *c, size_t index, json_object **raw, bool *absent)
{
	json_object *envelope;
	char key[24];
	int n;
	weir_err err = read_inputs(p);

	*raw = NULL;
	*absent = true;
	if (err) {
		c->message = p->inputs.message;
		return err;
	}
	if (!p->inputs.given)
		return WEIR_OK;
	envelope = p->inputs.root;
	if (p->batch) {
		n = snprintf(key, sizeof(key), "%zu", index);
		if (n < 0 || !json_object_object_get_ex(p->inputs.root, key, &envelope))
			return WEIR_OK;
	}
	if (!envelope)
		return weir_call_fail(c, WEIR_EBADREQ, "Cannot read properties of null (reading 'json')");
	return weir_superjson_read(p->req->mem, envelope, raw, absent);
}

/* ------------------------------------------------------------ one call */

static weir_err check_method(struct weir_call *c)
{
	bool query = c->procedure->kind == WEIR_CALL_query;
	weir_str text;
	weir_text kept;

	if (weir_text_is(c->req->method, query ? "GET" : "POST"))
		return WEIR_OK;
	weir_str_init(&text, 1024);
	weir_str_puts(&text, "Unsupported ");
	weir_str_text(&text, c->req->method);
	weir_str_puts(&text, query ? "-request to query procedure at path \"" : "-request to mutation procedure at path \"");
	weir_str_puts(&text, c->procedure->name);
	weir_str_puts(&text, "\"");
	kept = weir_text_dup(c->meta.mem, weir_str_view(&text));
	weir_str_free(&text);
	c->message = kept;
	return WEIR_EMETHOD;
}

static weir_err check_session(struct rpc *p, struct weir_call *c)
{
	if (p->viewer_err)
		return p->viewer_err;
	if (c->procedure->access != WEIR_ACCESS_protected && c->procedure->access != WEIR_ACCESS_session)
		return WEIR_OK;
	return p->viewer.user_id.p ? WEIR_OK : weir_call_fail(c, WEIR_EUNAUTH, "Not authenticated");
}

static weir_err check_demo(struct rpc *p, struct weir_call *c)
{
	if (p->viewer.demo && c->procedure->kind == WEIR_CALL_mutation && c->procedure->access != WEIR_ACCESS_public)
		return weir_call_fail(c, WEIR_EFORBID, "You are not allowed to do this in demo mode");
	return WEIR_OK;
}

static weir_err check_schema(struct weir_call *c, json_object *raw, bool absent)
{
	weir_err err;

	if (!*c->procedure->schema)
		return WEIR_OK;
	err = weir_schema_check(c->meta.mem, *c->procedure->schema, raw, absent, &c->in, &c->issues);
	return err ? err : c->issues ? WEIR_EBADREQ : WEIR_OK;
}

/* The order of the checks is part of the interface (spec/trpc-metadata.md 1.3). */
static weir_err check_call(struct rpc *p, struct weir_call *c, size_t index)
{
	json_object *raw;
	bool absent;
	weir_err err = check_method(c);

	if (!err)
		err = check_session(p, c);
	if (!err)
		err = raw_input(p, c, index, &raw, &absent);
	if (!err)
		err = check_demo(p, c);
	if (!err)
		err = weir_call_access(c, raw);
	if (!err && !c->procedure->rate->late)
		err = weir_rate_check(c);
	if (!err)
		err = check_schema(c, raw, absent);
	if (!err && c->procedure->rate->late)
		err = weir_rate_check(c);
	if (!err)
		err = weir_call_need(c);
	return err;
}

/* The answer in value; what is kept for the next caller is looked for only after all checks. */
static weir_err run_call(struct rpc *p, struct weir_call *c, size_t index, weir_str *value)
{
	struct weir_kept kept = { .asked = false };
	weir_text answer = { NULL, 0 };
	weir_err err = check_call(p, c, index);

	if (!err)
		err = weir_kept_ask(&kept, c, &answer);
	if (err)
		return err;
	if (answer.p) {
		weir_str_reset(value);
		weir_str_text(value, answer);
		return weir_str_err(value);
	}
	err = c->procedure->run(c);
	if (!err)
		err = weir_superjson_done(c->out);
	weir_kept_done(&kept, err ? answer : weir_str_view(value));
	return err;
}

static weir_text no_procedure(weir_arena *mem, weir_text name)
{
	weir_str text;
	weir_text kept;

	weir_str_init(&text, 64 * 1024);
	weir_str_puts(&text, "No procedure found on path \"");
	weir_str_text(&text, name);
	weir_str_puts(&text, "\"");
	kept = weir_text_dup(mem, weir_str_view(&text));
	weir_str_free(&text);
	return kept;
}

static void note_status(struct rpc *p, weir_err err)
{
	int status = weir_err_status(err);

	p->status = !p->status || p->status == status ? status : 207;
}

static void answer_call(struct rpc *p, weir_text name, size_t index)
{
	struct weir_superjson out;
	struct weir_call c = {
		.api = p->api, .req = p->req, .viewer = &p->viewer, .procedure = weir_procedure_find(name), .out = &out,
		.meta = { p->api->pg, p->api->redis, p->api->conf, p->req->mem, p->req->now_ms, &p->ahead },
	};
	weir_str value;
	weir_err err;

	weir_str_init(&value, ANSWER_MAX);
	weir_superjson_init(&out, &value);
	if (c.procedure) {
		err = run_call(p, &c, index, &value);
	} else {
		err = WEIR_ENOTFOUND;
		c.message = no_procedure(p->req->mem, name);
	}
	if (c.procedure && c.procedure->kind == WEIR_CALL_query)
		err = weir_ask_outgrown(err, &c.advice);
	note_status(p, err);
	if (err && !c.message.p && c.advice)
		c.message = weir_text_of(c.advice);
	if (err) {
		weir_reply_error(p->req->out, err, c.message, name, c.issues);
	} else {
		weir_str_puts(p->req->out, "{\"result\":{\"data\":");
		weir_str_text(p->req->out, weir_str_view(&value));
		weir_str_puts(p->req->out, "}}");
	}
	weir_superjson_free(&out);
	weir_str_free(&value);
}

/* ------------------------------------------------------------ the request */

/* Queries and mutations cannot share a batch; *mixed gets the sentence. */
static bool is_mixed(const weir_text *names, size_t count, const char **mixed)
{
	int first = -1;

	for (size_t i = 0; i < count; i++) {
		const struct weir_procedure *proc = weir_procedure_find(names[i]);

		if (!proc || first == (int)proc->kind)
			continue;
		if (first >= 0) {
			*mixed = first == WEIR_CALL_query ? "Cannot mix procedure types in call: query, mutation"
				: "Cannot mix procedure types in call: mutation, query";
			return true;
		}
		first = (int)proc->kind;
	}
	return false;
}

static size_t split(struct rpc *p, weir_text path, weir_text *names)
{
	size_t count = 0;

	if (!p->batch) {
		names[0] = path;
		return 1;
	}
	for (size_t from = 0, i = 0; i <= path.n; i++)
		if (i == path.n || path.p[i] == ',') {
			if (count == CALLS_MAX)
				return 0;
			names[count++] = (weir_text){ path.p + from, i - from };
			from = i + 1;
		}
	return count;
}

/* The questions of access that a lone call will ask, by its input as it lies there. */
static void look_ahead(struct rpc *p, weir_text name)
{
	const struct weir_procedure *proc = weir_procedure_find(name);
	json_object *raw;

	if (!proc || proc->access == WEIR_ACCESS_public || proc->access == WEIR_ACCESS_session || read_inputs(p) || !p->inputs.given)
		return; /* what is wrong with the input is said when its turn has come */
	raw = weir_jsonr_get(p->inputs.root, "json");
	weir_ahead_add(&p->ahead, WEIR_ENTITY_project, weir_jsonr_get_text(raw, "projectId"));
	if (proc->access != WEIR_ACCESS_protected)
		return;
	weir_ahead_add(&p->ahead, WEIR_ENTITY_organization, weir_jsonr_get_text(raw, "organizationId"));
	if (proc->entity != WEIR_ENTITY_none)
		weir_ahead_add(&p->ahead, proc->entity, weir_jsonr_get_text(raw, proc->member));
}

/* True when the request's content type lets it through; else the answer is written. */
static bool content_type_ok(struct rpc *p)
{
	struct weir_req *r = p->req;
	weir_text type = weir_req_header_in(r, "content-type");
	weir_str text;

	if (weir_text_starts(type, "application/json") || weir_text_is(r->method, "GET"))
		return true;
	if (!type.n) {
		plain_error(p, WEIR_EMEDIA, WEIR_TEXT("Missing content-type header"));
		return false;
	}
	if (!weir_text_starts(type, "text/plain")) {
		framework_error(r, 415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", "Unsupported Media Type");
		return false;
	}
	weir_str_init(&text, 8192);
	weir_str_puts(&text, "Unsupported content-type \"");
	weir_str_text(&text, type);
	plain_error(p, WEIR_EMEDIA, weir_str_view(&text));
	weir_str_free(&text);
	return false;
}

static bool wants_stream(const struct weir_req *r)
{
	weir_text accept = weir_req_header_in(r, "trpc-accept");

	if (!accept.n)
		accept = weir_req_header_in(r, "accept");
	return weir_text_is(accept, "application/jsonl");
}

static void answer_batch(struct rpc *p, const struct weir_meta *meta, const weir_text *names, size_t count)
{
	p->viewer_err = weir_session_resolve(meta, weir_req_cookie(p->req, "session"), &p->viewer);
	weir_str_putc(p->req->out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			weir_str_putc(p->req->out, ',');
		answer_call(p, names[i], i);
	}
	weir_str_putc(p->req->out, ']');
}

static void prove(void *meta)
{
	weir_session_prove(meta);
}

/*
 * A question of somebody who was let in a moment ago is worked on while PostgreSQL says whether he still is; when that is
 * not so, or anything else about him has changed, it was in vain, and all begins anew.
 */
static void answer_one(struct rpc *p, struct weir_meta *meta, weir_text name)
{
	const struct weir_procedure *proc = weir_procedure_find(name);
	const struct weir_ch_aside aside = { prove, meta };
	bool same = true;

	look_ahead(p, name);
	p->ahead.recent = proc && proc->kind == WEIR_CALL_query ? p->api->recent : NULL;
	p->viewer_err = weir_session_resolve(meta, weir_req_cookie(p->req, "session"), &p->viewer);
	/* ClickHouse comes first: it has more to do. */
	weir_ch_beside(p->api->ch, p->ahead.unproven ? &aside : NULL);
	answer_call(p, name, 0);
	weir_ch_beside(p->api->ch, NULL);
	if (p->ahead.unproven)
		p->viewer_err = weir_session_proven(meta, &same);
	if (same)
		return;
	weir_str_reset(p->req->out);
	p->inputs = (struct inputs){ .read = false };
	p->ahead = (struct weir_ahead){ .recent = NULL };
	p->viewer = (struct weir_viewer){ .demo = false };
	p->status = 0;
	if (!p->viewer_err) {
		look_ahead(p, name);
		p->viewer_err = weir_session_resolve(meta, weir_req_cookie(p->req, "session"), &p->viewer);
	}
	answer_call(p, name, 0);
}

static void answer(struct rpc *p, weir_text path)
{
	struct weir_req *r = p->req;
	weir_text names[CALLS_MAX];
	const char *mixed = NULL;
	size_t count;

	p->batch = weir_text_is(weir_req_query(r, "batch"), "1");
	count = split(p, path, names);
	if (!count)
		plain_error(p, WEIR_EBADREQ, WEIR_TEXT("Batch call exceeds maximum size"));
	else if (is_mixed(names, count, &mixed))
		plain_error(p, WEIR_EBADREQ, weir_text_of(mixed));
	else if (!p->batch && wants_stream(r))
		plain_error(p, WEIR_EBADREQ, WEIR_TEXT("Streaming requests must be batched (you can do a batch of 1)"));
	else {
		struct weir_meta meta = { p->api->pg, p->api->redis, p->api->conf, r->mem, r->now_ms, &p->ahead };

		r->content_type = "application/json";
		if (p->batch)
			answer_batch(p, &meta, names, count);
		else
			answer_one(p, &meta, names[0]);
		r->status = p->status;
	}
}

void weir_trpc_serve(struct weir_api *api, struct weir_req *r)
{
	struct rpc p = { .api = api, .req = r };
	size_t prefix = sizeof("/trpc/") - 1;

	if (weir_cors(api->conf, r))
		return;
	if (r->path.n < prefix) {
		weir_req_no_route(r);
		return;
	}
	weir_req_header(r, "Vary", WEIR_TEXT("trpc-accept, accept"));
	if (weir_text_is(r->method, "HEAD")) {
		r->status = 204;
		r->content_type = NULL;
		return;
	}
	if (content_type_ok(&p))
		answer(&p, (weir_text){ r->path.p + prefix, r->path.n - prefix });
}
