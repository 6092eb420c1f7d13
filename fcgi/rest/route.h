#ifndef WEIR_REST_ROUTE_H
#define WEIR_REST_ROUTE_H
#include "meta/access.h"
#include "meta/client.h"
#include "query/range.h"
#include "query/sql.h"
#include "rest/rest.h"
#include "trpc/schema.h"
/*
 * The table of data/routes.tsv: what the HTTP interface for programs has.  A
 * route is a row there and a function here; /documentation/json is made of the
 * same rows.
 *
 *   weir_err weir_rest_project_get(struct weir_rest_call *c)
 *   {
 *           read c->params and c->in (cleaned by the schema), ask meta, write c->json
 *   }
 *
 * By the time it runs the caller has not called too often, the body is valid,
 * and the client is known (spec/ingest.md 2.4, 3.2, 9.4).  On failure it
 * returns an error, with weir_rest_fail when people shall read a sentence.
 */
#define WEIR_ROUTE_GROUPS(X) \
	X(none, 0, 0) \
	X(manage, 20, 10) \
	X(export, 100, 10)

/* read: a client that may read, of one project; that is then known. */
enum weir_route_access { WEIR_ROUTE_public, WEIR_ROUTE_root, WEIR_ROUTE_read };
enum { WEIR_ROUTE_PARAMS = 2 };

struct weir_rest_call;
struct weir_route {
	const char *method, *path;
	enum weir_route_access access;
	const char *group;
	int most, seconds;             /* calls within so many seconds; 0: any number */
	const struct weir_schema *const *body; /* of a GET it is what the query string says */
	weir_err (*run)(struct weir_rest_call *c);
	const char *summary;
};
extern const struct weir_route weir_routes[];
extern const size_t weir_route_count;

struct weir_rest_call {
	struct weir_rest *rest;
	struct weir_req *req;
	struct weir_meta meta;
	const struct weir_route *route;
	weir_text raw_path;            /* weir_req_raw_path */
	weir_text params[WEIR_ROUTE_PARAMS]; /* of the path, decoded */
	json_object *in;               /* the cleaned body or query string */
	weir_text organization_id;     /* of the client */
	struct weir_project_view project; /* for routes to read */
	weir_json json;                /* the answer */

	const char *message, *error;   /* of a failure: the sentence, and the member "error" if there is to be one */
};

/* Returns err and makes message its text. */
weir_err weir_rest_fail(struct weir_rest_call *c, weir_err err, const char *message);
/* Answers 400 as for a body that the schema refuses: "body/MEMBER MESSAGE". */
weir_err weir_rest_refuse(struct weir_rest_call *c, const char *member, const char *message);

/* What the functions of query are given. */
struct weir_ask weir_rest_ask(struct weir_rest_call *c);

/* True when the request was for one of the routes, which then has been answered. */
bool weir_route_serve(struct weir_rest *rest, struct weir_req *r);

#include "routes.h"
#define X(method, path, access, group, schema, handler, summary) weir_err weir_rest_##handler(struct weir_rest_call *c);
WEIR_ROUTES(X)
#undef X
#endif
