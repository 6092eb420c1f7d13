/* A shard's stream: lease, reading, settling, reaping. */
#include "config.h"
#include "ingest/stream.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "ingest/owner.h"
#include "ingest/rowpack.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	IDS_MAX = 64 * 1024 * 1024,
	JOBS_MAX = 128 * 1024 * 1024,
	REFUSED_MAX = 60,             /* of one call: the client's argument limit */
	LEASE_MARGIN_MS = 10 * 1000,
	REAP_MAX = 500,
	DOUBTFUL_ENTRIES = 200 * 1000, /* more than a worker settles in two seconds */
};

struct weir_stream {
	const struct weir_conf *conf;
	weir_redis *redis;
	unsigned shard;
	weir_arena *mem;      /* the names below */
	weir_text events, dead, owner, batch, server, clock, back, views, common, notify, jobs;
	char me[WEIR_OWNER_MAX], other[WEIR_OWNER_MAX];
	bool held;
	size_t doubtful; /* entries still to be read of which that is true */
};

static struct weir_script hold_script = { .name = "hold", .source = WEIR_LUA_HOLD };
static struct weir_script pending_script = { .name = "pending", .source = WEIR_LUA_PENDING };
static struct weir_script settle_script = { .name = "settle", .source = WEIR_LUA_SETTLE };
static struct weir_script pages_script = { .name = "pages", .source = WEIR_LUA_PAGES };
static struct weir_script reap_script = { .name = "reap", .source = WEIR_LUA_REAP };

weir_stream *weir_stream_new(const struct weir_conf *conf, weir_redis *redis, unsigned shard)
{
	weir_stream *st = calloc(1, sizeof(*st));
	weir_text none = { NULL, 0 };

	if (!st)
		return NULL;
	*st = (weir_stream){ .conf = conf, .redis = redis, .shard = shard, .mem = weir_arena_new(64 * 1024) };
	if (st->mem) {
		st->events = weir_key(st->mem, conf, shard, WEIR_KEY_EVENTS, none, none);
		st->dead = weir_key(st->mem, conf, shard, WEIR_KEY_DEAD, none, none);
		st->owner = weir_key(st->mem, conf, shard, WEIR_KEY_OWNER, none, none);
		st->batch = weir_key(st->mem, conf, shard, WEIR_KEY_BATCH, none, none);
		st->server = weir_key(st->mem, conf, shard, WEIR_KEY_SERVER, none, none);
		st->clock = weir_key(st->mem, conf, shard, WEIR_KEY_CLOCK, none, none);
		st->notify = weir_key(st->mem, conf, shard, WEIR_KEY_NOTIFY, none, none);
		st->jobs = weir_key(st->mem, conf, shard, WEIR_KEY_NOTIFY, WEIR_TEXT("jobs"), none);
		st->back = weir_key(st->mem, conf, shard, WEIR_KEY_BACK, none, none);
		st->views = weir_key(st->mem, conf, shard, WEIR_KEY_VIEWS, none, none);
		st->common = weir_key(st->mem, conf, shard, "", none, none);
	}
	if (!st->mem || weir_arena_failed(st->mem)) {
		weir_stream_free(st);
		return NULL;
	}
	weir_owner_name(st->me);
	return st;
}

void weir_stream_free(weir_stream *st)
{
	if (!st)
		return;
	weir_arena_free(st->mem);
	free(st);
}

unsigned weir_stream_shard(const weir_stream *st)
{
	return st->shard;
}

/* -------------------------------------------------------------------- lease */

int64_t weir_stream_lease_ms(const weir_stream *st)
{
	return 2 * st->conf->clickhouse_timeout + st->conf->redis_timeout + LEASE_MARGIN_MS;
}

/* "" when the server does not tell. */
static void run_id_of(weir_stream *st, char out[64])
{
	static const char name[] = "run_id:";
	redisReply *r = NULL;
	const char *at;
	size_t n;

	out[0] = '\0';
	if (weir_redis_cmd(st->redis, &r, "INFO", "server", NULL))
		return;
	at = r->type == REDIS_REPLY_STRING ? strstr(r->str, name) : NULL;
	n = at ? strcspn(at + sizeof(name) - 1, "\r\n") : 0;
	if (n && n < 64) {
		memcpy(out, at + sizeof(name) - 1, n);
		out[n] = '\0';
	}
	freeReplyObject(r);
}

