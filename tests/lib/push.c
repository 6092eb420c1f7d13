/*
 * Fills a stream as weir-track does: packs believable events and delivers them
 * one by one.
 *
 *	push COUNT VISITORS [PROJECT [POISON_EVERY [BACK_MS]]]
 *
 * Settings come from WEIR_CONF.  With PUSH_IDS set it prints the id of every
 * event that was accepted.  With PUSH_RETRY set it goes on when Redis is away:
 * an event whose answer was not heard is not printed, though Redis may have
 * taken it.  BACK_MS dates events back.
 */
#include "config.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/num.h"
#include "ingest/deliver.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PACK_MAX = 1 << 20 };

struct push {
	weir_deliverer *deliverer;
	weir_arena *mem;
	const char *project;
	int64_t count, visitors, poison_every, back_ms;
	bool print, retry;
};

static void die(const char *what)
{
	fprintf(stderr, "push: %s\n", what);
	exit(1);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
}

static const char *const names[] = { "screen_view", "screen_view", "screen_view", "click", "link_out", "signup", "revenue", "scroll" };
static const char *const agents[] = { "Chrome", "Firefox", "Safari", "Edge" };
static const char *const countries[] = { "US", "DE", "FR", "SE", "" };

/* What one event is; everything follows from its number. */
struct sample {
	char device[40], path[64], number[24];
	struct weir_pair pair[4];
	struct weir_event e;
	struct weir_session_fixed fixed;
	weir_str packed;
};

static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 33) * 0xff51afd7ed558ccdULL;
	return v ^ v >> 29;
}

static void make(const struct push *p, struct sample *s, int64_t n, const uint8_t id[16])
{
	uint64_t r = mix((uint64_t)n + 1), v = mix((uint64_t)n * 7919 + 13) % (uint64_t)p->visitors;
	struct weir_event *e = &s->e;

	snprintf(s->device, sizeof(s->device), "%016llx%016llx", (unsigned long long)mix(v + 77), (unsigned long long)mix(v + 99));
	snprintf(s->path, sizeof(s->path), "/articles/%llu/reading-material", (unsigned long long)(r % 500));
	snprintf(s->number, sizeof(s->number), "%lld", (long long)n);
	s->pair[0] = (struct weir_pair){ WEIR_TEXT("n"), weir_text_of(s->number) };
	s->pair[1] = (struct weir_pair){ WEIR_TEXT("__title"), WEIR_TEXT("A page of the site with a title of usual length") };
	s->pair[2] = (struct weir_pair){ WEIR_TEXT("__query.utm_source"), WEIR_TEXT("newsletter") };
	s->pair[3] = (struct weir_pair){ WEIR_TEXT("plan"), r % 2 ? WEIR_TEXT("pro") : WEIR_TEXT("free") };
	*e = (struct weir_event){
		.name = weir_text_of(names[r % 8]), .sdk_name = WEIR_TEXT("web"), .sdk_version = WEIR_TEXT("1.0.5"),
		.project_id = weir_text_of(p->project), .path = weir_text_of(s->path), .origin = WEIR_TEXT("https://example.com"),
		.referrer = WEIR_TEXT("https://www.google.com"), .referrer_name = WEIR_TEXT("Google"), .referrer_type = WEIR_TEXT("search"),
		.properties = { s->pair, 4 }, .created_at = weir_now_ms() - p->back_ms, .country = weir_text_of(countries[v % 5]),
		.city = WEIR_TEXT("Springfield"), .region = WEIR_TEXT("Oregon"), .longitude = 12.5, .latitude = v % 2 ? 55.25 : (double)NAN,
		.os = WEIR_TEXT("Windows"), .os_version = WEIR_TEXT("10"), .browser = weir_text_of(agents[v % 4]),
		.browser_version = WEIR_TEXT("120.0.0.0"), .device = WEIR_TEXT("desktop"), .brand = WEIR_TEXT(""), .model = WEIR_TEXT(""),
	};
	memcpy(e->id, id, 16);
	if (p->poison_every && n % p->poison_every == p->poison_every - 1)
		e->name = WEIR_TEXT("poison");
	if (weir_text_is(e->name, "revenue"))
		e->revenue = 1 + r % 90;
	s->fixed = (struct weir_session_fixed){
		.country = e->country, .region = e->region, .city = e->city, .longitude = e->longitude, .latitude = e->latitude,
		.device = e->device, .browser = e->browser, .browser_version = e->browser_version, .os = e->os, .os_version = e->os_version,
		.utm_source = WEIR_TEXT("newsletter"), .referrer = e->referrer, .referrer_name = e->referrer_name,
		.referrer_type = e->referrer_type, .sdk_name = e->sdk_name, .sdk_version = e->sdk_version,
	};
	weir_str_reset(&s->packed);
	weir_event_pack(e, &s->packed);
}

