#include "config.h"
#include "rest/route.h"

#include "base/hash.h"
#include "base/id.h"
#include "base/jsonr.h"
#include "link/limit.h"
#include "meta/record.h"
#include "rest/answer.h"
#include "rest/query.h"
#include "schemas.h"

#include <stdio.h>

#define X(name, most, seconds) enum { MOST_##name = most, SECONDS_##name = seconds };
WEIR_ROUTE_GROUPS(X)
#undef X

const struct weir_route weir_routes[] = {
#define X(method, path, access, group, schema, handler, summary) \
	{ method, path, WEIR_ROUTE_##access, #group, MOST_##group, SECONDS_##group, &weir_schema_##schema, weir_rest_##handler, summary },
	WEIR_ROUTES(X)
#undef X
};
const size_t weir_route_count = sizeof(weir_routes) / sizeof(*weir_routes);

weir_err weir_rest_fail(struct weir_rest_call *c, weir_err err, const char *message)
{
	c->message = message;
	return err;
}

static weir_err refuse(struct weir_rest_call *c, weir_str *text)
{
	weir_text kept = weir_text_dup(c->meta.mem, weir_str_view(text));
	weir_err err = weir_str_err(text);

	weir_str_free(text);
	c->message = kept.p;
	c->error = "Error";
	return err ? err : WEIR_EBADREQ;
}

weir_err weir_rest_refuse(struct weir_rest_call *c, const char *member, const char *message)
{
	weir_str text;

	weir_str_init(&text, 4096);
	weir_str_addf(&text, "body/%s %s", member, message);
	return refuse(c, &text);
}

/* ------------------------------------------------------------ which route */

/* Cuts the next segment off; false when nothing is left. */
static bool segment(weir_text *rest, weir_text *out)
{
	const char *slash;

	if (!rest->n)
		return false;
	rest->p++; /* each begins with a slash */
	rest->n--;
	slash = rest->n ? memchr(rest->p, '/', rest->n) : NULL;
	*out = (weir_text){ rest->p, slash ? (size_t)(slash - rest->p) : rest->n };
	*rest = (weir_text){ rest->p + out->n, rest->n - out->n };
	return true;
}

/* Names in the path are decoded once: here, or by the server where it has changed the path. */
static bool name(struct weir_rest_call *c, weir_text got, weir_text *out)
{
	*out = got;
	return !c->raw_path.n || !weir_req_decode(c->meta.mem, got, false, out);
}

static bool fits(struct weir_rest_call *c, const struct weir_route *route)
{
	weir_text path = c->raw_path.n ? c->raw_path : c->req->path, pattern = weir_text_of(route->path), got, want;
	size_t n = 0;

	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	while (segment(&pattern, &want)) {
		if (!segment(&path, &got))
			return false;
		if (want.n && want.p[0] == '{' && got.n && n < WEIR_ROUTE_PARAMS) {
			if (!name(c, got, &c->params[n++]))
				return false;
		} else if (!weir_text_eq(want, got)) {
			return false;
		}
	}
	return !path.n;
}

static const struct weir_route *find(struct weir_rest_call *c)
{
	weir_text method = weir_text_is(c->req->method, "HEAD") ? WEIR_TEXT("GET") : c->req->method;

	for (size_t i = 0; i < weir_route_count; i++)
		if (weir_text_is(method, weir_routes[i].method) && fits(c, &weir_routes[i]))
			return &weir_routes[i];
	return NULL;
}

/* ------------------------------------------------------------ how often */

static void put_header(struct weir_rest_call *c, const char *name, int64_t value)
{
	weir_text t = weir_pg_int_param(c->meta.mem, value);

	if (t.p)
		weir_req_header(c->req, name, t);
}

static weir_text header(void *ctx, const char *name)
{
	return weir_req_header_in(ctx, name);
}

/* By the client that the caller says he is, and by his address, so that nobody spends another's calls by his name. */
static weir_err check_rate(struct weir_rest_call *c)
{
	const struct weir_route *route = c->route;
	struct weir_client_ip from = weir_client_ip_of(c->rest->ips, c->req->peer, (struct weir_headers){ header, c->req });
	weir_text ip = from.ip.n ? from.ip : c->req->peer, client = weir_req_header_in(c->req, "openpanel-client-id");
	struct weir_limit limit;
	weir_str whose;
	int64_t left;
	weir_err err;

	if (!route->most)
		return WEIR_OK;
	weir_str_init(&whose, 4096);
	weir_str_text(&whose, weir_uuid_is_client_id(client) ? client : WEIR_TEXT("-"));
	weir_str_putc(&whose, '/');
	weir_str_text(&whose, ip);
	err = weir_limit_count(c->meta.redis, c->meta.conf, c->meta.mem, route->group, weir_str_view(&whose), route->seconds, &limit);
	weir_str_free(&whose);
	if (err)
		return err;
	left = limit.left_ms > 0 ? (limit.left_ms + 999) / 1000 : route->seconds;
	put_header(c, "x-ratelimit-limit", route->most);
	put_header(c, "x-ratelimit-remaining", limit.count < route->most ? route->most - limit.count : 0);
	put_header(c, "x-ratelimit-reset", left);
	if (limit.count <= route->most)
		return WEIR_OK;
	put_header(c, "retry-after", left);
	c->error = "Too Many Requests";
	return weir_rest_fail(c, WEIR_ERATE, "You have exceeded the rate limit for this endpoint.");
}

/* ------------------------------------------------------------ the body */

static weir_err refuse_issues(struct weir_rest_call *c, json_object *issues, const char *where)
{
	weir_str text;

	weir_str_init(&text, 64 * 1024);
	for (size_t i = 0; i < weir_jsonr_count(issues); i++) {
		json_object *issue = weir_jsonr_at(issues, i), *path = weir_jsonr_get(issue, "path");

		weir_str_puts(&text, i ? ", " : "");
		weir_str_puts(&text, where);
		for (size_t k = 0; path && k < weir_jsonr_count(path); k++) {
			weir_str_puts(&text, k ? "/" : "");
			weir_str_puts(&text, json_object_get_string(weir_jsonr_at(path, k)));
		}
		weir_str_putc(&text, ' ');
		weir_str_text(&text, weir_jsonr_get_text(issue, "message"));
	}
	return refuse(c, &text);
}

static weir_err framework(struct weir_rest_call *c, weir_err err, const char *message)
{
	c->error = "FastifyError";
	return weir_rest_fail(c, err, message);
}

static weir_err read_body(struct weir_rest_call *c)
{
	weir_text type = weir_req_header_in(c->req, "content-type"), text;
	json_object *body = NULL, *issues;
	weir_err err;

	if (!*c->route->body)
		return WEIR_OK;
	if (!strcmp(c->route->method, "GET")) {
		err = weir_query_object(c->meta.mem, c->req->query, *c->route->body, &body);
		if (!err)
			err = weir_schema_check(c->meta.mem, *c->route->body, body, false, &c->in, &issues);
		return err ? err : issues ? refuse_issues(c, issues, "querystring/") : WEIR_OK;
	}
	err = weir_req_body(c->req, (size_t)c->meta.conf->api_body_max, &text);
	if (err)
		return err == WEIR_ELIMIT ? framework(c, err, "Request body is too large") : err;
	if (text.n && !weir_text_starts(type, "application/json"))
		return framework(c, WEIR_EMEDIA, "Unsupported Media Type");
	if (!text.n && type.n)
		return framework(c, WEIR_EBADREQ, "Body cannot be empty when content-type is set to 'application/json'");
	err = text.n ? weir_jsonr_parse(c->meta.mem, text, WEIR_JSONR_REFUSE_PROTO, &body, NULL) : WEIR_OK;
	if (err == WEIR_EBADREQ)
		return framework(c, err, "Body is not valid JSON but content-type is set to 'application/json'");
	if (!err)
		err = weir_schema_check(c->meta.mem, *c->route->body, body, !text.n, &c->in, &issues);
	if (err)
		return err;
	return issues ? refuse_issues(c, issues, "body/") : WEIR_OK;
}

/* ------------------------------------------------------------ who */

static weir_err unauthorized(struct weir_rest_call *c, const char *message)
{
	c->error = "Unauthorized";
	return weir_rest_fail(c, WEIR_EUNAUTH, message);
}

/* Who may call a route of that access, and what is said to the others. */
static const struct admission {
	const char *malformed, *unknown, *no_secret, *refused, *wrong;
} admissions[] = {
#define X(what, who) { what ": Client ID must be a valid UUIDv4", what ": Invalid client id", what ": Client has no secret", who, \
	what ": Invalid client secret" }
	[WEIR_ROUTE_root] = X("Manage", "Manage: Only root clients are allowed to manage resources"),
	[WEIR_ROUTE_read] = X("Export", "Export: Client is not allowed to export"),
#undef X
};

