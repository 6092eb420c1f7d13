/* weirctl doctor: whether the worker does what it should do from time to time. */
#include "config.h"
#include "doctor.h"

#include "base/clock.h"
#include "ingest/turn.h"

enum { LATE_MS = 5 * 60 * 1000 }; /* beyond the interval */

static void job_of(struct ctl_report *r, enum weir_turn_job job)
{
	static const char advice[] = "a weir-worker has to run, or cron has to call weir-worker --once; see its log";
	int64_t interval = weir_turn_interval(&r->ctl->conf, job), now = weir_now_ms();
	const char *name = weir_turn_name(job);
	struct weir_turn turn;
	weir_err err = weir_turn_read(r->ctl->redis, &r->ctl->conf, job, &turn);

	if (interval <= 0)
		ctl_finding(r, CTL_FINE, NULL, "%s is switched off", name);
	else if (err && err != WEIR_ENOTFOUND)
		ctl_finding(r, CTL_WRONG, "see Redis' log", "%s cannot be asked: %s", name, weir_redis_error(r->ctl->redis));
	else if (err || !turn.ended)
		ctl_finding(r, !err && turn.running ? CTL_FINE : CTL_WARN, advice, !err && turn.running ? "%s runs for the first time" : "%s has never run", name);
	else if (turn.error[0])
		ctl_finding(r, CTL_WARN, "see the worker's log; it is tried again every minute", "%s failed %.0f s ago: %s", name,
			(double)(now - turn.ended) / 1000, turn.error);
	else if (now - turn.begun > interval + LATE_MS && !turn.running)
		ctl_finding(r, CTL_WARN, advice, "%s began last %.1f hours ago, though it is due every %.1f hours", name,
			(double)(now - turn.begun) / 3600000, (double)interval / 3600000);
	else
		ctl_finding(r, CTL_FINE, NULL, "%s ended %.0f s ago and took %lld ms", name, (double)(now - turn.ended) / 1000, (long long)turn.took);
}

void ctl_check_jobs(struct ctl_report *r)
{
	for (int job = 0; r->redis_up && job < WEIR_TURN_JOBS; job++)
		job_of(r, (enum weir_turn_job)job);
}

/* Organizations that the worker will delete, or has to keep, because nobody administers them. */
void ctl_check_owners(struct ctl_report *r)
{
	PGresult *res;

	if (!r->pg_up || weir_pg_exec(r->ctl->pg, r->ctl->mem, &res,
		"SELECT o.\"id\", to_char(o.\"deleteAt\", 'YYYY-MM-DD HH24:MI') FROM \"organizations\" o WHERE NOT EXISTS"
		" (SELECT 1 FROM \"members\" m WHERE m.\"organizationId\" = o.\"id\" AND m.\"role\" = 'org:admin') ORDER BY 1 LIMIT 20", 0, NULL))
		return;
	for (int i = 0; i < PQntuples(res); i++) {
		const char *at = PQgetisnull(res, i, 1) ? NULL : PQgetvalue(res, i, 1);

		ctl_finding(r, CTL_WARN, "give it one: weirctl create user --organization ID --admin; weirctl delete organization ID --undo keeps it",
			"organization %s has no administrator%s%s%s", PQgetvalue(res, i, 0), at ? " and goes at " : "", at ? at : "", at ? " UTC" : "");
	}
}
