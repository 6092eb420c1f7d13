#ifndef WEIR_CHDB_REQUEST_H
#define WEIR_CHDB_REQUEST_H
#include "base/arena.h"
#include "base/id.h"
#include "base/str.h"
#include "body.h"
#include "engine.h"
#include "statement.h"
/*
 * One query as the client put it: the arguments of the URL (or of the form in
 * the body) sorted into what the interface itself understands, parameters of
 * the statement (param_NAME) and settings (everything else).  All texts live
 * in the request's arena.
 */
enum { WEIR_REQUEST_ARENA = 24 << 20, WEIR_REQUEST_ARGS = 1000 };

struct weir_pair {
	weir_text name, value;
};

struct weir_request {
	weir_arena *mem;
	bool get;                  /* GET or HEAD: nothing may be written */
	bool has_query;            /* ?query= was given */
	weir_text query, database, default_format, query_id;
	weir_text user, password;  /* from the URL */
	bool has_user;
	bool wait_end;             /* wait_end_of_query=1: nothing is sent before the query has ended */
	bool compression;          /* enable_http_compression=1 */
	int zlib_level;
	bool extremes;
	bool accept_gzip;
	weir_text readonly;        /* this setting comes last, since it forbids the others */
	struct weir_pair *settings, *params;
	size_t setting_count, param_count;
	weir_text boundary;        /* of a multipart/form-data body, else {NULL, 0} */
	enum weir_coding coding;
	struct weir_body body;
	bool too_large;            /* the body went over the limit and was dropped */
	char uuid[WEIR_UUID_LEN + 1];
	struct weir_refusal no;    /* first thing that was wrong with the arguments; code 0: nothing */
};

WEIR_MUSTCHECK weir_err weir_request_init(struct weir_request *rq);
void weir_request_free(struct weir_request *rq);
/* One argument, copied; what cannot be taken is noted in rq->no. */
void weir_request_arg(struct weir_request *rq, weir_text name, weir_text value);
/* Arguments from the parts of a multipart/form-data body. */
void weir_request_form(struct weir_request *rq, weir_text body);
/* "SET a = 'x', b = 'y'" of all settings but readonly; nothing when there are none. */
void weir_request_set(const struct weir_request *rq, weir_str *out);
/* The parameters in the form the engine takes; false on out of memory. */
bool weir_request_params(const struct weir_request *rq, struct weir_params *out);
/* text as a literal: quote is ' for strings, ` for names. */
void weir_sql_quote(weir_str *out, char quote, weir_text text);
#endif
