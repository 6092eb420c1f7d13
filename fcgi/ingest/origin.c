#include "config.h"
#include "ingest/origin.h"

#include <stdint.h>

/* An origin or entry in pieces: what is left of it when "www." and the scheme are taken out, wherever they are. */
struct pieces {
	weir_text part[3];
};

static const weir_text www = { "www.", 4 };

static void cut(weir_text t, const char *at, size_t n, weir_text *before, weir_text *after)
{
	*before = (weir_text){ t.p, (size_t)(at - t.p) };
	*after = (weir_text){ at + n, t.n - before->n - n };
}

static size_t pieces_len(const struct pieces *s)
{
	return s->part[0].n + s->part[1].n + s->part[2].n;
}

static char piece_at(const struct pieces *s, size_t i)
{
	for (int k = 0; k < 2; k++) {
		if (i < s->part[k].n)
			return s->part[k].p[i];
		i -= s->part[k].n;
	}
	return s->part[2].p[i];
}

/* Cuts the first http:// or https:// out of a text; false when there is none. */
static bool cut_scheme(weir_text t, weir_text *before, weir_text *after)
{
	const char *http = weir_text_find(t, WEIR_TEXT("http://")), *https = weir_text_find(t, WEIR_TEXT("https://"));
	bool secure = https && (!http || https < http);

	if (!http && !https)
		return false;
	cut(t, secure ? https : http, secure ? 8 : 7, before, after);
	return true;
}

static struct pieces clean(weir_text t, bool keep_www)
{
	const char *at = keep_www ? NULL : weir_text_find(t, www);
	struct pieces s = { { t, { NULL, 0 }, { NULL, 0 } } };
	int last = 2;

	if (at)
		cut(t, at, www.n, &s.part[0], &s.part[1]);
	if (cut_scheme(s.part[0], &t, &s.part[2])) {
		weir_text tail = s.part[1];

		s.part[0] = t;
		s.part[1] = s.part[2];
		s.part[2] = tail;
	} else if (cut_scheme(s.part[1], &t, &s.part[2])) {
		s.part[1] = t;
	}
	while (last > 0 && !s.part[last].n)
		last--;
	if (weir_text_ends(s.part[last], "/"))
		s.part[last].n--;
	return s;
}

static bool same(const struct pieces *a, const struct pieces *b)
{
	size_t n = pieces_len(a);

	if (n != pieces_len(b))
		return false;
	for (size_t i = 0; i < n; i++)
		if (piece_at(a, i) != piece_at(b, i))
			return false;
	return true;
}

static bool in_host(char c)
{
	return c != '/' && c != '?' && c != '#' && c != '@' && c != '\\';
}

/* The whole of s against a pattern in which * is one or more characters of a host; a first * may be none. */
static bool match(const struct pieces *pattern, const struct pieces *s)
{
	size_t pn = pieces_len(pattern), sn = pieces_len(s), p = 0, i = 0, star = SIZE_MAX, resume = 0;

	while (i < sn || p < pn) {
		if (p < pn && piece_at(pattern, p) == '*') {
			star = p++;
			resume = i + (star > 0);
			if (star > 0 && (i >= sn || !in_host(piece_at(s, i))))
				return false;
			i = resume;
		} else if (p < pn && i < sn && piece_at(pattern, p) == piece_at(s, i)) {
			p++;
			i++;
		} else if (star != SIZE_MAX && resume < sn && in_host(piece_at(s, resume))) {
			i = ++resume;
			p = star + 1;
		} else {
			return false;
		}
	}
	return true;
}

bool weir_origin_match(weir_text entry, weir_text origin)
{
	struct pieces pattern = clean(entry, false), host = clean(origin, false);

	if (!memchr(entry.n ? entry.p : "", '*', entry.n))
		return same(&pattern, &host);
	if (!origin.n)
		return false;
	if (pieces_len(&pattern) == 1)
		return true;
	if (match(&pattern, &host))
		return true;
	host = clean(origin, true);
	return match(&pattern, &host);
}

bool weir_origin_allowed(const weir_text *entries, size_t count, weir_text origin)
{
	for (size_t i = 0; i < count; i++)
		if (weir_origin_match(entries[i], origin))
			return true;
	return false;
}
