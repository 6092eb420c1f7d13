/* The vectors of profiles and groups and the rules beyond them, against a real Redis; people.t starts it. */
#include "config.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "ingest/people.h"
#include "ingest/peoplescript.h"
#include "ingest/peoplesend.h"
#include "ingest/rowpack.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

#define is_int(got, want, name) is_number(got, want, name, __FILE__, __LINE__)
#define is_text(got, want, name) is(weir_strndup(mem, (got).n ? (got).p : "", (got).n), want, name)
#define NOW INT64_C(1788264000000) /* 2026-09-01 12:00:00, after the times of the vectors */

static struct weir_conf conf;
static weir_redis *redis;
static weir_outbox *outbox;
static weir_people_sender *sender;
static weir_arena *mem;
static int64_t now = NOW;

static void is_number(long long got, long long want, const char *name, const char *file, int line)
{
	tap_ok(got == want, name, file, line, "numbers differ");
	if (got != want)
		printf("#   got: %lld\n#  want: %lld\n", got, want);
}

static redisReply *redis_do(size_t argc, const weir_text *argv)
{
	redisReply *r = NULL;

	if (weir_redis_do(redis, &r, argc, argv)) {
		printf("Bail out! Redis: %s\n", weir_redis_error(redis));
		exit(1);
	}
	return r;
}

static void empty_redis(void)
{
	freeReplyObject(redis_do(1, (weir_text[]){ WEIR_TEXT("FLUSHALL") }));
}

static weir_text get(const char *key)
{
	redisReply *r = redis_do(2, (weir_text[]){ WEIR_TEXT("GET"), weir_text_of(key) });
	weir_text t = r->type == REDIS_REPLY_STRING ? weir_text_dup(mem, weir_reply_text(r)) : (weir_text){ NULL, 0 };

	freeReplyObject(r);
	return t;
}

static bool is_dirty(const char *member)
{
	redisReply *r = redis_do(3, (weir_text[]){ WEIR_TEXT("ZSCORE"), WEIR_TEXT("{weir:0}:dirty"), weir_text_of(member) });
	bool dirty = r->type != REDIS_REPLY_NIL;

	freeReplyObject(r);
	return dirty;
}

static int64_t ttl(const char *key)
{
	redisReply *r = redis_do(2, (weir_text[]){ WEIR_TEXT("PTTL"), weir_text_of(key) });
	int64_t ms = r->integer;

	freeReplyObject(r);
	return ms;
}

/* ------------------------------------------------------------------ steps */

static json_object *json(const char *text)
{
	json_object *o = NULL;

	if (weir_jsonr_parse(mem, weir_text_of(text), 0, &o, NULL))
		printf("Bail out! not JSON: %s\n", text);
	return o;
}

/* A change of profile u in project p from JSON with the table's names. */
static struct weir_profile_change change_of(json_object *o)
{
	json_object *groups = weir_jsonr_get(o, "groups");
	struct weir_profile_change c = { .project_id = WEIR_TEXT("p1"), .id = WEIR_TEXT("u"),
		.is_external = json_object_get_boolean(weir_jsonr_get(o, "is_external")), .first_name = weir_jsonr_get_text(o, "first_name"),
		.last_name = weir_jsonr_get_text(o, "last_name"), .email = weir_jsonr_get_text(o, "email"), .avatar = weir_jsonr_get_text(o, "avatar") };
	const char *why = NULL;

	weir_pairs_init(&c.properties, mem);
	weir_pairs_init(&c.replaced, mem);
	if (weir_profile_properties(&c.properties, &c.replaced, weir_jsonr_get(o, "properties"), NULL, &why))
		printf("Bail out! properties: %s\n", why ? why : "");
	c.groups.count = groups ? json_object_array_length(groups) : 0;
	c.groups.item = weir_alloc_n(mem, c.groups.count + 1, sizeof(weir_text));
	for (size_t i = 0; i < c.groups.count; i++)
		c.groups.item[i] = weir_jsonr_text(json_object_array_get_idx(groups, i));
	return c;
}

static void put(const char *text)
{
	struct weir_profile_change c = change_of(json(text));

	is_int(weir_people_put(sender, mem, ++now, &c, NULL), WEIR_OK, text);
}

static weir_err adjust(const char *property, double by)
{
	const struct weir_adjustment a = { WEIR_TEXT("p1"), WEIR_TEXT("u"), weir_text_of(property), by };

	return weir_people_adjust(sender, mem, ++now, &a, NULL);
}