/* True when Redis has said that it keeps the event. */
static bool send(struct push *p, const struct sample *s)
{
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };
	char session[24];
	struct weir_delivery d = {
		.mode = WEIR_DELIVER_EVENT, .event_ms = s->e.created_at, .now_ms = weir_now_ms(), .project_id = s->e.project_id,
		.device = { weir_text_of(s->device) }, .screen_view = weir_text_is(s->e.name, "screen_view"), .path = s->e.path,
		.origin = s->e.origin, .revenue = s->e.revenue, .fixed = &s->fixed, .event = weir_str_view(&s->packed),
	};

	/* As long as the real ones, new for every start. */
	snprintf(session, sizeof(session), "%.12s%010llx", s->device, (unsigned long long)(d.now_ms & 0xffffffffff));
	d.session_id = weir_text_of(session);
	for (int i = 0; i < 5 && receipt.what == WEIR_DELIVERED_STALE; i++) {
		weir_arena_reset(p->mem);
		if (weir_deliver(p->deliverer, p->mem, &d, &receipt)) {
			if (!p->retry)
				die("Redis does not answer");
			nap();
			return false;
		}
	}
	if (receipt.what != WEIR_DELIVERED_KEPT)
		die("the event was not kept");
	return true;
}

static int64_t number(const char *z)
{
	int64_t v;

	if (weir_num_int(weir_text_of(z), &v))
		die("a number was expected");
	return v;
}

int main(int argc, char **argv)
{
	struct push p = { .project = argc > 3 ? argv[3] : "p1", .print = getenv("PUSH_IDS") != NULL, .retry = getenv("PUSH_RETRY") != NULL,
		.mem = weir_arena_new(PACK_MAX) };
	static struct sample s;
	struct weir_fault fault;
	struct weir_conf conf;

	if (argc < 3)
		die("usage: push COUNT VISITORS [PROJECT [POISON_EVERY [BACK_MS]]]");
	p.count = number(argv[1]);
	p.visitors = number(argv[2]);
	p.poison_every = argc > 4 ? number(argv[4]) : 0;
	p.back_ms = argc > 5 ? number(argv[5]) : 0;
	signal(SIGPIPE, SIG_IGN);
	if (weir_conf_load(&conf, NULL, &fault) || !(p.deliverer = weir_deliverer_new(&conf, &fault)))
		die(fault.text);
	weir_str_init(&s.packed, PACK_MAX);
	for (int64_t done = 0; done < p.count;) {
		uint8_t id[16];
		char text[WEIR_UUID_LEN + 1];

		weir_uuid_new(id);
		make(&p, &s, done, id);
		if (!send(&p, &s))
			continue;
		done++;
		weir_uuid_text(id, text);
		if (p.print)
			puts(text);
	}
	weir_str_free(&s.packed);
	weir_deliverer_free(p.deliverer);
	weir_conf_free(&conf);
	weir_arena_free(p.mem);
	return fflush(stdout) ? 1 : 0;
}
