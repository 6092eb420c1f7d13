#include "config.h"
#include "jobs.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/num.h"
#include "ingest/keep.h"
#include "link/usage.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* weir-worker: from Redis to ClickHouse, and what has to happen from time to time. */

enum {
	MEMORY_MAX = 64 * 1024 * 1024, /* of one job's work */
	WAIT_MS = 5,                   /* a batch is on its way */
	IDLE_MS = 100,
	ONCE_PATIENCE_MS = 15 * 1000,  /* of --once with something that is away */
	MAP_THRESHOLD = 128 * 1024,
};

static volatile sig_atomic_t asked_to_stop, asked_to_reload;

static void on_signal(int sig)
{
	if (sig == SIGHUP)
		asked_to_reload = 1;
	else
		asked_to_stop = 1;
}

/* ------------------------------------------------------------ opening, closing */

static bool add_shard(struct worker *w, int64_t number, struct weir_fault *fault)
{
	if (number < 0 || number >= w->conf.redis_shards || w->shards == WORKER_SHARDS_MAX) {
		weir_fault_set(fault, "worker.shards: there is no stream %lld, redis.shards is %lld", (long long)number,
			(long long)w->conf.redis_shards);
		return false;
	}
	w->shard[w->shards] = weir_shard_new(&w->conf, w->redis, w->ch, (unsigned)number);
	if (!w->shard[w->shards]) {
		weir_fault_set(fault, "out of memory");
		return false;
	}
	w->shards++;
	return true;
}

static bool add_shards(struct worker *w, struct weir_fault *fault)
{
	weir_text list = weir_text_of(w->conf.worker_shards), item;
	int64_t number;

	if (w->conf.redis_shards < 1 || w->conf.redis_shards > WORKER_SHARDS_MAX) {
		weir_fault_set(fault, "redis.shards must be from 1 to %d", WORKER_SHARDS_MAX);
		return false;
	}
	if (w->conf.worker_batch_rows < 1 || w->conf.worker_batch_rows > 1000000) {
		weir_fault_set(fault, "worker.batch_rows must be from 1 to 1000000");
		return false;
	}
	if (!weir_keep_check(&w->conf, fault))
		return false;
	while (weir_text_next(&list, ',', &item)) {
		if (!item.n)
			continue;
		if (weir_num_int(item, &number)) {
			weir_fault_set(fault, "worker.shards: \"%.*s\" is no number", (int)item.n, item.p);
			return false;
		}
		if (!add_shard(w, number, fault))
			return false;
	}
	for (number = 0; !w->conf.worker_shards[0] && number < w->conf.redis_shards; number++)
		if (!add_shard(w, number, fault))
			return false;
	return w->shards > 0;
}

static bool open_notify(struct worker *w, struct weir_fault *fault)
{
	unsigned number[WORKER_SHARDS_MAX];

	w->rules = weir_rules_new();
	if (!w->rules) {
		weir_fault_set(fault, "out of memory");
		return false;
	}
	for (size_t i = 0; i < w->shards; i++) {
		weir_shard_notify(w->shard[i], w->rules);
		number[i] = weir_shard_number(w->shard[i]);
	}
	w->notify = weir_notify_new(&w->conf, w->redis, w->pg, w->rules, number, w->shards, fault);
	return w->notify != NULL;
}

/* Everything that hangs on the settings; connects to nothing yet. */
static bool open_links(struct worker *w, struct weir_fault *fault)
{
	w->mem = weir_arena_new(MEMORY_MAX);
	w->jobs = jobs_new();
	w->redis = weir_redis_new(&w->conf, fault);
	w->pg = w->redis ? weir_pg_new(&w->conf, fault) : NULL;
	w->ch = w->pg ? weir_ch_new(&w->conf, fault) : NULL;
	w->respool = w->ch ? weir_respool_new(&w->conf, w->redis, fault) : NULL;
	if (!w->mem || !w->jobs)
		weir_fault_set(fault, "out of memory");
	return w->mem && w->jobs && w->respool && add_shards(w, fault) && open_notify(w, fault);
}

