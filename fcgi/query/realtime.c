#include "config.h"
#include "query/realtime.h"

#include "base/jsonr.h"
#include "query/bucket.h"
#include "query/pulse.h"

static const int64_t MINUTE_MS = 60000;
enum { VISITOR_MINUTES = 5 };

/* " FROM events WHERE" of the project since then. */
static void since(weir_sql *q, const struct weir_ask *ask, int64_t ms)
{
	weir_sql_add(q, " FROM events AS e WHERE e.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_since_sql(q, "e.created_at", ms);
}

static void live(weir_sql *q, const struct weir_ask *ask)
{
	since(q, ask, ask->now_ms - WEIR_PULSE_MINUTES * MINUTE_MS);
}

weir_err weir_live_visitors(const struct weir_ask *ask, int64_t *visitors)
{
	json_object *rows;
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(uniq(e.profile_id)) AS visitors");
	since(&q, ask, ask->now_ms - VISITOR_MINUTES * MINUTE_MS);
	weir_sql_add(&q, " AND e.profile_id != ''");
	err = weir_sql_finish(ask, &q, &rows);
	if (!err)
		*visitors = json_object_get_int64(weir_jsonr_get(weir_jsonr_at(rows, 0), "visitors"));
	return err;
}

static void live_referrers(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, "SELECT if(grouping(minute) = 1, NULL, toFloat64(toUnixTimestamp(minute)) * 1000) AS timestamp, referrer,"
		" toFloat64(uniq(session)) AS count FROM (SELECT toStartOfMinute(toDateTime(e.created_at)) AS minute, e.session_id AS session,"
		" e.referrer_name AS referrer");
	live(q, ask);
	weir_sql_add(q, " AND e.referrer_name != '') GROUP BY GROUPING SETS ((minute, referrer), (referrer))"
		" ORDER BY timestamp, count DESC, referrer LIMIT 10 BY timestamp");
}

weir_err weir_live_minutes(const struct weir_ask *ask, struct weir_live *out)
{
	enum { SESSIONS, MINUTES, REFERRERS, PARTS };
	weir_sql q[PARTS];
	json_object *rows[PARTS];
	weir_err err;

	weir_sql_init_all(q, PARTS, ask->mem);
	weir_pulse_sessions_sql(&q[SESSIONS], ask);
	weir_pulse_minutes_sql(&q[MINUTES], ask);
	live_referrers(&q[REFERRERS], ask);
	err = weir_sql_finish_all(ask, q, PARTS, rows);
	if (!err)
		*out = (struct weir_live){ weir_pulse_number(rows[SESSIONS]), rows[MINUTES], rows[REFERRERS] };
	return err;
}

/* What a list is by, and which rows count. */
static const struct {
	const char *columns, *where, *group;
} lists[WEIR_LIVE_LISTS] = {
	[WEIR_LIVE_PATHS] = { "e.origin AS origin, e.path AS path", " AND e.path != ''", "origin, path" },
	[WEIR_LIVE_REFERRALS] = { "e.referrer_name AS referrer_name", "", "referrer_name" },
	[WEIR_LIVE_GEO] = { "toStringCutToZero(e.country) AS country, e.city AS city", "", "country, city" },
};

