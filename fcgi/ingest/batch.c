/* A batch of entries and its rows. */
#include "config.h"
#include "ingest/batch.h"

#include "base/log.h"

#include <stdlib.h>

enum {
	SCRATCH_MAX = 64 * 1024 * 1024,
	ERROR_MAX = 2000,
};

weir_err weir_batch_init(weir_batch *b)
{
	bool good;

	*b = (weir_batch){ .net = weir_net_new(), .pages = weir_pages_new(), .scratch = weir_arena_new(SCRATCH_MAX) };
	weir_touches_init(&b->touches);
	good = b->net && b->pages && b->scratch;
	for (int t = 0; t < WEIR_TABLES; t++) {
		b->native[t] = weir_table_native((enum weir_table)t);
		good &= b->native[t] != NULL;
	}
	if (!weir_notices_init(&b->notices) && good)
		return WEIR_OK;
	weir_batch_free(b);
	return WEIR_ENOMEM;
}

void weir_refusals_clear(weir_refusals *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->item[i].error);
	r->count = 0;
}

void weir_batch_free(weir_batch *b)
{
	weir_refusals_clear(&b->refused);
	free(b->refused.item);
	free(b->ids.id);
	for (int t = 0; t < WEIR_TABLES; t++)
		weir_native_free(b->native[t]);
	weir_net_free(b->net);
	weir_pages_free(b->pages);
	weir_touches_free(&b->touches);
	weir_notices_free(&b->notices);
	weir_changed_free(&b->changed);
	weir_arena_free(b->scratch);
	*b = (weir_batch){ 0 };
}

void weir_batch_clear(weir_batch *b)
{
	weir_refusals_clear(&b->refused);
	b->ids.count = 0;
	for (int t = 0; t < WEIR_TABLES; t++)
		weir_native_reset(b->native[t]);
	weir_net_reset(b->net);
	weir_pages_reset(b->pages);
	weir_touches_clear(&b->touches);
	weir_notices_clear(&b->notices);
	weir_changed_clear(&b->changed);
	weir_arena_reset(b->scratch);
	b->bytes = 0;
	b->replayed = false;
}

/* ------------------------------------------------------------ ids, refusals */

weir_err weir_entry_ids_add(weir_entry_ids *ids, struct weir_entry_id id)
{
	if (ids->count == ids->alloc) {
		size_t more = ids->alloc ? ids->alloc * 2 : 1024;
		struct weir_entry_id *p = realloc(ids->id, more * sizeof(*p));

		if (!p)
			return WEIR_ENOMEM;
		ids->id = p;
		ids->alloc = more;
	}
	ids->id[ids->count++] = id;
	return WEIR_OK;
}

weir_err weir_refusals_add(weir_refusals *r, struct weir_entry_id id, const char *table, const char *text)
{
	char *copy = strndup(text, ERROR_MAX);
	size_t at;

	if (r->count == r->alloc && copy) {
		size_t more = r->alloc ? r->alloc * 2 : 16;
		struct weir_refused *p = realloc(r->item, more * sizeof(*p));

		if (p) {
			r->item = p;
			r->alloc = more;
		}
	}
	if (!copy || r->count == r->alloc) {
		free(copy);
		return WEIR_ENOMEM;
	}
	at = r->count;
	while (at && weir_entry_id_cmp(r->item[at - 1].id, id) > 0)
		at--;
	memmove(&r->item[at + 1], &r->item[at], (r->count - at) * sizeof(*r->item));
	r->item[at] = (struct weir_refused){ .id = id, .table = table, .error = copy };
	r->count++;
	return WEIR_OK;
}

bool weir_refusals_has(const weir_refusals *r, struct weir_entry_id id, const char *table)
{
	for (size_t i = 0; i < r->count; i++)
		if (!weir_entry_id_cmp(r->item[i].id, id) && !strcmp(r->item[i].table, table))
			return true;
	return false;
}

/* --------------------------------------------------------------------- rows */

/* The rows of an entry for one table are kept or refused together. */
static weir_err add_rows(weir_batch *b, enum weir_table t, struct weir_entry_id id, const struct weir_entry_rows *rows)
{
	const char *unfit = weir_entry_rows_unfit(rows, t);

	if (unfit)
		return weir_refusals_add(&b->refused, id, weir_table_name(t), unfit);
	for (size_t i = 0; i < weir_entry_rows_count(rows, t); i++)
		weir_entry_rows_add(rows, t, i, b->native[t]);
	if (t == WEIR_TABLE_EVENTS)
		weir_notices_see(&b->notices, id, rows->event, rows->events);
	return WEIR_OK;
}

