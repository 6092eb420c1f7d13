#include "config.h"
#include "trpc/call.h"

#include "base/log.h"
#include "ingest/turn.h"
#include "meta/gsc.h"
#include "meta/organization.h"
#include "meta/project.h"
#include "query/pulse.h"
#include "query/search.h"
#include "trpc/ask.h"
#include "trpc/reply.h"

/* gsc.* as far as it lies in the own databases, and subscription.*, whose honest answer is that nothing is sold (spec/trpc-metadata.md 4.16, 4.21). */

#define NO_CONNECTION "GSC connection not found"

weir_err weir_do_gsc_connection(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_gsc_get(&c->meta, c->project.id, &rows);

	if (err)
		return err;
	if (PQntuples(rows))
		weir_reply_row(c, NULL, &weir_record_gsc_connection, rows, 0, 0);
	else
		weir_sj_null(c->out, NULL);
	return WEIR_OK;
}

static void put_ok(struct weir_call *c)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_bool(c->out, "ok", true);
	weir_sj_end(c->out);
}

weir_err weir_do_gsc_select_site(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_gsc_select(&c->meta, c->project.id, weir_in_text(c, "siteUrl"), &rows);

	if (!err && !PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_CONNECTION);
	if (err)
		return err;
	if (weir_turn_hurry(c->meta.redis, c->meta.conf, WEIR_TURN_gsc))
		weir_log(LOG_WARNING, "gsc", "the worker was not told of a chosen site; it comes to it within worker.gsc_interval");
	put_ok(c);
	return WEIR_OK;
}

weir_err weir_do_gsc_disconnect(struct weir_call *c)
{
	weir_err err = weir_gsc_disconnect(&c->meta, c->project.id);

	if (!err)
		put_ok(c);
	return err;
}

/* ------------------------------------------------------------ stored figures */

#define FIGURES { "clicks", "clicks", WEIR_MEMBER_NUMBER }, { "impressions", "impressions", WEIR_MEMBER_NUMBER }, \
	{ "ctr", "ctr", WEIR_MEMBER_NUMBER }, { "position", "position", WEIR_MEMBER_NUMBER }

static weir_err read_range(struct weir_call *c, struct weir_range *range)
{
	weir_err err = weir_range_of(c->meta.mem, weir_in_text(c, "range"), weir_in_text(c, "startDate"), weir_in_text(c, "endDate"),
		weir_known_timezone(c->meta.mem, c->project.timezone), c->meta.now_ms, range);

	return err == WEIR_EBADREQ ? weir_call_refuse(c, "range", "Invalid date") : err;
}

static weir_err overview(struct weir_call *c, bool before)
{
	static const struct weir_member members[] = { { "date", "date", WEIR_MEMBER_TEXT }, FIGURES };
	struct weir_ask ask = weir_ask_of(c);
	struct weir_range range, earlier;
	json_object *rows;
	weir_err err = read_range(c, &range);

	if (!err && before) {
		weir_range_before(&range, &earlier);
		range = earlier;
	}
	if (!err)
		err = weir_search_overview(&ask, &range, weir_in_text(c, "interval"), &rows);
	if (!err)
		weir_reply_list(c, NULL, members, sizeof(members) / sizeof(*members), rows);
	return err;
}

weir_err weir_do_gsc_overview(struct weir_call *c)
{
	return overview(c, false);
}

weir_err weir_do_gsc_previous_overview(struct weir_call *c)
{
	return overview(c, true);
}

static weir_err top(struct weir_call *c, bool queries, int64_t most)
{
	const struct weir_member members[] = { { queries ? "query" : "page", "label", WEIR_MEMBER_TEXT }, FIGURES };
	struct weir_ask ask = weir_ask_of(c);
	struct weir_range range;
	json_object *rows;
	weir_err err = read_range(c, &range);

	if (!err)
		err = weir_search_top(&ask, &range, queries, weir_in_int(c, "limit", 100, 1, most), &rows);
	if (!err)
		weir_reply_list(c, NULL, members, sizeof(members) / sizeof(*members), rows);
	return err;
}

weir_err weir_do_gsc_pages(struct weir_call *c)
{
	return top(c, false, 10000);
}

weir_err weir_do_gsc_queries(struct weir_call *c)
{
	return top(c, true, 1000);
}

static double total_of(json_object *rows)
{
	return weir_jsonr_count(rows) ? json_object_get_double(weir_jsonr_get(weir_jsonr_at(rows, 0), "total")) : 0;
}

static weir_err engines(struct weir_call *c, bool ai)
{
	static const struct weir_member members[] = { { "name", "name", WEIR_MEMBER_TEXT }, { "sessions", "sessions", WEIR_MEMBER_NUMBER } };
	struct weir_ask ask = weir_ask_of(c);
	struct weir_range range, before;
	json_object *now, *then;
	weir_err err = read_range(c, &range);

	if (err)
		return err;
	weir_range_before(&range, &before);
	err = weir_search_engines(&ask, &range, ai, &now);
	if (!err)
		err = weir_search_engines(&ask, &before, ai, &then);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_list(c, "engines", members, 2, now);
	weir_sj_num(c->out, "total", total_of(now));
	weir_sj_num(c->out, "previousTotal", total_of(then));
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_gsc_search_engines(struct weir_call *c)
{
	return engines(c, false);
}

weir_err weir_do_gsc_ai_engines(struct weir_call *c)
{
	return engines(c, true);
}

/* ------------------------------------------------------------ subscription */

/* Nothing is sold here. */
weir_err weir_do_subscription_current(struct weir_call *c)
{
	weir_sj_null(c->out, NULL);
	return WEIR_OK;
}

weir_err weir_do_subscription_products(struct weir_call *c)
{
	weir_sj_arr(c->out, NULL);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_subscription_usage(struct weir_call *c)
{
	static const struct weir_member members[] = { { "count", "count", WEIR_MEMBER_NUMBER }, { "day", "day", WEIR_MEMBER_TEXT } };
	weir_text none = { NULL, 0 }, *ids;
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	PGresult *projects;
	weir_err err = weir_project_list(&c->meta, c->organization_id, none, &projects);

	if (err)
		return err;
	ids = weir_alloc_n(c->meta.mem, (size_t)PQntuples(projects) + 1, sizeof(*ids));
	if (!ids)
		return WEIR_ENOMEM;
	for (int i = 0; i < PQntuples(projects); i++)
		ids[i] = weir_pg_text(projects, i, WEIR_PROJECT_ID);
	err = weir_pulse_usage(&ask, ids, (size_t)PQntuples(projects), &rows);
	if (!err)
		weir_reply_list(c, NULL, members, 2, rows);
	return err;
}

static weir_err no_subscription(struct weir_call *c)
{
	return weir_call_fail(c, WEIR_EBADREQ, "Organization has no subscription");
}

weir_err weir_do_subscription_checkout(struct weir_call *c)
{
	return weir_call_fail(c, WEIR_EBADREQ, "This server sells no subscriptions");
}

weir_err weir_do_subscription_cancel(struct weir_call *c)
{
	return no_subscription(c);
}

weir_err weir_do_subscription_portal(struct weir_call *c)
{
	return no_subscription(c);
}