/* What hold.lua answers. */
struct lease {
	bool mine, server_changed;
};

static weir_err ask_for_lease(weir_stream *st, weir_text batch, weir_text dead, struct lease *lease)
{
	char ttl[24], run_id[64] = "";
	redisReply *r = NULL;
	weir_err err;

	*lease = (struct lease){ false, false };
	if (!st->held)
		run_id_of(st, run_id);
	snprintf(ttl, sizeof(ttl), "%" PRId64, weir_stream_lease_ms(st));
	err = weir_redis_eval(st->redis, &hold_script, &r, 4, 11,
		(weir_text[]){ st->owner, st->events, st->batch, st->server, weir_text_of(st->me), weir_text_of(ttl), dead,
			WEIR_TEXT(WEIR_GROUP), batch, st->held ? WEIR_TEXT("0") : WEIR_TEXT("1"), weir_text_of(run_id) });
	if (err)
		return err;
	if (r->type == REDIS_REPLY_ARRAY && r->elements >= 2 && r->element[1]->str) {
		lease->mine = r->element[0]->integer == 1;
		lease->server_changed = r->elements == 3 && r->element[2]->integer == 1;
		snprintf(st->other, sizeof(st->other), "%s", r->element[1]->str);
	}
	freeReplyObject(r);
	return WEIR_OK;
}

weir_err weir_stream_hold(weir_stream *st, weir_text batch, weir_text *other)
{
	struct lease lease;
	weir_err err = ask_for_lease(st, batch, WEIR_TEXT(""), &lease);

	if (!err && !lease.mine && weir_owner_is_dead(weir_text_of(st->other))) {
		char dead[WEIR_OWNER_MAX];

		snprintf(dead, sizeof(dead), "%s", st->other);
		err = ask_for_lease(st, batch, weir_text_of(dead), &lease);
	}
	if (!err && !lease.mine)
		err = WEIR_ECONFLICT;
	st->held = !err;
	if (other)
		*other = weir_text_of(st->other);
	if (!err && lease.server_changed)
		st->doubtful = DOUBTFUL_ENTRIES;
	return err;
}

weir_err weir_stream_batch(weir_stream *st, weir_str *out)
{
	redisReply *r = NULL;
	weir_err err = weir_redis_do(st->redis, &r, 2, (weir_text[]){ WEIR_TEXT("GET"), st->batch });

	if (err)
		return err;
	weir_str_text(out, weir_reply_text(r));
	freeReplyObject(r);
	return weir_str_err(out);
}

void weir_stream_release(weir_stream *st)
{
	redisReply *r = NULL;
	struct lease lease;

	if (!st->held)
		return;
	/* The check and the removal need not be one step: the lease has just been renewed. */
	if (!ask_for_lease(st, WEIR_TEXT(""), WEIR_TEXT(""), &lease) && lease.mine &&
	    !weir_redis_do(st->redis, &r, 2, (weir_text[]){ WEIR_TEXT("DEL"), st->owner }))
		freeReplyObject(r);
	st->held = false;
}

bool weir_stream_doubtful(const weir_stream *st)
{
	return st->doubtful > 0;
}

/* ------------------------------------------------------------------ reading */

int weir_entry_id_cmp(struct weir_entry_id a, struct weir_entry_id b)
{
	if (a.ms != b.ms)
		return a.ms < b.ms ? -1 : 1;
	return a.seq < b.seq ? -1 : a.seq > b.seq;
}

weir_text weir_entry_id_text(struct weir_entry_id id, char buf[WEIR_ENTRY_ID_MAX])
{
	int n = snprintf(buf, WEIR_ENTRY_ID_MAX, "%" PRIu64 "-%" PRIu64, id.ms, id.seq);

	return (weir_text){ buf, (size_t)n };
}

