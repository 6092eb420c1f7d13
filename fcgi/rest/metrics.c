#include "config.h"
#include "rest/health.h"

#include "ingest/heartbeat.h"
#include "ingest/turn.h"
#include "link/answers.h"

#include <stddef.h>

/* GET /metrics: Prometheus' text format, for this machine only. */

/* A worker's figures; an age is told in milliseconds before now, 0 for never. */
static const struct figure {
	const char *name, *type, *help;
	size_t offset;
	bool age;
} figures[] = {
#define AT(member) offsetof(struct weir_heartbeat, member)
	{ "weir_worker_beat_age_milliseconds", "gauge", "Since the worker told its figures.", AT(at), true },
	{ "weir_worker_batches_total", "counter", "Batches written to ClickHouse since the worker's start.", AT(batches), false },
	{ "weir_worker_entries_total", "counter", "Entries of the stream that were settled.", AT(entries), false },
	{ "weir_worker_event_rows_total", "counter", "Rows written to events.", AT(event_rows), false },
	{ "weir_worker_session_rows_total", "counter", "Rows written to sessions.", AT(session_rows), false },
	{ "weir_worker_profile_rows_total", "counter", "Rows written to profiles.", AT(profile_rows), false },
	{ "weir_worker_group_rows_total", "counter", "Rows written to groups.", AT(group_rows), false },
	{ "weir_worker_replay_rows_total", "counter", "Rows written to session_replay_chunks.", AT(replay_rows), false },
	{ "weir_worker_bot_rows_total", "counter", "Rows written to events_bots.", AT(bot_rows), false },
	{ "weir_worker_page_times_total", "counter", "Times spent on pages that were written into stored events.", AT(page_times), false },
	{ "weir_worker_page_times_lost_total", "counter", "Times spent on pages for which there was no room to wait.", AT(page_times_lost), false },
	{ "weir_worker_page_times_waiting", "gauge", "Times spent on pages that are not written yet; at most a million wait.", AT(page_times_waiting), false },
	{ "weir_worker_refused_total", "counter", "Entries that ClickHouse refused.", AT(refused), false },
	{ "weir_worker_failures_total", "counter", "Tries that ClickHouse or Redis did not take.", AT(failures), false },
	{ "weir_worker_reaped_total", "counter", "Sessions ended because nothing more came.", AT(reaped), false },
	{ "weir_worker_flush_age_milliseconds", "gauge", "Since the last batch was written.", AT(last_flush_at), true },
	{ "weir_worker_flush_milliseconds", "gauge", "How long writing the last batch took.", AT(last_flush_ms), false },
	{ "weir_worker_notices_total", "counter", "Notifications that events have made.", AT(notices), false },
	{ "weir_worker_notices_waiting", "gauge", "Notifications that are not done yet.", AT(notices_waiting), false },
	{ "weir_worker_failing_milliseconds", "gauge", "Since when every try has failed.", AT(failing_since), true },
#undef AT
};

/* The worker's jobs; an age is told in milliseconds before now, 0 for never. */
static const struct job_figure {
	const char *name, *type, *help;
	size_t offset;
	bool age;
} job_figures[] = {
#define AT(member) offsetof(struct weir_turn, member)
	{ "weir_job_begun_age_milliseconds", "gauge", "Since the last run began.", AT(begun), true },
	{ "weir_job_done_age_milliseconds", "gauge", "Since the last run that went well ended.", AT(done), true },
	{ "weir_job_milliseconds", "gauge", "How long the last run took.", AT(took), false },
	{ "weir_job_runs_total", "counter", "Runs that went well.", AT(runs), false },
	{ "weir_job_failures_total", "counter", "Runs that failed.", AT(failures), false },
#undef AT
};

static bool is_local(weir_text peer)
{
	return weir_text_is(peer, "unix") || weir_text_starts(peer, "127.") || weir_text_is(peer, "::1");
}

