#include "config.h"
#include "base/jsonscan.h"

#include <stdint.h>

struct scan {
	const char *start, *p, *end;
	int depth, depth_max;
	size_t weight, weight_max;
	bool odd;
};

enum { SHORT_DIGITS = 18 }; /* of integers that fit 64 bits for certain */
enum { CONTAINER_WEIGHT = 12 }; /* what json-c makes of an empty object, in scalars */

static void space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static enum weir_jsonscan_fault unexpected(const struct scan *s, enum weir_jsonscan_fault fault)
{
	return s->p == s->end ? WEIR_SCAN_END : fault;
}

static bool is_hex(int c)
{
	return weir_is_digit(c) || (weir_lower(c) >= 'a' && weir_lower(c) <= 'f');
}

static enum weir_jsonscan_fault escape(struct scan *s)
{
	const char *from = s->p++; /* the backslash */

	if (s->p == s->end)
		return WEIR_SCAN_STRING;
	if (*s->p != 'u') {
		if (!*s->p || !strchr("\"\\/bfnrt", *s->p))
			return WEIR_SCAN_ESCAPE;
		s->p++;
		return WEIR_SCAN_OK;
	}
	for (int i = 1; i <= 4; i++) {
		if (s->p + i >= s->end) {
			s->p = s->end;
			return WEIR_SCAN_STRING;
		}
		if (!is_hex((unsigned char)s->p[i])) {
			s->p += i;
			return WEIR_SCAN_ESCAPE;
		}
	}
	if (!memcmp(s->p + 1, "0000", 4)) {
		s->p = from;
		return WEIR_SCAN_NUL;
	}
	s->odd = s->odd || (weir_lower((unsigned char)s->p[1]) == 'd' && s->p[2] >= '8'); /* half of a surrogate pair */
	s->p += 5;
	return WEIR_SCAN_OK;
}

/* Behind the characters of a string that stand for themselves. */
static const char *plain(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

static enum weir_jsonscan_fault string(struct scan *s)
{
	s->p = plain(s->p + 1, s->end);
	while (s->p < s->end && *s->p != '"') {
		enum weir_jsonscan_fault fault;

		if ((unsigned char)*s->p < 0x20)
			return *s->p ? WEIR_SCAN_CONTROL : WEIR_SCAN_NUL;
		fault = escape(s);
		if (fault)
			return fault;
		s->p = plain(s->p, s->end);
	}
	if (s->p == s->end)
		return WEIR_SCAN_STRING;
	s->p++;
	return WEIR_SCAN_OK;
}

static bool digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && weir_is_digit((unsigned char)*s->p))
		s->p++;
	return s->p > from;
}

static enum weir_jsonscan_fault number(struct scan *s)
{
	const char *from = s->p;

	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!digits(s))
		return unexpected(s, WEIR_SCAN_NUMBER);
	s->odd = s->odd || s->p - from > SHORT_DIGITS;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!digits(s))
			return unexpected(s, WEIR_SCAN_NUMBER);
	}
	if (s->p < s->end && weir_lower((unsigned char)*s->p) == 'e') {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (!digits(s))
			return unexpected(s, WEIR_SCAN_NUMBER);
	}
	return WEIR_SCAN_OK;
}

static enum weir_jsonscan_fault word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++) {
		if (*s->p != *words[i])
			continue;
		for (const char *w = words[i]; *w; w++, s->p++)
			if (s->p == s->end || *s->p != *w)
				return unexpected(s, WEIR_SCAN_TOKEN);
		return WEIR_SCAN_OK;
	}
	return WEIR_SCAN_TOKEN;
}

static enum weir_jsonscan_fault value(struct scan *s);

static enum weir_jsonscan_fault property(struct scan *s)
{
	enum weir_jsonscan_fault fault;

	space(s);
	if (s->p == s->end || *s->p != '"')
		return unexpected(s, WEIR_SCAN_PROPERTY);
	fault = string(s);
	if (fault)
		return fault;
	space(s);
	if (s->p == s->end || *s->p != ':')
		return unexpected(s, WEIR_SCAN_COLON);
	s->p++;
	return WEIR_SCAN_OK;
}

/* An object or an array; close is its last character. Recursion is bounded by depth_max. */
static enum weir_jsonscan_fault container(struct scan *s, char close)
{
	enum weir_jsonscan_fault fault = WEIR_SCAN_OK;

	if (++s->depth > s->depth_max)
		return WEIR_SCAN_DEPTH;
	s->p++;
	space(s);
	if (s->p < s->end && *s->p == close) {
		s->p++;
		s->depth--;
		return WEIR_SCAN_OK;
	}
	for (;;) {
		if (close == '}')
			fault = property(s);
		if (!fault)
			fault = value(s);
		if (fault)
			return fault;
		space(s);
		if (s->p < s->end && *s->p == close)
			break;
		if (s->p == s->end || *s->p != ',')
			return unexpected(s, WEIR_SCAN_COMMA);
		s->p++;
	}
	s->p++;
	s->depth--;
	return WEIR_SCAN_OK;
}

static enum weir_jsonscan_fault value(struct scan *s)
{
	space(s);
	if (s->p == s->end)
		return WEIR_SCAN_END;
	s->weight += *s->p == '{' || *s->p == '[' ? CONTAINER_WEIGHT : 1;
	if (s->weight > s->weight_max)
		return WEIR_SCAN_WEIGHT;
	if (*s->p == '{')
		return container(s, '}');
	if (*s->p == '[')
		return container(s, ']');
	if (*s->p == '"')
		return string(s);
	if (*s->p == '-' || weir_is_digit((unsigned char)*s->p))
		return number(s);
	return word(s);
}

enum weir_jsonscan_fault weir_jsonscan(weir_text in, int depth_max, size_t *at)
{
	return weir_jsonscan_bounded(in, depth_max, SIZE_MAX, at, NULL);
}

enum weir_jsonscan_fault weir_jsonscan_bounded(weir_text in, int depth_max, size_t weight_max, size_t *at, bool *odd)
{
	struct scan s = { .start = in.p, .p = in.p, .end = in.p + in.n, .depth_max = depth_max, .weight_max = weight_max };
	enum weir_jsonscan_fault fault = value(&s);

	if (!fault) {
		space(&s);
		if (s.p < s.end)
			fault = WEIR_SCAN_TAIL;
	}
	if (at)
		*at = (size_t)(s.p - s.start);
	if (odd)
		*odd = s.odd;
	return fault;
}
