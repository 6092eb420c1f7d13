#include "config.h"
#include "query/overview.h"

/* What sessions are listed by, and what stands before a name that would not be clear alone. */
static const struct top {
	const char *column, *name, *prefix;
} tops[] = {
	{ "referrer", "s.referrer", NULL },
	{ "referrer_name", "s.referrer_name", NULL },
	{ "referrer_type", "s.referrer_type", NULL },
	{ "utm_source", "s.utm_source", NULL },
	{ "utm_medium", "s.utm_medium", NULL },
	{ "utm_campaign", "s.utm_campaign", NULL },
	{ "utm_term", "s.utm_term", NULL },
	{ "utm_content", "s.utm_content", NULL },
	{ "region", "s.region", "toStringCutToZero(s.country)" },
	{ "country", "toStringCutToZero(s.country)", NULL },
	{ "city", "s.city", "toStringCutToZero(s.country)" },
	{ "device", "s.device", NULL },
	{ "brand", "s.brand", NULL },
	{ "model", "s.model", NULL },
	{ "browser", "s.browser", NULL },
	{ "browser_version", "s.browser_version", "s.browser" },
	{ "os", "s.os", NULL },
	{ "os_version", "s.os_version", "s.os" },
};

/* Of a group of sessions. */
#define SUMS "toFloat64(sum(s.sign)) AS sessions, toFloat64(sum(s.sign * s.screen_view_count)) AS pageviews," \
	" sum(s.sign * s.revenue) AS revenue"

static const struct top *top_of(weir_text column)
{
	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		if (weir_text_is(column, tops[i].column))
			return &tops[i];
	return NULL;
}

bool weir_top_has_prefix(weir_text column)
{
	const struct top *t = top_of(column);

	return t && t->prefix;
}

static void name_and_prefix(weir_sql *q, const struct top *t)
{
	weir_sql_add(q, "SELECT ");
	if (t->prefix) {
		weir_sql_const(q, t->prefix);
		weir_sql_add(q, " AS prefix, ");
	}
	weir_sql_add(q, "nullIf(toString(");
	weir_sql_const(q, t->name);
	weir_sql_add(q, "), '') AS name, ");
}

