/* Batches into ClickHouse, exactly once. */
#include "config.h"
#include "ingest/store.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/rebuild.h"
#include "ingest/refusal.h"
#include "ingest/sending.h"
#include "ingest/stored.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	STATEMENT_MAX = 4 * 1024,
	REPEAT_MS = 60 * 1000,         /* so long after the first try a token is trusted to be remembered */
	UNKNOWN_TRIES = 5,             /* of an exception that no one has classified, before a row is suspected */
	PENDING_CHUNK = 1000,
	QUIET_MS = 20,                 /* between two looks */
	LOG_EVERY_MS = 5000,
	NAMES_MAX = WEIR_BATCHNAMES * WEIR_BATCHNAME_MAX,
};

struct weir_store {
	const struct weir_conf *conf;
	weir_ch *ch;
	weir_stream *stream;
	weir_str insert[WEIR_TABLES]; /* statements */
	weir_str block;               /* of the careful way */
	/* A ring: the oldest is at first. */
	struct weir_sending sending[WEIR_BATCHNAMES];
	size_t first, under_way;
	bool landed;                  /* here has arrived and is to be settled */
	bool broken;                  /* one was not settled: those behind it must not be before it */
	struct weir_dues here;        /* arrived; on the careful way: what is pending */
	unsigned tries;               /* of the careful way, one after the other without success */
	int64_t logged_ms;
	struct weir_store_figures figures;
};

weir_store *weir_store_new(const struct weir_conf *conf, weir_ch *ch, weir_stream *stream)
{
	weir_store *s = calloc(1, sizeof(*s));
	bool good;

	if (!s)
		return NULL;
	s->conf = conf;
	s->ch = ch;
	s->stream = stream;
	good = !weir_dues_init(&s->here);
	for (size_t i = 0; i < WEIR_BATCHNAMES; i++)
		good &= !weir_sending_init(&s->sending[i]);
	weir_block_init(&s->block);
	for (int t = 0; t < WEIR_TABLES; t++) {
		weir_str_init(&s->insert[t], STATEMENT_MAX);
		weir_table_insert((enum weir_table)t, &s->insert[t]);
	}
	for (int t = 0; t < WEIR_TABLES; t++)
		good &= !weir_str_err(&s->insert[t]);
	if (good)
		return s;
	weir_store_free(s);
	return NULL;
}

void weir_store_free(weir_store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < WEIR_BATCHNAMES; i++)
		weir_sending_free(&s->sending[i]);
	for (int t = 0; t < WEIR_TABLES; t++)
		weir_str_free(&s->insert[t]);
	weir_str_free(&s->block);
	weir_dues_free(&s->here);
	free(s);
}

const struct weir_store_figures *weir_store_figures(const weir_store *s)
{
	return &s->figures;
}

/* Remembers and tells, but not more often than a person wants to read it. */
static weir_err failed(weir_store *s, const struct weir_dues *p, weir_err err, const char *what, const char *text)
{
	int64_t now = weir_monotonic_ms();

	s->figures.failures++;
	snprintf(s->figures.error, sizeof(s->figures.error), "%s: %s", what, text);
	if (!s->figures.failing_since_ms)
		s->figures.failing_since_ms = weir_now_ms();
	if (!s->logged_ms || now - s->logged_ms >= LOG_EVERY_MS) {
		s->logged_ms = now;
		weir_log(LOG_WARNING, "store", "shard=%u entries=%zu error=\"%.500s\"", weir_stream_shard(s->stream), p->ids.count,
			s->figures.error);
	}
	return err;
}

/* ------------------------------------------------------------ the plain way */

/* Of the batches under way the oldest is 0; under_way is the place of the one that leaves next. */
static struct weir_sending *nth(weir_store *s, size_t n)
{
	return &s->sending[(s->first + n) % WEIR_BATCHNAMES];
}

