#include "config.h"
#include "trpc/cors.h"

static bool allowed(const struct weir_conf *conf, weir_text origin)
{
	weir_text rest = weir_text_of(conf->api_cors_origins), item, dashboard = weir_text_of(conf->api_dashboard_url);

	if (!origin.n)
		return false;
	/* An origin has no trailing slash, a URL that somebody typed may have one. */
	if (dashboard.n && dashboard.p[dashboard.n - 1] == '/')
		dashboard.n--;
	if (weir_text_eq(origin, dashboard))
		return true;
	while (weir_text_next(&rest, ',', &item))
		if (weir_text_eq(origin, item))
			return true;
	return false;
}

bool weir_cors(const struct weir_conf *conf, struct weir_req *r)
{
	weir_text origin = weir_req_header_in(r, "origin"), headers;

	if (!allowed(conf, origin))
		return false;
	weir_req_header(r, "Access-Control-Allow-Origin", origin);
	weir_req_header(r, "Access-Control-Allow-Credentials", WEIR_TEXT("true"));
	if (!weir_text_is(r->method, "OPTIONS"))
		return false;
	weir_req_header(r, "Vary", WEIR_TEXT("Origin, Access-Control-Request-Headers"));
	if (!weir_req_header_in(r, "access-control-request-method").n) {
		weir_req_plain(r, 400, "Invalid Preflight Request");
		return true;
	}
	headers = weir_req_header_in(r, "access-control-request-headers");
	weir_req_header(r, "Access-Control-Allow-Methods", WEIR_TEXT("GET,HEAD,POST"));
	if (headers.n)
		weir_req_header(r, "Access-Control-Allow-Headers", headers);
	r->status = 204;
	r->content_type = NULL;
	return true;
}
