/* URLs by the WHATWG standard, in the order: cleaning, scheme, authority, path, query, fragment. */
#include "config.h"
#include "ingest/url.h"
#include "base/utf8.h"
#include "ingest/url_host.h"

#include <stdint.h>
#include <string.h>

static const struct scheme {
	const char *name;
	int port;
} specials[] = { { "http", 80 }, { "https", 443 }, { "ws", 80 }, { "wss", 443 }, { "ftp", 21 }, { "file", -1 } };

/* The characters each part of a URL escapes, besides controls and everything above '~'. */
static const char fragment_set[] = " \"<>`";
static const char query_set[] = " \"#<>";
static const char special_query_set[] = " \"#<>'";
static const char path_set[] = " \"#<>?`{}";
static const char userinfo_set[] = " \"#<>?`{}/:;=@[\\]^|";

struct parser {
	weir_arena *a;
	weir_text in;      /* what is left to read */
	struct weir_url *u;
};

static const struct scheme *special_of(weir_text scheme)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (weir_text_is(scheme, specials[i].name))
			return &specials[i];
	return NULL;
}

static bool is_file(const struct weir_url *u)
{
	return weir_text_is(u->scheme, "file");
}

static bool is_slash(const struct weir_url *u, char c)
{
	return c == '/' || (c == '\\' && u->special);
}

static char *encode(char *out, weir_text part, const char *set)
{
	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];

		if (c < 0x20 || c > 0x7e || strchr(set, c))
			out = weir_percent(out, c);
		else
			*out++ = (char)c;
	}
	return out;
}

static weir_err encoded(weir_arena *a, weir_text part, const char *set, weir_text *out)
{
	char *buf;

	if (part.n > SIZE_MAX / 3 - 1 || !(buf = weir_alloc(a, part.n * 3 + 1)))
		return WEIR_ENOMEM;
	*out = (weir_text){ buf, (size_t)(encode(buf, part, set) - buf) };
	return WEIR_OK;
}

/* Valid UTF-8 without outer controls and spaces, without tabs and line ends. */
static weir_err clean(weir_arena *a, weir_text in, weir_text *out)
{
	char *buf;
	size_t n = 0;

	in = weir_utf8_clean(a, in);
	while (in.n && (unsigned char)in.p[0] <= 0x20) {
		in.p++;
		in.n--;
	}
	while (in.n && (unsigned char)in.p[in.n - 1] <= 0x20)
		in.n--;
	*out = in;
	if (weir_arena_failed(a))
		return WEIR_ENOMEM;
	if (!memchr(in.p ? in.p : "", '\t', in.n) && !memchr(in.p ? in.p : "", '\n', in.n) && !memchr(in.p ? in.p : "", '\r', in.n))
		return WEIR_OK;
	if (!(buf = weir_alloc(a, in.n)))
		return WEIR_ENOMEM;
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] != '\t' && in.p[i] != '\n' && in.p[i] != '\r')
			buf[n++] = in.p[i];
	*out = (weir_text){ buf, n };
	return WEIR_OK;
}

static void skip(struct parser *p, size_t n)
{
	p->in.p += n;
	p->in.n -= n;
}

/* Reads "scheme:" if there is one; *found tells. */
static weir_err read_scheme(struct parser *p, bool *found)
{
	size_t n = 0;
	char *name;

	*found = false;
	if (!p->in.n || !weir_is_alpha(p->in.p[0]))
		return WEIR_OK;
	while (n < p->in.n && p->in.p[n] != ':') {
		char c = p->in.p[n];

		if (!weir_is_alpha(c) && !weir_is_digit(c) && c != '+' && c != '-' && c != '.')
			return WEIR_OK;
		n++;
	}
	if (n == p->in.n)
		return WEIR_OK;
	if (!(name = weir_strndup(p->a, p->in.p, n)))
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++)
		name[i] = (char)weir_lower(name[i]);
	p->u->scheme = (weir_text){ name, n };
	p->u->special = special_of(p->u->scheme) != NULL;
	skip(p, n + 1);
	*found = true;
	return WEIR_OK;
}

/* How much of the input is before the query and fragment; stop_at_slash: before the path too. */
static size_t span(const struct parser *p, bool stop_at_slash)
{
	size_t n = 0;

	while (n < p->in.n && p->in.p[n] != '?' && p->in.p[n] != '#' && !(stop_at_slash && is_slash(p->u, p->in.p[n])))
		n++;
	return n;
}

static weir_err read_query_and_fragment(struct parser *p)
{
	weir_err err;

	if (p->in.n && p->in.p[0] == '?') {
		size_t n = 1;

		while (n < p->in.n && p->in.p[n] != '#')
			n++;
		p->u->has_query = true;
		err = encoded(p->a, (weir_text){ p->in.p + 1, n - 1 }, p->u->special ? special_query_set : query_set, &p->u->query);
		if (err)
			return err;
		skip(p, n);
	}
	if (p->in.n) {
		p->u->has_fragment = true;
		err = encoded(p->a, (weir_text){ p->in.p + 1, p->in.n - 1 }, fragment_set, &p->u->fragment);
		if (err)
			return err;
		skip(p, p->in.n);
	}
	return WEIR_OK;
}

