#include "config.h"
#include "query/loyalty.h"

#include "query/bucket.h"

/* The project's clock now, as a DateTime of its zone. */
static void now(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, "toDateTime(intDiv(");
	weir_sql_int(q, ask->now_ms);
	weir_sql_add(q, ", 1000))");
}

/* " FROM events WHERE ..." up to now. */
static void source(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, " FROM events AS e WHERE e.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND e.profile_id != '' AND e.created_at <= ");
	weir_sql_time(q, ask->now_ms);
}

weir_err weir_rolling_users(const struct weir_ask *ask, int64_t days, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toString(at) AS date, toFloat64(uniqMerge(state)) AS users FROM (SELECT toDate(toDateTime(e.created_at)) AS day,"
		" uniqState(e.profile_id) AS state");
	source(&q, ask);
	weir_sql_add(&q, " GROUP BY day) ARRAY JOIN arrayMap(n -> day + n, range(toUInt64(");
	weir_sql_int(&q, days);
	weir_sql_add(&q, "))) AS at WHERE at <= toDate(");
	now(&q, ask);
	weir_sql_add(&q, ") GROUP BY at ORDER BY at");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_weekly_retention(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toString(week) AS date, toFloat64(count()) AS active_users, toFloat64(countIf(back)) AS retained_users,"
		" 100 * retained_users / active_users AS retention FROM (SELECT week, has(weeks, week + 7) AS back FROM ("
		"SELECT groupUniqArray(");
	weir_sql_const(&q, weir_sunday_weeks(ask->conf) ? "toStartOfWeek(toDateTime(e.created_at), 0)" : "toMonday(toDateTime(e.created_at))");
	weir_sql_add(&q, ") AS weeks");
	source(&q, ask);
	weir_sql_add(&q, " AND e.profile_id != e.device_id GROUP BY e.profile_id) ARRAY JOIN weeks AS week) GROUP BY week ORDER BY week");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_last_seen(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(days) AS days, toFloat64(count()) AS users FROM (SELECT dateDiff('day',"
		" toDate(toDateTime(max(e.created_at))), toDate(");
	now(&q, ask);
	weir_sql_add(&q, ")) AS days");
	source(&q, ask);
	weir_sql_add(&q, " AND e.profile_id != e.device_id GROUP BY e.profile_id) GROUP BY days ORDER BY days");
	return weir_sql_finish(ask, &q, rows);
}
