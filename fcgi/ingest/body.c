/* Bodies, and what is said about bad ones. */
#include "config.h"
#include "ingest/body.h"

#include "ingest/answer.h"

/* "application/json" of "Application/JSON; charset=utf-8". */
static weir_text media_type(const struct weir_req *r)
{
	weir_text type = weir_req_header_in(r, "content-type"), word = { NULL, 0 };

	weir_text_next(&type, ';', &word);
	return word;
}

static bool refuse(struct weir_req *r, weir_err err)
{
	if (err == WEIR_ELIMIT)
		weir_answer_body_error(r, 413, "Request body is too large");
	else if (err == WEIR_EBADREQ)
		weir_answer_body_error(r, 400, "Request body size did not match Content-Length");
	else
		weir_answer_unavailable(r, "Out of memory for a request of this size");
	return false;
}

static void put_tree(void *o)
{
	json_object_put(o);
}

static bool as_string(struct weir_req *r, weir_text text, struct weir_body *body)
{
	body->json = json_object_new_string_len(text.p, (int)text.n);
	if (!body->json || weir_arena_defer(r->mem, put_tree, body->json))
		return refuse(r, WEIR_ENOMEM);
	return true;
}

static bool as_json(struct weir_req *r, weir_text text, struct weir_body *body)
{
	const unsigned flags = WEIR_JSONR_REFUSE_PROTO | WEIR_JSONR_DROP_SURROGATES | WEIR_JSONR_SMALL;
	weir_err err;

	if (!text.n) {
		weir_answer_body_error(r, 400, "Body cannot be empty when content-type is set to 'application/json'");
		return false;
	}
	err = weir_jsonr_parse(r->mem, text, flags, &body->json, NULL);
	if (err == WEIR_EBADREQ)
		weir_answer_body_error(r, 400, "Body is not valid JSON but content-type is set to 'application/json'");
	else if (err)
		refuse(r, err);
	return !err;
}

bool weir_body_text(struct weir_req *r, size_t max, weir_text *text, bool *lines)
{
	weir_text type = media_type(r);
	weir_err err = weir_req_body(r, max, text);

	*lines = weir_text_eq_nocase(type, WEIR_TEXT("application/x-ndjson"));
	if (err)
		return refuse(r, err);
	if (!*lines && !weir_text_eq_nocase(type, WEIR_TEXT("application/json")))
		weir_answer_body_error(r, 415, "Unsupported Media Type");
	else if (!text->n)
		weir_answer_body_error(r, 400, "Body cannot be empty when content-type is set to 'application/json'");
	else
		return true;
	return false;
}

bool weir_body_read(struct weir_req *r, size_t max, struct weir_body *body)
{
	weir_text type = media_type(r), text;
	weir_err err;

	*body = (struct weir_body){ .absent = false };
	err = weir_req_body(r, max, &text);
	if (err)
		return refuse(r, err);
	if (weir_text_eq_nocase(type, WEIR_TEXT("application/json")))
		return as_json(r, text, body);
	if (!text.n) {
		body->absent = true;
		return true;
	}
	if (weir_text_eq_nocase(type, WEIR_TEXT("text/plain")))
		return as_string(r, text, body);
	weir_answer_body_error(r, 415, "Unsupported Media Type");
	return false;
}
