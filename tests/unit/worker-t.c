/* From packed rows to ClickHouse's bytes: what weir-worker computes without any server. */
#include "config.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/jsonr.h"
#include "ingest/batch.h"
#include "ingest/batchname.h"
#include "ingest/owner.h"
#include "ingest/refusal.h"
#include "ingest/rowpack.h"
#include "ingest/stored.h"
#include "link/clickhouse.h"

#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static weir_arena *mem;

static struct weir_pair pairs[] = { { { "k", 1 }, { "v\0w", 3 } }, { { "", 0 }, { "", 0 } } };
static weir_text groups[] = { { "g1", 2 }, { "g2", 2 } };

static struct weir_event sample_event(void)
{
	struct weir_event e = {
		.name = WEIR_TEXT("screen_view"), .sdk_name = WEIR_TEXT("web"), .project_id = WEIR_TEXT("p1"), .device_id = WEIR_TEXT("d1"),
		.groups = { groups, 2 }, .properties = { pairs, 2 }, .revenue = UINT64_MAX, .duration = 1, .created_at = -1,
		.country = WEIR_TEXT("SE"), .longitude = -12.5, .latitude = (double)NAN, .imported_at = 1785578400,
	};

	for (int i = 0; i < 16; i++)
		e.id[i] = (uint8_t)(i + 1);
	return e;
}

static const char *event_json(const struct weir_event *e, weir_str *out)
{
	weir_json j;

	weir_str_reset(out);
	weir_json_init(&j, out);
	weir_event_json(&j, NULL, e);
	return weir_json_done(&j) ? "failed" : out->buf;
}

static void round_trip(void)
{
	struct weir_event e = sample_event(), back;
	weir_str packed, a, b;
	int good = 1;

	weir_str_init(&packed, 1 << 20);
	weir_str_init(&a, 1 << 20);
	weir_str_init(&b, 1 << 20);
	weir_event_pack(&e, &packed);
	ok(!weir_event_unpack(mem, weir_str_view(&packed), &back), "an event is read back");
	is(event_json(&back, &b), event_json(&e, &a), "every column is as it was");
	ok(isnan(back.latitude) && back.revenue == UINT64_MAX && back.created_at == -1, "so are no latitude, the largest revenue, a time before 1970");
	for (size_t n = 0; n < packed.len; n++)
		good &= weir_event_unpack(mem, (weir_text){ packed.buf, n }, &back) == WEIR_EBADREQ;
	ok(good, "an event cut off at any byte is refused");
	weir_str_putc(&packed, 0);
	ok(weir_event_unpack(mem, weir_str_view(&packed), &back) == WEIR_EBADREQ, "so is one with something behind it");
	/* dd 05 ff ff ff: an array of a hundred million items in five bytes. */
	ok(weir_event_unpack(mem, WEIR_TEXT("\xdd\x05\xff\xff\xff"), &back) == WEIR_EBADREQ && !weir_arena_failed(mem),
		"a length that its bytes cannot hold costs no memory");
	weir_str_free(&packed);
	weir_str_free(&a);
	weir_str_free(&b);
}

/* A row of an older version, which lacks the columns at the end. */
static void shorter(void)
{
	struct weir_event e = sample_event(), back;
	weir_str packed;
	msgpack_packer pk;

	weir_str_init(&packed, 1 << 20);
	weir_rowpack_init(&pk, &packed);
	msgpack_pack_array(&pk, 8);
	weir_pack_uuid(&pk, e.id);
	for (int i = 0; i < 7; i++)
		weir_pack_text(&pk, WEIR_TEXT("x"));
	ok(!weir_event_unpack(mem, weir_str_view(&packed), &back), "an event with fewer columns is read");
	ok(weir_text_is(back.session_id, "x") && !back.path.n && !back.properties.count && isnan(back.longitude) && !back.imported_at,
		"the others are empty");
	weir_str_free(&packed);
}

struct state {
	const char *id;
	uint64_t version;
	int64_t created_at, ended_at;
	bool bounce;
};

