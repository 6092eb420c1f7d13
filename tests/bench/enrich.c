/*
 * Nanoseconds per call of each enrichment function, single process:
 *
 *   make tests/bench/enrich && ./tests/bench/enrich [CITY.mmdb[,CITY6.mmdb]]
 */
#include "config.h"
#include "base/clock.h"
#include "base/jsonr.h"
#include "ingest/agent.h"
#include "ingest/bot.h"
#include "ingest/flatten.h"
#include "ingest/geo.h"
#include "ingest/name_rule.h"
#include "ingest/origin.h"
#include "ingest/referrer.h"
#include "ingest/suspicion.h"
#include "ingest/url.h"
#include "ingest/visitor.h"

#include <stdio.h>
#include <stdlib.h>

enum { AT_LEAST_MS = 200 };

static weir_arena *arena;
static weir_agents *cached, *uncached;
static weir_bots *bots, *bots_uncached;
static weir_geo *geo;
static json_object *properties, *timestamp;
static struct weir_ip_rule ip_rule;
static unsigned turn;

static const char *const uas[] = {
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
};

static weir_text ua(void)
{
	return weir_text_of(uas[turn++ % (sizeof(uas) / sizeof(uas[0]))]);
}

static weir_text header(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "x-forwarded-for") ? WEIR_TEXT("8.8.8.8, 10.0.0.1") : (weir_text){ NULL, 0 };
}

static weir_err agent_cached(void)
{
	struct weir_agent agent;

	return weir_agent_parse(cached, arena, ua(), 1, &agent);
}

static weir_err agent_uncached(void)
{
	struct weir_agent agent;

	return weir_agent_parse(uncached, arena, ua(), 1, &agent);
}

static weir_err bot_cached(void)
{
	return weir_bot_of(bots, ua(), 1) ? WEIR_EINTERNAL : WEIR_OK;
}

static weir_err bot_uncached(void)
{
	return weir_bot_of(bots_uncached, ua(), 1) ? WEIR_EINTERNAL : WEIR_OK;
}

static weir_err referrer(void)
{
	struct weir_referrer r;

	return weir_referrer_of(arena, WEIR_TEXT("https://www.google.com/search?q=test"), WEIR_TEXT("https://example.com/a"), NULL, &r);
}

static weir_err page(void)
{
	struct weir_page p;

	return weir_page_parse(arena, WEIR_TEXT("https://example.com/shop/item?utm_source=google&utm_medium=cpc&id=42#reviews"), &p);
}

static weir_err flatten(void)
{
	struct weir_pairs flat;

	weir_pairs_init(&flat, arena);
	return weir_flatten(&flat, WEIR_TEXT(""), properties, NULL, NULL);
}

static weir_err client_ip(void)
{
	struct weir_headers headers = { header, NULL };

	return weir_client_ip_of(&ip_rule, WEIR_TEXT("127.0.0.1"), headers).ip.n ? WEIR_OK : WEIR_EINTERNAL;
}

static weir_err device_id(void)
{
	char id[WEIR_DEVICE_ID_LEN + 1];

	return weir_device_id(ua(), WEIR_TEXT("8.8.8.8"), WEIR_TEXT("proj-1"), WEIR_TEXT("salt-current"), id);
}

static weir_err session_id(void)
{
	char id[WEIR_SESSION_ID_LEN + 1];

	return weir_session_id(WEIR_TEXT("proj-1"), WEIR_TEXT("1775d9eae5c4295e6e1fc1ed490ad78b"), 1785585600000, 1800000, id);
}

static weir_err event_time(void)
{
	return weir_event_time_of(timestamp, 1785585600000).ms ? WEIR_OK : WEIR_EINTERNAL;
}

static weir_err suspicion(void)
{
	struct weir_headers headers = { header, NULL };
	struct weir_suspicion s;

	return weir_suspicion_of(arena, ua(), headers, NULL, &s);
}

static weir_err event_name(void)
{
	return weir_name_is_blocked(WEIR_TEXT("screen_view")) ? WEIR_EINTERNAL : WEIR_OK;
}

static weir_err origin(void)
{
	return weir_origin_match(WEIR_TEXT("https://*.example.com"), WEIR_TEXT("https://shop.example.com")) ? WEIR_OK : WEIR_EINTERNAL;
}

static weir_err place(void)
{
	static const char *const ips[] = { "8.8.8.8", "1.1.1.1", "81.2.69.142", "203.0.113.9" };
	struct weir_place p;

	return weir_geo_place(geo, arena, weir_text_of(ips[turn++ % 4]), 1, &p);
}

static void run(const char *name, weir_err (*f)(void))
{
	int64_t from, took_ms;
	long calls = 0;

	for (int i = 0; i < 1000; i++) {
		weir_arena_reset(arena);
		if (f())
			exit(1);
	}
	from = weir_monotonic_ms();
	do {
		for (int i = 0; i < 1000; i++) {
			weir_arena_reset(arena);
			if (f())
				exit(1);
		}
		calls += 1000;
		took_ms = weir_monotonic_ms() - from;
	} while (took_ms < AT_LEAST_MS);
	printf("%-24s %8.0f ns\n", name, (double)took_ms * 1e6 / (double)calls);
}

int main(int argc, char **argv)
{
	static const char json[] = "{\"__path\":\"https://example.com/a\",\"__title\":\"A page\",\"cart\":{\"items\":[1,2,3],\"total\":9.99},\"plan\":\"pro\"}";
	struct weir_conf conf = { .geo_city_file = argc > 1 ? argv[1] : "", .geo_asn_file = "", .geo_hosting_file = "" };
	weir_arena *kept = weir_arena_new(1 << 20);
	struct weir_fault fault;
	weir_text bad;

	arena = weir_arena_new(1 << 20);
	cached = weir_agents_new(100);
	uncached = weir_agents_new(0);
	bots = weir_bots_new(100);
	bots_uncached = weir_bots_new(0);
	if (!kept || !arena || !cached || !uncached || !bots || !bots_uncached || weir_geo_open(&conf, &geo, &fault) ||
	    weir_ip_rule_init(&ip_rule, WEIR_TEXT("127.0.0.1"), WEIR_TEXT(""), &bad) ||
	    weir_jsonr_parse(kept, weir_text_of(json), 0, &properties, NULL) ||
	    weir_jsonr_parse(kept, WEIR_TEXT("\"2026-08-01T12:00:00.000Z\""), 0, &timestamp, NULL))
		return 1;
	run("user agent, cached", agent_cached);
	run("user agent, not cached", agent_uncached);
	run("robot, cached", bot_cached);
	run("robot, not cached", bot_uncached);
	run("referrer", referrer);
	run("page address", page);
	run("flatten 7 properties", flatten);
	run("client address", client_ip);
	run("device id", device_id);
	run("session id", session_id);
	run("event time", event_time);
	run("suspicion", suspicion);
	run("event name", event_name);
	run("origin", origin);
	if (argc > 1)
		run("place", place);
	weir_geo_close(geo);
	weir_agents_free(cached);
	weir_agents_free(uncached);
	weir_bots_free(bots);
	weir_bots_free(bots_uncached);
	weir_arena_free(arena);
	weir_arena_free(kept);
	return 0;
}