weir_err weir_live_list(const struct weir_ask *ask, enum weir_live_list list, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT ");
	weir_sql_const(&q, lists[list].columns);
	weir_sql_add(&q, ", toFloat64(count()) AS count, toFloat64(uniq(e.session_id)) AS unique_sessions,"
		" round(avg(e.duration) / 1000, 2) AS avg_duration");
	live(&q, ask);
	weir_sql_const(&q, lists[list].where);
	weir_sql_add(&q, " GROUP BY ");
	weir_sql_const(&q, lists[list].group);
	weir_sql_add(&q, " ORDER BY count DESC, ");
	weir_sql_const(&q, lists[list].group);
	weir_sql_add(&q, " LIMIT 50");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_live_coordinates(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	/* As text and back: a Float32 widened to a double would show digits that nobody stored. */
	weir_sql_add(&q, "SELECT toStringCutToZero(any(e.country)) AS country, any(e.city) AS city, toFloat64(toString(e.longitude)) AS long,"
		" toFloat64(toString(e.latitude)) AS lat, toFloat64(uniq(e.session_id)) AS count");
	live(&q, ask);
	weir_sql_add(&q, " AND e.longitude IS NOT NULL AND e.latitude IS NOT NULL GROUP BY long, lat ORDER BY count DESC, long, lat LIMIT 5000");
	return weir_sql_finish(ask, &q, rows);
}

static void one_place(weir_sql *q, enum weir_live_scope scope, const struct weir_live_place *p)
{
	weir_sql_add(q, "(toStringCutToZero(e.country) = ");
	weir_sql_string(q, p->country.p ? p->country : WEIR_TEXT(""));
	if (scope != WEIR_LIVE_COUNTRY) {
		weir_sql_add(q, " AND e.city = ");
		weir_sql_string(q, p->city.p ? p->city : WEIR_TEXT(""));
	}
	if (scope == WEIR_LIVE_POINT && p->has_point) {
		weir_sql_add(q, " AND round(e.longitude, 4) = round(toFloat32(");
		weir_sql_float(q, p->lon);
		weir_sql_add(q, "), 4) AND round(e.latitude, 4) = round(toFloat32(");
		weir_sql_float(q, p->lat);
		weir_sql_add(q, "), 4)");
	}
	weir_sql_add(q, ")");
}

weir_err weir_live_details(const struct weir_ask *ask, enum weir_live_scope scope, const struct weir_live_place *places, size_t count,
	struct weir_live_details *out)
{
	static const struct {
		const char *select, *behind;
	} parts[] = {
		{ "SELECT toFloat64(uniq(e.session_id)) AS totalSessions, toFloat64(uniqIf(e.profile_id, e.profile_id != '')) AS totalProfiles", "" },
		{ "SELECT e.referrer_name AS referrerName, toFloat64(count()) AS count",
			" AND e.referrer_name != '' GROUP BY referrerName ORDER BY count DESC, referrerName LIMIT 3" },
		{ "SELECT e.origin AS origin, e.path AS path, toFloat64(count()) AS count",
			" AND e.path != '' GROUP BY origin, path ORDER BY count DESC, origin, path LIMIT 3" },
		{ "SELECT e.name AS name, toFloat64(count()) AS count",
			" AND e.name NOT IN ('screen_view', 'session_start', 'session_end') GROUP BY name ORDER BY count DESC, name LIMIT 3" },
		{ "SELECT toString(e.id) AS id, e.profile_id AS profile_id, e.device_id AS device_id, e.session_id AS session_id,"
			" toString(toUnixTimestamp64Milli(e.created_at)) AS created_ms, e.path AS path, e.name AS name, e.city AS city,"
			" toStringCutToZero(e.country) AS country",
			" ORDER BY e.created_at DESC LIMIT 1 BY e.session_id LIMIT 8" },
	};
	enum { PARTS = sizeof(parts) / sizeof(*parts) };
	weir_sql q[PARTS];
	json_object *rows[PARTS];
	weir_err err;

	weir_sql_init_all(q, PARTS, ask->mem);
	for (size_t i = 0; i < PARTS; i++) {
		weir_sql_const(&q[i], parts[i].select);
		live(&q[i], ask);
		weir_sql_add(&q[i], " AND (");
		for (size_t k = 0; k < count; k++) {
			weir_sql_const(&q[i], k ? " OR " : "");
			one_place(&q[i], scope, &places[k]);
		}
		weir_sql_add(&q[i], ")");
		weir_sql_const(&q[i], parts[i].behind);
	}
	err = weir_sql_finish_all(ask, q, PARTS, rows);
	if (!err)
		*out = (struct weir_live_details){ rows[0], rows[1], rows[2], rows[3], rows[4] };
	return err;
}
