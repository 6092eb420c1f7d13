/* The session vectors and the rules beyond them, against a real Redis; lifecycle.t starts it. */
#include "config.h"

#include "base/clock.h"
#include "ingest/compose.h"
#include "ingest/deliver.h"
#include "ingest/entry.h"
#include "ingest/respool.h"
#include "ingest/rowpack.h"
#include "ingest/rows.h"
#include "link/redis.h"
#include "redis_scripts.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1785585600000) /* 2026-08-01 12:00:00 */
#define TIMEOUT INT64_C(1800000)

static struct weir_conf conf;
static weir_deliverer *deliverer;
static weir_redis *redis;
static weir_arena *mem;

static redisReply *redis_do(size_t argc, const weir_text *argv)
{
	redisReply *r = NULL;

	if (weir_redis_do(redis, &r, argc, argv)) {
		printf("Bail out! Redis: %s\n", weir_redis_error(redis));
		exit(1);
	}
	return r;
}

static void redis_words(const char *a, const char *b, const char *c)
{
	weir_text argv[3] = { weir_text_of(a), weir_text_of(b), weir_text_of(c) };

	freeReplyObject(redis_do(c ? 3 : b ? 2 : 1, argv));
}

/* ------------------------------------------------------------------ what lies in the stream */

struct entry {
	weir_text k, ev, s, o, f; /* in mem; {NULL, 0} when absent */
};

static long long stream_length(void)
{
	redisReply *r = redis_do(2, (weir_text[]){ WEIR_TEXT("XLEN"), WEIR_TEXT("{weir:0}:events") });
	long long n = r->integer;

	freeReplyObject(r);
	return n;
}

static struct entry entry_of(const redisReply *fields)
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
static struct entry newest(void)
{
	redisReply *r = redis_do(6, (weir_text[]){ WEIR_TEXT("XREVRANGE"), WEIR_TEXT("{weir:0}:events"), WEIR_TEXT("+"), WEIR_TEXT("-"),
		WEIR_TEXT("COUNT"), WEIR_TEXT("1") });
	struct entry e = entry_of(r->elements ? r->element[0]->element[1] : NULL);

	freeReplyObject(r);
	return e;
}

static struct weir_session session_of(weir_text packed)
{
	struct weir_session s = { .version = 0 };

	if (weir_session_unpack(mem, packed, &s))
		s.id = WEIR_TEXT("not a session");
	return s;
}

/* ------------------------------------------------------------------ sending */

struct send {
	const char *name, *profile, *device, *second, *session, *path;
	int64_t at, now;
	bool server, past, back;
	const char *digest;
	unsigned skip;
};

static struct weir_receipt deliver(const struct weir_delivery *d)
{
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };

	for (int i = 0; i < 2 && receipt.what == WEIR_DELIVERED_STALE; i++)
		if (weir_deliver(deliverer, mem, d, &receipt)) {
			printf("Bail out! the delivery failed\n");
			exit(1);
		}
	return receipt;
}

static struct weir_receipt send_composed(const struct weir_track_event *said, const struct weir_visit *visit, struct weir_delivery d)
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

static struct weir_receipt sent(struct send s)
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

/* ------------------------------------------------------------------ the vectors of worker_lifecycle */

static struct weir_receipt send_vector(json_object *input, json_object *event)
{
	json_object *ua = weir_jsonr_get(input, "ua"), *geo = weir_jsonr_get(input, "geo"), *sdk = weir_jsonr_get(input, "sdk");
	json_object *groups = weir_jsonr_get(event, "groups"), *revenue;
	struct weir_track_event said = { .name = weir_jsonr_get_text(event, "name"), .profile_id = weir_jsonr_get_text(event, "profileId"),
		.properties = weir_jsonr_get(event, "properties") };
	struct weir_visit visit = {
		.when = { json_object_get_int64(weir_jsonr_get(event, "tMs")), json_object_get_boolean(weir_jsonr_get(event, "isTimestampFromThePast")) },
		.agent = { .os = weir_jsonr_get_text(ua, "os"), .os_version = weir_jsonr_get_text(ua, "osVersion"),
			.browser = weir_jsonr_get_text(ua, "browser"), .browser_version = weir_jsonr_get_text(ua, "browserVersion"),
			.device = weir_jsonr_get_text(ua, "device") },
		.place = { .country = weir_jsonr_get_text(geo, "country"), .city = weir_jsonr_get_text(geo, "city"),
			.region = weir_jsonr_get_text(geo, "region"), .longitude = json_object_get_double(weir_jsonr_get(geo, "longitude")),
			.latitude = json_object_get_double(weir_jsonr_get(geo, "latitude")), .has_point = true },
		.sdk_name = weir_jsonr_get_text(sdk, "name"), .sdk_version = weir_jsonr_get_text(sdk, "version"),
	};
	struct weir_delivery d = { .now_ms = visit.when.ms, .project_id = weir_jsonr_get_text(input, "project"),
		.device = { weir_jsonr_get_text(event, "deviceId"), { NULL, 0 } }, .session_id = weir_jsonr_get_text(event, "sessionId") };

	if (json_object_get_boolean(weir_jsonr_get(event, "isServer")))
		visit.agent = (struct weir_agent){ .device = WEIR_TEXT("server"), .is_server = true };
	said.groups.count = groups ? json_object_array_length(groups) : 0;
	said.groups.item = weir_alloc_n(mem, said.groups.count + 1, sizeof(weir_text));
	for (size_t i = 0; i < said.groups.count; i++)
		said.groups.item[i] = weir_jsonr_text(json_object_array_get_idx(groups, i));
	revenue = weir_text_is(said.name, "revenue") ? weir_jsonr_get(said.properties, "__revenue") : NULL;
	said.revenue = revenue ? json_object_get_uint64(revenue) : 0;
	return send_composed(&said, &visit, d);
}

