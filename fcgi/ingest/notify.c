/* Jobs of notification. */
#include "config.h"
#include "ingest/notify.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/notify_app.h"
#include "ingest/notify_expand.h"
#include "ingest/rowpack.h"
#include "ingest/webhook.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SCRATCH_MAX = 256 * 1024 * 1024,
	REPORT_MAX = 64 * 1024 * 1024,
	HIDDEN_MS = 30 * 1000,         /* of a taken job; longer than a request may last */
	POLL_MS = 1000,                /* between looks at a queue that says nothing is due */
	AWAY_MS = 30 * 1000,           /* before PostgreSQL or ClickHouse is asked again: to wait for them holds up the events */
	PAUSE_MAX_MS = 60 * 60 * 1000,
	TAKE_MAX = 16,
	LEAVE_MS = 3000,
	CH_TIMEOUT_MS = 2000,
};

/* One shard's queue. */
struct queue {
	weir_text keys[2];
	weir_str report;        /* what was done and Redis doesn't know yet: items of a MessagePack array */
	size_t items;
	int64_t next_ms;        /* wall clock: when to look */
};

/* A request on its way. */
struct sending {
	bool used;
	struct queue *q;
	weir_str packed;        /* the job */
	char id[64];
};

struct weir_notify {
	const struct weir_conf *conf;
	weir_redis *redis;
	weir_outbound *outbound;
	struct weir_expander expander;
	weir_arena *names, *mem; /* for good; for one job */
	struct queue *queue;
	size_t queues, turn;
	struct sending sending[WEIR_OUTBOUND_MAX];
	size_t on_way;
	struct weir_script script;
	int64_t away_until_ms;   /* monotonic */
	bool mail_told;
};

/* ---------------------------------------------------------------- opening, closing */

static bool add_queues(weir_notify *n, const unsigned *shards, size_t count)
{
	weir_text none = { NULL, 0 };

	n->queue = calloc(count + 1, sizeof(*n->queue));
	if (!n->queue)
		return false;
	for (; n->queues < count; n->queues++) {
		struct queue *q = &n->queue[n->queues];

		q->keys[0] = weir_key(n->names, n->conf, shards[n->queues], WEIR_KEY_NOTIFY, none, none);
		q->keys[1] = weir_key(n->names, n->conf, shards[n->queues], WEIR_KEY_NOTIFY, WEIR_TEXT("jobs"), none);
		weir_str_init(&q->report, REPORT_MAX);
	}
	return !weir_arena_failed(n->names);
}

weir_notify *weir_notify_new(const struct weir_conf *conf, weir_redis *redis, weir_pg *pg, const weir_rules *rules, const unsigned *shards,
	size_t count, struct weir_fault *fault)
{
	struct weir_conf hasty = *conf;
	weir_notify *n;

	if (conf->notify_attempts < 1 || conf->notify_retry < 1 || conf->notify_queue_max < 0) {
		weir_fault_set(fault, "notify.attempts must be 1 or more, notify.retry more than nothing, notify.queue_max not negative");
		return NULL;
	}
	if (weir_smtp_check(conf, fault))
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	*n = (weir_notify){ .conf = conf, .redis = redis, .names = weir_arena_new(1024 * 1024), .mem = weir_arena_new(SCRATCH_MAX),
		.script = { .name = "notify", .source = WEIR_LUA_NOTIFY } };
	hasty.clickhouse_timeout = conf->clickhouse_timeout < CH_TIMEOUT_MS ? conf->clickhouse_timeout : CH_TIMEOUT_MS;
	n->expander = (struct weir_expander){ .conf = conf, .pg = pg, .rules = rules };
	weir_fault_set(fault, "out of memory");
	if (n->names && n->mem && add_queues(n, shards, count) && (n->expander.ch = weir_ch_new(&hasty, fault)) &&
	    (n->outbound = weir_outbound_new(conf, fault)))
		return n;
	weir_notify_free(n);
	return NULL;
}

/* ------------------------------------------------------------------------ reports */

