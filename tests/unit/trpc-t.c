#include "config.h"
#include "base/clock.h"
#include "base/jsonr.h"
#include "meta/slug.h"
#include "query/chart.h"
#include "query/field.h"
#include "query/range.h"
#include "trpc/call.h"
#include "link/cookie.h"
#include "trpc/jsfault.h"
#include "trpc/superjson.h"
#include "tap.h"

#include <stdlib.h>

/* The parts of the tRPC side that need no server. */

static weir_arena *mem;

static const char *z(weir_text t)
{
	return weir_strndup(mem, t.p ? t.p : "(null)", t.p ? t.n : 6);
}

/* ------------------------------------------------------------ superjson */

/* Reads an envelope and writes its value again. */
static const char *round_trip(const char *envelope)
{
	struct weir_superjson out;
	json_object *root, *value;
	weir_str text;
	const char *kept;
	bool absent;

	weir_str_init(&text, 65536);
	weir_superjson_init(&out, &text);
	if (weir_jsonr_parse(mem, weir_text_of(envelope), 0, &root, NULL) || weir_superjson_read(mem, root, &value, &absent))
		return "unreadable";
	if (!absent)
		weir_sj_tree(&out, NULL, value);
	if (weir_superjson_done(&out))
		return "unwritable";
	kept = z(weir_str_view(&text));
	weir_superjson_free(&out);
	weir_str_free(&text);
	return kept;
}

static void superjson(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "{\"json\":{\"a\":1,\"b\":[true,null,\"x\"]}}", NULL },
		{ "{\"json\":null,\"meta\":{\"values\":[\"undefined\"]}}", NULL },
		{ "{}", "{\"json\":null,\"meta\":{\"values\":[\"undefined\"]}}" },
		{ "{\"json\":\"2026-08-01T00:00:00.000Z\",\"meta\":{\"values\":[\"Date\"]}}", NULL },
		{ "{\"json\":{\"a\":{\"b\":\"2026-08-01T00:00:00.000Z\"}},\"meta\":{\"values\":{\"a.b\":[\"Date\"]}}}", NULL },
		{ "{\"json\":[\"x\",\"NaN\",\"-Infinity\",\"-0\"],\"meta\":{\"values\":{\"1\":[\"number\"],\"2\":[\"number\"],\"3\":[\"number\"]}}}", NULL },
		{ "{\"json\":{\"a\":null,\"b\":2},\"meta\":{\"values\":{\"a\":[\"undefined\"]}}}", "{\"json\":{\"b\":2}}" },
		{ "{\"json\":[null,1],\"meta\":{\"values\":{\"0\":[\"undefined\"]}}}", NULL },
		{ "{\"json\":{\"a.b\":{\"c.d\":\"2026-08-01T00:00:00.000Z\"}},\"meta\":{\"values\":{\"a\\\\.b.c.d\":[\"Date\"]}}}",
			"{\"json\":{\"a.b\":{\"c.d\":\"2026-08-01T00:00:00.000Z\"}}}" }, /* a dot in the last name: leads nowhere */
		{ "{\"json\":{\"a.b\":{\"c\":\"2026-08-01T00:00:00.000Z\"}},\"meta\":{\"values\":{\"a\\\\.b.c\":[\"Date\"]}}}", NULL },
		{ "{\"json\":{\"a\":1},\"meta\":{\"values\":{\"x.y\":[\"Date\"],\"a.0\":[\"undefined\"],\"\":[\"map\"]},\"v\":1}}", "{\"json\":{\"a\":1}}" },
		{ "{\"json\":{\"a\":1},\"meta\":{\"values\":{\"a\":[\"map\",{\"0\":[\"undefined\"]}],\"b\":5,\"c\":[]}}}", "{\"json\":{\"a\":1}}" },
		{ "{\"json\":[[\"k\",null]],\"meta\":{\"values\":[\"map\",{\"0.1\":[\"undefined\"]}]}}", "{\"json\":[[\"k\",null]],\"meta\":{\"values\":{\"0.1\":[\"undefined\"]}}}" },
		{ "{\"json\":5,\"meta\":{\"values\":[[\"typed-array\",\"Uint8Array\"]]}}", "{\"json\":5}" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is(round_trip(rows[i].in), rows[i].out ? rows[i].out : rows[i].in, rows[i].in);
}