static weir_err read_port(struct weir_url *u, weir_text text)
{
	const struct scheme *s = special_of(u->scheme);
	int port = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (!weir_is_digit(text.p[i]))
			return WEIR_EBADREQ;
		port = port * 10 + (text.p[i] - '0');
		if (port > 65535)
			return WEIR_EBADREQ;
	}
	if (text.n && !(s && s->port == port))
		u->port = port;
	return WEIR_OK;
}

static weir_err read_credentials(struct parser *p, weir_text text)
{
	const char *colon = memchr(text.p, ':', text.n);
	size_t n = colon ? (size_t)(colon - text.p) : text.n;
	weir_err err = encoded(p->a, (weir_text){ text.p, n }, userinfo_set, &p->u->username);

	if (err || !colon)
		return err;
	return encoded(p->a, (weir_text){ colon + 1, text.n - n - 1 }, userinfo_set, &p->u->password);
}

/* user:password@host:port, up to the path. */
static weir_err read_authority(struct parser *p)
{
	weir_text host = { p->in.p, span(p, true) };
	size_t at = host.n, colon;
	bool credentials;
	weir_err err;

	skip(p, host.n);
	while (at && host.p[at - 1] != '@')
		at--;
	credentials = at > 0;
	if (credentials) {
		if ((err = read_credentials(p, (weir_text){ host.p, at - 1 })))
			return err;
		host = (weir_text){ host.p + at, host.n - at };
	}
	for (colon = host.n; colon && host.p[colon - 1] != ':' && host.p[colon - 1] != ']';)
		colon--;
	/* the first colon outside of brackets starts the port, so there must be no other one before it */
	if (colon && host.p[colon - 1] == ':') {
		weir_text port = { host.p + colon, host.n - colon };

		host.n = colon - 1;
		if (!host.n || (host.p[0] != '[' && memchr(host.p, ':', host.n)))
			return WEIR_EBADREQ;
		if ((err = read_port(p->u, port)))
			return err;
	}
	if (!host.n && (p->u->special || credentials))
		return WEIR_EBADREQ;
	p->u->has_host = true;
	if (!host.n) {
		p->u->host = WEIR_TEXT("");
		return WEIR_OK;
	}
	return weir_url_host(p->a, host, p->u->special, &p->u->host);
}

/* 1 for ".", 2 for "..", in any spelling with %2e; else 0. */
static int dots(weir_text segment)
{
	int n = 0;

	for (size_t i = 0; i < segment.n; n++) {
		if (segment.p[i] == '.')
			i++;
		else if (segment.n - i >= 3 && segment.p[i] == '%' && segment.p[i + 1] == '2' && weir_lower(segment.p[i + 2]) == 'e')
			i += 3;
		else
			return 0;
		if (n == 2)
			return 0;
	}
	return n;
}

static bool is_drive(weir_text segment)
{
	return segment.n == 2 && weir_is_alpha(segment.p[0]) && (segment.p[1] == ':' || segment.p[1] == '|');
}

/* Removes the last segment of what is written so far; the drive letter of a file URL stays. */
static char *shorten(const struct weir_url *u, char *start, char *end)
{
	char *p = end;

	while (p > start && *--p != '/')
		;
	if (is_file(u) && p == start && end - p == 3 && is_drive((weir_text){ p + 1, 2 }) && p[2] == ':')
		return end;
	return p;
}

/* The path, on top of the base's path for a relative reference (base is cut to its folder). */
static weir_err read_path(struct parser *p, weir_text base)
{
	size_t n = span(p, false);
	weir_text rest = { p->in.p, n };
	char *buf, *out;
	bool more;

	if (n > (SIZE_MAX - base.n) / 4 || !(buf = weir_alloc(p->a, base.n + n * 3 + 2)))
		return WEIR_ENOMEM;
	out = buf;
	if (base.n) {
		memcpy(out, base.p, base.n);
		out = shorten(p->u, buf, out + base.n);
	}
	skip(p, n);
	if (rest.n && is_slash(p->u, rest.p[0])) {
		rest.p++;
		rest.n--;
	} else if (!rest.n && !base.n && !p->u->special) {
		p->u->path = WEIR_TEXT("");
		return WEIR_OK;
	}
	do {
		size_t len = 0;
		weir_text segment;
		int dot;

		while (len < rest.n && !is_slash(p->u, rest.p[len]))
			len++;
		more = len < rest.n;
		segment = (weir_text){ rest.p, len };
		rest.p += len + more;
		rest.n -= len + more;
		dot = dots(segment);
		if (dot == 2)
			out = shorten(p->u, buf, out);
		if (dot) {
			if (!more)
				*out++ = '/';
			continue;
		}
		*out++ = '/';
		if (is_file(p->u) && out == buf + 1 && is_drive(segment)) {
			*out++ = segment.p[0];
			*out++ = ':';
			continue;
		}
		out = encode(out, segment, path_set);
	} while (more);
	p->u->path = (weir_text){ buf, (size_t)(out - buf) };
	return WEIR_OK;
}