static void put_group(json_object *o)
{
	struct weir_group_change c = { .project_id = WEIR_TEXT("p1"), .id = WEIR_TEXT("g1"), .type = weir_jsonr_get_text(o, "type"),
		.name = weir_jsonr_get_text(o, "name") };
	const char *why = NULL;

	weir_pairs_init(&c.properties, mem);
	weir_pairs_init(&c.replaced, mem);
	ok(!weir_group_properties(&c.properties, &c.replaced, weir_jsonr_get(o, "properties"), &why) &&
		!weir_people_put_group(sender, mem, ++now, &c, NULL), "the group is put");
}

static redisReply *call(const char *op, weir_str *list)
{
	redisReply *r = NULL;

	if (weir_people_call(redis, &conf, 0, op, ++now, weir_str_view(list), &r)) {
		printf("Bail out! %s: %s\n", op, weir_redis_error(redis));
		exit(1);
	}
	weir_str_free(list);
	return r;
}

static void adopt(const char *member, weir_text row)
{
	msgpack_packer pk;
	weir_str list;

	weir_str_init(&list, 1 << 20);
	weir_rowpack_init(&pk, &list);
	msgpack_pack_array(&pk, 2);
	weir_pack_text(&pk, weir_text_of(member));
	if (row.p)
		weir_str_text(&list, row);
	else
		msgpack_pack_false(&pk);
	freeReplyObject(call("adopt", &list));
}

/* The row of ClickHouse as the worker hands it over; NULL: there is none. */
static void adopt_profile(json_object *o)
{
	struct weir_profile_change c;
	struct weir_profile p;
	weir_str row;

	if (!o) {
		adopt("u:p1:u", (weir_text){ NULL, 0 });
		return;
	}
	c = change_of(o);
	p = (struct weir_profile){ .is_external = c.is_external, .first_name = c.first_name, .last_name = c.last_name, .email = c.email,
		.avatar = c.avatar, .properties = { c.properties.v, c.properties.n }, .groups = c.groups };
	ok(!weir_clock_parse(weir_jsonr_get_text(o, "created_at"), &p.created_at) &&
		!weir_clock_parse(weir_jsonr_get_text(o, "last_seen_at"), &p.last_seen_at), "the row's times");
	weir_str_init(&row, 1 << 20);
	weir_profile_row_pack(&p, &row);
	adopt("u:p1:u", weir_str_view(&row));
	weir_str_free(&row);
}

static struct weir_profile profile(void)
{
	struct weir_profile p = { .based = false };
	weir_text state = get("{weir:0}:u:p1:u");

	if (state.p && weir_profile_unpack(mem, state, &p))
		p.id = WEIR_TEXT("not a profile");
	return p;
}

/* Properties of a state as sorted JSON text; numbers that wait for a row are not told. */
static const char *text_of_map(weir_map m)
{
	json_object *o = json_object_new_object();
	const char *text;

	for (size_t i = 0; i < m.count; i++)
		json_object_object_add(o, weir_strndup(mem, m.item[i].key.p, m.item[i].key.n),
			json_object_new_string_len(m.item[i].value.p, (int)m.item[i].value.n));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	text = weir_strndup(mem, text, strlen(text));
	json_object_put(o);
	return text;
}

static void has(const char *properties, const char *what)
{
	is(text_of_map(profile().properties), properties, what);
}

/* ------------------------------------------------------------------ vectors */

static void check_profile(json_object *want, bool existed, const char *note)
{
	struct weir_profile p = profile();
	struct weir_profile_change c = change_of(want);
	int64_t created = 0, seen = 0;

	ok(p.based && weir_text_eq(p.first_name, c.first_name) && weir_text_eq(p.last_name, c.last_name) && weir_text_eq(p.email, c.email) &&
		weir_text_eq(p.avatar, c.avatar) && p.is_external == c.is_external, note);
	is_int((long long)p.properties.count, (long long)c.properties.n, "as many properties");
	for (size_t i = 0; i < p.properties.count; i++)
		ok(weir_text_eq(weir_pairs_get(&c.properties, p.properties.item[i].key), p.properties.item[i].value), "a property");
	ok(!weir_clock_parse(weir_jsonr_get_text(want, "created_at"), &created) && !weir_clock_parse(weir_jsonr_get_text(want, "last_seen_at"), &seen),
		"times of the vector");
	ok(!existed || p.created_at == created, "created_at is kept");
	ok(p.last_seen_at > seen, "last_seen_at has advanced");
}

