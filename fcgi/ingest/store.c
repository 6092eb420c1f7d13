/* Batches into ClickHouse, exactly once. */
#include "config.h"
#include "ingest/store.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/num.h"
#include "ingest/dues.h"
#include "ingest/rebuild.h"
#include "ingest/refusal.h"
#include "ingest/stored.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	BLOCK_MAX = 512 * 1024 * 1024,
	KEEP_BLOCK = 64 * 1024,        /* of a block's buffer between batches */
	TOKEN_MAX = 384,
	NAME_MAX = 160,
	REPEAT_MS = 60 * 1000,         /* so long after the first try a token is trusted to be remembered */
	UNKNOWN_TRIES = 5,             /* of an exception that no one has classified, before a row is suspected */
	PENDING_CHUNK = 1000,
	QUIET_MS = 20,                 /* between two looks */
	LOG_EVERY_MS = 5000,
};

/* A batch's name: "FIRST LAST COUNT MS". */
struct name {
	struct weir_entry_id first, last;
	size_t count;
	int64_t ms;
};

struct weir_store {
	const struct weir_conf *conf;
	weir_ch *ch;
	weir_stream *stream;
	weir_str insert[WEIR_TABLES]; /* statements */
	weir_str block[WEIR_TABLES];
	char token[WEIR_TABLES][TOKEN_MAX];
	struct weir_ch_load load[WEIR_TABLES];
	size_t loads;
	weir_ch_flight *flight;
	enum weir_table table[WEIR_TABLES]; /* of each load */
	bool running;                 /* flying is on its way */
	bool landed;                  /* here has arrived and is to be settled */
	struct weir_dues flying;
	struct weir_dues here;        /* arrived; on the careful way: what is pending */
	unsigned tries;               /* of the careful way, one after the other without success */
	int64_t logged_ms;
	struct weir_store_figures figures;
};

static void trim(weir_str *s)
{
	if (s->alloc > KEEP_BLOCK)
		weir_str_free(s);
	weir_str_reset(s);
}

weir_store *weir_store_new(const struct weir_conf *conf, weir_ch *ch, weir_stream *stream)
{
	weir_store *s = calloc(1, sizeof(*s));
	bool good;

	if (!s)
		return NULL;
	s->conf = conf;
	s->ch = ch;
	s->stream = stream;
	good = !weir_dues_init(&s->flying);
	good &= !weir_dues_init(&s->here);
	for (int t = 0; t < WEIR_TABLES; t++) {
		weir_str_init(&s->insert[t], TOKEN_MAX * 8);
		weir_str_init(&s->block[t], BLOCK_MAX);
		weir_table_insert((enum weir_table)t, &s->insert[t]);
	}
	for (int t = 0; t < WEIR_TABLES; t++)
		good &= !weir_str_err(&s->insert[t]);
	if (good)
		return s;
	weir_store_free(s);
	return NULL;
}

static void end_flight(weir_store *s)
{
	if (s->flight)
		weir_ch_load_end(s->flight, s->load);
	s->flight = NULL;
	s->running = false;
}