/* Each member of want is in got and equal; names the first that is not. */
static const char *differs(json_object *want, json_object *got, const char *const *except)
{
	static char text[512];

	json_object_object_foreach(want, key, value) {
		const char *a, *b;
		bool skip = false;

		for (const char *const *e = except; *e; e++)
			skip |= !strcmp(*e, key);
		if (skip)
			continue;
		a = json_object_to_json_string(value);
		b = json_object_to_json_string(weir_jsonr_get(got, key));
		if (strcmp(a, b) && !(weir_jsonr_is_number(value) && json_object_get_double(value) == json_object_get_double(weir_jsonr_get(got, key)))) {
			snprintf(text, sizeof(text), "%s: wanted %.200s, got %.200s", key, a, b);
			return text;
		}
	}
	return "";
}

static json_object *parsed(weir_str *s)
{
	json_object *o = NULL;

	if (weir_jsonr_parse(mem, weir_str_view(s), 0, &o, NULL))
		printf("# not JSON: %s\n", s->buf);
	return o;
}

static void check_session(const char *name, json_object *want, weir_text packed)
{
	static const char *const except[] = { "sign", NULL };
	struct weir_session s = session_of(packed);
	weir_json j;
	weir_str out;

	weir_str_init(&out, 1 << 20);
	weir_json_init(&j, &out);
	weir_session_json(&j, NULL, &s);
	is(differs(want, parsed(&out), except), "", name);
	weir_str_free(&out);
}

static void check_event(const char *name, json_object *want, const struct entry *e)
{
	/* A session decides these; weir-worker fills them in. */
	static const char *const of_session[] = { "device_id", "session_id", "profile_id", "referrer", "referrer_name", "referrer_type",
		"path", "origin", "os", "os_version", "browser", "browser_version", "device", "country", "city", "region", "longitude",
		"latitude", "id", NULL };
	static const char *const of_referrer[] = { "device_id", "session_id", "profile_id", "referrer", "referrer_name", "referrer_type", "id", NULL };
	static const char *const none[] = { "id", "country", NULL };
	bool server = weir_text_is(e->k, "-");
	struct weir_event event;
	weir_json j;
	weir_str out;

	ok(!weir_event_unpack(mem, e->ev, &event), "the event can be read");
	weir_str_init(&out, 1 << 20);
	weir_json_init(&j, &out);
	weir_event_json(&j, NULL, &event);
	is(differs(want, parsed(&out), e->s.p ? server ? of_session : of_referrer : none), "", name);
	if (e->s.p) {
		struct weir_session s = session_of(e->s);
		weir_text profile = event.profile_id.n ? event.profile_id : s.device_id;

		ok(weir_text_eq(weir_jsonr_get_text(want, "session_id"), s.id), "its session");
		ok(weir_text_eq(weir_jsonr_get_text(want, "device_id"), s.device_id), "its device");
		ok(weir_text_eq(weir_jsonr_get_text(want, "profile_id"), profile), "its profile");
	}
	weir_str_free(&out);
}

static void check_row(const char *name, json_object *want, const struct weir_event *row, const char *const *except)
{
	weir_json j;
	weir_str out;

	weir_str_init(&out, 1 << 20);
	weir_json_init(&j, &out);
	weir_event_json(&j, NULL, row);
	is(differs(want, parsed(&out), except), "", name);
	weir_str_free(&out);
}

/*
 * What weir-worker makes of the entry, all columns.  closed: the row of
 * session_end, when a session ended; the recorded one has columns of the next
 * session's event (spec/ingest.md 11 item 16), which ours has not.
 */
static void check_rows(const struct entry *e, json_object *events, json_object *closed)
{
	static const char *const nothing[] = { "id", NULL };
	static const char *const start[] = { "id", "revenue", NULL };
	static const char *const end[] = { "id", "revenue", "properties", "origin", "referrer", "referrer_name", "referrer_type", NULL };
	struct weir_entry entry = { .kind = e->k.p[0], .ev = e->ev, .s = e->s, .o = e->o };
	size_t wanted = json_object_array_length(events), first = e->k.p[0] == 'b';
	struct weir_entry_rows rows;
	const char *why = "";

	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.events == wanted + first, "the entry becomes rows");
	for (size_t i = 0; i < wanted && first + i < rows.events; i++) {
		const struct weir_event *row = &rows.event[first + i];
		bool is_start = weir_text_is(row->name, "session_start");

		check_row(is_start ? "the row of session_start" : "the row of the event", json_object_array_get_idx(events, i), row,
			is_start ? start : nothing);
		ok(!is_start || !row->revenue, "a start has no revenue");
	}
	if (first && closed) {
		check_row("the row of session_end", closed, &rows.event[0], end);
		ok(!rows.event[0].revenue && rows.event[0].properties.count == 1, "an end has the mark of a bounce and no revenue");
	}
}

/* What one event left in the stream: rows of the session with sign 1, then -1. */
static void check_step(const char *note, json_object *expected, json_object *closed, long long before)
{
	json_object *sessions = weir_jsonr_get(expected, "session_rows"), *events = weir_jsonr_get(expected, "event_rows");
	size_t nevents = json_object_array_length(events), nsessions = json_object_array_length(sessions);
	struct entry e = newest();
	const char *kind;

	ok(stream_length() == before + 1, note);
	kind = nsessions == 2 ? "x" : nsessions == 0 ? "-" : nevents == 3 || e.o.p ? "b" : "n";
	ok(weir_text_is(e.k, kind), kind);
	check_event(note, json_object_array_get_idx(events, nevents - 1), &e);
	if (nsessions)
		check_session("the session after", json_object_array_get_idx(sessions, 0), e.s);
	if (nsessions == 2)
		check_session("the session before", json_object_array_get_idx(sessions, 1), e.o);
	check_rows(&e, events, closed);
}

