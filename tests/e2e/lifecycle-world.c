/* The world of the session tests: Redis, what lies in the stream, sending. */
#include "config.h"

#include "lifecycle.h"
#include "redis_scripts.h"

#include <stdlib.h>

redisReply *redis_do(size_t argc, const weir_text *argv)
{
	redisReply *r = NULL;

	if (weir_redis_do(redis, &r, argc, argv)) {
		printf("Bail out! Redis: %s\n", weir_redis_error(redis));
		exit(1);
	}
	return r;
}

void redis_words(const char *a, const char *b, const char *c)
{
	weir_text argv[3] = { weir_text_of(a), weir_text_of(b), weir_text_of(c) };

	freeReplyObject(redis_do(c ? 3 : b ? 2 : 1, argv));
}

bool exists(const char *key)
{
	redisReply *r = redis_do(2, (weir_text[]){ WEIR_TEXT("EXISTS"), weir_text_of(key) });
	bool yes = r->integer;

	freeReplyObject(r);
	return yes;
}

/* ------------------------------------------------------------------ what lies in the stream */

long long stream_length(void)
{
	redisReply *r = redis_do(2, (weir_text[]){ WEIR_TEXT("XLEN"), WEIR_TEXT("{weir:0}:events") });
	long long n = r->integer;

	freeReplyObject(r);
	return n;
}

struct entry entry_of(const redisReply *fields)
{
	struct entry e = { .k = { NULL, 0 } };

	for (size_t i = 0; fields && i + 1 < fields->elements; i += 2) {
		weir_text name = weir_reply_text(fields->element[i]), value = weir_text_dup(mem, weir_reply_text(fields->element[i + 1]));

		if (weir_text_is(name, "k"))
			e.k = value;
		else if (weir_text_is(name, "ev"))
			e.ev = value;
		else if (weir_text_is(name, "s"))
			e.s = value;
		else if (weir_text_is(name, "o"))
			e.o = value;
		else if (weir_text_is(name, "f"))
			e.f = value;
	}
	return e;
}

/* The newest entry. */
struct entry newest(void)
{
	redisReply *r = redis_do(6, (weir_text[]){ WEIR_TEXT("XREVRANGE"), WEIR_TEXT("{weir:0}:events"), WEIR_TEXT("+"), WEIR_TEXT("-"),
		WEIR_TEXT("COUNT"), WEIR_TEXT("1") });
	struct entry e = entry_of(r->elements ? r->element[0]->element[1] : NULL);

	freeReplyObject(r);
	return e;
}

bool is_kind(const char *kind)
{
	return weir_text_is(newest().k, kind);
}

struct weir_session session_of(weir_text packed)
{
	struct weir_session s = { .version = 0 };

	if (weir_session_unpack(mem, packed, &s))
		s.id = WEIR_TEXT("not a session");
	return s;
}

/* ------------------------------------------------------------------ sending */

struct weir_receipt deliver(const struct weir_delivery *d)
{
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };

	for (int i = 0; i < 2 && receipt.what == WEIR_DELIVERED_STALE; i++)
		if (weir_deliver(deliverer, mem, d, &receipt)) {
			printf("Bail out! the delivery failed\n");
			exit(1);
		}
	return receipt;
}

struct weir_receipt send_composed(const struct weir_track_event *said, const struct weir_visit *visit, struct weir_delivery d)
{
	struct weir_composed made;
	const char *why;
	struct weir_receipt receipt;
	weir_str ev;

	weir_str_init(&ev, 1 << 20);
	if (weir_compose(mem, said, visit, d.project_id, &made, &why)) {
		printf("Bail out! the event cannot be composed\n");
		exit(1);
	}
	weir_event_pack(&made.event, &ev);
	d.profile_id = made.event.profile_id;
	d.screen_view = weir_text_is(made.event.name, "screen_view");
	d.path = made.event.path;
	d.origin = made.event.origin;
	d.revenue = made.event.revenue;
	d.groups = made.event.groups;
	d.fixed = &made.fixed;
	d.event = weir_str_view(&ev);
	d.event_ms = visit->when.ms;
	if (d.mode != WEIR_DELIVER_BACKDATED)
		d.mode = visit->when.past ? WEIR_DELIVER_PAST :
		visit->agent.is_server ? WEIR_DELIVER_SERVER : d.device[0].n ? WEIR_DELIVER_EVENT : WEIR_DELIVER_PAST;
	receipt = deliver(&d);
	weir_str_free(&ev);
	return receipt;
}

static weir_text or_empty(const char *z)
{
	return weir_text_of(z ? z : "");
}

struct weir_receipt sent(struct send s)
{
	json_object *properties = json_object_new_object();
	struct weir_track_event said = { .name = or_empty(s.name ? s.name : "e"), .profile_id = or_empty(s.profile), .properties = properties };
	struct weir_visit visit = { .when = { s.at, s.past }, .agent = { .is_server = s.server } };
	struct weir_delivery d = { .mode = s.back ? WEIR_DELIVER_BACKDATED : WEIR_DELIVER_EVENT, .skip = s.skip,
		.now_ms = s.now ? s.now : s.at, .project_id = WEIR_TEXT("p1"), .device = { or_empty(s.device), or_empty(s.second) },
		.session_id = or_empty(s.session), .digest = or_empty(s.digest) };
	struct weir_receipt receipt;

	if (s.path)
		json_object_object_add(properties, "__path", json_object_new_string(s.path));
	receipt = send_composed(&said, &visit, d);
	json_object_put(properties);
	return receipt;
}

/* ------------------------------------------------------------------ the reaper */

long long reap(int64_t now)
{
	static struct weir_script script = { .name = "reap", .source = WEIR_LUA_REAP };
	char at[24];
	redisReply *r;
	long long n;

	snprintf(at, sizeof(at), "%lld", (long long)now);
	if (weir_redis_eval(redis, &script, &r, 3, 8, (weir_text[]){ WEIR_TEXT("{weir:0}:events"), WEIR_TEXT("{weir:0}:clock"), WEIR_TEXT("{weir:0}:back"), weir_text_of(at),
		WEIR_TEXT("1800000"), WEIR_TEXT("100"), WEIR_TEXT("{weir:0}:"), WEIR_TEXT("4800000") })) {
		printf("Bail out! reap: %s\n", weir_redis_error(redis));
		exit(1);
	}
	n = r->element[0]->integer;
	freeReplyObject(r);
	return n;
}
