/* Blocks of imported rows. */
#include "config.h"
#include "ingest/import.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "ingest/refusal.h"
#include "ingest/stored.h"
#include "ingest/tables.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	BLOCK_ROWS = 2000,
	BLOCK_BYTES = 4 * 1024 * 1024,   /* of JSON */
	MEMORY_MAX = 96 * 1024 * 1024,   /* of a block's rows as trees */
	NATIVE_MAX = 64 * 1024 * 1024,
	PROGRESS_MS = 5000,
	STATEMENT_MAX = 4096
};

struct row {
	struct weir_event event;
	size_t index;
	bool present;                    /* in ClickHouse already */
};

struct weir_import {
	weir_ch *ch;
	weir_text project_id;
	int64_t imported_at, progress_ms;
	weir_arena *mem;                 /* of the block */
	struct row *row;
	size_t rows, bytes, read;
	weir_native *native;
	weir_str statement, data;
	struct weir_import_figures figures;
	char error[512];
	void (*meanwhile)(void);
};

weir_import *weir_import_new(const struct weir_conf *conf, weir_text project_id, int64_t now_ms, struct weir_fault *fault)
{
	weir_import *im = calloc(1, sizeof(*im));

	weir_fault_set(fault, "out of memory");
	if (!im)
		return NULL;
	im->project_id = project_id;
	im->imported_at = now_ms / 1000;
	im->progress_ms = weir_monotonic_ms() + PROGRESS_MS;
	weir_str_init(&im->statement, STATEMENT_MAX);
	weir_str_init(&im->data, NATIVE_MAX);
	weir_table_insert(WEIR_TABLE_EVENTS, &im->statement);
	im->mem = weir_arena_new(MEMORY_MAX);
	im->row = calloc(BLOCK_ROWS, sizeof(*im->row));
	im->native = weir_table_native(WEIR_TABLE_EVENTS);
	if (im->mem && im->row && im->native && !weir_str_err(&im->statement) && (im->ch = weir_ch_new(conf, fault)))
		return im;
	weir_import_free(im);
	return NULL;
}

void weir_import_free(weir_import *im)
{
	if (!im)
		return;
	weir_ch_free(im->ch);
	weir_native_free(im->native);
	weir_str_free(&im->statement);
	weir_str_free(&im->data);
	weir_arena_free(im->mem);
	free(im->row);
	free(im);
}

/* An import goes on to its end, whoever has gone. */
static bool attend(void *ctx)
{
	const weir_import *im = ctx;

	im->meanwhile();
	return false;
}

void weir_import_meanwhile(weir_import *im, void (*run)(void))
{
	im->meanwhile = run;
	weir_ch_watch(im->ch, attend, im);
}

const struct weir_import_figures *weir_import_figures(const weir_import *im)
{
	return &im->figures;
}

const char *weir_import_error(const weir_import *im)
{
	return im->error;
}

static void refuse(weir_import *im, size_t index, const char *why)
{
	struct weir_import_figures *f = &im->figures;

	f->failed++;
	if (f->errors == WEIR_IMPORT_ERRORS)
		return;
	f->error[f->errors].index = index;
	snprintf(f->error[f->errors].why, sizeof(f->error[0].why), "%.*s", (int)sizeof(f->error[0].why) - 1, why);
	f->errors++;
}

static weir_err fail(weir_import *im, weir_err err, const char *text)
{
	snprintf(im->error, sizeof(im->error), "%s", text);
	weir_log(LOG_WARNING, "import", "project=%.*s error=\"%.300s\"", (int)im->project_id.n, im->project_id.p, text);
	return err == WEIR_ENOMEM ? err : WEIR_EUNAVAIL;
}

/* Marks the rows that ClickHouse has. */
static weir_err look_up(weir_import *im)
{
	struct weir_row_key *key = weir_alloc_n(im->mem, im->rows, sizeof(*key));
	weir_err err = key ? WEIR_OK : WEIR_ENOMEM;

	for (size_t i = 0; i < im->rows && !err; i++)
		err = weir_event_key(im->mem, &im->row[i].event, im->project_id, &key[i]);
	if (err)
		return err;
	err = weir_stored_rows(im->ch, im->mem, WEIR_TABLE_EVENTS, key, im->rows);
	if (err)
		return fail(im, err, weir_ch_error(im->ch));
	for (size_t i = 0; i < im->rows; i++) {
		im->row[i].present = key[i].present;
		im->figures.existing += key[i].present;
	}
	return WEIR_OK;
}

