#include "config.h"
#include "query/picker.h"

#include "query/field.h"
#include "query/filter.h"
#include "query/rollup.h"

static const int64_t DAY_MS = 86400000;

static bool any(weir_text event)
{
	return !event.n || weir_text_is(event, "*");
}

static void names_of_rows(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, "SELECT toString(e.name) AS name, toInt64(count()) AS n FROM events AS e WHERE e.project_id = ");
	weir_sql_string(q, ask->project_id);
}

/* Of the rows, not of distinct_event_names_mv: that goes on counting events that have been erased or were too old. */
weir_err weir_event_names(const struct weir_ask *ask, json_object **rows)
{
	const struct weir_span all = { (weir_day_of(ask->now_ms) - WEIR_ROLLED_DAYS_MAX + 1) * DAY_MS, ask->now_ms };
	struct weir_ask utc = *ask; /* whatever days the project has, there are no buckets */
	struct weir_cover cover;
	weir_sql q;
	weir_err err;

	utc.timezone = WEIR_TEXT("UTC");
	err = weir_cover_of(&utc, &all, NULL, &cover);
	if (err)
		return err;
	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT name, toFloat64(sum(n)) AS count FROM (");
	if (cover.some) {
		weir_sql_add(&q, "SELECT a AS name, n");
		weir_cover_from(&q, ask, &cover, "event");
		weir_sql_add(&q, " UNION ALL ");
		names_of_rows(&q, ask);
		weir_span_sql(&q, &weir_days_span, "e.created_at");
		weir_cover_rest(&q, &cover, "e.created_at");
		weir_sql_add(&q, " GROUP BY name UNION ALL ");
	}
	names_of_rows(&q, ask);
	if (cover.some)
		weir_beyond_days_sql(&q, "e.created_at");
	weir_sql_add(&q, " GROUP BY name) GROUP BY name ORDER BY count DESC, name ASC");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_event_keys(const struct weir_ask *ask, weir_text event, int64_t limit, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT DISTINCT property_key, toString(name) AS event_name FROM event_property_values_mv WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	if (!any(event)) {
		weir_sql_add(&q, " AND name = ");
		weir_sql_string(&q, event);
	}
	weir_sql_add(&q, " ORDER BY property_key, event_name LIMIT ");
	weir_sql_int(&q, limit);
	return weir_sql_finish(ask, &q, rows);
}

/* Fields that every event has, in the order that they are offered in. */
static const char fixed_names[] =
	" UNION ALL SELECT key, toDateTime64(0, 3) AS newest, toInt64(place) AS part FROM (SELECT ['revenue', 'has_profile', 'path', 'origin',"
	" 'referrer', 'referrer_name', 'created_at', 'country', 'city', 'region', 'os', 'os_version', 'browser', 'browser_version', 'device',"
	" 'brand', 'model', 'profile.id', 'profile.first_name', 'profile.last_name', 'profile.email', 'profile.created_at',"
	" 'profile.last_seen_at'] AS names) ARRAY JOIN names AS key, arrayEnumerate(names) AS place";

weir_err weir_property_names(const struct weir_ask *ask, weir_text event, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	/* By length; the same length by part, the newest keys first. Places in lists become wildcards. */
	weir_sql_add(&q, "SELECT key FROM (SELECT concat('properties.', replaceRegexpAll(replaceRegexpAll(property_key, '\\.\\d+\\.', '.*.'),"
		" '\\.\\d+', '[*]')) AS key, max(created_at) AS newest, toInt64(-1) AS part FROM event_property_values_mv WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	if (!any(event)) {
		weir_sql_add(&q, " AND name = ");
		weir_sql_string(&q, event);
	}
	weir_sql_add(&q, " GROUP BY key ORDER BY newest DESC, key LIMIT 50000");
	if (any(event))
		weir_sql_add(&q, " UNION ALL SELECT 'name' AS key, toDateTime64(0, 3) AS newest, toInt64(0) AS part");
	weir_sql_const(&q, fixed_names);
	weir_sql_add(&q, " UNION ALL SELECT concat('profile.properties.', arrayJoin(mapKeys(properties))) AS key, toDateTime64(0, 3) AS newest,"
		" toInt64(1000) AS part FROM profiles WHERE is_external AND project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " GROUP BY key) GROUP BY key ORDER BY length(key), min(part), max(newest) DESC, key");
	return weir_sql_finish(ask, &q, rows);
}

/* Where the values of a family of fields stand. */
static const struct source {
	enum weir_field_kind kind;
	const char *from;
	bool of_event;                 /* can be asked for one event */
} sources[] = {
	{ WEIR_FIELD_PROFILE, " AS value, max(pr.created_at) AS newest FROM profiles AS pr FINAL WHERE pr.project_id = ", false },
	{ WEIR_FIELD_PROFILE_PROPERTY, " AS value, max(pr.created_at) AS newest FROM profiles AS pr FINAL WHERE pr.project_id = ", false },
	{ WEIR_FIELD_GROUP, " AS value, max(gr.created_at) AS newest FROM groups AS gr FINAL WHERE gr.deleted = 0 AND gr.project_id = ", false },
	{ WEIR_FIELD_GROUP_PROPERTY, " AS value, max(gr.created_at) AS newest FROM groups AS gr FINAL WHERE gr.deleted = 0 AND gr.project_id = ",
	  false },
	{ WEIR_FIELD_TEXT, " AS value, max(e.created_at) AS newest FROM events AS e WHERE e.created_at > now() - INTERVAL 6 MONTH AND e.project_id = ",
	  true },
	{ WEIR_FIELD_NUMBER,
	  " AS value, max(e.created_at) AS newest FROM events AS e WHERE e.created_at > now() - INTERVAL 6 MONTH AND e.project_id = ", true },
	{ WEIR_FIELD_TIME, " AS value, max(e.created_at) AS newest FROM events AS e WHERE e.created_at > now() - INTERVAL 6 MONTH AND e.project_id = ",
	  true },
};

static void of_event(weir_sql *q, weir_text event, const char *column)
{
	if (any(event))
		return;
	weir_sql_add(q, " AND ");
	weir_sql_const(q, column);
	weir_sql_add(q, " = ");
	weir_sql_string(q, event);
}

/* Keys of lists are offered with wildcards, so their values are found with them too. */
static weir_err property_values(const struct weir_ask *ask, weir_text event, const struct weir_event_field *f, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT property_value AS value FROM event_property_values_mv WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_const(&q, f->kind == WEIR_FIELD_WILDCARD ? " AND property_key LIKE " : " AND property_key = ");
	weir_sql_string(&q, f->key);
	of_event(&q, event, "name");
	weir_sql_add(&q, " GROUP BY value ORDER BY max(created_at) DESC, value ASC LIMIT 500");
	return weir_sql_finish(ask, &q, rows);
}

static weir_err stored_values(const struct weir_ask *ask, weir_text event, const struct weir_event_field *f, const struct source *s,
	json_object **rows)
{
	/* A group's id is a column of its own here, not of an unrolled list. */
	bool group_id = f->kind == WEIR_FIELD_GROUP && !strcmp(f->sql, "gid");
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT value FROM (SELECT ");
	if (group_id)
		weir_sql_add(&q, "gr.id");
	else
		weir_field_label(&q, f);
	weir_sql_const(&q, s->from);
	weir_sql_string(&q, ask->project_id);
	if (s->of_event)
		of_event(&q, event, "e.name");
	weir_sql_add(&q, " GROUP BY value) WHERE value != '' ORDER BY ");
	weir_sql_const(&q, s->of_event ? "length(value), newest DESC, value LIMIT 10000" : "newest DESC, value LIMIT 10000");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_field_values(const struct weir_ask *ask, weir_text event, weir_text field, json_object **rows)
{
	struct weir_event_field f;
	weir_err err = weir_field_of(ask->mem, field, &f);

	*rows = NULL;
	if (err)
		return err;
	if (f.kind == WEIR_FIELD_PROPERTY || f.kind == WEIR_FIELD_WILDCARD)
		return property_values(ask, event, &f, rows);
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (sources[i].kind == f.kind)
			return stored_values(ask, event, &f, &sources[i], rows);
	return WEIR_OK;
}

/* Visitors by day, of three months. */
static void project_days(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, "SELECT toString(toUnixTimestamp(toStartOfDay(created_at)) * 1000) AS ms, toFloat64(uniq(profile_id)) AS value,"
		" sum(revenue * sign) AS revenue FROM sessions WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND created_at >= toStartOfDay(now() - INTERVAL 3 MONTH) GROUP BY toStartOfDay(created_at)"
		" ORDER BY toStartOfDay(created_at)");
}

static void project_totals(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, "SELECT toFloat64(uniqIf(profile_id, created_at >= now() - INTERVAL 3 MONTH)) AS months_3,"
		" toFloat64(uniqIf(profile_id, created_at < now() - INTERVAL 3 MONTH)) AS months_3_prev,"
		" toFloat64(uniqIf(profile_id, created_at >= now() - INTERVAL 1 MONTH)) AS month,"
		" toFloat64(uniqIf(profile_id, created_at >= now() - INTERVAL 1 DAY)) AS day,"
		" toFloat64(uniqIf(profile_id, created_at >= now() - INTERVAL 2 DAY AND created_at < now() - INTERVAL 1 DAY)) AS day_prev,"
		" sum(revenue * sign) AS revenue FROM sessions WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND created_at >= now() - INTERVAL 6 MONTH");
}

weir_err weir_project_card(const struct weir_ask *ask, json_object **days, json_object **totals)
{
	enum { PARTS = 2 };
	weir_sql q[PARTS];
	json_object *rows[PARTS];
	weir_err err;

	weir_sql_init_all(q, PARTS, ask->mem);
	project_days(&q[0], ask);
	project_totals(&q[1], ask);
	err = weir_sql_finish_all(ask, q, PARTS, rows);
	*days = rows[0];
	*totals = rows[1];
	return err;
}
