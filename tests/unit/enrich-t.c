/*
 * Runs the vectors of tests/vectors/ingest.json that concern the enrichment
 * modules, one TAP line each, and the few cases the vectors leave out.
 */
#include "config.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/jsonadapt.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "ingest/agent_rules.h"
#include "ingest/bot.h"
#include "ingest/flatten.h"
#include "ingest/format.h"
#include "ingest/name_rule.h"
#include "ingest/origin.h"
#include "ingest/referrer.h"
#include "ingest/suspicion.h"
#include "ingest/url.h"
#include "ingest/visitor.h"
#include "tap.h"

#include <stdlib.h>

enum { NOW_MS = 1000 };

static weir_arena *arena;
static weir_agents *agents;
static weir_bots *bots;

static weir_text get(json_object *o, const char *key)
{
	weir_text t = weir_jsonr_get_text(o, key);

	return t.p ? t : WEIR_TEXT("");
}

/* A member that is a string, or "" when it is absent or null. */
static bool same(json_object *expected, const char *key, weir_text got)
{
	if (weir_text_eq(get(expected, key), got))
		return true;
	printf("# %s: got \"%.*s\", want \"%.*s\"\n", key, (int)got.n, got.p, (int)get(expected, key).n, get(expected, key).p);
	return false;
}

static bool truth(json_object *expected, bool got)
{
	return json_object_get_boolean(expected) == got;
}

static bool same_agent(json_object *e, const struct weir_agent *a)
{
	bool good = same(e, "os", a->os);

	good = same(e, "osVersion", a->os_version) && good;
	good = same(e, "browser", a->browser) && good;
	good = same(e, "browserVersion", a->browser_version) && good;
	good = same(e, "device", a->device) && good;
	good = same(e, "brand", a->brand) && good;
	good = same(e, "model", a->model) && good;
	return good && truth(weir_jsonr_get(e, "isServer"), a->is_server);
}

static bool ua_parse(json_object *in, json_object *e)
{
	struct weir_agent agent;

	if (weir_agent_parse(agents, arena, weir_jsonr_get_text(in, "ua"), NOW_MS, &agent))
		return false;
	weir_agent_override(&agent, weir_jsonr_get(in, "properties"));
	return same_agent(e, &agent);
}

static bool ua_device_fallback(json_object *in, json_object *e)
{
	weir_text device = weir_agent_device(agents, get(in, "ua"), get(in, "model"));

	return weir_text_eq(device, weir_jsonr_text(e));
}

static bool same_referrer(json_object *e, const struct weir_referrer *r)
{
	bool good = same(e, "name", r->name);

	good = same(e, "type", r->type) && good;
	return same(e, "url", r->url) && good;
}

static bool referrer_parse(json_object *in, json_object *e)
{
	struct weir_referrer r;

	return !weir_referrer_parse(arena, get(in, "url"), &r) && same_referrer(e, &r);
}

static bool referrer_from_query(json_object *in, json_object *e)
{
	struct weir_pairs query;
	struct weir_referrer r;
	bool found;

	weir_pairs_init(&query, arena);
	if (weir_jsonr_get(in, "query")) {
		json_object_object_foreach(weir_jsonr_get(in, "query"), key, value)
			if (weir_pairs_set(&query, weir_text_of(key), weir_jsonr_text(value)))
				return false;
	}
	if (weir_referrer_from_query(arena, &query, &r, &found))
		return false;
	return e ? found && same_referrer(e, &r) : !found;
}

static bool same_pairs(json_object *e, const struct weir_pairs *p)
{
	size_t n = 0;

	if (e) {
		json_object_object_foreach(e, key, value) {
			weir_text want = weir_jsonr_text(value), got = weir_pairs_get(p, weir_text_of(key));

			n++;
			if (!got.p || !weir_text_eq(want, got)) {
				printf("# %s: got \"%.*s\", want \"%.*s\"\n", key, (int)got.n, got.p ? got.p : "", (int)want.n, want.p);
				return false;
			}
		}
	}
	if (p->n != n)
		printf("# %zu keys instead of %zu\n", p->n, n);
	return p->n == n;
}