/* Keeps the names of all that are under way, and of the one that is about to be. */
static weir_err keep_names(weir_store *s)
{
	char names[NAMES_MAX];
	size_t n = 0;

	for (size_t i = 0; i <= s->under_way; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? "\n" : "", nth(s, i)->name);
	return weir_stream_hold(s->stream, (weir_text){ names, n }, NULL);
}

weir_err weir_store_start(weir_store *s, weir_batch *b)
{
	struct weir_sending *next = nth(s, s->under_way);
	weir_err err;

	if (!b->ids.count)
		return WEIR_OK;
	weir_sending_call(next, b);
	err = keep_names(s);
	if (err)
		weir_dues_take(&next->dues, b);
	else
		err = weir_sending_start(next, s->conf, weir_stream_shard(s->stream), s->ch, s->insert, b);
	if (err) {
		weir_batch_clear(b);
		err = failed(s, &next->dues, err, "batch", weir_err_text(err));
		weir_dues_clear(&next->dues);
		return err;
	}
	s->under_way++;
	return WEIR_OK;
}

void weir_store_notify(weir_store *s, const weir_rules *rules)
{
	s->here.notices.rules = rules;
	for (size_t i = 0; i < WEIR_BATCHNAMES; i++)
		s->sending[i].dues.notices.rules = rules;
}

size_t weir_store_under_way(const weir_store *s)
{
	return s->under_way;
}

bool weir_store_step(weir_store *s, int wait_ms)
{
	for (size_t i = 1; i < s->under_way; i++)
		weir_sending_step(nth(s, i), 0);
	return weir_sending_step(nth(s, 0), wait_ms);
}

/* Before the entries are settled: telling it twice is harmless. */
static weir_err tell_touches(weir_store *s, weir_touches *t)
{
	weir_err err = weir_stream_touch(s->stream, t);

	return err ? failed(s, &s->here, err, "touch", weir_err_text(err)) : WEIR_OK;
}

static weir_err settled(weir_store *s, size_t lo, size_t hi)
{
	const struct weir_settlement what = {
		.ids = s->here.ids.id + lo, .count = hi - lo,
		.refused = s->here.refused.item, .nrefused = s->here.refused.count,
		.pages = weir_str_view(&s->here.pages), .notices = s->here.notices.item, .nnotices = s->here.notices.count,
	};
	struct weir_overflow over;
	weir_err err = weir_stream_changed(s->stream, &s->here.changed);

	if (err)
		return failed(s, &s->here, err, "changed", weir_err_text(err));
	err = weir_stream_settle(s->stream, &what, &over);
	if (err)
		return failed(s, &s->here, err, "settle", weir_err_text(err));
	if (over.notices)
		weir_log(LOG_WARNING, "notify", "shard=%u dropped=%zu error=\"more notifications wait than notify.queue_max\"",
			weir_stream_shard(s->stream), over.notices);
	if (over.page_times)
		weir_log(LOG_WARNING, "pagetime", "shard=%u dropped=%zu error=\"a million times spent on pages wait for ClickHouse already\"",
			weir_stream_shard(s->stream), over.page_times);
	s->figures.page_times_lost += (int64_t)over.page_times;
	s->figures.notices += (int64_t)(s->here.notices.count - over.notices);
	weir_notices_clear(&s->here.notices);
	for (size_t i = 0; i < s->here.refused.count; i++) {
		char id[WEIR_ENTRY_ID_MAX];

		weir_entry_id_text(s->here.refused.item[i].id, id);
		weir_log(LOG_ERR, "refused", "shard=%u id=%s table=%s error=\"%.300s\"", weir_stream_shard(s->stream), id,
			s->here.refused.item[i].table, s->here.refused.item[i].error);
	}
	s->figures.refused += (int64_t)s->here.refused.count;
	weir_refusals_clear(&s->here.refused);
	s->figures.batches++;
	s->figures.entries += (int64_t)(hi - lo);
	s->figures.last_flush_ms = weir_now_ms();
	s->figures.last_flush_took_ms = weir_monotonic_ms() - s->here.started_ms;
	s->figures.failing_since_ms = 0;
	return WEIR_OK;
}

