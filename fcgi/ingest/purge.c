/* Taking a project out of ClickHouse and Redis. */
#include "config.h"
#include "ingest/purge.h"

#include "base/clock.h"
#include "base/num.h"
#include "ingest/botrow.h"
#include "ingest/deadletter.h"
#include "ingest/notice.h"
#include "ingest/replayrow.h"
#include "ingest/sweep.h"
#include "link/keys.h"
#include "redis_scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	MEMORY_MAX = 4 * 1024 * 1024,   /* of names */
	ROW_MAX = 16 * 1024 * 1024,     /* of one dead letter */
	CURSOR_MAX = 32,
	ID_MAX = 64,
	STEP_MS = 10,                   /* of one step, so that events are not kept waiting */
	DEAD_CHUNK = 50,
};

/* Sorted sets and hashes with members of many projects, and which are the project's. */
static const struct {
	const char *key, *before;
} collections[] = {
	{ WEIR_KEY_CLOCK, "" },
	{ WEIR_KEY_BACK, "?????????????????????? " }, /* a session's id */
	{ "dirty", "?:" },
	{ WEIR_KEY_ERASED, "" },
};
enum { COLLECTIONS = sizeof(collections) / sizeof(*collections) };

struct weir_purge {
	const struct weir_conf *conf;
	weir_redis *redis;
	weir_sweep *sweep;
	weir_arena *mem;
	weir_text project, anchor, pattern; /* anchor: some key of the shard; pattern: the project in one of SCAN */
	unsigned shard;
	/* Redis first: what is not there any more cannot come to ClickHouse behind the deletion. */
	enum { KEYS, MEMBERS, DEAD, JOBS, ROWS } state;
	size_t at;                          /* of the collections */
	char cursor[CURSOR_MAX], dead_after[ID_MAX];
	struct weir_purge_counts counts;
};

static struct weir_script forget_script = { .name = "forget", .source = WEIR_LUA_FORGET };
static const weir_text none = { NULL, 0 };

weir_purge *weir_purge_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, weir_text project_id)
{
	weir_purge *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	*p = (weir_purge){ .conf = conf, .redis = redis, .mem = weir_arena_new(MEMORY_MAX), .cursor = "0",
		.sweep = weir_sweep_new(conf, ch, &(struct weir_sweep_of){ .kind = WEIR_SWEEP_PROJECT, .project_id = project_id }) };
	if (p->mem) {
		p->shard = weir_shard_of(project_id, (unsigned)conf->redis_shards);
		p->project = weir_text_dup(p->mem, project_id);
		p->pattern = weir_key_pattern(p->mem, project_id);
		p->anchor = weir_key(p->mem, conf, p->shard, WEIR_KEY_EVENTS, none, none);
	}
	if (!p->sweep || !p->mem || weir_arena_failed(p->mem)) {
		weir_purge_free(p);
		return NULL;
	}
	return p;
}

void weir_purge_free(weir_purge *p)
{
	if (!p)
		return;
	weir_sweep_free(p->sweep);
	weir_arena_free(p->mem);
	free(p);
}

weir_text weir_purge_project(const weir_purge *p)
{
	return p->project;
}

struct weir_purge_counts weir_purge_counts(const weir_purge *p)
{
	struct weir_sweep_counts rows = weir_sweep_counts(p->sweep);
	struct weir_purge_counts counts = p->counts;

	counts.tables = rows.tables;
	counts.rows = rows.rows;
	return counts;
}

/* -------------------------------------------------------------------- Redis */

/* One step of forget.lua; where "" are the keys themselves. */
static weir_err scan(weir_purge *p, weir_text where, weir_text pattern)
{
	redisReply *r = NULL;
	weir_err err = weir_redis_eval(p->redis, &forget_script, &r, 1, 5,
		(weir_text[]){ p->anchor, where, weir_text_of(p->cursor), pattern, WEIR_TEXT("1000") });

	if (err)
		return err;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 2 && r->element[0]->str) {
		snprintf(p->cursor, sizeof(p->cursor), "%s", r->element[0]->str);
		p->counts.keys += (uint64_t)r->element[1]->integer;
	} else {
		err = WEIR_EINTERNAL;
	}
	freeReplyObject(r);
	return err;
}

