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
/* Whether its subscription lets it start what costs (isActive). */
bool weir_reply_is_active(const struct weir_call *c, const PGresult *res, int row);
/* {members of the record}, as an element of an array (key NULL) or a member. */
void weir_reply_row(struct weir_call *c, const char *key, const struct weir_record *record, const PGresult *res, int row, int column);
/* An array of such objects for all rows. */
void weir_reply_rows(struct weir_call *c, const char *key, const struct weir_record *record, const PGresult *res);
/* The first row as the whole answer; without one WEIR_ENOTFOUND with missing as its sentence. */
WEIR_MUSTCHECK weir_err weir_reply_first(struct weir_call *c, const struct weir_record *record, const PGresult *res, const char *missing);
/* What a project calls conversions: the whole answer. */
WEIR_MUSTCHECK weir_err weir_reply_conversions(struct weir_call *c);
/* {"success":true}, and true. */
void weir_reply_success(struct weir_call *c);
void weir_reply_true(struct weir_call *c);

/* A member of an answer made of a column of ClickHouse. */
struct weir_member {
	const char *name, *column;
	enum {
		WEIR_MEMBER_TEXT,
		WEIR_MEMBER_NUMBER,    /* a JSON number, or the text of one */
		WEIR_MEMBER_TREE,      /* arrays and objects as they are */
		WEIR_MEMBER_MS,        /* milliseconds since 1970, as a text, as a Date; "0" and less is null */
	} kind;
};
/* The members of one row into the object that is open; and an array of objects. */
void weir_reply_members(struct weir_call *c, const struct weir_member *members, size_t count, json_object *row);
void weir_reply_list(struct weir_call *c, const char *key, const struct weir_member *members, size_t count, json_object *rows);

/* The word and number of an error (spec/trpc-metadata.md 1.3). */
struct weir_rpc_code {
	const char *word;
	int number;
};
struct weir_rpc_code weir_rpc_code_of(weir_err err);

/* {"error":{"json":{message, code, data{code, httpStatus, path, zodError}}}}; path.p NULL leaves the path out, issues may be NULL. */
void weir_reply_error(weir_str *out, weir_err err, weir_text message, weir_text path, json_object *issues);
#endif