bool weir_entry_id_parse(weir_text t, struct weir_entry_id *id)
{
	const char *dash = t.n ? memchr(t.p, '-', t.n) : NULL;
	size_t n = dash ? (size_t)(dash - t.p) : 0;

	return dash && !weir_num_uint((weir_text){ t.p, n }, &id->ms) &&
	       !weir_num_uint((weir_text){ dash + 1, t.n - n - 1 }, &id->seq);
}

static void read_field(struct weir_entry *e, weir_text name, weir_text value)
{
	if (weir_text_is(name, "k"))
		e->kind = value.n == 1 ? value.p[0] : 0;
	else if (weir_text_is(name, "ev"))
		e->ev = value;
	else if (weir_text_is(name, "s"))
		e->s = value;
	else if (weir_text_is(name, "o"))
		e->o = value;
	else if (weir_text_is(name, "f"))
		e->skip = value.n == 1 && *value.p >= '0' && *value.p <= '3' ? (unsigned)(*value.p - '0') : 0;
	else if (weir_text_is(name, "only"))
		e->only = value;
}

/* [[id, [field, value, ...] or nil], ...] */
static weir_err each(const redisReply *list, weir_entry_fn fn, void *ctx, size_t *got)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < list->elements && !err; i++) {
		const redisReply *pair = list->element[i], *fields;
		struct weir_entry entry = { 0 };
		struct weir_entry_id id;

		if (pair->type != REDIS_REPLY_ARRAY || pair->elements != 2 || !weir_entry_id_parse(weir_reply_text(pair->element[0]), &id))
			return WEIR_EINTERNAL;
		entry.id = weir_reply_text(pair->element[0]);
		fields = pair->element[1];
		for (size_t f = 0; fields->type == REDIS_REPLY_ARRAY && f + 1 < fields->elements; f += 2)
			read_field(&entry, weir_reply_text(fields->element[f]), weir_reply_text(fields->element[f + 1]));
		err = fn(ctx, id, &entry);
		++*got;
	}
	return err;
}

/* XREADGROUP answers nil or [[stream, entries]]; XRANGE answers entries. */
static weir_err walk(const weir_stream *st, const redisReply *r, bool group, weir_entry_fn fn, void *ctx, size_t *got)
{
	const redisReply *list = r;
	weir_err err = WEIR_OK;

	if (group && r->type == REDIS_REPLY_ARRAY)
		list = r->elements == 1 && r->element[0]->elements == 2 ? r->element[0]->element[1] : NULL;
	if (!list)
		err = WEIR_EINTERNAL;
	else if (list->type == REDIS_REPLY_ARRAY)
		err = each(list, fn, ctx, got);
	if (err == WEIR_EINTERNAL)
		weir_log(LOG_ERR, "stream", "shard=%u error=\"an answer of Redis has an unknown form\"", st->shard);
	return err;
}

struct reading {
	const weir_stream *st;
	weir_entry_fn fn;
	void *ctx;
	size_t *got;
};

static weir_err take_step(void *ctx, const redisReply *reply)
{
	const struct reading *r = ctx;

	return walk(r->st, reply, true, r->fn, r->ctx, r->got);
}

weir_err weir_stream_read_new(weir_stream *st, size_t count, weir_entry_fn fn, void *ctx, size_t *got)
{
	char full[24], rest[24];
	const weir_text step[] = { WEIR_TEXT("XREADGROUP"), WEIR_TEXT("GROUP"), WEIR_TEXT(WEIR_GROUP), WEIR_TEXT("worker"), WEIR_TEXT("COUNT"),
		{ full, (size_t)snprintf(full, sizeof(full), "%d", WEIR_STREAM_STEP) }, WEIR_TEXT("NOACK"), WEIR_TEXT("STREAMS"), st->events,
		WEIR_TEXT(">") };
	weir_text last[sizeof(step) / sizeof(*step)];
	struct weir_redis_command commands[WEIR_STREAM_STEPS];
	struct reading r = { st, fn, ctx, got };
	size_t n = 0, left;
	weir_err err;

	*got = 0;
	for (left = count; left >= WEIR_STREAM_STEP && n < WEIR_STREAM_STEPS; left -= WEIR_STREAM_STEP)
		commands[n++] = (struct weir_redis_command){ .argc = sizeof(step) / sizeof(*step), .argv = step };
	if (left && n < WEIR_STREAM_STEPS) {
		memcpy(last, step, sizeof(step));
		last[5] = (weir_text){ rest, (size_t)snprintf(rest, sizeof(rest), "%zu", left) };
		commands[n++] = (struct weir_redis_command){ .argc = sizeof(step) / sizeof(*step), .argv = last };
	}
	err = weir_redis_each(st->redis, commands, n, take_step, &r);
	if (err)
		st->held = false; /* a stream without its group, or a server that started again: begin with the lease */
	st->doubtful -= *got < st->doubtful ? *got : st->doubtful;
	return err;
}