weir_err weir_store_land(weir_store *s)
{
	struct weir_sending *oldest = nth(s, 0);
	const struct weir_dues old = s->here;
	const char *why;
	weir_err err = weir_sending_end(oldest, &why);

	if (err)
		err = failed(s, &oldest->dues, err, "insert", why);
	s->here = oldest->dues;
	oldest->dues = old;
	s->first = (s->first + 1) % WEIR_BATCHNAMES;
	s->under_way--;
	s->broken |= err != WEIR_OK;
	s->landed = !s->broken;
	if (s->broken)
		weir_dues_clear(&s->here); /* found again on the careful way */
	return err;
}

weir_err weir_store_settle(weir_store *s)
{
	weir_err err = WEIR_OK;

	if (!s->landed)
		return WEIR_OK;
	err = tell_touches(s, &s->here.touches);
	if (!err)
		err = settled(s, 0, s->here.ids.count);
	for (int t = 0; t < WEIR_TABLES && !err; t++)
		s->figures.rows[t] += (int64_t)s->here.rows[t];
	weir_dues_clear(&s->here);
	s->landed = false;
	s->broken |= err != WEIR_OK;
	return err;
}

weir_err weir_store_finish(weir_store *s)
{
	weir_err err = weir_store_settle(s);

	while (s->under_way) {
		weir_err step = weir_store_land(s);

		if (!step)
			step = weir_store_settle(s);
		err = err ? err : step;
	}
	return err;
}

/* ---------------------------------------------------------- the careful way */

struct careful {
	weir_store *s;
	weir_batch *b; /* empty; its columns are used */
	enum weir_table table;
	bool *brings;  /* by table: the entries bring rows to it */
};

/* Rows of the entries from lo to hi into the table's block; only the missing ones when asked. */
static weir_err make_block(const struct careful *c, size_t lo, size_t hi, bool missing_only, size_t *rows)
{
	weir_store *s = c->s;
	const struct weir_rebuild r = {
		.ch = missing_only ? s->ch : NULL,
		.stream = s->stream,
		.ids = s->here.ids.id + lo,
		.count = hi - lo,
		.table = c->table,
		.refused = &s->here.refused,
		.brings = c->brings,
		.changed = &s->here.changed,
	};
	weir_err err;

	weir_batch_clear(c->b);
	weir_block_trim(&s->block);
	err = weir_stream_hold(s->stream, WEIR_TEXT(""), NULL);
	if (!err)
		err = weir_rebuild(&r, c->b);
	if (!err && missing_only) {
		/* Of several looks at an entry the last is the one at its place in the order, so that later times stay later. */
		weir_pages_pack(c->b->pages, &s->here.pages);
		err = weir_str_err(&s->here.pages);
	}
	if (!err)
		err = tell_touches(s, &c->b->touches);
	if (!err)
		err = weir_batch_block(c->b, c->table, &s->block, rows);
	if (err) {
		weir_batch_clear(c->b);
		if (err == WEIR_ELIMIT)
			return err;
		return failed(s, &s->here, err, "rows", weir_ch_error(s->ch)[0] ? weir_ch_error(s->ch) : weir_err_text(err));
	}
	return WEIR_OK;
}

static weir_err send(const struct careful *c, const char *token)
{
	weir_store *s = c->s;

	return weir_ch_insert(s->ch, s->insert[c->table].buf, weir_str_view(&s->block), token);
}