/* A word about a job for sql/redis/notify.lua; job is NULL where it isn't needed. */
static void report(struct queue *q, const char *word, weir_text id, int64_t due_ms, const struct weir_job *job)
{
	msgpack_packer pk;
	weir_str packed;

	weir_str_init(&packed, REPORT_MAX);
	if (job)
		weir_job_pack(job, &packed);
	if (weir_str_err(&packed)) {
		weir_log(LOG_ERR, "notify", "job=%.*s error=\"%s\"", (int)id.n, id.p, weir_err_text(weir_str_err(&packed)));
	} else {
		weir_rowpack_init(&pk, &q->report);
		weir_pack_text(&pk, weir_text_of(word));
		weir_pack_text(&pk, id);
		weir_pack_time(&pk, due_ms);
		weir_pack_text(&pk, weir_str_view(&packed));
		q->items += 4;
	}
	weir_str_free(&packed);
	q->next_ms = 0;
}

static void done(struct queue *q, weir_text id)
{
	report(q, "d", id, 0, NULL);
}

static void give_up(struct queue *q, const struct weir_job *job, const char *why)
{
	weir_log(LOG_WARNING, "notify", "job=%.*s rule=%.*s target=%.*s attempts=%" PRIu64 " error=\"given up: %s\"", (int)job->id.n, job->id.p,
		(int)job->rule.n, job->rule.p, job->kind == WEIR_JOB_POST ? (int)job->target.n : 0, job->target.p, job->tries, why);
	done(q, job->id);
}

