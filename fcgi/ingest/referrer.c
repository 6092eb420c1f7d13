#include "config.h"
#include "ingest/referrer.h"
#include "base/utf8.h"
#include "ingest/url.h"

#include <stdlib.h>
#include <string.h>

struct known {
	weir_text key, name, type;
};

#include "referrers.h" /* by_host[], by_name[] */

static int compare(const void *key, const void *row)
{
	const weir_text *a = key;
	const struct known *b = row;
	size_t n = a->n < b->key.n ? a->n : b->key.n;
	int order = n ? memcmp(a->p, b->key.p, n) : 0;

	return order ? order : (a->n > b->key.n) - (a->n < b->key.n);
}

static const struct known *find_host(weir_text host)
{
	return bsearch(&host, by_host, sizeof(by_host) / sizeof(by_host[0]), sizeof(by_host[0]), compare);
}

static const struct known *find_name(weir_text name)
{
	return bsearch(&name, by_name, sizeof(by_name) / sizeof(by_name[0]), sizeof(by_name[0]), compare);
}

/* a and b one after the other. */
static weir_err joined(weir_arena *a, weir_text one, weir_text two, weir_text *out)
{
	char *buf = weir_alloc(a, one.n + two.n + 1);

	if (!buf)
		return WEIR_ENOMEM;
	if (one.n)
		memcpy(buf, one.p, one.n);
	memcpy(buf + one.n, two.p, two.n);
	*out = (weir_text){ buf, one.n + two.n };
	return WEIR_OK;
}

/* What is known of a referring page by its host, "" when it has none. */
static weir_err look_at(weir_arena *a, weir_text url, weir_text host, struct weir_referrer *out)
{
	const struct known *known;
	const char *www;
	weir_err err;

	*out = (struct weir_referrer){ WEIR_TEXT(""), WEIR_TEXT(""), url.n ? url : WEIR_TEXT("") };
	while (out->url.n && out->url.p[out->url.n - 1] == '/')
		out->url.n--;
	if (!url.n)
		return WEIR_OK;
	known = find_host(host);
	if (!known && (www = weir_text_find(host, WEIR_TEXT("www.")))) {
		weir_text before = { host.p, (size_t)(www - host.p) };

		if ((err = joined(a, before, (weir_text){ www + 4, host.n - before.n - 4 }, &host)))
			return err;
		known = find_host(host);
	}
	if (known) {
		out->name = known->name;
		out->type = known->type;
	}
	return WEIR_OK;
}

weir_err weir_referrer_parse(weir_arena *a, weir_text url, struct weir_referrer *out)
{
	weir_text host = WEIR_TEXT("");
	weir_err err = url.n ? weir_url_hostname(a, url, &host) : WEIR_OK;

	return err ? err : look_at(a, url, host, out);
}

/* The lower case of a letter, where it is as long in UTF-8: Latin-1, Greek, Cyrillic. */
static uint32_t lower(uint32_t c)
{
	if (c < 0x80)
		return (uint32_t)weir_lower((int)c);
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) || (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	return c >= 0x400 && c <= 0x40f ? c + 0x50 : c;
}

static weir_err lowered(weir_arena *a, weir_text in, weir_text *out)
{
	char *buf = weir_strndup(a, in.p, in.n);

	if (!buf)
		return WEIR_ENOMEM;
	for (size_t i = 0, len; i < in.n; i += len) {
		len = weir_utf8_len(in.p + i, in.n - i);
		if (!len)
			len = 1;
		else
			weir_utf8_encode(lower(weir_utf8_decode(in.p + i, len)), buf + i);
	}
	*out = (weir_text){ buf, in.n };
	return WEIR_OK;
}

weir_err weir_referrer_from_query(weir_arena *a, const struct weir_pairs *query, struct weir_referrer *out, bool *found)
{
	static const char *const keys[] = { "utm_source", "ref", "utm_referrer" };
	const struct known *known;
	weir_text source = { NULL, 0 }, dotcom;
	weir_err err;

	*out = (struct weir_referrer){ WEIR_TEXT(""), WEIR_TEXT(""), WEIR_TEXT("") };
	*found = false;
	for (size_t i = 0; !source.p && i < sizeof(keys) / sizeof(keys[0]); i++)
		source = weir_pairs_get(query, weir_text_of(keys[i]));
	if (!source.n)
		return WEIR_OK;
	if ((err = lowered(a, source, &source)) || (err = joined(a, source, WEIR_TEXT(".com"), &dotcom)))
		return err;
	*found = true;
	known = find_host(source);
	if (!known)
		known = find_host(dotcom);
	if (!known)
		known = find_name(source);
	out->name = known ? known->name : source;
	out->type = known ? known->type : WEIR_TEXT("");
	return WEIR_OK;
}

/* The host name of an absolute URL; {NULL, 0} when it is none. */
static weir_err host_of(weir_arena *a, weir_text url, weir_text *host)
{
	struct weir_url u;
	weir_err err = url.n ? weir_url_parse(a, url, NULL, &u) : WEIR_EBADREQ;

	*host = err ? (weir_text){ NULL, 0 } : u.host.n ? u.host : WEIR_TEXT("");
	return err == WEIR_EBADREQ ? WEIR_OK : err;
}

/* A page of the same host is no referrer (spec/ingest.md 5.2). */
static weir_err foreign(weir_arena *a, weir_text referrer, weir_text page, const struct weir_page *parsed, struct weir_referrer *out)
{
	weir_text from, here = { NULL, 0 };
	weir_err err = host_of(a, referrer, &from);

	if (!err && from.p && parsed && parsed->host.p)
		here = parsed->host;
	else if (!err && from.p)
		err = host_of(a, page, &here);
	if (err)
		return err;
	if (here.p && weir_text_eq(from, here))
		referrer = WEIR_TEXT("");
	return look_at(a, referrer, from.n ? from : WEIR_TEXT(""), out);
}

weir_err weir_referrer_of(weir_arena *a, weir_text referrer, weir_text page, const struct weir_page *parsed,
	struct weir_referrer *out)
{
	struct weir_referrer campaign;
	bool found = false;
	weir_err err = foreign(a, referrer, page, parsed, out);

	if (err)
		return err;
	if (parsed && (err = weir_referrer_from_query(a, &parsed->query, &campaign, &found)))
		return err;
	if (!out->name.n)
		out->name = out->url;
	if (found) {
		out->name = campaign.name;
		if (campaign.type.n)
			out->type = campaign.type;
	}
	return WEIR_OK;
}