/* The row of session_end that the recorded job made of the session which the step before it closed. */
static json_object *closed_by(json_object *events, json_object *expected, size_t i)
{
	if (i + 1 >= json_object_array_length(events) || !weir_jsonr_has(json_object_array_get_idx(events, i + 1), "run"))
		return NULL;
	return json_object_array_get_idx(weir_jsonr_get(json_object_array_get_idx(expected, i + 1), "event_rows"), 0);
}

static void lifecycle(json_object *vector)
{
	json_object *input = weir_jsonr_get(vector, "input"), *events = weir_jsonr_get(input, "events");
	json_object *expected = weir_jsonr_get(vector, "expected");

	redis_words("FLUSHALL", NULL, NULL);
	for (size_t i = 0; i < json_object_array_length(events); i++) {
		json_object *event = json_object_array_get_idx(events, i);
		long long before = stream_length();

		if (weir_jsonr_has(event, "run"))
			continue; /* seen in the entry of kind b before it */
		send_vector(input, event);
		check_step(json_object_get_string(weir_jsonr_get(vector, "note")), json_object_array_get_idx(expected, i),
			closed_by(events, expected, i), before);
	}
}

/* ------------------------------------------------------------------ session_resolution */

static void put_blob(weir_text device, json_object *blob)
{
	weir_text key = weir_key(mem, &conf, 0, WEIR_KEY_SESSION, WEIR_TEXT("proj-1"), device);
	weir_text id = weir_jsonr_get_text(blob, "id"), texts[] = { id, device, device };
	msgpack_packer pk;
	int64_t ended = 0;
	weir_str s;

	if (weir_clock_parse(weir_jsonr_get_text(blob, "ended_at"), &ended))
		ended = 0;
	weir_str_init(&s, 4096);
	weir_rowpack_init(&pk, &s);
	msgpack_pack_array(&pk, 17);
	for (int i = 0; i < 3; i++)
		weir_pack_text(&pk, texts[i]);
	weir_pack_time(&pk, ended);
	weir_pack_time(&pk, ended);
	msgpack_pack_true(&pk);
	for (int i = 7; i <= 10; i++)
		weir_pack_text(&pk, WEIR_TEXT(""));
	for (int i = 11; i <= 14; i++)
		weir_pack_count(&pk, 1);
	msgpack_pack_array(&pk, 0);
	weir_pack_text(&pk, WEIR_TEXT(""));
	weir_pack_text(&pk, WEIR_TEXT("proj-1"));
	freeReplyObject(redis_do(3, (weir_text[]){ WEIR_TEXT("SET"), key, weir_str_view(&s) }));
	weir_str_free(&s);
}

static void resolution(json_object *vector)
{
	static const char current[] = "1775d9eae5c4295e6e1fc1ed490ad78b", previous[] = "ca284f2b7c4de258a3aa3d6bc98fd5f0";
	json_object *input = weir_jsonr_get(vector, "input"), *blobs = weir_jsonr_get(input, "blobs"), *want = weir_jsonr_get(vector, "expected");
	weir_text override = weir_jsonr_get_text(input, "override");
	struct weir_delivery d = { .mode = WEIR_DELIVER_NOTHING, .project_id = WEIR_TEXT("proj-1"), .session_id = WEIR_TEXT("new"),
		.event_ms = json_object_get_int64(weir_jsonr_get(input, "eventMs")) };
	struct weir_receipt receipt;

	redis_words("FLUSHALL", NULL, NULL);
	json_object_object_foreach(blobs, name, blob)
		put_blob(!strcmp(name, "current") ? weir_text_of(current) : !strcmp(name, "previous") ? weir_text_of(previous) : weir_text_of(name), blob);
	d.now_ms = d.event_ms;
	d.device[0] = override.n ? override : weir_text_of(current);
	d.device[1] = override.n ? WEIR_TEXT("") : weir_text_of(previous);
	for (int i = 0; i < 2; i++) {
		d.mode = i ? WEIR_DELIVER_PAST : WEIR_DELIVER_NOTHING; /* a question and an event get the same ids */
		d.event = WEIR_TEXT("\x90");
		receipt = deliver(&d);
		ok(weir_text_eq(receipt.device_id, weir_jsonr_get_text(want, "deviceId")) &&
			weir_text_eq(receipt.session_id, weir_jsonr_get_text(want, "sessionId")), json_object_get_string(weir_jsonr_get(vector, "note")));
	}
}

/* ------------------------------------------------------------------ beyond the vectors */

static long long reap(int64_t now)
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

static bool exists(const char *key)
{
	redisReply *r = redis_do(2, (weir_text[]){ WEIR_TEXT("EXISTS"), weir_text_of(key) });
	bool yes = r->integer;

	freeReplyObject(r);
	return yes;
}

