/* Robots: one match per pattern visits every row that the user agent has. */
#include "config.h"
#include "ingest/bot.h"

#include "base/cache.h"
#include "base/log.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "bot_rows.h" /* bots[], row_of[], patterns[] */

enum {
	PATTERNS = sizeof(patterns) / sizeof(patterns[0]),
	ROWS = sizeof(bots) / sizeof(bots[0]),
	JIT_USES = 8,                    /* a process that sees few user agents is done before the JIT compiler would be */
	MATCH_LIMIT = 200000,
	VERDICT_MS = 24 * 60 * 60 * 1000 /* a verdict is as old as the program; this only lets the cache forget */
};

struct weir_bots {
	pcre2_code *code[PATTERNS];
	pcre2_match_data *match;
	pcre2_match_context *context;
	weir_cache *cache; /* NULL: off. Its values are rows of bots[], or NULL: no robot */
	unsigned uses;
	size_t first;      /* index in row_of of the pattern that is being tried */
	size_t best;       /* the first row found so far; ROWS: none */
};

/* A row has matched. Not 0: the pattern goes on as if it had not, to the next one (pcre2callout(3)). */
static int found(pcre2_callout_block *at, void *ctx)
{
	weir_bots *b = ctx;
	size_t row = row_of[b->first + at->callout_number - 1];

	if (row < b->best)
		b->best = row;
	return 1;
}

weir_bots *weir_bots_new(size_t cache_entries)
{
	weir_bots *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->match = pcre2_match_data_create(1, NULL);
	b->context = pcre2_match_context_create(NULL);
	if (cache_entries)
		b->cache = weir_cache_new(cache_entries, NULL);
	if (!b->match || !b->context || (cache_entries && !b->cache)) {
		weir_bots_free(b);
		return NULL;
	}
	pcre2_set_match_limit(b->context, MATCH_LIMIT);
	pcre2_set_callout(b->context, found, b);
	return b;
}

void weir_bots_free(weir_bots *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < PATTERNS; i++)
		pcre2_code_free(b->code[i]);
	pcre2_match_data_free(b->match);
	pcre2_match_context_free(b->context);
	weir_cache_free(b->cache);
	free(b);
}

static bool compile(weir_bots *b, size_t i)
{
	const void *text = patterns[i].pattern;
	PCRE2_SIZE offset;
	int error;

	if (b->code[i])
		return true;
	b->code[i] = pcre2_compile(text, PCRE2_ZERO_TERMINATED, PCRE2_DOLLAR_ENDONLY | PCRE2_NO_AUTO_CAPTURE, &error, &offset, NULL);
	if (!b->code[i])
		weir_log(LOG_ERR, "bot", "pattern=%zu offset=%zu error=%d", i, (size_t)offset, error);
	return b->code[i] != NULL;
}

bool weir_bots_check(weir_bots *b)
{
	bool good = true;

	for (size_t i = 0; i < PATTERNS; i++)
		good = compile(b, i) && pcre2_jit_compile(b->code[i], PCRE2_JIT_COMPLETE) == 0 && good;
	return good;
}

static const struct weir_bot *look_up(weir_bots *b, weir_text ua)
{
	const void *subject = ua.p;
	bool jit = b->uses < JIT_USES && ++b->uses == JIT_USES;

	b->best = ROWS;
	for (size_t i = 0; i < PATTERNS; i++) {
		if (!compile(b, i))
			continue;
		if (jit)
			(void)pcre2_jit_compile(b->code[i], PCRE2_JIT_COMPLETE); /* without it matching is slower, not different */
		b->first = patterns[i].first;
		(void)pcre2_match(b->code[i], subject, ua.n, 0, 0, b->match, b->context); /* never a match: found() declines each */
	}
	return b->best < ROWS ? &bots[b->best] : NULL;
}

const struct weir_bot *weir_bot_of(weir_bots *b, weir_text ua, int64_t now_ms)
{
	const struct weir_bot *bot;
	bool known;

	if (ua.n > WEIR_BOT_MAX)
		ua.n = WEIR_BOT_MAX;
	if (!ua.n)
		return NULL;
	if (b->cache) {
		bot = weir_cache_get(b->cache, ua, now_ms, &known);
		if (known)
			return bot;
	}
	bot = look_up(b, ua);
	if (b->cache && !weir_cache_put(b->cache, ua, (void *)(uintptr_t)bot, now_ms, VERDICT_MS))
		weir_log(LOG_DEBUG, "bot", "cache=full");
	return bot;
}
