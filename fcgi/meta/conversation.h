#ifndef WEIR_META_CONVERSATION_H
#define WEIR_META_CONVERSATION_H
#include "meta/meta.h"
/* What people have talked about with the assistant (spec/trpc-metadata.md 4.20). A conversation is its user's alone. */

/* Rows of record conversation of a user in a project, last changed first. */
WEIR_MUSTCHECK weir_err weir_conversation_list(const struct weir_meta *m, weir_text project_id, weir_text user_id, int64_t limit, PGresult **rows);
struct weir_conversation {
	PGresult *conversation;        /* one row of record conversation, or none */
	PGresult *messages;            /* rows of record chat_message, oldest first */
};
WEIR_MUSTCHECK weir_err weir_conversation_get(const struct weir_meta *m, weir_text id, struct weir_conversation *out);
/* Gives it a title, and makes it when there is none of that id. None when the id is somebody else's or of another project. */
WEIR_MUSTCHECK weir_err weir_conversation_rename(const struct weir_meta *m, weir_text id, weir_text project_id, weir_text user_id,
	weir_text title, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_conversation_delete(const struct weir_meta *m, weir_text id);
#endif