static weir_text pack_session(const struct state *s, weir_str *out)
{
	const struct weir_session_fixed f = { .country = WEIR_TEXT("DE"), .longitude = (double)NAN, .latitude = 1, .os = WEIR_TEXT("Linux"),
		.referrer_name = WEIR_TEXT("Google"), .sdk_name = WEIR_TEXT("web") };
	msgpack_packer pk;
	weir_str fixed;

	weir_str_init(&fixed, 1 << 16);
	weir_session_fixed_pack(&f, &fixed);
	weir_str_reset(out);
	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 17);
	weir_pack_text(&pk, weir_text_of(s->id));
	weir_pack_text(&pk, WEIR_TEXT("dev"));
	weir_pack_text(&pk, WEIR_TEXT("prof"));
	weir_pack_degrees(&pk, (double)s->created_at); /* Lua's packer may write a whole number as a float */
	weir_pack_time(&pk, s->ended_at);
	s->bounce ? msgpack_pack_true(&pk) : msgpack_pack_false(&pk);
	for (int i = 0; i < 4; i++)
		weir_pack_text(&pk, i % 2 ? WEIR_TEXT("/path") : WEIR_TEXT("https://o"));
	weir_pack_count(&pk, 3);
	weir_pack_count(&pk, 4);
	msgpack_pack_double(&pk, 2.5);
	weir_pack_count(&pk, s->version);
	msgpack_pack_map(&pk, 0); /* Lua's empty table */
	weir_pack_text(&pk, weir_str_view(&fixed));
	weir_pack_text(&pk, WEIR_TEXT("p1"));
	weir_str_free(&fixed);
	return weir_text_dup(mem, weir_str_view(out));
}

static void session(void)
{
	const struct state state = { "s1", 7, 1000, 4500, false };
	struct weir_session s;
	weir_str out;
	weir_text packed;
	int good = 1;

	weir_str_init(&out, 1 << 16);
	packed = pack_session(&state, &out);
	ok(!weir_session_unpack(mem, packed, &s), "a session is read as the scripts write it");
	ok(s.version == 7 && s.created_at == 1000 && s.revenue == 2.5 && !s.groups.count && weir_text_is(s.fixed.os, "Linux"), "with its values");
	ok(weir_session_duration(&s) == 3500, "its duration is the time between its ends");
	s.ended_at = 0;
	ok(weir_session_duration(&s) == 0, "and never negative");
	for (size_t n = 0; n < packed.n; n++)
		good &= weir_session_unpack(mem, (weir_text){ packed.p, n }, &s) == WEIR_EBADREQ;
	ok(good, "a session cut off at any byte is refused");
	weir_str_free(&out);
}

static void session_end(void)
{
	const struct state closed = { "s1", 7, 1000, 4500, true };
	weir_str out;
	struct weir_entry entry = { .kind = 'e' };
	struct weir_entry_rows rows, again;
	const struct weir_event *e = &rows.event[0];
	const char *why;

	weir_str_init(&out, 1 << 16);
	entry.o = pack_session(&closed, &out);
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.events == 1 && !rows.has_after && !rows.has_before,
		"a session that was reaped gives one event and no session row");
	ok(weir_text_is(e->name, "session_end") && e->created_at == 5500 && e->duration == 3500 && !e->revenue, "session_end, a second after the last event");
	ok(weir_text_is(e->path, "/path") && weir_text_is(e->origin, "https://o") && weir_text_is(e->profile_id, "prof") &&
		weir_text_is(e->session_id, "s1") && weir_text_is(e->referrer_name, "Google") && weir_text_is(e->country, "DE"),
		"with the session's own columns");
	ok(e->properties.count == 1 && weir_text_is(e->properties.item[0].key, "__bounce") && weir_text_is(e->properties.item[0].value, "true"),
		"and the mark of a bounce");
	ok(!weir_rows_of_entry(mem, &entry, &again, &why) && !memcmp(again.event[0].id, e->id, 16), "its id is the same whenever it is made");
	entry.only = WEIR_TEXT("sessions");
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.events, "replayed for its session rows only it gives none");
	entry.s = entry.o;
	ok(weir_rows_of_entry(mem, &entry, &rows, &why) == WEIR_EBADREQ, "parts that do not go with the kind are refused");
	weir_str_free(&out);
}

