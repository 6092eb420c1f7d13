/* A shard, step by step. */
#include "config.h"
#include "ingest/shard.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/backfill.h"
#include "ingest/batchname.h"
#include "ingest/pagetime.h"
#include "ingest/peopleflush.h"
#include "ingest/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	CHUNK_MAX = 500,                  /* entries read before anything else is looked at */
	CHUNK_BYTES = 1024 * 1024,        /* of them; aimed at for one answer as well */
	BATCH_BYTES = 8 * 1024 * 1024,    /* of rows: a batch of large events ends early */
	PAUSE_FIRST_MS = 100,
	PAUSE_MAX_MS = 5000,
	FOREIGN_MS = 1000,                /* between looks at another's lease */
	STOP_PEOPLE_MS = 5000,            /* for profiles and groups at the end */
	REAP_ROUNDS = 20,                 /* of one call, so that events are not kept waiting */
	READ_EVERY_MS = 50,               /* when the last read left nothing: many entries cost little more than one */
};

struct weir_shard {
	const struct weir_conf *conf;
	weir_redis *redis;
	weir_ch *ch;
	weir_stream *stream;
	weir_store *store;
	weir_people_flush *people;
	weir_batch batch;
	enum { SEEKING, PENDING, RUNNING } state;
	bool suspect;                     /* the batch may hold what was stored before */
	bool dry;                         /* the last read found nothing */
	bool backlog;                     /* the batch that left last was full */
	bool foreign_told;
	int64_t read_ms;                  /* not read again before; monotonic */
	int64_t began_ms;                 /* the batch's first entry was read; monotonic */
	int64_t held_ms;                  /* the lease was renewed */
	int64_t next_ms, pause_ms;        /* not before; monotonic */
	size_t entry_bytes;               /* of the last answer, on average */
	int64_t reaped, page_times;
};

weir_shard *weir_shard_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, unsigned number)
{
	weir_shard *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (weir_shard){ .conf = conf, .redis = redis, .ch = ch, .entry_bytes = CHUNK_BYTES / 100 };
	s->stream = weir_stream_new(conf, redis, number);
	s->store = s->stream ? weir_store_new(conf, ch, s->stream) : NULL;
	s->people = s->store ? weir_people_flush_new(conf, redis, ch, number) : NULL;
	if (!s->people || weir_batch_init(&s->batch)) {
		weir_people_flush_free(s->people);
		weir_store_free(s->store);
		weir_stream_free(s->stream);
		free(s);
		return NULL;
	}
	return s;
}

void weir_shard_notify(weir_shard *s, const weir_rules *rules)
{
	s->batch.notices.rules = rules;
	weir_store_notify(s->store, rules);
}

unsigned weir_shard_number(const weir_shard *s)
{
	return weir_stream_shard(s->stream);
}

int64_t weir_shard_notices(const weir_shard *s)
{
	return weir_store_figures(s->store)->notices;
}

void weir_shard_free(weir_shard *s)
{
	if (!s)
		return;
	weir_batch_free(&s->batch);
	weir_people_flush_free(s->people);
	weir_store_free(s->store);
	weir_stream_free(s->stream);
	free(s);
}

/* Back to an earlier state, after a pause that grows while nothing succeeds. */
static enum weir_shard_did fall_back(weir_shard *s, weir_err err)
{
	weir_batch_clear(&s->batch);
	weir_people_flush_drop(s->people);
	s->suspect = s->dry = false;
	s->state = err == WEIR_ECONFLICT ? SEEKING : PENDING;
	s->pause_ms = s->pause_ms ? s->pause_ms * 2 : PAUSE_FIRST_MS;
	if (s->pause_ms > PAUSE_MAX_MS)
		s->pause_ms = PAUSE_MAX_MS;
	s->next_ms = weir_monotonic_ms() + s->pause_ms;
	return WEIR_SHARD_FAILING;
}

static enum weir_shard_did seek(weir_shard *s)
{
	weir_text other;
	weir_err err = weir_stream_hold(s->stream, WEIR_TEXT(""), &other);

	if (err && err != WEIR_ECONFLICT)
		return fall_back(s, WEIR_ECONFLICT);
	if (err) {
		if (!s->foreign_told)
			weir_log(LOG_NOTICE, "lease", "shard=%u holder=%.*s", weir_stream_shard(s->stream), (int)other.n, other.p);
		s->foreign_told = true;
		s->next_ms = weir_monotonic_ms() + FOREIGN_MS;
		return WEIR_SHARD_FOREIGN;
	}
	weir_log(LOG_NOTICE, "lease", "shard=%u taken=yes", weir_stream_shard(s->stream));
	s->foreign_told = false;
	s->held_ms = weir_monotonic_ms();
	s->state = PENDING;
	return WEIR_SHARD_WORK;
}

static enum weir_shard_did recover(weir_shard *s)
{
	weir_err err = weir_store_recover(s->store, &s->batch);

	if (err)
		return fall_back(s, err);
	s->held_ms = weir_monotonic_ms();
	s->pause_ms = 0;
	s->state = RUNNING;
	return WEIR_SHARD_WORK;
}

