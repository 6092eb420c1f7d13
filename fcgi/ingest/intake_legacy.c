/* POST /event, from before there was /track. */
#include "config.h"
#include "ingest/pass.h"

#include "ingest/answer.h"
#include "ingest/body.h"

enum { ISSUES_MAX = 32 * 1024 };

/* False: the answer has been made. */
static bool fits(struct weir_req *r, const struct weir_body *body)
{
	json_object *properties = weir_jsonr_get(body->json, "properties");

	if (!body->json)
		/* OpenPanel's words, which older SDKs know. */
		weir_answer_error(r, 500, "TypeError", WEIR_TEXT("Cannot use 'in' operator to search for 'properties' in null"));
	else if (!json_object_is_type(body->json, json_type_object))
		weir_answer_error(r, 400, "Error", WEIR_TEXT("body/ Invalid input: expected object"));
	else if (properties && !json_object_is_type(properties, json_type_object))
		weir_answer_error(r, 400, "Error", WEIR_TEXT("body/properties Invalid input: expected record"));
	else
		return true;
	return false;
}

static void serve(struct pass *p, weir_str *issues)
{
	if (pass_event_read_legacy(p, issues) && pass_admit_ingest(p) && pass_bot(p) && pass_take_digest(p))
		pass_event_serve(p);
}

void weir_intake_event(weir_intake *in, struct weir_req *r)
{
	struct weir_body body;
	struct pass p;
	weir_str issues;

	if (!weir_body_read(r, (size_t)in->conf->track_body_max, &body) || !fits(r, &body))
		return;
	pass_look(in, r, body.json, &p);
	p.ask.profile_id = weir_jsonr_get_text(body.json, "profileId");
	p.ask.revenue = weir_jsonr_get(weir_jsonr_get(body.json, "properties"), "__revenue");
	weir_str_init(&issues, ISSUES_MAX);
	serve(&p, &issues);
	weir_str_free(&issues);
}
