#include "config.h"
#include "ingest/umami.h"

#include "base/id.h"
#include "base/jsonw.h"
#include "ingest/referrer.h"
#include "ingest/url.h"

enum { ADDRESS_MAX = 64 * 1024 };

static const char *const names[WEIR_UMAMI_COLUMN_COUNT] = {
#define X(name) #name,
	WEIR_UMAMI_COLUMNS(X)
#undef X
};

const char *weir_umami_begin(struct weir_umami *u, const struct weir_csv_record *head)
{
	static const enum weir_umami_column needed[] = { WEIR_UMAMI_website_id, WEIR_UMAMI_session_id, WEIR_UMAMI_created_at };

	*u = (struct weir_umami){ .place = { 0 } };
	for (size_t i = 0; i < head->count; i++)
		for (size_t k = 0; k < WEIR_UMAMI_COLUMN_COUNT; k++) {
			weir_text name = weir_text_trim(head->field[i]);

			if (!i && weir_text_starts(name, "\xef\xbb\xbf"))
				name = (weir_text){ name.p + 3, name.n - 3 };
			if (weir_text_is(name, names[k]))
				u->place[k] = i + 1;
		}
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!u->place[needed[i]])
			return names[needed[i]];
	return NULL;
}

/* What empty values look like in dumps of several databases. */
static weir_text value(const struct weir_umami *u, const struct weir_csv_record *r, enum weir_umami_column column)
{
	size_t place = u->place[column];
	weir_text t = place && place <= r->count ? r->field[place - 1] : WEIR_TEXT("");

	return weir_text_is(t, "\\N") || weir_text_is(t, "NULL") ? WEIR_TEXT("") : t;
}

weir_text weir_umami_website(const struct weir_umami *u, const struct weir_csv_record *record)
{
	return value(u, record, WEIR_UMAMI_website_id);
}

/* Umami's words, and what the user agent's parser calls the same. */
struct word {
	const char *theirs, *ours;
};
static const struct word browsers[] = {
	{ "chrome", "Chrome" }, { "crios", "Chrome" }, { "firefox", "Firefox" }, { "fxios", "Firefox" }, { "safari", "Safari" },
	{ "ios", "Mobile Safari" }, { "ios-webview", "WebKit" }, { "edge", "Edge" }, { "edge-chromium", "Edge" }, { "edge-ios", "Edge" },
	{ "opera", "Opera" }, { "opera-mini", "Opera Mini" }, { "samsung", "Samsung Internet" }, { "yandexbrowser", "Yandex" },
	{ "facebook", "Facebook" }, { "instagram", "Instagram" }, { "chromium-webview", "Chrome WebView" }, { "android", "Android Browser" },
	{ "silk", "Silk" }, { "ie", "IE" }, { NULL, NULL },
};
static const struct word systems[] = {
	{ "Android OS", "Android" }, { "Chrome OS", "Chrome OS" }, { "Amazon OS", "Android" }, { NULL, NULL },
};
static const struct word devices[] = { { "laptop", "desktop" }, { "desktop", "desktop" }, { "mobile", "mobile" }, { "tablet", "tablet" }, { NULL, NULL } };

static weir_text translate(const struct word *words, weir_text theirs)
{
	while (words->theirs && !weir_text_is(theirs, words->theirs))
		words++;
	return words->theirs ? weir_text_of(words->ours) : theirs;
}

/* "Windows 10" is a system and its version. */
static void put_system(weir_json *j, weir_text os)
{
	static const char windows[] = "Windows ";

	if (weir_text_starts(os, windows)) {
		weir_json_str(j, "os", WEIR_TEXT("Windows"));
		weir_json_str(j, "os_version", (weir_text){ os.p + sizeof(windows) - 1, os.n - (sizeof(windows) - 1) });
	} else {
		weir_json_str(j, "os", translate(systems, os));
	}
}

static weir_err put_referrer(weir_arena *mem, weir_json *j, const struct weir_umami *u, const struct weir_csv_record *r)
{
	weir_text domain = value(u, r, WEIR_UMAMI_referrer_domain), query = value(u, r, WEIR_UMAMI_referrer_query);
	struct weir_referrer ref;
	weir_str url;
	weir_err err;

	if (!domain.n || weir_text_eq_nocase(domain, value(u, r, WEIR_UMAMI_hostname)))
		return WEIR_OK;
	weir_str_init(&url, ADDRESS_MAX);
	weir_str_puts(&url, "https://");
	weir_str_text(&url, domain);
	weir_str_text(&url, value(u, r, WEIR_UMAMI_referrer_path));
	if (query.n) {
		weir_str_putc(&url, '?');
		weir_str_text(&url, query);
	}
	err = weir_str_err(&url);
	if (!err)
		err = weir_referrer_parse(mem, weir_str_view(&url), &ref);
	if (!err) {
		weir_json_str(j, "referrer", ref.url);
		weir_json_str(j, "referrer_name", ref.name);
		weir_json_str(j, "referrer_type", ref.type);
	}
	weir_str_free(&url);
	return err;
}

