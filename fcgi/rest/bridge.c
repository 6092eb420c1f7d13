#include "config.h"
#include "rest/bridge.h"

#include "query/sql.h"
#include "trpc/api.h"
#include "trpc/call.h"

static void drop(void *node)
{
	json_object_put(node);
}

json_object *weir_rest_keep(struct weir_rest_call *c, json_object *node)
{
	return !node || weir_arena_defer(c->meta.mem, drop, node) ? NULL : node;
}

weir_err weir_rest_member(json_object *o, const char *name, json_object *value)
{
	return !o || !value || json_object_object_add(o, name, value) ? WEIR_ENOMEM : WEIR_OK;
}

/* The value stands behind {"json": and before whatever else the envelope has. */
static weir_err run(struct weir_rest_call *c, struct weir_call *call, weir_text *json)
{
	static const char head[] = "{\"json\":";
	size_t n = sizeof(head) - 1;
	struct weir_superjson out;
	weir_str text;
	weir_err err;

	weir_str_init(&text, (size_t)c->meta.conf->api_body_max * 4);
	weir_superjson_init(&out, &text);
	call->out = &out;
	err = call->procedure->run(call);
	if (!err)
		err = weir_str_err(&text);
	if (!err && (text.len <= n || memcmp(text.buf, head, n)))
		err = WEIR_EINTERNAL;
	if (!err)
		*json = weir_text_dup(c->meta.mem, (weir_text){ text.buf + n, text.len - n });
	if (!err && !json->p)
		err = WEIR_ENOMEM;
	weir_superjson_free(&out);
	weir_str_free(&text);
	return err;
}

weir_err weir_rest_procedure(struct weir_rest_call *c, const char *name, json_object *in, weir_text *json)
{
	static const struct weir_viewer nobody = { .user_id = { NULL, 0 } };
	struct weir_api api = { .conf = c->meta.conf, .pg = c->rest->pg, .redis = c->rest->redis, .ch = c->rest->ch };
	struct weir_call call = {
		.api = &api, .req = c->req, .viewer = &nobody, .procedure = weir_procedure_find(weir_text_of(name)), .meta = c->meta,
		.project = c->project, .organization_id = c->organization_id, .level = WEIR_LEVEL_read,
	};
	json_object *issues = NULL;
	weir_err err = call.procedure && in ? WEIR_OK : call.procedure ? WEIR_ENOMEM : WEIR_EINTERNAL;

	if (!err)
		err = weir_rest_member(in, "projectId", json_object_new_string_len(c->project.id.p, (int)c->project.id.n));
	if (!err)
		err = weir_schema_check(c->meta.mem, *call.procedure->schema, in, false, &call.in, &issues);
	if (!err && issues) {
		json_object *first = weir_jsonr_at(issues, 0);

		c->error = "Error";
		return weir_rest_fail(c, WEIR_EBADREQ, json_object_get_string(weir_jsonr_get(first, "message")));
	}
	if (!err)
		err = weir_ask_outgrown(run(c, &call, json), &call.advice);
	if (err && call.message.p)
		c->message = call.message.p;
	else if (err && call.advice)
		c->message = call.advice;
	return err;
}