static const char *row_json(const struct weir_replay_row *r, weir_str *out)
{
	weir_json j;

	weir_str_reset(out);
	weir_json_init(&j, out);
	weir_replay_row_json(&j, NULL, r);
	return weir_json_done(&j) ? "failed" : out->buf;
}

static void plain_rows(void)
{
	struct weir_replay_row r = { .project_id = WEIR_TEXT("p1"), .session_id = WEIR_TEXT("s1"), .chunk_index = 3, .started_at = 1000, .ended_at = 2000,
		.events_count = 70000, .is_full_snapshot = true, .payload = WEIR_TEXT("[]") }, back;
	struct weir_entry entry = { .kind = 'r' };
	struct weir_entry_rows rows;
	struct weir_row_key one, two;
	weir_str packed, a, b;
	const char *why;

	weir_str_init(&packed, 1 << 16);
	weir_str_init(&a, 1 << 16);
	weir_str_init(&b, 1 << 16);
	weir_replay_row_pack(&r, &packed);
	ok(!weir_replay_row_unpack(mem, weir_str_view(&packed), &back), "a chunk of a visit is read back");
	is(row_json(&back, &b), row_json(&r, &a), "with all its columns");
	entry.ev = weir_str_view(&packed);
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.replays == 1 && !rows.events && !rows.has_after &&
		weir_entry_rows_count(&rows, WEIR_TABLE_REPLAYS) == 1 && !weir_entry_rows_count(&rows, WEIR_TABLE_BOTS), "it is a row of its table alone");
	ok(!weir_entry_rows_key(mem, &rows, WEIR_TABLE_REPLAYS, 0, &one) && weir_text_is(one.look, "s1") && one.at == 1000, "and has a key");
	rows.replay.payload = WEIR_TEXT("[1]");
	ok(!weir_entry_rows_key(mem, &rows, WEIR_TABLE_REPLAYS, 0, &two) && memcmp(one.id, two.id, 16) != 0, "which another chunk has not");
	rows.replay.chunk_index = 65536;
	ok(weir_entry_rows_unfit(&rows, WEIR_TABLE_REPLAYS) != NULL, "a number that the column cannot hold is refused");
	entry.kind = 't';
	ok(weir_rows_of_entry(mem, &entry, &rows, &why) == WEIR_EBADREQ, "a chunk is no row about a bot");
	entry.kind = 'r';
	entry.o = WEIR_TEXT("x");
	ok(weir_rows_of_entry(mem, &entry, &rows, &why) == WEIR_EBADREQ, "and has no session");
	weir_str_free(&packed);
	weir_str_free(&a);
	weir_str_free(&b);
}

/* Page times meet the screen views of their batch, and are kept otherwise; many, so that the table grows. */
static void pages(void)
{
	weir_pages *p = weir_pages_new();
	struct weir_page_time time = { .project_id = WEIR_TEXT("p1"), .at = 1000, .spent = 7 };
	struct weir_unpack u;
	int good = 1, found = 0;
	weir_str packed;
	size_t row;
	bool here;

	for (uint32_t i = 0; i < 5000; i++) {
		memcpy(time.id, &i, sizeof(i));
		if (i % 2)
			good &= !weir_pages_view(p, time.id, i);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		memcpy(time.id, &i, sizeof(i));
		time.spent = i + 1;
		good &= !weir_pages_time(p, &time, &here, &row) && here == (i % 2 == 1) && (!here || row == i);
	}
	ok(good, "a time finds its screen view in the batch, if that is there");
	ok(weir_pages_kept(p) == 2500, "the others are kept");
	memset(time.id, 0, 16);
	time.spent = 99;
	ok(!weir_pages_time(p, &time, &here, &row) && !here && weir_pages_kept(p) == 2500, "of two times for a view");
	weir_str_init(&packed, 1 << 20);
	weir_pages_pack(p, &packed);
	weir_unpack_init(&u, mem, weir_str_view(&packed));
	for (int i = 0; i < 2500; i++) {
		weir_text id = weir_unpack_text(&u), value = weir_unpack_text(&u);
		struct weir_unpack v;

		weir_unpack_init(&v, mem, value);
		good &= weir_text_is(weir_unpack_text(&v), "p1") && weir_unpack_int(&v) == 1000 && id.n == 16;
		if (good && !memcmp(id.p, time.id, 16))
			found += weir_unpack_int(&v) == 99;
	}
	ok(good && !weir_unpack_done(&u) && found == 1, "the last one counts");
	weir_pages_reset(p);
	ok(!weir_pages_kept(p) && !weir_pages_time(p, &time, &here, &row) && !here, "a new batch knows nothing of them");
	weir_str_free(&packed);
	weir_pages_free(p);
}