static void close_links(struct worker *w)
{
	jobs_free(w->jobs); /* first: one may be waiting for an answer of ClickHouse */
	w->jobs = NULL;
	weir_notify_free(w->notify);
	w->notify = NULL;
	for (size_t i = 0; i < w->shards; i++)
		weir_shard_free(w->shard[i]);
	w->shards = 0;
	weir_respool_free(w->respool);
	weir_rules_free(w->rules);
	w->rules = NULL;
	weir_ch_free(w->ch);
	weir_pg_free(w->pg);
	weir_redis_free(w->redis);
	weir_arena_free(w->mem);
	w->respool = NULL;
	w->ch = NULL;
	w->pg = NULL;
	w->redis = NULL;
	w->mem = NULL;
	weir_conf_free(&w->conf);
}

static struct worker *worker_new(const char *conf_path, struct weir_fault *fault)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	w->started_at = weir_now_ms();
	if (!weir_conf_load(&w->conf, conf_path, fault) && open_links(w, fault)) {
		weir_log_level(weir_log_level_of(w->conf.log_level));
		return w;
	}
	close_links(w);
	free(w);
	return NULL;
}

static void worker_stop(struct worker *w)
{
	for (size_t i = 0; i < w->shards; i++)
		weir_shard_stop(w->shard[i]);
	close_links(w);
	free(w);
}

/* ------------------------------------------------------------------- the loop */

/* The only place where a signal is let in. */
static void wait_for(int64_t ms, const sigset_t *open_mask)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	if (ppoll(NULL, 0, &ts, open_mask) < 0 && errno != EINTR)
		weir_log(LOG_ERR, "wait", "error=\"ppoll fails\"");
}

/* One step of every shard; how long nothing more can be done. */
static int64_t step_all(struct worker *w, bool drain, size_t *failing, size_t *foreign)
{
	static const int64_t pause[] = {
		[WEIR_SHARD_WORK] = 0,
		[WEIR_SHARD_WAIT] = WAIT_MS,
		[WEIR_SHARD_IDLE] = IDLE_MS,
		[WEIR_SHARD_FAILING] = IDLE_MS,
		[WEIR_SHARD_FOREIGN] = IDLE_MS,
	};
	int64_t least = IDLE_MS;

	*failing = *foreign = 0;
	for (size_t i = 0; i < w->shards; i++) {
		enum weir_shard_did did = weir_shard_step(w->shard[i], drain);

		least = pause[did] < least ? pause[did] : least;
		*failing += did == WEIR_SHARD_FAILING;
		*foreign += did == WEIR_SHARD_FOREIGN;
	}
	return weir_respool_step(w->respool) == WEIR_RESPOOL_WORK ? 0 : least;
}

/* The same for notifications: batches that were settled may have brought some. */
static int64_t step_notify(struct worker *w)
{
	int64_t notices = 0;

	for (size_t i = 0; i < w->shards; i++)
		notices += weir_shard_notices(w->shard[i]);
	if (notices != w->notices)
		weir_notify_wake(w->notify);
	w->notices = notices;
	return weir_notify_step(w->notify) ? WAIT_MS : IDLE_MS;
}

/* False when the old settings stay. */
static bool reload(struct worker **w, const char *conf_path)
{
	struct weir_fault fault;
	struct worker *fresh = worker_new(conf_path, &fault);

	asked_to_reload = 0;
	if (!fresh) {
		weir_log(LOG_ERR, "reload", "the old settings stay: %s", fault.text);
		return false;
	}
	worker_stop(*w);
	*w = fresh;
	weir_log(LOG_NOTICE, "reload", "settings read again");
	return true;
}

/* Rules above all: an event that is settled before they are known notifies nobody. */
static void begin(struct worker *w)
{
	if (jobs_once(w->jobs, w, JOBS_FIRST))
		weir_log(LOG_WARNING, "start", "events notify nobody until the notification rules can be read from PostgreSQL");
}

