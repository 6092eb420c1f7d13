#ifndef WEIR_BASE_TEXT_H
#define WEIR_BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
/*
 * A view of bytes that somebody else owns: pointer and length, not
 * NUL-terminated, may hold any byte.  p may be NULL only when n is 0.
 * A view lives as long as what it points into (a request's arena, a literal).
 */
typedef struct {
	const char *p;
	size_t n;
} weir_text;

#define WEIR_TEXT(lit) ((weir_text){ "" lit, sizeof(lit) - 1 })

static inline weir_text weir_text_of(const char *z)
{
	return (weir_text){ z, z ? strlen(z) : 0 };
}

static inline bool weir_text_eq(weir_text a, weir_text b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static inline bool weir_text_is(weir_text a, const char *z)
{
	return weir_text_eq(a, weir_text_of(z));
}

static inline bool weir_text_starts(weir_text a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && !memcmp(a.p, prefix, n);
}

static inline bool weir_text_ends(weir_text a, const char *suffix)
{
	size_t n = strlen(suffix);

	return a.n >= n && !memcmp(a.p + a.n - n, suffix, n);
}

/* ASCII only, whatever the locale. */
static inline int weir_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static inline bool weir_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool weir_is_alpha(int c)
{
	return weir_lower(c) >= 'a' && weir_lower(c) <= 'z';
}

static inline bool weir_is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Equal when ASCII letters are compared without case. */
bool weir_text_eq_nocase(weir_text a, weir_text b);
/* The first place of needle in a, or NULL. */
const char *weir_text_find(weir_text a, weir_text needle);
/* The byte that %XX at a place of a stands for (RFC 3986 2.1); -1 when two hexadecimal digits do not follow. */
int weir_text_escaped(weir_text a, size_t at);
/* Without leading and trailing ASCII white space. */
weir_text weir_text_trim(weir_text a);
/* Cuts the next item off *list at a separator, trimmed; false when nothing is left. */
bool weir_text_next(weir_text *list, char separator, weir_text *item);
#endif
