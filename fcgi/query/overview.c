#include "config.h"
#include "query/overview.h"

#include "base/jsonr.h"

/*
 * First by bucket and visitor, so that a visitor whose session was rewritten
 * to another profile is gone with the rows that cancel out.
 */
static weir_err visitors(weir_sql *q, const struct weir_overview_ask *o, const struct weir_interval *by, const struct weir_cover *cover)
{
	weir_err err;

	weir_sql_add(q, "SELECT ");
	weir_interval_sql(q, by, "s.created_at");
	weir_sql_add(q, " AS bucket, s.profile_id AS visitor, sum(s.sign) AS sessions, sum(s.sign * toInt8(s.is_bounce)) AS bounces,"
		" sum(s.sign * toInt64(s.duration)) AS length, sum(s.sign * toInt8(s.duration > 0)) AS timed,"
		" sum(s.sign * s.screen_view_count) AS views FROM sessions AS s");
	err = weir_visits_where(q, o);
	if (cover->some)
		weir_cover_rest(q, cover, "s.created_at");
	weir_sql_add(q, " GROUP BY bucket, visitor");
	return err;
}

/* Then by bucket and over everything. */
static weir_err visits(weir_sql *q, const struct weir_overview_ask *o, const struct weir_interval *by, const struct weir_cover *cover)
{
	weir_err err;

	weir_sql_add(q, "SELECT toFloat64(bucket) AS key, toFloat64(grouping(bucket)) AS total,"
		" round(100 * sum(bounces) / sum(sessions), 2) AS bounce_rate, toFloat64(");
	weir_sql_const(q, cover->some ? "uniqMerge(visitors)" : "uniqIf(visitor, sessions > 0)");
	weir_sql_add(q, ") AS unique_visitors,"
		" toFloat64(sum(sessions)) AS total_sessions, ifNotFinite(round(sum(length) / sum(timed), 2), 0) / 1000 AS avg_session_duration,"
		" toFloat64(sum(views)) AS total_screen_views, round(sum(views) / sum(sessions), 2) AS views_per_session FROM (");
	if (cover->some) {
		weir_sql_add(q, "SELECT ");
		weir_interval_sql(q, by, "hour");
		weir_sql_add(q, " AS bucket, n AS sessions, bounces, length, timed, views, users AS visitors");
		weir_cover_from(q, &o->base, cover, "visit");
		weir_sql_add(q, " UNION ALL SELECT bucket, sum(sessions), sum(bounces), sum(length), sum(timed), sum(views),"
			" uniqStateIf(visitor, sessions > 0) FROM (");
	}
	err = visitors(q, o, by, cover);
	weir_sql_const(q, cover->some ? ") GROUP BY bucket" : "");
	weir_sql_add(q, ") GROUP BY GROUPING SETS ((bucket), ()) HAVING sum(sessions) > 0");
	return err;
}

/*
 * Of the views of a page: how long it was looked at is what the view's
 * duration says, or where it says nothing (rows of OpenPanel) the time until
 * the session's next one.
 */
static weir_err views(weir_sql *q, const struct weir_overview_ask *o, const struct weir_interval *by, const struct weir_cover *cover)
{
	enum { DAY_MS = 86400000 };
	struct weir_span begun = { o->span.from_ms - DAY_MS, o->span.to_ms };
	weir_err err;

	(void)cover; /* of no use: there is a filter */
	weir_sql_add(q, "SELECT toFloat64(bucket) AS key, toFloat64(grouping(bucket)) AS total,"
		" round(100 * uniqIf(session, bounced) / uniq(session), 2) AS bounce_rate, toFloat64(uniq(visitor)) AS unique_visitors,"
		" toFloat64(uniq(session)) AS total_sessions, round(avgIf(length, length > 0), 2) / 1000 AS avg_session_duration,"
		" toFloat64(count()) AS total_screen_views, round(count() / uniq(session), 2) AS views_per_session FROM (SELECT bucket, visitor,"
		" session, session IN (SELECT id FROM sessions WHERE project_id = ");
	weir_sql_string(q, o->base.project_id);
	weir_span_sql(q, &begun, "created_at");
	weir_sql_add(q, " GROUP BY id HAVING sum(sign * toInt8(is_bounce)) > 0) AS bounced,"
		" if(known > 0, toInt64(known), greatest(next - ms, 0)) AS length FROM (SELECT ");
	weir_interval_sql(q, by, "e.created_at");
	weir_sql_add(q, " AS bucket, e.profile_id AS visitor, e.session_id AS session, e.duration AS known,"
		" toUnixTimestamp64Milli(e.created_at) AS ms, leadInFrame(ms, 1, ms) OVER (PARTITION BY e.session_id ORDER BY e.created_at"
		" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next FROM events AS e");
	err = weir_views_where(q, o);
	weir_sql_add(q, " AND e.name = 'screen_view')) GROUP BY GROUPING SETS ((bucket), ()) HAVING count() > 0");
	return err;
}

