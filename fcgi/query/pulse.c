#include "config.h"
#include "query/pulse.h"

#include "base/jsonr.h"

static const int64_t MINUTE_MS = 60000, DAY_MS = 86400000;
enum { DAYS = 30 };

static weir_err run(const struct weir_ask *ask, weir_sql *q, json_object **rows)
{
	weir_err err = weir_sql_rows(ask, q, rows);

	weir_sql_free(q);
	return err;
}

static void since(weir_sql *q, const struct weir_ask *ask, int64_t ms)
{
	weir_sql_add(q, " FROM events WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND created_at >= ");
	weir_sql_time(q, ms);
}

static weir_err one_number(const struct weir_ask *ask, weir_sql *q, int64_t *value)
{
	json_object *rows;
	weir_err err = run(ask, q, &rows);

	if (!err)
		*value = json_object_get_int64(weir_jsonr_get(weir_jsonr_at(rows, 0), "value"));
	return err;
}

weir_err weir_pulse_sessions(const struct weir_ask *ask, int64_t *sessions)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(uniq(session_id)) AS value");
	since(&q, ask, ask->now_ms - WEIR_PULSE_MINUTES * MINUTE_MS);
	return one_number(ask, &q, sessions);
}

weir_err weir_pulse_minutes(const struct weir_ask *ask, json_object **rows)
{
	int64_t from = ask->now_ms - WEIR_PULSE_MINUTES * MINUTE_MS, to = ask->now_ms - ask->now_ms % MINUTE_MS;
	weir_sql q;

	from -= from % MINUTE_MS;
	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toString(at) AS minute, sessionCount, visitorCount, toFloat64(toUnixTimestamp(at)) * 1000 AS timestamp,"
		" formatDateTime(at, '%h:%i %p') AS time FROM (SELECT toStartOfMinute(toDateTime(created_at)) AS at,"
		" toFloat64(uniq(session_id)) AS sessionCount, toFloat64(uniq(profile_id)) AS visitorCount");
	since(&q, ask, from);
	weir_sql_add(&q, " GROUP BY at ORDER BY at WITH FILL FROM toDateTime(");
	weir_sql_time(&q, from);
	weir_sql_add(&q, ") TO toDateTime(");
	weir_sql_time(&q, to);
	weir_sql_add(&q, ") STEP INTERVAL 1 MINUTE)");
	return run(ask, &q, rows);
}

weir_err weir_pulse_top(const struct weir_ask *ask, enum weir_pulse_top what, json_object **rows)
{
	static const char *const columns[] = {
		[WEIR_PULSE_COUNTRY] = "toStringCutToZero(country)", [WEIR_PULSE_REFERRER] = "referrer_name", [WEIR_PULSE_PATH] = "path",
	};
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT ");
	weir_sql_const(&q, columns[what]);
	weir_sql_add(&q, " AS label, toFloat64(uniq(session_id)) AS count");
	since(&q, ask, ask->now_ms - WEIR_PULSE_MINUTES * MINUTE_MS);
	_Static_assert(WEIR_PULSE_TOP == 10, "the statement says so");
	weir_sql_add(&q, " AND label != '' GROUP BY label ORDER BY count DESC, label LIMIT 10");
	return run(ask, &q, rows);
}

weir_err weir_pulse_month(const struct weir_ask *ask, int64_t *visitors)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(uniq(profile_id)) AS value");
	since(&q, ask, ask->now_ms - DAYS * DAY_MS);
	return one_number(ask, &q, visitors);
}

weir_err weir_pulse_usage(const struct weir_ask *ask, const weir_text *projects, size_t count, json_object **rows)
{
	int64_t today = ask->now_ms - ask->now_ms % DAY_MS;
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toString(at) AS day, count FROM (SELECT toDate(created_at, 'UTC') AS at, toFloat64(count()) AS count"
		" FROM events WHERE project_id IN ");
	weir_sql_strings(&q, projects, count);
	weir_sql_add(&q, " AND created_at >= ");
	weir_sql_time(&q, today - DAYS * DAY_MS);
	weir_sql_add(&q, " GROUP BY at ORDER BY at WITH FILL FROM toDate(");
	weir_sql_time(&q, today - DAYS * DAY_MS);
	weir_sql_add(&q, ", 'UTC') TO toDate(");
	weir_sql_time(&q, today + DAY_MS);
	weir_sql_add(&q, ", 'UTC'))");
	return run(ask, &q, rows);
}