/* Inserts rows lo to hi; when a row is at fault, halves until it is alone. */
static weir_err insert(weir_import *im, size_t lo, size_t hi)
{
	size_t count = 0;
	enum weir_refusal refusal;
	char token[WEIR_UUID_LEN + 1], why[sizeof(im->error)];
	uint8_t id[16];
	weir_err err;

	weir_native_reset(im->native);
	weir_str_reset(&im->data);
	for (size_t i = lo; i < hi; i++)
		if (!im->row[i].present) {
			weir_table_add_event(im->native, &im->row[i].event);
			count++;
		}
	if (!count)
		return WEIR_OK;
	err = weir_native_block(im->native, &im->data);
	if (err)
		return fail(im, err, weir_err_text(err));
	weir_uuid_new(id);
	weir_uuid_text(id, token);
	err = weir_ch_insert(im->ch, im->statement.buf, weir_str_view(&im->data), token);
	if (!err) {
		im->figures.imported += count;
		return WEIR_OK;
	}
	snprintf(why, sizeof(why), "%s", weir_ch_error(im->ch));
	refusal = weir_refusal_of(err, weir_ch_exception(im->ch), why);
	if (refusal == WEIR_REFUSAL_AWAY || (hi - lo == 1 && refusal == WEIR_REFUSAL_SIZE))
		return fail(im, err, why);
	if (hi - lo == 1) {
		refuse(im, im->row[lo].index, why);
		return WEIR_OK;
	}
	err = insert(im, lo, lo + (hi - lo) / 2);
	return err ? err : insert(im, lo + (hi - lo) / 2, hi);
}

static weir_err flush(weir_import *im)
{
	weir_err err = im->rows ? look_up(im) : WEIR_OK;

	if (!err)
		err = insert(im, 0, im->rows);
	im->rows = im->bytes = 0;
	weir_arena_reset(im->mem);
	if (!err && weir_monotonic_ms() >= im->progress_ms) {
		im->progress_ms = weir_monotonic_ms() + PROGRESS_MS;
		weir_log(LOG_NOTICE, "import", "project=%.*s read=%zu imported=%zu existing=%zu failed=%zu", (int)im->project_id.n,
			im->project_id.p, im->read, im->figures.imported, im->figures.existing, im->figures.failed);
	}
	return err;
}

/* What an id follows from: the project, the place in the document, and all that the row says. */
static weir_text seed_of(weir_import *im, size_t index, weir_text text, char buf[96])
{
	char number[24];
	uint8_t digest[32];
	int n = snprintf(number, sizeof(number), "%zu", index);
	weir_text parts[] = { im->project_id, WEIR_TEXT("\n"), { number, (size_t)n }, WEIR_TEXT("\n"), text };

	if (weir_sha256(parts, sizeof(parts) / sizeof(parts[0]), digest))
		return (weir_text){ NULL, 0 };
	weir_hex(digest, sizeof(digest), buf);
	return weir_text_of(buf);
}

weir_err weir_import_add(weir_import *im, size_t index, weir_text text)
{
	struct weir_import_row row;
	char buf[96];
	weir_text copy, seed;
	json_object *o = NULL;
	weir_err err;

	im->read++;
	if (!text.p) {
		refuse(im, index, "is too long");
		return WEIR_OK;
	}
	copy = weir_text_dup(im->mem, text);
	seed = seed_of(im, index, text, buf);
	if (!copy.p || !seed.p)
		return fail(im, WEIR_ENOMEM, weir_err_text(WEIR_ENOMEM));
	err = weir_jsonr_parse(im->mem, copy, WEIR_JSONR_DROP_SURROGATES | WEIR_JSONR_SMALL, &o, NULL);
	if (err == WEIR_EBADREQ) {
		refuse(im, index, "is not valid JSON");
		return WEIR_OK;
	}
	if (!err)
		err = weir_import_row_read(im->mem, o, im->project_id, im->imported_at, seed, &row);
	if (err == WEIR_EBADREQ) {
		refuse(im, index, row.why);
		return WEIR_OK;
	}
	if (err)
		return fail(im, err, weir_err_text(err));
	im->row[im->rows++] = (struct row){ .event = row.event, .index = index };
	im->bytes += text.n;
	return im->rows == BLOCK_ROWS || im->bytes >= BLOCK_BYTES ? flush(im) : WEIR_OK;
}

weir_err weir_import_end(weir_import *im)
{
	weir_err err = flush(im);
	const struct weir_import_figures *f = &im->figures;

	weir_log(LOG_NOTICE, "import", "project=%.*s read=%zu imported=%zu existing=%zu failed=%zu end=%s", (int)im->project_id.n,
		im->project_id.p, im->read, f->imported, f->existing, f->failed, err ? "broken" : "yes");
	return err;
}