static bool path_parse(json_object *in, json_object *e)
{
	struct weir_page page;

	return !weir_page_parse(arena, get(in, "path"), &page) && same(e, "path", page.path) && same(e, "origin", page.origin) &&
	       same(e, "hash", page.hash) && same_pairs(weir_jsonr_get(e, "query"), &page.query);
}

static bool same_domain(json_object *in, json_object *e)
{
	bool got;

	return !weir_url_same_domain(arena, get(in, "url1"), get(in, "url2"), &got) && truth(e, got);
}

static bool to_dots(json_object *in, json_object *e)
{
	struct weir_pairs flat;

	weir_pairs_init(&flat, arena);
	return !weir_flatten(&flat, WEIR_TEXT(""), in, NULL, NULL) && same_pairs(e, &flat);
}

static bool to_object(json_object *in, json_object *e)
{
	struct weir_pairs flat;
	json_object *tree;

	weir_pairs_init(&flat, arena);
	json_object_object_foreach(in, key, value)
		if (weir_pairs_set(&flat, weir_text_of(key), weir_jsonr_text(value)))
			return false;
	return !weir_unflatten(arena, &flat, &tree) && json_object_equal(tree, e);
}

static weir_text header(void *ctx, const char *name)
{
	return weir_jsonr_get_text(ctx, name);
}

static bool client_ip(json_object *in, json_object *e)
{
	struct weir_ip_rule rule;
	struct weir_headers headers = { header, weir_jsonr_get(in, "headers") };
	struct weir_client_ip ip;
	weir_text bad;

	if (weir_ip_rule_init(&rule, WEIR_TEXT("127.0.0.1, ::1, unix"), WEIR_TEXT(""), &bad))
		return false;
	ip = weir_client_ip_of(&rule, WEIR_TEXT("127.0.0.1"), headers);
	return same(e, "ip", ip.ip) && same(e, "header", ip.header);
}

static bool bot_header_signals(json_object *in, json_object *e)
{
	struct weir_headers headers = { header, weir_jsonr_get(in, "headers") };
	struct weir_suspicion s;
	weir_text rest, item;
	size_t i = 0;

	if (weir_suspicion_of(arena, get(headers.ctx, "user-agent"), headers, NULL, &s))
		return false;
	for (rest = s.reasons; rest.n && weir_text_next(&rest, ',', &item); i++)
		if (!weir_text_eq(item, weir_jsonr_text(json_object_array_get_idx(e, i))))
			return false;
	return i == json_object_array_length(e) && !s.bot;
}

static bool bot_suspicion(json_object *in, json_object *e)
{
	struct weir_headers headers = { header, weir_jsonr_get(in, "headers") };
	json_object *info = weir_jsonr_get(in, "asnInfo");
	struct weir_network network = { (uint32_t)json_object_get_int64(weir_jsonr_get(info, "asn")), get(info, "org"),
		json_object_get_boolean(weir_jsonr_get(info, "isHosting")) };
	struct weir_suspicion s;

	return !weir_suspicion_of(arena, get(headers.ctx, "user-agent"), headers, &network, &s) && same(e, "__bot_reasons", s.reasons) &&
	       same(e, "__bot", s.bot ? WEIR_TEXT("1") : WEIR_TEXT(""));
}

/* A user agent whose name in the reference is a placeholder that nobody filled in, and what it is called here. */
static const char *const renamed_bots[][2] = { { "360Spider-Image", "360Spider" } };

static bool bot_detect(json_object *in, json_object *e)
{
	const struct weir_bot *bot = weir_bot_of(bots, get(in, "ua"), NOW_MS);
	weir_text name = get(e, "name");

	if (!bot || !e)
		return !bot && !e;
	for (size_t i = 0; i < sizeof(renamed_bots) / sizeof(renamed_bots[0]); i++)
		if (weir_text_is(name, "$1") && weir_text_is(get(in, "ua"), renamed_bots[i][0]))
			name = weir_text_of(renamed_bots[i][1]);
	return weir_text_is(name, bot->name) && weir_text_is(get(e, "type"), bot->type);
}

/* Of the user agents that the vectors take apart, none is a robot. */
static bool ua_is_no_bot(json_object *in, json_object *e)
{
	(void)e;
	return !weir_bot_of(bots, get(in, "ua"), NOW_MS);
}

