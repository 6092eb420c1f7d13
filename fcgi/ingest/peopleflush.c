/* Profiles and groups into ClickHouse. */
#include "config.h"
#include "ingest/peopleflush.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/peoplebase.h"
#include "ingest/peoplerows.h"
#include "ingest/peoplescript.h"
#include "ingest/refusal.h"
#include "ingest/rowpack.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	PAGE_STATES = 1000,
	PAGE_BYTES = 4 * 1024 * 1024,
	MEMORY_MAX = 256 * 1024 * 1024, /* of one page with its rows of ClickHouse */
	LIST_MAX = 64 * 1024 * 1024,
	BLOCK_MAX = 64 * 1024 * 1024,
	HEAD = 12,                      /* bytes of a state that hold the time of its last change */
	PAUSE_FIRST_MS = 1000,
	PAUSE_MAX_MS = 30 * 1000,
	LOG_EVERY_MS = 5000,
	STEP_MS = 1000,
	LOOK_MS = 5,                    /* between looks at a page that is on its way */
	SHARE = 4,                      /* with many events waiting: so many times as long as a page took before the next one */
	UNKNOWN_TRIES = 5,              /* of an exception that no one has classified, before a row is suspected */
};

/* One state of a page. */
struct item {
	weir_text member, state;        /* state: as it is in Redis now */
	weir_text project_id, id;
	bool is_group, based;
	bool plain;                     /* not based, and no merging with a row that isn't there */
	bool own;                       /* plain, and there is none */
	char head[HEAD];
	bool gone;                      /* nothing is to be written, or it is not to be read */
	const char *refusal;            /* in the page's arena */
};

struct weir_people_flush {
	const struct weir_conf *conf;
	weir_redis *redis;
	weir_ch *ch;
	unsigned shard;
	weir_arena *mem;                /* of the page */
	weir_native *native[2];
	struct item *item;
	size_t count, bytes;
	enum { RESTING, ASKING, WRITING } phase; /* of the page; the latter two wait for ClickHouse */
	weir_ch_flight *flight;
	struct weir_bases asked[2];     /* by table, as all pairs here */
	struct item **unbased[2];       /* that were asked for */
	struct weir_ch_load load[2];
	size_t rows[2];                 /* that are on their way */
	weir_str block[2];
	bool dropped;                   /* the page is to be forgotten when the answers are there */
	unsigned tries;                 /* without success, one after the other */
	int64_t began_ms, next_ms, pause_ms, logged_ms; /* monotonic; pause_ms is 0 when the last page went well */
	struct weir_people_figures figures;
};

/* ---------------------------------------------------------------------- life */

weir_people_flush *weir_people_flush_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, unsigned shard)
{
	weir_people_flush *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	*f = (weir_people_flush){ .conf = conf, .redis = redis, .ch = ch, .shard = shard, .mem = weir_arena_new(MEMORY_MAX) };
	for (int t = WEIR_PROFILES; t <= WEIR_GROUPS; t++) {
		f->native[t] = weir_people_rows_new((enum weir_people_table)t);
		weir_str_init(&f->block[t], BLOCK_MAX);
	}
	if (f->mem && f->native[WEIR_PROFILES] && f->native[WEIR_GROUPS])
		return f;
	weir_people_flush_free(f);
	return NULL;
}

const struct weir_people_figures *weir_people_figures(const weir_people_flush *f)
{
	return &f->figures;
}

static weir_err failed(weir_people_flush *f, weir_err err, const char *what, const char *text)
{
	int64_t now = weir_monotonic_ms();

	f->figures.failures++;
	snprintf(f->figures.error, sizeof(f->figures.error), "%s: %s", what, text);
	if (!f->logged_ms || now - f->logged_ms >= LOG_EVERY_MS) {
		f->logged_ms = now;
		weir_log(LOG_WARNING, "people", "shard=%u states=%zu error=\"%.500s\"", f->shard, f->count, f->figures.error);
	}
	return err;
}

static void put_reply(void *reply)
{
	freeReplyObject(reply);
}

/* The script's answer, which lives as long as the page. */
static weir_err call(weir_people_flush *f, const char *op, weir_str *list, redisReply **reply)
{
	weir_err err = weir_str_err(list);

	if (!err)
		err = weir_people_call(f->redis, f->conf, f->shard, op, weir_now_ms(), weir_str_view(list), reply);
	if (!err && weir_arena_defer(f->mem, put_reply, *reply))
		err = WEIR_ENOMEM;
	return err ? failed(f, err, op, err == WEIR_EUNAVAIL || err == WEIR_EINTERNAL ? weir_redis_error(f->redis) : weir_err_text(err)) : WEIR_OK;
}