static void closing(void)
{
	struct weir_receipt first, second;
	struct entry e;

	redis_words("FLUSHALL", NULL, NULL);
	first = sent((struct send){ .device = "d", .session = "AAAAAAAAAAAAAAAAAAAAAA", .profile = "u", .at = NOW });
	ok(reap(NOW + TIMEOUT - 1) == 0 && exists("{weir:0}:s:p1:d"), "a session is not ended before its time");
	ok(exists("{weir:0}:p:p1:u"), "its profile points to it");
	ok(reap(NOW + TIMEOUT) == 1, "it ends when nothing was heard for the timeout");
	e = newest();
	ok(weir_text_is(e.k, "e") && e.o.p && !e.ev.p && !e.s.p && weir_text_eq(session_of(e.o).id, first.session_id), "and the stream says so");
	ok(!exists("{weir:0}:s:p1:d") && !exists("{weir:0}:p:p1:u") && !exists("{weir:0}:clock"), "nothing of it is left");
	ok(reap(NOW + 2 * TIMEOUT) == 0, "a session ends once");
	second = sent((struct send){ .device = "d", .session = "AAAAAAAAAAAAAAAAAAAAAA", .at = NOW + 1000, .now = NOW + TIMEOUT + 1000 });
	ok(!weir_text_eq(first.session_id, second.session_id) && second.session_id.n == 22, "a late event does not open an ended session's id again");
	ok(reap(NOW + 2 * TIMEOUT + 1000) == 1, "the second ends as well");
	first = sent((struct send){ .device = "d", .session = "AAAAAAAAAAAAAAAAAAAAAA", .at = NOW + 2000, .now = NOW + 2 * TIMEOUT + 2000 });
	ok(!weir_text_is(first.session_id, "AAAAAAAAAAAAAAAAAAAAAA") && !weir_text_eq(first.session_id, second.session_id), "a third gets a third id");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "B", .at = NOW + 50000, .now = NOW });
	ok(reap(NOW + TIMEOUT) == 0, "an event a little ahead of the clock keeps its session");
	ok(reap(NOW + TIMEOUT + 50000) == 1, "until its own time has passed");
}

static void boundary(void)
{
	struct weir_receipt r;
	struct entry e;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .profile = "u", .at = NOW });
	r = sent((struct send){ .device = "d", .session = "B", .at = NOW + TIMEOUT + 1 });
	e = newest();
	ok(weir_text_is(e.k, "b") && weir_text_is(r.session_id, "B") && weir_text_is(session_of(e.o).id, "A"), "a timed out session is closed by the next event");
	ok(!exists("{weir:0}:p:p1:u"), "with its pointer");
	r = sent((struct send){ .device = "d", .session = "C", .at = NOW + 2 * TIMEOUT + 1 });
	ok(weir_text_is(newest().k, "x") && weir_text_is(r.session_id, "B"), "idle for exactly the timeout still extends");
}

static void salts(void)
{
	struct weir_receipt r;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "old", .session = "A", .at = NOW });
	r = sent((struct send){ .device = "new", .second = "old", .session = "B", .at = NOW + 1000 });
	ok(weir_text_is(r.device_id, "old") && weir_text_is(r.session_id, "A") && r.live == 2, "a visit outlives the salt");
	ok(session_of(newest().s).version == 2 && !exists("{weir:0}:s:p1:new"), "in its own session");
	r = sent((struct send){ .device = "new", .second = "old", .session = "B", .at = NOW + 2 * TIMEOUT });
	ok(weir_text_is(r.device_id, "new") && weir_text_is(newest().k, "n"), "a later visit has the new device id");
}

static void servers(void)
{
	struct entry e;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .profile = "u", .path = "/in", .at = NOW });
	sent((struct send){ .server = true, .profile = "u", .device = "srv", .session = "S", .at = NOW + TIMEOUT - 1 });
	ok(weir_text_is(session_of(newest().s).id, "A"), "a server event belongs to its profile's session");
	ok(session_of(newest().s).version == 1, "and does not change it");
	sent((struct send){ .server = true, .profile = "u", .device = "srv", .session = "S", .at = NOW + TIMEOUT });
	ok(!newest().s.p, "but not to one that has timed out");
	sent((struct send){ .device = "d", .session = "A", .profile = "v", .at = NOW + 10 });
	sent((struct send){ .server = true, .profile = "u", .device = "srv", .session = "S", .at = NOW + 20 });
	ok(!newest().s.p, "nor to one that belongs to somebody else now");
	sent((struct send){ .past = true, .profile = "v", .device = "d", .session = "A", .at = NOW + 30 });
	e = newest();
	ok(weir_text_is(e.k, "-") && !e.s.p, "an event from the past belongs to none");
}

