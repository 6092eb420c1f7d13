/* Robots are answered in their own way, and what they asked for is kept apart from events (spec/ingest.md 3.3). */
#include "config.h"
#include "ingest/pass.h"

#include "base/id.h"
#include "ingest/answer.h"
#include "ingest/botrow.h"

/* The properties of an event: of type track, or in the form before there were types; NULL for anything else. */
static json_object *properties_of(json_object *body)
{
	if (!weir_jsonr_has(body, "type"))
		return weir_jsonr_get(body, "name") ? weir_jsonr_get(body, "properties") : NULL;
	if (!weir_text_is(weir_jsonr_get_text(body, "type"), "track"))
		return NULL;
	return weir_jsonr_get(weir_jsonr_get(body, "payload"), "properties");
}

/* The page that was asked for; {NULL, 0} when the body names none. */
static weir_text page_of(json_object *body)
{
	static const char *const names[] = { "__path", "path" };
	json_object *properties = properties_of(body);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_object *path = weir_jsonr_get(properties, names[i]);

		if (!weir_jsonr_truthy(path))
			continue;
		if (weir_jsonr_text(path).p)
			return weir_jsonr_text(path);
		return weir_text_of(json_object_to_json_string_ext(path, JSON_C_TO_STRING_PLAIN));
	}
	return (weir_text){ NULL, 0 };
}

/* False: the answer has been made. */
static bool keep(struct pass *p, const struct weir_bot *bot, weir_text page)
{
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };
	struct weir_bot_row row = { .name = weir_text_of(bot->name), .type = weir_text_of(bot->type), .path = page,
		.created_at = p->r->now_ms - p->r->now_ms % 1000 };
	weir_err err = WEIR_OK;

	weir_uuid_new(row.id);
	for (int i = 0; i < PASS_ATTEMPTS && !err && receipt.what == WEIR_DELIVERED_STALE; i++) {
		if (!pass_renew(p, i))
			return false;
		row.project_id = p->verdict.client->project_id;
		weir_str_reset(&p->in->event);
		weir_bot_row_pack(&row, &p->in->event);
		err = weir_str_err(&p->in->event);
		if (!err)
			err = weir_deliver_row(p->in->deliverer, p->r->mem, row.project_id, 't', weir_str_view(&p->in->event), p->r->now_ms, &receipt);
	}
	return pass_kept(p, err, &receipt);
}

bool pass_bot(struct pass *p)
{
	const struct weir_bot *bot;
	weir_text page;

	if (p->verdict.secret_ok || p->ua_absent || !(bot = weir_bot_of(p->in->bots, p->ua, p->r->now_ms)))
		return true;
	page = page_of(p->body);
	if (!page.n || keep(p, bot, page))
		weir_answer_bot(p->r, bot->name, bot->type);
	return false;
}