/* notify.retry, doubled with each attempt that has failed. */
static int64_t pause_of(const weir_notify *n, uint64_t tries)
{
	int64_t pause = n->conf->notify_retry;

	while (tries-- > 1 && pause < PAUSE_MAX_MS)
		pause *= 2;
	return pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

static void retry(weir_notify *n, struct queue *q, struct weir_job *job, int64_t asked_ms, const char *why)
{
	int64_t pause;

	if (++job->tries >= (uint64_t)n->conf->notify_attempts) {
		give_up(q, job, why);
		return;
	}
	pause = pause_of(n, job->tries);
	pause = asked_ms > pause ? asked_ms : pause;
	weir_log(LOG_INFO, "notify", "job=%.*s attempts=%" PRIu64 " pause_ms=%" PRId64 " error=\"%s\"", (int)job->id.n, job->id.p, job->tries,
		pause, why);
	report(q, "l", job->id, weir_now_ms() + pause, job);
}

/* ---------------------------------------------------------------------- one job */

/* An error of our own servers: being away is no attempt of the job's, an exception or a timeout is. */
static void failed(weir_notify *n, struct queue *q, struct weir_job *job, weir_err err, const char *why)
{
	if (err == WEIR_ETIMEOUT || err == WEIR_EBADGATEWAY) {
		retry(n, q, job, 0, err == WEIR_EBADGATEWAY ? weir_ch_error(n->expander.ch) : weir_err_text(err));
		return;
	}
	if (err != WEIR_EUNAVAIL && err != WEIR_ENOMEM) {
		give_up(q, job, why && *why ? why : weir_err_text(err));
		return;
	}
	n->away_until_ms = weir_monotonic_ms() + AWAY_MS;
	report(q, "l", job->id, weir_now_ms() + AWAY_MS, job);
}

static void expand(weir_notify *n, struct queue *q, struct weir_job *job)
{
	struct weir_jobs made;
	const char *why;
	weir_err err = weir_expand(&n->expander, n->mem, job, &made, &why);

	if (err) {
		failed(n, q, job, err, why);
		return;
	}
	if (made.no_mail && !n->mail_told) {
		n->mail_told = true;
		weir_log(LOG_WARNING, "notify", "rule=%.*s error=\"smtp.url is not set: rules that want mail send none\"", (int)job->rule.n, job->rule.p);
	}
	for (size_t i = 0; i < made.count; i++)
		report(q, "n", made.item[i].id, weir_now_ms(), &made.item[i]);
	done(q, job->id);
}

static void tell_app(weir_notify *n, struct queue *q, struct weir_job *job)
{
	weir_err err = weir_notify_app(n->expander.pg, n->redis, n->mem, job);

	if (err)
		failed(n, q, job, err, "the row was refused; is its project or rule gone?");
	else
		done(q, job->id);
}

static struct sending *remember(weir_notify *n, struct queue *q, const struct weir_job *job)
{
	struct sending *s = n->sending;

	while (s->used) /* there is room: no more is taken than may be on its way */
		s++;
	*s = (struct sending){ .used = true, .q = q };
	weir_str_init(&s->packed, REPORT_MAX);
	weir_job_pack(job, &s->packed);
	snprintf(s->id, sizeof(s->id), "%.*s", (int)job->id.n, job->id.p);
	n->on_way++;
	return s;
}

static void forget(weir_notify *n, struct sending *s)
{
	weir_str_free(&s->packed);
	s->used = false;
	n->on_way--;
}

static void send_post(weir_notify *n, struct queue *q, struct weir_job *job)
{
	const struct weir_integration *to = weir_integration_by_id(n->expander.rules, job->target);
	const char *why = "there is no such integration any more";
	struct weir_post post;
	struct sending *s;
	weir_err err = to ? weir_webhook_make(n->mem, n->conf, to, job, weir_now_ms(), &post, &why) : WEIR_EBADREQ;

	if (err) {
		failed(n, q, job, err, why);
		return;
	}
	s = remember(n, q, job);
	err = weir_outbound_post(n->outbound, &post, s);
	if (err) {
		forget(n, s);
		failed(n, q, job, err, "its URL or a header is not of the form of one");
	}
}

static void send_mail(weir_notify *n, struct queue *q, struct weir_job *job)
{
	struct weir_mail mail = { .to = job->target, .subject = job->title, .id = job->id };
	struct sending *s;
	weir_str text;
	weir_err err;

	if (!weir_smtp_configured(n->conf)) {
		failed(n, q, job, WEIR_EBADREQ, "smtp.url is not set");
		return;
	}
	weir_str_init(&text, REPORT_MAX);
	weir_str_text(&text, job->title);
	weir_str_puts(&text, "\n\n");
	weir_str_text(&text, job->message);
	weir_str_putc(&text, '\n');
	mail.text = weir_str_view(&text);
	s = remember(n, q, job);
	err = weir_str_err(&text) ? weir_str_err(&text) : weir_outbound_mail(n->outbound, &mail, s);
	if (err) {
		forget(n, s);
		failed(n, q, job, err, "an address is not of the form of one");
	}
	weir_str_free(&text);
}

static void do_job(weir_notify *n, struct queue *q, weir_text id, weir_text packed)
{
	static void (*const acts[WEIR_JOB_KINDS])(weir_notify *n, struct queue *q, struct weir_job *job) = {
		[WEIR_JOB_MATCH] = expand, [WEIR_JOB_FUNNEL] = expand, [WEIR_JOB_APP] = tell_app, [WEIR_JOB_POST] = send_post,
		[WEIR_JOB_MAIL] = send_mail,
	};
	struct weir_job job = { .id = id };

	weir_arena_reset(n->mem);
	if (weir_job_unpack(n->mem, packed, &job)) {
		weir_log(LOG_ERR, "notify", "job=%.*s error=\"not a job of this version, thrown away\"", (int)id.n, id.p);
		done(q, id);
		return;
	}
	acts[job.kind](n, q, &job);
}

/* ------------------------------------------------------------------------- steps */

/* What has been answered. */
static void collect(weir_notify *n)
{
	struct weir_outcome o;

	weir_outbound_step(n->outbound, 0);
	while (weir_outbound_next(n->outbound, &o)) {
		struct sending *s = o.tag;
		struct weir_job job = { .id = weir_text_of(s->id) };

		weir_arena_reset(n->mem);
		if (!o.err)
			done(s->q, job.id);
		else if (weir_job_unpack(n->mem, weir_str_view(&s->packed), &job))
			weir_log(LOG_ERR, "notify", "job=%s error=\"out of memory, it comes back later\"", s->id);
		else if (o.err == WEIR_EUNAVAIL)
			retry(n, s->q, &job, o.retry_after_ms, o.why);
		else
			give_up(s->q, &job, o.why);
		forget(n, s);
	}
}

static weir_err exchange(weir_notify *n, struct queue *q, size_t take, redisReply **reply)
{
	char now[24], hidden[24], most[24];
	msgpack_packer pk;
	weir_str list;
	weir_err err;

	snprintf(now, sizeof(now), "%" PRId64, weir_now_ms());
	snprintf(hidden, sizeof(hidden), "%d", (int)HIDDEN_MS);
	snprintf(most, sizeof(most), "%zu", take);
	weir_str_init(&list, REPORT_MAX + 16);
	if (q->items) {
		weir_rowpack_init(&pk, &list);
		msgpack_pack_array(&pk, q->items);
		weir_str_text(&list, weir_str_view(&q->report));
	}
	err = weir_str_err(&q->report) ? weir_str_err(&q->report) : weir_str_err(&list);
	if (err) {
		/* What it said is lost: those jobs come back when their time is over. */
		weir_log(LOG_ERR, "notify", "error=\"%s\"", weir_err_text(err));
		weir_str_reset(&q->report);
		q->items = 0;
	} else {
		err = weir_redis_eval(n->redis, &n->script, reply, 2, 6,
			(weir_text[]){ q->keys[0], q->keys[1], weir_text_of(now), weir_text_of(hidden), weir_text_of(most), weir_str_view(&list) });
	}
	weir_str_free(&list);
	return err;
}

/* Reports, takes and does. False when there was nothing. */
static bool look(weir_notify *n, struct queue *q)
{
	size_t room = weir_outbound_room(n->outbound), take = room < TAKE_MAX ? room : TAKE_MAX;
	bool waiting = !weir_rules_known(n->expander.rules) || weir_monotonic_ms() < n->away_until_ms;
	redisReply *r = NULL;
	bool some;

	if (exchange(n, q, waiting ? 0 : take, &r)) {
		q->next_ms = weir_now_ms() + POLL_MS;
		return false;
	}
	weir_str_reset(&q->report);
	q->items = 0;
	some = r->type == REDIS_REPLY_ARRAY && r->elements > 1;
	q->next_ms = weir_now_ms() + POLL_MS;
	if (r->type == REDIS_REPLY_ARRAY && r->elements && r->element[0]->integer >= 0 && r->element[0]->integer < q->next_ms && !waiting)
		q->next_ms = take ? r->element[0]->integer : q->next_ms;
	for (size_t i = 1; some && i + 1 < r->elements; i += 2)
		do_job(n, q, weir_reply_text(r->element[i]), weir_reply_text(r->element[i + 1]));
	freeReplyObject(r);
	return some;
}

void weir_notify_wake(weir_notify *n)
{
	for (size_t i = 0; i < n->queues; i++)
		n->queue[i].next_ms = 0;
}

bool weir_notify_step(weir_notify *n)
{
	bool some = false;

	collect(n);
	for (size_t i = 0; i < n->queues && !some; i++) {
		struct queue *q = &n->queue[n->turn];

		n->turn = (n->turn + 1) % n->queues;
		if (weir_now_ms() >= q->next_ms)
			some = look(n, q);
	}
	return some || n->on_way;
}

bool weir_notify_idle(const weir_notify *n)
{
	for (size_t i = 0; i < n->queues; i++)
		if (n->queue[i].items || weir_now_ms() >= n->queue[i].next_ms)
			return false;
	return !n->on_way;
}

/* The last word to Redis; jobs that are still on their way come back later. */
void weir_notify_free(weir_notify *n)
{
	int64_t deadline = weir_monotonic_ms() + LEAVE_MS;

	if (!n)
		return;
	while (n->on_way && weir_monotonic_ms() < deadline) {
		weir_outbound_step(n->outbound, 50);
		collect(n);
	}
	for (size_t i = 0; i < n->queues; i++) {
		redisReply *r = NULL;

		if (n->queue[i].items && !exchange(n, &n->queue[i], 0, &r))
			freeReplyObject(r);
		weir_str_free(&n->queue[i].report);
	}
	for (size_t i = 0; i < WEIR_OUTBOUND_MAX; i++)
		if (n->sending[i].used)
			forget(n, &n->sending[i]);
	weir_outbound_free(n->outbound);
	weir_ch_free(n->expander.ch);
	free(n->queue);
	weir_arena_free(n->names);
	weir_arena_free(n->mem);
	free(n);
}