static void refusals(void)
{
	struct send again = { .device = "d", .session = "A", .at = NOW, .digest = "0123456789abcdef0123456789abcdef" };
	struct weir_delivery d = { .mode = WEIR_DELIVER_PAST, .project_id = WEIR_TEXT("p1"), .event = WEIR_TEXT("\x90"), .event_ms = NOW, .now_ms = NOW };
	struct weir_receipt r, first;
	struct weir_conf small = conf;
	struct weir_fault fault;
	weir_deliverer *narrow;
	long long n;

	redis_words("FLUSHALL", NULL, NULL);
	first = sent(again);
	n = stream_length();
	again.session = "B";
	r = sent(again);
	ok(r.what == WEIR_DELIVERED_AGAIN && weir_text_eq(r.session_id, first.session_id) && weir_text_is(r.device_id, "d"), "a duplicate gets the ids of the first");
	ok(stream_length() == n, "and is not stored");
	again.digest = "fedcba98765432100123456789abcdef";
	again.now = NOW + 50;
	ok(sent(again).what == WEIR_DELIVERED_KEPT, "another request is none");
	again.digest = "0123456789abcdef0123456789abcdef";
	again.now = NOW + 99;
	ok(sent(again).what == WEIR_DELIVERED_AGAIN, "the first is still known behind it");
	again.now = NOW + 100;
	ok(sent(again).what == WEIR_DELIVERED_KEPT, "until the window has passed");
	again.past = true;
	ok(sent(again).what == WEIR_DELIVERED_KEPT && sent(again).what == WEIR_DELIVERED_AGAIN, "an event without session has its own memory");
	ok(exists("{weir:0}:d:0123456789abcdef0123456789abcdef"), "under the digest");
	n = stream_length();
	redis_words("INCR", "{weir:0}:gen", NULL);
	ok(!weir_deliver(deliverer, mem, &d, &r) && r.what == WEIR_DELIVERED_STALE && stream_length() == n, "a change is noticed on the next event, which is not stored");
	ok(!weir_deliver(deliverer, mem, &d, &r) && r.what == WEIR_DELIVERED_KEPT && stream_length() == n + 1, "and then is");
	redis_words("INCR", "{weir:0}:gen", NULL);
	ok(weir_deliverer_outdated(deliverer, mem, NOW), "a change is noticed before a refusal");
	ok(!weir_deliverer_outdated(deliverer, mem, NOW + 2000), "once");

	small.track_stream_max = n + 1;
	narrow = weir_deliverer_new(&small, &fault);
	ok(narrow, "a deliverer with a short stream");
	for (int i = 0; i < 2; i++)
		if (weir_deliver(narrow, mem, &d, &r))
			r.what = WEIR_DELIVERED_KEPT;
	ok(r.what == WEIR_DELIVERED_KEPT && stream_length() == n + 1, "a full stream takes nothing: the spool does");
	small.track_spool_max = 0;
	if (weir_deliver(narrow, mem, &d, &r))
		r.what = WEIR_DELIVERED_KEPT;
	ok(r.what == WEIR_DELIVERED_FULL && stream_length() == n + 1, "and a full spool takes nothing either");
	weir_deliverer_free(narrow);
}

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static bool is_kind(const char *kind)
{
	return weir_text_is(newest().k, kind);
}

static struct weir_receipt sent_back(const char *session, int64_t at)
{
	return sent((struct send){ .back = true, .device = "d", .session = session, .at = at, .now = NOW + MINUTE });
}

static void backdated(void)
{
	struct weir_receipt r;
	struct entry e;
	struct weir_entry entry;
	struct weir_entry_rows rows;
	const char *why;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW });
	sent((struct send){ .device = "d", .session = "A", .at = NOW + MINUTE });
	r = sent_back("Q", NOW + MINUTE / 2);
	ok(is_kind("x") && weir_text_is(r.session_id, "A") && r.live == 1, "a back-dated event of the live session's time joins it");
	sent_back("Q", NOW - 10 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "x") && session_of(e.s).created_at == NOW - 10 * MINUTE && session_of(e.s).ended_at == NOW + MINUTE,
		"so does one that lies a little before it, which moves its start");
	r = sent_back("P", NOW - 60 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "n") && weir_text_is(r.session_id, "P") && !r.live && session_of(e.s).created_at == NOW - 60 * MINUTE,
		"one of an earlier time has a session of its own");
	r = sent((struct send){ .device = "d", .session = "A", .at = NOW + MINUTE });
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(r.session_id, "A") && session_of(e.s).version == 5, "and the live session stays as it is");
	r = sent_back("Q", NOW - 50 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(r.session_id, "P") && session_of(e.s).version == 2 && session_of(e.s).ended_at == NOW - 50 * MINUTE,
		"the next one of that time joins it");
	r = sent_back("O", NOW - 5 * HOUR);
	ok(is_kind("n") && !weir_text_is(r.session_id, "O") && r.session_id.n == 22, "of a time that nobody remembers, the id is a new one");

	ok(reap(NOW + MINUTE + TIMEOUT - 1) == 0, "such sessions wait for more as live ones do");
	ok(reap(NOW + MINUTE + TIMEOUT) == 3, "and are ended by the reaper");
	ok(!exists("{weir:0}:o:p1:d") && !exists("{weir:0}:back") && !exists("{weir:0}:s:p1:d") && exists("{weir:0}:h:p1:d"), "ended ones are remembered");
	r = sent_back("Q", NOW - 40 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(r.session_id, "P") && session_of(e.s).ended && session_of(e.s).version == 3,
		"an event that comes after its session's end joins it all the same");
	sent_back("Q", NOW - 30 * MINUTE);
	e = newest();
	ok(session_of(e.s).version == 4 && session_of(e.o).version == 3, "and the next one finds what became of it");
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.events == 1 && rows.has_after && rows.has_before, "its row is replaced, and there is no second session_end");
	ok(reap(NOW + 10 * HOUR) == 0, "nor by the reaper");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW - HOUR, .now = NOW });
	r = sent_back("B", NOW);
	e = newest();
	ok(weir_text_is(e.k, "b") && weir_text_is(r.session_id, "B") && weir_text_is(session_of(e.o).id, "A"), "one of a later time than the live session ends that");
	r = sent_back("C", NOW - HOUR - MINUTE);
	ok(is_kind("x") && weir_text_is(r.session_id, "A"), "which is found again");
	for (int i = 0; i < 12; i++)
		sent_back("C", NOW - (4 + 2 * i) * HOUR);
	freeReplyObject(redis_do(2, (weir_text[]){ WEIR_TEXT("PING"), WEIR_TEXT("x") }));
	ok(reap(NOW + 10 * HOUR) == 9, "a device has eight such sessions at a time");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW - 50 * MINUTE, .now = NOW });
	sent((struct send){ .device = "d", .session = "B", .at = NOW });
	r = sent_back("C", NOW - 28 * MINUTE);
	ok(is_kind("x") && weir_text_is(r.session_id, "A") && !r.live, "between two sessions it joins the nearer one, though that has ended");
	r = sent_back("C", NOW - 5 * MINUTE);
	ok(is_kind("x") && weir_text_is(r.session_id, "B") && r.live == 1, "or the live one");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "old", .session = "A", .at = NOW });
	r = sent((struct send){ .back = true, .device = "new", .second = "old", .session = "B", .at = NOW + MINUTE });
	ok(weir_text_is(r.session_id, "A") && r.live == 2, "the device's id before the change of salts counts as well");
}

