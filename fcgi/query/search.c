#include "config.h"
#include "query/search.h"

enum { DATE_LEN = 10 };

static void dates(weir_sql *q, const struct weir_ask *ask, const struct weir_range *range)
{
	weir_sql_add(q, " WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND date >= ");
	weir_sql_bind(q, "Date", (weir_text){ range->start, DATE_LEN });
	weir_sql_add(q, " AND date <= ");
	weir_sql_bind(q, "Date", (weir_text){ range->end, DATE_LEN });
}

static weir_err run(const struct weir_ask *ask, weir_sql *q, json_object **rows)
{
	weir_err err = weir_sql_rows(ask, q, rows);

	weir_sql_free(q);
	return err;
}

#define FIGURES "toFloat64(sum(clicks)) AS clicks, toFloat64(sum(impressions)) AS impressions," \
	" toFloat64(avg(ctr)) AS ctr, toFloat64(avg(position)) AS position"

weir_err weir_search_overview(const struct weir_ask *ask, const struct weir_range *range, weir_text interval, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toString(at) AS date, clicks, impressions, ctr, position FROM (SELECT ");
	weir_sql_const(&q, weir_text_is(interval, "week") ? (weir_sunday_weeks(ask->conf) ? "toStartOfWeek(date, 0)" : "toStartOfWeek(date, 1)") : weir_text_is(interval, "month") ? "toStartOfMonth(date)" : "date");
	weir_sql_add(&q, " AS at, " FIGURES " FROM gsc_daily FINAL");
	dates(&q, ask, range);
	weir_sql_add(&q, " GROUP BY at) ORDER BY date");
	return run(ask, &q, rows);
}

weir_err weir_search_top(const struct weir_ask *ask, const struct weir_range *range, bool queries, int64_t limit, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_const(&q, queries ? "SELECT query AS label, " FIGURES " FROM gsc_queries_daily FINAL"
		: "SELECT page AS label, " FIGURES " FROM gsc_pages_daily FINAL");
	dates(&q, ask, range);
	weir_sql_add(&q, " GROUP BY label ORDER BY clicks DESC, impressions DESC, label LIMIT ");
	weir_sql_int(&q, limit);
	return run(ask, &q, rows);
}

weir_err weir_search_engines(const struct weir_ask *ask, const struct weir_range *range, bool ai, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT name, sessions, toFloat64(sum(sessions) OVER ()) AS total FROM (SELECT referrer_name AS name,"
		" toFloat64(sum(sign)) AS sessions FROM sessions WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND referrer_name != '' AND referrer_type = ");
	weir_sql_string(&q, ai ? WEIR_TEXT("ai") : WEIR_TEXT("search"));
	weir_sql_add(&q, " AND created_at >= toDateTime64(");
	weir_sql_string(&q, weir_text_of(range->start));
	weir_sql_add(&q, ", 3) AND created_at <= toDateTime64(");
	weir_sql_string(&q, weir_text_of(range->end));
	weir_sql_add(&q, ", 3) GROUP BY name HAVING sessions > 0) ORDER BY sessions DESC, name LIMIT 10");
	return run(ask, &q, rows);
}
