/* Rollups in the making: a UTC day into the table. */
#include "config.h"
#include "query/rollup.h"

#include "base/jsonr.h"

#include <stdio.h>

static const int64_t DAY_MS = 86400000;

/* Days that are rolled up together, on the clock of UTC. */
struct rolling {
	struct weir_ask ask;
	int64_t first, last, roll;
};

/* What every row begins with, and the columns that follow; all texts are constants. */
static void head(weir_sql *q, const struct rolling *r, const char *columns, const char *kind, const char *moment)
{
	weir_sql_add(q, "INSERT INTO rollups (project_id, day, roll, kind, hour, ");
	weir_sql_const(q, columns);
	weir_sql_add(q, ") SELECT ");
	weir_sql_string(q, r->ask.project_id);
	weir_sql_add(q, ", toDate(");
	weir_sql_const(q, moment);
	weir_sql_add(q, ") AS days, toUInt64(");
	weir_sql_int(q, r->roll);
	weir_sql_add(q, "), ");
	weir_sql_const(q, kind);
	weir_sql_add(q, " AS kinds, toStartOfHour(");
	weir_sql_const(q, moment);
	weir_sql_add(q, ") AS hours, ");
}

static void where(weir_sql *q, const struct rolling *r, const char *project, const char *moment)
{
	const struct weir_span span = { r->first * DAY_MS, (r->last + 1) * DAY_MS };

	weir_sql_add(q, " WHERE ");
	weir_sql_const(q, project);
	weir_sql_add(q, " = ");
	weir_sql_string(q, r->ask.project_id);
	weir_span_sql(q, &span, moment);
}

/* Kinds made of events: the columns, what they are, and which events count. */
static const struct of_events {
	const char *kind, *columns, *values, *condition, *group;
} of_events[] = {
	{ "'event'", "a, n, revenue, users, sessions, exact_users, exact_sessions",
		"toString(e.name), count(), toFloat64(sum(e.revenue)), uniqState(e.profile_id), uniqState(e.session_id),"
		" uniqExactState(e.profile_id), uniqExactState(e.session_id)", "", "e.name" },
	{ "'page'", "a, b, n, revenue, sessions", "toString(e.origin), e.path, count(), toFloat64(sum(e.revenue)), uniqState(e.session_id)",
		" AND e.name = 'screen_view' AND e.path != ''", "e.origin, e.path" },
	{ "'place'", "a, b, c, sessions", "toStringCutToZero(e.country) AS country_name, toString(e.region), e.city, uniqState(e.session_id)",
		" AND toStringCutToZero(e.country) != ''", "country_name, e.region, e.city" },
	{ "'link'", "a, n", "e.properties['href'] AS href, count()", " AND e.name = 'link_out' AND e.properties['href'] != ''", "href" },
};
enum { OF_EVENTS = sizeof(of_events) / sizeof(*of_events), VISIT = OF_EVENTS, LISTS };
_Static_assert((int)LISTS + 1 == (int)WEIR_ROLLUP_STEPS, "WEIR_ROLLUP_STEPS is another number");

static void events(weir_sql *q, const struct rolling *r, const struct of_events *k)
{
	head(q, r, k->columns, k->kind, "e.created_at");
	weir_sql_const(q, k->values);
	weir_sql_add(q, " FROM events AS e");
	where(q, r, "e.project_id", "e.created_at");
	weir_sql_const(q, k->condition);
	weir_sql_add(q, " GROUP BY days, hours, ");
	weir_sql_const(q, k->group);
}

/* First by visitor, so that one whose sessions have all been taken back is not counted. */
static void visit(weir_sql *q, const struct rolling *r)
{
	head(q, r, "n, bounces, length, timed, views, users", "'visit'", "hour");
	weir_sql_add(q, "sum(visits), sum(bounced), sum(lasted), sum(known), sum(seen), uniqStateIf(visitor, visits > 0) FROM"
		" (SELECT toStartOfHour(s.created_at) AS hour, s.profile_id AS visitor, sum(s.sign) AS visits, sum(s.sign * toInt8(s.is_bounce)) AS bounced,"
		" sum(s.sign * toInt64(s.duration)) AS lasted, sum(s.sign * toInt8(s.duration > 0)) AS known,"
		" sum(s.sign * s.screen_view_count) AS seen FROM sessions AS s");
	where(q, r, "s.project_id", "s.created_at");
	weir_sql_add(q, " GROUP BY hour, visitor) GROUP BY days, hours");
}

