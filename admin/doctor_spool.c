/* weirctl doctor: what Redis did not take, and what a power cut would take. */
#include "config.h"
#include "doctor.h"

#include "base/clock.h"
#include "ingest/spool.h"

enum { OLD_MS = 60 * 1000, RECENT_MS = 24 * 60 * 60 * 1000 };

static void waiting(struct ctl_report *r, const struct weir_spool_figures *s)
{
	const struct weir_conf *c = &r->ctl->conf;
	int64_t age = s->oldest_at_ms ? weir_now_ms() - s->oldest_at_ms : 0;

	if (!s->records) {
		ctl_finding(r, CTL_FINE, NULL, "%s: nothing waits", c->track_spool_dir);
		return;
	}
	ctl_finding(r, age > OLD_MS ? CTL_WARN : CTL_FINE, "weir-worker replays them as soon as Redis takes them: see both logs",
		"%s: %lld calls wait for Redis, the oldest for %.1f s", c->track_spool_dir, (long long)s->records, (double)age / 1000);
	if (s->bytes > c->track_spool_max / 2)
		ctl_finding(r, s->bytes >= c->track_spool_max ? CTL_WRONG : CTL_WARN, "bring Redis back, or raise track.spool_max: /track answers 503 beyond it",
			"the spool is %lld %% full", (long long)(s->bytes * 100 / (c->track_spool_max ? c->track_spool_max : 1)));
}

static void trouble(struct ctl_report *r, const struct weir_spool_figures *s)
{
	if (s->bad_records || s->bad_files)
		ctl_finding(r, CTL_WARN, "weir-worker's log says why; renamed to end in .spool they are replayed, removed they are gone",
			"%lld files ending in .bad: calls that Redis refuses, or that cannot be read", (long long)s->bad_files);
	if (s->refused && weir_now_ms() - s->refused_at_ms < RECENT_MS)
		ctl_finding(r, CTL_WARN, "see track.spool_max, track.spool_disk_min and the free space of the disk",
			"within the last day, neither Redis nor the spool took what came: answered 503 (%lld times since it was made)", (long long)s->refused);
}

static void power(struct ctl_report *r)
{
	weir_err err = r->redis_up ? weir_redis_durable(r->ctl->redis) : WEIR_OK;

	if (!weir_text_is(weir_text_of(r->ctl->conf.durable), "power"))
		return;
	if (err)
		ctl_finding(r, CTL_WRONG, "redis.conf: appendonly yes, appendfsync always; or set durable = process",
			"durable = power, but Redis does not sync its file before it answers");
	if (!r->ctl->conf.chdb_fsync)
		ctl_finding(r, CTL_WARN, "set chdb.fsync = yes (or fsync_after_insert in ClickHouse)", "durable = power, but chdb.fsync is no");
}

void ctl_check_spool(struct ctl_report *r)
{
	struct weir_spool_figures s;
	weir_err err = weir_spool_survey(&r->ctl->conf, &s);

	if (err == WEIR_ENOTFOUND) {
		ctl_finding(r, CTL_WARN, "make it and give it to the user of weir-track; without it events are refused while Redis is away",
			"track.spool_dir: there is no %s", r->ctl->conf.track_spool_dir);
	} else if (err) {
		ctl_finding(r, CTL_WARN, "run weirctl doctor as root or as the services' user", "%s cannot be read", r->ctl->conf.track_spool_dir);
	} else {
		waiting(r, &s);
		trouble(r, &s);
	}
	power(r);
}
