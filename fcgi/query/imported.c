#include "config.h"
#include "query/imported.h"

weir_err weir_imported_months(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT DISTINCT toString(toStartOfMonth(created_at, 'UTC')) AS month FROM events WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND imported_at IS NOT NULL ORDER BY month");
	return weir_sql_finish(ask, &q, rows);
}

#define FIRST(column) "argMin(" column ", tuple(e.created_at, e.id))"
#define LAST(column) "argMax(" column ", tuple(e.created_at, e.id))"
#define ENTRY(key) FIRST("e.properties['__query." key "']")
#define COLUMNS "id, project_id, profile_id, device_id, groups, created_at, ended_at, is_bounce, entry_origin, entry_path, exit_origin," \
	" exit_path, screen_view_count, revenue, event_count, duration, country, region, city, longitude, latitude, device, brand, model," \
	" browser, browser_version, os, os_version, utm_medium, utm_source, utm_campaign, utm_content, utm_term, referrer, referrer_name," \
	" referrer_type, sign, version"

static void month_after(weir_sql *q, weir_text month)
{
	weir_sql_add(q, "addMonths(toDateTime64(");
	weir_sql_string(q, month);
	weir_sql_add(q, ", 3, 'UTC'), 1)");
}

weir_err weir_imported_sessions(const struct weir_ask *ask, weir_text month)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "INSERT INTO sessions (" COLUMNS ") SELECT e.session_id, any(e.project_id), " LAST("e.profile_id") ", " FIRST("e.device_id")
		", " LAST("e.groups") ", min(e.created_at), max(e.created_at), countIf(e.name = 'screen_view') <= 1, " FIRST("e.origin") ", "
		FIRST("e.path") ", " LAST("e.origin") ", " LAST("e.path") ", countIf(e.name = 'screen_view'), sum(e.revenue),"
		" countIf(e.name != 'screen_view'), least(toUnixTimestamp64Milli(max(e.created_at)) - toUnixTimestamp64Milli(min(e.created_at)), 4294967295), "
		FIRST("e.country") ", " FIRST("e.region") ", " FIRST("e.city") ", " FIRST("e.longitude") ", " FIRST("e.latitude") ", "
		FIRST("e.device") ", " FIRST("e.brand") ", " FIRST("e.model") ", " FIRST("e.browser") ", " FIRST("e.browser_version") ", "
		FIRST("e.os") ", " FIRST("e.os_version") ", " ENTRY("utm_medium") ", " ENTRY("utm_source") ", " ENTRY("utm_campaign") ", "
		ENTRY("utm_content") ", " ENTRY("utm_term") ", " FIRST("e.referrer") ", " FIRST("e.referrer_name") ", " FIRST("e.referrer_type")
		", 1, 1 FROM events e WHERE e.imported_at IS NOT NULL AND e.session_id != '' AND e.project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND e.created_at >= toDateTime64(");
	weir_sql_string(&q, month);
	weir_sql_add(&q, ", 3, 'UTC') AND e.created_at < addDays(");
	month_after(&q, month);
	weir_sql_add(&q, ", 1) AND e.session_id NOT IN (SELECT id FROM sessions WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND created_at >= addDays(toDateTime64(");
	weir_sql_string(&q, month);
	weir_sql_add(&q, ", 3, 'UTC'), -1)) GROUP BY e.session_id HAVING min(e.created_at) < ");
	month_after(&q, month);
	err = weir_sql_write(ask, &q);
	weir_sql_free(&q);
	return err;
}
