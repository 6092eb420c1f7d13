/* POST /track of type replay: a piece of a recorded visit. */
#include "config.h"
#include "ingest/pass.h"

#include "base/clock.h"
#include "ingest/answer.h"
#include "ingest/replayrow.h"

enum { COUNT_MAX = 65535 };        /* what the column events_count holds */

/* As for events: what ClickHouse's DateTime64(3) and JavaScript both know. */
#define TIME_MAX_MS INT64_C(9214646400000)

static bool read_time(struct pass *p, const char *name, int64_t *ms, weir_str *issues)
{
	/* Its form was checked by the schema. */
	if (!weir_clock_parse_js(weir_jsonr_get_text(p->input.payload, name), ms) && *ms >= 0 && *ms <= TIME_MAX_MS)
		return true;
	weir_str_addf(issues, "body/payload/%s Invalid input: expected a time between 1970 and 2261", name);
	pass_answer_issues(p->r, issues);
	return false;
}

bool pass_replay_read(struct pass *p, weir_str *issues)
{
	int64_t ms;

	return read_time(p, "started_at", &ms, issues) && read_time(p, "ended_at", &ms, issues);
}

static void fill(struct pass *p, struct weir_replay_row *row)
{
	json_object *payload = p->input.payload;
	double count = json_object_get_double(weir_jsonr_get(payload, "events_count"));
	int64_t ahead;

	/* The schema has no upper bound; the column would wrap round. */
	row->events_count = count > COUNT_MAX ? COUNT_MAX : (uint16_t)count;
	row->chunk_index = (uint16_t)json_object_get_int64(weir_jsonr_get(payload, "chunk_index"));
	row->is_full_snapshot = json_object_get_boolean(weir_jsonr_get(payload, "is_full_snapshot"));
	row->payload = weir_jsonr_get_text(payload, "payload");
	if (weir_clock_parse_js(weir_jsonr_get_text(payload, "started_at"), &row->started_at) ||
	    weir_clock_parse_js(weir_jsonr_get_text(payload, "ended_at"), &row->ended_at))
		row->started_at = row->ended_at = p->r->now_ms; /* not reached: both were read before */
	/* A clock that is ahead is no reason for a partition of a day to come, as it is none with events. */
	ahead = row->started_at - weir_event_time_of(weir_jsonr_get(payload, "started_at"), p->r->now_ms).ms;
	if (ahead > 0) {
		row->started_at -= ahead;
		row->ended_at -= ahead;
	}
}

/* The visitor's device and live session, as any event of this moment would find them. */
static weir_err resolve(struct pass *p, struct weir_receipt *ids)
{
	struct weir_delivery d = { .mode = WEIR_DELIVER_NOTHING, .event_ms = p->r->now_ms, .now_ms = p->r->now_ms, .event = WEIR_TEXT("") };
	weir_err err = pass_identify(p, p->ip, WEIR_TEXT(""), d.event_ms, &d);

	if (err)
		return err;
	err = d.device[0].n ? weir_deliver(p->in->deliverer, p->r->mem, &d, ids) : WEIR_OK;
	/* With Redis away the row is kept all the same, and these are the ids that the visit would begin with. */
	if (err == WEIR_EUNAVAIL || !d.device[0].n)
		*ids = (struct weir_receipt){ .what = WEIR_DELIVERED_KEPT };
	if (ids->what == WEIR_DELIVERED_KEPT && !ids->session_id.n) {
		ids->device_id = d.device[0];
		ids->session_id = d.session_id;
	}
	return err == WEIR_EUNAVAIL ? WEIR_OK : err;
}

void pass_replay_serve(struct pass *p)
{
	struct weir_receipt ids = { .what = WEIR_DELIVERED_STALE }, kept = ids;
	struct weir_replay_row row = { .session_id = weir_jsonr_get_text(p->input.payload, "sessionId") };
	weir_str *packed = &p->in->event;
	bool own = row.session_id.n;
	weir_err err = WEIR_OK;

	fill(p, &row);
	for (int i = 0; i < PASS_ATTEMPTS && !err && kept.what == WEIR_DELIVERED_STALE; i++) {
		if (!pass_renew(p, i))
			return;
		err = resolve(p, &ids);
		if (err || ids.what == WEIR_DELIVERED_STALE)
			continue;
		if (!own)
			row.session_id = ids.session_id;
		if (!row.session_id.n) {
			weir_answer_error(p->r, 400, NULL, WEIR_TEXT("Session ID is required for replay"));
			return;
		}
		row.project_id = p->verdict.client->project_id;
		weir_str_reset(packed);
		weir_replay_row_pack(&row, packed);
		err = weir_str_err(packed);
		if (!err)
			err = weir_deliver_row(p->in->deliverer, p->r->mem, row.project_id, 'r', weir_str_view(packed), p->r->now_ms, &kept);
	}
	if (pass_kept(p, err, &kept))
		weir_answer_ids(p->r, ids.device_id, ids.session_id, NULL);
}
