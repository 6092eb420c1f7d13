/* The jobs of weir-worker: a table of them, and when each is due. */
#include "config.h"
#include "jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "ingest/salts.h"
#include "link/generation.h"
#include "link/keys.h"
#include "meta/maps.h"
#include "meta/watch.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	JOBS_MAX = 32,
	RETRY_MS = 5000,               /* after a failure */
	AWAY_RETRY_MS = 30 * 1000,     /* with PostgreSQL away: to wait for it would hold up the events */
};

/* What the jobs remember between two runs. */
struct jobs {
	int64_t next_ms[JOBS_MAX];     /* monotonic */
	char accounts[WEIR_WATCH_MAX]; /* mark of the clients, projects and salts as they were last seen */
	char generation[WEIR_CLOCK_MAX]; /* that nginx's maps were made from; "" for none yet */
};

/* *more, false before the call: there is more to do at once. */
typedef weir_err (*job_fn)(struct jobs *jobs, struct worker *w, bool *more);

struct job {
	const char *name;
	int64_t every_ms;              /* 0: what the setting says */
	size_t setting;                /* offset of a duration in struct weir_conf */
	int64_t retry_ms;
	job_fn run;
	int once;                      /* enum jobs_moment, or NEVER */
	bool must;                     /* --once fails when it fails */
};
enum { NEVER = -1 };

/* ------------------------------------------------------------ the functions */

static weir_err refresh_salts(struct jobs *jobs, struct worker *w, bool *more)
{
	bool changed;
	weir_err err = weir_salts_refresh(w->pg, w->mem, weir_now_ms(), w->conf.worker_salt_rotation, &changed);

	(void)jobs;
	(void)more;
	if (!err && changed)
		err = weir_generation_bump(w->redis, w->mem, &w->conf, WEIR_TEXT(""));
	if (err)
		weir_log(LOG_WARNING, "salts", "error=\"%s\"", weir_err_text(err));
	return err;
}

/* What others wrote into PostgreSQL without a word counts as a new generation. */
static weir_err watch_accounts(struct jobs *jobs, struct worker *w, bool *more)
{
	char now[WEIR_WATCH_MAX];
	weir_err err = weir_watch_read(w->pg, w->mem, now);

	(void)more;
	if (!err && strcmp(now, jobs->accounts) != 0) {
		err = weir_generation_bump(w->redis, w->mem, &w->conf, WEIR_TEXT(""));
		if (!err)
			memcpy(jobs->accounts, now, sizeof(now));
	}
	return err;
}

/* The generations of all streams together: changes when any of them does. */
static weir_err read_generation(struct worker *w, char out[WEIR_CLOCK_MAX])
{
	weir_text none = { NULL, 0 };
	int64_t sum = 0;

	for (unsigned i = 0; i < (unsigned)w->conf.redis_shards; i++) {
		weir_text key = weir_key(w->mem, &w->conf, i, WEIR_KEY_GENERATION, none, none);
		redisReply *r = NULL;
		int64_t v;
		weir_err err = key.p ? weir_redis_do(w->redis, &r, 2, (weir_text[]){ WEIR_TEXT("GET"), key }) : WEIR_ENOMEM;

		if (err)
			return err;
		if (!weir_num_int(weir_reply_text(r), &v))
			sum += v;
		freeReplyObject(r);
	}
	snprintf(out, WEIR_CLOCK_MAX, "%lld", (long long)sum);
	return WEIR_OK;
}