/* Once with the row known before the change, once after it: the same must come out. */
static void merge_vector(json_object *vector)
{
	json_object *input = weir_jsonr_get(vector, "input"), *existing = weir_jsonr_get(input, "existing");
	struct weir_profile_change incoming = change_of(weir_jsonr_get(input, "incoming")), nothing = change_of(NULL);
	const char *note = json_object_get_string(weir_jsonr_get(vector, "note"));

	for (int after = 0; after < 2; after++) {
		empty_redis();
		if (!after && existing) {
			ok(!weir_people_put(sender, mem, ++now, &nothing, NULL), "a state without its row");
			adopt_profile(existing);
		}
		ok(!weir_people_put(sender, mem, ++now, &incoming, NULL), note);
		adopt_profile(existing);
		check_profile(weir_jsonr_get(vector, "expected"), existing, note);
	}
}

static void adjust_vector(json_object *vector)
{
	json_object *input = weir_jsonr_get(vector, "input"), *expected = weir_jsonr_get(vector, "expected"), *value = weir_jsonr_get(input, "value");
	double by = (value ? json_object_get_double(value) : 1) * (weir_text_is(weir_jsonr_get_text(input, "type"), "decrement") ? -1 : 1);
	const char *property = json_object_get_string(weir_jsonr_get(input, "property"));
	json_object *row = json("{\"created_at\":\"2026-08-01 10:00:00\",\"last_seen_at\":\"2026-08-01 10:00:00\"}");
	struct weir_profile_change nothing = change_of(NULL);
	struct weir_pairs got;
	weir_err err;

	if (!property) {
		/* The recorded 404 right after identify is a defect (spec/ingest.md 11 item 13). */
		empty_redis();
		put("{\"is_external\":true}");
		is_int(adjust("a.b", 1), WEIR_OK, "increment right after identify");
		return;
	}
	json_object_object_add(row, "properties", json_object_get(weir_jsonr_get(input, "existing_properties")));
	for (int after = 0; after < 2; after++) {
		empty_redis();
		ok(!weir_people_put(sender, mem, ++now, &nothing, NULL), "a state without its row");
		if (!after)
			adopt_profile(row);
		err = adjust(property, by);
		if (after)
			adopt_profile(row);
		if (weir_jsonr_has(expected, "status")) {
			ok(after || err == WEIR_EBADREQ, "not a number");
			has("{\"n\":\"z\"}", "nothing has changed");
			continue;
		}
		ok(!err, "adjusted");
		weir_pairs_init(&got, mem);
		for (size_t i = 0; i < profile().properties.count; i++)
			if (weir_pairs_set(&got, profile().properties.item[i].key, profile().properties.item[i].value))
				printf("Bail out! no memory\n");
		is_text(weir_pairs_get(&got, weir_text_of(property)), weir_jsonr_has(expected, "new_value") ? "6.5" : "-1", "the new value");
	}
}

static void group_vector(json_object *vector)
{
	json_object *input = weir_jsonr_get(vector, "input"), *stored = weir_jsonr_get(input, "stored"), *payload = weir_jsonr_get(input, "payload");
	json_object *row = weir_jsonr_get(weir_jsonr_get(vector, "expected"), "row"), *properties = weir_jsonr_get(row, "properties");
	struct weir_group_change had = { .type = weir_jsonr_get_text(stored, "type"), .name = weir_jsonr_get_text(stored, "name") };
	const char *why = NULL;
	struct weir_group g;
	weir_str packed;

	empty_redis();
	put_group(payload);
	ok(is_dirty("g:p1:g1"), "the group waits for its row");
	weir_pairs_init(&had.properties, mem);
	weir_pairs_init(&had.replaced, mem);
	ok(!weir_group_properties(&had.properties, &had.replaced, weir_jsonr_get(stored, "properties"), &why), "what is stored");
	g = (struct weir_group){ .type = had.type, .name = had.name, .properties = { had.properties.v, had.properties.n },
		.created_at = 1000, .version = NOW + 1000000 };
	weir_str_init(&packed, 1 << 20);
	weir_group_row_pack(&g, &packed);
	adopt("g:p1:g1", stored ? weir_str_view(&packed) : (weir_text){ NULL, 0 });
	weir_str_free(&packed);
	is_int(is_dirty("g:p1:g1"), row != NULL, "written when something is different");
	if (!row)
		return;
	ok(!weir_group_unpack(mem, get("{weir:0}:g:p1:g1"), &g) && g.based, "the group's state");
	is(text_of_map(g.properties), json_object_to_json_string_ext(properties, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE), "its properties");
	ok(weir_text_eq(g.name, weir_jsonr_get_text(payload, "name")), "its name");
	ok(!stored || (g.created_at == 1000 && g.version == NOW + 1000001), "created_at is kept, the version is newer");
	/* The same again changes nothing. */
	freeReplyObject(redis_do(2, (weir_text[]){ WEIR_TEXT("DEL"), WEIR_TEXT("{weir:0}:dirty") }));
	put_group(payload);
	ok(!is_dirty("g:p1:g1"), "the same again is not written");
}