static void native(void)
{
	static const struct weir_native_column columns[] = {
		{ "u", WEIR_NATIVE_UUID }, { "t", WEIR_NATIVE_STRING }, { "a", WEIR_NATIVE_STRINGS }, { "m", WEIR_NATIVE_MAP },
		{ "c", WEIR_NATIVE_FIXED2 }, { "i", WEIR_NATIVE_INT8 }, { "d", WEIR_NATIVE_DATETIME64 }, { "f", WEIR_NATIVE_NULLABLE_FLOAT32 },
		{ "s", WEIR_NATIVE_NULLABLE_DATETIME },
	};
	static const char want[] = "\x09\x01"
		"\x01u\x04UUID" "\x08\x07\x06\x05\x04\x03\x02\x01\x10\x0f\x0e\x0d\x0c\x0b\x0a\x09"
		"\x01t\x06String" "\x02hi"
		"\x01" "a\x0d" "Array(String)" "\x02\0\0\0\0\0\0\0" "\x02g1\x02g2"
		"\x01m\x13Map(String, String)" "\x02\0\0\0\0\0\0\0" "\x01k\0" "\x03v\0w\0"
		"\x01" "c\x0e" "FixedString(2)" "\0\0"
		"\x01i\x04Int8" "\xff"
		"\x01" "d\x0d" "DateTime64(3)" "\xff\xff\xff\xff\xff\xff\xff\xff"
		"\x01" "f\x11Nullable(Float32)" "\x01" "\0\0\0\0"
		"\x01s\x12Nullable(DateTime)" "\0" "\x01\0\0\0";
	struct weir_event e = sample_event();
	weir_native *n = weir_native_new(columns, 9);
	weir_str out;

	weir_str_init(&out, 1 << 20);
	for (int i = 0; i < 2; i++) { /* the second block starts afresh */
		weir_str_reset(&out);
		weir_native_uuid(n, 0, e.id);
		weir_native_text(n, 1, WEIR_TEXT("hi"));
		weir_native_texts(n, 2, e.groups);
		weir_native_map(n, 3, e.properties);
		weir_native_fixed2(n, 4, WEIR_TEXT(""));
		weir_native_int(n, 5, -1);
		weir_native_int(n, 6, -1);
		weir_native_float32(n, 7, (double)NAN);
		weir_native_seconds(n, 8, 1);
		weir_native_row(n);
		ok(!weir_native_block(n, &out) && out.len == sizeof(want) - 1 && !memcmp(out.buf, want, out.len),
			"a block is ClickHouse's Native format, byte for byte");
	}
	weir_native_free(n);
	weir_str_free(&out);
}

