#include "config.h"
#include "trpc/call.h"

#include "base/clock.h"
#include "base/log.h"
#include "meta/cohort.h"
#include "query/cohort.h"
#include "trpc/ask.h"
#include "trpc/reply.h"

/* cohort.* but what its members do, which is proc_circle.c (spec/trpc-metadata.md 4.18). */

#define NO_COHORT "Cohort not found"

weir_err weir_do_cohort_list(struct weir_call *c)
{
	bool counts = weir_in_flag(c, "includeCount");
	PGresult *rows;
	weir_err err = weir_cohort_list(&c->meta, c->project.id, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(rows); i++) {
		weir_sj_obj(c->out, NULL);
		weir_reply_record(c->out, c->meta.mem, &weir_record_cohort, rows, i, 0, NULL);
		if (counts)
			weir_sj_int(c->out, "currentCount", weir_pg_int(rows, i, WEIR_COHORT_PROFILE_COUNT));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_cohort_get(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_cohort_get(&c->meta, weir_in_text(c, "id"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_cohort, rows, NO_COHORT);
}

/* ------------------------------------------------------------ members, once the answer is out */

struct compute {
	struct weir_meta meta;
	struct weir_ask ask;
	weir_text cohort_id;
	json_object *definition;       /* NULL: the cohort is gone */
};

static void compute(void *ctx)
{
	struct compute *job = ctx;
	int64_t count = 0;
	weir_err err;

	if (!job->definition) {
		err = weir_cohort_clear(&job->ask, job->cohort_id);
	} else {
		err = weir_cohort_compute(&job->ask, job->cohort_id, job->definition, &count);
		if (!err)
			err = weir_cohort_computed(&job->meta, job->cohort_id, count);
	}
	if (err)
		weir_log(LOG_WARNING, "cohort", "id=%.*s error=\"%s\"", (int)job->cohort_id.n, job->cohort_id.p, weir_err_text(err));
}

static weir_err compute_later(struct weir_call *c, weir_text id, json_object *definition)
{
	struct compute *job = weir_alloc(c->meta.mem, sizeof(*job));

	if (!job)
		return WEIR_ENOMEM;
	*job = (struct compute){ c->meta, weir_ask_of(c), id, definition };
	return weir_req_later(c->req, compute, job);
}

/* Dates that no clock can read are refused here, not when it is too late. */
static weir_err check_definition(struct weir_call *c, json_object *definition)
{
	json_object *events = weir_jsonr_get(weir_jsonr_get(definition, "criteria"), "events");

	for (size_t i = 0; i < weir_jsonr_count(events); i++) {
		json_object *frame = weir_jsonr_get(weir_jsonr_at(events, i), "timeframe");
		weir_text start = weir_jsonr_get_text(frame, "start"), end = weir_jsonr_get_text(frame, "end");
		int64_t ms;

		if ((start.p && weir_clock_parse_js(start, &ms)) || (end.n && weir_clock_parse_js(end, &ms)))
			return weir_call_refuse(c, "definition", "Invalid date");
	}
	return WEIR_OK;
}

weir_err weir_do_cohort_create(struct weir_call *c)
{
	json_object *definition = weir_jsonr_get(c->in, "definition");
	struct weir_cohort_saved in = {
		.name = weir_in_text(c, "name"), .description = weir_in_text(c, "description"), .definition = weir_in_json(c, definition),
		.is_static = weir_in_flag(c, "isStatic"),
	};
	PGresult *rows;
	weir_err err = check_definition(c, definition);

	if (!err)
		err = weir_cohort_create(&c->meta, c->project.id, &in, &rows);
	if (!err)
		err = weir_reply_first(c, &weir_record_cohort, rows, NO_COHORT);
	return err ? err : compute_later(c, weir_pg_text(rows, 0, WEIR_COHORT_ID), definition);
}

weir_err weir_do_cohort_update(struct weir_call *c)
{
	json_object *definition = weir_jsonr_get(c->in, "definition");
	struct weir_cohort_saved in = {
		.name = weir_in_text(c, "name"), .sets_description = weir_jsonr_has(c->in, "description"),
		.description = weir_in_text(c, "description"), .definition = weir_in_json(c, definition),
		.sets_static = weir_jsonr_has(c->in, "isStatic"), .is_static = weir_in_flag(c, "isStatic"),
	};
	PGresult *rows;
	weir_err err = check_definition(c, definition);

	if (!err)
		err = weir_cohort_update(&c->meta, weir_in_text(c, "id"), &in, &rows);
	if (!err)
		err = weir_reply_first(c, &weir_record_cohort, rows, NO_COHORT);
	return err || !definition ? err : compute_later(c, weir_in_text(c, "id"), definition);
}

weir_err weir_do_cohort_delete(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_cohort_delete(&c->meta, weir_in_text(c, "id"), &rows);

	if (!err)
		err = compute_later(c, weir_in_text(c, "id"), NULL);
	if (!err)
		weir_reply_success(c);
	return err;
}

weir_err weir_do_cohort_refresh(struct weir_call *c)
{
	weir_text id = weir_in_text(c, "cohortId");
	json_object *definition;
	PGresult *rows;
	weir_err err = weir_cohort_get(&c->meta, id, &rows);

	if (err)
		return err;
	if (!PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_COHORT);
	if (weir_pg_bool(rows, 0, WEIR_COHORT_IS_STATIC))
		return weir_call_fail(c, WEIR_EBADREQ, "A static cohort is a one-time snapshot and cannot be refreshed");
	err = weir_jsonr_parse(c->meta.mem, weir_pg_text(rows, 0, WEIR_COHORT_DEFINITION), 0, &definition, NULL);
	if (!err)
		err = compute_later(c, id, definition);
	if (!err)
		weir_reply_success(c);
	return err;
}

/* ------------------------------------------------------------ how many, and who */

enum { FRESH_MS = 15 * 60 * 1000 };

weir_err weir_do_cohort_get_count(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	PGresult *rows;
	int64_t count, at;
	weir_err err = weir_cohort_get(&c->meta, weir_in_text(c, "cohortId"), &rows);

	if (err)
		return err;
	if (!PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_COHORT);
	count = weir_pg_int(rows, 0, WEIR_COHORT_PROFILE_COUNT);
	at = weir_pg_time(rows, 0, WEIR_COHORT_LAST_COMPUTED_AT);
	if (at == INT64_MIN || at < c->meta.now_ms - FRESH_MS)
		err = weir_cohort_count(&ask, weir_in_text(c, "cohortId"), &count);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_int(c->out, "count", count);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_cohort_export_profiles(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *members, *first;
	PGresult *rows;
	size_t n;
	weir_err err = weir_cohort_get(&c->meta, weir_in_text(c, "cohortId"), &rows);

	if (!err && !PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_COHORT);
	if (!err)
		err = weir_cohort_members(&ask, weir_in_text(c, "cohortId"), weir_in_int(c, "limit", 10000, 1, 10000),
			weir_in_int(c, "offset", 0, 0, INT32_MAX), &members);
	if (err)
		return err;
	n = weir_jsonr_count(members);
	first = n ? weir_jsonr_at(members, 0) : NULL;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "profileIds");
	for (size_t i = 0; i < n; i++)
		weir_sj_str(c->out, NULL, weir_jsonr_get_text(weir_jsonr_at(members, i), "profile_id"));
	weir_sj_end(c->out);
	weir_sj_num(c->out, "total", first ? json_object_get_double(weir_jsonr_get(first, "total")) : 0);
	weir_sj_str(c->out, "cohortName", weir_pg_text(rows, 0, WEIR_COHORT_NAME));
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_cohort_preview(struct weir_call *c)
{
	static const struct weir_member members[] = {
		{ "count", "count", WEIR_MEMBER_NUMBER }, { "sampleProfiles", "sample", WEIR_MEMBER_TREE },
	};
	json_object *definition = weir_jsonr_get(c->in, "definition"), *rows;
	struct weir_ask ask = weir_ask_of(c);
	weir_err err = check_definition(c, definition);

	if (!err)
		err = weir_cohort_preview(&ask, definition, &rows);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_members(c, members, 2, weir_jsonr_count(rows) ? weir_jsonr_at(rows, 0) : NULL);
	weir_sj_end(c->out);
	return WEIR_OK;
}