static void writer(void)
{
	struct weir_superjson out;
	weir_str text;

	weir_str_init(&text, 65536);
	weir_superjson_init(&out, &text);
	weir_sj_arr(&out, NULL);
	weir_sj_obj(&out, NULL);
	weir_sj_date(&out, "at", 0);
	weir_sj_date(&out, "never", INT64_MIN);
	weir_sj_num(&out, "n", 1.5);
	weir_sj_raw(&out, "raw", WEIR_TEXT("{\"x\":[]}"));
	weir_sj_arr(&out, "list");
	weir_sj_int(&out, NULL, 1);
	weir_sj_date(&out, NULL, 1);
	weir_sj_end(&out);
	weir_sj_end(&out);
	weir_sj_str(&out, NULL, WEIR_TEXT("\"\xff"));
	weir_sj_end(&out);
	ok(!weir_superjson_done(&out), "a value with dates in it");
	is(text.buf,
		"{\"json\":[{\"at\":\"1970-01-01T00:00:00.000Z\",\"never\":null,\"n\":1.5,\"raw\":{\"x\":[]},\"list\":[1,\"1970-01-01T00:00:00.001Z\"]},"
		"\"\\\"\xef\xbf\xbd\"],\"meta\":{\"values\":{\"0.at\":[\"Date\"],\"0.list.1\":[\"Date\"]}}}", "tags follow with their paths");
	weir_superjson_free(&out);
	weir_str_reset(&text);
	weir_superjson_init(&out, &text);
	weir_sj_obj(&out, NULL);
	ok(weir_superjson_done(&out) == WEIR_EINTERNAL, "an open scope is told");
	weir_superjson_free(&out);
	weir_str_free(&text);
}

/* ------------------------------------------------------------ cookies, slugs */