/* Until the cursor is back at its beginning, or the step has lasted long enough. */
static weir_err scan_some(weir_purge *p, weir_text where, weir_text pattern, bool *ended)
{
	int64_t end = weir_monotonic_ms() + STEP_MS;
	weir_err err;

	do {
		err = scan(p, where, pattern);
		*ended = !err && !strcmp(p->cursor, "0");
	} while (!err && !*ended && weir_monotonic_ms() < end);
	return err;
}

static weir_text joined(weir_arena *mem, const weir_text *parts, size_t count)
{
	weir_text out = none;
	weir_str s;

	weir_str_init(&s, MEMORY_MAX);
	for (size_t i = 0; i < count; i++)
		weir_str_text(&s, parts[i]);
	if (!weir_str_err(&s))
		out = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return out;
}

static weir_err clear_keys(weir_purge *p, weir_arena *mem)
{
	weir_text common = weir_key_pattern(mem, weir_key(mem, p->conf, p->shard, "", none, none)), pattern;
	bool ended = false;
	weir_err err;

	/* Sessions, closed ids, pointers, states of profiles and of groups, kept answers, changed days. */
	pattern = joined(mem, (weir_text[]){ common, WEIR_TEXT("[szpughoaw]:"), p->pattern, WEIR_TEXT(":*") }, 4);
	err = pattern.p ? scan_some(p, WEIR_TEXT(""), pattern, &ended) : WEIR_ENOMEM;
	if (ended)
		p->state = MEMBERS;
	return err;
}

static weir_err clear_members(weir_purge *p, weir_arena *mem)
{
	weir_text where = weir_key(mem, p->conf, p->shard, collections[p->at].key, none, none), pattern;
	bool ended = false;
	weir_err err;

	pattern = joined(mem, (weir_text[]){ weir_text_of(collections[p->at].before), p->pattern, WEIR_TEXT(":*") }, 3);
	err = where.p && pattern.p ? scan_some(p, where, pattern, &ended) : WEIR_ENOMEM;
	if (ended && ++p->at == COLLECTIONS)
		p->state = DEAD;
	return err;
}

struct dead_walk {
	weir_purge *p;
	weir_arena *mem;
	size_t seen;
};

static bool is_of_project(const struct dead_walk *w, const struct weir_dead *dead)
{
	struct weir_replay_row chunk;
	struct weir_bot_row bot;
	struct weir_event e;
	struct weir_session s;
	weir_text from = dead->from, project = w->p->project;

	/* A state of a profile or group comes from "u:PROJECT:PROFILE". */
	if (dead->entry.kind == 'u' || dead->entry.kind == 'g')
		return from.n > project.n + 3 && from.p[1] == ':' && from.p[2 + project.n] == ':' &&
		       weir_text_eq((weir_text){ from.p + 2, project.n }, project);
	if (dead->entry.kind == 'r')
		return !weir_replay_row_unpack(w->mem, dead->entry.ev, &chunk) && weir_text_eq(chunk.project_id, project);
	if (dead->entry.kind == 't')
		return !weir_bot_row_unpack(w->mem, dead->entry.ev, &bot) && weir_text_eq(bot.project_id, project);
	if (dead->entry.ev.p && !weir_event_unpack(w->mem, dead->entry.ev, &e))
		return weir_text_eq(e.project_id, w->p->project);
	if (dead->entry.s.p && !weir_session_unpack(w->mem, dead->entry.s, &s))
		return weir_text_eq(s.project_id, w->p->project);
	if (dead->entry.o.p && !weir_session_unpack(w->mem, dead->entry.o, &s))
		return weir_text_eq(s.project_id, w->p->project);
	return false;
}

