#include "config.h"
#include "base/utf8.h"

size_t weir_utf8_len(const char *p, size_t n)
{
	const unsigned char *s = (const unsigned char *)p;
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (!n)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		len = 2;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		len = 3;
		if (s[0] == 0xe0)
			low = 0xa0;
		if (s[0] == 0xed)
			high = 0x9f;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		len = 4;
		if (s[0] == 0xf0)
			low = 0x90;
		if (s[0] == 0xf4)
			high = 0x8f;
	} else {
		return 0;
	}
	if (n < len || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

uint32_t weir_utf8_decode(const char *p, size_t len)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t cp = (unsigned char)p[0] & mask[len];

	for (size_t i = 1; i < len; i++)
		cp = cp << 6 | ((unsigned char)p[i] & 0x3f);
	return cp;
}

size_t weir_utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* The bytes from p that are ASCII for certain: most texts are so throughout, and eight at a time are quickly told. */
static size_t ascii_run(const char *p, size_t n)
{
	size_t i = 0;

	for (uint64_t eight; n - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, p + i, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return i;
}

bool weir_utf8_valid(weir_text t)
{
	for (size_t i = ascii_run(t.p, t.n), len; i < t.n; i += len)
		if (!(len = weir_utf8_len(t.p + i, t.n - i)))
			return false;
	return true;
}

/* How many bytes one U+FFFD stands for: the longest start of a sequence that could still have become one. */
static size_t broken_part(const char *p, size_t n)
{
	char probe[4];
	size_t taken = 1;

	for (; taken < 3 && taken < n; taken++) {
		bool could = false;

		memcpy(probe, p, taken + 1);
		for (size_t len = taken + 2; len <= 4 && !could; len++) {
			memset(probe + taken + 1, 0x80, len - taken - 1);
			could = weir_utf8_len(probe, len) == len;
		}
		if (!could)
			break;
	}
	return taken;
}

weir_text weir_utf8_clean(weir_arena *a, weir_text t)
{
	char *out;
	size_t at = 0;

	if (weir_utf8_valid(t))
		return t;
	if (t.n > SIZE_MAX / 3 - 1 || !(out = weir_alloc(a, t.n * 3 + 1)))
		return (weir_text){ NULL, 0 };
	for (size_t i = 0; i < t.n;) {
		size_t len = weir_utf8_len(t.p + i, t.n - i);

		if (len) {
			memcpy(out + at, t.p + i, len);
			at += len;
			i += len;
		} else {
			memcpy(out + at, "\xef\xbf\xbd", 3);
			at += 3;
			i += broken_part(t.p + i, t.n - i);
		}
	}
	out[at] = '\0';
	return (weir_text){ out, at };
}

size_t weir_utf16_units(weir_text t)
{
	size_t units = 0;

	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if ((c & 0xc0) != 0x80)
			units += c >= 0xf0 ? 2 : 1;
	}
	return units;
}
