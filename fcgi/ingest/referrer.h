#ifndef WEIR_INGEST_REFERRER_H
#define WEIR_INGEST_REFERRER_H
#include "base/arena.h"
#include "base/err.h"
#include "ingest/pairs.h"
#include "ingest/url.h"
/*
 * Where a visitor came from (spec/ingest.md 5.2): a table of host names and
 * Android packages, data/referrers.tsv, gives name and type (search, social,
 * email, paid, ai, unknown, tech, commerce, content).  Not known: "" and "".
 */
struct weir_referrer {
	weir_text name, type, url;
};

/* url: the input without its trailing slashes. Texts live in the arena, the input or for ever. */
WEIR_MUSTCHECK weir_err weir_referrer_parse(weir_arena *a, weir_text url, struct weir_referrer *out);
/* By utm_source, else ref, else utm_referrer of the page's query; *found is false when none says anything. */
WEIR_MUSTCHECK weir_err weir_referrer_from_query(weir_arena *a, const struct weir_pairs *query, struct weir_referrer *out, bool *found);
/*
 * The three columns of an event.  referrer: the __referrer property, page: the
 * __path property, parsed: what weir_page_parse has made of it (may be NULL).
 * A referrer on the page's own host is dropped.
 */
WEIR_MUSTCHECK weir_err weir_referrer_of(weir_arena *a, weir_text referrer, weir_text page, const struct weir_page *parsed,
	struct weir_referrer *out);
#endif