weir_err weir_stream_pending(weir_stream *st, struct weir_entry_id after, size_t count, struct weir_entry_id *ids, size_t *got)
{
	char from[WEIR_ENTRY_ID_MAX], number[24];
	redisReply *r = NULL;
	weir_err err;

	*got = 0;
	snprintf(number, sizeof(number), "%zu", count);
	err = weir_redis_eval(st->redis, &pending_script, &r, 1, 4,
		(weir_text[]){ st->events, WEIR_TEXT(WEIR_GROUP), weir_entry_id_text(after, from), weir_text_of(number) });
	if (err) {
		st->held = false; /* as in weir_stream_read_new */
		return err;
	}
	for (size_t i = 0; i < r->elements && i < count && !err; i++) {
		if (weir_entry_id_parse(weir_reply_text(r->element[i]), &ids[i]))
			++*got;
		else
			err = WEIR_EINTERNAL;
	}
	freeReplyObject(r);
	return err;
}

weir_err weir_stream_read_range(weir_stream *st, struct weir_entry_id first, struct weir_entry_id last, size_t count,
	weir_entry_fn fn, void *ctx, size_t *got)
{
	char from[WEIR_ENTRY_ID_MAX], to[WEIR_ENTRY_ID_MAX], number[24];
	redisReply *r = NULL;
	weir_err err;

	*got = 0;
	snprintf(number, sizeof(number), "%zu", count);
	err = weir_redis_do(st->redis, &r, 6,
		(weir_text[]){ WEIR_TEXT("XRANGE"), st->events, weir_entry_id_text(first, from), weir_entry_id_text(last, to), WEIR_TEXT("COUNT"), weir_text_of(number) });
	if (err)
		return err;
	err = walk(st, r, false, fn, ctx, got);
	freeReplyObject(r);
	return err;
}

/* ----------------------------------------------------------------- settling */

static bool is_refused(const struct weir_settlement *what, struct weir_entry_id id)
{
	for (size_t i = 0; i < what->nrefused; i++)
		if (!weir_entry_id_cmp(what->refused[i].id, id))
			return true;
	return false;
}

/* Jobs of the entries that one call takes out, as the script takes them: id, job, id, job ... */
static bool pack_jobs(weir_str *out, const struct weir_settlement *what, const struct weir_refused *refused, size_t n)
{
	msgpack_packer pk;
	size_t count = 0;

	/* Once to count, once to write: the form begins with the number. */
	for (int writing = 0; writing < 2; writing++) {
		if (writing && count) {
			weir_rowpack_init(&pk, out);
			msgpack_pack_array(&pk, 2 * count);
		}
		for (size_t i = 0; i < what->nnotices; i++) {
			const struct weir_notice *notice = &what->notices[i];
			bool found = false;

			for (size_t r = 0; r < n && !found; r++)
				found = !weir_entry_id_cmp(refused[r].id, notice->entry);
			/* n is 0 for the call that takes out all that no refusal has taken out before. */
			if (n ? !found : is_refused(what, notice->entry))
				continue;
			if (!writing) {
				count++;
				continue;
			}
			weir_pack_text(&pk, notice->id);
			weir_pack_text(&pk, notice->job);
		}
	}
	return !weir_str_err(out);
}

