#include "config.h"
#include "query/overview.h"
#include "query/rollup.h"

static const struct weir_visit_column *top_of(weir_text column)
{
	for (size_t i = 0; i < weir_visit_column_count; i++)
		if (weir_text_is(column, weir_visit_columns[i].column))
			return &weir_visit_columns[i];
	return NULL;
}

bool weir_top_has_prefix(weir_text column)
{
	const struct weir_visit_column *t = top_of(column);

	return t && t->prefix;
}

/* The pages that sessions begin and end with, as a list like the others. */
static const struct weir_visit_column entry = { "entry", "s.entry_path", "s.entry_origin" }, last = { "exit", "s.exit_path", "s.exit_origin" };

/*
 * The sessions of a list: a the prefix, b the value, bucket when by is not
 * NULL, visits, seen (pages) and earned; as many rows as it takes.
 */
static weir_err list_rows(weir_sql *q, const struct weir_overview_ask *o, const struct weir_visit_column *t, const struct weir_interval *by)
{
	struct weir_cover cover;
	weir_err err = weir_overview_cover(o, by, &cover);

	if (err)
		return err;
	if (cover.some) {
		weir_sql_add(q, "SELECT a, b, ");
		if (by)
			weir_interval_sql(q, by, "hour");
		weir_sql_const(q, by ? " AS bucket, " : "");
		weir_sql_add(q, "n AS visits, views AS seen, revenue AS earned");
		weir_cover_from(q, &o->base, &cover, t->column);
		weir_sql_add(q, " UNION ALL ");
	}
	weir_sql_add(q, "SELECT toString(");
	weir_sql_const(q, t->prefix ? t->prefix : "''");
	weir_sql_add(q, ") AS a, toString(");
	weir_sql_const(q, t->name);
	weir_sql_add(q, ") AS b, ");
	if (by)
		weir_interval_sql(q, by, "s.created_at");
	weir_sql_const(q, by ? " AS bucket, " : "");
	weir_sql_add(q, "sum(s.sign) AS visits, sum(s.sign * s.screen_view_count) AS seen, sum(s.sign * s.revenue) AS earned FROM sessions AS s");
	err = weir_visits_where(q, o);
	if (cover.some)
		weir_cover_rest(q, &cover, "s.created_at");
	weir_sql_const(q, by ? " GROUP BY a, b, bucket" : " GROUP BY a, b");
	return err;
}

/* Of a group of these rows. */
#define SUMS "toFloat64(sum(visits)) AS sessions, toFloat64(sum(seen)) AS pageviews, sum(earned) AS revenue"

static void name_and_prefix(weir_sql *q, const struct weir_visit_column *t)
{
	weir_sql_const(q, t->prefix ? "SELECT a AS prefix, " : "SELECT ");
	weir_sql_add(q, "nullIf(b, '') AS name, ");
}

weir_err weir_top_generic(const struct weir_overview_ask *o, weir_text column, json_object **rows)
{
	const struct weir_visit_column *t = top_of(column);
	weir_sql q;
	weir_err err;

	if (!t)
		return WEIR_EBADREQ;
	weir_sql_init(&q, o->base.mem);
	name_and_prefix(&q, t);
	weir_sql_add(&q, SUMS " FROM (");
	err = list_rows(&q, o, t, NULL);
	weir_sql_const(&q, t->prefix ? ") GROUP BY prefix, name" : ") GROUP BY name");
	weir_sql_add(&q, " HAVING sum(visits) > 0 ORDER BY sessions DESC, pageviews DESC, name");
	weir_sql_const(&q, t->prefix ? ", prefix LIMIT 1000" : " LIMIT 1000");
	weir_sql_fail(&q, err);
	return weir_sql_finish(&o->base, &q, rows);
}

weir_err weir_top_series(const struct weir_overview_ask *o, weir_text column, json_object **rows)
{
	const struct weir_visit_column *t = top_of(column);
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
	weir_sql_add(&q, "bucket, " SUMS " FROM (");
	err = list_rows(&q, o, t, weir_interval_of(o->base.conf, o->interval));
	weir_sql_const(&q, t->prefix ? ") GROUP BY prefix, name, bucket" : ") GROUP BY name, bucket");
	weir_sql_add(&q, " HAVING sum(visits) > 0) WINDOW w AS (PARTITION BY name");
	weir_sql_const(&q, t->prefix ? ", prefix" : "");
	weir_sql_add(&q, "))) WHERE rank <= 500 ORDER BY rank, bucket");
	weir_sql_fail(&q, err);
	return weir_sql_finish(&o->base, &q, rows);
}

/*
 * Rows of events, grouped by the columns that are named; rolled are these and
 * what is counted, of the hours of a kind, counted the same of rows.  All but
 * the question are constants.
 */
struct views {
	const char *kind, *rolled, *counted, *condition, *group;
};

