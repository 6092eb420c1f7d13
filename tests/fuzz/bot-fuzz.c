/*
 * Any text as a user agent: the verdict of the compiled patterns, of the
 * patterns that are only read, and of the cache is one.  Any bytes as a row of
 * events_bots: what is read packs to what is read again.
 */
#include "config.h"
#include "base/str.h"
#include "ingest/bot.h"
#include "ingest/botrow.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void row(weir_arena *a, weir_text in)
{
	struct weir_bot_row one, two;
	weir_str packed;

	if (weir_bot_row_unpack(a, in, &one))
		return;
	weir_str_init(&packed, 1 << 20);
	weir_bot_row_pack(&one, &packed);
	if (weir_str_err(&packed) || weir_bot_row_unpack(a, weir_str_view(&packed), &two) || memcmp(one.id, two.id, sizeof(one.id)) ||
	    !weir_text_eq(one.project_id, two.project_id) || !weir_text_eq(one.path, two.path) || one.created_at != two.created_at)
		abort();
	weir_str_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static weir_arena *a;
	static weir_bots *cached, *compiled, *read;
	static unsigned turn;
	const void *p = data;
	weir_text ua = { p, size };
	const struct weir_bot *bot;

	if (!a) {
		a = weir_arena_new(8 << 20);
		cached = weir_bots_new(16);
		compiled = weir_bots_new(0);
		if (!a || !cached || !compiled || !weir_bots_check(compiled))
			abort();
	}
	weir_arena_reset(a);
	if (turn++ % 7 == 0) { /* from the eighth use on it would be compiled, too */
		weir_bots_free(read);
		if (!(read = weir_bots_new(0)))
			abort();
	}
	bot = weir_bot_of(compiled, ua, 1);
	if (weir_bot_of(cached, ua, 1) != bot || weir_bot_of(cached, ua, 1) != bot || weir_bot_of(read, ua, 1) != bot ||
	    (bot && (!*bot->name || !*bot->type)))
		abort();
	row(a, ua);
	return 0;
}
