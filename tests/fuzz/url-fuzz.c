/* Any text as a URL, as a reference, as a page address, as a referrer and as a query: what is read again reads the same. */
#include "config.h"
#include "ingest/format.h"
#include "ingest/origin.h"
#include "ingest/referrer.h"
#include "ingest/url.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void origin_reads_again(weir_arena *a, const struct weir_url *u)
{
	struct weir_url again;
	weir_text origin;

	if (weir_url_origin(a, u, &origin) || weir_text_is(origin, "null"))
		return;
	if (weir_url_parse(a, origin, NULL, &again) || !weir_text_eq(u->host, again.host) || u->port != again.port)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static weir_arena *a;
	const void *p = data;
	weir_text text = { p, size }, host;
	struct weir_url u, base;
	struct weir_page page;
	struct weir_referrer r;
	bool found;

	if (!a)
		a = weir_arena_new(64 << 20);
	weir_arena_reset(a);
	if (weir_url_parse(a, WEIR_TEXT("https://user@example.com:8080/a/b?q#f"), NULL, &base))
		abort();
	if (!weir_url_parse(a, text, NULL, &u))
		origin_reads_again(a, &u);
	if (!weir_url_parse(a, text, &base, &u))
		origin_reads_again(a, &u);
	if (!weir_page_parse(a, text, &page) && page.query.n && weir_referrer_from_query(a, &page.query, &r, &found))
		abort();
	if (weir_url_hostname(a, text, &host) || !host.p)
		abort();
	if (weir_referrer_of(a, text, WEIR_TEXT("https://example.com/"), NULL, &r) == WEIR_OK && (!r.name.p || !r.url.p || !r.type.p))
		abort();
	(void)weir_origin_match(text, WEIR_TEXT("https://www.example.com:8080"));
	(void)weir_origin_match(WEIR_TEXT("*.example.com"), text);
	(void)weir_format_email(text);
	(void)weir_format_datetime(text);
	return 0;
}