static void take_authority(struct weir_url *u, const struct weir_url *base)
{
	u->username = base->username;
	u->password = base->password;
	u->host = base->host;
	u->has_host = base->has_host;
	u->port = base->port;
}

static weir_err read_authority_and_path(struct parser *p)
{
	weir_err err = read_authority(p);

	return err ? err : read_path(p, WEIR_TEXT(""));
}

static bool starts_with_drive(weir_text t)
{
	return t.n >= 2 && is_drive((weir_text){ t.p, 2 }) && (t.n == 2 || strchr("/\\?#", t.p[2]));
}

/* What follows when the path is relative to the base's. */
static weir_err read_relative_path(struct parser *p, const struct weir_url *base)
{
	if (!p->in.n || p->in.p[0] == '#') {
		p->u->path = base->path;
		p->u->query = base->query;
		p->u->has_query = base->has_query;
		return WEIR_OK;
	}
	if (p->in.p[0] == '?') {
		p->u->path = base->path;
		return WEIR_OK;
	}
	return read_path(p, base->path);
}

static weir_err read_file(struct parser *p, const struct weir_url *base)
{
	bool slash = p->in.n && is_slash(p->u, p->in.p[0]);

	if (base && !is_file(base))
		base = NULL;
	p->u->host = WEIR_TEXT("");
	p->u->has_host = true;
	if (slash && p->in.n > 1 && is_slash(p->u, p->in.p[1])) {
		size_t n;
		weir_err err;

		skip(p, 2);
		n = span(p, true);
		if (n && !is_drive((weir_text){ p->in.p, n })) {
			if ((err = weir_url_host(p->a, (weir_text){ p->in.p, n }, true, &p->u->host)))
				return err;
			if (weir_text_is(p->u->host, "localhost"))
				p->u->host = WEIR_TEXT("");
			skip(p, n);
		}
		return read_path(p, WEIR_TEXT(""));
	}
	if (!base)
		return read_path(p, WEIR_TEXT(""));
	if (!slash) {
		if (starts_with_drive(p->in))
			return read_path(p, WEIR_TEXT(""));
		p->u->host = base->host;
		return read_relative_path(p, base);
	}
	p->u->host = base->host;
	if (!starts_with_drive((weir_text){ p->in.p + 1, p->in.n - 1 }) && base->path.n >= 3 &&
	    is_drive((weir_text){ base->path.p + 1, 2 }) && (base->path.n == 3 || base->path.p[3] == '/'))
		return read_path(p, (weir_text){ base->path.p, 3 });
	return read_path(p, WEIR_TEXT(""));
}

/* A reference without a scheme, or with the base's own special one. */
static weir_err read_relative(struct parser *p, const struct weir_url *base)
{
	p->u->scheme = base->scheme;
	p->u->special = base->special;
	if (is_file(p->u))
		return read_file(p, base);
	if (p->in.n > 1 && is_slash(p->u, p->in.p[0]) && is_slash(p->u, p->in.p[1])) {
		skip(p, 2);
		while (p->u->special && p->in.n && is_slash(p->u, p->in.p[0]))
			skip(p, 1);
		return read_authority_and_path(p);
	}
	take_authority(p->u, base);
	if (p->in.n && is_slash(p->u, p->in.p[0]))
		return read_path(p, WEIR_TEXT(""));
	return read_relative_path(p, base);
}

static weir_err read_opaque(struct parser *p)
{
	size_t n = span(p, false);
	weir_err err = encoded(p->a, (weir_text){ p->in.p, n }, "", &p->u->path);

	p->u->opaque = true;
	skip(p, n);
	return err;
}

static weir_err read_absolute(struct parser *p, const struct weir_url *base)
{
	if (is_file(p->u))
		return read_file(p, base);
	if (p->u->special) {
		if (base && weir_text_eq(base->scheme, p->u->scheme) &&
		    !(p->in.n > 1 && p->in.p[0] == '/' && p->in.p[1] == '/'))
			return read_relative(p, base);
		while (p->in.n && is_slash(p->u, p->in.p[0]))
			skip(p, 1);
		return read_authority_and_path(p);
	}
	if (p->in.n > 1 && p->in.p[0] == '/' && p->in.p[1] == '/') {
		skip(p, 2);
		return read_authority_and_path(p);
	}
	if (p->in.n && p->in.p[0] == '/')
		return read_path(p, WEIR_TEXT(""));
	return read_opaque(p);
}

weir_err weir_url_parse(weir_arena *a, weir_text in, const struct weir_url *base, struct weir_url *out)
{
	struct parser p = { .a = a, .u = out };
	bool has_scheme;
	weir_err err;

	*out = (struct weir_url){ .port = -1 };
	if ((err = clean(a, in, &p.in)) || (err = read_scheme(&p, &has_scheme)))
		return err;
	if (has_scheme) {
		err = read_absolute(&p, base);
	} else if (!base) {
		return WEIR_EBADREQ;
	} else if (base->opaque) {
		if (!p.in.n || p.in.p[0] != '#')
			return WEIR_EBADREQ;
		*out = *base;
	} else {
		err = read_relative(&p, base);
	}
	return err ? err : read_query_and_fragment(&p);
}
