#include "config.h"
#include "ingest/suspicion.h"

#include <stdio.h>

enum { REASONS_MAX = 160 };

/* One of the engine's names, a slash, a digit. */
static bool names_chromium(weir_text ua)
{
	static const char *const names[] = { "Chrome/", "Chromium/", "Edg/", "OPR/" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		weir_text rest = ua, name = weir_text_of(names[i]);
		const char *at;

		while ((at = weir_text_find(rest, name))) {
			rest.n -= (size_t)(at - rest.p) + name.n;
			rest.p = at + name.n;
			if (rest.n && weir_is_digit(rest.p[0]))
				return true;
		}
	}
	return false;
}

/* Apple's own engine under Chromium's names sends no client hints. */
static bool is_apple_engine(weir_text ua)
{
	static const char *const words[] = { "CriOS", "EdgiOS", "OPiOS", "FxiOS", "iPhone", "iPad", "iPod" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (weir_text_find(ua, weir_text_of(words[i])))
			return true;
	return false;
}

static bool blank(struct weir_headers headers, const char *name)
{
	return !weir_text_trim(headers.get(headers.ctx, name)).n;
}

weir_err weir_suspicion_of(weir_arena *a, weir_text ua, struct weir_headers headers, const struct weir_network *network,
	struct weir_suspicion *out)
{
	const char *reason[3];
	char text[REASONS_MAX];
	size_t count = 0, n = 0;
	bool hosting = network && network->is_hosting;

	*out = (struct weir_suspicion){ WEIR_TEXT(""), false };
	if (ua.n && weir_text_find(ua, WEIR_TEXT("Mozilla/"))) {
		if (blank(headers, "sec-ch-ua") && names_chromium(ua) && !is_apple_engine(ua))
			reason[count++] = "header:missing_sec_ch_ua";
		if (blank(headers, "sec-fetch-mode") && blank(headers, "sec-fetch-site"))
			reason[count++] = "header:missing_sec_fetch";
		if (blank(headers, "accept-language"))
			reason[count++] = "header:missing_accept_language";
	}
	if (!hosting && !count)
		return WEIR_OK;
	if (hosting)
		n = (size_t)snprintf(text, sizeof(text), "datacenter_ip:AS%u", (unsigned)network->asn);
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? "," : "", reason[i]);
	out->reasons = weir_text_dup(a, (weir_text){ text, n });
	out->bot = hosting && count;
	return out->reasons.p ? WEIR_OK : WEIR_ENOMEM;
}
