#ifndef WEIR_LINK_COOKIE_H
#define WEIR_LINK_COOKIE_H
#include "base/conf.h"
#include "link/req.h"
/* Cookies of the dashboard's API (spec/trpc-metadata.md 2.3). */

struct weir_cookie_rule {
	char domain[256];      /* "" writes no Domain attribute */
	bool secure;
};

/* By api.cookie_domain, else derived from api.dashboard_url and api.cookie_tlds. */
void weir_cookie_rule_init(struct weir_cookie_rule *rule, const struct weir_conf *conf);
/* Adds a Set-Cookie header; an empty value with max_age 0 clears. */
void weir_cookie_set(struct weir_req *r, const struct weir_cookie_rule *rule, const char *name, weir_text value, int64_t max_age);
#endif
