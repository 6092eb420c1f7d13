#ifndef WEIR_INGEST_URL_HOST_H
#define WEIR_INGEST_URL_HOST_H
#include "base/arena.h"
#include "base/err.h"
/*
 * The host part of a URL (WHATWG URL, "host parsing"), serialised.  special:
 * a domain or address of http and its like; else an opaque host.
 * WEIR_EBADREQ when it is no host.
 */
WEIR_MUSTCHECK weir_err weir_url_host(weir_arena *a, weir_text in, bool special, weir_text *out);
/* Appends the %XX of a byte and returns the place behind it. */
char *weir_percent(char *out, unsigned char c);
/* Percent-decodes n bytes of p into out (at least n bytes) and returns the length. */
size_t weir_percent_decode(const char *p, size_t n, char *out);
#endif