static void vectors(const char *path)
{
	static const struct {
		const char *area;
		void (*run)(json_object *vector);
		int seen;
	} kinds[] = { { "profile_merge", merge_vector, 5 }, { "profile_adjust", adjust_vector, 4 }, { "group_upsert", group_vector, 3 } };
	json_object *all = json_object_from_file(path);

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		int seen = 0;

		for (size_t i = 0; i < json_object_array_length(all); i++) {
			json_object *vector = json_object_array_get_idx(all, i);

			if (!weir_text_is(weir_jsonr_get_text(vector, "area"), kinds[k].area))
				continue;
			kinds[k].run(vector);
			seen++;
		}
		is_int(seen, kinds[k].seen, kinds[k].area);
	}
	json_object_put(all);
}

/* ------------------------------------------------------------------ beyond them */

#define ROW(properties) json("{\"created_at\":\"2026-08-01 10:00:00\",\"last_seen_at\":\"2026-08-01 10:00:00\",\"properties\":" properties "}")

static void numbers(void)
{
	static const double some[] = { 0.1, 0.5, 1e21, 1e-7, 123456789012345680.0, 1e20, 5e-324, 1.7976931348623157e308, 2.5, -1, 100, 1e15, 123.456 };
	uint64_t seed = 88172645463325252ULL;

	empty_redis();
	put("{}");
	adopt_profile(NULL);
	for (size_t i = 0; i < 600; i++) {
		char property[24], text[WEIR_NUM_MAX];
		weir_text want;
		double v;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		memcpy(&v, &seed, sizeof(v));
		if (i < sizeof(some) / sizeof(*some))
			v = some[i];
		else if (i % 3 == 0)
			v = (double)(int64_t)(seed >> 12) / 1000;
		if (!isfinite(v))
			continue;
		snprintf(property, sizeof(property), "n%zu", i);
		if (adjust(property, v))
			ok(false, "adjusted");
		want = weir_num_js(v, text);
		{
			struct weir_profile p = profile();
			weir_text got = p.properties.count ? p.properties.item[p.properties.count - 1].value : WEIR_TEXT("");

			if (!weir_text_eq(got, want))
				is_text(got, weir_strndup(mem, want.p, want.n), "spelled as JavaScript does");
		}
	}
	put("{\"properties\":{\"sum\":0.1,\"big\":\"1e+21\",\"text\":\"  7 apples\",\"hex\":\"0x10\",\"nan\":\"nan\",\"inf\":\"Infinity\",\"no\":true}}");
	is_int(adjust("sum", 0.2), WEIR_OK, "0.1 + 0.2");
	is_int(adjust("big", 1e21), WEIR_OK, "1e21 + 1e21");
	is_int(adjust("text", 1), WEIR_OK, "a text that begins with a number");
	is_int(adjust("hex", 1), WEIR_OK, "0x10 is 0");
	is_int(adjust("nan", 1), WEIR_EBADREQ, "nan is none");
	is_int(adjust("inf", 1), WEIR_EBADREQ, "nor is Infinity");
	is_int(adjust("no", 1), WEIR_EBADREQ, "nor is true");
	ok(strstr(text_of_map(profile().properties),
		"\"sum\":\"0.30000000000000004\",\"big\":\"2e+21\",\"text\":\"8\",\"hex\":\"1\",\"nan\":\"nan\",\"inf\":\"Infinity\",\"no\":\"true\"}"),
		"sums as JavaScript spells them");
}

