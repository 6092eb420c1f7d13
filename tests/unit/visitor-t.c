/* What the vectors do not say of addresses, origins, pages, referrers, properties and names. */
#include "config.h"
#include "ingest/agent.h"
#include "ingest/flatten.h"
#include "ingest/name_rule.h"
#include "ingest/origin.h"
#include "ingest/referrer.h"
#include "ingest/url.h"
#include "ingest/visitor.h"
#include "tap.h"

static weir_arena *arena;

static weir_text header(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "x-real-ip") ? WEIR_TEXT("9.9.9.9") : (weir_text){ NULL, 0 };
}

static void trust(void)
{
	static const struct {
		const char *proxies, *peer, *ip, *why;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1", "9.9.9.9", "a trusted proxy's headers count" },
		{ "127.0.0.1", "8.8.4.4", "8.8.4.4", "a stranger is who it is" },
		{ "127.0.0.1", "192.168.1.5", "", "a private stranger has no public address" },
		{ "127.0.0.1", "", "", "a unix peer is not trusted unless named" },
		{ "unix", "unix:", "9.9.9.9", "a unix peer that is named" },
		{ "10.0.0.0/8", "10.200.1.1", "9.9.9.9", "a network" },
		{ "10.0.0.0/8", "11.0.0.1", "11.0.0.1", "outside of a network" },
		{ "10.0.0.128/25", "10.0.0.127", "", "just outside of a network" },
		{ "10.0.0.128/25", "10.0.0.128", "9.9.9.9", "just inside of a network" },
		{ "2001:db8::/33", "2001:db8:7fff::1", "9.9.9.9", "an IPv6 network" },
		{ "2001:db8::/33", "2001:db8:8000::1", "2001:db8:8000::1", "outside of an IPv6 network" },
		{ "0.0.0.0/0", "::1", "", "all of IPv4 is not IPv6" },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", "9.9.9.9", "an IPv4 address in IPv6 clothes" },
	};
	struct weir_ip_rule rule;
	struct weir_headers headers = { header, NULL };
	weir_text bad;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool good = !weir_ip_rule_init(&rule, weir_text_of(rows[i].proxies), WEIR_TEXT(""), &bad);

		good = good && weir_text_is(weir_client_ip_of(&rule, weir_text_of(rows[i].peer), headers).ip, rows[i].ip);
		ok(good, rows[i].why);
	}
	ok(weir_ip_rule_init(&rule, WEIR_TEXT("127.0.0.1, nonsense"), WEIR_TEXT(""), &bad) && weir_text_is(bad, "nonsense"), "the bad word is named");
	ok(weir_ip_rule_init(&rule, WEIR_TEXT("10.0.0.0/33"), WEIR_TEXT(""), &bad), "33 bits of 32");
	ok(!weir_ip_rule_init(&rule, WEIR_TEXT("unix"), WEIR_TEXT("CF-Connecting-IP, x-real-ip"), &bad) && rule.header_count == 2 &&
	   !strcmp(rule.headers[0], "cf-connecting-ip"), "headers of one's own, in lower case");
}

