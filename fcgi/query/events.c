#include "config.h"
#include "query/events.h"

#include "base/jsonr.h"
#include "query/filter.h"

static const int64_t DAY_MS = 86400000;
enum { LOOKBACK_DAYS = 1825, LIVE_MINUTES = 5 };

static void scope(weir_sql *q, const struct weir_events_ask *ask)
{
	if (ask->profile_id.n) {
		/* His own, and what his devices did before he was known. */
		weir_sql_add(q, " AND (e.profile_id = ");
		weir_sql_string(q, ask->profile_id);
		weir_sql_add(q, " OR (e.profile_id = e.device_id AND e.device_id IN (SELECT device_id FROM events WHERE project_id = ");
		weir_sql_string(q, ask->base.project_id);
		weir_sql_add(q, " AND profile_id = ");
		weir_sql_string(q, ask->profile_id);
		weir_sql_add(q, " AND device_id != '')))");
	}
	if (ask->session_id.n) {
		weir_sql_add(q, " AND e.session_id = ");
		weir_sql_string(q, ask->session_id);
	}
	if (ask->group_id.n) {
		weir_sql_add(q, " AND has(e.groups, ");
		weir_sql_string(q, ask->group_id);
		weir_sql_add(q, ")");
	}
	if (ask->cohort_id.n) {
		weir_sql_add(q, " AND e.profile_id IN (SELECT profile_id FROM cohort_members WHERE project_id = ");
		weir_sql_string(q, ask->base.project_id);
		weir_sql_add(q, " AND cohort_id = ");
		weir_sql_string(q, ask->cohort_id);
		weir_sql_add(q, ")");
	}
	if (ask->name_count) {
		weir_sql_add(q, " AND e.name IN ");
		weir_sql_strings(q, ask->names, ask->name_count);
	}
}

/* The stretch of time; since_ms INT64_MIN: as far back as there is anything. */
static void stretch(weir_sql *q, const struct weir_events_ask *ask, int64_t since_ms)
{
	if (ask->has_cursor && ask->cursor.id.p) {
		/* Sorted by moment downwards and id upwards: whatever stands behind that row. */
		weir_sql_add(q, " AND (e.created_at < ");
		weir_sql_time(q, ask->cursor.ms);
		weir_sql_add(q, " OR (e.created_at = ");
		weir_sql_time(q, ask->cursor.ms);
		weir_sql_add(q, " AND toString(e.id) > ");
		weir_sql_string(q, ask->cursor.id);
		weir_sql_add(q, "))");
	} else if (ask->has_cursor) {
		weir_sql_add(q, " AND e.created_at < ");
		weir_sql_time(q, ask->cursor.ms);
	}
	if (ask->has_dates) {
		weir_sql_add(q, " AND e.created_at >= ");
		weir_sql_time(q, ask->start_ms - ((ask->start_ms % DAY_MS) + DAY_MS) % DAY_MS);
		weir_sql_add(q, " AND e.created_at < ");
		weir_sql_time(q, ask->end_ms - ((ask->end_ms % DAY_MS) + DAY_MS) % DAY_MS + DAY_MS);
	}
	if (since_ms != INT64_MIN) {
		weir_sql_add(q, " AND e.created_at >= ");
		weir_sql_time(q, since_ms);
	}
}

static weir_err page(const struct weir_events_ask *ask, int64_t since_ms, json_object **rows)
{
	struct weir_joins joins = { .profile = false };
	weir_sql q;
	weir_err err = weir_filters_joins(ask->base.mem, ask->filters, &joins);

	if (err)
		return err;
	weir_sql_init(&q, ask->base.mem);
	weir_sql_add(&q, "SELECT toString(e.id) AS id, e.name AS name, e.device_id AS device_id, e.profile_id AS profile_id,"
		" e.session_id AS session_id, e.project_id AS project_id, e.properties AS properties,"
		" toString(toUnixTimestamp64Milli(e.created_at)) AS created_ms, toStringCutToZero(e.country) AS country, e.city AS city,"
		" e.region AS region, e.longitude AS longitude, e.latitude AS latitude, e.os AS os, e.os_version AS os_version,"
		" e.browser AS browser, e.browser_version AS browser_version, e.device AS device, e.brand AS brand, e.model AS model,"
		" e.path AS path, e.origin AS origin, e.referrer AS referrer, e.referrer_name AS referrer_name,"
		" e.referrer_type AS referrer_type, toString(toUnixTimestamp(e.imported_at)) AS imported_s, e.sdk_name AS sdk_name,"
		" e.sdk_version AS sdk_version, toFloat64(e.revenue) AS revenue, toFloat64(e.duration) AS duration, e.groups AS groups");
	weir_sql_from(&q, &ask->base, &joins);
	weir_sql_add(&q, " WHERE e.project_id = ");
	weir_sql_string(&q, ask->base.project_id);
	scope(&q, ask);
	stretch(&q, ask, since_ms);
	err = weir_filters_sql(&q, &ask->base, ask->filters);
	/* An event in several groups would stand there once for each. */
	weir_sql_const(&q, joins.group ? " ORDER BY e.created_at DESC, id ASC LIMIT 1 BY id LIMIT 51" : " ORDER BY e.created_at DESC, id ASC LIMIT 51");
	if (!err)
		err = weir_sql_rows(&ask->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

_Static_assert(WEIR_EVENTS_PAGE + 1 == 51, "the LIMIT of the statement above says the same");

weir_err weir_events_page(const struct weir_events_ask *ask, json_object **rows)
{
	int64_t from = ask->has_cursor ? ask->cursor.ms : ask->base.now_ms;
	weir_err err = WEIR_OK;

	if (ask->has_dates && !ask->has_cursor)
		return page(ask, INT64_MIN, rows);
	for (int64_t days = 1; !err; days *= 2) {
		if (days > LOOKBACK_DAYS)
			days = LOOKBACK_DAYS;
		err = page(ask, from - days * DAY_MS, rows);
		if (err || json_object_array_length(*rows) || days == LOOKBACK_DAYS)
			break;
	}
	return err;
}

weir_err weir_profiles_by_id(const struct weir_ask *ask, const weir_text *ids, size_t count, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT " WEIR_PROFILE_SQL " FROM profiles FINAL WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND id IN ");
	weir_sql_strings(&q, ids, count);
	err = weir_sql_rows(ask, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_live_visitors(const struct weir_ask *ask, int64_t *visitors)
{
	json_object *rows;
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(uniq(profile_id)) AS visitors FROM events WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND profile_id != '' AND created_at >= ");
	weir_sql_time(&q, ask->now_ms - LIVE_MINUTES * (int64_t)60000);
	err = weir_sql_rows(ask, &q, &rows);
	if (!err)
		*visitors = json_object_get_int64(weir_jsonr_get(json_object_array_get_idx(rows, 0), "visitors"));
	weir_sql_free(&q);
	return err;
}