/* nginx's maps follow the projects. */
static weir_err refresh_maps(struct jobs *jobs, struct worker *w, bool *more)
{
	char now[WEIR_CLOCK_MAX];
	struct weir_fault fault = { .text = "" };
	bool changed = false;
	weir_err err;

	(void)more;
	if (!w->conf.worker_dashboard_maps || !w->conf.nginx_maps_file[0])
		return WEIR_OK;
	err = read_generation(w, now);
	if (err || !strcmp(now, jobs->generation))
		return err;
	err = weir_maps_refresh(&w->conf, w->pg, w->mem, &changed, &fault);
	if (!err)
		memcpy(jobs->generation, now, sizeof(now));
	if (err)
		weir_log(LOG_WARNING, "maps", "error=\"%s\"", fault.text[0] ? fault.text : weir_err_text(err));
	if (changed)
		weir_log(LOG_NOTICE, "maps", "file=%s written=yes", w->conf.nginx_maps_file);
	return err;
}

static weir_err reap_sessions(struct jobs *jobs, struct worker *w, bool *more)
{
	weir_err err = WEIR_OK;

	(void)jobs;
	(void)more;
	for (size_t i = 0; i < w->shards; i++) {
		weir_err one = weir_shard_reap(w->shard[i]);

		err = err ? err : one;
	}
	return err;
}

static weir_err tell_figures(struct jobs *jobs, struct worker *w, bool *more)
{
	weir_err err = WEIR_OK;

	(void)jobs;
	(void)more;
	for (size_t i = 0; i < w->shards; i++) {
		weir_err one = weir_shard_beat(w->shard[i], w->started_at);

		err = err ? err : one;
	}
	return err;
}

/* ---------------------------------------------------------------- the table */

#define SETTING(member) .setting = offsetof(struct weir_conf, member)
static const struct job table[] = {
	{ "salts", .every_ms = 60 * 1000, .retry_ms = RETRY_MS, .run = refresh_salts, .once = JOBS_FIRST },
	{ "accounts", .every_ms = 1000, .retry_ms = AWAY_RETRY_MS, .run = watch_accounts, .once = NEVER },
	{ "maps", .every_ms = 1000, .retry_ms = RETRY_MS, .run = refresh_maps, .once = JOBS_FIRST },
	{ "sessions", SETTING(session_reaper_interval), .retry_ms = RETRY_MS, .run = reap_sessions, .once = JOBS_EMPTY, .must = true },
	{ "figures", .every_ms = 1000, .retry_ms = RETRY_MS, .run = tell_figures, .once = JOBS_LAST, .must = true },
};
enum { JOBS = sizeof(table) / sizeof(*table) };
_Static_assert((int)JOBS <= (int)JOBS_MAX, "JOBS_MAX is too small");

struct jobs *jobs_new(void)
{
	return calloc(1, sizeof(struct jobs));
}

void jobs_free(struct jobs *jobs)
{
	free(jobs);
}

static int64_t interval_of(const struct job *job, const struct weir_conf *conf)
{
	int64_t v;

	if (job->every_ms)
		return job->every_ms;
	memcpy(&v, (const char *)conf + job->setting, sizeof(v));
	return v;
}

static void run(struct jobs *jobs, struct worker *w, size_t i)
{
	const struct job *job = &table[i];
	bool more = false;
	weir_err err;

	jobs->next_ms[i] = weir_monotonic_ms() + interval_of(job, &w->conf);
	err = job->run(jobs, w, &more);
	weir_arena_reset(w->mem);
	if (err)
		jobs->next_ms[i] = weir_monotonic_ms() + job->retry_ms;
	else if (more)
		jobs->next_ms[i] = 0;
}

void jobs_run(struct jobs *jobs, struct worker *w)
{
	for (size_t i = 0; i < JOBS; i++)
		if (weir_monotonic_ms() >= jobs->next_ms[i])
			run(jobs, w, i);
}

weir_err jobs_once(struct jobs *jobs, struct worker *w, enum jobs_moment moment)
{
	weir_err failed = WEIR_OK;

	for (size_t i = 0; i < JOBS; i++) {
		weir_err err = WEIR_OK;
		bool more = table[i].once == (int)moment;

		while (more && !err) {
			more = false;
			err = table[i].run(jobs, w, &more);
			weir_arena_reset(w->mem);
		}
		if (err && table[i].must && !failed)
			failed = err;
	}
	return failed;
}