/* What is left of a list of states, as "sign version id" words. */
static void squash(json_object *vector)
{
	json_object *in = weir_jsonr_get(vector, "input"), *want = weir_jsonr_get(vector, "expected");
	weir_net *n = weir_net_new();
	struct weir_net_row row;
	size_t at = 0, wanted = json_object_array_length(want);
	weir_str out;
	int good = 1;

	weir_str_init(&out, 1 << 16);
	for (size_t i = 0; i < json_object_array_length(in); i++) {
		json_object *o = json_object_array_get_idx(in, i);
		const struct state state = { json_object_get_string(weir_jsonr_get(o, "id")), json_object_get_uint64(weir_jsonr_get(o, "version")), 0, 0, true };
		weir_text packed = pack_session(&state, &out);
		struct weir_session s;

		good &= !weir_session_unpack(mem, packed, &s) && !weir_net_add(n, &s, json_object_get_int(weir_jsonr_get(o, "sign")), packed);
	}
	good &= weir_net_count(n) == wanted;
	while (weir_net_next(n, &at, &row)) {
		int found = 0;

		for (size_t i = 0; i < wanted; i++) {
			json_object *o = json_object_array_get_idx(want, i);

			found += row.sign == json_object_get_int(weir_jsonr_get(o, "sign")) &&
				 row.version == json_object_get_uint64(weir_jsonr_get(o, "version")) &&
				 weir_text_eq(row.id, weir_jsonr_get_text(o, "id"));
		}
		good &= found == 1;
	}
	ok(good, json_object_get_string(weir_jsonr_get(vector, "note")));
	weir_net_free(n);
	weir_str_free(&out);
}

static void vectors(void)
{
	const char *dir = getenv("srcdir");
	char path[1024];
	json_object *all;
	int seen = 0;

	snprintf(path, sizeof(path), "%s/tests/vectors/ingest.json", dir ? dir : ".");
	all = json_object_from_file(path);
	for (size_t i = 0; all && i < json_object_array_length(all); i++) {
		json_object *v = json_object_array_get_idx(all, i);

		if (!weir_text_is(weir_jsonr_get_text(v, "area"), "session_squash"))
			continue;
		squash(v);
		seen++;
	}
	ok(seen == 4, "all vectors of netting were there");
	json_object_put(all);
}