/* One call of the script; ids are the texts of what was stored, refused what is taken out beside it. */
static weir_err settle(weir_stream *st, const struct weir_settlement *what, weir_text ids, const struct weir_refused *refused, size_t n,
	weir_text pages, struct weir_overflow *over)
{
	weir_text argv[12 + 3 * REFUSED_MAX];
	char id[REFUSED_MAX][WEIR_ENTRY_ID_MAX], now[24], most[24];
	redisReply *r = NULL;
	size_t argc = 0;
	weir_str jobs;
	weir_err err;

	weir_str_init(&jobs, JOBS_MAX);
	snprintf(now, sizeof(now), "%" PRId64, weir_now_ms());
	snprintf(most, sizeof(most), "%" PRId64, st->conf->notify_queue_max);
	if (!pack_jobs(&jobs, what, refused, n)) {
		weir_str_free(&jobs);
		return WEIR_ENOMEM;
	}
	argv[argc++] = st->events;
	argv[argc++] = st->dead;
	argv[argc++] = st->owner;
	argv[argc++] = st->notify;
	argv[argc++] = st->jobs;
	argv[argc++] = st->views;
	argv[argc++] = weir_text_of(st->me);
	argv[argc++] = weir_text_of(now);
	argv[argc++] = ids;
	argv[argc++] = weir_str_view(&jobs);
	argv[argc++] = weir_text_of(most);
	argv[argc++] = pages;
	for (size_t i = 0; i < n; i++) {
		argv[argc++] = weir_entry_id_text(refused[i].id, id[i]);
		argv[argc++] = weir_text_of(refused[i].table);
		argv[argc++] = weir_text_of(refused[i].error);
	}
	err = weir_redis_eval(st->redis, &settle_script, &r, 6, argc, argv);
	weir_str_free(&jobs);
	if (err)
		return err;
	if (r->type != REDIS_REPLY_ARRAY || r->elements != 3 || r->element[0]->integer < 0) {
		st->held = false;
		err = WEIR_ECONFLICT;
	} else {
		over->notices += (size_t)r->element[1]->integer;
		over->page_times += (size_t)r->element[2]->integer;
	}
	freeReplyObject(r);
	return err;
}

weir_err weir_stream_settle(weir_stream *st, const struct weir_settlement *what, struct weir_overflow *over)
{
	weir_str list;
	char buf[WEIR_ENTRY_ID_MAX];
	weir_err err = WEIR_OK;

	*over = (struct weir_overflow){ 0 };
	for (size_t at = 0; at < what->nrefused && !err;) {
		const struct weir_refused *refused = what->refused + at;
		size_t n = what->nrefused - at < REFUSED_MAX ? what->nrefused - at : REFUSED_MAX;

		/* Both refusals of an entry travel together, since the first call takes it out. */
		if (at + n < what->nrefused && !weir_entry_id_cmp(refused[n].id, refused[n - 1].id))
			n--;
		/* Page times go with the first call: they are noted before any entry that tells them is gone. */
		err = settle(st, what, WEIR_TEXT(""), refused, n, at ? WEIR_TEXT("") : what->pages, over);
		at += n;
	}
	if (err || !what->count)
		return err;
	weir_str_init(&list, IDS_MAX);
	for (size_t i = 0; i < what->count; i++) {
		weir_str_text(&list, weir_entry_id_text(what->ids[i], buf));
		weir_str_putc(&list, ' ');
	}
	err = weir_str_err(&list);
	if (!err)
		err = settle(st, what, weir_str_view(&list), NULL, 0, what->nrefused ? WEIR_TEXT("") : what->pages, over);
	weir_str_free(&list);
	return err;
}

/* --------------------------------------------------------------- page times */

weir_err weir_stream_pages(weir_stream *st, uint64_t *cursor, size_t count, weir_noted_page_fn fn, void *ctx)
{
	char at[24], number[24];
	redisReply *r = NULL;
	const redisReply *list;
	weir_err err;

	snprintf(at, sizeof(at), "%" PRIu64, *cursor);
	snprintf(number, sizeof(number), "%zu", count);
	err = weir_redis_do(st->redis, &r, 5, (weir_text[]){ WEIR_TEXT("HSCAN"), st->views, weir_text_of(at), WEIR_TEXT("COUNT"), weir_text_of(number) });
	if (err)
		return err;
	list = r->type == REDIS_REPLY_ARRAY && r->elements == 2 ? r->element[1] : NULL;
	if (!list || weir_num_uint(weir_reply_text(r->element[0]), cursor))
		err = WEIR_EINTERNAL;
	for (size_t i = 0; !err && i + 1 < list->elements; i += 2)
		err = fn(ctx, &(struct weir_noted_page){ weir_reply_text(list->element[i]), weir_reply_text(list->element[i + 1]) });
	freeReplyObject(r);
	return err;
}

