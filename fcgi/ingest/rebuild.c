/* Rows of pending entries, as far as they are missing. */
#include "config.h"
#include "ingest/rebuild.h"

#include "ingest/stored.h"

#include <stdlib.h>

enum {
	CHUNK = 200,                      /* entries whose rows are asked for at once */
	ROWS_OF_ENTRY = 3,
	MEMORY_MAX = 64 * 1024 * 1024,
};

/* One chunk of entries: first its keys are collected, then the rows that are missing are added. */
struct pass {
	const struct weir_rebuild *r;
	weir_batch *b;
	weir_arena *mem;                  /* of the chunk */
	size_t next;                      /* r->ids not yet met */
	struct weir_entry_id seen;        /* the entry read last, ours or not */
	bool collecting;
	struct weir_row_key *key;
	size_t keys, at;
};

/* The entry's rows; *some is false when it is not one of ours or can have none. */
static weir_err rows_of(struct pass *p, struct weir_entry_id id, const struct weir_entry *entry, struct weir_entry_rows *rows,
	bool *some)
{
	const char *why;
	weir_err err;

	*some = false;
	p->seen = id;
	while (p->next < p->r->count && weir_entry_id_cmp(p->r->ids[p->next], id) < 0)
		p->next++; /* deleted */
	if (p->next == p->r->count || weir_entry_id_cmp(p->r->ids[p->next], id) || weir_refusals_has(p->r->refused, id, "entry"))
		return WEIR_OK;
	p->next++;
	weir_arena_reset(p->b->scratch);
	err = weir_rows_of_entry(p->b->scratch, entry, rows, &why);
	if (err == WEIR_EBADREQ)
		return weir_refusals_add(p->r->refused, id, "entry", why);
	*some = !err;
	for (int t = 0; t < WEIR_TABLES && p->r->brings; t++)
		p->r->brings[t] |= weir_entry_rows_count(rows, (enum weir_table)t) > 0;
	if (p->r->brings)
		p->r->brings[WEIR_TABLE_SESSIONS] |= rows->has_after;
	return err || !p->r->changed ? err : weir_changed_rows(p->r->changed, rows);
}

/* Notes the refusal once, however often the entry is looked at. */
static weir_err refuse(struct pass *p, struct weir_entry_id id, const char *why)
{
	const char *table = weir_table_name(p->r->table);

	return weir_refusals_has(p->r->refused, id, table) ? WEIR_OK : weir_refusals_add(p->r->refused, id, table, why);
}

/* Notes the keys of the entry's rows, or adds those rows that the first look found missing. */
static weir_err on_row_entry(void *ctx, struct weir_entry_id id, const struct weir_entry *entry)
{
	struct pass *p = ctx;
	enum weir_table t = p->r->table;
	struct weir_entry_rows rows;
	struct weir_row_key key;
	bool some;
	weir_err err = rows_of(p, id, entry, &rows, &some);

	if (!err && some && t == WEIR_TABLE_EVENTS && !p->collecting)
		err = weir_batch_keep_times(p->b, &rows);
	if (err || !some || weir_refusals_has(p->r->refused, id, weir_table_name(t)))
		return err;
	if (weir_entry_rows_unfit(&rows, t))
		return refuse(p, id, weir_entry_rows_unfit(&rows, t));
	if (p->r->notices) {
		weir_notices_see(p->r->notices, id, rows.event, rows.events);
		return err;
	}
	if (t == WEIR_TABLE_EVENTS && !p->collecting)
		err = weir_touches_add(&p->b->touches, &rows);
	for (size_t i = 0; i < weir_entry_rows_count(&rows, t) && !err; i++) {
		err = weir_entry_rows_key(p->collecting ? p->mem : p->b->scratch, &rows, t, i, &key);
		if (err)
			return err;
		if (p->collecting) {
			p->key[p->keys++] = key;
			continue;
		}
		/* The second look sees what the first saw, less what was deleted between them. */
		while (p->at < p->keys && memcmp(p->key[p->at].id, key.id, 16) != 0)
			p->at++;
		if (p->at == p->keys || !p->key[p->at++].present)
			weir_entry_rows_add(&rows, t, i, p->b->native[t]);
		if (p->r->count > 1 && weir_native_bytes(p->b->native[t]) > WEIR_REBUILD_MAX)
			err = WEIR_ELIMIT;
	}
	return err;
}