static void missing(void)
{
	static const struct weir_held none[1], at3[] = { { 3, 1 } }, at5[] = { { 5, 1 } }, gap[] = { { 3, 1 }, { 4, -1 }, { 8, 1 } };
	static const struct {
		const struct weir_held *held;
		size_t count;
		uint64_t version;
		int sign;
		bool want;
		const char *name;
	} cases[] = {
		{ none, 0, 1, 1, true, "a new session is missing" },
		{ at3, 1, 3, 1, false, "a state that holds is not" },
		{ at3, 1, 3, -1, true, "its end is" },
		{ at3, 1, 5, 1, true, "a later state is" },
		{ at5, 1, 3, -1, false, "the end of a state that a later one replaced is not" },
		{ at5, 1, 3, 1, false, "nor is that state" },
		{ at3, 1, 4, -1, true, "the end of a state that the dead stream holds is" },
		{ gap, 3, 4, 1, true, "so is that state when it is replayed" },
		{ gap, 3, 3, -1, true, "and the end of the one before it" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ok(weir_session_row_missing(cases[i].held, cases[i].count, cases[i].version, cases[i].sign) == cases[i].want, cases[i].name);
}

static void refusals(void)
{
	ok(weir_refusal_of(WEIR_EUNAVAIL, 0, "") == WEIR_REFUSAL_AWAY, "no answer: later");
	ok(weir_refusal_of(WEIR_EBADGATEWAY, 469, "") == WEIR_REFUSAL_DATA, "a constraint: a row");
	ok(weir_refusal_of(WEIR_EBADGATEWAY, 60, "") == WEIR_REFUSAL_AWAY, "no table: later");
	ok(weir_refusal_of(WEIR_EBADGATEWAY, 241, "") == WEIR_REFUSAL_SIZE, "memory: smaller parts");
	ok(weir_refusal_of(WEIR_EBADGATEWAY, 252, "Too many parts (600)") == WEIR_REFUSAL_AWAY, "too many parts: later");
	ok(weir_refusal_of(WEIR_EBADGATEWAY, 252, "Too many partitions for single INSERT block (more than 100)") == WEIR_REFUSAL_SIZE,
		"too many months at once: smaller parts");
	ok(weir_refusal_of(WEIR_EBADGATEWAY, 99999, "") == WEIR_REFUSAL_UNKNOWN, "a code that nobody has classified");
}

static void unfit(void)
{
	struct weir_event e = sample_event();

	ok(!weir_event_unfit(&e), "an event that fits");
	e.created_at = INT64_C(-100000) * 365 * 86400000;
	ok(weir_event_unfit(&e) != NULL, "an event of the year -98000 does not: it would lie in a partition of another time");
}

static void owners(void)
{
	char name[WEIR_OWNER_MAX], dead[WEIR_OWNER_MAX] = "";
	int ends[2], status;
	pid_t child;

	weir_owner_name(name);
	ok(!weir_owner_is_dead(weir_text_of(name)), "this process is not dead");
	ok(!weir_owner_is_dead(WEIR_TEXT("elsewhere/pid:[1]/boot/1/1/x")) && !weir_owner_is_dead(WEIR_TEXT("")), "of another host nothing is known");
	child = pipe(ends) ? -1 : fork();
	if (!child) {
		weir_owner_name(dead);
		_exit(write(ends[1], dead, sizeof(dead)) != sizeof(dead));
	}
	ok(child > 0 && read(ends[0], dead, sizeof(dead)) == sizeof(dead) && waitpid(child, &status, 0) == child && !status &&
		weir_owner_is_dead(weir_text_of(dead)), "a process that has ended is");
}

/* Twelve pending entries, 100-0 to 111-0; two of the batches among them were on their way. */
static void batch_names(void)
{
	static const struct {
		const char *names, *found; /* found: LO-HI@MS of each */
		const char *what;
	} rows[] = {
		{ "102-0 104-0 3 77", "2-5@77", "a batch that is pending whole is found" },
		{ "102-0 104-0 3 77\n105-0 111-0 7 78", "2-5@77 5-12@78", "so are two" },
		{ "102-0 104-0 3 77\n107-0 108-0 2 78", "2-5@77 7-9@78", "with others before, between and behind them" },
		{ "90-0 99-0 10 76\n105-0 111-0 7 78", "5-12@78", "the second also when the first has been settled" },
		{ "99-0 104-0 6 77\n105-0 111-0 7 78", "5-12@78", "and when of the first only a part is pending" },
		{ "105-0 111-0 7 78\n102-0 104-0 3 77", "5-12@78", "what is not in order is not taken" },
		{ "102-0 104-0 4 77", "", "nor one with another number of entries between its ends" },
		{ "110-0 119-0 10 77", "", "nor one that goes beyond what is pending" },
		{ "102-0 104-0 0 77", "", "nor an empty one" },
		{ "102-0 104-0 18446744073709551615 77", "", "nor one that counts more than there can be" },
		{ "", "", "no name, no batch" },
		{ "102-0 104-0 x 77\nnonsense", "", "what cannot be read is no name" },
	};
	struct weir_entry_id id[12];
	weir_entry_ids ids = { id, 12, 12 };
	char name[WEIR_BATCHNAME_MAX];

	for (size_t i = 0; i < 12; i++)
		id[i] = (struct weir_entry_id){ 100 + i, 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct weir_named named[WEIR_BATCHNAMES];
		size_t n = weir_batchname_find(weir_text_of(rows[i].names), &ids, named), at = 0;
		char found[256] = "";

		for (size_t k = 0; k < n; k++)
			at += (size_t)snprintf(found + at, sizeof(found) - at, "%s%zu-%zu@%lld", k ? " " : "", named[k].lo, named[k].hi,
				(long long)named[k].ms);
		is(found, rows[i].found, rows[i].what);
	}
	is(weir_batchname(&ids, 5, name).p, "100-0 111-0 12 5", "a batch is called by its ends and its number of entries");
}

static void arrays(void)
{
	const weir_text items[] = { WEIR_TEXT("it's"), WEIR_TEXT("a\\b\n"), WEIR_TEXT("") };
	weir_text a = weir_ch_array(mem, items, 3);

	is(a.p ? a.p : "", "['it\\'s','a\\\\b\\n','']", "an array parameter is quoted");
}

int main(void)
{
	mem = weir_arena_new(64 << 20);
	round_trip();
	shorter();
	session();
	session_end();
	plain_rows();
	pages();
	native();
	vectors();
	missing();
	refusals();
	unfit();
	owners();
	batch_names();
	arrays();
	weir_arena_free(mem);
	return tap_done();
}