static int serve(struct worker **w, const char *conf_path, const sigset_t *open_mask)
{
	size_t failing, foreign;

	weir_log(LOG_NOTICE, "start", "shards=%zu", (*w)->shards);
	begin(*w);
	while (!asked_to_stop) {
		int64_t pause = step_all(*w, false, &failing, &foreign), told = step_notify(*w), due = jobs_run((*w)->jobs, *w);

		pause = told < pause ? told : pause;
		wait_for(due < pause ? due : pause, open_mask);
		if (asked_to_reload && reload(w, conf_path))
			begin(*w);
	}
	weir_log(LOG_NOTICE, "stop", "shards=%zu", (*w)->shards);
	return 0;
}

static bool all_empty(const struct worker *w, size_t foreign)
{
	size_t empty = foreign;

	for (size_t i = 0; i < w->shards; i++)
		empty += weir_shard_is_empty(w->shard[i]);
	return empty == w->shards;
}

/* For hosts without daemons: what waits is stored, what is due is done, and that is all. */
static int serve_once(struct worker *w, const sigset_t *open_mask)
{
	int64_t patience_ms = weir_monotonic_ms() + ONCE_PATIENCE_MS;
	size_t failing, foreign;
	bool reaped = false;

	if (jobs_once(w->jobs, w, JOBS_FIRST))
		return 1;
	while (!asked_to_stop) {
		int64_t pause = step_all(w, true, &failing, &foreign);

		if (!failing)
			patience_ms = weir_monotonic_ms() + ONCE_PATIENCE_MS;
		if (weir_monotonic_ms() > patience_ms)
			return 1;
		if (all_empty(w, foreign) && !weir_respool_busy(w->respool)) {
			if (reaped)
				break;
			reaped = true;
			if (jobs_once(w->jobs, w, JOBS_EMPTY))
				return 1;
			continue;
		}
		wait_for(pause, open_mask);
	}
	weir_notify_wake(w->notify);
	while (!asked_to_stop && !weir_notify_idle(w->notify) && weir_monotonic_ms() < patience_ms)
		wait_for(step_notify(w), open_mask);
	return jobs_once(w->jobs, w, JOBS_LAST) ? 1 : 0;
}

static void block_signals(sigset_t *open_mask)
{
	const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		sigaddset(&blocked, signals[i]);
		sigaction(signals[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, open_mask);
	signal(SIGPIPE, SIG_IGN);
}

static const char usage[] =
	"usage: weir-worker [--once] [-t] [-c FILE]\n"
	"       weir-worker --help | --version\n"
	"\n"
	"Takes accepted events from Redis to ClickHouse, ends sessions, notifies of\n"
	"events, changes salts and writes nginx's maps.\n"
	"\n"
	"  -c, --config FILE  settings instead of the installed weir.conf\n"
	"      --once         do what waits and what is due, then exit\n"
	"  -t, --test         check the settings and exit\n";

static int work(const char *conf_path, bool test, bool once)
{
	struct weir_fault fault;
	struct worker *w;
	sigset_t open_mask;
	int status = 0;

	/* Large buffers come from the kernel and go back to it, whatever was freed before them. */
	mallopt(M_MMAP_THRESHOLD, MAP_THRESHOLD);
	block_signals(&open_mask);
	weir_log_open("weir-worker", LOG_INFO);
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		fputs("weir-worker: libcurl does not start\n", stderr);
		return 1;
	}
	w = worker_new(conf_path, &fault);
	if (!w) {
		fprintf(stderr, "weir-worker: %s\n", fault.text);
		return 1;
	}
	if (!test)
		status = once ? serve_once(w, &open_mask) : serve(&w, conf_path, &open_mask);
	worker_stop(w);
	curl_global_cleanup();
	return status;
}

int main(int argc, char **argv)
{
	struct weir_usage said;
	int status = weir_usage_read(argc, argv, "weir-worker", usage, true, &said);

	return status >= 0 ? status : work(said.conf_path, said.test, said.once);
}
