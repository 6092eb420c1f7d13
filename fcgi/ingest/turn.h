#ifndef WEIR_INGEST_TURN_H
#define WEIR_INGEST_TURN_H
#include "base/conf.h"
#include "ingest/owner.h"
#include "link/redis.h"
#include <stdint.h>
/*
 * Jobs that one worker of all does at a time, each at most once in its
 * interval, however many workers there are and however often they are
 * restarted.  A hash {PREFIX:0}:job:NAME says whose turn it is and how the last
 * runs went; /metrics and weirctl doctor read it.
 *
 *   owner, until   who runs it now (ingest/owner.h), and until when that is certain
 *   begun, ended, done   server ms: the last start, the last end, the last end without failure
 *   took           ms of the last run
 *   runs, failures how many ended well, and how many did not
 *   error, retry   text of the last failure ("" when the last run went well), and when it is tried again
 *
 * A worker that is killed in the middle is replaced at once by one of the same
 * host, else when its lease has run out: jobs begin anew then, so what they do
 * has to bear being done twice.
 */
#define WEIR_TURNS(X)                                                                                   \
	X(deletion, worker_deletion_interval, "Deletes organizations and projects that are due.")       \
	X(counts, worker_count_interval, "Counts the events of projects and organizations.")            \
	X(vacuum, worker_vacuum_interval, "Clears away what sessions have left in Redis.")              \
	X(cohorts, worker_cohort_interval, "Works out anew who belongs to the cohorts.")                \
	X(gsc, worker_gsc_interval, "Fetches figures of Google Search Console.")                        \
	X(imports, worker_import_interval, "Imports what people have ordered on the dashboard.")        \
	X(rollups, worker_rollup_interval, "Rolls up days that are over.")                              \
	X(insights, worker_insight_interval, "Finds out what has changed about projects, once a day.")  \
	X(erasure, worker_deletion_interval, "Erases persons, and events that are older than worker.keep_events.")

enum weir_turn_job {
#define X(name, setting, text) WEIR_TURN_##name,
	WEIR_TURNS(X)
#undef X
	WEIR_TURN_JOBS
};

/* The words and settings of the table above. */
const char *weir_turn_name(enum weir_turn_job job);
int64_t weir_turn_interval(const struct weir_conf *conf, enum weir_turn_job job);

enum { WEIR_TURN_LEASE_MS = 60 * 1000 };

/* me: this worker (weir_owner_name). *mine: it is due and nobody else does it; it has to be ended then. */
WEIR_MUSTCHECK weir_err weir_turn_take(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, const char *me, int64_t now_ms,
	bool *mine);
/* Renews the lease; to be called more often than WEIR_TURN_LEASE_MS. WEIR_ECONFLICT: another has it, stop. */
WEIR_MUSTCHECK weir_err weir_turn_keep(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, const char *me, int64_t now_ms);
/* error: "" when it went well; else it is tried again after retry_ms. */
WEIR_MUSTCHECK weir_err weir_turn_end(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, const char *me, int64_t now_ms,
	int64_t took_ms, const char *error, int64_t retry_ms);
/* Makes it due, for a worker to begin within seconds. */
WEIR_MUSTCHECK weir_err weir_turn_hurry(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job);

struct weir_turn {
	int64_t begun, ended, done, took, runs, failures, retry; /* 0 for never */
	bool running;
	char error[256];
};
/* WEIR_ENOTFOUND when it has never run. */
WEIR_MUSTCHECK weir_err weir_turn_read(weir_redis *redis, const struct weir_conf *conf, enum weir_turn_job job, struct weir_turn *turn);
#endif
