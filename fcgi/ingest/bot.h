#ifndef WEIR_INGEST_BOT_H
#define WEIR_INGEST_BOT_H
#include "base/text.h"
#include <stdint.h>
/*
 * Robots by their user agent (spec/ingest.md 3.3): the rows of
 * data/bots-own.tsv and data/bots.tsv, of which the first that matches wins.
 * All rows together are a few PCRE2 patterns, made when the first user agent
 * is looked at; verdicts of both kinds are kept in the process.
 */
struct weir_bot {
	const char *name, *type;
};

typedef struct weir_bots weir_bots;

enum {
	WEIR_BOT_MAX = 1024 /* bytes of a user agent that are looked at; the rest is ignored */
};

/* cache_entries: setting track.agent_cache; 0 switches the cache off. NULL on out of memory. */
weir_bots *weir_bots_new(size_t cache_entries);
void weir_bots_free(weir_bots *b);
/*
 * The robot that the user agent names; NULL when it names none, when ua is
 * empty, and when memory is short (logged): a robot counted as a visitor is
 * better than a visitor lost.  What is returned lives as long as the program.
 */
const struct weir_bot *weir_bot_of(weir_bots *b, weir_text ua, int64_t now_ms);
/* Whether every pattern compiles; for tests. */
bool weir_bots_check(weir_bots *b);
#endif
