/* The jobs of weir-worker: a table of them, and when each is due. */
#include "config.h"
#include "jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "cohorts.h"
#include "deletion.h"
#include "erasure.h"
#include "gsc.h"
#include "imports.h"
#include "ingest/salts.h"
#include "ingest/turn.h"
#include "ingest/vacuum.h"
#include "insights.h"
#include "link/generation.h"
#include "link/keys.h"
#include "meta/counts.h"
#include "meta/maps.h"
#include "meta/watch.h"
#include "rollups.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	JOBS_MAX = 32,
	RULES_MS = 60 * 1000,
	RETRY_MS = 5000,               /* after a failure */
	AWAY_RETRY_MS = 30 * 1000,     /* with PostgreSQL away: to wait for it would hold up the events */
	TURN_MS = 5000,                /* between looks whose turn it is, and renewals of the lease */
	TURN_RETRY_MS = 60 * 1000,     /* after a failed turn */
	START_MS = 2000,               /* until the worker knows how many events wait */
	PATIENCE_MS = 10 * 60 * 1000,  /* that a backlog of events goes before what can wait, at most */
	LOOK_MS = 1000,                /* between looks whether it does */
	ONCE_PATIENCE_MS = 15 * 1000,  /* of --once with one job; a turn is gone on with by the next run */
	ONCE_INSIGHTS_MS = 120 * 1000,  /* a project that is broken off begins anew, and a large one takes a while */
};

/* What the jobs remember between two runs. */
struct jobs {
	int64_t next_ms[JOBS_MAX];     /* monotonic */
	char accounts[WEIR_WATCH_MAX]; /* mark of the clients, projects and salts as they were last seen */
	char generation[WEIR_CLOCK_MAX]; /* that nginx's maps were made from; "" for none yet */
	char rules[WEIR_CLOCK_MAX];    /* generation that the rules were read in */
	int64_t rules_ms;              /* when they are read again all the same; monotonic */
	struct deletion *deletion;
	struct erasure *erasure;
	struct weir_counts counts;
	struct weir_vacuum vacuum;
	struct cohorts cohorts;
	struct imports *imports;
	struct gsc gsc;
	struct rollups rollups;
	struct insights *insights;

	char me[WEIR_OWNER_MAX];       /* for the turns */
	struct {
		bool mine;
		int64_t began_ms, kept_ms; /* monotonic */
	} turn[WEIR_TURN_JOBS];
};

/* *again_ms, -1 before the call: in how many ms there is more to do; left alone when that was all. */
typedef weir_err (*job_fn)(struct jobs *jobs, struct worker *w, int64_t *again_ms);

struct job {
	const char *name;
	int64_t every_ms;              /* 0: what the setting says */
	size_t setting;                /* offset of a duration in struct weir_conf */
	int64_t retry_ms;
	job_fn run;
	int once;                      /* enum jobs_moment, or NEVER */
	bool must;                     /* --once fails when it fails */
	int64_t once_ms;               /* that --once has for it; 0: ONCE_PATIENCE_MS */
	int turn;                      /* enum weir_turn_job + 1: one worker at a time, by ingest/turn.h; 0 for each worker's own */
	bool patient;                  /* waits while there is a backlog of events */
};
enum { NEVER = -1 };

/* ------------------------------------------------------------ the functions */

static weir_err refresh_salts(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	bool changed;
	weir_err err = weir_salts_refresh(w->pg, w->mem, weir_now_ms(), w->conf.worker_salt_rotation, &changed);

	(void)jobs;
	(void)again_ms;
	if (!err && changed)
		err = weir_generation_bump(w->redis, w->mem, &w->conf, WEIR_TEXT(""));
	if (err)
		weir_log(LOG_WARNING, "salts", "error=\"%s\"", weir_err_text(err));
	return err;
}