static void put_property(weir_json *j, const char *key, weir_text v)
{
	if (v.n)
		weir_json_str(j, key, v);
}

/* The query's fields, under the names that they have in events (__query.utm_source). */
static weir_err put_query(weir_arena *mem, weir_json *j, const struct weir_umami *u, const struct weir_csv_record *r)
{
	static const struct {
		const char *key;
		enum weir_umami_column column;
	} utm[] = {
		{ "utm_source", WEIR_UMAMI_utm_source }, { "utm_medium", WEIR_UMAMI_utm_medium }, { "utm_campaign", WEIR_UMAMI_utm_campaign },
		{ "utm_content", WEIR_UMAMI_utm_content }, { "utm_term", WEIR_UMAMI_utm_term },
	};
	struct weir_pairs query;
	weir_err err = weir_url_query(mem, value(u, r, WEIR_UMAMI_url_query), &query);

	for (size_t i = 0; i < sizeof(utm) / sizeof(*utm) && !err; i++)
		if (value(u, r, utm[i].column).n)
			err = weir_pairs_set(&query, weir_text_of(utm[i].key), value(u, r, utm[i].column));
	if (err || !query.n)
		return err;
	weir_json_obj(j, "__query");
	for (size_t i = 0; i < query.n; i++) {
		weir_json_key(j, query.v[i].key);
		weir_json_str(j, NULL, query.v[i].value);
	}
	weir_json_end(j);
	return WEIR_OK;
}

static weir_err put_properties(weir_arena *mem, weir_json *j, const struct weir_umami *u, const struct weir_csv_record *r)
{
	weir_err err;

	weir_json_obj(j, "properties");
	err = put_query(mem, j, u, r);
	put_property(j, "__title", value(u, r, WEIR_UMAMI_page_title));
	put_property(j, "__screen", value(u, r, WEIR_UMAMI_screen));
	put_property(j, "__language", value(u, r, WEIR_UMAMI_language));
	put_property(j, "tag", value(u, r, WEIR_UMAMI_tag));
	weir_json_end(j);
	return err;
}

static weir_text first_of(weir_text a, weir_text b)
{
	return a.n ? a : b;
}

static void put_origin(weir_json *j, weir_text hostname)
{
	weir_str origin;

	if (!hostname.n)
		return;
	weir_str_init(&origin, 4096);
	weir_str_puts(&origin, "https://");
	weir_str_text(&origin, hostname);
	if (!weir_str_err(&origin))
		weir_json_str(j, "origin", weir_str_view(&origin));
	weir_str_free(&origin);
}

weir_err weir_umami_row(weir_arena *mem, const struct weir_umami *u, const struct weir_csv_record *r, weir_str *out)
{
	weir_text session = value(u, r, WEIR_UMAMI_session_id), name = value(u, r, WEIR_UMAMI_event_name), country = value(u, r, WEIR_UMAMI_country);
	weir_text id = value(u, r, WEIR_UMAMI_event_id);
	uint8_t bytes[16];
	weir_json j;
	weir_err err;

	weir_json_init(&j, out);
	weir_json_obj(&j, NULL);
	if (!weir_uuid_parse(id, bytes))
		weir_json_str(&j, "id", id);
	weir_json_str(&j, "name", first_of(name, WEIR_TEXT("screen_view")));
	weir_json_str(&j, "created_at", value(u, r, WEIR_UMAMI_created_at));
	weir_json_str(&j, "device_id", session);
	weir_json_str(&j, "profile_id", first_of(value(u, r, WEIR_UMAMI_distinct_id), session));
	weir_json_str(&j, "session_id", first_of(value(u, r, WEIR_UMAMI_visit_id), session));
	weir_json_str(&j, "path", value(u, r, WEIR_UMAMI_url_path));
	put_origin(&j, value(u, r, WEIR_UMAMI_hostname));
	weir_json_str(&j, "country", country.n == 2 ? country : WEIR_TEXT(""));
	weir_json_str(&j, "region", first_of(value(u, r, WEIR_UMAMI_region), value(u, r, WEIR_UMAMI_subdivision1)));
	weir_json_str(&j, "city", value(u, r, WEIR_UMAMI_city));
	weir_json_str(&j, "browser", translate(browsers, value(u, r, WEIR_UMAMI_browser)));
	put_system(&j, value(u, r, WEIR_UMAMI_os));
	weir_json_str(&j, "device", translate(devices, value(u, r, WEIR_UMAMI_device)));
	err = put_referrer(mem, &j, u, r);
	if (!err)
		err = put_properties(mem, &j, u, r);
	weir_json_end(&j);
	return err ? err : weir_json_done(&j);
}