void weir_store_free(weir_store *s)
{
	if (!s)
		return;
	end_flight(s);
	for (int t = 0; t < WEIR_TABLES; t++) {
		weir_str_free(&s->insert[t]);
		weir_str_free(&s->block[t]);
	}
	weir_dues_free(&s->flying);
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

/* ------------------------------------------------------------ names, tokens */

static weir_text name_of(const struct weir_entry_id *ids, size_t count, int64_t ms, char buf[NAME_MAX])
{
	char first[WEIR_ENTRY_ID_MAX], last[WEIR_ENTRY_ID_MAX];
	int n;

	weir_entry_id_text(ids[0], first);
	weir_entry_id_text(ids[count - 1], last);
	n = snprintf(buf, NAME_MAX, "%s %s %zu %" PRId64, first, last, count, ms);
	return (weir_text){ buf, (size_t)n };
}

static bool name_parse(weir_text t, struct name *name)
{
	weir_text word[4];
	uint64_t count;
	size_t n = 0;

	while (n < 4 && weir_text_next(&t, ' ', &word[n]))
		n++;
	if (n != 4 || !weir_entry_id_parse(word[0], &name->first) || !weir_entry_id_parse(word[1], &name->last) ||
	    weir_num_uint(word[2], &count) || weir_num_int(word[3], &name->ms))
		return false;
	name->count = (size_t)count;
	return true;
}

static void token_of(const weir_store *s, enum weir_table t, const struct weir_entry_id *ids, size_t count, char out[TOKEN_MAX])
{
	char first[WEIR_ENTRY_ID_MAX], last[WEIR_ENTRY_ID_MAX];

	weir_entry_id_text(ids[0], first);
	weir_entry_id_text(ids[count - 1], last);
	snprintf(out, TOKEN_MAX, "%.100s:%u:%s:%s:%s:%zu", s->conf->redis_prefix, weir_stream_shard(s->stream), weir_table_name(t), first,
		last, count);
}

/* What all tokens of the shard start with. */
static weir_text mark_of(const weir_store *s, char out[TOKEN_MAX])
{
	int n = snprintf(out, TOKEN_MAX, "%.100s:%u:", s->conf->redis_prefix, weir_stream_shard(s->stream));

	return (weir_text){ out, (size_t)n };
}

static void token_fresh(const weir_store *s, char out[TOKEN_MAX])
{
	uint8_t id[16];

	weir_uuid_new(id);
	weir_uuid_text(id, out + mark_of(s, out).n);
}

/* ------------------------------------------------------------ the plain way */

weir_err weir_store_start(weir_store *s, weir_batch *b)
{
	struct weir_dues *p = &s->flying;
	char name[NAME_MAX];
	weir_err err;

	if (!b->ids.count)
		return WEIR_OK;
	err = weir_stream_hold(s->stream, name_of(b->ids.id, b->ids.count, weir_now_ms(), name), NULL);
	weir_dues_take(p, b);
	if (!err)
		err = weir_str_err(&p->pages);
	s->loads = 0;
	for (int t = 0; t < WEIR_TABLES && !err; t++) {
		trim(&s->block[t]);
		err = weir_batch_block(b, (enum weir_table)t, &s->block[t], &p->rows[t]);
		if (err || !p->rows[t])
			continue;
		token_of(s, (enum weir_table)t, p->ids.id, p->ids.count, s->token[t]);
		s->table[s->loads] = (enum weir_table)t;
		s->load[s->loads++] = (struct weir_ch_load){ .statement = s->insert[t].buf, .data = weir_str_view(&s->block[t]),
			.token = s->token[t] };
	}
	weir_batch_clear(b);
	p->started_ms = weir_monotonic_ms();
	s->flight = !err && s->loads ? weir_ch_load_start(s->ch, s->load, s->loads) : NULL;
	if (!err && s->loads && !s->flight)
		err = WEIR_ENOMEM;
	s->running = !err;
	if (err) {
		err = failed(s, p, err, "batch", weir_err_text(err));
		weir_dues_clear(p);
	}
	return err;
}

void weir_store_notify(weir_store *s, const weir_rules *rules)
{
	s->flying.notices.rules = s->here.notices.rules = rules;
}

bool weir_store_running(const weir_store *s)
{
	return s->running;
}

bool weir_store_step(weir_store *s, int wait_ms)
{
	if (!s->flight || weir_ch_flight_step(s->flight, wait_ms))
		return true;
	/* ClickHouse has most of the time what it executes: the next batch finds room meanwhile. */
	for (size_t i = 0; i < s->loads; i++)
		if (weir_ch_load_taken(s->flight, i))
			trim(&s->block[s->table[i]]);
	return false;
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
	const struct weir_dues old = s->here;
	weir_err err = WEIR_OK;

	end_flight(s);
	for (size_t i = 0; i < s->loads; i++)
		if (s->load[i].err && !err)
			err = failed(s, &s->flying, s->load[i].err, "insert", s->load[i].error);
	for (int t = 0; t < WEIR_TABLES; t++)
		trim(&s->block[t]);
	s->here = s->flying;
	s->flying = old;
	s->landed = !err;
	if (err)
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
	return err;
}

weir_err weir_store_finish(weir_store *s)
{
	weir_err err = weir_store_settle(s);

	if (s->running) {
		weir_err flown = weir_store_land(s);

		err = err ? err : flown;
		if (err) {
			weir_dues_clear(&s->here);
			s->landed = false;
		}
	}
	return err ? err : weir_store_settle(s);
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
	trim(&s->block[c->table]);
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
		err = weir_batch_block(c->b, c->table, &s->block[c->table], rows);
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

	return weir_ch_insert(s->ch, s->insert[c->table].buf, weir_str_view(&s->block[c->table]), token);
}

/* The same batch under the same token, so that ClickHouse completes what the first try began. Its answer decides nothing. */
static weir_err repeat(const struct careful *c, size_t lo, size_t hi)
{
	char token[TOKEN_MAX];
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
	token_of(c->s, c->table, c->s->here.ids.id + lo, hi - lo, token);
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
	char token[TOKEN_MAX], why[1024];
	enum weir_refusal refusal;
	size_t rows;
	weir_err err = make_block(c, lo, hi, true, &rows);

	if (err == WEIR_ELIMIT && hi - lo > 1)
		return store_halves(c, lo, hi);
	if (err || !rows)
		return err;
	token_fresh(s, token);
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

/* One group of pending entries; known: it is the batch whose name was kept, and young. */
static weir_err recover_group(weir_store *s, weir_batch *b, size_t lo, size_t hi, bool known)
{
	bool brings[WEIR_TABLES] = { [WEIR_TABLE_EVENTS] = true };
	weir_err err = WEIR_OK;

	s->here.started_ms = weir_monotonic_ms();
	trim(&s->here.pages);
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

/* Where among the pending ids the named batch lies, whole; false when it does not. */
static bool find_named(const weir_store *s, const struct name *name, size_t *lo, size_t *hi)
{
	for (*lo = 0; *lo < s->here.ids.count; ++*lo)
		if (!weir_entry_id_cmp(s->here.ids.id[*lo], name->first))
			break;
	*hi = *lo + name->count;
	return *hi > *lo && *hi <= s->here.ids.count && !weir_entry_id_cmp(s->here.ids.id[*hi - 1], name->last);
}

/* An INSERT whose sender died may still be executed: nothing is certain before it has ended. */
static weir_err await_quiet(weir_store *s)
{
	int64_t deadline = weir_monotonic_ms() + s->conf->clickhouse_timeout;
	char mark[TOKEN_MAX];
	bool busy;
	weir_err err;

	while (!(err = weir_stored_is_busy(s->ch, mark_of(s, mark), &busy)) && busy) {
		if (weir_monotonic_ms() > deadline)
			return failed(s, &s->here, WEIR_ETIMEOUT, "query", "an INSERT of an earlier try is still being executed");
		poll(NULL, 0, QUIET_MS);
	}
	return err ? failed(s, &s->here, err, "query", weir_ch_error(s->ch)) : WEIR_OK;
}

static weir_err recover_all(weir_store *s, weir_batch *b)
{
	size_t named_lo = 0, named_hi = 0, most = s->conf->worker_batch_rows > 0 ? (size_t)s->conf->worker_batch_rows : 1;
	struct name name;
	weir_str text;
	weir_err err;
	bool known;

	weir_str_init(&text, NAME_MAX * 2);
	err = await_quiet(s);
	if (!err)
		err = weir_stream_batch(s->stream, &text);
	known = !err && name_parse(weir_str_view(&text), &name) && find_named(s, &name, &named_lo, &named_hi);
	weir_str_free(&text);
	if (known && s->here.ids.count > 1)
		weir_log(LOG_NOTICE, "recover", "shard=%u entries=%zu", weir_stream_shard(s->stream), s->here.ids.count);
	for (size_t lo = 0, hi; lo < s->here.ids.count && !err; lo = hi) {
		bool named = known && lo == named_lo;

		hi = named ? named_hi : known && lo < named_lo ? named_lo : s->here.ids.count;
		if (!named && hi - lo > most)
			hi = lo + most;
		err = recover_group(s, b, lo, hi, named && weir_now_ms() - name.ms < REPEAT_MS);
	}
	return err;
}

weir_err weir_store_recover(weir_store *s, weir_batch *b)
{
	weir_err err = weir_stream_hold(s->stream, WEIR_TEXT(""), NULL);

	weir_batch_clear(b);
	weir_dues_clear(&s->here);
	s->landed = false;
	if (!err)
		err = read_pending(s);
	if (!err && s->here.ids.count)
		err = recover_all(s, b);
	weir_refusals_clear(&s->here.refused);
	s->here.ids.count = 0;
	s->tries = err ? s->tries + 1 : 0;
	return err;
}
