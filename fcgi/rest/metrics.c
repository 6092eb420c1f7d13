#include "config.h"
#include "rest/health.h"

/* GET /metrics: Prometheus' text format, for this machine only. */

static bool is_local(weir_text peer)
{
	return weir_text_is(peer, "unix") || weir_text_starts(peer, "127.") || weir_text_is(peer, "::1");
}

static void metric(weir_str *out, const char *name, const char *help, int64_t value)
{
	weir_str_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help, name, name, (long long)value);
}

void weir_get_metrics(struct weir_rest *rest, struct weir_req *r)
{
	struct weir_health h;

	if (!is_local(r->peer)) {
		weir_req_plain(r, 403, "metrics are for this machine only");
		return;
	}
	weir_health_ask(rest, r, &h);
	r->content_type = "text/plain; version=0.0.4; charset=utf-8";
	weir_str_puts(r->out, "# HELP weir_up Whether a server that Weir needs answers.\n# TYPE weir_up gauge\n");
	for (int i = 0; i < WEIR_DEPENDENCIES; i++)
		weir_str_addf(r->out, "weir_up{dependency=\"%s\"} %d\n", weir_dependencies[i], h.up[i]);
	if (!h.up[0])
		return;
	metric(r->out, "weir_queue_events", "Accepted events that wait for ClickHouse.", h.waiting);
	metric(r->out, "weir_queue_oldest_milliseconds", "Age of the oldest waiting event.", h.oldest_ms);
	metric(r->out, "weir_dead_events", "Events that ClickHouse refused.", h.dead);
	metric(r->out, "weir_queue_streams", "Event streams.", h.shards);
	metric(r->out, "weir_queue_streams_owned", "Event streams that a worker holds.", h.owned);
}
