#include "config.h"
#include "trpc/call.h"

#include "meta/conversation.h"
#include "trpc/reply.h"

/* conversation.* and chat.* (spec/trpc-metadata.md 4.20). */

#define NO_CONVERSATION "Conversation not found"

weir_err weir_do_conversation_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_conversation_list(&c->meta, c->project.id, c->viewer->user_id, weir_in_int(c, "limit", 50, 1, 200), &rows);

	if (!err)
		weir_reply_rows(c, NULL, &weir_record_conversation, rows);
	return err;
}

weir_err weir_do_conversation_get(struct weir_call *c)
{
	struct weir_conversation all;
	weir_err err = weir_conversation_get(&c->meta, weir_in_text(c, "id"), &all);

	if (err)
		return err;
	if (!PQntuples(all.conversation))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_CONVERSATION);
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_conversation, all.conversation, 0, 0, NULL);
	weir_reply_rows(c, "messages", &weir_record_chat_message, all.messages);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_conversation_rename(struct weir_call *c)
{
	weir_text id = weir_in_text(c, "id");
	PGresult *rows;
	weir_err err;

	if (!id.n)
		return weir_call_refuse(c, "id", NO_CONVERSATION);
	err = weir_conversation_rename(&c->meta, id, c->project.id, c->viewer->user_id, weir_in_text(c, "title"), &rows);
	return err ? err : weir_reply_first(c, &weir_record_conversation, rows, NO_CONVERSATION);
}

weir_err weir_do_conversation_delete(struct weir_call *c)
{
	weir_err err = weir_conversation_delete(&c->meta, weir_in_text(c, "id"));

	if (!err)
		weir_reply_success(c);
	return err;
}

/* There is no assistant here, and the dashboard hides it when no model is told. */
weir_err weir_do_chat_models(struct weir_call *c)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_obj(c->out, "providers");
	weir_sj_bool(c->out, "openai", false);
	weir_sj_bool(c->out, "anthropic", false);
	weir_sj_end(c->out);
	weir_sj_arr(c->out, "models");
	weir_sj_end(c->out);
	weir_sj_null(c->out, "defaultModelId");
	weir_sj_end(c->out);
	return WEIR_OK;
}
