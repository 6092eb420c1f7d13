#include "config.h"
#include "tap.h"

#include "base/cache.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/csv.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/jsonr.h"
#include "base/jsonsplit.h"
#include "base/jsonw.h"
#include "base/num.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static weir_arena *mem;

static void arena_keeps_its_cap(void)
{
	weir_arena *a = weir_arena_new(64 * 1024);

	ok(weir_alloc(a, 100), "a small piece");
	ok(weir_alloc(a, 30000), "a piece larger than a block");
	ok(!weir_alloc(a, 1 << 20), "over the cap there is nothing");
	ok(weir_arena_failed(a), "and the arena remembers it");
	weir_arena_reset(a);
	ok(!weir_arena_failed(a), "a reset forgets the failure");
	ok(!weir_alloc_n(a, SIZE_MAX / 2, 4), "a product that overflows is refused");
	weir_arena_free(a);
}

static void writer_writes_only_json(void)
{
	weir_str s;
	weir_json j;

	weir_str_init(&s, 1000);
	weir_json_init(&j, &s);
	weir_json_obj(&j, NULL);
	weir_json_str(&j, "a\"b", WEIR_TEXT("x\n\\\x01\xff\xc3\xa4"));
	weir_json_arr(&j, "n");
	weir_json_int(&j, NULL, INT64_MIN);
	weir_json_num(&j, NULL, 0.1);
	weir_json_num(&j, NULL, 1e21);
	weir_json_num(&j, NULL, INFINITY);
	weir_json_end(&j);
	weir_json_key(&j, WEIR_TEXT("k\0z"));
	weir_json_bool(&j, NULL, true);
	ok(weir_json_done(&j), "an open scope is not done");
	weir_json_end(&j);
	ok(!weir_json_done(&j), "a closed one is");
	is(s.buf, "{\"a\\\"b\":\"x\\n\\\\\\u0001\xef\xbf\xbd\xc3\xa4\",\"n\":[-9223372036854775808,0.1,1e+21,null],\"k\\u0000z\":true}",
		"the document");
	weir_str_reset(&s);
	weir_json_init(&j, &s);
	weir_json_arr(&j, NULL);
	weir_json_strz(&j, "key", "in an array");
	ok(weir_json_done(&j) == WEIR_EINTERNAL, "a key in an array latches");
	weir_str_free(&s);
	weir_str_init(&s, 4);
	weir_json_init(&j, &s);
	weir_json_strz(&j, NULL, "longer than four");
	ok(weir_json_done(&j) == WEIR_ELIMIT, "the size cap latches");
	weir_str_free(&s);
}

static weir_err parse(const char *z, size_t n, unsigned flags, json_object **out)
{
	return weir_jsonr_parse(mem, (weir_text){ z, n }, flags, out, NULL);
}

static void reader_is_strict(void)
{
	static const char *const bad[] = {
		"", "{", "{a:1}", "{'a':1}", "[1,]", "nul", "1 2", "{\"a\":1}x", "NaN", "\"a\\u0000b\"", "{\"a\\u0000\":1}", "[1 /* c */]", "01", "1.", ".5", "+1", "-", "1e", "\"\\x\"", "True", "[1", "{\"a\"}", "{\"a\":1,}", "-Infinity", "\"a",
	};
	json_object *o;
	char deep[200];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(parse(bad[i], strlen(bad[i]), 0, &o) == WEIR_EBADREQ, bad[i]);
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	ok(parse(deep, 200, 0, &o) == WEIR_EBADREQ, "too deep");
	ok(!parse("\xef\xbb\xbf{\"a\":1,\"a\":2}", 16, 0, &o) && json_object_get_int(weir_jsonr_get(o, "a")) == 2,
		"byte order mark skipped, last duplicate wins");
	ok(!parse("\"a\xff\"", 4, 0, &o) && weir_text_is(weir_jsonr_text(o), "a\xef\xbf\xbd"), "broken UTF-8 becomes U+FFFD");
	ok(!parse("\"\\\\u0000\"", 9, 0, &o) && weir_text_is(weir_jsonr_text(o), "\\u0000"), "an escaped backslash is no NUL");
	ok(!parse("5", 1, 0, &o) && json_object_get_int(o) == 5, "a bare number");
	ok(!parse("null", 4, 0, &o) && !o, "a bare null");
	ok(parse("{\"x\":[{\"__proto__\":1}]}", 23, WEIR_JSONR_REFUSE_PROTO, &o), "__proto__ refused");
	ok(parse("{\"constructor\":{\"prototype\":1}}", 31, WEIR_JSONR_REFUSE_PROTO, &o), "constructor.prototype refused");
	ok(!parse("{\"constructor\":1}", 17, WEIR_JSONR_REFUSE_PROTO, &o), "constructor alone is fine");
}

