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
	WEIR_ACCESS_protected,  /* signed in; projectId, organizationId and the row's entity must be his */
	WEIR_ACCESS_overview,   /* the same, or the shareId of a public overview */
	WEIR_ACCESS_chart       /* the same, or the shareId of a public report */
};

/*
 * What the caller must be allowed in the project or organization that the
 * call is about: a level, or to be org:admin there; whether there must be an
 * organization at all; and what he is told otherwise.
 */
#define WEIR_NEEDS(X) \
	X(look, WEIR_LEVEL_read, false, false, WEIR_NO_PROJECT) \
	X(change, WEIR_LEVEL_write, false, false, "You can look at this project, but not change it") \
	X(import, WEIR_LEVEL_write, false, false, "You do not have permission to create imports for this project") \
	X(organization_admin, WEIR_LEVEL_none, true, true, WEIR_NO_PROJECT) \
	X(organization_owner, WEIR_LEVEL_none, true, true, "You do not have access to this organization") \
	X(new_project, WEIR_LEVEL_none, true, false, "Only organization admins can create projects") \
	X(billing, WEIR_LEVEL_none, true, true, "Only organization admins can manage billing")

#define X(name, level, admin, bound, refused) WEIR_NEED_##name,
enum weir_need_kind { WEIR_NEEDS(X) WEIR_NEED_COUNT };
#undef X

/* Whether and how its answer is kept (trpc/kept.h): it has a range; of the rows only those of that time count. */
#define WEIR_KEEPS(X) \
	X(none, false, false) \
	X(range, true, true) \
	X(project, true, false) \
	X(day, false, false)

#define X(name, ranged, bounded) WEIR_KEEP_##name,
enum weir_keep { WEIR_KEEPS(X) WEIR_KEEP_COUNT };
#undef X

struct weir_need {
	enum weir_level level;
	bool admin, bound;
	const char *refused;
};

struct weir_api;
struct weir_call;

struct weir_procedure {
	const char *name;
	enum weir_call_kind kind;
	enum weir_call_access access;
	enum weir_entity_kind entity;            /* none: the input names no such thing */
	const char *member;                      /* that holds its id */
	bool optional;                           /* the member may be absent */
	enum weir_need_kind need;
	const struct weir_schema *const *schema; /* NULL: no input */
	weir_err (*run)(struct weir_call *c);
	const struct weir_rate *rate;            /* NULL: as often as one likes */
	enum weir_keep keep;
};

struct weir_call {
	struct weir_api *api;
	struct weir_req *req;
	struct weir_meta meta;           /* connections, arena and time for the functions of meta */
	const struct weir_procedure *procedure;
	const struct weir_viewer *viewer; /* who asks; viewer->user_id.p is NULL when signed out */
	struct weir_project_view project; /* id.p is NULL unless the access check found one */
	weir_text organization_id;       /* of the project or named by the input; {NULL, 0} when the call is about none */
	weir_text role;                  /* of the caller in that organization */
	enum weir_level level;           /* the least that he has in what the input names */
	json_object *in;                 /* the cleaned input */
	struct weir_superjson *out;

	weir_text message;               /* said instead of the error's own text */
	const char *advice;              /* the same, of a question to ClickHouse that failed; NULL: none */
	json_object *issues;             /* of the input, when it is that */
};

/* The member of the cleaned input: {NULL, 0} when absent or null; what JavaScript calls true; an array of strings (in the arena). */
weir_text weir_in_text(const struct weir_call *c, const char *name);
bool weir_in_flag(const struct weir_call *c, const char *name);
WEIR_MUSTCHECK weir_err weir_in_texts(const struct weir_call *c, const char *name, weir_text **texts, size_t *count);

/* A number that the schema has checked, rounded down and kept between least and most; fallback when absent. */
int64_t weir_in_int(const struct weir_call *c, const char *name, int64_t fallback, int64_t least, int64_t most);
/* A value as JSON text, for a jsonb column; {NULL, 0} for NULL or on no memory (then the arena has failed). */
weir_text weir_in_json(const struct weir_call *c, json_object *value);
/* A moment written as JavaScript's Date reads it; WEIR_EBADREQ naming the member otherwise. */
WEIR_MUSTCHECK weir_err weir_in_date(struct weir_call *c, const char *name, int64_t *ms);

/* The procedure of that name, or NULL. */
const struct weir_procedure *weir_procedure_find(weir_text name);
/* Returns err and makes message its text; message is constant or belongs to the arena. */
weir_err weir_call_fail(struct weir_call *c, weir_err err, const char *message);
/* The same with an issue list that names one member, as a refused input looks. */
weir_err weir_call_refuse(struct weir_call *c, const char *member, const char *message);

/*
 * The access check of the call's row in two steps, as the reference takes
 * them: what raw names of projects, organizations and shares; and, once the
 * input is valid (c->in), the entity and what the row needs.
 */
WEIR_MUSTCHECK weir_err weir_call_access(struct weir_call *c, json_object *raw);
WEIR_MUSTCHECK weir_err weir_call_need(struct weir_call *c);

/* The handlers, from data/procedures.tsv. */
#include "procedures.h"
#define X(name, kind, access, entity, member, optional, need, schema, handler, rate, keep) weir_err weir_do_##handler(struct weir_call *c);
WEIR_PROCEDURES(X)
#undef X
#endif
