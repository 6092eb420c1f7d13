#include "config.h"
#include "query/pulse.h"

#include "base/jsonr.h"
#include "query/bucket.h"

static const int64_t MINUTE_MS = 60000, DAY_MS = 86400000;
enum { DAYS = 30 };

static void since(weir_sql *q, const struct weir_ask *ask, int64_t ms)
{
	weir_sql_add(q, " FROM events WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_since_sql(q, "created_at", ms);
}

void weir_pulse_sessions_sql(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, "SELECT toFloat64(uniq(session_id)) AS value");
	since(q, ask, ask->now_ms - WEIR_PULSE_MINUTES * MINUTE_MS);
}

int64_t weir_pulse_number(json_object *rows)
{
	return json_object_get_int64(weir_jsonr_get(weir_jsonr_at(rows, 0), "value"));
}

void weir_pulse_minutes_sql(weir_sql *q, const struct weir_ask *ask)
{
	int64_t from = ask->now_ms - WEIR_PULSE_MINUTES * MINUTE_MS, to = ask->now_ms - ask->now_ms % MINUTE_MS;

	from -= from % MINUTE_MS;
	weir_sql_add(q, "SELECT toString(at) AS minute, sessionCount, visitorCount, toFloat64(toUnixTimestamp(at)) * 1000 AS timestamp,"
		" formatDateTime(at, '%h:%i %p') AS time FROM (SELECT toStartOfMinute(toDateTime(created_at)) AS at,"
		" toFloat64(uniq(session_id)) AS sessionCount, toFloat64(uniq(profile_id)) AS visitorCount");
	since(q, ask, from);
	weir_sql_add(q, " GROUP BY at ORDER BY at WITH FILL FROM toDateTime(");
	weir_sql_time(q, from);
	weir_sql_add(q, ") TO toDateTime(");
	weir_sql_time(q, to);
	weir_sql_add(q, ") STEP INTERVAL 1 MINUTE)");
}

static void top(weir_sql *q, const struct weir_ask *ask, enum weir_pulse_top what)
{
	static const char *const columns[] = {
		[WEIR_PULSE_COUNTRY] = "toStringCutToZero(country)", [WEIR_PULSE_REFERRER] = "referrer_name", [WEIR_PULSE_PATH] = "path",
	};

	weir_sql_add(q, "SELECT ");
	weir_sql_const(q, columns[what]);
	weir_sql_add(q, " AS label, toFloat64(uniq(session_id)) AS count");
	since(q, ask, ask->now_ms - WEIR_PULSE_MINUTES * MINUTE_MS);
	_Static_assert(WEIR_PULSE_TOP == 10, "the statement says so");
	weir_sql_add(q, " AND label != '' GROUP BY label ORDER BY count DESC, label LIMIT 10");
}

weir_err weir_pulse_now(const struct weir_ask *ask, const bool wanted[WEIR_PULSE_TOPS], struct weir_pulse *out)
{
	enum { SESSIONS, MINUTES, TOPS, PARTS = TOPS + WEIR_PULSE_TOPS };
	weir_sql q[PARTS];
	json_object *rows[PARTS];
	size_t n = TOPS;
	weir_err err;

	weir_sql_init_all(q, TOPS, ask->mem);
	weir_pulse_sessions_sql(&q[SESSIONS], ask);
	weir_pulse_minutes_sql(&q[MINUTES], ask);
	for (size_t i = 0; i < WEIR_PULSE_TOPS; i++)
		if (wanted[i]) {
			weir_sql_init(&q[n], ask->mem);
			top(&q[n++], ask, (enum weir_pulse_top)i);
		}
	err = weir_sql_finish_all(ask, q, n, rows);
	if (err)
		return err;
	*out = (struct weir_pulse){ .sessions = weir_pulse_number(rows[SESSIONS]), .minutes = rows[MINUTES] };
	n = TOPS;
	for (size_t i = 0; i < WEIR_PULSE_TOPS; i++)
		out->top[i] = wanted[i] ? rows[n++] : NULL;
	return WEIR_OK;
}

weir_err weir_pulse_month(const struct weir_ask *ask, int64_t *visitors)
{
	json_object *rows;
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(uniq(profile_id)) AS value");
	since(&q, ask, ask->now_ms - DAYS * DAY_MS);
	err = weir_sql_finish(ask, &q, &rows);
	if (!err)
		*visitors = weir_pulse_number(rows);
	return err;
}

weir_err weir_pulse_usage(const struct weir_ask *ask, const weir_text *projects, size_t count, json_object **rows)
{
	int64_t today = ask->now_ms - ask->now_ms % DAY_MS;
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toString(at) AS day, count FROM (SELECT toDate(created_at, 'UTC') AS at, toFloat64(count()) AS count"
		" FROM events WHERE project_id IN ");
	weir_sql_strings(&q, projects, count);
	weir_since_sql(&q, "created_at", today - DAYS * DAY_MS);
	weir_sql_add(&q, " GROUP BY at ORDER BY at WITH FILL FROM toDate(");
	weir_sql_time(&q, today - DAYS * DAY_MS);
	weir_sql_add(&q, ", 'UTC') TO toDate(");
	weir_sql_time(&q, today + DAY_MS);
	weir_sql_add(&q, ", 'UTC'))");
	return weir_sql_finish(ask, &q, rows);
}
