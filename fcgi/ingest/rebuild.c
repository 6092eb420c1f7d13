/* Rows of pending entries, as far as they are missing. */
#include "config.h"
#include "ingest/rebuild.h"

#include "ingest/stored.h"

#include <stdlib.h>

enum {
	CHUNK = 200,                      /* entries read, and rows asked for, at once */
	EVENTS_OF_ENTRY = 3,
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
	struct weir_stored_event *event;
	size_t events, at;
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
	return err;
}

/* Notes the refusal once, however often the entry is looked at. */
static weir_err refuse(struct pass *p, struct weir_entry_id id, const char *why)
{
	const char *table = weir_table_name(p->r->table);

	return weir_refusals_has(p->r->refused, id, table) ? WEIR_OK : weir_refusals_add(p->r->refused, id, table, why);
}

static weir_err on_event_entry(void *ctx, struct weir_entry_id id, const struct weir_entry *entry)
{
	struct pass *p = ctx;
	struct weir_entry_rows rows;
	bool some;
	weir_err err = rows_of(p, id, entry, &rows, &some);

	if (err || !some || weir_refusals_has(p->r->refused, id, weir_table_name(WEIR_TABLE_EVENTS)))
		return err;
	for (size_t i = 0; i < rows.events; i++)
		if (weir_event_unfit(&rows.event[i]))
			return refuse(p, id, weir_event_unfit(&rows.event[i]));
	if (p->r->notices && !p->collecting)
		weir_notices_see(p->r->notices, id, rows.event, rows.events);
	for (size_t i = 0; i < rows.events; i++) {
		const struct weir_event *e = &rows.event[i];

		if (p->collecting) {
			struct weir_stored_event *key = &p->event[p->events++];

			*key = (struct weir_stored_event){ .created_at = e->created_at, .project_id = weir_text_dup(p->mem, e->project_id) };
			memcpy(key->id, e->id, 16);
			if (!key->project_id.p)
				return WEIR_ENOMEM;
			continue;
		}
		/* The second look sees what the first saw, less what was deleted between them. */
		while (p->at < p->events && memcmp(p->event[p->at].id, e->id, 16) != 0)
			p->at++;
		if (p->at == p->events || !p->event[p->at++].present)
			weir_table_add_event(p->b->native[WEIR_TABLE_EVENTS], e);
	}
	return WEIR_OK;
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
	size_t got = CHUNK;
	weir_err err = WEIR_OK;

	p->next = lo;
	while (!err && got == CHUNK) {
		err = weir_stream_read_range(p->r->stream, from, last, CHUNK, fn, p, &got);
		from = p->seen;
		if (++from.seq == 0)
			from.ms++;
		if (weir_entry_id_cmp(from, last) > 0)
			break;
	}
	return err;
}

static weir_err events_of_chunk(struct pass *p, size_t lo, size_t hi)
{
	weir_err err;

	weir_arena_reset(p->mem);
	p->events = p->at = 0;
	p->event = weir_alloc_n(p->mem, (hi - lo) * EVENTS_OF_ENTRY, sizeof(*p->event));
	if (!p->event)
		return WEIR_ENOMEM;
	if (p->r->ch) {
		p->collecting = true;
		err = read_entries(p, lo, hi, on_event_entry);
		p->collecting = false;
		if (!err)
			err = weir_stored_events(p->r->ch, p->mem, p->event, p->events);
		if (err)
			return err;
	}
	return read_entries(p, lo, hi, on_event_entry);
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
			err = events_of_chunk(&p, lo, r->count - lo < CHUNK ? r->count : lo + CHUNK);
	}
	weir_arena_free(p.mem);
	return err;
}