static void origins(void)
{
	static const struct {
		const char *entry, *origin;
		bool match;
	} rows[] = {
		{ "*.example.com", "https://app.example.com", true },
		{ "*.example.com", "https://a.b.example.com", true },
		{ "*.example.com", "https://example.com", false },
		{ "*.example.com", "https://x.example.com.evil.net", false },
		{ "*.example.com", "https://evil.net/.example.com", false },
		{ "*.example.com", "https://www.example.com", true },
		{ "*.example.com", "https://appXexampleXcom", false },
		{ "https://*.example.com:8080", "https://a.example.com:8080", true },
		{ "https://*.example.com:8080", "https://a.example.com", false },
		{ "http://localhost:*", "http://localhost:3000", true },
		{ "http://localhost:*", "http://localhost", false },
		{ "*example.com", "https://example.com", true },
		{ "shop-*.example.*", "https://shop-1.example.co.uk", true },
		{ "(a+)+*.example.com", "https://aaaa.example.com", false },
		{ "*", "null", true },
		{ "www.example.com", "https://example.com", true },
		{ "https://www.example.com/", "http://www.example.com", true },
		{ "example.com", "https://example.com/", true },
		{ "", "https://example.com", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[160];

		snprintf(name, sizeof(name), "origin %s by %s", rows[i].origin, rows[i].entry);
		ok(weir_origin_match(weir_text_of(rows[i].entry), weir_text_of(rows[i].origin)) == rows[i].match, name);
	}
}

static void urls(void)
{
	static const struct {
		const char *in, *origin, *path;
	} rows[] = {
		{ "HTTP:\\\\Ex.com:80\\a\\..\\b c?q", "http://ex.com", "/b%20c" },
		{ " https:/\tex.com/%2e/x/%2E%2e/\ny ", "https://ex.com", "/y" },
		{ "http://0x7f.1/", "http://127.0.0.1", "/" },
		{ "http://[0:0:1::0]:81", "http://[0:0:1::]:81", "/" },
		{ "https://m\xc3\xbcnchen.de", "https://xn--mnchen-3ya.de", "/" },
		{ "https://fa\xc3\x9f.de", "https://xn--fa-hia.de", "/" },
		{ "http://i\xe2\x9d\xa4.ws", "http://xn--i-7iq.ws", "/" },
		{ "http://\xf0\x9f\x98\x80.ws", "http://xn--e28h.ws", "/" },
		{ "http://xn--ls8h.la", "http://xn--ls8h.la", "/" },
		{ "http://\xc3\xa9\xf0\x9f\x98\x80\xe3\x80\x82" "com", "http://xn--9ca2767w.com", "/" },
		{ "http://\xc3\xa9_x.com", "http://xn--_x-9ia.com", "/" },
		{ "http://xn--\xc3\xa9.com", NULL, NULL }, { "http://a\xe2\x80\x8d\xf0\x9f\x98\x80.com", NULL, NULL },
		{ "mailto:a b", "null", "a b" },
		{ "file:///C|/x/../..", "null", "/C:/" },
		{ "http://1.2.3.256", NULL, NULL }, { "http://a:65536", NULL, NULL }, { "http://a b", NULL, NULL }, { "http://%zz", NULL, NULL },
		{ "http://user@", NULL, NULL }, { "https://xn--a", NULL, NULL }, { "//a/b", NULL, NULL }, { "http://[::1", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct weir_url u;
		weir_text origin;
		weir_err err = weir_url_parse(arena, weir_text_of(rows[i].in), NULL, &u);

		if (!rows[i].origin)
			ok(err == WEIR_EBADREQ, rows[i].in);
		else
			ok(!err && !weir_url_origin(arena, &u, &origin) && weir_text_is(origin, rows[i].origin) &&
			   weir_text_is(u.path, rows[i].path), rows[i].in);
	}
}

static void referrers(void)
{
	static const struct {
		const char *referrer, *page, *source, *name, *type, *url, *why;
	} rows[] = {
		{ "https://www.google.com/", "https://ex.com/", NULL, "Google", "search", "https://www.google.com", "a known one" },
		{ "https://a.dev/x/", "https://ex.com/", NULL, "https://a.dev/x", "", "https://a.dev/x", "an unknown one is its own name" },
		{ "https://ex.com/y", "https://ex.com/", NULL, "", "", "", "the page's own host" },
		{ "https://ex.com/y", "https://ex.com/", "newsletter", "newsletter", "", "", "the page's own host, with a campaign" },
		{ "https://www.google.com/", "https://ex.com/", "Spring", "spring", "search", "https://www.google.com", "the campaign's name, the table's type" },
		{ "", "", "perplexity", "Perplexity", "ai", "", "an assistant by its name" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		weir_text where = weir_text_of(rows[i].page);
		struct weir_referrer r, again;
		struct weir_page page;
		bool good;

		good = !weir_page_parse(arena, where, &page);
		good = good && (!rows[i].source || !weir_pairs_set(&page.query, WEIR_TEXT("utm_source"), weir_text_of(rows[i].source)));
		good = good && !weir_referrer_of(arena, weir_text_of(rows[i].referrer), where, &page, &r);
		page.host = (weir_text){ NULL, 0 };
		good = good && !weir_referrer_of(arena, weir_text_of(rows[i].referrer), where, &page, &again);
		ok(good && weir_text_is(r.name, rows[i].name) && weir_text_is(r.type, rows[i].type) && weir_text_is(r.url, rows[i].url), rows[i].why);
		ok(good && weir_text_eq(r.name, again.name) && weir_text_eq(r.type, again.type) && weir_text_eq(r.url, again.url),
			"and the same when the page's host is not known yet");
	}
}

static bool flat_is(const char *json, const char *key, const char *value)
{
	struct weir_pairs flat;
	json_object *o;
	weir_text got;

	weir_pairs_init(&flat, arena);
	if (weir_jsonr_parse(arena, weir_text_of(json), WEIR_JSONR_DROP_SURROGATES, &o, NULL) ||
	    weir_flatten(&flat, WEIR_TEXT(""), o, NULL, NULL))
		return false;
	got = weir_pairs_get(&flat, weir_text_of(key));
	return value ? got.p && weir_text_is(got, value) : !got.p;
}

static weir_err refused(weir_text json, const char **why)
{
	struct weir_pairs flat;
	json_object *o;
	weir_err err;

	weir_pairs_init(&flat, arena);
	if ((err = weir_jsonr_parse(arena, json, 0, &o, NULL)))
		return err;
	return weir_flatten(&flat, WEIR_TEXT(""), o, NULL, why);
}

static void properties(void)
{
	static const char *const skip[] = { "__path", NULL };
	weir_str s;
	const char *why = NULL;
	struct weir_pairs flat;
	json_object *o;

	ok(flat_is("{\"n\":100000000000000000000}", "n", "100000000000000000000"), "an integer beyond 64 bits");
	ok(flat_is("{\"n\":18446744073709551616}", "n", "18446744073709552000"), "an integer just beyond 64 bits");
	ok(flat_is("{\"s\":\"\\u00a0\\u2003x\\ufeff\"}", "s", "x"), "white space is Unicode's");
	ok(flat_is("{\"s\":\"{\\\"a\\\":\\\"\\\\ud800b\\\"}\"}", "s.a", "b"), "half a pair in a document in a string");
	ok(flat_is("{\"s\":\"\\\\ud800\"}", "s", "\\ud800"), "an escaped backslash before what looks like half a pair");
	ok(flat_is("{\"a\":{\"b\":{}}}", "a", NULL), "an empty object is nothing");

	weir_pairs_init(&flat, arena);
	ok(!weir_jsonr_parse(arena, WEIR_TEXT("{\"__path\":\"/x\",\"o\":{\"__path\":1}}"), 0, &o, NULL) &&
	   !weir_flatten(&flat, WEIR_TEXT(""), o, skip, NULL) && !weir_pairs_has(&flat, WEIR_TEXT("__path")) &&
	   weir_text_is(weir_pairs_get(&flat, WEIR_TEXT("o.__path")), "1"), "members are left out at the root only");

	weir_str_init(&s, 1 << 24);
	weir_str_puts(&s, "{");
	for (int i = 0; i <= WEIR_PAIRS_MAX; i++)
		weir_str_addf(&s, "%s\"k%d\":1", i ? "," : "", i);
	weir_str_puts(&s, "}");
	ok(refused(weir_str_view(&s), &why) == WEIR_ELIMIT && why, "too many keys, and it says so");
	weir_str_reset(&s);
	weir_str_puts(&s, "{\"");
	for (int i = 0; i < 1 << 16; i++)
		weir_str_putc(&s, 'k');
	weir_str_puts(&s, "\":[");
	for (int i = 0; i < 200; i++)
		weir_str_puts(&s, i ? ",1" : "1");
	weir_str_puts(&s, "]}");
	why = NULL;
	ok(refused(weir_str_view(&s), &why) == WEIR_ELIMIT && why, "a long key many times over, and it says so");
	weir_str_reset(&s);
	weir_str_puts(&s, "{\"d\":\"");
	for (int i = 0; i < 60; i++)
		weir_str_puts(&s, "[");
	for (int i = 0; i < 60; i++)
		weir_str_puts(&s, "]");
	weir_str_puts(&s, "\"}");
	why = NULL;
	ok(refused(weir_str_view(&s), &why) == WEIR_ELIMIT && why, "a document in a string that is too deep, and it says so");
	weir_str_free(&s);
}

static void many_pairs(void)
{
	struct weir_pairs p;
	bool good = true;

	weir_pairs_init(&p, arena);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000; i++) {
			char key[16];
			int n = snprintf(key, sizeof(key), "key%d", i);

			good = good && !weir_pairs_set(&p, weir_text_dup(arena, (weir_text){ key, (size_t)n }), round ? WEIR_TEXT("two") : WEIR_TEXT("one"));
		}
	}
	ok(good && p.n == 1000 && weir_text_is(weir_pairs_get(&p, WEIR_TEXT("key999")), "two") && weir_text_is(p.v[0].key, "key0"),
	   "a thousand keys, each once, in their order");
}

static void user_agents(void)
{
	static const struct {
		const char *ua, *os, *version, *browser, *device, *brand, *model;
	} rows[] = {
		{ "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36", "Android", "10",
		  "Chrome", "tablet", "", "K" },
		{ "Mozilla/5.0 (Linux; Android 12; Quest 2) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/23.2 Chrome/104.0 VR Safari/537.36",
		  "Android", "12", "Oculus Browser", "xr", "Facebook", "Quest 2" },
		{ "MyApp/1.0 iPhone15,3 iOS17.1", "iOS", "17.1", "", "mobile", "Apple", "iPhone" },
		{ "MyApp/3.2 (iPad; iOS 16.0; Scale/2.00)", "iOS", "16.0", "", "tablet", "Apple", "iPad" },
		{ "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0 Mobile/15E148 Safari/604.1",
		  "iOS", "17.0", "Mobile Chrome", "tablet", "Apple", "iPad" },
		{ "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
		  "PlayStation", "5", "Safari", "console", "Sony", "PlayStation 5" },
		{ "Mozilla/5.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)", "Windows", "XP", "IE", "desktop", "", "" },
	};
	weir_agents *agents = weir_agents_new(2);

	for (int round = 0; round < 10; round++) { /* the patterns are compiled for the machine on the way */
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct weir_agent a;
			bool good = agents && !weir_agent_parse(agents, arena, weir_text_of(rows[i].ua), round, &a);

			good = good && weir_text_is(a.os, rows[i].os) && weir_text_is(a.os_version, rows[i].version) &&
			       weir_text_is(a.browser, rows[i].browser) && weir_text_is(a.device, rows[i].device) &&
			       weir_text_is(a.brand, rows[i].brand) && weir_text_is(a.model, rows[i].model);
			if (!good || round == 9)
				ok(good, rows[i].ua);
		}
	}
	weir_agents_free(agents);
}

