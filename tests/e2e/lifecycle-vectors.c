/* The session vectors: worker_lifecycle and session_resolution. */
#include "config.h"

#include "base/clock.h"
#include "ingest/entry.h"
#include "ingest/rowpack.h"
#include "ingest/rows.h"
#include "lifecycle.h"

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

void vectors(const char *path)
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