static void skipping(void)
{
	struct weir_entry entry;
	struct weir_entry_rows rows;
	struct entry e;
	const char *why;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW, .skip = WEIR_SKIP_START });
	e = newest();
	ok(weir_text_is(e.k, "n") && weir_text_is(e.f, "1"), "what a filter leaves out is told");
	entry = (struct weir_entry){ .kind = 'n', .ev = e.ev, .s = e.s, .skip = 1 };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.events == 1 && !weir_text_is(rows.event[0].name, "session_start") && rows.has_after,
		"a session without session_start");
	entry.skip = 3;
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.events && rows.has_after, "or without any of both");
	sent((struct send){ .device = "d", .session = "A", .profile = "u", .at = NOW + 1, .skip = WEIR_SKIP_EVENT });
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(e.f, "2") && session_of(e.s).version == 2, "also of one that goes on");
	sent((struct send){ .device = "d", .session = "A", .at = NOW + 2 });
	ok(!newest().f.p, "and of no other");
}

static void page_times(void)
{
	struct weir_entry entry;
	struct weir_entry_rows rows;
	struct entry first, e;
	struct weir_event view;
	const char *why;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .name = "screen_view", .path = "https://e.com/a", .device = "d", .session = "A", .at = NOW });
	first = newest();
	sent((struct send){ .name = "click", .device = "d", .session = "A", .at = NOW + 5000 });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.pages, "an event that is no view ends none");
	sent((struct send){ .name = "screen_view", .path = "https://e.com/b", .device = "d", .session = "A", .at = NOW + 9000 });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.pages == 1 && rows.page[0].spent == 9000 && rows.page[0].at == NOW, "the next view does");
	ok(!weir_event_unpack(mem, first.ev, &view) && !memcmp(view.id, rows.page[0].id, 16), "of the one before it");
	sent((struct send){ .name = "screen_view", .path = "https://e.com/c", .device = "d", .session = "A", .at = NOW + 8000 });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.pages && session_of(e.s).last_view_at == NOW + 9000, "one that is late does not");
	sent((struct send){ .name = "click", .device = "d", .session = "A", .at = NOW + 12000 });
	reap(NOW + HOUR);
	e = newest();
	entry = (struct weir_entry){ .kind = 'e', .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.pages == 1 && rows.page[0].spent == 3000, "the session's end does, at its last event");
	sent((struct send){ .back = true, .name = "click", .device = "d", .session = "A", .at = NOW + 20000, .now = NOW + HOUR });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.pages == 1 && rows.page[0].spent == 11000, "and an event that comes after the end corrects it");
	entry.only = WEIR_TEXT("events");
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.pages, "what comes from the dead stream says nothing about it again");
}

/* ------------------------------------------------------------------ states and rows agree, whatever comes */

enum { KNOWN_MAX = 4000 };

struct known {
	weir_text id;
	uint64_t version;
	int64_t count;
	bool over;
};

static struct known *known_of(struct known *known, size_t *count, weir_text id)
{
	for (size_t i = 0; i < *count; i++)
		if (weir_text_eq(known[i].id, id))
			return &known[i];
	if (*count == KNOWN_MAX)
		return NULL;
	known[*count] = (struct known){ .id = id };
	return &known[(*count)++];
}

/* Goes through the stream as weir-worker does; how many entries do not go with those before them. */
static int contradictions(struct known *known, size_t *count)
{
	redisReply *r = redis_do(4, (weir_text[]){ WEIR_TEXT("XRANGE"), WEIR_TEXT("{weir:0}:events"), WEIR_TEXT("-"), WEIR_TEXT("+") });
	int wrong = 0;

	*count = 0;
	for (size_t i = 0; i < r->elements; i++) {
		struct entry e = entry_of(r->element[i]->element[1]);
		struct weir_session after = session_of(e.s.p ? e.s : e.o), before = session_of(e.o.p ? e.o : e.s);
		struct known *k = known_of(known, count, before.id);

		if (e.o.p) { /* what was before is what came last */
			wrong += !k || k->version != before.version;
			if (k && !weir_text_is(e.k, "x")) {
				wrong += k->over;
				k->over = true;
			}
		}
		if (!e.s.p)
			continue;
		k = known_of(known, count, after.id);
		wrong += !k || after.version != k->version + 1;
		if (!k)
			continue;
		k->version = after.version;
		k->count = after.event_count + after.screen_view_count;
	}
	freeReplyObject(r);
	return wrong;
}