/* ------------------------------------------------------------------- reading */

/* What the state says about itself; one that cannot be read is refused. */
static weir_err look_at(weir_people_flush *f, struct item *it)
{
	struct weir_profile p;
	struct weir_group g;
	weir_err err;

	memset(it->head, 0, HEAD);
	memcpy(it->head, it->state.p, it->state.n < HEAD ? it->state.n : HEAD);
	it->is_group = it->member.p[0] == WEIR_KEY_GROUP_STATE[0];
	if (it->is_group) {
		err = weir_group_unpack(f->mem, it->state, &g);
		it->project_id = g.project_id;
		it->id = g.id;
		it->based = g.based;
	} else {
		err = weir_profile_unpack(f->mem, it->state, &p);
		it->project_id = p.project_id;
		it->id = p.id;
		it->based = p.based;
		it->plain = p.plain;
	}
	if (err == WEIR_EBADREQ) {
		it->refusal = "the state is damaged or of a newer version";
		return WEIR_OK;
	}
	return err;
}

static weir_err read_page(weir_people_flush *f)
{
	redisReply *reply = NULL;
	msgpack_packer pk;
	weir_str list;
	weir_err err;

	f->count = f->bytes = 0;
	weir_str_init(&list, LIST_MAX);
	weir_rowpack_init(&pk, &list);
	msgpack_pack_array(&pk, 2);
	weir_pack_count(&pk, PAGE_STATES);
	weir_pack_count(&pk, PAGE_BYTES);
	err = call(f, "read", &list, &reply);
	weir_str_free(&list);
	if (err || reply->type != REDIS_REPLY_ARRAY || reply->elements < 2)
		return err;
	f->item = weir_alloc_n(f->mem, reply->elements / 2, sizeof(*f->item));
	if (!f->item)
		return failed(f, WEIR_ENOMEM, "read", weir_err_text(WEIR_ENOMEM));
	for (size_t i = 0; i + 1 < reply->elements && !err; i += 2) {
		struct item *it = &f->item[f->count];

		it->member = weir_reply_text(reply->element[i]);
		it->state = weir_reply_text(reply->element[i + 1]);
		if (!it->member.n || !it->state.p)
			continue;
		err = look_at(f, it);
		f->count += !err;
		f->bytes += it->state.n;
	}
	return err ? failed(f, err, "read", weir_err_text(err)) : WEIR_OK;
}

/* ------------------------------------------------------------------ adopting */

/* The bases of some items, and the merged states back from the script. */
static weir_err adopt_some(weir_people_flush *f, struct item **item, const struct weir_base *base, size_t count)
{
	redisReply *reply = NULL;
	msgpack_packer pk;
	weir_str list;
	weir_err err;

	weir_str_init(&list, LIST_MAX);
	weir_rowpack_init(&pk, &list);
	msgpack_pack_array(&pk, 2 * count);
	for (size_t i = 0; i < count; i++) {
		weir_pack_text(&pk, item[i]->member);
		if (base[i].row.p)
			weir_str_text(&list, base[i].row); /* MessagePack already */
		else
			msgpack_pack_false(&pk);
	}
	err = call(f, "adopt", &list, &reply);
	weir_str_free(&list);
	if (err)
		return err;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != count)
		return failed(f, WEIR_EINTERNAL, "adopt", "the script gave no answer that is known");
	for (size_t i = 0; i < count && !err; i++) {
		item[i]->state = weir_reply_text(reply->element[i]);
		item[i]->gone = !item[i]->state.n;
		err = item[i]->gone ? WEIR_OK : look_at(f, item[i]);
	}
	return err;
}

/* What has no row and waits for none, as most visitors of a new day, is written as it is; the number of the others. */
static size_t keep_foreign(struct item **item, struct weir_base *base, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		item[i]->own = item[i]->plain && !base[i].row.p;
		if (item[i]->own)
			continue;
		item[left] = item[i];
		base[left++] = base[i];
	}
	return left;
}