static bool admits(enum weir_route_access access, weir_text type)
{
	return weir_text_is(type, "root") || (access == WEIR_ROUTE_read && weir_text_is(type, "read"));
}

/*
 * The project of a route to read: the path's, else the query's, else the
 * client's own.  A client of one project reads no other; below /insights it
 * gets its own, whatever the path says.
 */
static weir_err find_project(struct weir_rest_call *c, weir_text own, bool root)
{
	bool in_path = strstr(c->route->path, "{projectId}") != NULL, found;
	weir_text id = in_path ? c->params[0] : weir_req_query(c->req, "projectId");
	weir_err err;

	if (!in_path && !id.n)
		id = weir_req_query(c->req, "project_id");
	if (!id.n || (in_path && !root))
		id = own;
	if (!id.n)
		return weir_rest_fail(c, WEIR_EBADREQ, "project_id or projectId is required");
	if (!root && !weir_text_eq(id, own))
		return weir_rest_fail(c, WEIR_EFORBID, WEIR_NO_PROJECT);
	err = weir_access_of_organization(&c->meta, c->organization_id, id, &c->project, &found);
	return err || found ? err : weir_rest_fail(c, WEIR_ENOTFOUND, "Project not found");
}

static weir_err check_client(struct weir_rest_call *c)
{
	weir_text id = weir_req_header_in(c->req, "openpanel-client-id"), secret = weir_req_header_in(c->req, "openpanel-client-secret"), hash, type;
	const struct admission *a = &admissions[c->route->access];
	PGresult *rows;
	bool match = false;
	weir_err err;

	if (c->route->access == WEIR_ROUTE_public)
		return WEIR_OK;
	if (!weir_uuid_is_client_id(id))
		return unauthorized(c, a->malformed);
	err = weir_client_get(&c->meta, id, &rows);
	if (err)
		return err;
	if (!PQntuples(rows))
		return unauthorized(c, a->unknown);
	hash = weir_pg_text(rows, 0, WEIR_CLIENT_SECRET);
	type = weir_pg_text(rows, 0, WEIR_CLIENT_TYPE);
	if (!hash.n)
		return unauthorized(c, a->no_secret);
	if (!admits(c->route->access, type))
		return unauthorized(c, a->refused);
	err = weir_secret_verify(secret, hash, &match);
	if (!err && !match)
		return unauthorized(c, a->wrong);
	c->organization_id = weir_pg_text(rows, 0, WEIR_CLIENT_ORGANIZATION_ID);
	if (!err && c->route->access == WEIR_ROUTE_read)
		err = find_project(c, weir_pg_text(rows, 0, WEIR_CLIENT_PROJECT_ID), weir_text_is(type, "root"));
	return err;
}