static bool is_full(const weir_shard *s)
{
	return weir_native_rows(s->batch.native[WEIR_TABLE_EVENTS]) >= (size_t)s->conf->worker_batch_rows ||
	       s->batch.ids.count >= (size_t)s->conf->worker_batch_rows ||
	       weir_batch_bytes(&s->batch) >= BATCH_BYTES;
}

/* One answer of Redis; *got tells how many entries it had, *more whether there may be others. */
static weir_err read_step(weir_shard *s, size_t *got, bool *more)
{
	size_t count = CHUNK_BYTES / (s->entry_bytes ? s->entry_bytes : 1), before = s->batch.ids.count, bytes = s->batch.bytes;
	size_t room = (size_t)s->conf->worker_batch_rows - before;
	bool doubtful = weir_stream_doubtful(s->stream);
	weir_err err;

	count = count > WEIR_STREAM_READ ? WEIR_STREAM_READ : count;
	count = count > room ? room : count;
	count = count ? count : 1;
	err = weir_stream_read_new(s->stream, count, weir_batch_add, &s->batch, got);
	*more = *got == count;
	if (err || !*got)
		return err;
	if (!before)
		s->began_ms = weir_monotonic_ms();
	s->entry_bytes = (s->batch.bytes - bytes) / *got + 1;
	s->suspect |= doubtful || s->batch.replayed;
	return WEIR_OK;
}

static weir_err read_chunk(weir_shard *s)
{
	size_t got, all = 0, bytes = s->batch.bytes;
	bool more = true;
	weir_err err = WEIR_OK;

	while (!err && more && all < CHUNK_MAX && s->batch.bytes - bytes < CHUNK_BYTES && !is_full(s)) {
		err = read_step(s, &got, &more);
		all += got;
	}
	s->dry = !all;
	s->read_ms = more ? 0 : weir_monotonic_ms() + READ_EVERY_MS;
	return err;
}

/* Sends the batch off when it is due and there is room: beside another only a full one, so that batches are not cut small. */
static weir_err depart(weir_shard *s, bool drain, bool *again)
{
	bool full = is_full(s), due = full || weir_monotonic_ms() - s->began_ms >= s->conf->worker_batch_age || (drain && s->dry);
	size_t most = full && !s->suspect ? WEIR_BATCHNAMES : 1;

	*again = false;
	if (!s->batch.ids.count || !due || weir_store_under_way(s->store) >= most)
		return WEIR_OK;
	*again = true;
	if (s->suspect) {
		/* Its entries are pending now, and go the careful way. */
		weir_batch_clear(&s->batch);
		s->suspect = false;
		s->state = PENDING;
		return WEIR_OK;
	}
	s->held_ms = weir_monotonic_ms();
	s->backlog = full;
	return weir_store_start(s->store, &s->batch);
}

static enum weir_shard_did run(weir_shard *s, bool drain)
{
	bool arrived = false, read = false, departed = false;
	weir_err err = WEIR_OK;

	if (weir_store_under_way(s->store) && weir_store_step(s->store, is_full(s) ? 20 : 0)) {
		err = weir_store_land(s->store);
		arrived = true;
		/* ClickHouse has another batch, if one is there, while Redis settles this one. */
		if (!err)
			err = depart(s, drain, &departed);
		if (!err)
			err = weir_store_settle(s->store);
		if (!err)
			s->pause_ms = 0;
	}
	if (!err && !is_full(s) && (drain || weir_monotonic_ms() >= s->read_ms)) {
		err = read_chunk(s);
		read = drain ? !s->dry : !s->read_ms;
	}
	if (!err && !departed)
		err = depart(s, drain, &departed);
	if (!err && weir_monotonic_ms() - s->held_ms > weir_stream_lease_ms(s->stream) / 4) {
		err = weir_stream_hold(s->stream, WEIR_TEXT(""), NULL);
		s->held_ms = weir_monotonic_ms();
	}
	if (err) {
		/* Whatever is on its way has to arrive before its rows are looked for. */
		if (weir_store_under_way(s->store) && weir_store_finish(s->store))
			weir_log(LOG_DEBUG, "shard", "shard=%u a batch failed behind another failure", weir_stream_shard(s->stream));
		return fall_back(s, err);
	}
	if (arrived || read || departed)
		return WEIR_SHARD_WORK;
	return weir_store_under_way(s->store) ? WEIR_SHARD_WAIT : WEIR_SHARD_IDLE;
}

enum weir_shard_did weir_shard_step(weir_shard *s, bool drain)
{
	if (s->state != RUNNING && weir_monotonic_ms() < s->next_ms)
		return s->foreign_told ? WEIR_SHARD_FOREIGN : WEIR_SHARD_FAILING;
	switch (s->state) {
	case SEEKING:
		return seek(s);
	case PENDING:
		return recover(s);
	case RUNNING:
		break;
	}
	return run(s, drain);
}

bool weir_shard_is_empty(const weir_shard *s)
{
	return s->state == RUNNING && s->dry && !s->batch.ids.count && !weir_store_under_way(s->store);
}

