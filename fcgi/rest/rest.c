#include "config.h"
#include "rest/rest.h"

#include "rest/connect.h"
#include "rest/health.h"
#include "rest/oauth.h"
#include "rest/route.h"

static void get_root(struct weir_rest *rest, struct weir_req *r)
{
	weir_json j;

	(void)rest;
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_strz(&j, "status", "ok");
	weir_json_strz(&j, "message", "Weir's API is running");
	weir_json_end(&j);
}

static const struct {
	const char *method, *path;
	void (*serve)(struct weir_rest *rest, struct weir_req *r);
} routes[] = {
	{ "GET", "/", get_root },
	{ "GET", "/healthcheck", weir_get_healthcheck },
	{ "GET", "/healthz/live", weir_get_live },
	{ "GET", "/healthz/ready", weir_get_ready },
	{ "GET", "/metrics", weir_get_metrics },
};

static void not_found(struct weir_req *r)
{
	weir_str text;
	weir_json j;

	r->status = 404;
	weir_str_init(&text, 64 * 1024);
	weir_str_puts(&text, "Route ");
	weir_str_text(&text, r->method);
	weir_str_putc(&text, ':');
	weir_str_text(&text, r->path);
	weir_str_puts(&text, " not found");
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_str(&j, "message", weir_str_view(&text));
	weir_json_strz(&j, "error", "Not Found");
	weir_json_int(&j, "statusCode", 404);
	weir_json_end(&j);
	weir_str_free(&text);
}

void weir_rest_serve(struct weir_rest *rest, struct weir_req *r)
{
	bool head = weir_text_is(r->method, "HEAD");

	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (weir_text_is(r->path, routes[i].path) && (head || weir_text_is(r->method, routes[i].method))) {
			routes[i].serve(rest, r);
			if (head)
				weir_str_reset(r->out);
			return;
		}
	if (!weir_route_serve(rest, r) && !weir_oauth_serve(rest, r) && !weir_connect_serve(rest, r))
		not_found(r);
}