static weir_err view_rows(weir_sql *q, const struct weir_overview_ask *o, const struct views *v)
{
	struct weir_cover cover;
	weir_err err = weir_overview_cover(o, NULL, &cover);

	if (err)
		return err;
	if (cover.some) {
		weir_sql_add(q, "SELECT ");
		weir_sql_const(q, v->rolled);
		weir_cover_from(q, &o->base, &cover, v->kind);
		weir_sql_add(q, " UNION ALL ");
	}
	weir_sql_add(q, "SELECT ");
	weir_sql_const(q, v->counted);
	weir_sql_add(q, " FROM events AS e");
	err = weir_views_where(q, o);
	if (cover.some)
		weir_cover_rest(q, &cover, "e.created_at");
	weir_sql_const(q, v->condition);
	weir_sql_add(q, " GROUP BY ");
	weir_sql_const(q, v->group);
	return err;
}

weir_err weir_top_pages(const struct weir_overview_ask *o, weir_text mode, int64_t limit, json_object **rows)
{
	static const struct views pages = { "page", "a AS origin, b AS path, n, revenue AS earned, sessions AS states",
		"toString(e.origin) AS origin, e.path AS path, toInt64(count()) AS n, toFloat64(sum(e.revenue)) AS earned, uniqState(e.session_id) AS states",
		" AND e.name = 'screen_view' AND e.path != ''", "origin, path" };
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	if (weir_text_is(mode, "page")) {
		weir_sql_add(&q, "SELECT origin, path, toFloat64(uniqMerge(states)) AS sessions, toFloat64(sum(n)) AS pageviews,"
			" sum(earned) AS revenue FROM (");
		err = view_rows(&q, o, &pages);
		weir_sql_add(&q, ") GROUP BY origin, path");
	} else {
		weir_sql_add(&q, "SELECT a AS origin, b AS path, " SUMS " FROM (");
		err = list_rows(&q, o, weir_text_is(mode, "exit") ? &last : &entry, NULL);
		weir_sql_add(&q, ") GROUP BY origin, path HAVING sum(visits) > 0");
	}
	weir_sql_add(&q, " ORDER BY sessions DESC, pageviews DESC, origin, path LIMIT ");
	weir_sql_int(&q, limit > 0 && limit < WEIR_TOP_MAX ? limit : WEIR_TOP_MAX);
	weir_sql_fail(&q, err);
	return weir_sql_finish(&o->base, &q, rows);
}

weir_err weir_top_events(const struct weir_overview_ask *o, const weir_text *exclude, size_t count, json_object **rows)
{
	static const struct views names = { "event", "a AS name, n", "toString(e.name) AS name, toInt64(count()) AS n", "", "name" };
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	weir_sql_add(&q, "SELECT name, toFloat64(sum(n)) AS count FROM (");
	err = view_rows(&q, o, &names);
	weir_sql_add(&q, ")");
	if (count) {
		weir_sql_add(&q, " WHERE name NOT IN ");
		weir_sql_strings(&q, exclude, count);
	}
	weir_sql_add(&q, " GROUP BY name ORDER BY count DESC, name LIMIT 1000");
	weir_sql_fail(&q, err);
	return weir_sql_finish(&o->base, &q, rows);
}

/* A list of such rows; what stands before and behind them is constant. */
static weir_err list_of_views(const struct weir_overview_ask *o, const struct views *v, const char *before, const char *behind, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, o->base.mem);
	weir_sql_const(&q, before);
	weir_sql_fail(&q, view_rows(&q, o, v));
	weir_sql_const(&q, behind);
	return weir_sql_finish(&o->base, &q, rows);
}

weir_err weir_top_links(const struct weir_overview_ask *o, json_object **rows)
{
	static const struct views links = { "link", "a AS href, n", "e.properties['href'] AS href, toInt64(count()) AS n", " AND e.name = 'link_out' AND href != ''",
		"href" };

	return list_of_views(o, &links, "SELECT href, toFloat64(sum(n)) AS count FROM (", ") GROUP BY href ORDER BY count DESC, href LIMIT 1000", rows);
}

weir_err weir_visit_map(const struct weir_overview_ask *o, json_object **rows)
{
	static const struct views places = { "place", "a AS country, b AS region, c AS city, sessions AS states",
		"toStringCutToZero(e.country) AS country, toString(e.region) AS region, e.city AS city, uniqState(e.session_id) AS states",
		" AND country != ''", "country, region, city" };

	return list_of_views(o, &places, "SELECT country, region, city, toFloat64(0) AS lat, toFloat64(0) AS lng, toFloat64(uniqMerge(states)) AS count FROM (",
		") GROUP BY country, region, city ORDER BY count DESC, country, region, city LIMIT 1000", rows);
}

weir_err weir_referrer_buckets(const struct weir_overview_ask *o, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, o->base.mem);
	weir_sql_add(&q, "SELECT toFloat64(bucket) AS key, referrer_name, sessions,"
		" sum(sessions) OVER (PARTITION BY bucket) AS bucket_all, sum(sessions) OVER (PARTITION BY referrer_name) AS referrer_all"
		" FROM (SELECT bucket, b AS referrer_name, toFloat64(sum(visits)) AS sessions FROM (");
	err = list_rows(&q, o, top_of(WEIR_TEXT("referrer_name")), weir_interval_of(o->base.conf, o->interval));
	weir_sql_add(&q, ") GROUP BY bucket, referrer_name HAVING sum(visits) > 0)");
	weir_sql_add(&q, " ORDER BY referrer_all DESC, referrer_name, bucket LIMIT 100000");
	weir_sql_fail(&q, err);
	return weir_sql_finish(&o->base, &q, rows);
}