static weir_err on_session_entry(void *ctx, struct weir_entry_id id, const struct weir_entry *entry)
{
	struct pass *p = ctx;
	struct weir_entry_rows rows;
	const char *unfit;
	bool some;
	weir_err err = rows_of(p, id, entry, &rows, &some);

	if (err || !some || !rows.has_after || weir_refusals_has(p->r->refused, id, weir_table_name(WEIR_TABLE_SESSIONS)))
		return err;
	unfit = weir_session_unfit(&rows.after);
	if (!unfit && rows.has_before)
		unfit = weir_session_unfit(&rows.before);
	if (unfit)
		return refuse(p, id, unfit);
	if (rows.has_before)
		err = weir_net_add(p->b->net, &rows.before, -1, entry->o);
	return err ? err : weir_net_add(p->b->net, &rows.after, 1, entry->s);
}

/* Reads the entries from place lo to place hi, in steps that bound the memory of an answer. */
static weir_err read_entries(struct pass *p, size_t lo, size_t hi, weir_entry_fn fn)
{
	struct weir_entry_id from = p->r->ids[lo], last = p->r->ids[hi - 1];
	size_t got = WEIR_STREAM_STEP;
	weir_err err = WEIR_OK;

	p->next = lo;
	while (!err && got == WEIR_STREAM_STEP) {
		err = weir_stream_read_range(p->r->stream, from, last, WEIR_STREAM_STEP, fn, p, &got);
		from = p->seen;
		if (++from.seq == 0)
			from.ms++;
		if (weir_entry_id_cmp(from, last) > 0)
			break;
	}
	return err;
}

static weir_err rows_of_chunk(struct pass *p, size_t lo, size_t hi)
{
	weir_err err;

	weir_arena_reset(p->mem);
	p->keys = p->at = 0;
	p->key = weir_alloc_n(p->mem, (hi - lo) * ROWS_OF_ENTRY, sizeof(*p->key));
	if (!p->key)
		return WEIR_ENOMEM;
	if (p->r->ch) {
		p->collecting = true;
		err = read_entries(p, lo, hi, on_row_entry);
		p->collecting = false;
		if (!err)
			err = weir_stored_rows(p->r->ch, p->mem, p->r->table, p->key, p->keys);
		if (err)
			return err;
	}
	return read_entries(p, lo, hi, on_row_entry);
}

/* What the net of all entries leaves, as far as it is missing. */
static weir_err add_sessions(struct pass *p)
{
	struct weir_net_row row[CHUNK];
	bool missing[CHUNK];
	size_t at = 0, n;
	weir_err err = WEIR_OK;

	do {
		n = 0;
		while (n < CHUNK && weir_net_next(p->b->net, &at, &row[n])) {
			missing[n] = true;
			n++;
		}
		weir_arena_reset(p->mem);
		if (p->r->ch)
			err = weir_stored_sessions(p->r->ch, p->mem, row, n, missing);
		for (size_t i = 0; i < n && !err; i++) {
			struct weir_session s;

			if (!missing[i])
				continue;
			weir_arena_reset(p->b->scratch);
			err = weir_session_unpack(p->b->scratch, row[i].packed, &s);
			if (!err)
				weir_table_add_session(p->b->native[WEIR_TABLE_SESSIONS], &s, row[i].sign);
		}
	} while (!err && n == CHUNK);
	weir_net_reset(p->b->net);
	return err;
}

weir_err weir_rebuild(const struct weir_rebuild *r, weir_batch *b)
{
	struct pass p = { .r = r, .b = b, .mem = weir_arena_new(MEMORY_MAX) };
	weir_err err = p.mem ? WEIR_OK : WEIR_ENOMEM;

	if (r->table == WEIR_TABLE_SESSIONS) {
		if (!err && r->count)
			err = read_entries(&p, 0, r->count, on_session_entry);
		if (!err)
			err = add_sessions(&p);
	} else {
		for (size_t lo = 0; lo < r->count && !err; lo += CHUNK)
			err = rows_of_chunk(&p, lo, r->count - lo < CHUNK ? r->count : lo + CHUNK);
	}
	weir_arena_free(p.mem);
	return err;
}