/* Asks ClickHouse for the rows of what was begun without one; nothing is on its way when there is no such state. */
static weir_err ask(weir_people_flush *f)
{
	struct weir_ch_job jobs[2];
	size_t n = 0;

	for (int t = WEIR_PROFILES; t <= WEIR_GROUPS; t++) {
		struct weir_base *base = weir_alloc_n(f->mem, f->count, sizeof(*base));
		size_t count = 0;
		weir_err err;

		f->asked[t].count = 0;
		f->unbased[t] = weir_alloc_n(f->mem, f->count, sizeof(struct item *));
		if (!f->unbased[t] || !base)
			return failed(f, WEIR_ENOMEM, "adopt", weir_err_text(WEIR_ENOMEM));
		for (size_t i = 0; i < f->count; i++) {
			if (f->item[i].based || f->item[i].refusal || f->item[i].is_group != (t == WEIR_GROUPS))
				continue;
			base[count] = (struct weir_base){ .project_id = f->item[i].project_id, .id = f->item[i].id };
			f->unbased[t][count++] = &f->item[i];
		}
		if (!count)
			continue;
		err = weir_bases_ask(f->mem, t == WEIR_GROUPS ? WEIR_BASE_GROUP : WEIR_BASE_PROFILE, base, count, &f->asked[t]);
		if (err)
			return failed(f, err, "adopt", weir_err_text(err));
		jobs[n++] = f->asked[t].job;
	}
	f->phase = ASKING;
	f->flight = n ? weir_ch_ask_start(f->ch, jobs, n) : NULL;
	return n && !f->flight ? failed(f, WEIR_ENOMEM, "query", weir_err_text(WEIR_ENOMEM)) : WEIR_OK;
}

/* The answers, into the states. */
static weir_err adopt(weir_people_flush *f, int table)
{
	struct weir_bases *asked = &f->asked[table];
	struct item **item = f->unbased[table];
	size_t n = asked->count;
	weir_err err;

	if (!n)
		return WEIR_OK;
	err = weir_bases_read(asked);
	if (err)
		return failed(f, err, "query", weir_ch_error(f->ch)[0] ? weir_ch_error(f->ch) : weir_err_text(err));
	n = keep_foreign(item, asked->base, n);
	for (size_t lo = 0; lo < n && !err; lo += WEIR_PEOPLE_LIST_MAX)
		err = adopt_some(f, item + lo, asked->base + lo, n - lo < WEIR_PEOPLE_LIST_MAX ? n - lo : WEIR_PEOPLE_LIST_MAX);
	return err;
}

/* ------------------------------------------------------------------- writing */

static bool is_writable(const struct item *it, int table)
{
	return !it->gone && !it->refusal && it->is_group == (table == WEIR_GROUPS);
}

/* The rows of the items from lo to hi, as the table's block. */
static weir_err make_block(weir_people_flush *f, int table, size_t lo, size_t hi, size_t *rows)
{
	weir_native *n = f->native[table];
	weir_err err = WEIR_OK;

	weir_native_reset(n);
	for (size_t i = lo; i < hi && !err; i++)
		if (is_writable(&f->item[i], table))
			err = weir_people_row(n, (enum weir_people_table)table, f->mem, f->item[i].state, f->item[i].own, &f->item[i].refusal);
	*rows = weir_native_rows(n);
	weir_str_free(&f->block[table]);
	weir_str_init(&f->block[table], BLOCK_MAX);
	return err || !*rows ? err : weir_native_block(n, &f->block[table]);
}

static void count_rows(weir_people_flush *f, int table, size_t rows)
{
	*(table == WEIR_GROUPS ? &f->figures.group_rows : &f->figures.profile_rows) += (int64_t)rows;
}

