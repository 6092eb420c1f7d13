/*
 * Writes what weir-worker would send: the entries of a stream as files of
 * Native blocks, DIR/events.N and DIR/sessions.N, batch by batch.
 *
 *	blocks DIR BATCH_ROWS
 *
 * Settings come from WEIR_CONF.  The stream is left as it is.
 */
#include "config.h"

#include "ingest/batch.h"

#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 500, BLOCK_MAX = 1 << 30 };

static void check(weir_err err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "blocks: %s: %s\n", what, weir_err_text(err));
	exit(1);
}

static void write_block(weir_batch *b, enum weir_table t, const char *dir, int number)
{
	char path[512];
	size_t rows;
	weir_str out;
	FILE *f;

	weir_str_init(&out, BLOCK_MAX);
	check(weir_batch_block(b, t, &out, &rows), "block");
	snprintf(path, sizeof(path), "%s/%s.%04d", dir, weir_table_name(t), number);
	f = rows ? fopen(path, "w") : NULL;
	if (rows && (!f || fwrite(out.buf, 1, out.len, f) != out.len || fclose(f)))
		check(WEIR_EINTERNAL, path);
	weir_str_free(&out);
}

int main(int argc, char **argv)
{
	struct weir_entry_id from = { 0, 1 }, last = { UINT64_MAX, UINT64_MAX };
	size_t most = argc == 3 ? (size_t)strtoul(argv[2], NULL, 10) : 0, got = CHUNK;
	struct weir_fault fault;
	struct weir_conf conf;
	weir_stream *stream;
	weir_batch b;
	int number = 0;

	if (!most) {
		fputs("usage: blocks DIR BATCH_ROWS\n", stderr);
		return 2;
	}
	check(weir_conf_load(&conf, NULL, &fault), "settings");
	stream = weir_stream_new(&conf, weir_redis_new(&conf, &fault), 0);
	check(stream ? weir_batch_init(&b) : WEIR_ENOMEM, "start");
	while (got == CHUNK) {
		check(weir_stream_read_range(stream, from, last, CHUNK, weir_batch_add, &b, &got), "read");
		if (b.ids.count) {
			from = b.ids.id[b.ids.count - 1];
			from.seq++;
		}
		if (weir_native_rows(b.native[WEIR_TABLE_EVENTS]) >= most || (got < CHUNK && b.ids.count)) {
			for (int t = 0; t < WEIR_TABLES; t++)
				write_block(&b, (enum weir_table)t, argv[1], number);
			number++;
			weir_batch_clear(&b);
		}
	}
	weir_batch_free(&b);
	weir_stream_free(stream);
	weir_conf_free(&conf);
	return 0;
}