static bool event_name_blocked(json_object *in, json_object *e)
{
	return truth(e, weir_name_is_blocked(get(in, "name")));
}

static bool timestamp_rule(json_object *in, json_object *e)
{
	int64_t now_ms = json_object_get_int64(weir_jsonr_get(in, "serverNowMs"));
	struct weir_event_time t = weir_event_time_of(weir_jsonr_get(in, "__timestamp"), now_ms);

	return t.ms == json_object_get_int64(weir_jsonr_get(e, "timestamp")) && truth(weir_jsonr_get(e, "isTimestampFromThePast"), t.past);
}

static bool override_device_id(json_object *in, json_object *e)
{
	return weir_text_eq(weir_device_override(in), weir_jsonr_text(e));
}

static bool device_id(json_object *in, json_object *e)
{
	char id[WEIR_DEVICE_ID_LEN + 1];

	return !weir_device_id(get(in, "ua"), get(in, "ip"), get(in, "projectId"), get(in, "salt"), id) &&
	       weir_text_is(weir_jsonr_text(e), id);
}

static bool session_id(json_object *in, json_object *e)
{
	char id[WEIR_SESSION_ID_LEN + 1];
	int64_t at = json_object_get_int64(weir_jsonr_get(in, "eventMs")), window = json_object_get_int64(weir_jsonr_get(in, "windowMs"));

	return weir_session_grace_ms(window) == json_object_get_int64(weir_jsonr_get(in, "graceMs")) &&
	       weir_session_bucket(at, window) == json_object_get_int64(weir_jsonr_get(e, "bucket")) &&
	       !weir_session_id(get(in, "projectId"), get(in, "deviceId"), at, window, id) && same(e, "sessionId", weir_text_of(id));
}

static bool identify_email(json_object *in, json_object *e)
{
	return truth(e, weir_format_email(get(in, "email")));
}

static bool identify_avatar_url(json_object *in, json_object *e)
{
	bool valid;

	return !weir_format_url(arena, get(in, "avatar"), &valid, NULL) && truth(e, valid);
}

static bool replay_datetime(json_object *in, json_object *e)
{
	return truth(e, weir_format_datetime(get(in, "started_at")));
}

static bool secret_hash(json_object *in, json_object *e)
{
	char hash[WEIR_SECRET_HASH_LEN + 1];

	return !weir_secret_hash_with(get(in, "secret"), get(in, "salt"), hash) && weir_text_is(weir_jsonr_text(e), hash);
}

static bool secret_verify(json_object *in, json_object *e)
{
	bool match;

	return !weir_secret_verify(get(in, "secret"), get(in, "stored"), &match) && truth(e, match);
}

/* Patterns are anchored here: spec/ingest.md 11 item 2.  The vectors that show the reference's weakness turn around. */
static bool is_deviation(weir_text origin)
{
	return weir_text_is(origin, "https://evil.com/?x.example.com") || weir_text_is(origin, "https://app.example.com.evil.net");
}

static bool sdk_auth(json_object *in, json_object *e)
{
	json_object *cors = weir_jsonr_get(in, "cors");
	weir_text entries[8], origin = get(in, "origin");
	size_t n = 0;
	bool want = json_object_get_boolean(weir_jsonr_get(e, "allowed"));

	for (; n < json_object_array_length(cors) && n < 8; n++)
		entries[n] = weir_jsonr_text(json_object_array_get_idx(cors, n));
	return weir_origin_allowed(entries, n, origin) == (is_deviation(origin) ? !want : want);
}

