#include "config.h"
#include "query/pages.h"

#include "query/entity.h"

static const int64_t DAY_MS = 86400000;
enum { RECENT_DAYS = 30 };

static void views(weir_sql *q, const struct weir_pages_ask *ask)
{
	weir_sql_add(q, " FROM events AS e WHERE e.project_id = ");
	weir_sql_string(q, ask->base.project_id);
	weir_span_sql(q, &ask->span, "e.created_at");
	weir_sql_add(q, " AND e.name = 'screen_view' AND e.path != ''");
}

/* Sessions that ended where they began. */
static void bounced(weir_sql *q, const struct weir_pages_ask *ask)
{
	struct weir_span begun = { ask->span.from_ms - DAY_MS, ask->span.to_ms };

	weir_sql_add(q, "SELECT id FROM sessions WHERE project_id = ");
	weir_sql_string(q, ask->base.project_id);
	weir_span_sql(q, &begun, "created_at");
	weir_sql_add(q, " GROUP BY id HAVING sum(sign * toInt8(is_bounce)) > 0");
}

/* A title that the page had lately. */
static void titles(weir_sql *q, const struct weir_pages_ask *ask)
{
	weir_sql_add(q, "SELECT origin, path, argMax(properties['__title'], created_at) AS title FROM events WHERE project_id = ");
	weir_sql_string(q, ask->base.project_id);
	weir_sql_add(q, " AND name = 'screen_view' AND path != '' AND properties['__title'] != ''");
	weir_since_sql(q, "created_at", ask->base.now_ms - RECENT_DAYS * DAY_MS);
	weir_sql_add(q, " GROUP BY origin, path");
}

weir_err weir_pages(const struct weir_pages_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->base.mem);
	weir_sql_add(&q, "SELECT v.origin AS origin, v.path AS path, t.title AS title, v.sessions AS sessions, v.pageviews AS pageviews,"
		" v.avg_duration AS avg_duration, v.bounce_rate AS bounce_rate FROM (SELECT origin, path, toFloat64(uniq(session)) AS sessions,"
		" toFloat64(count()) AS pageviews, round(avg(length) / 60000, 2) AS avg_duration,"
		" round(100 * uniqIf(session, gone) / uniq(session), 2) AS bounce_rate FROM (SELECT origin, path, session,"
		" if(known > 0, toInt64(known), greatest(next - ms, 0)) AS length, session IN (");
	bounced(&q, ask);
	weir_sql_add(&q, ") AS gone FROM (SELECT e.origin AS origin, e.path AS path, e.session_id AS session, e.duration AS known,"
		" toUnixTimestamp64Milli(e.created_at) AS ms, leadInFrame(ms, 1, ms) OVER (PARTITION BY e.session_id ORDER BY e.created_at"
		" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next");
	views(&q, ask);
	weir_sql_add(&q, ")) GROUP BY origin, path) AS v LEFT ANY JOIN (");
	titles(&q, ask);
	weir_sql_add(&q, ") AS t ON t.origin = v.origin AND t.path = v.path");
	if (ask->search.n) {
		weir_sql_add(&q, " WHERE v.path LIKE ");
		weir_sql_pattern(&q, ask->search);
		weir_sql_add(&q, " OR v.origin LIKE ");
		weir_sql_pattern(&q, ask->search);
		weir_sql_add(&q, " OR t.title LIKE ");
		weir_sql_pattern(&q, ask->search);
	}
	weir_sql_add(&q, " ORDER BY sessions DESC, pageviews DESC, origin, path");
	if (ask->take > 0) {
		weir_sql_add(&q, " LIMIT ");
		weir_sql_int(&q, ask->take);
	}
	return weir_sql_finish(&ask->base, &q, rows);
}

weir_err weir_pages_series(const struct weir_pages_ask *ask, weir_text origin, weir_text path, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->base.mem);
	weir_sql_add(&q, "SELECT origin, path, key, pageviews, sessions FROM (SELECT *, dense_rank() OVER (ORDER BY all DESC, origin, path) AS rank"
		" FROM (SELECT *, sum(pageviews) OVER (PARTITION BY origin, path) AS all FROM (SELECT e.origin AS origin, e.path AS path, toFloat64(");
	weir_interval_sql(&q, weir_interval_of(ask->base.conf, ask->interval), "e.created_at");
	weir_sql_add(&q, ") AS key, toFloat64(count()) AS pageviews, toFloat64(uniq(e.session_id)) AS sessions");
	views(&q, ask);
	if (path.p) {
		weir_sql_add(&q, " AND e.origin = ");
		weir_sql_string(&q, origin);
		weir_sql_add(&q, " AND e.path = ");
		weir_sql_string(&q, path);
	}
	_Static_assert(WEIR_PAGES_SERIES_MAX == 500, "the statement says so");
	weir_sql_add(&q, " GROUP BY origin, path, key))) WHERE rank <= 500 ORDER BY rank, key");
	return weir_sql_finish(&ask->base, &q, rows);
}

weir_err weir_origins(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT origin, toFloat64(count()) AS count FROM events WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_since_sql(&q, "created_at", ask->now_ms - RECENT_DAYS * DAY_MS);
	weir_sql_add(&q, " AND origin != '' AND NOT origin LIKE '%localhost:%' GROUP BY origin ORDER BY count DESC, origin LIMIT 3");
	return weir_sql_finish(ask, &q, rows);
}