static void objects(void)
{
	empty_redis();
	put("{\"properties\":{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"list\":[1,2,3],\"s\":\"x\",\"e\":null,\"f\":\"\",\"t\":\" {kept} \"}}");
	adopt_profile(NULL);
	has("{\"a.b\":\"1\",\"a.c.d\":\"2\",\"list.0\":\"1\",\"list.1\":\"2\",\"list.2\":\"3\",\"s\":\"x\",\"t\":\" {kept} \"}", "flat, texts as they are");
	put("{\"properties\":{\"a\":{\"c\":{\"e\":3}},\"list\":[9],\"s\":{\"deep\":true}}}");
	has("{\"a.b\":\"1\",\"a.c.d\":\"2\",\"list.0\":\"9\",\"t\":\" {kept} \",\"a.c.e\":\"3\",\"s.deep\":\"true\"}",
		"objects are merged, arrays replaced, an object takes a value's place");
	put("{\"properties\":{\"a\":7,\"list\":[],\"s\":null,\"t\":\"\"}}");
	has("{\"t\":\" {kept} \",\"s.deep\":\"true\",\"a\":\"7\"}", "a value takes an object's place; null and \"\" erase nothing");
	is_int(adjust("s", 1), WEIR_EBADREQ, "an object is no number");
	is_int(adjust("a", 1), WEIR_OK, "a number is one");
	is_int(adjust("a.b", 5), WEIR_OK, "below a value nothing stands");
	has("{\"t\":\" {kept} \",\"s.deep\":\"true\",\"a.b\":\"5\"}", "and then it is an object");
}

/* The same steps before the row is known. */
static void patches(void)
{
	empty_redis();
	put("{\"properties\":{\"list\":[9],\"s\":{\"deep\":true},\"x\":1}}");
	is_int(adjust("x", 1), WEIR_OK, "a value that was set since");
	is_int(adjust("hits", 2), WEIR_OK, "a value of the row");
	is_int(adjust("hits", 0.5), WEIR_OK, "once more");
	is_int(adjust("z", 1), WEIR_OK, "no number in the row, as will turn out");
	is_int(adjust("list.0", 1), WEIR_OK, "in an array that was replaced");
	is_int(adjust("list.7", 1), WEIR_OK, "which has no eighth element");
	is_int(adjust("s", 1), WEIR_EBADREQ, "an object is no number");
	is_int(adjust("gone", 1), WEIR_OK, "a value of the row");
	put("{\"properties\":{\"gone\":5}}");
	adopt_profile(ROW("{\"list\":[1,2,3],\"s\":\"x\",\"hits\":40,\"z\":\"zz\",\"own\":\"yes\",\"gone\":1}"));
	has("{\"list.0\":\"10\",\"hits\":\"42.5\",\"z\":\"zz\",\"own\":\"yes\",\"gone\":\"5\",\"s.deep\":\"true\",\"x\":\"2\",\"list.7\":\"1\"}",
		"what was changed since, made to the row");
}

static void servers(void)
{
	const char *server = "{\"is_external\":true,\"properties\":{\"device\":\"server\",\"country\":\"DE\",\"plan\":\"pro\"}}";
	const char *browser = "{\"is_external\":true,\"properties\":{\"device\":\"desktop\",\"country\":\"US\"}}";

	empty_redis();
	put(server);
	adopt_profile(NULL);
	has("{\"device\":\"server\",\"country\":\"DE\",\"plan\":\"pro\"}", "a profile that only a server knows");
	put(browser);
	has("{\"device\":\"desktop\",\"country\":\"US\",\"plan\":\"pro\"}", "its visitor goes over it");
	put(server);
	has("{\"device\":\"desktop\",\"country\":\"US\",\"plan\":\"pro\"}", "the server not over the visitor");
	empty_redis();
	put(server);
	put(browser);
	put(server);
	adopt_profile(ROW("{\"device\":\"mobile\",\"city\":\"X\"}"));
	has("{\"device\":\"desktop\",\"city\":\"X\",\"plan\":\"pro\",\"country\":\"US\"}", "the same before the row is known");
	empty_redis();
	put(server);
	adopt_profile(ROW("{\"device\":\"mobile\",\"city\":\"X\"}"));
	has("{\"device\":\"mobile\",\"city\":\"X\",\"plan\":\"pro\"}", "nor over the visitor of the row");
}

static void groups(void)
{
	struct weir_profile p;

	empty_redis();
	put("{\"groups\":[\"a\",\"b\"]}");
	put("{\"groups\":[\"b\",\"c\"]}");
	adopt_profile(json("{\"created_at\":\"2026-08-01 10:00:00\",\"last_seen_at\":\"2026-08-01 10:00:00\",\"groups\":[\"z\",\"a\"]}"));
	p = profile();
	ok(p.groups.count == 4 && weir_text_is(p.groups.item[0], "z") && weir_text_is(p.groups.item[1], "a") && weir_text_is(p.groups.item[3], "c"),
		"groups are joined, the row's first");
}