/* The same batch under the same token, so that ClickHouse completes what the first try began. Its answer decides nothing. */
static weir_err repeat(const struct careful *c, size_t lo, size_t hi)
{
	char token[WEIR_TOKEN_MAX];
	bool remembers;
	size_t rows;
	weir_err err = weir_stored_remembers(c->s->ch, weir_table_name(c->table), &remembers);

	if (err)
		return failed(c->s, &c->s->here, err, "query", weir_ch_error(c->s->ch));
	if (!remembers)
		return WEIR_OK;
	err = make_block(c, lo, hi, false, &rows);
	if (err == WEIR_ELIMIT)
		return WEIR_OK; /* cannot have been one batch */
	if (err || !rows)
		return err;
	weir_token_of(c->s->conf, weir_stream_shard(c->s->stream), weir_table_name(c->table), c->s->here.ids.id + lo, hi - lo, token);
	err = send(c, token);
	return weir_refusal_of(err, weir_ch_exception(c->s->ch), weir_ch_error(c->s->ch)) == WEIR_REFUSAL_AWAY ? err : WEIR_OK;
}

/* An entry alone was refused: unless its rows got in all the same, it goes to the dead stream. */
static weir_err refuse(const struct careful *c, size_t at, const char *why)
{
	size_t rows = 0;
	weir_err err = make_block(c, at, at + 1, true, &rows);

	if (err || !rows)
		return err;
	return weir_refusals_add(&c->s->here.refused, c->s->here.ids.id[at], weir_table_name(c->table), why);
}

static weir_err store_missing(const struct careful *c, size_t lo, size_t hi);

static weir_err store_halves(const struct careful *c, size_t lo, size_t hi)
{
	weir_err err = store_missing(c, lo, lo + (hi - lo) / 2);

	return err ? err : store_missing(c, lo + (hi - lo) / 2, hi);
}

static weir_err store_missing(const struct careful *c, size_t lo, size_t hi)
{
	weir_store *s = c->s;
	char token[WEIR_TOKEN_MAX], why[1024];
	enum weir_refusal refusal;
	size_t rows;
	weir_err err = make_block(c, lo, hi, true, &rows);

	if (err == WEIR_ELIMIT && hi - lo > 1)
		return store_halves(c, lo, hi);
	if (err || !rows)
		return err;
	weir_token_fresh(s->conf, weir_stream_shard(s->stream), token);
	err = send(c, token);
	if (!err) {
		s->figures.rows[c->table] += (int64_t)rows;
		return WEIR_OK;
	}
	snprintf(why, sizeof(why), "%s", weir_ch_error(s->ch));
	refusal = weir_refusal_of(err, weir_ch_exception(s->ch), why);
	if (refusal == WEIR_REFUSAL_UNKNOWN)
		refusal = s->tries < UNKNOWN_TRIES ? WEIR_REFUSAL_AWAY : WEIR_REFUSAL_DATA;
	if (refusal == WEIR_REFUSAL_AWAY || (refusal == WEIR_REFUSAL_SIZE && hi - lo == 1))
		return failed(s, &s->here, err, "insert", why);
	if (hi - lo == 1)
		return refuse(c, lo, why);
	return store_halves(c, lo, hi);
}

/* The jobs of entries whose rows are stored by now. */
static weir_err collect_notices(weir_store *s, weir_batch *b, size_t lo, size_t hi)
{
	const struct weir_rebuild r = { .stream = s->stream, .ids = s->here.ids.id + lo, .count = hi - lo, .table = WEIR_TABLE_EVENTS,
		.refused = &s->here.refused, .notices = &s->here.notices };
	weir_err err = WEIR_OK;

	weir_notices_clear(&s->here.notices);
	weir_batch_clear(b);
	if (s->here.notices.rules && weir_rules_some(s->here.notices.rules))
		err = weir_rebuild(&r, b);
	return err ? failed(s, &s->here, err, "rows", weir_err_text(err)) : WEIR_OK;
}