/* What others wrote into PostgreSQL without a word counts as a new generation. */
static weir_err watch_accounts(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	char now[WEIR_WATCH_MAX];
	weir_err err = weir_watch_read(w->pg, w->mem, now);

	(void)again_ms;
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
static weir_err refresh_maps(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	char now[WEIR_CLOCK_MAX];
	struct weir_fault fault = { .text = "" };
	bool changed = false;
	weir_err err;

	(void)again_ms;
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

/* Notification rules, when anything has changed or a minute has passed. */
static weir_err refresh_rules(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	char now[WEIR_CLOCK_MAX];
	weir_err err = read_generation(w, now);

	(void)again_ms;
	if (err || (!strcmp(now, jobs->rules) && weir_monotonic_ms() < jobs->rules_ms))
		return err;
	err = weir_rules_read(w->rules, w->pg);
	if (err) {
		weir_log(LOG_WARNING, "rules", "error=\"%s\"", weir_err_text(err));
		return err;
	}
	memcpy(jobs->rules, now, sizeof(now));
	jobs->rules_ms = weir_monotonic_ms() + RULES_MS;
	return WEIR_OK;
}

static weir_err reap_sessions(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	weir_err err = WEIR_OK;

	(void)jobs;
	(void)again_ms;
	/* A session is not over as long as events of it may be in the spool. */
	if (weir_respool_waits(w->respool))
		return WEIR_OK;
	for (size_t i = 0; i < w->shards; i++) {
		weir_err one = weir_shard_reap(w->shard[i]);

		err = err ? err : one;
	}
	return err;
}

static weir_err tell_figures(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	struct weir_spool_figures spool;
	weir_err err = weir_spool_survey(&w->conf, &spool);

	(void)jobs;
	(void)again_ms;
	if (err == WEIR_EUNAVAIL)
		weir_log(LOG_WARNING, "spool", "dir=%s error=\"cannot be read\"", w->conf.track_spool_dir);
	err = WEIR_OK;
	for (size_t i = 0; i < w->shards; i++) {
		weir_err one = weir_shard_beat(w->shard[i], w->started_at, &spool);

		err = err ? err : one;
	}
	return err;
}

/* Profiles and groups, a step at a time. */
static weir_err flush_people(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	weir_err err = WEIR_OK;
	int64_t again;

	(void)jobs;
	for (size_t i = 0; i < w->shards; i++) {
		weir_err one = weir_shard_flush_people(w->shard[i], &again);

		if (again >= 0 && (*again_ms < 0 || again < *again_ms))
			*again_ms = again;
		err = err ? err : one;
	}
	return err;
}

/* Times spent on pages, into events that are stored. */
static weir_err write_page_times(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	weir_err err = WEIR_OK;
	bool more;

	(void)jobs;
	for (size_t i = 0; i < w->shards; i++) {
		weir_err one = weir_shard_write_page_times(w->shard[i], &more);

		if (!one && more)
			*again_ms = 0;
		err = err ? err : one;
	}
	return err;
}

/* Profiles into the events of their sessions from before they were known. */
static weir_err backfill_profiles(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	weir_err err = WEIR_OK;
	bool more;

	(void)jobs;
	for (size_t i = 0; i < w->shards && w->conf.worker_profile_backfill; i++) {
		weir_err one = weir_shard_backfill(w->shard[i], &more);

		if (!one && more)
			*again_ms = 0;
		err = err ? err : one;
	}
	return err;
}

/* Of a run that was broken off nothing is left: it begins anew. */
static void start_over(struct jobs *jobs, int turn)
{
	switch (turn) {
	case WEIR_TURN_deletion:
		deletion_free(jobs->deletion);
		jobs->deletion = NULL;
		break;
	case WEIR_TURN_erasure:
		erasure_free(jobs->erasure);
		jobs->erasure = NULL;
		break;
	case WEIR_TURN_counts:
		jobs->counts = (struct weir_counts){ .changed = 0 };
		break;
	case WEIR_TURN_vacuum:
		weir_vacuum_init(&jobs->vacuum);
		break;
	case WEIR_TURN_cohorts:
		jobs->cohorts = (struct cohorts){ .computed = 0 };
		break;
	case WEIR_TURN_gsc:
		jobs->gsc = (struct gsc){ .rows = 0 };
		break;
	case WEIR_TURN_imports:
		imports_free(jobs->imports);
		jobs->imports = NULL;
		break;
	case WEIR_TURN_insights:
		insights_free(jobs->insights);
		jobs->insights = NULL;
		break;
	case WEIR_TURN_rollups:
		jobs->rollups = (struct rollups){ .rolled = 0 };
		break;
	}
}

static weir_err delete_due(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	if (!jobs->deletion)
		jobs->deletion = deletion_new();
	return jobs->deletion ? deletion_step(jobs->deletion, w, again_ms) : WEIR_ENOMEM;
}

static weir_err erase_due(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	if (!jobs->erasure)
		jobs->erasure = erasure_new();
	return jobs->erasure ? erasure_step(jobs->erasure, w, again_ms) : WEIR_ENOMEM;
}

static weir_err count_events(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	struct weir_meta m = { .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
	weir_err err = weir_counts_step(&jobs->counts, &m, w->ch);

	if (!err && jobs->counts.state != WEIR_COUNTS_DONE)
		*again_ms = 0;
	else if (!err && jobs->counts.changed)
		weir_log(LOG_INFO, "counts", "changed=%lld", (long long)jobs->counts.changed);
	return err;
}

static weir_err compute_cohorts(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	bool more = false;
	weir_err err = cohorts_step(&jobs->cohorts, w, &more);

	if (!err && more)
		*again_ms = 0;
	else if (!err && jobs->cohorts.computed + jobs->cohorts.failed)
		weir_log(LOG_INFO, "cohorts", "computed=%lld failed=%lld", (long long)jobs->cohorts.computed, (long long)jobs->cohorts.failed);
	return err;
}

static weir_err run_imports(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	if (!jobs->imports)
		jobs->imports = imports_new();
	return jobs->imports ? imports_step(jobs->imports, w, again_ms) : WEIR_ENOMEM;
}

static weir_err fetch_search_figures(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	bool more = false;
	weir_err err = gsc_step(&jobs->gsc, w, &more);

	if (!err && more)
		*again_ms = 0;
	else if (!err && jobs->gsc.asked)
		weir_log(LOG_INFO, "gsc", "connections=%lld failed=%lld rows=%lld", (long long)jobs->gsc.asked, (long long)jobs->gsc.failed,
			(long long)jobs->gsc.rows);
	return err;
}

static weir_err roll_up(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	bool more = false;
	weir_err err = rollups_step(&jobs->rollups, w, &more);

	if (!err && more)
		*again_ms = 0;
	else if (!err && jobs->rollups.rolled)
		weir_log(LOG_INFO, "rollups", "days=%lld", (long long)jobs->rollups.rolled);
	return err;
}

static weir_err find_insights(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	if (!jobs->insights)
		jobs->insights = insights_new();
	return jobs->insights ? insights_step(jobs->insights, w, again_ms) : WEIR_ENOMEM;
}

static weir_err vacuum(struct jobs *jobs, struct worker *w, int64_t *again_ms)
{
	struct weir_vacuum *v = &jobs->vacuum;
	bool more = false;
	weir_err err = weir_vacuum_step(v, w->redis, &w->conf, weir_now_ms(), &more);

	if (more)
		*again_ms = 0;
	else if (!err && v->returned + v->states + v->members + v->pointers)
		weir_log(LOG_NOTICE, "vacuum", "returned=%lld states=%lld members=%lld pointers=%lld", (long long)v->returned,
			(long long)v->states, (long long)v->members, (long long)v->pointers);
	return err;
}

/* ---------------------------------------------------------------- the table */

#define SETTING(member) .setting = offsetof(struct weir_conf, member)
#define TURN(name) .turn = WEIR_TURN_##name + 1, .every_ms = TURN_MS, .retry_ms = RETRY_MS
static const struct job table[] = {
	{ "salts", .every_ms = 60 * 1000, .retry_ms = RETRY_MS, .run = refresh_salts, .once = JOBS_FIRST },
	{ "accounts", .every_ms = 1000, .retry_ms = AWAY_RETRY_MS, .run = watch_accounts, .once = NEVER },
	{ "rules", .every_ms = 1000, .retry_ms = AWAY_RETRY_MS, .run = refresh_rules, .once = JOBS_FIRST, .must = true },
	{ "maps", .every_ms = 1000, .retry_ms = RETRY_MS, .run = refresh_maps, .once = JOBS_FIRST },
	{ "sessions", SETTING(session_reaper_interval), .retry_ms = RETRY_MS, .run = reap_sessions, .once = JOBS_EMPTY, .must = true },
	{ "deletion", TURN(deletion), .run = delete_due, .once = JOBS_LAST },
	{ "erasure", TURN(erasure), .run = erase_due, .once = JOBS_LAST },
	{ "counts", TURN(counts), .run = count_events, .once = JOBS_LAST, .patient = true },
	{ "vacuum", TURN(vacuum), .run = vacuum, .once = JOBS_LAST, .patient = true },
	{ "cohorts", TURN(cohorts), .run = compute_cohorts, .once = JOBS_LAST, .patient = true },
	{ "gsc", TURN(gsc), .run = fetch_search_figures, .once = JOBS_LAST },
	{ "imports", TURN(imports), .run = run_imports, .once = JOBS_LAST },
	{ "rollups", TURN(rollups), .run = roll_up, .once = JOBS_LAST, .patient = true },
	{ "insights", TURN(insights), .run = find_insights, .once = JOBS_LAST, .once_ms = ONCE_INSIGHTS_MS, .patient = true },
	{ "people", SETTING(worker_profile_age), .retry_ms = RETRY_MS, .run = flush_people, .once = JOBS_LAST, .must = true },
	{ "pages", SETTING(worker_views_age), .retry_ms = RETRY_MS, .run = write_page_times, .once = JOBS_LAST, .must = true },
	{ "backfill", .every_ms = 10 * 1000, .retry_ms = RETRY_MS, .run = backfill_profiles, .once = JOBS_LAST },
	{ "figures", .every_ms = 1000, .retry_ms = RETRY_MS, .run = tell_figures, .once = JOBS_LAST, .must = true },
};
enum { JOBS = sizeof(table) / sizeof(*table) };
_Static_assert((int)JOBS <= (int)JOBS_MAX, "JOBS_MAX is too small");

struct jobs *jobs_new(void)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	int64_t now = weir_monotonic_ms();

	if (!jobs)
		return NULL;
	weir_owner_name(jobs->me);
	for (size_t i = 0; i < JOBS; i++)
		jobs->next_ms[i] = table[i].patient ? now + START_MS : now;
	return jobs;
}

void jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	deletion_free(jobs->deletion);
	erasure_free(jobs->erasure);
	imports_free(jobs->imports);
	insights_free(jobs->insights);
	free(jobs);
}

static int64_t interval_of(const struct job *job, const struct weir_conf *conf)
{
	int64_t v;

	if (job->turn) {
		v = weir_turn_interval(conf, (enum weir_turn_job)(job->turn - 1));
		return v > 0 && v < job->every_ms ? v : job->every_ms;
	}
	if (job->every_ms)
		return job->every_ms;
	memcpy(&v, (const char *)conf + job->setting, sizeof(v));
	return v;
}

/* -------------------------------------------------------------------- turns */

/* Takes the turn, or renews it. *mine: the job may be run. */
static weir_err hold_turn(struct jobs *jobs, struct worker *w, int turn, bool *mine)
{
	enum weir_turn_job job = (enum weir_turn_job)turn;
	int64_t now = weir_monotonic_ms();
	weir_err err = WEIR_OK;

	*mine = jobs->turn[turn].mine;
	if (weir_turn_interval(&w->conf, job) <= 0)
		return WEIR_OK;
	if (*mine && now - jobs->turn[turn].kept_ms < TURN_MS)
		return WEIR_OK;
	if (!*mine) {
		err = weir_turn_take(w->redis, &w->conf, job, jobs->me, weir_now_ms(), mine);
		if (err || !*mine)
			return err;
		start_over(jobs, turn);
		jobs->turn[turn].began_ms = now;
	} else {
		err = weir_turn_keep(w->redis, &w->conf, job, jobs->me, weir_now_ms());
	}
	*mine = jobs->turn[turn].mine = !err;
	jobs->turn[turn].kept_ms = now;
	if (err)
		start_over(jobs, turn);
	return err;
}

static weir_err end_turn(struct jobs *jobs, struct worker *w, int turn, weir_err failed)
{
	int64_t took = weir_monotonic_ms() - jobs->turn[turn].began_ms;

	jobs->turn[turn].mine = false;
	start_over(jobs, turn);
	if (failed)
		weir_log(LOG_WARNING, "job", "name=%s error=\"%s\"", weir_turn_name((enum weir_turn_job)turn), weir_err_text(failed));
	return weir_turn_end(w->redis, &w->conf, (enum weir_turn_job)turn, jobs->me, weir_now_ms(), took, failed ? weir_err_text(failed) : "",
		TURN_RETRY_MS);
}

/* A step of a job that one worker at a time does. */
static weir_err run_turn(struct jobs *jobs, struct worker *w, const struct job *job, int64_t *again_ms)
{
	int turn = job->turn - 1;
	bool mine;
	weir_err err = hold_turn(jobs, w, turn, &mine), ended;

	if (err || !mine)
		return err;
	err = job->run(jobs, w, again_ms);
	if (!err && *again_ms >= 0)
		return WEIR_OK;
	*again_ms = -1;
	ended = end_turn(jobs, w, turn, err);
	return err ? err : ended;
}

static weir_err run_job(struct jobs *jobs, struct worker *w, const struct job *job, int64_t *again_ms)
{
	weir_err err;

	*again_ms = -1;
	err = job->turn ? run_turn(jobs, w, job, again_ms) : job->run(jobs, w, again_ms);
	weir_arena_reset(w->mem);
	return err;
}

/* --------------------------------------------------------------------- runs */

/* It is due, and more events wait than leave with the batch after this one. */
static bool postponed(const struct jobs *jobs, const struct worker *w, size_t job, int64_t now)
{
	bool backlog = false;

	for (size_t i = 0; i < w->shards; i++)
		backlog |= weir_shard_has_backlog(w->shard[i]);
	return table[job].patient && backlog && now - jobs->next_ms[job] < PATIENCE_MS;
}

int64_t jobs_run(struct jobs *jobs, struct worker *w)
{
	int64_t next = weir_monotonic_ms() + LOOK_MS, left;

	for (size_t i = 0; i < JOBS; i++) {
		int64_t again_ms, now = weir_monotonic_ms();
		weir_err err;

		if (now < jobs->next_ms[i] || postponed(jobs, w, i, now))
			continue;
		jobs->next_ms[i] = now + interval_of(&table[i], &w->conf);
		err = run_job(jobs, w, &table[i], &again_ms);
		if (err)
			jobs->next_ms[i] = weir_monotonic_ms() + table[i].retry_ms;
		else if (again_ms >= 0)
			jobs->next_ms[i] = weir_monotonic_ms() + again_ms;
	}
	for (size_t i = 0; i < JOBS; i++)
		if (jobs->next_ms[i] < next && !postponed(jobs, w, i, weir_monotonic_ms()))
			next = jobs->next_ms[i];
	left = next - weir_monotonic_ms();
	return left > 0 ? left : 0;
}

/* Until the job has ended or its time is up. */
static weir_err run_to_end(struct jobs *jobs, struct worker *w, const struct job *job)
{
	int64_t end = weir_monotonic_ms() + (job->once_ms ? job->once_ms : ONCE_PATIENCE_MS), again_ms = 0;
	weir_err err = WEIR_OK;

	while (!err && again_ms >= 0 && weir_monotonic_ms() < end) {
		err = run_job(jobs, w, job, &again_ms);
		if (!err && again_ms > 0)
			nanosleep(&(struct timespec){ .tv_sec = again_ms / 1000, .tv_nsec = again_ms % 1000 * 1000000 }, NULL);
	}
	if (!err && again_ms >= 0)
		weir_log(LOG_NOTICE, "job", "name=%s not ended; the next run goes on", job->name);
	return err;
}

weir_err jobs_once(struct jobs *jobs, struct worker *w, enum jobs_moment moment)
{
	weir_err failed = WEIR_OK;

	for (size_t i = 0; i < JOBS; i++) {
		weir_err err = table[i].once == (int)moment ? run_to_end(jobs, w, &table[i]) : WEIR_OK;

		if (err && table[i].must && !failed)
			failed = err;
	}
	return failed;
}
