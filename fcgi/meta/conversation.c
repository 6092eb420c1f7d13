#include "config.h"
#include "meta/conversation.h"

#include "meta/record.h"

weir_err weir_conversation_list(const struct weir_meta *m, weir_text project_id, weir_text user_id, int64_t limit, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_CONVERSATION " FROM \"conversations\" t WHERE t.\"projectId\" = $1 AND t.\"userId\" = $2"
		" ORDER BY t.\"updatedAt\" DESC, t.\"id\" LIMIT $3";
	weir_text params[3] = { project_id, user_id, weir_pg_int_param(m->mem, limit) };

	return weir_meta_run(m, rows, sql, 3, params);
}

weir_err weir_conversation_get(const struct weir_meta *m, weir_text id, struct weir_conversation *out)
{
	struct weir_pg_ask asks[] = {
		{ "SELECT " WEIR_COLUMNS_CONVERSATION " FROM \"conversations\" t WHERE t.\"id\" = $1", 1, &id, NULL },
		{ "SELECT " WEIR_COLUMNS_CHAT_MESSAGE " FROM \"chat_messages\" t WHERE t.\"conversationId\" = $1 ORDER BY t.\"createdAt\", t.\"id\"", 1,
			&id, NULL },
	};
	weir_err err = weir_pg_pipe(m->pg, m->mem, asks, sizeof(asks) / sizeof(*asks));

	*out = (struct weir_conversation){ asks[0].res, asks[1].res };
	return err;
}

weir_err weir_conversation_rename(const struct weir_meta *m, weir_text id, weir_text project_id, weir_text user_id, weir_text title,
	PGresult **rows)
{
	static const char sql[] =
		"INSERT INTO \"conversations\" AS t (\"id\", \"projectId\", \"organizationId\", \"userId\", \"title\", \"createdAt\", \"updatedAt\")"
		" SELECT $1, p.\"id\", p.\"organizationId\", $3, $4, $5, $5 FROM \"projects\" p WHERE p.\"id\" = $2"
		" ON CONFLICT (\"id\") DO UPDATE SET \"title\" = $4, \"updatedAt\" = $5 WHERE t.\"userId\" = $3 AND t.\"projectId\" = $2"
		" RETURNING " WEIR_COLUMNS_CONVERSATION;
	weir_text params[5] = { id, project_id, user_id, title, weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 5, params);
}

weir_err weir_conversation_delete(const struct weir_meta *m, weir_text id)
{
	PGresult *res;

	return weir_meta_run(m, &res, "DELETE FROM \"conversations\" WHERE \"id\" = $1", 1, &id);
}
