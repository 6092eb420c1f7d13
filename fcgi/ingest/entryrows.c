/* Rows of an entry by table. */
#include "config.h"
#include "ingest/entryrows.h"

#include "base/hash.h"
#include "base/id.h"

#include <inttypes.h>
#include <stdio.h>

enum { NUMBERS_MAX = 160 };

/* ------------------------------------------------------------------- events */

static size_t events_count(const struct weir_entry_rows *rows)
{
	return rows->events;
}

static const char *events_unfit(const struct weir_entry_rows *rows)
{
	const char *unfit = NULL;

	for (size_t i = 0; i < rows->events && !unfit; i++)
		unfit = weir_event_unfit(&rows->event[i]);
	return unfit;
}

static void events_add(const struct weir_entry_rows *rows, size_t i, weir_native *n)
{
	weir_table_add_event(n, &rows->event[i]);
}

static weir_err id_key(weir_arena *mem, const uint8_t id[16], weir_text project_id, int64_t at, struct weir_row_key *key)
{
	char text[WEIR_UUID_LEN + 1];

	weir_uuid_text(id, text);
	*key = (struct weir_row_key){ .look = weir_text_dup(mem, weir_text_of(text)), .project_id = weir_text_dup(mem, project_id), .at = at };
	memcpy(key->id, id, 16);
	return key->look.p && key->project_id.p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_event_key(weir_arena *mem, const struct weir_event *e, weir_text project_id, struct weir_row_key *key)
{
	return id_key(mem, e->id, project_id, e->created_at, key);
}

static weir_err events_key(weir_arena *mem, const struct weir_entry_rows *rows, size_t i, struct weir_row_key *key)
{
	const struct weir_event *e = &rows->event[i];

	return id_key(mem, e->id, e->project_id, e->created_at, key);
}

/* ------------------------------------------------------------- replay chunks */

static size_t replays_count(const struct weir_entry_rows *rows)
{
	return rows->replays;
}

static const char *replays_unfit(const struct weir_entry_rows *rows)
{
	return rows->replays ? weir_replay_unfit(&rows->replay) : NULL;
}

static void replays_add(const struct weir_entry_rows *rows, size_t i, weir_native *n)
{
	(void)i;
	weir_table_add_replay(n, &rows->replay);
}

/* The digest that stored.c lets ClickHouse compute of a row it has. */
static weir_err replays_key(weir_arena *mem, const struct weir_entry_rows *rows, size_t i, struct weir_row_key *key)
{
	const struct weir_replay_row *r = &rows->replay;
	char numbers[NUMBERS_MAX];
	int n = snprintf(numbers, sizeof(numbers), "\n%" PRIu64 "\n%" PRId64 "\n%" PRId64 "\n%" PRIu64 "\n%zu", r->chunk_index, r->started_at,
		r->ended_at, weir_table_small(r->events_count), r->payload.n);

	(void)i;
	*key = (struct weir_row_key){ .look = weir_text_dup(mem, r->session_id), .project_id = weir_text_dup(mem, r->project_id), .at = r->started_at };
	if (!key->look.p || !key->project_id.p)
		return WEIR_ENOMEM;
	return weir_md5((weir_text[]){ r->project_id, WEIR_TEXT("\n"), r->session_id, { numbers, (size_t)n } }, 4, key->id);
}

/* --------------------------------------------------------------------- bots */

static size_t bots_count(const struct weir_entry_rows *rows)
{
	return rows->bots;
}

static const char *bots_unfit(const struct weir_entry_rows *rows)
{
	return rows->bots ? weir_bot_unfit(&rows->bot) : NULL;
}

static void bots_add(const struct weir_entry_rows *rows, size_t i, weir_native *n)
{
	(void)i;
	weir_table_add_bot(n, &rows->bot);
}

static weir_err bots_key(weir_arena *mem, const struct weir_entry_rows *rows, size_t i, struct weir_row_key *key)
{
	(void)i;
	return id_key(mem, rows->bot.id, rows->bot.project_id, rows->bot.created_at, key);
}

/* ---------------------------------------------------------------- by table */

static const struct {
	size_t (*count)(const struct weir_entry_rows *rows);
	const char *(*unfit)(const struct weir_entry_rows *rows);
	void (*add)(const struct weir_entry_rows *rows, size_t i, weir_native *n);
	weir_err (*key)(weir_arena *mem, const struct weir_entry_rows *rows, size_t i, struct weir_row_key *key);
} of[WEIR_TABLES] = {
	[WEIR_TABLE_EVENTS] = { events_count, events_unfit, events_add, events_key },
	[WEIR_TABLE_REPLAYS] = { replays_count, replays_unfit, replays_add, replays_key },
	[WEIR_TABLE_BOTS] = { bots_count, bots_unfit, bots_add, bots_key },
};

size_t weir_entry_rows_count(const struct weir_entry_rows *rows, enum weir_table t)
{
	return of[t].count ? of[t].count(rows) : 0;
}

const char *weir_entry_rows_unfit(const struct weir_entry_rows *rows, enum weir_table t)
{
	return of[t].unfit ? of[t].unfit(rows) : NULL;
}

void weir_entry_rows_add(const struct weir_entry_rows *rows, enum weir_table t, size_t i, weir_native *n)
{
	if (of[t].add)
		of[t].add(rows, i, n);
}

weir_err weir_entry_rows_key(weir_arena *mem, const struct weir_entry_rows *rows, enum weir_table t, size_t i, struct weir_row_key *key)
{
	return of[t].key ? of[t].key(mem, rows, i, key) : WEIR_EINTERNAL;
}