/* The careful way, after a refusal: rows are halved until the one at fault is alone. */
static weir_err write_rows(weir_people_flush *f, int table, size_t lo, size_t hi)
{
	enum weir_refusal refusal;
	char why[1024];
	size_t rows;
	weir_err err = make_block(f, table, lo, hi, &rows);

	if (!err && rows)
		err = weir_ch_insert(f->ch, weir_people_insert((enum weir_people_table)table), weir_str_view(&f->block[table]), NULL);
	if (!err) {
		count_rows(f, table, rows);
		return WEIR_OK;
	}
	snprintf(why, sizeof(why), "%s", weir_ch_error(f->ch)[0] ? weir_ch_error(f->ch) : weir_err_text(err));
	refusal = weir_refusal_of(err, weir_ch_exception(f->ch), why);
	if (refusal == WEIR_REFUSAL_UNKNOWN)
		refusal = f->tries < UNKNOWN_TRIES ? WEIR_REFUSAL_AWAY : WEIR_REFUSAL_DATA;
	if (refusal == WEIR_REFUSAL_AWAY || (refusal == WEIR_REFUSAL_SIZE && hi - lo == 1))
		return failed(f, err, "insert", why);
	if (hi - lo == 1) {
		f->item[lo].refusal = weir_strndup(f->mem, why, strlen(why));
		return f->item[lo].refusal ? WEIR_OK : WEIR_ENOMEM;
	}
	err = write_rows(f, table, lo, lo + (hi - lo) / 2);
	return err ? err : write_rows(f, table, lo + (hi - lo) / 2, hi);
}

/* ------------------------------------------------------------------ settling */

static void pack_head(msgpack_packer *pk, const struct item *it)
{
	weir_pack_text(pk, (weir_text){ it->head, it->state.n < HEAD ? it->state.n : HEAD });
}

static weir_err settle_some(weir_people_flush *f, size_t lo, size_t hi, bool refused)
{
	size_t n = 0;
	redisReply *reply = NULL;
	msgpack_packer pk;
	weir_str list;
	weir_err err = WEIR_OK;

	for (size_t i = lo; i < hi; i++)
		n += !f->item[i].gone && (f->item[i].refusal != NULL) == refused;
	if (!n)
		return WEIR_OK;
	weir_str_init(&list, LIST_MAX);
	weir_rowpack_init(&pk, &list);
	msgpack_pack_array(&pk, n * (refused ? 3 : 2));
	for (size_t i = lo; i < hi; i++) {
		const struct item *it = &f->item[i];

		if (it->gone || (it->refusal != NULL) != refused)
			continue;
		weir_pack_text(&pk, it->member);
		pack_head(&pk, it);
		if (!refused)
			continue;
		weir_pack_text(&pk, weir_text_of(it->refusal));
		weir_log(LOG_ERR, "refused", "shard=%u table=%s error=\"%.300s\"", f->shard, it->is_group ? "groups" : "profiles", it->refusal);
		f->figures.refused++;
	}
	err = call(f, refused ? "refuse" : "clean", &list, &reply);
	weir_str_free(&list);
	return err;
}

static weir_err settle(weir_people_flush *f)
{
	weir_err err = WEIR_OK;

	for (size_t lo = 0, hi; lo < f->count && !err; lo = hi) {
		hi = f->count - lo > WEIR_PEOPLE_LIST_MAX ? lo + WEIR_PEOPLE_LIST_MAX : f->count;
		err = settle_some(f, lo, hi, true);
		if (!err)
			err = settle_some(f, lo, hi, false);
	}
	return err;
}

/* ---------------------------------------------------------------------- pages */

/* Waits for what is on its way. */
static void land(weir_people_flush *f)
{
	struct weir_ch_job jobs[2];
	size_t n = 0;

	if (!f->flight)
		return;
	if (f->phase == WRITING) {
		weir_ch_load_end(f->flight, f->load);
	} else {
		weir_ch_ask_end(f->flight, jobs);
		for (int t = WEIR_PROFILES; t <= WEIR_GROUPS; t++)
			if (f->asked[t].count)
				f->asked[t].job.err = jobs[n++].err;
	}
	f->flight = NULL;
}

static void close_page(weir_people_flush *f)
{
	land(f);
	for (int t = WEIR_PROFILES; t <= WEIR_GROUPS; t++) {
		weir_str_free(&f->asked[t].answer);
		weir_str_init(&f->asked[t].answer, 0);
		f->asked[t].count = 0;
	}
	f->phase = RESTING;
	f->dropped = false;
	f->count = 0;
	weir_arena_reset(f->mem);
}

static weir_err send_rows(weir_people_flush *f)
{
	size_t n = 0;

	for (int t = WEIR_PROFILES; t <= WEIR_GROUPS; t++) {
		weir_err err = make_block(f, t, 0, f->count, &f->rows[t]);

		if (err)
			return failed(f, err, "rows", weir_err_text(err));
		if (f->rows[t])
			f->load[n++] = (struct weir_ch_load){ .statement = weir_people_insert((enum weir_people_table)t), .data = weir_str_view(&f->block[t]) };
	}
	f->phase = WRITING;
	f->flight = n ? weir_ch_load_start(f->ch, f->load, n) : NULL;
	return n && !f->flight ? failed(f, WEIR_ENOMEM, "insert", weir_err_text(WEIR_ENOMEM)) : WEIR_OK;
}

