#include "config.h"
#include "query/people.h"

#include "base/jsonr.h"
#include "base/num.h"
#include "query/chart.h"
#include "query/entity.h"

static const int64_t DAY_MS = 86400000;

/* Names of columns that are p's own and not the answer's. */
#define P_SQL \
	"p.id AS id, p.first_name AS first_name, p.last_name AS last_name, p.email AS email, p.avatar AS avatar," \
	" p.is_external AS is_external, p.properties AS properties, p.groups AS groups," \
	" toString(toUnixTimestamp64Milli(p.created_at)) AS created_ms, toString(toUnixTimestamp64Milli(p.last_seen_at)) AS seen_ms"

static void behaviour(weir_sql *q, const struct weir_people_ask *ask)
{
	if (ask->email.n) {
		weir_sql_add(q, " AND p.email ILIKE ");
		weir_sql_pattern(q, ask->email);
	}
	if (ask->performed.n) {
		weir_sql_add(q, " AND p.id IN (SELECT profile_id FROM events WHERE project_id = ");
		weir_sql_string(q, ask->base.project_id);
		weir_sql_add(q, " AND name = ");
		weir_sql_string(q, ask->performed);
		weir_sql_add(q, ")");
	}
	if (ask->inactive_days > 0) {
		weir_sql_add(q, " AND p.id NOT IN (SELECT profile_id FROM events WHERE project_id = ");
		weir_sql_string(q, ask->base.project_id);
		weir_since_sql(q, "created_at", ask->base.now_ms - ask->inactive_days * DAY_MS);
		weir_sql_add(q, ")");
	}
	if (ask->min_sessions > 0) {
		weir_sql_add(q, " AND p.id IN (SELECT profile_id FROM sessions WHERE project_id = ");
		weir_sql_string(q, ask->base.project_id);
		weir_sql_add(q, " GROUP BY profile_id HAVING sum(sign) >= ");
		weir_sql_int(q, ask->min_sessions);
		weir_sql_add(q, ")");
	}
}

static weir_err chosen(weir_sql *q, const struct weir_people_ask *ask)
{
	weir_sql_add(q, " FROM profiles AS p FINAL WHERE p.project_id = ");
	weir_sql_string(q, ask->base.project_id);
	if (ask->chosen)
		weir_sql_const(q, ask->external ? " AND p.is_external" : " AND NOT p.is_external");
	weir_profile_search_sql(q, ask->search);
	behaviour(q, ask);
	return weir_entity_filters_sql(q, &ask->base, WEIR_SELF_PROFILES, ask->filters);
}

weir_err weir_people(const struct weir_people_ask *ask, json_object **rows, int64_t *total)
{
	enum { LIST, COUNT, BOTH };
	json_object *answers[BOTH];
	weir_sql q[BOTH];
	weir_err err;

	weir_sql_init_all(q, BOTH, ask->base.mem);
	weir_sql_add(&q[LIST], "SELECT " P_SQL);
	weir_sql_add(&q[COUNT], "SELECT toFloat64(count()) AS count");
	weir_sql_fail(&q[LIST], chosen(&q[LIST], ask));
	weir_sql_fail(&q[COUNT], chosen(&q[COUNT], ask));
	weir_sql_const(&q[LIST], ask->oldest_first ? " ORDER BY p.created_at, p.id LIMIT " : " ORDER BY p.created_at DESC, p.id LIMIT ");
	weir_sql_int(&q[LIST], ask->take);
	weir_sql_add(&q[LIST], " OFFSET ");
	weir_sql_int(&q[LIST], ask->page > 0 ? ask->page * ask->take : 0);
	err = weir_sql_finish_all(&ask->base, q, BOTH, answers);
	if (!err) {
		*rows = answers[LIST];
		*total = json_object_get_int64(weir_jsonr_get(weir_jsonr_at(answers[COUNT], 0), "count"));
	}
	return err;
}

weir_err weir_power_users(const struct weir_ask *ask, int64_t take, int64_t page, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT " P_SQL ", toFloat64(u.count) AS count FROM (SELECT profile_id, count() AS count FROM events WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND profile_id != '' GROUP BY profile_id) AS u INNER JOIN (SELECT * FROM profiles FINAL WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, ") AS p ON p.id = u.profile_id ORDER BY u.count DESC, p.id LIMIT ");
	weir_sql_int(&q, take);
	weir_sql_add(&q, " OFFSET ");
	weir_sql_int(&q, page > 0 ? page * take : 0);
	return weir_sql_finish(ask, &q, rows);
}

static void of_person(weir_sql *q, const struct weir_ask *ask, weir_text id)
{
	weir_sql_add(q, " FROM events AS e WHERE e.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND e.profile_id = ");
	weir_sql_string(q, id);
}

