#include "config.h"
#include "base/jsonadapt.h"

#include <stdint.h>

enum { INTEGER_DIGITS = 18 }; /* that always fit an int64_t */

struct adapt {
	const char *p, *end;
	char *out; /* NULL: only find out whether there is something to do */
	bool drop_surrogates, found;
};

static void copy(struct adapt *s, size_t n)
{
	if (s->out) {
		memcpy(s->out, s->p, n);
		s->out += n;
	}
	s->p += n;
}

/* The kind of the \uXXXX at p: 1 a first half of a pair, 2 a second half, 0 neither. */
static int half(const char *p, const char *end)
{
	char kind;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || weir_lower(p[2]) != 'd')
		return 0;
	kind = (char)weir_lower(p[3]);
	if (kind == '8' || kind == '9' || kind == 'a' || kind == 'b')
		return 1;
	return kind >= 'c' && kind <= 'f' ? 2 : 0;
}

static void string(struct adapt *s)
{
	copy(s, 1);
	while (s->p < s->end && *s->p != '"') {
		int kind = *s->p == '\\' && s->drop_surrogates ? half(s->p, s->end) : 0;

		if (*s->p != '\\') {
			copy(s, 1);
		} else if (kind == 1 && half(s->p + 6, s->end) == 2) {
			copy(s, 12);
		} else if (kind) {
			s->found = true;
			s->p += 6;
		} else {
			copy(s, s->end - s->p < 2 ? 1 : 2);
		}
	}
	if (s->p < s->end)
		copy(s, 1);
}

static void number(struct adapt *s)
{
	size_t n = 0, digits = 0, left = (size_t)(s->end - s->p);
	bool integer = true;

	for (; n < left && (weir_is_digit(s->p[n]) || strchr("+-.eE", s->p[n])) && s->p[n]; n++) {
		digits += weir_is_digit(s->p[n]);
		integer = integer && s->p[n] != '.' && s->p[n] != 'e' && s->p[n] != 'E';
	}
	copy(s, n);
	if (integer && digits > INTEGER_DIGITS) {
		s->found = true;
		if (s->out) {
			memcpy(s->out, "e0", 2);
			s->out += 2;
		}
	}
}

static void walk(struct adapt *s)
{
	while (s->p < s->end) {
		if (*s->p == '"')
			string(s);
		else if (*s->p == '-' || weir_is_digit(*s->p))
			number(s);
		else
			copy(s, 1);
	}
}

weir_text weir_jsonadapt(weir_arena *a, weir_text in, bool drop_surrogates)
{
	struct adapt s = { in.p, in.p + in.n, NULL, drop_surrogates, false };
	char *buf;

	walk(&s);
	if (!s.found)
		return in;
	/* two bytes more for each 19 or more digits */
	if (in.n > SIZE_MAX / 2 || !(buf = weir_alloc(a, in.n + in.n / 8 + 2)))
		return (weir_text){ NULL, 0 };
	s = (struct adapt){ in.p, in.p + in.n, buf, drop_surrogates, false };
	walk(&s);
	return (weir_text){ buf, (size_t)(s.out - buf) };
}