/* What was refused goes the careful way; ClickHouse that is away is not waited for once more. */
static weir_err sent(weir_people_flush *f)
{
	weir_err err = WEIR_OK;
	size_t n = 0;

	for (int t = WEIR_PROFILES; t <= WEIR_GROUPS && !err; t++) {
		const struct weir_ch_load *load = f->rows[t] ? &f->load[n++] : NULL;

		if (!load)
			continue;
		if (!load->err)
			count_rows(f, t, f->rows[t]);
		else if (weir_refusal_of(load->err, load->exception, load->error) == WEIR_REFUSAL_AWAY)
			err = failed(f, load->err, "insert", load->error);
		else
			err = write_rows(f, t, 0, f->count);
	}
	return err ? err : settle(f);
}

/* One step; the page has ended when its phase is RESTING. */
static weir_err step(weir_people_flush *f, int wait_ms, bool *more)
{
	weir_err err = WEIR_OK;

	if (f->flight && !weir_ch_flight_step(f->flight, wait_ms))
		return WEIR_OK;
	land(f);
	if (f->dropped) {
		close_page(f);
		return WEIR_OK;
	}
	if (f->phase == RESTING) {
		err = read_page(f);
		if (!err && f->count)
			err = ask(f);
	} else if (f->phase == ASKING) {
		err = adopt(f, WEIR_PROFILES);
		err = err ? err : adopt(f, WEIR_GROUPS);
		err = err ? err : send_rows(f);
	} else {
		err = sent(f);
		f->phase = RESTING;
	}
	if (!err && f->phase != RESTING)
		return WEIR_OK;
	*more = !err && (f->count >= PAGE_STATES || f->bytes >= PAGE_BYTES);
	f->tries = err ? f->tries + 1 : 0;
	close_page(f);
	return err;
}

/* After a failure nothing is done for a while; many_events: with more to do, they have the longer part of the time. */
static void rest(weir_people_flush *f, weir_err err, bool many_events)
{
	int64_t now = weir_monotonic_ms();

	f->pause_ms = !err ? 0 : !f->pause_ms ? PAUSE_FIRST_MS : f->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : f->pause_ms * 2;
	f->next_ms = now + (err ? f->pause_ms : many_events ? SHARE * (now - f->began_ms) : 0);
}

weir_err weir_people_flush_step(weir_people_flush *f, bool many_events, int64_t *again_ms)
{
	int64_t now = weir_monotonic_ms();
	bool more = false;
	weir_err err;

	*again_ms = -1;
	if (f->phase == RESTING && now < f->next_ms) {
		*again_ms = f->next_ms - now;
		return f->pause_ms ? WEIR_EUNAVAIL : WEIR_OK;
	}
	if (f->phase == RESTING)
		f->began_ms = now;
	err = step(f, 0, &more);
	if (f->phase != RESTING) {
		*again_ms = LOOK_MS;
		return err;
	}
	rest(f, err, many_events);
	if (err || more)
		*again_ms = f->next_ms - weir_monotonic_ms();
	return err;
}

weir_err weir_people_flush_run(weir_people_flush *f, int64_t budget_ms, bool *more)
{
	int64_t began = weir_monotonic_ms();
	weir_err err = WEIR_OK;

	*more = true;
	if (f->phase == RESTING && f->pause_ms && began < f->next_ms)
		return WEIR_EUNAVAIL;
	while (!err && (f->phase != RESTING || (*more && weir_monotonic_ms() - began < budget_ms)))
		err = step(f, STEP_MS, more);
	rest(f, err, false);
	return err;
}

void weir_people_flush_drop(weir_people_flush *f)
{
	f->dropped = f->phase != RESTING;
}

void weir_people_flush_free(weir_people_flush *f)
{
	if (!f)
		return;
	close_page(f);
	for (int t = WEIR_PROFILES; t <= WEIR_GROUPS; t++) {
		weir_native_free(f->native[t]);
		weir_str_free(&f->block[t]);
	}
	weir_arena_free(f->mem);
	free(f);
}