static void times(void)
{
	json_object *o = json_object_new_string("-100000-01-01T00:00:00Z");
	struct weir_event_time t = weir_event_time_of(o, 1785585600000);

	ok(t.ms < 0 && t.past, "a date no column can hold is told as it is: the caller refuses it");
	json_object_put(o);
	o = json_object_new_int64(1785585660000);
	ok(weir_event_time_of(o, 1785585600000).ms == 1785585660000, "a minute ahead");
	json_object_put(o);
	o = json_object_new_int64(1785585660001);
	ok(weir_event_time_of(o, 1785585600000).ms == 1785585600000, "more than a minute ahead");
	json_object_put(o);
	ok(weir_session_bucket(-1, 1800000) == -1 && weir_session_bucket(-1800000, 1800000) == -2, "buckets before 1970");
}

int main(void)
{
	arena = weir_arena_new(64 << 20);
	if (!arena)
		return 1;
	trust();
	origins();
	urls();
	referrers();
	properties();
	many_pairs();
	times();
	user_agents();
	ok(weir_name_is_reserved(WEIR_TEXT("session_start")) && !weir_name_is_reserved(WEIR_TEXT("session_starts")), "reserved names");
	ok(weir_name_is_blocked(WEIR_TEXT("/my_file.sql2")) && !weir_name_is_blocked(WEIR_TEXT("/api/x.json")), "scans for files");
	weir_arena_free(arena);
	return tap_done();
}
