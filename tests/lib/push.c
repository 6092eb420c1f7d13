/*
 * Fills a stream as weir-track does: packs believable events and hands them to
 * sql/redis/track.lua, many at a time.
 *
 *	push PORT COUNT VISITORS [PROJECT [POISON_EVERY [BACK_MS]]]
 *
 * Prints one line per accepted event when PUSH_IDS is set: its id.  A lost
 * connection is made again when PUSH_RETRY is set; what had no answer then is
 * not printed, though Redis may have taken it.  BACK_MS dates events back.
 */
#include "config.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/num.h"
#include "ingest/session.h"
#include "redis_scripts.h"

#include <hiredis/hiredis.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { DEPTH = 50, KEYS = 8, ARGS = 21, PACK_MAX = 1 << 20 };

struct push {
	redisContext *ctx;
	int port;
	char sha[41], generation[24];
	const char *project;
	int64_t count, visitors, poison_every, back_ms;
	bool print, retry;
	uint8_t id[DEPTH][16];
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

static void dial(struct push *p)
{
	redisReply *r = NULL;

	for (;;) {
		if (p->ctx)
			redisFree(p->ctx);
		p->ctx = redisConnectWithTimeout("127.0.0.1", p->port, (struct timeval){ .tv_sec = 2 });
		if (p->ctx && !p->ctx->err)
			r = redisCommand(p->ctx, "SCRIPT LOAD %s", WEIR_LUA_TRACK);
		if (r && r->type == REDIS_REPLY_STRING && r->len == 40)
			break;
		if (r)
			freeReplyObject(r);
		r = NULL;
		if (!p->retry)
			die("cannot connect");
		nap();
	}
	memcpy(p->sha, r->str, 41);
	freeReplyObject(r);
	r = redisCommand(p->ctx, "GET {weir:0}:gen");
	snprintf(p->generation, sizeof(p->generation), "%s", r && r->type == REDIS_REPLY_STRING ? r->str : "0");
	if (r)
		freeReplyObject(r);
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
	weir_str packed, packed_fixed, packed_groups;
};

static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 33) * 0xff51afd7ed558ccdULL;
	return v ^ v >> 29;
}

static void make(struct push *p, struct sample *s, int64_t n, const uint8_t id[16])
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
	weir_str_reset(&s->packed_fixed);
	weir_str_reset(&s->packed_groups);
	weir_event_pack(e, &s->packed);
	weir_session_fixed_pack(&s->fixed, &s->packed_fixed);
	weir_str_putc(&s->packed_groups, 0x90);
}

static void send(struct push *p, struct sample *s)
{
	char common[32], key[6][160], now[24], at[24], revenue[24];
	const char *argv[3 + KEYS + ARGS];
	size_t len[3 + KEYS + ARGS], n = 0;
	int64_t now_ms = weir_now_ms();

	snprintf(common, sizeof(common), "{weir:0}:");
	snprintf(key[0], sizeof(key[0]), "%sevents", common);
	snprintf(key[1], sizeof(key[1]), "%ss:%s:%s", common, p->project, s->device);
	snprintf(key[2], sizeof(key[2]), "%sz:%s:%s", common, p->project, s->device);
	snprintf(key[3], sizeof(key[3]), "%sclock", common);
	snprintf(key[4], sizeof(key[4]), "%sd:none", common);
	snprintf(key[5], sizeof(key[5]), "%sgen", common);
	snprintf(now, sizeof(now), "%lld", (long long)now_ms);
	snprintf(at, sizeof(at), "%lld", (long long)s->e.created_at);
	snprintf(revenue, sizeof(revenue), "%llu", (unsigned long long)s->e.revenue);
#define ADD(z) (argv[n] = (z), len[n] = strlen(z), n++)
#define ADDN(str) (argv[n] = (str).buf, len[n] = (str).len, n++)
	ADD("EVALSHA"), ADD(p->sha), ADD("8");
	ADD(key[0]), ADD(key[1]), ADD(key[1]), ADD(key[2]), ADD(key[3]), ADD(key[4]), ADD(key[4]), ADD(key[5]);
	ADD(p->generation), ADD("c"), ADD(at), ADD(now), ADD("1800000"), ADD("100000000"), ADD("0");
	ADD(p->project), ADD(s->device), ADD("");
	/* A session id as long as the real ones, new for every start. */
	char session[24];
	snprintf(session, sizeof(session), "%.12s%010llx", s->device, (unsigned long long)(now_ms & 0xffffffffff));
	ADD(session), ADD("");
	ADD(weir_text_is(s->e.name, "screen_view") ? "1" : "0"), ADD(s->path), ADD("https://example.com"), ADD(revenue);
	ADDN(s->packed_groups), ADDN(s->packed_fixed), ADDN(s->packed), ADD(common), ADD("7200000");
	if (n != 3 + KEYS + ARGS || redisAppendCommandArgv(p->ctx, (int)n, argv, len) != REDIS_OK)
		die("cannot send");
}

/* The answers of a round; how many of it were accepted before the connection went. */
static int receive(struct push *p, int sent)
{
	for (int i = 0; i < sent; i++) {
		redisReply *r = NULL;
		char id[WEIR_UUID_LEN + 1];

		if (redisGetReply(p->ctx, (void **)&r) != REDIS_OK || !r)
			return i;
		if (r->type == REDIS_REPLY_ERROR && p->retry) { /* loading */
			freeReplyObject(r);
			return i;
		}
		if (r->type == REDIS_REPLY_ARRAY && r->elements && !strcmp(r->element[0]->str, "stale")) { /* the next dial asks for it */
			freeReplyObject(r);
			return i;
		}
		if (r->type != REDIS_REPLY_ARRAY || !r->elements || strcmp(r->element[0]->str, "ok") != 0)
			die(r->type == REDIS_REPLY_ERROR ? r->str : r->elements ? r->element[0]->str : "an answer of unknown form");
		freeReplyObject(r);
		if (p->print) {
			weir_uuid_text(p->id[i], id);
			puts(id);
		}
	}
	return sent;
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
	struct push p = { .project = argc > 4 ? argv[4] : "p1", .print = getenv("PUSH_IDS") != NULL, .retry = getenv("PUSH_RETRY") != NULL };
	static struct sample s;

	if (argc < 4)
		die("usage: push PORT COUNT VISITORS [PROJECT [POISON_EVERY [BACK_MS]]]");
	signal(SIGPIPE, SIG_IGN);
	p.port = (int)number(argv[1]);
	p.count = number(argv[2]);
	p.visitors = number(argv[3]);
	p.poison_every = argc > 5 ? number(argv[5]) : 0;
	p.back_ms = argc > 6 ? number(argv[6]) : 0;
	weir_str_init(&s.packed, PACK_MAX);
	weir_str_init(&s.packed_fixed, PACK_MAX);
	weir_str_init(&s.packed_groups, PACK_MAX);
	dial(&p);
	for (int64_t done = 0; done < p.count;) {
		int sent = p.count - done < DEPTH ? (int)(p.count - done) : DEPTH, got;

		for (int i = 0; i < sent; i++) {
			weir_uuid_new(p.id[i]);
			make(&p, &s, done + i, p.id[i]);
			send(&p, &s);
		}
		got = receive(&p, sent);
		done += got;
		if (got < sent) {
			dial(&p);
		}
	}
	weir_str_free(&s.packed);
	weir_str_free(&s.packed_fixed);
	weir_str_free(&s.packed_groups);
	redisFree(p.ctx);
	return fflush(stdout) ? 1 : 0;
}
