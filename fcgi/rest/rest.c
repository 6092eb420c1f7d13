#include "config.h"
#include "rest/rest.h"

#include "link/no_route.h"
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
		weir_req_no_route(r);
}
