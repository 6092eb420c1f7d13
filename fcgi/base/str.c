#include "config.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char empty[1];

void weir_str_init(weir_str *s, size_t max)
{
	*s = (weir_str){ .buf = empty, .max = max };
}

void weir_str_free(weir_str *s)
{
	if (s->buf != empty)
		free(s->buf);
	weir_str_init(s, s->max);
}

void weir_str_reset(weir_str *s)
{
	s->len = 0;
	s->err = WEIR_OK;
	if (s->buf != empty)
		s->buf[0] = '\0';
}

bool weir_str_grow(weir_str *s, size_t n)
{
	size_t want;
	char *p;

	if (s->err)
		return false;
	if (n > s->max - s->len) {
		s->err = WEIR_ELIMIT;
		return false;
	}
	if (s->len + n < s->alloc)
		return true;
	want = s->alloc ? s->alloc : 256;
	while (want <= s->len + n)
		want *= 2;
	if (want - 1 > s->max)
		want = s->max + 1; /* what fits is within the bound: nobody has to look twice */
	p = realloc(s->buf == empty ? NULL : s->buf, want);
	if (!p) {
		s->err = WEIR_ENOMEM;
		return false;
	}
	s->buf = p;
	s->alloc = want;
	return true;
}

void weir_str_reserve(weir_str *s, size_t n)
{
	char *p;

	if (s->err || n < s->alloc || n > s->max)
		return;
	p = realloc(s->buf == empty ? NULL : s->buf, n + 1);
	if (!p)
		return;
	if (s->buf == empty)
		p[0] = '\0';
	s->buf = p;
	s->alloc = n + 1;
}

void weir_str_puts(weir_str *s, const char *z)
{
	weir_str_add(s, z, strlen(z));
}

void weir_str_addf(weir_str *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !weir_str_grow(s, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(s->buf + s->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	s->len += (size_t)n;
}

weir_text weir_str_view(const weir_str *s)
{
	return (weir_text){ s->buf, s->len };
}

weir_err weir_str_err(const weir_str *s)
{
	return s->err;
}

void weir_str_component(weir_str *s, weir_text t)
{
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (weir_is_alpha(c) || weir_is_digit(c) || (c && strchr("-_.!~*'()", c)))
			weir_str_putc(s, c);
		else
			weir_str_addf(s, "%%%02X", c);
	}
}