static weir_err look_at_dead(void *ctx, const struct weir_dead *dead)
{
	struct dead_walk *w = ctx;
	bool ours = is_of_project(w, dead);
	weir_err err = ours ? weir_dead_remove(w->p->redis, w->p->conf, w->p->shard, dead->id) : WEIR_OK;

	weir_arena_reset(w->mem);
	w->seen++;
	snprintf(w->p->dead_after, ID_MAX, "%.*s", (int)dead->id.n, dead->id.p);
	w->p->counts.dead += ours && !err;
	return err == WEIR_ENOTFOUND ? WEIR_OK : err;
}

static weir_err clear_dead(weir_purge *p, weir_arena *unused)
{
	struct dead_walk w = { .p = p, .mem = weir_arena_new(ROW_MAX) };
	weir_err err = WEIR_ENOMEM;

	(void)unused; /* a dead letter may be larger */
	if (w.mem)
		err = weir_dead_each(p->redis, p->conf, p->shard, p->dead_after[0] ? weir_text_of(p->dead_after) : none, DEAD_CHUNK, look_at_dead, &w);
	if (!err && w.seen < DEAD_CHUNK) {
		p->state = JOBS;
		p->at = 0;
	}
	weir_arena_free(w.mem);
	return err;
}

/* The jobs of notification among some of the shard's: taken out of the queue, then away. */
static weir_err drop_jobs(weir_purge *p, weir_arena *mem, const redisReply *list, weir_text queue, weir_text jobs)
{
	weir_text *zrem = weir_alloc_n(mem, list->elements + 2, sizeof(*zrem)), *hdel = weir_alloc_n(mem, list->elements + 2, sizeof(*hdel));
	struct weir_redis_command commands[2] = { { .argv = zrem }, { .argv = hdel } };
	size_t n = 2;
	weir_err err;

	if (!zrem || !hdel)
		return WEIR_ENOMEM;
	zrem[0] = WEIR_TEXT("ZREM");
	zrem[1] = queue;
	hdel[0] = WEIR_TEXT("HDEL");
	hdel[1] = jobs;
	for (size_t i = 0; i + 1 < list->elements; i += 2) {
		struct weir_job job;

		if (!weir_job_unpack(mem, weir_reply_text(list->element[i + 1]), &job) && weir_text_eq(job.project, p->project))
			zrem[n] = hdel[n] = weir_reply_text(list->element[i]), n++;
	}
	if (n == 2)
		return WEIR_OK;
	commands[0].argc = commands[1].argc = n;
	err = weir_redis_pipe(p->redis, commands, 2);
	for (size_t i = 0; i < 2; i++) {
		err = err ? err : commands[i].err;
		if (commands[i].reply)
			freeReplyObject(commands[i].reply);
	}
	p->counts.keys += err ? 0 : n - 2;
	return err;
}

static weir_err clear_jobs(weir_purge *p, weir_arena *mem)
{
	weir_text queue = weir_key(mem, p->conf, p->shard, WEIR_KEY_NOTIFY, none, none);
	weir_text jobs = weir_key(mem, p->conf, p->shard, WEIR_KEY_NOTIFY, WEIR_TEXT("jobs"), none);
	redisReply *r = NULL;
	weir_err err = WEIR_ENOMEM;

	if (queue.p && jobs.p)
		err = weir_redis_do(p->redis, &r, 5, (weir_text[]){ WEIR_TEXT("HSCAN"), jobs, weir_text_of(p->cursor), WEIR_TEXT("COUNT"), WEIR_TEXT("100") });
	if (err)
		return err;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 2 && r->element[0]->str)
		err = drop_jobs(p, mem, r->element[1], queue, jobs);
	else
		err = WEIR_EINTERNAL;
	if (!err)
		snprintf(p->cursor, sizeof(p->cursor), "%s", r->element[0]->str);
	freeReplyObject(r);
	if (!err && !strcmp(p->cursor, "0"))
		p->state = ROWS;
	return err;
}