weir_err weir_top_generic(const struct weir_overview_ask *o, weir_text column, json_object **rows)
{
	const struct top *t = top_of(column);
	weir_sql q;
	weir_err err;

	if (!t)
		return WEIR_EBADREQ;
	weir_sql_init(&q, o->base.mem);
	name_and_prefix(&q, t);
	weir_sql_add(&q, SUMS " FROM sessions AS s");
	err = weir_visits_where(&q, o);
	weir_sql_const(&q, t->prefix ? " GROUP BY prefix, name" : " GROUP BY name");
	weir_sql_add(&q, " HAVING sum(s.sign) > 0 ORDER BY sessions DESC, pageviews DESC, name LIMIT 1000");
	if (!err)
		err = weir_sql_rows(&o->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_top_series(const struct weir_overview_ask *o, weir_text column, json_object **rows)
{
	const struct top *t = top_of(column);
	const struct weir_interval *by = weir_interval_of(o->interval);
	weir_sql q;
	weir_err err;

	if (!t)
		return WEIR_EBADREQ;
	weir_sql_init(&q, o->base.mem);
	weir_sql_add(&q, "SELECT * EXCEPT bucket, toFloat64(bucket) AS key FROM (SELECT *, dense_rank() OVER"
		" (ORDER BY total_sessions DESC, total_pageviews DESC, name");
	weir_sql_const(&q, t->prefix ? ", prefix" : "");
	weir_sql_add(&q, ") AS rank FROM (SELECT *, sum(sessions) OVER w AS total_sessions, sum(pageviews) OVER w AS total_pageviews,"
		" sum(revenue) OVER w AS total_revenue FROM (");
	name_and_prefix(&q, t);
	weir_interval_sql(&q, by, "s.created_at");
	weir_sql_add(&q, " AS bucket, " SUMS " FROM sessions AS s");
	err = weir_visits_where(&q, o);
	weir_sql_const(&q, t->prefix ? " GROUP BY prefix, name, bucket" : " GROUP BY name, bucket");
	weir_sql_add(&q, " HAVING sum(s.sign) > 0) WINDOW w AS (PARTITION BY name");
	weir_sql_const(&q, t->prefix ? ", prefix" : "");
	weir_sql_add(&q, "))) WHERE rank <= 500 ORDER BY rank, bucket");
	if (!err)
		err = weir_sql_rows(&o->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_top_pages(const struct weir_overview_ask *o, weir_text mode, int64_t limit, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	if (weir_text_is(mode, "page")) {
		weir_sql_add(&q, "SELECT e.origin AS origin, e.path AS path, toFloat64(uniq(e.session_id)) AS sessions,"
			" toFloat64(count()) AS pageviews, toFloat64(sum(e.revenue)) AS revenue FROM events AS e");
		err = weir_views_where(&q, o);
		weir_sql_add(&q, " AND e.name = 'screen_view' AND e.path != '' GROUP BY origin, path");
	} else {
		weir_sql_const(&q, weir_text_is(mode, "exit") ? "SELECT s.exit_origin AS origin, s.exit_path AS path, "
			: "SELECT s.entry_origin AS origin, s.entry_path AS path, ");
		weir_sql_add(&q, SUMS " FROM sessions AS s");
		err = weir_visits_where(&q, o);
		weir_sql_add(&q, " GROUP BY origin, path HAVING sum(s.sign) > 0");
	}
	weir_sql_add(&q, " ORDER BY sessions DESC, pageviews DESC, origin, path LIMIT ");
	weir_sql_int(&q, limit > 0 && limit < WEIR_TOP_MAX ? limit : WEIR_TOP_MAX);
	if (!err)
		err = weir_sql_rows(&o->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_top_events(const struct weir_overview_ask *o, const weir_text *exclude, size_t count, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	weir_sql_add(&q, "SELECT e.name AS name, toFloat64(count()) AS count FROM events AS e");
	err = weir_views_where(&q, o);
	if (count) {
		weir_sql_add(&q, " AND e.name NOT IN ");
		weir_sql_strings(&q, exclude, count);
	}
	weir_sql_add(&q, " GROUP BY name ORDER BY count DESC, name LIMIT 1000");
	if (!err)
		err = weir_sql_rows(&o->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_top_links(const struct weir_overview_ask *o, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	weir_sql_add(&q, "SELECT e.properties['href'] AS href, toFloat64(count()) AS count FROM events AS e");
	err = weir_views_where(&q, o);
	weir_sql_add(&q, " AND e.name = 'link_out' AND href != '' GROUP BY href ORDER BY count DESC, href LIMIT 1000");
	if (!err)
		err = weir_sql_rows(&o->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_visit_map(const struct weir_overview_ask *o, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	weir_sql_add(&q, "SELECT toStringCutToZero(e.country) AS country, e.region AS region, e.city AS city, toFloat64(0) AS lat,"
		" toFloat64(0) AS lng, toFloat64(uniq(e.session_id)) AS count FROM events AS e");
	err = weir_views_where(&q, o);
	weir_sql_add(&q, " AND country != '' GROUP BY country, region, city ORDER BY count DESC, country, region, city LIMIT 1000");
	if (!err)
		err = weir_sql_rows(&o->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_referrer_buckets(const struct weir_overview_ask *o, json_object **rows)
{
	const struct weir_interval *by = weir_interval_of(o->interval);
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	weir_sql_add(&q, "SELECT toFloat64(bucket) AS key, referrer_name, sessions,"
		" sum(sessions) OVER (PARTITION BY bucket) AS bucket_all, sum(sessions) OVER (PARTITION BY referrer_name) AS referrer_all"
		" FROM (SELECT ");
	weir_interval_sql(&q, by, "s.created_at");
	weir_sql_add(&q, " AS bucket, s.referrer_name AS referrer_name, toFloat64(sum(s.sign)) AS sessions FROM sessions AS s");
	err = weir_visits_where(&q, o);
	weir_sql_add(&q, " GROUP BY bucket, referrer_name HAVING sum(s.sign) > 0)");
	weir_sql_add(&q, " ORDER BY referrer_all DESC, referrer_name, bucket LIMIT 100000");
	if (!err)
		err = weir_sql_rows(&o->base, &q, rows);
	weir_sql_free(&q);
	return err;
}