struct weir_ask weir_rest_ask(struct weir_rest_call *c)
{
	return (struct weir_ask){
		.ch = c->rest->ch, .mem = c->meta.mem, .conf = c->meta.conf, .project_id = c->project.id,
		.timezone = weir_known_timezone(c->meta.mem, c->project.timezone), .now_ms = c->meta.now_ms, .advice = &c->message,
	};
}

bool weir_route_serve(struct weir_rest *rest, struct weir_req *r)
{
	struct weir_rest_call c = { .rest = rest, .req = r, .meta = { rest->pg, rest->redis, rest->conf, r->mem, r->now_ms, NULL } };
	weir_err err;

	c.raw_path = weir_req_raw_path(r);
	c.route = find(&c);
	if (!c.route)
		return false;
	weir_json_init(&c.json, r->out);
	err = check_rate(&c);
	if (!err)
		err = read_body(&c);
	if (!err)
		err = check_client(&c);
	if (!err)
		err = c.route->run(&c);
	if (!err)
		err = weir_str_err(r->out) ? weir_str_err(r->out) : weir_req_begun(r) ? WEIR_OK : weir_json_done(&c.json);
	if (err && weir_req_begun(r))
		weir_req_cut(r);
	else if (err)
		weir_rest_error(r, err, c.error, weir_text_of(c.message));
	if (weir_text_is(r->method, "HEAD"))
		weir_str_reset(r->out);
	return true;
}