static void agreement(void)
{
	static struct known known[KNOWN_MAX];
	static const char *const devices[] = { "d1", "d2", "d3" };
	static const char *const ids[] = { "Q1", "Q2", "Q3" };
	size_t count = 0, open = 0;
	int64_t now = NOW, events = 0, counted = 0;
	uint32_t r = 12345;
	int wrong;

	redis_words("FLUSHALL", NULL, NULL);
	for (int i = 0; i < 3000; i++) {
		struct send s = { .now = now };
		char session[32];

		r = r * 1664525 + 1013904223;
		s.device = devices[r >> 8 & 1];
		s.second = r >> 9 & 1 ? devices[2] : NULL;
		s.name = r >> 10 & 1 ? "screen_view" : "click";
		s.path = "https://e.com/a";
		s.back = r >> 11 & 1;
		s.profile = r >> 12 & 1 ? ids[r >> 13 & 1] : NULL;
		s.at = s.back ? now - (int64_t)(r >> 14 & 1023) * MINUTE : now - (int64_t)(r >> 14 & 7) * MINUTE;
		/* As weir_session_id makes them: the same for all of a bucket. */
		snprintf(session, sizeof(session), "%s-%019lld", s.device, (long long)(s.at / TIMEOUT));
		s.session = session;
		events += sent(s).what == WEIR_DELIVERED_KEPT;
		now += (int64_t)(r >> 24 & 31) * MINUTE;
		if (!(r >> 29 & 3))
			reap(now);
		if (i % 500 == 499) {
			wrong = contradictions(known, &count);
			weir_arena_reset(mem);
		}
	}
	reap(now + 2 * HOUR);
	reap(now + 4 * HOUR);
	wrong = contradictions(known, &count);
	ok(!wrong, "each state follows from the one before it, and each session begins once and ends once");
	for (size_t i = 0; i < count; i++) {
		counted += known[i].count;
		open += !known[i].over;
	}
	ok(counted == events && events == 3000, "every event is counted in one session");
	ok(!open, "no session is left open");
	ok(!exists("{weir:0}:clock") && !exists("{weir:0}:back") && !exists("{weir:0}:o:p1:d1") && !exists("{weir:0}:s:p1:d1"), "and Redis is clean");
	printf("# %zu sessions of %lld events\n", count, (long long)events);
	weir_arena_reset(mem);
}

/* ------------------------------------------------------------------ answers without Redis */

static char spool_dir[] = "/tmp/weir-lifecycle.XXXXXX";

/* A responder whose Redis is away. */
static weir_deliverer *alone_new(void)
{
	static struct weir_conf away;
	struct weir_fault fault = { "" };
	weir_deliverer *d;

	away = conf;
	away.redis_url = "redis://127.0.0.1:1";
	d = weir_deliverer_new(&away, &fault);
	if (!d) {
		printf("Bail out! %s\n", fault.text);
		exit(1);
	}
	return d;
}

static struct weir_receipt sent_by(weir_deliverer *d, struct send s)
{
	weir_deliverer *usual = deliverer;
	struct weir_receipt receipt;

	deliverer = d;
	receipt = sent(s);
	weir_deliverer_idle(d);
	deliverer = usual;
	return receipt;
}

/* All that waits, as weir-worker does it; the files themselves go some seconds later. */
static void replay(void)
{
	struct weir_fault fault;
	weir_respool *r = weir_respool_new(&conf, redis, &fault);

	while (r && weir_respool_step(r) == WEIR_RESPOOL_WORK)
		;
	weir_respool_free(r);
}

static bool is_of(weir_text blob, const char *id, const char *device, int64_t events, uint64_t version)
{
	struct weir_session s = session_of(blob);

	return weir_text_is(s.id, id) && weir_text_is(s.device_id, device) && s.event_count == events && s.version == version;
}

static void forget_spool(void)
{
	char names[8][WEIR_SPOOL_NAME_MAX], path[WEIR_SPOOL_NAME_MAX + sizeof(spool_dir)];
	size_t n = 0;

	if (weir_spool_list(spool_dir, "", names, 8, &n))
		while (n--) {
			snprintf(path, sizeof(path), "%s/%s", spool_dir, names[n]);
			unlink(path);
		}
}

/* What was answered without Redis holds, whatever Redis knows by the time that it is replayed. */
static void answered(void)
{
	weir_deliverer *alone, *another;
	struct weir_receipt r;
	struct entry e;

	if (!mkdtemp(spool_dir)) {
		printf("Bail out! no directory for the spool\n");
		exit(1);
	}
	conf.track_spool_dir = spool_dir;
	conf.track_spool_disk_min = 0;
	redis_words("FLUSHALL", NULL, NULL);
	alone = alone_new();
	another = alone_new();
	sent((struct send){ .device = "d", .session = "A", .at = NOW });
	r = sent_by(alone, (struct send){ .device = "d", .session = "B", .at = NOW + 5 * MINUTE });
	ok(weir_text_is(r.session_id, "B"), "a session that no responder saw: the answer has what a new one would be called");
	r = sent_by(another, (struct send){ .device = "d", .session = "C", .at = NOW + 6 * MINUTE });
	ok(weir_text_is(r.session_id, "B"), "and so have those of the other responders, though new ones are called otherwise by then");
	r = sent_by(another, (struct send){ .device = "d", .session = "A", .at = NOW - 28 * MINUTE, .now = NOW + 6 * MINUTE, .back = true });
	ok(weir_text_is(r.session_id, "A"), "what is older by more than the timeout is of another session");
	replay();
	ok(stream_length() == 4, "they are replayed");
	e = newest();
	ok(weir_text_is(e.k, "x") && is_of(e.s, "A", "d", 2, 2), "the one that Redis has live is extended by what was answered with its name");
	r = sent((struct send){ .device = "d", .session = "D", .at = NOW + 7 * MINUTE });
	ok(weir_text_is(r.session_id, "A"), "and goes on");
	ok(reap(NOW + 50 * MINUTE) == 2, "the other stood beside it");
	redis_words("DEL", "{weir:0}:events", NULL);
	r = sent_by(alone, (struct send){ .device = "d", .session = "D", .at = NOW + 10 * MINUTE, .now = NOW + 50 * MINUTE });
	replay();
	e = newest();
	ok(weir_text_is(r.session_id, "B") && weir_text_is(e.k, "x") && is_of(e.s, "B", "d", 3, 3) && session_of(e.s).ended,
		"one that has ended meanwhile is extended");
	redis_words("FLUSHALL", NULL, NULL);
	forget_spool();
	r = sent_by(alone, (struct send){ .device = "new", .second = "d", .session = "E", .at = NOW + 12 * MINUTE });
	ok(weir_text_is(r.session_id, "B") && weir_text_is(r.device_id, "d"), "a visitor of the salt before keeps device and session");
	replay();
	e = newest();
	ok(weir_text_is(e.k, "n") && is_of(e.s, "B", "d", 1, 1) && exists("{weir:0}:s:p1:d") && !exists("{weir:0}:s:p1:new"),
		"a session that Redis has lost begins again under its name");
	redis_words("FLUSHALL", NULL, NULL);
	forget_spool();
	sent((struct send){ .device = "e", .session = "A", .at = NOW });
	sent_by(alone, (struct send){ .device = "e", .session = "B", .at = NOW + 5 * MINUTE });
	replay();
	ok(reap(NOW + 31 * MINUTE) == 1, "the live one ends, the one beside it goes on");
	r = sent((struct send){ .device = "e", .session = "B", .at = NOW + 32 * MINUTE });
	e = newest();
	ok(weir_text_is(e.k, "n") && !weir_text_is(r.session_id, "B") && weir_text_eq(session_of(e.s).id, r.session_id),
		"an event that would open one of the same name opens one of another");
	weir_deliverer_free(alone);
	weir_deliverer_free(another);
	forget_spool();
	rmdir(spool_dir);
}