/* One group of pending entries; known: it is a batch whose name was kept, and young. */
static weir_err recover_group(weir_store *s, weir_batch *b, size_t lo, size_t hi, bool known)
{
	bool brings[WEIR_TABLES] = { [WEIR_TABLE_EVENTS] = true };
	weir_err err = WEIR_OK;

	s->here.started_ms = weir_monotonic_ms();
	weir_block_trim(&s->here.pages);
	weir_changed_clear(&s->here.changed);
	/* Whoever looks for rows of events, which come first, meets every entry, and sees which tables there are rows for. */
	for (int t = 0; t < WEIR_TABLES && !err; t++) {
		const struct careful c = { .s = s, .b = b, .table = (enum weir_table)t, .brings = brings };

		if (!brings[t])
			continue;
		if (known)
			err = repeat(&c, lo, hi);
		if (!err)
			err = store_missing(&c, lo, hi);
	}
	if (!err)
		err = collect_notices(s, b, lo, hi);
	weir_batch_clear(b);
	return err ? err : settled(s, lo, hi);
}

static weir_err read_pending(weir_store *s)
{
	struct weir_entry_id id[PENDING_CHUNK], after = { 0, 0 };
	size_t got = PENDING_CHUNK;
	weir_err err = WEIR_OK;

	s->here.ids.count = 0;
	while (!err && got == PENDING_CHUNK) {
		err = weir_stream_pending(s->stream, after, PENDING_CHUNK, id, &got);
		for (size_t i = 0; i < got && !err; i++)
			err = weir_entry_ids_add(&s->here.ids, id[i]);
		if (got)
			after = id[got - 1];
	}
	return err;
}

/* An INSERT whose sender died may still be executed: nothing is certain before it has ended. */
static weir_err await_quiet(weir_store *s)
{
	int64_t deadline = weir_monotonic_ms() + s->conf->clickhouse_timeout;
	char mark[WEIR_TOKEN_MAX];
	weir_text all = weir_token_mark(s->conf, weir_stream_shard(s->stream), mark);
	bool busy;
	weir_err err;

	while (!(err = weir_stored_is_busy(s->ch, all, &busy)) && busy) {
		if (weir_monotonic_ms() > deadline)
			return failed(s, &s->here, WEIR_ETIMEOUT, "query", "an INSERT of an earlier try is still being executed");
		poll(NULL, 0, QUIET_MS);
	}
	return err ? failed(s, &s->here, err, "query", weir_ch_error(s->ch)) : WEIR_OK;
}

static weir_err recover_all(weir_store *s, weir_batch *b)
{
	size_t most = s->conf->worker_batch_rows > 0 ? (size_t)s->conf->worker_batch_rows : 1, names = 0, next = 0;
	struct weir_named named[WEIR_BATCHNAMES];
	weir_str text;
	weir_err err;

	weir_str_init(&text, NAMES_MAX * 2);
	err = await_quiet(s);
	if (!err)
		err = weir_stream_batch(s->stream, &text);
	if (!err)
		names = weir_batchname_find(weir_str_view(&text), &s->here.ids, named);
	weir_str_free(&text);
	if (names && s->here.ids.count > 1)
		weir_log(LOG_NOTICE, "recover", "shard=%u entries=%zu", weir_stream_shard(s->stream), s->here.ids.count);
	for (size_t lo = 0, hi; lo < s->here.ids.count && !err; lo = hi) {
		const struct weir_named *known = next < names && lo == named[next].lo ? &named[next++] : NULL;

		hi = known ? known->hi : next < names ? named[next].lo : s->here.ids.count;
		if (!known && hi - lo > most)
			hi = lo + most;
		err = recover_group(s, b, lo, hi, known && weir_now_ms() - known->ms < REPEAT_MS);
	}
	return err;
}

weir_err weir_store_recover(weir_store *s, weir_batch *b)
{
	weir_err err = weir_stream_hold(s->stream, WEIR_TEXT(""), NULL);

	weir_batch_clear(b);
	weir_dues_clear(&s->here);
	s->landed = s->broken = false;
	if (!err)
		err = read_pending(s);
	if (!err && s->here.ids.count)
		err = recover_all(s, b);
	weir_refusals_clear(&s->here.refused);
	s->here.ids.count = 0;
	s->tries = err ? s->tries + 1 : 0;
	return err;
}
