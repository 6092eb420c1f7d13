/* Hosts of URLs: domains by UTS 46, IPv4 in its odd spellings, IPv6, opaque hosts. */
#include "config.h"
#include "ingest/url_host.h"
#include "ingest/url_idn.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

char *weir_percent(char *out, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	*out++ = '%';
	*out++ = hex[c >> 4];
	*out++ = hex[c & 15];
	return out;
}

static int hex_value(int c)
{
	if (weir_is_digit(c))
		return c - '0';
	c = weir_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t weir_percent_decode(const char *p, size_t n, char *out)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		int high, low;

		if (p[i] == '%' && n - i > 2 && (high = hex_value(p[i + 1])) >= 0 && (low = hex_value(p[i + 2])) >= 0) {
			out[at++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[at++] = p[i];
		}
	}
	return at;
}

static bool forbidden(unsigned char c)
{
	return !c || strchr("\t\n\r #/:<>?@[\\]^|", c);
}

static bool forbidden_in_domain(unsigned char c)
{
	return forbidden(c) || c < 0x20 || c == 0x7f || c == '%';
}

/* One number of an IPv4 address: decimal, 0x hexadecimal or 0 octal; false when it is none. Stops growing at 2^33. */
static bool ipv4_number(weir_text part, uint64_t *value)
{
	unsigned base = 10;

	if (!part.n)
		return false;
	if (part.n >= 2 && part.p[0] == '0') {
		bool is_hex = weir_lower(part.p[1]) == 'x';

		base = is_hex ? 16 : 8;
		part.p += is_hex ? 2 : 1;
		part.n -= is_hex ? 2 : 1;
	}
	*value = 0;
	for (size_t i = 0; i < part.n; i++) {
		int digit = hex_value(part.p[i]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		if (*value < UINT64_C(1) << 33)
			*value = *value * base + (unsigned)digit;
	}
	return true;
}

/* The text behind the last dot, a trailing dot apart. */
static weir_text last_part(weir_text host)
{
	size_t start;

	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	for (start = host.n; start && host.p[start - 1] != '.';)
		start--;
	return (weir_text){ host.p + start, host.n - start };
}

static bool ends_in_number(weir_text host)
{
	weir_text part = last_part(host);
	uint64_t value;
	bool digits = part.n > 0;

	for (size_t i = 0; i < part.n; i++)
		digits = digits && weir_is_digit(part.p[i]);
	return digits || ipv4_number(part, &value);
}

static weir_err ipv4(weir_arena *a, weir_text host, weir_text *out)
{
	uint64_t parts[4], address = 0;
	size_t count = 0, start = 0;
	char text[16];
	int len;

	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i <= host.n; i++) {
		if (i < host.n && host.p[i] != '.')
			continue;
		if (count == 4 || !ipv4_number((weir_text){ host.p + start, i - start }, &parts[count]))
			return WEIR_EBADREQ;
		count++;
		start = i + 1;
	}
	for (size_t i = 0; i + 1 < count; i++) {
		if (parts[i] > 255)
			return WEIR_EBADREQ;
		address |= parts[i] << (8 * (3 - i));
	}
	if (parts[count - 1] >= UINT64_C(1) << (8 * (5 - count)))
		return WEIR_EBADREQ;
	address |= parts[count - 1];
	len = snprintf(text, sizeof(text), "%u.%u.%u.%u", (unsigned)(address >> 24 & 255), (unsigned)(address >> 16 & 255),
		       (unsigned)(address >> 8 & 255), (unsigned)(address & 255));
	*out = weir_text_dup(a, (weir_text){ text, (size_t)len });
	return out->p ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err ipv6(weir_arena *a, weir_text in, weir_text *out)
{
	char text[64];
	uint8_t raw[16];
	int piece[8], best = -1, best_len = 1;
	char *p = text;

	if (in.n >= INET6_ADDRSTRLEN || memchr(in.p, 0, in.n))
		return WEIR_EBADREQ;
	memcpy(text, in.p, in.n);
	text[in.n] = '\0';
	if (inet_pton(AF_INET6, text, raw) != 1)
		return WEIR_EBADREQ;
	for (int i = 0; i < 8; i++)
		piece[i] = raw[2 * i] << 8 | raw[2 * i + 1];
	for (int i = 0; i < 8; i++) {
		int len = 0;

		while (i + len < 8 && !piece[i + len])
			len++;
		if (len > best_len) {
			best = i;
			best_len = len;
		}
		i += len;
	}
	*p++ = '[';
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			*p++ = ':';
			if (!i)
				*p++ = ':';
			i += best_len - 1;
			continue;
		}
		p += snprintf(p, 5, "%x", (unsigned)piece[i]);
		if (i < 7)
			*p++ = ':';
	}
	*p++ = ']';
	*out = weir_text_dup(a, (weir_text){ text, (size_t)(p - text) });
	return out->p ? WEIR_OK : WEIR_ENOMEM;
}

static bool has_ace_label(weir_text host)
{
	for (size_t i = 0; i + 4 <= host.n; i++)
		if ((!i || host.p[i - 1] == '.') && !memcmp(host.p + i, "xn--", 4))
			return true;
	return false;
}

static weir_err domain(weir_arena *a, weir_text in, weir_text *out)
{
	char *buf = weir_alloc(a, in.n + 1);
	weir_text host = { buf, 0 };
	bool ascii = true;
	weir_err err;

	if (!buf)
		return WEIR_ENOMEM;
	host.n = weir_percent_decode(in.p, in.n, buf);
	for (size_t i = 0; i < host.n; i++) {
		buf[i] = (char)weir_lower(buf[i]);
		ascii = ascii && !((unsigned char)buf[i] & 0x80);
	}
	if ((!ascii || has_ace_label(host)) && (err = weir_url_idn(a, &host)))
		return err;
	if (!host.n)
		return WEIR_EBADREQ;
	for (size_t i = 0; i < host.n; i++)
		if (forbidden_in_domain((unsigned char)host.p[i]))
			return WEIR_EBADREQ;
	if (ends_in_number(host))
		return ipv4(a, host, out);
	*out = host;
	return WEIR_OK;
}

static weir_err opaque_host(weir_arena *a, weir_text in, weir_text *out)
{
	char *buf, *p;

	if (in.n > SIZE_MAX / 3 - 1 || !(buf = weir_alloc(a, in.n * 3 + 1)))
		return WEIR_ENOMEM;
	p = buf;
	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = (unsigned char)in.p[i];

		if (forbidden(c))
			return WEIR_EBADREQ;
		if (c < 0x20 || c > 0x7e)
			p = weir_percent(p, c);
		else
			*p++ = (char)c;
	}
	*out = (weir_text){ buf, (size_t)(p - buf) };
	return WEIR_OK;
}

weir_err weir_url_host(weir_arena *a, weir_text in, bool special, weir_text *out)
{
	if (in.n && in.p[0] == '[') {
		if (in.n < 2 || in.p[in.n - 1] != ']')
			return WEIR_EBADREQ;
		return ipv6(a, (weir_text){ in.p + 1, in.n - 2 }, out);
	}
	return special ? domain(a, in, out) : opaque_host(a, in, out);
}