static void numbers_read_like_javascript(void)
{
	static const struct { double v; const char *text; } rows[] = {
		{ 0, "0" }, { -0.0, "0" }, { 1, "1" }, { -1.5, "-1.5" }, { 1e21, "1e+21" }, { 1e20, "100000000000000000000" },
		{ 1e-7, "1e-7" }, { 1e-6, "0.000001" }, { 123456789012345680.0, "123456789012345680" }, { 0.1 + 0.2, "0.30000000000000004" },
		{ 1.5e300, "1.5e+300" }, { 5e-324, "5e-324" }, { 1e15, "1000000000000000" },
	};
	char buf[WEIR_NUM_MAX];
	int64_t v;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		weir_text t = weir_num_js(rows[i].v, buf);

		ok(weir_text_is(t, rows[i].text), rows[i].text);
	}
	ok(!weir_num_int(WEIR_TEXT("-9223372036854775808"), &v) && v == INT64_MIN, "the smallest integer");
	ok(weir_num_int(WEIR_TEXT("9223372036854775808"), &v), "one more than the largest");
	ok(weir_num_int(WEIR_TEXT("1x"), &v), "a number with a tail");
}

static void dates(void)
{
	static const struct { const char *text; int64_t ms; } good[] = {
		{ "2026-08-01T12:00:00.000Z", 1785585600000 }, { "2026-08-01", 1785542400000 }, { "2020-01-01T00:00:00Z", 1577836800000 },
		{ "2026-08-01T14:00:30+02:00", 1785585630000 }, { "2026-08-01 12:00", 1785585600000 }, { "Aug 1, 2026 12:00:00", 1785585600000 },
		{ "Sat, 01 Aug 2026 12:00:00 GMT", 1785585600000 }, { "2026/08/01", 1785542400000 }, { "8/1/2026", 1785542400000 },
		{ "1969-12-31T23:59:59.999Z", -1 }, { "2026", 1767225600000 }, { "2026-08", 1785542400000 },
		{ "2026-08-01t12:00:00z", 1785585600000 }, { "Sat Aug 01 2026 12:00:00 GMT+0200 (CEST)", 1785578400000 },
		{ "0", 946684800000 }, { "12", 1007164800000 }, { "Dec 25, 1995 1:30 PM", 819898200000 }, { "2026-02-30", 1772409600000 },
		{ "+275760-09-13", 8640000000000000 }, { "Aug 1 2026 10:00 EST", 1785596400000 }, { "2026-08-01 10:00:00-0530", 1785598200000 },
	};
	static const char *const bad[] = { "", "1785585599000", "yesterday", "2026-13-01", "2026-08-01T25:00Z", "2026-08-01T12:00:00Q",
		"2026-08-01T12:00:00Z ", "Dec 25, 1995 13:30 PM", "+275760-09-14", "8855157599000", "2026-08-01T24:00:01Z" };
	char buf[WEIR_CLOCK_MAX];
	int64_t ms;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok(!weir_clock_parse_js(weir_text_of(good[i].text), &ms) && ms == good[i].ms, good[i].text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(weir_clock_parse_js(weir_text_of(bad[i]), &ms), bad[i]);
	ok(weir_text_is(weir_clock_iso(1785585600123, buf), "2026-08-01T12:00:00.123Z"), "ISO");
	ok(weir_text_is(weir_clock_sql(-1, buf), "1969-12-31 23:59:59.999"), "SQL, before 1970");
	ok(weir_civil_of(1785585600000).weekday == 6, "a Saturday");
	for (int64_t day = -800000; day < 800000; day += 997) {
		struct weir_civil c = weir_civil_of(day * 86400000 + 5);

		if (weir_civil_ms(&c) != day * 86400000 + 5) {
			ok(0, "civil dates go there and back");
			return;
		}
	}
	ok(1, "civil dates go there and back");
}

static void digests_and_secrets(void)
{
	weir_text abc = WEIR_TEXT("abc");
	uint8_t out[32];
	char text[WEIR_PASSWORD_HASH_MAX];
	bool match;
	size_t n;

	ok(!weir_sha256(&abc, 1, out), "SHA-256");
	weir_hex(out, 4, text);
	is(text, "ba7816bf", "of abc");
	ok(!weir_shake256(&abc, 1, out, 4), "SHAKE256");
	weir_hex(out, 4, text);
	is(text, "48336660", "of abc");
	weir_base64url((const uint8_t *)"\xfb\xff", 2, text);
	is(text, "-_8", "base64url");
	weir_base64((const uint8_t *)"a", 1, text);
	is(text, "YQ==", "base64");
	ok(!weir_unbase64(WEIR_TEXT("YQ=="), out, 1, &n) && n == 1 && out[0] == 'a', "and back");
	weir_base32((const uint8_t *)"hello", 5, text);
	is(text, "nbswy3dp", "base32");
	ok(!weir_secret_verify(WEIR_TEXT("sec_0123456789abcdef0123"),
		WEIR_TEXT("00112233445566778899aabbccddeeff.a1b61a14d7c3d8c933d607a316faf4eecd741472db2d77eb18ffde6b69c23fac"), &match) &&
		match, "a client secret matches its hash");
	ok(!weir_password_hash(WEIR_TEXT("correct horse"), text) && !strncmp(text, "$argon2id$v=19$m=19456,t=2,p=1$", 31), "a password hash");
	ok(!weir_password_verify(WEIR_TEXT("correct horse"), text, &match) && match, "the password matches");
	ok(!weir_password_verify(WEIR_TEXT("wrong horse"), text, &match) && !match, "another does not");
}

static int dropped;
static void drop(void *value)
{
	dropped += *(int *)value;
}

static void cache_is_bounded(void)
{
	weir_cache *c = weir_cache_new(2, drop);
	int one = 1, two = 2, four = 4;
	bool found;

	weir_cache_put(c, WEIR_TEXT("a"), &one, 0, 100);
	weir_cache_put(c, WEIR_TEXT("b"), &two, 0, 100);
	ok(weir_cache_get(c, WEIR_TEXT("a"), 50, NULL) == &one, "found");
	weir_cache_put(c, WEIR_TEXT("c"), &four, 50, 100);
	ok(dropped == 2, "the entry used longest ago goes");
	ok(!weir_cache_get(c, WEIR_TEXT("a"), 100, NULL) && dropped == 3, "an old entry is gone");
	weir_cache_put(c, WEIR_TEXT("n"), NULL, 50, 100);
	ok(!weir_cache_get(c, WEIR_TEXT("n"), 60, &found) && found, "a stored nothing is known");
	weir_cache_free(c);
	ok(dropped == 7, "free drops the rest");
}

static void settings(void)
{
	struct weir_conf conf;
	struct weir_fault fault;
	char path[] = "/tmp/weir-conf-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	fputs("# comment\nsession.timeout = 4s\ntrack.body_max = 1M\nworker.salt_rotation = no\n", f);
	fclose(f);
	ok(!weir_conf_load(&conf, path, &fault), "a file is read");
	ok(conf.session_timeout == 4000 && conf.track_body_max == 1 << 20 && !conf.worker_salt_rotation, "with its values");
	is(conf.clickhouse_database, "weir", "and defaults beside them");
	weir_conf_free(&conf);
	f = fopen(path, "a");
	fputs("session.timeout = 4\n", f);
	fclose(f);
	ok(weir_conf_load(&conf, path, &fault), "a duration without unit is refused");
	ok(strstr(fault.text, ":5: session.timeout = 4: a duration with unit"), "with file, line and what is wanted");
	unlink(path);
}

static void unicode(void)
{
	char text[4];

	ok(weir_utf16_units(WEIR_TEXT("a\xc3\xa4\xf0\x9f\x98\x80")) == 4, "an emoji counts two");
	ok(!weir_utf8_valid(WEIR_TEXT("\xed\xa0\x80")) && !weir_utf8_valid(WEIR_TEXT("\xc0\xaf")), "surrogates and overlong forms are broken");
	ok(weir_text_is(weir_utf8_clean(mem, WEIR_TEXT("\xf0\x9f\x98z")), "\xef\xbf\xbdz"), "a cut sequence is one U+FFFD");
	ok(weir_utf8_encode(0x1f600, text) == 4 && weir_utf8_decode(text, 4) == 0x1f600, "encode and decode agree");
}

static weir_err join_element(void *ctx, size_t index, weir_text element)
{
	(void)index;
	weir_str_text(ctx, element.p ? element : WEIR_TEXT("<long>"));
	weir_str_putc(ctx, '|');
	return WEIR_OK;
}

/* The elements, behind them how it ended; fed in pieces of the size given. */
static const char *split(const char *document, size_t piece, weir_str *out)
{
	weir_jsonsplit s;
	weir_text rest = weir_text_of(document);
	weir_err err = WEIR_OK;

	weir_str_reset(out);
	weir_jsonsplit_init(&s, 16, join_element, out);
	while (rest.n && !err) {
		weir_text chunk = { rest.p, rest.n < piece ? rest.n : piece };

		err = weir_jsonsplit_feed(&s, chunk);
		rest.p += chunk.n;
		rest.n -= chunk.n;
	}
	if (!err)
		err = weir_jsonsplit_end(&s);
	weir_str_puts(out, err ? "bad" : "end");
	weir_jsonsplit_free(&s);
	return out->buf;
}

static void long_documents_come_apart(void)
{
	static const char *const cases[][2] = {
		{ "[]", "end" },
		{ " [ ] ", "end" },
		{ "\xef\xbb\xbf[1]", "1|end" },
		{ "[1, {\"a\":[\"]\\\"}\"]} ,null,\"x,]\"]", "1|{\"a\":[\"]\\\"}\"]}|null|\"x,]\"|end" },
		{ "[[[1],[2]],3]", "[[1],[2]]|3|end" },
		{ "{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}|{\"b\":2}|end" },
		{ "1 2", "1|2|end" },
		{ "[\"0123456789abcdef\",2]", "<long>|2|end" },
		{ "[1 2]", "1|bad" },
		{ "[1,]", "1|bad" },
		{ "[,1]", "bad" },
		{ "[1", "bad" },
		{ "[1]x", "1|bad" },
		{ "", "bad" },
		{ "{\"a\":", "bad" },
	};
	weir_str out;

	weir_str_init(&out, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is(split(cases[i][0], 1000, &out), cases[i][1], cases[i][0]);
		is(split(cases[i][0], 1, &out), cases[i][1], "the same byte by byte");
	}
	weir_str_free(&out);
}

/* The records of a text, fields in brackets, one record in each line; then what ended it. */
static void put_records(weir_text in, bool last, weir_str *out)
{
	struct weir_csv_record r;
	weir_err err;

	while (!(err = weir_csv_read(mem, in, last, &r))) {
		for (size_t i = 0; i < r.count; i++)
			weir_str_addf(out, "[%.*s]", (int)r.field[i].n, r.field[i].p);
		weir_str_putc(out, '/');
		in.p += r.length;
		in.n -= r.length;
	}
	weir_str_addf(out, "%s%zu", err == WEIR_ENOTFOUND ? "" : err == WEIR_EBADREQ ? "bad" : err == WEIR_ELIMIT ? "many" : "?", in.n);
}

static void values_between_commas(void)
{
	static const struct {
		const char *text, *piece, *whole; /* with more to come, and as all there is */
	} cases[] = {
		{ "a,b\n1,2\n", "[a][b]/[1][2]/0", "[a][b]/[1][2]/0" },
		{ "a,b\r\n1,2", "[a][b]/3", "[a][b]/[1][2]/0" },
		{ "a,\n,b\n,\n", "[a][]/[][b]/[][]/0", "[a][]/[][b]/[][]/0" },
		{ "\"a,b\",\"c\nd\"\n", "[a,b][c\nd]/0", "[a,b][c\nd]/0" },
		{ "\"say \"\"hi\"\"\",2\n", "[say \"hi\"][2]/0", "[say \"hi\"][2]/0" },
		{ "\"\",x\n\"\"\"\"\n", "[][x]/[\"]/0", "[][x]/[\"]/0" },
		{ "\n\r\na\n\n", "[a]/1", "[a]/1" },
		{ "a\r", "2", "[a\r]/0" },
		{ "a\rb,c\n", "[a\rb][c]/0", "[a\rb][c]/0" },
		{ "\"open", "5", "bad5" },
		{ "\"a\"", "3", "[a]/0" },
		{ "\"a\"b,c\n", "bad7", "bad7" },
		{ "5\" disk,b\n", "[5\" disk][b]/0", "[5\" disk][b]/0" },
		{ "", "0", "0" },
	};
	weir_str out, many;

	weir_str_init(&out, 10000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		weir_str_reset(&out);
		put_records(weir_text_of(cases[i].text), false, &out);
		is(out.buf, cases[i].piece, "values between commas, with more to come");
		weir_str_reset(&out);
		put_records(weir_text_of(cases[i].text), true, &out);
		is(out.buf, cases[i].whole, "the same as all there is");
	}
	weir_str_init(&many, 10000);
	for (int i = 0; i < WEIR_CSV_FIELDS; i++)
		weir_str_putc(&many, ',');
	weir_str_reset(&out);
	put_records(weir_str_view(&many), true, &out);
	is(out.buf, "many256", "more fields than a record may have");
	weir_str_free(&many);
	weir_str_free(&out);
}

int main(void)
{
	mem = weir_arena_new(1 << 20);
	arena_keeps_its_cap();
	writer_writes_only_json();
	reader_is_strict();
	numbers_read_like_javascript();
	dates();
	digests_and_secrets();
	cache_is_bounded();
	settings();
	unicode();
	long_documents_come_apart();
	values_between_commas();
	weir_arena_free(mem);
	return tap_done();
}
