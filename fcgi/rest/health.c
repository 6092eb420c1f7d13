#include "config.h"
#include "rest/health.h"

#include "base/num.h"
#include "ingest/heartbeat.h"
#include "link/keys.h"

enum { REDIS, DB, CH };
const char *const weir_dependencies[WEIR_DEPENDENCIES] = { "redis", "db", "ch" };

static bool redis_int(struct weir_rest *rest, const char *command, weir_text key, int64_t *value)
{
	weir_text argv[2] = { weir_text_of(command), key };
	redisReply *reply;

	if (!key.p || weir_redis_do(rest->redis, &reply, 2, argv))
		return false;
	*value = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
	freeReplyObject(reply);
	return true;
}

/* When the first entry of a stream was appended: the milliseconds of its id; 0 for an empty stream. */
static bool first_at(struct weir_rest *rest, weir_text stream, int64_t *at_ms)
{
	weir_text argv[6] = { WEIR_TEXT("XRANGE"), stream, WEIR_TEXT("-"), WEIR_TEXT("+"), WEIR_TEXT("COUNT"), WEIR_TEXT("1") };
	weir_text id = { NULL, 0 };
	redisReply *reply;
	const char *dash;

	*at_ms = 0;
	if (!stream.p || weir_redis_do(rest->redis, &reply, 6, argv))
		return false;
	if (reply->elements && reply->element[0]->elements)
		id = weir_reply_text(reply->element[0]->element[0]);
	dash = id.n ? memchr(id.p, '-', id.n) : NULL;
	if (dash && weir_num_int((weir_text){ id.p, (size_t)(dash - id.p) }, at_ms))
		*at_ms = 0;
	freeReplyObject(reply);
	return true;
}

/* A spool of another host, or one that this user may not read, is known by what the workers tell. */
static void hear_of_spool(struct weir_rest *rest, struct weir_health *h)
{
	for (unsigned i = 0; i < (unsigned)h->shards && !h->spool.files && !h->spool.refused; i++) {
		struct weir_heartbeat beat;

		if (weir_heartbeat_read(rest->redis, rest->conf, i, &beat))
			continue;
		h->spool.bytes = beat.spool_bytes;
		h->spool.records = beat.spool_records;
		h->spool.oldest_at_ms = beat.spool_oldest_at;
		h->spool.bad_records = beat.spool_bad;
		h->spool.refused = beat.spool_refused;
	}
}

bool weir_health_queue(struct weir_rest *rest, struct weir_req *r, struct weir_health *h)
{
	weir_text none = { NULL, 0 };
	weir_err seen = weir_spool_survey(rest->conf, &h->spool);

	h->shards = rest->conf->redis_shards > 0 ? rest->conf->redis_shards : 1;
	for (unsigned i = 0; i < (unsigned)h->shards; i++) {
		weir_text events = weir_key(r->mem, rest->conf, i, WEIR_KEY_EVENTS, none, none);
		int64_t waiting, dead, owned, at_ms;

		if (!redis_int(rest, "XLEN", events, &waiting) || !first_at(rest, events, &at_ms)
			|| !redis_int(rest, "XLEN", weir_key(r->mem, rest->conf, i, WEIR_KEY_DEAD, none, none), &dead)
			|| !redis_int(rest, "EXISTS", weir_key(r->mem, rest->conf, i, WEIR_KEY_OWNER, none, none), &owned))
			return false;
		h->waiting += waiting;
		h->dead += dead;
		h->owned += owned;
		if (at_ms && r->now_ms - at_ms > h->oldest_ms)
			h->oldest_ms = r->now_ms - at_ms;
	}
	if (seen)
		hear_of_spool(rest, h);
	return true;
}

void weir_health_ask(struct weir_rest *rest, struct weir_req *r, struct weir_health *h)
{
	struct weir_ch_query query = { .sql = "SELECT 1", .format = "TabSeparated", .read_only = true, .answer_max = 64 };
	weir_str answer;
	PGresult *res;

	*h = (struct weir_health){ .waiting = 0 };
	h->up[REDIS] = weir_health_queue(rest, r, h);
	h->up[DB] = !weir_pg_exec(rest->pg, r->mem, &res, "SELECT 1", 0, NULL);
	weir_str_init(&answer, 64);
	h->up[CH] = !weir_ch_run(rest->ch, &query, &answer);
	weir_str_free(&answer);
}

static void put_names(weir_json *j, const char *key, const struct weir_health *h, bool up)
{
	weir_json_arr(j, key);
	for (int i = 0; i < WEIR_DEPENDENCIES; i++)
		if (h->up[i] == up)
			weir_json_strz(j, NULL, weir_dependencies[i]);
	weir_json_end(j);
}

void weir_get_healthcheck(struct weir_rest *rest, struct weir_req *r)
{
	struct weir_health h;
	bool ready = true;
	weir_json j;

	weir_health_ask(rest, r, &h);
	for (int i = 0; i < WEIR_DEPENDENCIES; i++)
		ready = ready && h.up[i];
	r->status = ready ? 200 : 503;
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_bool(&j, "ready", ready);
	for (int i = 0; i < WEIR_DEPENDENCIES; i++)
		weir_json_bool(&j, weir_dependencies[i], h.up[i]);
	put_names(&j, "failedDependencies", &h, false);
	put_names(&j, "workingDependencies", &h, true);
	weir_json_end(&j);
}

void weir_get_live(struct weir_rest *rest, struct weir_req *r)
{
	weir_json j;

	(void)rest;
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_bool(&j, "live", true);
	weir_json_end(&j);
}

/* Only when there is something to tell: then Redis did not take what came. */
static void put_spool(weir_json *j, const struct weir_req *r, const struct weir_spool_figures *s)
{
	if (!s->records && !s->bad_records && !s->refused)
		return;
	weir_json_obj(j, "spool");
	weir_json_int(j, "records", s->records);
	weir_json_int(j, "bytes", s->bytes);
	weir_json_int(j, "oldestAgeMs", s->oldest_at_ms ? r->now_ms - s->oldest_at_ms : 0);
	weir_json_int(j, "badRecords", s->bad_records);
	weir_json_int(j, "refused", s->refused);
	weir_json_end(j);
}

void weir_get_ready(struct weir_rest *rest, struct weir_req *r)
{
	struct weir_health h = { .waiting = 0 };
	bool up = weir_health_queue(rest, r, &h);
	weir_json j;

	r->status = up ? 200 : 503;
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_bool(&j, "ready", up);
	if (up) {
		weir_json_int(&j, "queueDepth", h.waiting);
		weir_json_int(&j, "oldestEventAgeMs", h.oldest_ms);
	} else {
		weir_json_strz(&j, "reason", "redis does not answer");
	}
	put_spool(&j, r, &h.spool);
	weir_json_end(&j);
}
