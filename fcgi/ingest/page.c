/* What an event's page address is made of: path, origin, query and hash; host names for comparison. */
#include "config.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ingest/url.h"
#include "ingest/url_host.h"

#include <stdio.h>
#include <string.h>

weir_err weir_url_origin(weir_arena *a, const struct weir_url *u, weir_text *out)
{
	size_t n = u->scheme.n + 3 + u->host.n;
	char *buf;
	int port = 0;

	if (!u->special || weir_text_is(u->scheme, "file")) {
		*out = WEIR_TEXT("null");
		return WEIR_OK;
	}
	if (!(buf = weir_alloc(a, n + 8)))
		return WEIR_ENOMEM;
	memcpy(buf, u->scheme.p, u->scheme.n);
	memcpy(buf + u->scheme.n, "://", 3);
	memcpy(buf + u->scheme.n + 3, u->host.p, u->host.n);
	if (u->port >= 0)
		port = snprintf(buf + n, 8, ":%d", u->port);
	*out = (weir_text){ buf, n + (size_t)port };
	return WEIR_OK;
}

weir_err weir_url_hostname(weir_arena *a, weir_text in, weir_text *out)
{
	struct weir_url u;
	weir_err err = weir_url_parse(a, in, NULL, &u);

	*out = WEIR_TEXT("");
	if (err == WEIR_EBADREQ)
		return WEIR_OK;
	if (!err && u.host.n)
		*out = u.host;
	return err;
}

weir_err weir_url_same_domain(weir_arena *a, weir_text one, weir_text two, bool *same)
{
	struct weir_url u[2];
	weir_err err;

	*same = false;
	if (!one.n || !two.n)
		return WEIR_OK;
	if ((err = weir_url_parse(a, one, NULL, &u[0])) || (err = weir_url_parse(a, two, NULL, &u[1])))
		return err == WEIR_EBADREQ ? WEIR_OK : err;
	*same = weir_text_eq(u[0].host, u[1].host);
	return WEIR_OK;
}

/* A NUL becomes U+FFFD, as broken UTF-8 does: PostgreSQL's texts hold none, and no visitor chooses what a link of others says. */
static weir_err form_text(weir_arena *a, weir_text in, weir_text *out)
{
	size_t n;
	char *buf;

	*out = in;
	if (!memchr(in.p, '+', in.n) && !memchr(in.p, '%', in.n)) {
		*out = weir_utf8_clean(a, in);
		return weir_arena_failed(a) ? WEIR_ENOMEM : WEIR_OK;
	}
	if (!(buf = weir_strndup(a, in.p, in.n)))
		return WEIR_ENOMEM;
	for (size_t i = 0; i < in.n; i++)
		if (buf[i] == '+')
			buf[i] = ' ';
	n = weir_percent_decode(buf, in.n, buf);
	for (size_t i = 0; i < n; i++)
		if (!buf[i])
			buf[i] = '\xff';
	*out = weir_utf8_clean(a, (weir_text){ buf, n });
	return weir_arena_failed(a) ? WEIR_ENOMEM : WEIR_OK;
}

weir_err weir_url_query(weir_arena *a, weir_text query, struct weir_pairs *out)
{
	weir_err err;

	weir_pairs_init(out, a);
	while (query.n) {
		const char *end = memchr(query.p, '&', query.n);
		size_t n = end ? (size_t)(end - query.p) : query.n;
		const char *equal = memchr(query.p, '=', n);
		weir_text key = { query.p, equal ? (size_t)(equal - query.p) : n }, value = WEIR_TEXT("");

		if (equal)
			value = (weir_text){ equal + 1, n - key.n - 1 };
		query.p += n + (end != NULL);
		query.n -= n + (end != NULL);
		if (!n)
			continue;
		if ((err = form_text(a, key, &key)) || (err = form_text(a, value, &value)) ||
		    (err = weir_pairs_set(out, key, value)))
			return err;
	}
	return WEIR_OK;
}

weir_err weir_page_parse(weir_arena *a, weir_text path, struct weir_page *out)
{
	static const struct weir_url local = { .scheme = { "http", 4 }, .host = { "localhost", 9 }, .path = { "/", 1 },
		.port = -1, .special = true, .has_host = true };
	struct weir_url u;
	bool absolute = weir_text_starts(path, "http");
	weir_err err;

	*out = (struct weir_page){ .path = path, .origin = WEIR_TEXT(""), .hash = WEIR_TEXT("") };
	weir_pairs_init(&out->query, a);
	if (!path.n)
		out->path = WEIR_TEXT("");
	if (!path.n || (!absolute && path.p[0] != '/'))
		return WEIR_OK;
	err = weir_url_parse(a, path, absolute ? NULL : &local, &u);
	if (err == WEIR_EBADREQ)
		return WEIR_OK;
	if (err || (absolute && (err = weir_url_origin(a, &u, &out->origin))) || (err = weir_url_query(a, u.query, &out->query)))
		return err;
	out->path = u.path.p ? u.path : WEIR_TEXT("");
	if (absolute)
		out->host = u.host.n ? u.host : WEIR_TEXT("");
	if (u.fragment.n) {
		char *hash = weir_alloc(a, u.fragment.n + 1);

		if (!hash)
			return WEIR_ENOMEM;
		hash[0] = '#';
		memcpy(hash + 1, u.fragment.p, u.fragment.n);
		out->hash = (weir_text){ hash, u.fragment.n + 1 };
	}
	return WEIR_OK;
}