static const struct area {
	const char *name;
	bool (*run)(json_object *in, json_object *expected);
} areas[] = {
	{ "ua_parse", ua_parse },
	{ "ua_parse_override", ua_parse },
	{ "ua_device_fallback", ua_device_fallback },
	{ "referrer_parse", referrer_parse },
	{ "referrer_from_query", referrer_from_query },
	{ "path_parse", path_parse },
	{ "same_domain", same_domain },
	{ "to_dots", to_dots },
	{ "to_object", to_object },
	{ "client_ip", client_ip },
	{ "bot_header_signals", bot_header_signals },
	{ "bot_suspicion", bot_suspicion },
	{ "bot_detect", bot_detect },
	{ "ua_parse", ua_is_no_bot },
	{ "ua_parse_override", ua_is_no_bot },
	{ "event_name_blocked", event_name_blocked },
	{ "timestamp_rule", timestamp_rule },
	{ "override_device_id", override_device_id },
	{ "device_id", device_id },
	{ "session_id", session_id },
	{ "identify_email", identify_email },
	{ "identify_avatar_url", identify_avatar_url },
	{ "replay_datetime", replay_datetime },
	{ "secret_hash", secret_hash },
	{ "secret_verify", secret_verify },
	{ "sdk_auth", sdk_auth },
};

/* sdk_auth has vectors of two kinds: origins, and whole cases that the end-to-end tests run. */
static bool is_ours(const struct area *area, json_object *in)
{
	return strcmp(area->name, "sdk_auth") || weir_jsonr_has(in, "cors");
}

static void run_vectors(json_object *vectors)
{
	int seen[sizeof(areas) / sizeof(areas[0])] = { 0 };

	for (size_t i = 0; i < json_object_array_length(vectors); i++) {
		json_object *v = json_object_array_get_idx(vectors, i), *in = weir_jsonr_get(v, "input");

		for (size_t k = 0; k < sizeof(areas) / sizeof(areas[0]); k++) {
			char name[64];

			if (!weir_text_is(get(v, "area"), areas[k].name) || !is_ours(&areas[k], in))
				continue;
			snprintf(name, sizeof(name), "%s %d", areas[k].name, ++seen[k]);
			ok(areas[k].run(in, weir_jsonr_get(v, "expected")), name);
		}
	}
	for (size_t k = 0; k < sizeof(areas) / sizeof(areas[0]); k++)
		ok(seen[k] > 0, areas[k].name);
}

static json_object *read_vectors(weir_arena *a)
{
	const char *srcdir = getenv("srcdir");
	json_object *out = NULL;
	char path[4096];
	FILE *in;
	char *text;
	long n;

	snprintf(path, sizeof(path), "%s/tests/vectors/ingest.json", srcdir ? srcdir : ".");
	if (!(in = fopen(path, "re")) || fseek(in, 0, SEEK_END) || (n = ftell(in)) < 0 || fseek(in, 0, SEEK_SET))
		return NULL;
	text = weir_alloc(a, (size_t)n);
	/* not by weir_jsonr_parse: it refuses the NUL characters that some vectors hold */
	if (text && fread(text, 1, (size_t)n, in) == (size_t)n) {
		weir_text json = weir_jsonadapt(a, (weir_text){ text, (size_t)n }, true);

		out = json.p ? json_tokener_parse(weir_strndup(a, json.p, json.n)) : NULL;
	}
	fclose(in);
	return out;
}

static void check_nul(void)
{
	struct weir_page page;

	weir_arena_reset(arena);
	ok(!weir_page_parse(arena, WEIR_TEXT("https://a.example/?a%00b=c%00%C3%00"), &page) && page.query.n == 1 &&
		   weir_text_is(page.query.v[0].key, "a\xef\xbf\xbd""b") &&
		   weir_text_is(page.query.v[0].value, "c\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
		"a NUL in an address becomes a replacement character");
}

static void check_rules(void)
{
	struct weir_agent_rules *rules = weir_agent_rules_new();

	ok(rules && weir_agent_rules_check(rules), "every user agent pattern compiles");
	weir_agent_rules_free(rules);
}

int main(void)
{
	weir_arena *vectors_arena = weir_arena_new(64 << 20);
	json_object *vectors;

	arena = weir_arena_new(64 << 20);
	agents = weir_agents_new(100);
	bots = weir_bots_new(100);
	if (!arena || !vectors_arena || !agents || !bots)
		return 1;
	vectors = read_vectors(vectors_arena);
	check_rules();
	check_nul();
	ok(vectors != NULL, "the vectors are read");
	if (vectors)
		run_vectors(vectors);
	json_object_put(vectors);
	weir_agents_free(agents);
	weir_bots_free(bots);
	weir_arena_free(arena);
	weir_arena_free(vectors_arena);
	return tap_done();
}
