/* Any bytes as a spool file: reading ends, moves on, and stays within them; a call that was read packs and reads the same. */
#include "config.h"
#include "ingest/spoolfile.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reads_again(weir_arena *mem, const struct weir_spool_record *record)
{
	struct weir_spool_reader r;
	struct weir_spool_record again;
	struct weir_call call = record->call;
	enum weir_script_id id;
	weir_str packed;

	if (!weir_script_find(record->script, &id))
		return;
	call.script = id;
	weir_str_init(&packed, 64 << 20);
	weir_str_puts(&packed, WEIR_SPOOL_MAGIC);
	weir_spool_pack(&call, record->seq, record->at_ms, &packed);
	if (!weir_spool_reader_init(&r, weir_str_view(&packed)) || weir_spool_read(&r, mem, &again) != WEIR_SPOOL_RECORD ||
		again.seq != record->seq || again.at_ms != record->at_ms || again.call.shard != call.shard || again.call.nkeys != call.nkeys ||
		again.call.nargs != call.nargs || again.call.doubt.counter != call.doubt.counter)
		abort();
	for (size_t i = 0; i < call.nargs; i++)
		if (!weir_text_eq(again.call.args[i], call.args[i]))
			abort();
	weir_str_free(&packed);
}

/* The first byte says whether the rest is a file, or the payload of one record, whose head is made here: a CRC is not guessed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static weir_arena *mem;
	struct weir_call call = { .script = WEIR_SCRIPT_TRACK };
	weir_text bytes, arg;
	struct weir_spool_reader r;
	struct weir_spool_record record;
	enum weir_spool_found found;
	const void *p = data;
	size_t at;
	weir_str file;

	if (size < 1)
		return 0;
	if (!mem)
		mem = weir_arena_new(64 << 20);
	if (!mem)
		abort();
	weir_arena_reset(mem);
	bytes = (weir_text){ (const char *)p + 1, size - 1 };
	weir_str_init(&file, 64 << 20);
	if (data[0] & 1) {
		weir_str_puts(&file, WEIR_SPOOL_MAGIC);
		weir_spool_raw(bytes, 1, &file);
		arg = bytes;
		call.args = &arg;
		call.nargs = 1;
		weir_spool_pack(&call, 2, 1, &file);
		bytes = weir_str_view(&file);
	}
	if (weir_spool_reader_init(&r, bytes))
		do {
			at = r.at;
			found = weir_spool_read(&r, mem, &record);
			if (r.at > bytes.n || record.end > bytes.n || record.at > record.end ||
				(r.at <= at && (found == WEIR_SPOOL_RECORD || found == WEIR_SPOOL_DAMAGED)))
				abort();
			if (found == WEIR_SPOOL_RECORD)
				reads_again(mem, &record);
		} while (found == WEIR_SPOOL_RECORD || found == WEIR_SPOOL_DAMAGED);
	weir_str_free(&file);
	return 0;
}
