/* The fixed forms of answers. */
#include "config.h"
#include "ingest/answer.h"

static void begin(struct weir_req *r, weir_json *j, int status)
{
	r->status = status;
	r->content_type = "application/json; charset=utf-8";
	weir_str_reset(r->out);
	weir_json_init(j, r->out);
	weir_json_obj(j, NULL);
}

static void end(struct weir_req *r, weir_json *j)
{
	weir_json_end(j);
	if (weir_json_done(j) && !r->out->err)
		r->out->err = WEIR_EINTERNAL;
}

void weir_answer_error(struct weir_req *r, int status, const char *error, weir_text message)
{
	weir_json j;

	begin(r, &j, status);
	weir_json_int(&j, "status", status);
	if (error)
		weir_json_strz(&j, "error", error);
	weir_json_str(&j, "message", message);
	end(r, &j);
}

void weir_answer_body_error(struct weir_req *r, int status, const char *message)
{
	weir_answer_error(r, status, "FastifyError", weir_text_of(message));
}

void weir_answer_unauthorized(struct weir_req *r, const char *message)
{
	weir_json j;

	begin(r, &j, 401);
	weir_json_strz(&j, "error", "Unauthorized");
	weir_json_strz(&j, "message", message);
	end(r, &j);
}

void weir_answer_unavailable(struct weir_req *r, const char *message)
{
	weir_answer_error(r, 503, "Service Unavailable", weir_text_of(message));
	weir_req_header(r, "Retry-After", WEIR_TEXT("5"));
}

void weir_answer_ids(struct weir_req *r, weir_text device_id, weir_text session_id, const char *message)
{
	weir_json j;

	begin(r, &j, 200);
	weir_json_str(&j, "deviceId", device_id);
	weir_json_str(&j, "sessionId", session_id);
	if (message)
		weir_json_strz(&j, "message", message);
	end(r, &j);
}

void weir_answer_bot(struct weir_req *r, const char *name, const char *type)
{
	weir_json j;

	begin(r, &j, 202);
	weir_json_obj(&j, "bot");
	weir_json_strz(&j, "name", name);
	weir_json_strz(&j, "type", type);
	weir_json_end(&j);
	end(r, &j);
}

void weir_answer_cors(struct weir_req *r)
{
	weir_req_header(r, "Access-Control-Allow-Origin", WEIR_TEXT("*"));
	weir_req_header(r, "Vary", WEIR_TEXT("Origin"));
}

void weir_answer_preflight(struct weir_req *r)
{
	weir_text origin = weir_req_header_in(r, "origin");
	weir_text method = weir_req_header_in(r, "access-control-request-method");
	weir_text headers = weir_req_header_in(r, "access-control-request-headers");

	if (!origin.n || !method.n) {
		weir_answer_cors(r);
		weir_req_plain(r, 400, "Invalid Preflight Request");
		r->content_type = "text/plain";
		return;
	}
	r->status = 204;
	r->content_type = NULL;
	weir_req_header(r, "Access-Control-Allow-Origin", WEIR_TEXT("*"));
	weir_req_header(r, "Access-Control-Allow-Methods", WEIR_TEXT("GET,HEAD,POST"));
	if (headers.n)
		weir_req_header(r, "Access-Control-Allow-Headers", headers);
	weir_req_header(r, "Access-Control-Max-Age", WEIR_TEXT("604800"));
	weir_req_header(r, "Vary", WEIR_TEXT("Origin, Access-Control-Request-Headers"));
}