/* Many at once: what each comes to is told apart. */
static void several(void)
{
	enum { MANY = 250 };
	static struct weir_delivery in[MANY];
	static struct weir_receipt out[MANY];
	static weir_err errs[MANY];
	struct weir_session_fixed fixed = { .country = WEIR_TEXT("") };
	long long n = stream_length();
	int kept = 0, same = 0, bad = 0;

	for (int i = 0; i < MANY; i++) {
		char *device = weir_alloc(mem, 24), *session = weir_alloc(mem, 24);

		snprintf(device, 24, "several-%d", i / 2);
		snprintf(session, 24, "visit-%d", i);
		in[i] = (struct weir_delivery){ .mode = WEIR_DELIVER_EVENT, .event_ms = NOW + i, .now_ms = NOW + i, .project_id = WEIR_TEXT("proj-1"),
			.device = { weir_text_of(device), { "", 0 } }, .session_id = weir_text_of(session), .path = WEIR_TEXT("/"), .fixed = &fixed,
			.event = WEIR_TEXT("\x90") };
	}
	redis_words("SCRIPT", "FLUSH", NULL);
	ok(!weir_deliver_several(deliverer, mem, in, MANY, out, errs), "250 deliveries in one call, to a server that has forgotten the script");
	for (int i = 0; i < MANY; i++) {
		bad += errs[i] != WEIR_OK;
		kept += out[i].what == WEIR_DELIVERED_KEPT;
		same += weir_text_eq(out[i].session_id, in[i & ~1].session_id) && weir_text_eq(out[i].device_id, in[i].device[0]);
	}
	ok(!bad && kept == MANY && stream_length() == n + MANY, "all are kept, each once");
	ok(same == MANY, "in order: the second of a device joins the session of the first");
	redis_words("INCR", "{weir:0}:gen", NULL);
	ok(!weir_deliver_several(deliverer, mem, in, MANY, out, errs) && out[0].what == WEIR_DELIVERED_STALE && out[MANY - 1].what == WEIR_DELIVERED_STALE &&
		stream_length() == n + MANY, "a change is noticed by all of them, and none is stored");
	ok(!weir_deliver_several(deliverer, mem, in, 1, out, errs) && out[0].what == WEIR_DELIVERED_KEPT && stream_length() == n + MANY + 1, "one of several is one");
	ok(weir_deliver_several(deliverer, mem, in, 1001, out, errs) == WEIR_ELIMIT, "more than a thousand are refused");
}

static void vectors(const char *path)
{
	json_object *all = json_object_from_file(path);
	int lives = 0, choices = 0;

	for (size_t i = 0; all && i < json_object_array_length(all); i++) {
		json_object *v = json_object_array_get_idx(all, i);
		weir_text area = weir_jsonr_get_text(v, "area");

		if (weir_text_is(area, "worker_lifecycle") && ++lives)
			lifecycle(v);
		else if (weir_text_is(area, "session_resolution") && ++choices)
			resolution(v);
		weir_arena_reset(mem);
	}
	ok(lives == 13 && choices == 4, "all vectors of these areas were there");
	json_object_put(all);
}

int main(int argc, char **argv)
{
	struct weir_fault fault = { "" };

	if (argc != 2 || weir_conf_load(&conf, NULL, &fault)) {
		printf("Bail out! %s\n", argc == 2 ? fault.text : "usage: lifecycle VECTORS");
		return 1;
	}
	mem = weir_arena_new(64 << 20);
	deliverer = weir_deliverer_new(&conf, &fault);
	redis = weir_redis_new(&conf, &fault);
	if (!mem || !deliverer || !redis) {
		printf("Bail out! %s\n", fault.text);
		return 1;
	}
	vectors(argv[1]);
	closing();
	boundary();
	salts();
	servers();
	several();
	refusals();
	backdated();
	skipping();
	page_times();
	agreement();
	answered();
	weir_redis_free(redis);
	weir_deliverer_free(deliverer);
	weir_arena_free(mem);
	weir_conf_free(&conf);
	return tap_done();
}