/* A proxy on this machine has a local address, but says that it speaks for somebody; a scraper does not. */
static bool is_forwarded(const struct weir_req *r)
{
	static const char *const names[] = { "forwarded", "x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (weir_req_header_in(r, names[i]).n)
			return true;
	return false;
}

static void head(weir_str *out, const char *name, const char *help, const char *type)
{
	weir_str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(weir_str *out, const char *name, const char *help, int64_t value)
{
	head(out, name, help, "gauge");
	weir_str_addf(out, "%s %lld\n", name, (long long)value);
}

static int64_t value_at(const void *figures_of, size_t offset, bool age, int64_t now_ms)
{
	int64_t v;

	memcpy(&v, (const char *)figures_of + offset, sizeof(v));
	return !age ? v : v ? now_ms - v : 0;
}

static void workers(struct weir_rest *rest, struct weir_req *r, unsigned shards)
{
	struct weir_heartbeat *beats = weir_alloc_n(r->mem, shards, sizeof(*beats));
	bool *up = weir_alloc_n(r->mem, shards, sizeof(*up));

	if (!beats || !up)
		return;
	for (unsigned i = 0; i < shards; i++)
		up[i] = !weir_heartbeat_read(rest->redis, rest->conf, i, &beats[i]);
	head(r->out, "weir_worker_up", "Whether a worker tells figures of the stream.", "gauge");
	for (unsigned i = 0; i < shards; i++)
		weir_str_addf(r->out, "weir_worker_up{shard=\"%u\"} %d\n", i, up[i]);
	for (size_t k = 0; k < sizeof(figures) / sizeof(*figures); k++) {
		head(r->out, figures[k].name, figures[k].help, figures[k].type);
		for (unsigned i = 0; i < shards; i++)
			if (up[i])
				weir_str_addf(r->out, "%s{shard=\"%u\"} %lld\n", figures[k].name, i,
					(long long)value_at(&beats[i], figures[k].offset, figures[k].age, r->now_ms));
	}
}

static void jobs(struct weir_rest *rest, struct weir_req *r)
{
	struct weir_turn turn[WEIR_TURN_JOBS];
	bool known[WEIR_TURN_JOBS];

	for (int i = 0; i < WEIR_TURN_JOBS; i++)
		known[i] = !weir_turn_read(rest->redis, rest->conf, (enum weir_turn_job)i, &turn[i]);
	for (size_t k = 0; k < sizeof(job_figures) / sizeof(*job_figures); k++) {
		const struct job_figure *f = &job_figures[k];

		head(r->out, f->name, f->help, f->type);
		for (int i = 0; i < WEIR_TURN_JOBS; i++)
			if (known[i])
				weir_str_addf(r->out, "%s{job=\"%s\"} %lld\n", f->name, weir_turn_name((enum weir_turn_job)i),
					(long long)value_at(&turn[i], f->offset, f->age, r->now_ms));
	}
}

/* Answers that are kept, of all streams together. */
static void answers(struct weir_rest *rest, struct weir_req *r, unsigned shards)
{
	struct weir_answer_figures all = { .kept = 0 }, one;

	for (unsigned i = 0; i < shards; i++) {
		if (weir_answer_read_figures(rest->redis, rest->conf, r->mem, i, &one))
			return;
		all.kept += one.kept;
		all.joined += one.joined;
		all.computed += one.computed;
		all.evicted += one.evicted;
		all.bytes += one.bytes;
		all.count += one.count;
	}
	head(r->out, "weir_answers_total", "Questions whose answer may be kept, by where it came from.", "counter");
	weir_str_addf(r->out, "weir_answers_total{from=\"kept\"} %lld\n", (long long)all.kept);
	weir_str_addf(r->out, "weir_answers_total{from=\"joined\"} %lld\n", (long long)all.joined);
	weir_str_addf(r->out, "weir_answers_total{from=\"computed\"} %lld\n", (long long)all.computed);
	head(r->out, "weir_answers_evicted_total", "Answers that had to go before their time, for api.cache_memory.", "counter");
	weir_str_addf(r->out, "weir_answers_evicted_total %lld\n", (long long)all.evicted);
	gauge(r->out, "weir_answers_kept", "Answers that are kept.", all.count);
	gauge(r->out, "weir_answers_bytes", "Memory of Redis that they take, about.", all.bytes);
}

/* What Redis did not take; told while Redis is away as well. */
static void spool(struct weir_req *r, const struct weir_spool_figures *s)
{
	gauge(r->out, "weir_spool_bytes", "Size of the spool's files.", s->bytes);
	gauge(r->out, "weir_spool_records", "Calls in the spool that wait for Redis.", s->records);
	gauge(r->out, "weir_spool_oldest_milliseconds", "Age of the oldest of them.", s->oldest_at_ms ? r->now_ms - s->oldest_at_ms : 0);
	gauge(r->out, "weir_spool_bad_records", "Calls that Redis refuses as such.", s->bad_records);
	head(r->out, "weir_spool_refused_total", "Calls that neither Redis nor the spool took: they were answered 503.", "counter");
	weir_str_addf(r->out, "weir_spool_refused_total %lld\n", (long long)s->refused);
}

void weir_get_metrics(struct weir_rest *rest, struct weir_req *r)
{
	struct weir_health h;

	if (!is_local(r->peer) || is_forwarded(r)) {
		weir_req_plain(r, 403, "metrics are for this machine only");
		return;
	}
	weir_health_ask(rest, r, &h);
	r->content_type = "text/plain; version=0.0.4; charset=utf-8";
	head(r->out, "weir_up", "Whether a server that Weir needs answers.", "gauge");
	for (int i = 0; i < WEIR_DEPENDENCIES; i++)
		weir_str_addf(r->out, "weir_up{dependency=\"%s\"} %d\n", weir_dependencies[i], h.up[i]);
	spool(r, &h.spool);
	if (!h.up[0])
		return;
	gauge(r->out, "weir_queue_events", "Accepted events that wait for ClickHouse.", h.waiting);
	gauge(r->out, "weir_queue_oldest_milliseconds", "Age of the oldest waiting event.", h.oldest_ms);
	gauge(r->out, "weir_dead_events", "Events that ClickHouse refused and nobody has replayed.", h.dead);
	gauge(r->out, "weir_queue_streams", "Event streams.", h.shards);
	gauge(r->out, "weir_queue_streams_owned", "Event streams that a worker holds.", h.owned);
	workers(rest, r, (unsigned)h.shards);
	answers(rest, r, (unsigned)h.shards);
	jobs(rest, r);
}
