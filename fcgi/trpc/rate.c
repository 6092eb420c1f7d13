#include "config.h"
#include "trpc/rate.h"

#include "link/limit.h"
#include "trpc/api.h"

#include <stdio.h>

const struct weir_rate weir_rates[WEIR_RATE_COUNT] = {
#define X(name, most, time, is_late) { .max = most, .seconds = time, .late = is_late },
	WEIR_RATES(X)
#undef X
};

static weir_text header(void *ctx, const char *name)
{
	return weir_req_header_in(ctx, name);
}

static weir_err too_many(struct weir_call *c, int64_t left_ms)
{
	enum { TEXT = 96 };
	char *message = weir_alloc(c->meta.mem, TEXT);
	int n;

	if (!message)
		return WEIR_ENOMEM;
	left_ms = left_ms < 1000 ? 1000 : left_ms;
	n = snprintf(message, TEXT, "Too many requests, please try again later. %lld", (long long)(left_ms + 500) / 1000);
	return n < TEXT ? weir_call_fail(c, WEIR_ERATE, message) : WEIR_ERATE;
}

weir_err weir_rate_count(struct weir_call *c, const struct weir_rate *rate, const char *what, weir_text whose)
{
	struct weir_limit limit;
	weir_err err = weir_limit_count(c->meta.redis, c->meta.conf, c->meta.mem, what, whose, rate->seconds, &limit);

	return err || limit.count <= rate->max ? err : too_many(c, limit.left_ms);
}

weir_err weir_rate_check(struct weir_call *c)
{
	const struct weir_rate *rate = c->procedure->rate;
	struct weir_client_ip from;

	if (!rate->max)
		return WEIR_OK;
	from = weir_client_ip_of(&c->api->ips, c->req->peer, (struct weir_headers){ header, c->req });
	return weir_rate_count(c, rate, c->procedure->name, from.ip.n ? from.ip : c->req->peer);
}