static weir_err clear_redis(weir_purge *p)
{
	static weir_err (*const clear[])(weir_purge *p, weir_arena *mem) = {
		[KEYS] = clear_keys, [MEMBERS] = clear_members, [DEAD] = clear_dead, [JOBS] = clear_jobs,
	};
	weir_arena *mem = weir_arena_new(MEMORY_MAX);
	weir_err err = WEIR_ENOMEM;

	if (mem)
		err = clear[p->state](p, mem);
	weir_arena_free(mem);
	return err;
}

weir_err weir_purge_step(weir_purge *p, int64_t *again_ms)
{
	*again_ms = 0;
	return p->state == ROWS ? weir_sweep_step(p->sweep, again_ms) : clear_redis(p);
}

/* ------------------------------------------------- what must not come back */

static weir_err note(weir_redis *redis, const struct weir_conf *conf, weir_text project_id, const char *score)
{
	weir_arena *mem = weir_arena_new(MEMORY_MAX);
	weir_text argv[4] = { WEIR_TEXT("ZADD") };
	redisReply *r = NULL;
	weir_err err = WEIR_ENOMEM;

	if (mem)
		argv[1] = weir_key(mem, conf, weir_shard_of(project_id, (unsigned)conf->redis_shards), WEIR_KEY_DELETED, none, none);
	argv[2] = weir_text_of(score);
	argv[3] = project_id;
	if (!score[0]) {
		argv[0] = WEIR_TEXT("ZREM");
		argv[2] = project_id;
	}
	if (argv[1].p)
		err = weir_redis_do(redis, &r, score[0] ? 4 : 3, argv);
	if (!err)
		freeReplyObject(r);
	weir_arena_free(mem);
	return err;
}

weir_err weir_purge_remember(weir_redis *redis, const struct weir_conf *conf, weir_text project_id, int64_t now_ms)
{
	char score[24];

	snprintf(score, sizeof(score), "%" PRId64, now_ms);
	return note(redis, conf, project_id, score);
}

weir_err weir_purge_forget(weir_redis *redis, const struct weir_conf *conf, weir_text project_id)
{
	return note(redis, conf, project_id, "");
}

weir_err weir_purge_remembered(weir_redis *redis, const struct weir_conf *conf, unsigned shard, int64_t now_ms, weir_arena *mem,
	weir_text *ids, size_t max, size_t *count)
{
	weir_text key = weir_key(mem, conf, shard, WEIR_KEY_DELETED, none, none);
	char old[24], last[24];
	redisReply *r = NULL;
	weir_err err;

	*count = 0;
	if (!key.p)
		return WEIR_ENOMEM;
	snprintf(old, sizeof(old), "%" PRId64, now_ms - WEIR_PURGE_MEMORY_MS);
	snprintf(last, sizeof(last), "%zu", max - 1);
	err = weir_redis_do(redis, &r, 4, (weir_text[]){ WEIR_TEXT("ZREMRANGEBYSCORE"), key, WEIR_TEXT("-inf"), weir_text_of(old) });
	if (err || !max)
		goto out;
	freeReplyObject(r);
	r = NULL;
	err = weir_redis_do(redis, &r, 4, (weir_text[]){ WEIR_TEXT("ZRANGE"), key, WEIR_TEXT("0"), weir_text_of(last) });
	for (size_t i = 0; !err && i < r->elements && i < max; i++) {
		ids[*count] = weir_text_dup(mem, weir_reply_text(r->element[i]));
		if (!ids[(*count)++].p)
			err = WEIR_ENOMEM;
	}
out:
	if (r)
		freeReplyObject(r);
	return err;
}
