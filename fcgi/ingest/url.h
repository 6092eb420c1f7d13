#ifndef WEIR_INGEST_URL_H
#define WEIR_INGEST_URL_H
#include "base/arena.h"
#include "base/err.h"
#include "ingest/pairs.h"
/*
 * URLs as browsers read them (the WHATWG URL standard): special schemes,
 * backslashes, dot segments, percent-encoding by component, IPv4 in its odd
 * spellings, IPv6, international names by UTS 46, default ports.  Parsing of
 * opaque paths, credentials and relative references is complete; there is no
 * setter interface.  WEIR_EBADREQ: not a URL.  Texts live in the arena.
 */
struct weir_url {
	weir_text scheme;               /* lower case, without the colon */
	weir_text username, password;   /* percent-encoded */
	weir_text host;                 /* serialised: "example.com", "192.0.2.1", "[::1]" */
	weir_text path;                 /* "/a/b", or the opaque path of "mailto:x" */
	weir_text query, fragment;      /* without ? and # */
	int port;                       /* -1: none or the scheme's default */
	bool special;                   /* ftp, file, http, https, ws, wss */
	bool has_host, has_query, has_fragment, opaque;
};

/* base may be NULL. */
WEIR_MUSTCHECK weir_err weir_url_parse(weir_arena *a, weir_text in, const struct weir_url *base, struct weir_url *out);
/* "https://example.com:8080", or "null" for schemes without an origin. */
WEIR_MUSTCHECK weir_err weir_url_origin(weir_arena *a, const struct weir_url *u, weir_text *out);
/* The host name (no port) of an absolute URL; "" when it is none. */
WEIR_MUSTCHECK weir_err weir_url_hostname(weir_arena *a, weir_text in, weir_text *out);
/* True when both are absolute URLs with the same host name. */
WEIR_MUSTCHECK weir_err weir_url_same_domain(weir_arena *a, weir_text one, weir_text two, bool *same);
/* The fields of a query by the form rules: + is a space, percent-decoded, broken UTF-8 becomes U+FFFD; the last of equal keys wins. */
WEIR_MUSTCHECK weir_err weir_url_query(weir_arena *a, weir_text query, struct weir_pairs *out);

/* What __path of an event says (spec/ingest.md 5.3). */
struct weir_page {
	weir_text path, origin;
	weir_text hash;                 /* with its #, or "" */
	weir_text host;                 /* of a URL that stands for itself; {NULL, 0} when that is not known */
	struct weir_pairs query;        /* n is 0 when there is none */
};
WEIR_MUSTCHECK weir_err weir_page_parse(weir_arena *a, weir_text path, struct weir_page *out);
#endif