weir_err weir_stream_pages_done(weir_stream *st, weir_text pages)
{
	redisReply *r = NULL;
	weir_err err = weir_redis_eval(st->redis, &pages_script, &r, 2, 4, (weir_text[]){ st->views, st->owner, weir_text_of(st->me), pages });

	if (err)
		return err;
	if (r->type != REDIS_REPLY_INTEGER || r->integer < 0) {
		st->held = false;
		err = WEIR_ECONFLICT;
	}
	freeReplyObject(r);
	return err;
}

/* ------------------------------------------------------------ queue, reaper */

static weir_err note_oldest(void *ctx, struct weir_entry_id id, const struct weir_entry *entry)
{
	int64_t *oldest = ctx;

	(void)entry;
	*oldest = (int64_t)id.ms;
	return WEIR_OK;
}

weir_err weir_stream_changed(weir_stream *st, weir_changed *changed)
{
	return weir_changed_tell(changed, st->redis, st->conf, st->shard);
}

weir_err weir_stream_touch(weir_stream *st, weir_touches *touches)
{
	return weir_touches_send(touches, st->redis, st->conf, st->shard);
}

weir_err weir_stream_queue(weir_stream *st, int64_t *length, int64_t *oldest_ms)
{
	redisReply *r = NULL;
	size_t got;
	weir_err err = weir_redis_do(st->redis, &r, 2, (weir_text[]){ WEIR_TEXT("XLEN"), st->events });

	*length = *oldest_ms = 0;
	if (err)
		return err;
	*length = r->type == REDIS_REPLY_INTEGER ? r->integer : 0;
	freeReplyObject(r);
	if (!*length)
		return WEIR_OK;
	return weir_stream_read_range(st, (struct weir_entry_id){ 0, 1 }, (struct weir_entry_id){ UINT64_MAX, UINT64_MAX }, 1, note_oldest,
		oldest_ms, &got);
}

weir_err weir_stream_waiting(weir_stream *st, int64_t *notices, int64_t *page_times)
{
	const weir_text ask[2][2] = { { WEIR_TEXT("ZCARD"), st->notify }, { WEIR_TEXT("HLEN"), st->views } };
	struct weir_redis_command commands[2] = { { .argc = 2, .argv = ask[0] }, { .argc = 2, .argv = ask[1] } };
	int64_t *const out[2] = { notices, page_times };
	weir_err err = weir_redis_pipe(st->redis, commands, 2);

	for (size_t i = 0; i < 2; i++) {
		err = err ? err : commands[i].err;
		*out[i] = commands[i].reply && commands[i].reply->type == REDIS_REPLY_INTEGER ? commands[i].reply->integer : 0;
		if (commands[i].reply)
			freeReplyObject(commands[i].reply);
	}
	return err;
}

weir_err weir_stream_reap(weir_stream *st, int64_t *ended, bool *more)
{
	char now[24], timeout[24], most[24], life[24];
	redisReply *r = NULL;
	weir_err err;

	*ended = 0;
	*more = false;
	snprintf(now, sizeof(now), "%" PRId64, weir_now_ms());
	snprintf(timeout, sizeof(timeout), "%" PRId64, st->conf->session_timeout);
	snprintf(most, sizeof(most), "%d", REAP_MAX);
	snprintf(life, sizeof(life), "%" PRId64, weir_closed_life_ms(st->conf->session_timeout));
	err = weir_redis_eval(st->redis, &reap_script, &r, 3, 8,
		(weir_text[]){ st->events, st->clock, st->back, weir_text_of(now), weir_text_of(timeout), weir_text_of(most), st->common,
			weir_text_of(life) });
	if (err)
		return err;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 2) {
		*ended = r->element[0]->integer;
		*more = r->element[1]->integer >= REAP_MAX;
	}
	freeReplyObject(r);
	return WEIR_OK;
}
