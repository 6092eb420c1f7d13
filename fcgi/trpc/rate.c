#include "config.h"
#include "trpc/rate.h"

#include "link/keys.h"
#include "trpc/api.h"

#include <stdio.h>

const struct weir_rate weir_rates[WEIR_RATE_COUNT] = {
#define X(name, most, time, is_late) { .max = most, .seconds = time, .late = is_late },
	WEIR_RATES(X)
#undef X
};

static const char script_text[] =
	"local n = redis.call('INCR', KEYS[1])\n"
	"if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end\n"
	"return {n, redis.call('PTTL', KEYS[1])}\n";

static weir_text header(void *ctx, const char *name)
{
	return weir_req_header_in(ctx, name);
}

static weir_err too_many(struct weir_call *c, long long left_ms)
{
	enum { TEXT = 96 };
	char *message = weir_alloc(c->meta.mem, TEXT);
	int n;

	if (!message)
		return WEIR_ENOMEM;
	left_ms = left_ms < 1000 ? 1000 : left_ms;
	n = snprintf(message, TEXT, "Too many requests, please try again later. %lld", (left_ms + 500) / 1000);
	return n < TEXT ? weir_call_fail(c, WEIR_ERATE, message) : WEIR_ERATE;
}

weir_err weir_rate_count(struct weir_call *c, const struct weir_rate *rate, const char *what, weir_text whose)
{
	static struct weir_script script = { .name = "rate", .source = script_text };
	weir_text argv[2];
	char window[32];
	redisReply *reply;
	long long count, left_ms;
	int n = snprintf(window, sizeof(window), "%d000", rate->seconds);

	argv[0] = weir_key(c->meta.mem, c->meta.conf, 0, "rate", weir_text_of(what), whose);
	argv[1] = (weir_text){ window, (size_t)n };
	if (!argv[0].p)
		return WEIR_ENOMEM;
	if (weir_redis_eval(c->meta.redis, &script, &reply, 1, 2, argv))
		return WEIR_OK; /* logged; better unlimited than locked out */
	count = reply->elements == 2 ? reply->element[0]->integer : 0;
	left_ms = reply->elements == 2 ? reply->element[1]->integer : 0;
	freeReplyObject(reply);
	return count <= rate->max ? WEIR_OK : too_many(c, left_ms);
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
