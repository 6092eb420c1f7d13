#ifndef WEIR_TRPC_CALL_H
#define WEIR_TRPC_CALL_H
#include "base/jsonr.h"
#include "link/clickhouse.h"
#include "link/req.h"
#include "meta/access.h"
#include "meta/session.h"
#include "trpc/schema.h"
/*
 * One call of one procedure, and everything that its handler may touch.  A
 * procedure is a row of data/procedures.tsv and a function here:
 *
 *   weir_err weir_do_project_list(struct weir_call *c)
 *   {
 *           read c->in (cleaned by the schema), ask meta or query, write c->out
 *   }
 *
 * By the time it runs the session is known, the access that the row names has
 * been checked (c->project is then filled) and the input is valid.  A handler
 * that writes nothing answers undefined.  On failure it returns an error, with
 * weir_call_fail when people shall read a sentence of their own; what it has
 * written is thrown away.
 */
enum weir_call_kind {
	WEIR_CALL_query,
	WEIR_CALL_mutation
};

enum weir_call_access {
	WEIR_ACCESS_public,
	WEIR_ACCESS_session,    /* signed in */
	WEIR_ACCESS_protected,  /* signed in; projectId and organizationId of the input must be his */
	WEIR_ACCESS_overview,   /* the same, or the shareId of a public overview */
	WEIR_ACCESS_chart       /* the same, or the shareId of a public report */
};

struct weir_api;
struct weir_call;

struct weir_procedure {
	const char *name;
	enum weir_call_kind kind;
	enum weir_call_access access;
	const struct weir_schema *const *schema; /* NULL: no input */
	weir_err (*run)(struct weir_call *c);
	const struct weir_rate *rate;            /* NULL: as often as one likes */
};

struct weir_call {
	struct weir_api *api;
	struct weir_req *req;
	struct weir_meta meta;           /* connections, arena and time for the functions of meta */
	const struct weir_procedure *procedure;
	const struct weir_viewer *viewer; /* who asks; viewer->user_id.p is NULL when signed out */
	struct weir_project_view project; /* id.p is NULL unless the access check found one */
	json_object *in;                 /* the cleaned input */
	struct weir_superjson *out;

	weir_text message;               /* said instead of the error's own text */
	const char *advice;              /* the same, of a question to ClickHouse that failed; NULL: none */
	json_object *issues;             /* of the input, when it is that */
};

/* The procedure of that name, or NULL. */
const struct weir_procedure *weir_procedure_find(weir_text name);
/* Returns err and makes message its text; message is constant or belongs to the arena. */
weir_err weir_call_fail(struct weir_call *c, weir_err err, const char *message);
/* The same with an issue list that names one member, as a refused input looks. */
weir_err weir_call_refuse(struct weir_call *c, const char *member, const char *message);

/* The access check of the call's row, by the raw input. */
WEIR_MUSTCHECK weir_err weir_call_access(struct weir_call *c, json_object *raw);

/* The handlers, from data/procedures.tsv. */
#include "procedures.h"
#define X(name, kind, access, schema, handler, rate) weir_err weir_do_##handler(struct weir_call *c);
WEIR_PROCEDURES(X)
#undef X
#endif