static void cookies(void)
{
	static const struct {
		const char *url, *domain, *tlds, *want;
		bool secure;
	} rows[] = {
		{ "", "", "", "", false },
		{ "http://localhost:3000", "", "", "", false },
		{ "http://192.168.1.10:8080/x", "", "", "", false },
		{ "https://[::1]:8080", "", "", "", true },
		{ "https://example.com", "", "", ".example.com", true },
		{ "http://dash.example.com/path", "", "", ".example.com", false },
		{ "https://a.b.c.Example.com:8443", "", "", ".example.com", true },
		{ "https://dash.example.co.uk", "", "", ".example.co.uk", true },
		{ "https://example.co.uk", "", "", ".example.co.uk", true },
		{ "https://x.y.nhs.uk", "", "", ".y.nhs.uk", true },
		{ "https://a.example.co.uuk", "", "", ".co.uuk", true },
		{ "https://a.weir.my.suffix", "", "other.suffix, my.suffix", ".weir.my.suffix", true },
		{ "http://example.com", "own.example.net", "", "own.example.net", true },
		{ "https://intranet", "", "", ".intranet", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct weir_conf conf = { .api_dashboard_url = rows[i].url, .api_cookie_domain = rows[i].domain, .api_cookie_tlds = rows[i].tlds };
		struct weir_cookie_rule rule;
		char name[256];

		weir_cookie_rule_init(&rule, &conf);
		snprintf(name, sizeof(name), "cookie domain of \"%s\" %s", rows[i].url, rows[i].domain);
		is(rule.domain, rows[i].want, name);
		ok(rule.secure == rows[i].secure, rows[i].secure ? "  is for TLS only" : "  is for plain HTTP too");
	}
}

static void slugs(void)
{
	static const char *const rows[][2] = {
		{ "C++ & C#", "c-and-c" }, { "a.b/c", "abc" }, { "a|b||c", "a-b-c" }, { "50% $ off", "50percent-dollar-off" },
		{ "Привет мир", "privet-mir" }, { "___", "" }, { "日本語", "" }, { "!!!", "" }, { "Session Start-A-Hej Åäö", "session-start-a-hej-aao" },
		{ "*-A-*", "a" }, { "$ 100% & more", "dollar-100percent-and-more" }, { "  a  b ", "a-b" }, { "Åäö Org & Co.", "aao-org-and-co" },
		{ "ẞß", "ssss" }, { "♥", "love" }, { "-- x --", "x" }, { "", "" }, { "a\xff" "b", "ab" },
	};
	weir_text slug;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is(weir_slug(mem, weir_text_of(rows[i][0]), &slug) ? "failed" : z(slug), rows[i][1], rows[i][0]);
}

/* ------------------------------------------------------------ ranges, arithmetic, fields */

static void ranges(void)
{
	static const struct {
		const char *now, *zone, *word, *start, *end, *want;
	} rows[] = {
		{ "2026-03-15T12:34:56.000Z", "UTC", "30min", NULL, NULL, "2026-03-15 12:04:00 2026-03-15 12:34:59" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "today", NULL, NULL, "2026-03-15 00:00:00 2026-03-15 23:59:59" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "yesterday", NULL, NULL, "2026-03-14 00:00:00 2026-03-14 23:59:59" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "7d", NULL, NULL, "2026-03-08 00:00:00 2026-03-16 00:00:00" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "12m", NULL, NULL, "2025-03-01 00:00:00 2026-04-01 00:00:00" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "monthToDate", NULL, NULL, "2026-03-01 00:00:00 2026-03-16 00:00:00" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "lastMonth", NULL, NULL, "2026-02-01 00:00:00 2026-03-01 00:00:00" },
		{ "2026-01-15T12:34:56.000Z", "UTC", "lastMonth", NULL, NULL, "2025-12-01 00:00:00 2026-01-01 00:00:00" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "yearToDate", NULL, NULL, "2026-01-01 00:00:00 2026-03-16 00:00:00" },
		{ "2026-03-15T12:34:56.000Z", "UTC", "lastYear", NULL, NULL, "2025-01-01 00:00:00 2025-12-31 23:59:59" },
		{ "2026-05-31T12:00:00.000Z", "UTC", "3m", NULL, NULL, "2026-02-28 00:00:00 2026-06-01 00:00:00" },
		{ "2026-03-15T23:30:00.000Z", "Europe/Stockholm", "today", NULL, NULL, "2026-03-16 00:00:00 2026-03-16 23:59:59" },
		{ "2026-03-15T23:30:00.000Z", "America/New_York", "lastHour", NULL, NULL, "2026-03-15 18:30:00 2026-03-15 19:30:59" },
		{ "2026-03-15T12:00:00.000Z", "No/Where", "today", NULL, NULL, "2026-03-15 00:00:00 2026-03-15 23:59:59" },
		{ "2026-03-15T12:00:00.000Z", "UTC", "custom", "2026-03-01", "2026-03-05", "2026-03-01 00:00:00 2026-03-05 23:59:59" },
		{ "2026-03-15T12:00:00.000Z", "UTC", "custom", "2026-03-01 10:00:00", "2026-03-05T01:02:03.000Z", "2026-03-01 10:00:00 2026-03-05 01:02:03" },
		{ "2026-03-15T12:00:00.000Z", "UTC", "7d", "2026-03-01", NULL, "2026-03-08 00:00:00 2026-03-16 00:00:00" },
		{ "2026-03-15T12:00:00.000Z", "UTC", "7d", NULL, "2026-03-10", "2026-03-08 00:00:00 2026-03-10 23:59:59" },
		{ "2026-03-15T12:00:00.000Z", "UTC", "custom", "soon", "2026-03-10", "bad" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct weir_range r;
		char got[64] = "bad", name[160];
		int64_t now = 0;

		if (!weir_clock_parse(weir_text_of(rows[i].now), &now) && !weir_range_of(mem, weir_text_of(rows[i].word), weir_text_of(rows[i].start),
			weir_text_of(rows[i].end), weir_text_of(rows[i].zone), now, &r))
			snprintf(got, sizeof(got), "%s %s", r.start, r.end);
		snprintf(name, sizeof(name), "%s in %s at %s", rows[i].word, rows[i].zone, rows[i].now);
		is(got, rows[i].want, name);
	}
}

static void before(const char *start, const char *end, const char *want)
{
	struct weir_range r, b;
	char got[64];

	snprintf(r.start, sizeof(r.start), "%s", start);
	snprintf(r.end, sizeof(r.end), "%s", end);
	weir_range_before(&r, &b);
	snprintf(got, sizeof(got), "%s %s", b.start, b.end);
	is(got, want, "the period before");
}

static void arithmetic(void)
{
	struct weir_change c;

	ok(weir_round(2.675, 2) == 2.68 && weir_round(-1.005, 2) == -1 && weir_round(1.005, 2) == 1.01, "half is rounded up");
	c = weir_change_of(1, 2);
	ok(c.has_diff && c.diff == 100 && !strcmp(c.state, "negative") && c.value == 2, "1 after 2");
	c = weir_change_of(0, 5);
	ok(!c.has_diff && !strcmp(c.state, "negative"), "0 after 5");
	c = weir_change_of(7, 3);
	ok(c.diff == 133.3 && !strcmp(c.state, "positive"), "7 after 3");
	c = weir_change_of(2, 2);
	ok(!c.has_diff && !strcmp(c.state, "neutral"), "2 after 2");
	before("2026-03-08 00:00:00", "2026-03-16 00:00:00", "2026-02-28 00:00:00 2026-03-08 00:00:00");
	before("2026-03-02 00:00:00", "2026-03-02 23:59:59", "2026-03-01 00:00:00 2026-03-01 23:59:59");
}

/* ------------------------------------------------------------ the recorded vectors of these */

static double number_of(json_object *o)
{
	return json_object_get_double(o);
}

/* A range word with its two ends and those of the period before. */
static void range_vector(const char *id, json_object *in, json_object *expected)
{
	int64_t now = 0;
	weir_text none = { NULL, 0 };
	bool good = !weir_clock_parse(weir_jsonr_get_text(in, "now"), &now);

	json_object_object_foreach(expected, word, ends) {
		struct weir_range r = { "", "" }, b = { "", "" };
		const char *got[4] = { r.start, r.end, b.start, b.end };

		good = good && !weir_range_of(mem, weir_text_of(word), none, none, weir_jsonr_get_text(in, "timezone"), now, &r);
		if (good)
			weir_range_before(&r, &b);
		for (size_t i = 0; i < 4 && good; i++) {
			good = weir_text_is(weir_jsonr_text(json_object_array_get_idx(ends, i)), got[i]);
			if (!good)
				printf("# %s: got %s, want %s\n", word, got[i], json_object_get_string(json_object_array_get_idx(ends, i)));
		}
	}
	ok(good, id);
}

static void change_vector(const char *id, json_object *in, json_object *expected)
{
	struct weir_change c = weir_change_of(number_of(weir_jsonr_get(in, "current")), number_of(weir_jsonr_get(in, "previous")));
	json_object *diff = weir_jsonr_get(expected, "diff");

	ok(c.has_diff == (diff != NULL) && (!diff || c.diff == number_of(diff)) && c.value == number_of(weir_jsonr_get(expected, "value")) &&
		weir_text_is(weir_jsonr_get_text(expected, "state"), c.state), id);
}

static void math_vector(const char *id, json_object *in, json_object *expected)
{
	weir_text fn = weir_jsonr_get_text(in, "fn");
	json_object *arg = weir_jsonr_get(in, "arg");
	struct weir_point points[8] = { 0 };
	struct weir_metrics_sum sum = { .sum = 0 };
	struct weir_metrics m;
	size_t n = json_object_is_type(arg, json_type_array) ? json_object_array_length(arg) : 0;

	for (size_t i = 0; i < n && i < 8; i++) {
		json_object *o = json_object_array_get_idx(arg, i);

		points[i].null = !o;
		points[i].count = number_of(o);
	}
	weir_metrics_add(&sum, points, n);
	m = weir_metrics_of(&sum);
	ok(n <= 8 && number_of(expected) == (weir_text_is(fn, "round2") ? weir_round(number_of(arg), 2) : weir_text_is(fn, "average") ? m.average :
		weir_text_is(fn, "sum") ? m.sum : weir_text_is(fn, "min") ? m.min : m.max), id);
}

static void known_vector(const char *id, json_object *in, json_object *expected)
{
	struct weir_event_field f;

	ok(!weir_field_of(mem, weir_jsonr_text(in), &f) && (f.kind != WEIR_FIELD_UNKNOWN) == json_object_get_boolean(expected), id);
}

/* A name and what it stands for are the same field. */
static void normalize_vector(const char *id, json_object *in, json_object *expected)
{
	struct weir_event_field a, b;
	bool good = !weir_field_of(mem, weir_jsonr_text(in), &a) && !weir_field_of(mem, weir_jsonr_text(expected), &b);

	ok(good && a.kind == b.kind && weir_text_eq(a.key, b.key) && !strcmp(a.sql ? a.sql : "", b.sql ? b.sql : ""), id);
}

static void slug_vector(const char *id, json_object *in, json_object *expected)
{
	weir_text slug;

	ok(!weir_slug(mem, weir_jsonr_text(in), &slug) && weir_text_eq(slug, weir_jsonr_text(expected)), id);
}

static void recorded(void)
{
	static const struct {
		const char *start;
		void (*run)(const char *id, json_object *in, json_object *expected);
		int count;
	} kinds[] = {
		{ "ranges/", range_vector, 5 }, { "previousMetric/", change_vector, 5 }, { "math/", math_vector, 8 }, { "field/known/", known_vector, 12 },
		{ "field/normalize/", normalize_vector, 11 }, { "slug/", slug_vector, 5 },
	};
	int seen[sizeof(kinds) / sizeof(*kinds)] = { 0 };
	const char *dir = getenv("srcdir");
	char path[1024];
	json_object *root, *all;

	snprintf(path, sizeof(path), "%s/tests/vectors/queries.json", dir ? dir : ".");
	root = json_object_from_file(path);
	all = weir_jsonr_get(root, "vectors");
	for (size_t i = 0; all && i < json_object_array_length(all); i++) {
		json_object *v = json_object_array_get_idx(all, i);
		weir_text id = weir_jsonr_get_text(v, "id");

		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			if (weir_text_starts(id, kinds[k].start)) {
				kinds[k].run(z(id), weir_jsonr_get(v, "input"), weir_jsonr_get(v, "expected"));
				seen[k]++;
			}
	}
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		ok(seen[k] == kinds[k].count, kinds[k].start);
	json_object_put(root);
}

static void fields(void)
{
	static const struct {
		const char *name;
		enum weir_field_kind kind;
	} rows[] = {
		{ "country", WEIR_FIELD_TEXT }, { "referrerName", WEIR_FIELD_TEXT }, { "utm_source", WEIR_FIELD_PROPERTY },
		{ "profile.email", WEIR_FIELD_PROFILE }, { "has_profile", WEIR_FIELD_HAS_PROFILE }, { "cohort", WEIR_FIELD_COHORT },
		{ "cohort:abc-123", WEIR_FIELD_COHORT }, { "group.plan", WEIR_FIELD_GROUP }, { "properties.a.*.b", WEIR_FIELD_WILDCARD },
		{ "temple_name", WEIR_FIELD_UNKNOWN }, { "", WEIR_FIELD_UNKNOWN }, { "profile.country", WEIR_FIELD_UNKNOWN },
		{ "e.country", WEIR_FIELD_UNKNOWN }, { "groups", WEIR_FIELD_UNKNOWN },
	};
	struct weir_event_field f;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ok(!weir_field_of(mem, weir_text_of(rows[i].name), &f) && f.kind == rows[i].kind, rows[i].name);
	ok(!weir_field_of(mem, WEIR_TEXT("properties.items[*].50%_"), &f), "a pattern of keys");
	is(z(f.key), "items.%.50\\%\\_", "  keeps LIKE's own signs as they are meant");
}

static void procedures(void)
{
#define X(word, kind, access, entity, member, optional, need, schema, handler, rate, keep) \
	ok(weir_procedure_find(WEIR_TEXT(word)) && !strcmp(weir_procedure_find(WEIR_TEXT(word))->name, word), "procedure " word);
	WEIR_PROCEDURES(X)
#undef X
	ok(!weir_procedure_find(WEIR_TEXT("auth.sessio")) && !weir_procedure_find(WEIR_TEXT("auth.session2")) && !weir_procedure_find(WEIR_TEXT("")),
		"others are not there");
}

static void faults(void)
{
	weir_text message;

	is(weir_js_fault(mem, WEIR_TEXT("{\"a\":1,}"), &message) ? "" : z(message), "Expected double-quoted property name in JSON at position 7", "a comma too many");
	is(weir_js_fault(mem, WEIR_TEXT("<html>"), &message) ? "" : z(message), "Unexpected token '<', \"<html>\" is not valid JSON", "not JSON at all");
	is(weir_js_fault(mem, WEIR_TEXT("\"a\\u0000\""), &message) ? "" : z(message), "JSON that cannot be stored: a NUL character", "what only JavaScript takes");
}

int main(void)
{
	mem = weir_arena_new(16 * 1024 * 1024);
	superjson();
	writer();
	cookies();
	slugs();
	ranges();
	arithmetic();
	recorded();
	fields();
	procedures();
	faults();
	weir_arena_free(mem);
	return tap_done();
}
