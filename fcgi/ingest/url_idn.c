#include "config.h"
#include "ingest/url_idn.h"
#include "base/str.h"
#include "base/utf8.h"

#include <idn2.h>
#include <stdint.h>
#include <string.h>

enum { DOMAIN_MAX = 1024, LABEL_MAX = 63 };

/* Symbols that UTS 46 takes as they are (Unicode 15). */
static const uint32_t symbols[][2] = {
	{ 0x2190, 0x222b }, { 0x222e, 0x222e }, { 0x2231, 0x225f }, { 0x2261, 0x226d }, { 0x2270, 0x2328 }, { 0x232b, 0x2426 },
	{ 0x2440, 0x244a }, { 0x24eb, 0x2a0b }, { 0x2a0d, 0x2a73 }, { 0x2a77, 0x2adb }, { 0x2add, 0x2b73 }, { 0x2b76, 0x2b95 },
	{ 0x2b97, 0x2bff }, { 0x1f000, 0x1f02b }, { 0x1f030, 0x1f093 }, { 0x1f0a0, 0x1f0ae }, { 0x1f0b1, 0x1f0bf },
	{ 0x1f0c1, 0x1f0cf }, { 0x1f0d1, 0x1f0f5 }, { 0x1f10b, 0x1f10f }, { 0x1f12f, 0x1f12f }, { 0x1f150, 0x1f169 },
	{ 0x1f16d, 0x1f18f }, { 0x1f191, 0x1f1ad }, { 0x1f1e6, 0x1f1ff }, { 0x1f260, 0x1f265 }, { 0x1f300, 0x1f6d7 },
	{ 0x1f6dc, 0x1f6ec }, { 0x1f6f0, 0x1f6fc }, { 0x1f700, 0x1f776 }, { 0x1f77b, 0x1f7d9 }, { 0x1f7e0, 0x1f7eb },
	{ 0x1f7f0, 0x1f7f0 }, { 0x1f800, 0x1f80b }, { 0x1f810, 0x1f847 }, { 0x1f850, 0x1f859 }, { 0x1f860, 0x1f887 },
	{ 0x1f890, 0x1f8ad }, { 0x1f8b0, 0x1f8b1 }, { 0x1f900, 0x1fa53 }, { 0x1fa60, 0x1fa6d }, { 0x1fa70, 0x1fa7c },
	{ 0x1fa80, 0x1fa88 }, { 0x1fa90, 0x1fabd }, { 0x1fabf, 0x1fac5 }, { 0x1face, 0x1fadb }, { 0x1fae0, 0x1fae8 },
	{ 0x1faf0, 0x1faf8 }, { 0x1fb00, 0x1fb92 }, { 0x1fb94, 0x1fbca },
};

static bool is_symbol(uint32_t c)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (c >= symbols[i][0] && c <= symbols[i][1])
			return true;
	return false;
}

/* Code points of one label. */
struct label {
	uint32_t cp[LABEL_MAX + 1];
	size_t n;
};

/* ---- Punycode, RFC 3492 ---- */

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 128 };

static uint32_t adapt(uint32_t delta, uint32_t count, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / count;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
	return k <= bias + T_MIN ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

static void put_digit(weir_str *out, uint32_t d)
{
	weir_str_putc(out, (int)(d < 26 ? 'a' + d : '0' + d - 26));
}

static void put_delta(weir_str *out, uint32_t q, uint32_t bias)
{
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = threshold(k, bias);

		if (q < t)
			break;
		put_digit(out, t + (q - t) % (BASE - t));
		q = (q - t) / (BASE - t);
	}
	put_digit(out, q);
}