static weir_err revenue(weir_sql *q, const struct weir_overview_ask *o, const struct weir_interval *by, const struct weir_cover *cover)
{
	weir_err err;

	weir_sql_add(q, "SELECT toFloat64(bucket) AS key, toFloat64(grouping(bucket)) AS total,"
		" toFloat64(sum(amount)) AS total_revenue FROM (SELECT ");
	if (cover->some) {
		weir_interval_sql(q, by, "hour");
		weir_sql_add(q, " AS bucket, revenue AS amount");
		weir_cover_from(q, &o->base, cover, "event");
		weir_sql_add(q, " AND a = 'revenue' AND revenue > 0 UNION ALL SELECT ");
	}
	weir_interval_sql(q, by, "e.created_at");
	weir_sql_add(q, " AS bucket, toFloat64(e.revenue) AS amount FROM events AS e");
	err = weir_views_where(q, o);
	if (cover->some)
		weir_cover_rest(q, cover, "e.created_at");
	weir_sql_add(q, " AND e.name = 'revenue' AND e.revenue > 0) GROUP BY GROUPING SETS ((bucket), ())");
	return err;
}

/* Rows into the places of their buckets. */
static weir_err place(weir_arena *mem, const struct weir_buckets *buckets, json_object *rows, json_object ***places, json_object **total)
{
	*total = NULL;
	*places = weir_alloc_n(mem, buckets->count + 1, sizeof(**places));
	if (!*places)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		json_object *row = weir_jsonr_at(rows, i);
		size_t at = weir_bucket_find(buckets, json_object_get_int64(weir_jsonr_get(row, "key")));

		if (json_object_get_double(weir_jsonr_get(row, "total")) != 0)
			*total = row;
		else if (at < buckets->count)
			(*places)[at] = row;
	}
	return WEIR_OK;
}

static weir_err period(const struct weir_overview_ask *o, const struct weir_interval *by, json_object *const rows[2], struct weir_period *out)
{
	weir_arena *mem = o->base.mem;
	weir_err err = weir_buckets_of(mem, by, &o->range, o->base.timezone, &out->buckets);

	if (!err)
		err = place(mem, &out->buckets, rows[0], &out->visits, &out->visits_total);
	return err ? err : place(mem, &out->buckets, rows[1], &out->revenue, &out->revenue_total);
}

weir_err weir_overview_stats(const struct weir_overview_ask *now, const struct weir_overview_ask *before, struct weir_period out[2])
{
	enum { EACH = 2, PERIODS = 2 };
	const struct weir_overview_ask *periods[PERIODS] = { now, before };
	const struct weir_interval *by = weir_interval_of(now->base.conf, now->interval);
	weir_sql q[EACH * PERIODS];
	json_object *rows[EACH * PERIODS];
	weir_err err;

	weir_sql_init_all(q, EACH * PERIODS, now->base.mem);
	for (size_t i = 0; i < PERIODS; i++) {
		struct weir_cover cover;

		err = weir_overview_cover(periods[i], by, &cover);
		if (!err)
			err = (weir_overview_of_page(now) ? views : visits)(&q[i * EACH], periods[i], by, &cover);
		if (!err)
			err = revenue(&q[i * EACH + 1], periods[i], by, &cover);
		weir_sql_fail(&q[i * EACH], err);
	}
	err = weir_sql_finish_all(&now->base, q, EACH * PERIODS, rows);
	for (size_t i = 0; i < PERIODS && !err; i++)
		err = period(periods[i], by, &rows[i * EACH], &out[i]);
	return err;
}
