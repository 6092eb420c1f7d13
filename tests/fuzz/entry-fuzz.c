/* Any bytes as the parts of a stream's entry: the rows that come out can be written, and an event that was read packs and reads the same. */
#include "config.h"
#include "ingest/batch.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void event_reads_again(weir_arena *a, const struct weir_event *e)
{
	struct weir_event again;
	weir_str packed;

	weir_str_init(&packed, 64 << 20);
	weir_event_pack(e, &packed);
	if (weir_str_err(&packed) || weir_event_unpack(a, weir_str_view(&packed), &again) || again.properties.count != e->properties.count ||
	    again.created_at != e->created_at || !weir_text_eq(again.name, e->name))
		abort();
	weir_str_free(&packed);
}

/* The first byte picks the kind, the next two where ev ends and s begins; o is the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char kinds[] = "nxb-ert";
	static weir_arena *a;
	static weir_batch b;
	const void *p = data;
	const char *at = p;
	struct weir_entry entry = { 0 };
	struct weir_event e;
	size_t first, second, rows;
	weir_str out;

	if (size < 3)
		return 0;
	if (!a) {
		a = weir_arena_new(64 << 20);
		if (!a || weir_batch_init(&b))
			abort();
	}
	weir_arena_reset(a);
	weir_batch_clear(&b);
	first = (size - 3) * data[1] / 255;
	second = first + (size - 3 - first) * data[2] / 255;
	entry.kind = kinds[data[0] % 7];
	if (entry.kind != 'e')
		entry.ev = (weir_text){ at + 3, first };
	if (entry.kind == 'n' || entry.kind == 'x' || entry.kind == 'b')
		entry.s = (weir_text){ at + 3 + first, second - first };
	if (entry.kind == 'x' || entry.kind == 'b' || entry.kind == 'e')
		entry.o = (weir_text){ at + 3 + second, size - 3 - second };
	if (entry.ev.p && !weir_event_unpack(a, entry.ev, &e))
		event_reads_again(a, &e);
	if (weir_batch_add(&b, (struct weir_entry_id){ 1, 1 }, &entry))
		abort();
	weir_str_init(&out, 64 << 20);
	for (int t = 0; t < WEIR_TABLES; t++)
		if (weir_batch_block(&b, (enum weir_table)t, &out, &rows))
			abort();
	weir_str_free(&out);
	return 0;
}
