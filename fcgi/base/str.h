#ifndef WEIR_BASE_STR_H
#define WEIR_BASE_STR_H
#include "base/err.h"
#include "base/text.h"
/*
 * Growing text.  Appends never return a status: the first failure (no memory,
 * or more than max bytes) is latched, later appends do nothing, and
 * weir_str_err tells it once at the end.  buf is always NUL-terminated and
 * never NULL.  Owns its buffer: weir_str_free when done; a reset keeps it.
 */
typedef struct {
	char *buf;
	size_t len, alloc, max;
	weir_err err;
} weir_str;

void weir_str_init(weir_str *s, size_t max);
void weir_str_free(weir_str *s);
void weir_str_reset(weir_str *s);
/* Room for n bytes in all, exactly, so that a large text of known size takes no more; on no memory nothing happens. */
void weir_str_reserve(weir_str *s, size_t n);
/* Makes room for n more bytes; false when there is none. */
bool weir_str_grow(weir_str *s, size_t n);

/* Here, since most of what weir-track does ends in one of these: the usual case is a copy. */
static inline void weir_str_add(weir_str *s, const void *p, size_t n)
{
	if (!n || s->err || (n >= s->alloc - s->len && !weir_str_grow(s, n)))
		return;
	memcpy(s->buf + s->len, p, n);
	s->len += n;
	s->buf[s->len] = '\0';
}

static inline void weir_str_text(weir_str *s, weir_text t)
{
	weir_str_add(s, t.p, t.n);
}

static inline void weir_str_putc(weir_str *s, int c)
{
	char ch = (char)c;

	weir_str_add(s, &ch, 1);
}

void weir_str_puts(weir_str *s, const char *z);
/* Percent-encoded, as JavaScript's encodeURIComponent does it. */
void weir_str_component(weir_str *s, weir_text t);
void weir_str_addf(weir_str *s, const char *fmt, ...) WEIR_PRINTF(2, 3);
/* What has been written so far; valid until the next append. */
weir_text weir_str_view(const weir_str *s);
WEIR_MUSTCHECK weir_err weir_str_err(const weir_str *s);
#endif