/* The screen views among the last rows of events, which begin with row number first. */
static weir_err note_views(weir_batch *b, size_t first, const struct weir_entry_rows *rows)
{
	size_t added = weir_native_rows(b->native[WEIR_TABLE_EVENTS]) - first;
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < added && !err; i++)
		if (weir_text_is(rows->event[i].name, "screen_view"))
			err = weir_pages_view(b->pages, rows->event[i].id, first + i);
	return err;
}

static weir_err note_times(weir_batch *b, const struct weir_entry_rows *rows)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < rows->pages && !err; i++) {
		bool here = false;
		size_t row;

		if (!weir_table_time_fits(rows->page[i].at))
			continue; /* there is no such row */
		err = weir_pages_time(b->pages, &rows->page[i], &here, &row);
		if (here)
			weir_table_set_duration(b->native[WEIR_TABLE_EVENTS], row, rows->page[i].spent);
	}
	return err;
}

weir_err weir_batch_keep_times(weir_batch *b, const struct weir_entry_rows *rows)
{
	return note_times(b, rows); /* no screen view has been noted */
}

static weir_err add_sessions(weir_batch *b, struct weir_entry_id id, const struct weir_entry *entry, const struct weir_entry_rows *rows)
{
	const char *unfit = rows->has_after ? weir_session_unfit(&rows->after) : NULL;
	weir_err err = WEIR_OK;

	if (!unfit && rows->has_before)
		unfit = weir_session_unfit(&rows->before);
	if (unfit)
		return weir_refusals_add(&b->refused, id, weir_table_name(WEIR_TABLE_SESSIONS), unfit);
	if (rows->has_before)
		err = weir_net_add(b->net, &rows->before, -1, entry->o);
	if (!err && rows->has_after)
		err = weir_net_add(b->net, &rows->after, 1, entry->s);
	return err;
}

weir_err weir_batch_add(void *batch, struct weir_entry_id id, const struct weir_entry *entry)
{
	weir_batch *b = batch;
	size_t first = weir_native_rows(b->native[WEIR_TABLE_EVENTS]);
	struct weir_entry_rows rows;
	const char *why;
	weir_err err = weir_entry_ids_add(&b->ids, id);

	if (err || (!entry->kind && !entry->ev.p && !entry->s.p && !entry->o.p))
		return err; /* deleted by somebody: only its place in the group is left, and settling frees it */
	weir_arena_reset(b->scratch);
	b->bytes += entry->ev.n + entry->s.n + entry->o.n;
	b->replayed |= entry->only.p != NULL;
	err = weir_rows_of_entry(b->scratch, entry, &rows, &why);
	if (err == WEIR_EBADREQ)
		return weir_refusals_add(&b->refused, id, "entry", why);
	for (int t = 0; t < WEIR_TABLES && !err; t++)
		err = add_rows(b, (enum weir_table)t, id, &rows);
	if (!err)
		err = note_views(b, first, &rows);
	if (!err)
		err = note_times(b, &rows);
	if (!err)
		err = weir_touches_add(&b->touches, &rows);
	if (!err)
		err = weir_changed_rows(&b->changed, &rows);
	return err ? err : add_sessions(b, id, entry, &rows);
}

static weir_err fill_sessions(weir_batch *b)
{
	struct weir_net_row row;
	size_t at = 0;
	weir_err err = WEIR_OK;

	while (!err && weir_net_next(b->net, &at, &row)) {
		struct weir_session s;

		weir_arena_reset(b->scratch);
		err = weir_session_unpack(b->scratch, row.packed, &s);
		if (!err)
			weir_table_add_session(b->native[WEIR_TABLE_SESSIONS], &s, row.sign);
	}
	weir_net_reset(b->net);
	return err;
}

weir_err weir_batch_block(weir_batch *b, enum weir_table t, weir_str *out, size_t *rows)
{
	weir_err err = t == WEIR_TABLE_SESSIONS ? fill_sessions(b) : WEIR_OK;

	*rows = weir_native_rows(b->native[t]);
	if (err || !*rows)
		return err;
	return weir_native_block(b->native[t], out);
}

size_t weir_batch_rows(const weir_batch *b)
{
	size_t rows = weir_net_count(b->net);

	for (int t = 0; t < WEIR_TABLES; t++)
		rows += weir_native_rows(b->native[t]);
	return rows;
}

size_t weir_batch_bytes(const weir_batch *b)
{
	size_t bytes = weir_net_bytes(b->net);

	for (int t = 0; t < WEIR_TABLES; t++)
		bytes += weir_native_bytes(b->native[t]);
	return bytes;
}