bool weir_shard_has_backlog(const weir_shard *s)
{
	return s->state == RUNNING && s->backlog && !s->dry;
}

void weir_shard_stop(weir_shard *s)
{
	weir_err err = WEIR_OK;
	bool more;

	if (weir_store_under_way(s->store))
		err = weir_store_finish(s->store);
	if (!err && s->state == RUNNING && s->batch.ids.count && !s->suspect) {
		err = weir_store_start(s->store, &s->batch);
		if (!err)
			err = weir_store_finish(s->store);
	}
	if (!err && s->state == RUNNING && weir_shard_write_page_times(s, &more))
		weir_log(LOG_NOTICE, "stop", "shard=%u times spent on pages wait in Redis for the next worker", weir_stream_shard(s->stream));
	if (!err && s->state == RUNNING && weir_people_flush_run(s->people, STOP_PEOPLE_MS, &more))
		weir_log(LOG_NOTICE, "stop", "shard=%u changes of profiles wait in Redis for the next worker", weir_stream_shard(s->stream));
	if (err)
		weir_log(LOG_NOTICE, "stop", "shard=%u what was read waits in Redis for the next worker", weir_stream_shard(s->stream));
	weir_stream_release(s->stream);
}

weir_err weir_shard_reap(weir_shard *s)
{
	weir_err err = WEIR_OK;
	bool more = s->state == RUNNING;
	int64_t ended, all = 0;

	for (int i = 0; more && !err && i < REAP_ROUNDS; i++) {
		err = weir_stream_reap(s->stream, &ended, &more);
		all += ended;
	}
	s->reaped += all;
	if (all)
		weir_log(LOG_DEBUG, "reap", "shard=%u sessions=%lld", weir_stream_shard(s->stream), (long long)all);
	return err;
}

weir_err weir_shard_write_page_times(weir_shard *s, bool *more)
{
	weir_err err;

	*more = false;
	if (s->state != RUNNING)
		return WEIR_OK;
	err = weir_pagetime_write(s->conf, s->stream, s->ch, &s->page_times, more);
	if (err)
		weir_log(LOG_WARNING, "pagetime", "shard=%u error=\"%.500s\"", weir_stream_shard(s->stream),
			err == WEIR_EBADGATEWAY ? weir_ch_error(s->ch) : weir_err_text(err));
	return err;
}

weir_err weir_shard_backfill(weir_shard *s, bool *more)
{
	weir_err err;

	*more = false;
	if (s->state != RUNNING)
		return WEIR_OK;
	err = weir_backfill_write(s->conf, s->redis, s->ch, weir_stream_shard(s->stream), more);
	if (err)
		weir_log(LOG_WARNING, "backfill", "shard=%u error=\"%.500s\"", weir_stream_shard(s->stream),
			err == WEIR_EBADGATEWAY ? weir_ch_error(s->ch) : weir_err_text(err));
	return err;
}

weir_err weir_shard_flush_people(weir_shard *s, int64_t *again_ms)
{
	*again_ms = -1;
	return s->state == RUNNING ? weir_people_flush_step(s->people, weir_shard_has_backlog(s), again_ms) : WEIR_OK;
}

weir_err weir_shard_beat(weir_shard *s, int64_t started_at, const struct weir_spool_figures *spool)
{
	const struct weir_store_figures *f = weir_store_figures(s->store);
	const struct weir_people_figures *p = weir_people_figures(s->people);
	struct weir_heartbeat hb = {
		.pid = getpid(),
		.started_at = started_at,
		.at = weir_now_ms(),
		.batches = f->batches,
		.entries = f->entries,
		.event_rows = f->rows[WEIR_TABLE_EVENTS],
		.session_rows = f->rows[WEIR_TABLE_SESSIONS],
		.replay_rows = f->rows[WEIR_TABLE_REPLAYS],
		.bot_rows = f->rows[WEIR_TABLE_BOTS],
		.page_times = s->page_times,
		.page_times_lost = f->page_times_lost,
		.profile_rows = p->profile_rows,
		.group_rows = p->group_rows,
		.refused = f->refused + p->refused,
		.failures = f->failures + p->failures,
		.reaped = s->reaped,
		.last_flush_at = f->last_flush_ms,
		.last_flush_ms = f->last_flush_took_ms,
		.failing_since = f->failing_since_ms,
		.spool_bytes = spool->bytes,
		.spool_records = spool->records,
		.spool_oldest_at = spool->oldest_at_ms,
		.spool_bad = spool->bad_records,
		.spool_refused = spool->refused,
		.notices = f->notices,
	};
	weir_err err;

	if (s->state == SEEKING)
		return WEIR_OK;
	snprintf(hb.error, sizeof(hb.error), "%s", f->error[0] ? f->error : p->error);
	err = weir_stream_queue(s->stream, &hb.queue, &hb.oldest_at);
	if (!err)
		err = weir_stream_waiting(s->stream, &hb.notices_waiting, &hb.page_times_waiting);
	return err ? err : weir_heartbeat_write(s->redis, s->conf, weir_stream_shard(s->stream), &hb);
}