static void touch(const char *path, const char *device)
{
	struct weir_pair pair[] = { { WEIR_TEXT("path"), weir_text_of(path) }, { WEIR_TEXT("device"), weir_text_of(device) } };
	msgpack_packer pk;
	weir_str list, state;

	weir_str_init(&list, 1 << 20);
	weir_str_init(&state, 1 << 20);
	weir_profile_touched_pack(WEIR_TEXT("p1"), WEIR_TEXT("u"), false, (weir_map){ pair, 2 }, ++now, &state);
	weir_rowpack_init(&pk, &list);
	msgpack_pack_array(&pk, 2);
	weir_pack_text(&pk, WEIR_TEXT("u:p1:u"));
	weir_pack_text(&pk, weir_str_view(&state));
	weir_str_free(&state);
	freeReplyObject(call("touch", &list));
}

/* Marks as clean with the first bytes of a state that was read before. */
static long long clean(weir_text state)
{
	msgpack_packer pk;
	weir_str list;
	redisReply *r;
	long long n;

	weir_str_init(&list, 1 << 20);
	weir_rowpack_init(&pk, &list);
	msgpack_pack_array(&pk, 2);
	weir_pack_text(&pk, WEIR_TEXT("u:p1:u"));
	weir_pack_text(&pk, (weir_text){ state.p, 12 });
	r = call("clean", &list);
	n = r->integer;
	freeReplyObject(r);
	return n;
}

static void touches_and_cleaning(void)
{
	weir_text read;

	empty_redis();
	touch("/a", "desktop");
	adopt_profile(NULL);
	has("{\"path\":\"/a\",\"device\":\"desktop\"}", "a session makes a profile");
	read = get("{weir:0}:u:p1:u");
	touch("/b", "desktop");
	has("{\"path\":\"/a\",\"device\":\"desktop\"}", "touched within the hour");
	put("{\"first_name\":\"A\"}");
	is_int(clean(read), 0, "what has changed since it was read stays dirty");
	ok(is_dirty("u:p1:u") && ttl("{weir:0}:u:p1:u") == -1, "and stays in Redis");
	is_int(clean(get("{weir:0}:u:p1:u")), 1, "what has not is clean");
	ok(!is_dirty("u:p1:u") && ttl("{weir:0}:u:p1:u") > 3500000, "and goes after an hour");
	now += 3600000;
	touch("/c", "desktop");
	has("{\"path\":\"/c\",\"device\":\"desktop\"}", "touched after an hour");
	ok(is_dirty("u:p1:u") && ttl("{weir:0}:u:p1:u") == -1, "dirty again");
	ok(weir_text_is(profile().first_name, "A"), "and nothing else is lost");
}

static void bounds(void)
{
	struct weir_profile_change c = change_of(NULL);
	char *large = malloc(600 * 1024);

	empty_redis();
	memset(large, 'x', 600 * 1024);
	ok(!weir_pairs_set(&c.properties, WEIR_TEXT("a"), (weir_text){ large, 600 * 1024 }) && !weir_people_put(sender, mem, ++now, &c, NULL), "large");
	weir_pairs_init(&c.properties, mem);
	ok(!weir_pairs_set(&c.properties, WEIR_TEXT("b"), (weir_text){ large, 600 * 1024 }), "and more");
	is_int(weir_people_put(sender, mem, ++now, &c, NULL), WEIR_ELIMIT, "more than a profile may hold");
	free(large);
}

int main(int argc, char **argv)
{
	struct weir_fault fault;

	if (argc != 2 || weir_conf_load(&conf, NULL, &fault) || !(redis = weir_redis_new(&conf, &fault)) ||
	    !(outbox = weir_outbox_new(&conf, &fault)) || !(sender = weir_people_sender_new(&conf, outbox)) || !(mem = weir_arena_new(256 << 20))) {
		printf("Bail out! cannot start\n");
		return 1;
	}
	vectors(argv[1]);
	numbers();
	objects();
	patches();
	servers();
	groups();
	touches_and_cleaning();
	bounds();
	weir_people_sender_free(sender);
	weir_outbox_free(outbox);
	weir_redis_free(redis);
	weir_arena_free(mem);
	weir_conf_free(&conf);
	return tap_done();
}