weir_err weir_person_metrics(const struct weir_ask *ask, weir_text id, json_object **events, json_object **profile)
{
	enum { EVENTS, PROFILE, BOTH };
	json_object *answers[BOTH];
	weir_sql q[BOTH];
	weir_err err;

	weir_sql_init_all(q, BOTH, ask->mem);
	weir_sql_add(&q[EVENTS], "SELECT toFloat64(countIf(e.name = 'screen_view')) AS screenViews,"
		" toFloat64(countIf(e.name = 'session_start')) AS sessions, toFloat64(count()) AS totalEvents,"
		" toFloat64(uniqExact(toDate(toDateTime(e.created_at)))) AS uniqueDaysActive,"
		" toFloat64(countIf(e.name NOT IN ('screen_view', 'session_start', 'session_end'))) AS conversionEvents,"
		" round(avgIf(e.duration, e.name = 'session_end' AND e.duration != 0) / 60000, 2) AS durationAvg,"
		" round(quantileExactInclusiveIf(0.9)(e.duration, e.name = 'session_end' AND e.duration != 0) / 60000, 2) AS durationP90,"
		" round(100 * countIf(e.name = 'session_end' AND e.properties['__bounce'] IN ('true', '1')) / countIf(e.name = 'session_end'), 4)"
		" AS bounceRate, round(count() / countIf(e.name = 'session_start'), 2) AS avgEventsPerSession,"
		" toFloat64(sumIf(e.revenue, e.name = 'revenue')) AS revenue");
	of_person(&q[EVENTS], ask, id);
	weir_sql_add(&q[PROFILE], "SELECT toString(toUnixTimestamp64Milli(created_at)) AS first_ms,"
		" toString(toUnixTimestamp64Milli(last_seen_at)) AS last_ms FROM profiles FINAL WHERE project_id = ");
	weir_sql_string(&q[PROFILE], ask->project_id);
	weir_sql_add(&q[PROFILE], " AND id = ");
	weir_sql_string(&q[PROFILE], id);
	err = weir_sql_finish_all(ask, q, BOTH, answers);
	if (!err) {
		*events = weir_jsonr_at(answers[EVENTS], 0);
		*profile = weir_jsonr_count(answers[PROFILE]) ? weir_jsonr_at(answers[PROFILE], 0) : NULL;
	}
	return err;
}

static int64_t ms_of(json_object *profile, const char *member)
{
	int64_t ms;

	return !profile || weir_num_int(weir_jsonr_get_text(profile, member), &ms) ? INT64_MIN : ms;
}

struct weir_person_times weir_person_times(json_object *events, json_object *profile)
{
	struct weir_person_times t = { .first_ms = ms_of(profile, "first_ms"), .last_ms = ms_of(profile, "last_ms") };
	double sessions = json_object_get_double(weir_jsonr_get(events, "sessions"));

	if (sessions > 1 && profile)
		t.between_s = weir_round((double)(t.last_ms - t.first_ms) / 1000 / (sessions - 1), 1);
	return t;
}

weir_err weir_person_list(const struct weir_ask *ask, weir_text id, enum weir_person_list list, json_object **rows)
{
	static const struct {
		const char *select, *behind;
	} lists[WEIR_PERSON_LISTS] = {
		[WEIR_PERSON_DAYS] = { "SELECT toFloat64(count()) AS count, concat(toString(toDate(toDateTime(e.created_at))), ' 00:00:00') AS date",
			" GROUP BY date ORDER BY date DESC" },
		[WEIR_PERSON_EVENTS] = { "SELECT toFloat64(count()) AS count, e.name AS name",
			" AND e.name NOT IN ('screen_view', 'session_start', 'session_end') GROUP BY name ORDER BY count DESC, name" },
		[WEIR_PERSON_ROUTES] = { "SELECT toFloat64(count()) AS count, e.path AS path",
			" AND e.name = 'screen_view' GROUP BY path ORDER BY count DESC, path LIMIT 10" },
	};
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_const(&q, lists[list].select);
	of_person(&q, ask, id);
	weir_sql_const(&q, lists[list].behind);
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_people_keys(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT DISTINCT replaceRegexpOne(replaceRegexpAll(k, '\\\\.[0-9]+\\\\.', '.*.'), '\\\\.[0-9]+$', '[*]') AS key"
		" FROM (SELECT arrayJoin(mapKeys(properties)) AS k FROM profiles FINAL WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, ") WHERE key != '' ORDER BY length(key), key");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_people_values(const struct weir_ask *ask, weir_text property, json_object **rows)
{
	struct weir_event_field field;
	bool any = property.n && memchr(property.p, '*', property.n);
	weir_sql q;
	weir_err err = any ? weir_field_of(ask->mem, property, &field) : weir_filter_of_profiles.field_of(ask->mem, property, &field);

	if (err)
		return err;
	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT DISTINCT toString(");
	if (field.kind == WEIR_FIELD_WILDCARD) {
		weir_sql_add(&q, "arrayJoin(mapValues(mapFilter((k, v) -> k LIKE ");
		weir_sql_string(&q, field.key);
		weir_sql_add(&q, ", p.properties)))");
	} else if (any || field.kind == WEIR_FIELD_UNKNOWN || field.kind == WEIR_FIELD_COHORT) {
		weir_sql_add(&q, "''");
	} else {
		weir_field_sql(&q, &field);
	}
	weir_sql_add(&q, ") AS value FROM profiles AS p FINAL WHERE p.project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND value != '' ORDER BY value");
	return weir_sql_finish(ask, &q, rows);
}