/* All lists of sessions at once: each session is a row for each of them. */
static void lists(weir_sql *q, const struct rolling *r)
{
	head(q, r, "a, b, n, views, revenue", "list.1", "s.created_at");
	weir_sql_add(q, "list.2 AS prefix, list.3 AS name, sum(s.sign) AS visits,"
		" sum(s.sign * s.screen_view_count) AS seen, sum(s.sign * s.revenue) AS earned FROM sessions AS s ARRAY JOIN ["
		"('entry', toString(s.entry_origin), toString(s.entry_path)), ('exit', toString(s.exit_origin), toString(s.exit_path))");
	for (size_t i = 0; i < weir_visit_column_count; i++) {
		const struct weir_visit_column *c = &weir_visit_columns[i];

		weir_sql_add(q, ", ('");
		weir_sql_const(q, c->column);
		weir_sql_const(q, c->prefix ? "', toString(" : "', ''");
		weir_sql_const(q, c->prefix ? c->prefix : "");
		weir_sql_const(q, c->prefix ? "), toString(" : ", toString(");
		weir_sql_const(q, c->name);
		weir_sql_add(q, "))");
	}
	weir_sql_add(q, "] AS list");
	where(q, r, "s.project_id", "s.created_at");
	weir_sql_add(q, " GROUP BY days, hours, kinds, prefix, name HAVING visits != 0 OR seen != 0 OR earned != 0");
}

weir_err weir_rollup_days(const struct weir_ask *ask, int64_t first, int64_t last, int64_t roll, int step)
{
	struct rolling r = { *ask, first, last, roll };
	weir_sql q;
	weir_err err;

	r.ask.timezone = WEIR_TEXT("UTC");
	weir_sql_init(&q, ask->mem);
	if (step < (int)OF_EVENTS)
		events(&q, &r, &of_events[step]);
	else if (step == (int)VISIT)
		visit(&q, &r);
	else
		lists(&q, &r);
	err = weir_sql_write(&r.ask, &q);
	weir_sql_free(&q);
	return err;
}

weir_err weir_rollup_first_day(const struct weir_ask *ask, int64_t *day, bool *some)
{
	json_object *rows, *first;
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(min(at)) AS first, toFloat64(sum(number)) AS rows FROM"
		" (SELECT min(toUnixTimestamp64Milli(created_at)) AS at, count() AS number FROM events WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " UNION ALL SELECT min(toUnixTimestamp64Milli(created_at)), count() FROM sessions WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, ") WHERE number > 0");
	err = weir_sql_finish(ask, &q, &rows);
	if (err)
		return err;
	first = weir_jsonr_count(rows) ? weir_jsonr_at(rows, 0) : NULL;
	*some = first && json_object_get_double(weir_jsonr_get(first, "rows")) > 0;
	*day = *some ? weir_day_of((int64_t)json_object_get_double(weir_jsonr_get(first, "first"))) : 0;
	return WEIR_OK;
}

weir_err weir_rollup_sweep(const struct weir_ask *ask, const weir_text *days, const weir_text *rolls, size_t count, int64_t before_ms)
{
	weir_text day_array = weir_sql_digits(ask->mem, days, count), roll_array = weir_sql_digits(ask->mem, rolls, count);
	weir_sql q;
	weir_err err;

	if (!day_array.p || !roll_array.p)
		return WEIR_ENOMEM;
	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "DELETE FROM rollups WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND roll < toUInt64(");
	weir_sql_int(&q, before_ms);
	weir_sql_add(&q, ") AND NOT has(arrayZip(");
	weir_sql_bind(&q, "Array(Int32)", day_array);
	weir_sql_add(&q, ", ");
	weir_sql_bind(&q, "Array(UInt64)", roll_array);
	weir_sql_add(&q, "), (toInt32(day), roll))");
	err = weir_sql_write(ask, &q);
	weir_sql_free(&q);
	return err;
}