/* At most 64 code points below 2^21: no product here leaves 32 bits. */
static void encode(const struct label *l, weir_str *out)
{
	uint32_t n = FIRST, delta = 0, bias = BIAS, basic = 0, done;

	for (size_t i = 0; i < l->n; i++) {
		if (l->cp[i] < FIRST) {
			weir_str_putc(out, (int)l->cp[i]);
			basic++;
		}
	}
	if (basic)
		weir_str_putc(out, '-');
	for (done = basic; done < l->n; delta++, n++) {
		uint32_t least = UINT32_MAX;

		for (size_t i = 0; i < l->n; i++)
			if (l->cp[i] >= n && l->cp[i] < least)
				least = l->cp[i];
		delta += (least - n) * (done + 1);
		n = least;
		for (size_t i = 0; i < l->n; i++) {
			if (l->cp[i] < n)
				delta++;
			if (l->cp[i] != n)
				continue;
			put_delta(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
}

/* Inserts one decoded code point; false on anything wrong. */
static bool decode_one(weir_text *in, uint32_t *i, uint32_t *n, uint32_t *bias, struct label *l)
{
	uint32_t from = *i, weight = 1;

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t digit, t = threshold(k, *bias);
		int c;

		if (!in->n)
			return false;
		c = weir_lower(in->p[0]);
		if (!weir_is_alpha(c) && !weir_is_digit(c))
			return false;
		digit = (uint32_t)(weir_is_digit(c) ? c - '0' + 26 : c - 'a');
		*in = (weir_text){ in->p + 1, in->n - 1 };
		if (digit > (UINT32_MAX - *i) / weight)
			return false;
		*i += digit * weight;
		if (digit < t)
			break;
		if (weight > UINT32_MAX / (BASE - t))
			return false;
		weight *= BASE - t;
	}
	if (l->n >= LABEL_MAX)
		return false;
	*bias = adapt(*i - from, (uint32_t)l->n + 1, from == 0);
	*n += *i / ((uint32_t)l->n + 1);
	*i %= (uint32_t)l->n + 1;
	if (*n > 0x10ffff || (*n >= 0xd800 && *n < 0xe000))
		return false;
	memmove(l->cp + *i + 1, l->cp + *i, (l->n - *i) * sizeof(l->cp[0]));
	l->cp[(*i)++] = *n;
	l->n++;
	return true;
}

static bool decode(weir_text in, struct label *l)
{
	uint32_t i = 0, n = FIRST, bias = BIAS;
	size_t basic = in.n;

	while (basic && in.p[basic - 1] != '-')
		basic--;
	l->n = 0;
	for (size_t k = 0; k + 1 < basic && l->n < LABEL_MAX; k++)
		l->cp[l->n++] = (uint32_t)weir_lower((unsigned char)in.p[k]);
	in = (weir_text){ in.p + basic, in.n - basic };
	while (in.n)
		if (!decode_one(&in, &i, &n, &bias, l))
			return false;
	return true;
}

/* ---- labels ---- */

/* Soft hyphens, joiners without a join and variation selectors, which UTS 46 takes out. */
static bool is_ignored(uint32_t c)
{
	return c == 0xad || c == 0x200b || c == 0x2060 || c == 0xfeff || (c >= 0xfe00 && c <= 0xfe0f);
}

/* The label's code points in lower case. */
static bool read_label(weir_text in, struct label *l)
{
	l->n = 0;
	for (size_t i = 0, len; i < in.n; i += len) {
		uint32_t c;

		if (!(len = weir_utf8_len(in.p + i, in.n - i)))
			return false;
		c = weir_utf8_decode(in.p + i, len);
		if (is_ignored(c))
			continue;
		if (l->n == LABEL_MAX)
			return false;
		l->cp[l->n++] = c < 0x80 ? (uint32_t)weir_lower((int)c) : c;
	}
	return l->n > 0;
}

/* True when what is left without symbols and ASCII signs is what UTS 46 makes of it. */
static bool rest_is_plain(const struct label *l)
{
	char text[4 * LABEL_MAX + 1];
	char *ascii = NULL, *back = NULL;
	size_t n = 0;
	bool foreign = false, good;

	for (size_t i = 0; i < l->n; i++) {
		if (is_symbol(l->cp[i]) || (l->cp[i] < 0x80 && !weir_is_alpha((int)l->cp[i]) && !weir_is_digit((int)l->cp[i])))
			continue;
		foreign = foreign || l->cp[i] >= 0x80;
		n += weir_utf8_encode(l->cp[i], text + n);
	}
	text[n] = '\0';
	if (!foreign)
		return true;
	good = idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL) == IDN2_OK &&
	       idn2_to_unicode_8z8z(ascii, &back, IDN2_NONTRANSITIONAL) == IDN2_OK && !strcmp(back, text);
	idn2_free(ascii);
	idn2_free(back);
	return good;
}

static bool is_ascii(weir_text t)
{
	for (size_t i = 0; i < t.n; i++)
		if ((unsigned char)t.p[i] & 0x80)
			return false;
	return true;
}

static bool is_ace(weir_text t)
{
	return t.n >= 4 && weir_text_eq_nocase((weir_text){ t.p, 4 }, WEIR_TEXT("xn--"));
}

static bool add_label(weir_arena *a, weir_text in, weir_str *out)
{
	bool ascii = is_ascii(in);
	char *z, *encoded = NULL;
	struct label l;

	if (ascii && !is_ace(in)) {
		for (size_t i = 0; i < in.n; i++)
			weir_str_putc(out, weir_lower(in.p[i]));
		return true;
	}
	if (!(z = weir_strndup(a, in.p, in.n)))
		return false;
	if (idn2_to_ascii_8z(z, &encoded, IDN2_NONTRANSITIONAL) == IDN2_OK) {
		weir_str_puts(out, encoded);
		idn2_free(encoded);
		return true;
	}
	if (ascii ? !decode((weir_text){ in.p + 4, in.n - 4 }, &l) : !read_label(in, &l))
		return false;
	ascii = true;
	for (size_t i = 0; i < l.n; i++)
		ascii = ascii && l.cp[i] < 0x80;
	if (ascii || !rest_is_plain(&l))
		return false;
	weir_str_puts(out, "xn--");
	encode(&l, out);
	return true;
}

/* Bytes of the full stop at the start, in any of its four forms; 0 when there is none. */
static size_t dot_len(weir_text t)
{
	static const char *const dots[] = { ".", "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1" };

	for (size_t i = 0; i < sizeof(dots) / sizeof(dots[0]); i++)
		if (weir_text_starts(t, dots[i]))
			return strlen(dots[i]);
	return 0;
}

/* Cuts the next label and the stop behind it off; *more tells whether there was a stop. */
static weir_text next_label(weir_text *host, bool *more)
{
	weir_text label = { host->p, 0 };
	size_t dot = 0;

	while (label.n < host->n && !(dot = dot_len((weir_text){ host->p + label.n, host->n - label.n })))
		label.n++;
	*host = (weir_text){ host->p + label.n + dot, host->n - label.n - dot };
	*more = dot > 0;
	return label;
}

static bool add_labels(weir_arena *a, weir_text host, weir_str *out)
{
	bool more = true;

	while (more) {
		weir_text label = next_label(&host, &more);

		if (label.n && !add_label(a, label, out))
			return false;
		if (more)
			weir_str_putc(out, '.');
	}
	return true;
}

/* Something that claims to be encoded and holds foreign letters; libidn2 would encode it once more. */
static bool is_half_encoded(weir_text host)
{
	bool more = true;

	while (more) {
		weir_text label = next_label(&host, &more);

		if (is_ace(label) && !is_ascii(label))
			return true;
	}
	return false;
}

weir_err weir_url_idn(weir_arena *a, weir_text *host)
{
	char *z, *ascii = NULL;
	weir_err err = WEIR_EBADREQ;
	weir_str s;

	if (host->n > DOMAIN_MAX || memchr(host->p, 0, host->n) || !weir_utf8_valid(*host) || is_half_encoded(*host))
		return WEIR_EBADREQ;
	z = weir_strndup(a, host->p, host->n);
	if (!z)
		return WEIR_ENOMEM;
	if (idn2_to_ascii_8z(z, &ascii, IDN2_NONTRANSITIONAL) == IDN2_OK) {
		*host = weir_text_dup(a, weir_text_of(ascii));
		idn2_free(ascii);
		return host->p ? WEIR_OK : WEIR_ENOMEM;
	}
	weir_str_init(&s, 8 * DOMAIN_MAX);
	if (add_labels(a, *host, &s) && !weir_str_err(&s)) {
		*host = weir_text_dup(a, weir_str_view(&s));
		err = host->p ? WEIR_OK : WEIR_ENOMEM;
	}
	weir_str_free(&s);
	return err;
}
