#ifndef WEIR_TRPC_REPLY_H
#define WEIR_TRPC_REPLY_H
#include "meta/record.h"
#include "link/postgres.h"
#include "trpc/call.h"
/* Writing answers: rows of PostgreSQL, and the error shape. */

/* A column of which something else is said than what the table holds. */
struct weir_instead {
	int column;            /* of the record */
	weir_text text;
};

/*
 * The members of one row's record into the object that is open; its first
 * column is number column of the result.  A secret becomes "hidden", or null
 * when there is none.  instead may be NULL.
 */
void weir_reply_record(struct weir_superjson *s, weir_arena *mem, const struct weir_record *record, const PGresult *res, int row, int column,
	const struct weir_instead *instead);

/* An organization with what follows from its subscription (spec/trpc-metadata.md 4.0 "Org"). */
void weir_reply_organization(struct weir_call *c, const PGresult *res, int row);

/* Whether it is paid for and will go on to be: then it is not deleted before that has been cancelled. */
bool weir_reply_is_subscribed(const struct weir_call *c, const PGresult *res, int row);
/* {members of the record}, as an element of an array (key NULL) or a member. */
void weir_reply_row(struct weir_call *c, const char *key, const struct weir_record *record, const PGresult *res, int row, int column);

/* The word and number of an error (spec/trpc-metadata.md 1.3). */
struct weir_rpc_code {
	const char *word;
	int number;
};
struct weir_rpc_code weir_rpc_code_of(weir_err err);

/* {"error":{"json":{message, code, data{code, httpStatus, path, zodError}}}}; path.p NULL leaves the path out, issues may be NULL. */
void weir_reply_error(weir_str *out, weir_err err, weir_text message, weir_text path, json_object *issues);
#endif
