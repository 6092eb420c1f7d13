#include "config.h"
#include "query/events.h"

#include "base/jsonr.h"
#include "query/bucket.h"
#include "query/filter.h"

enum { LOOKBACK_DAYS = 1825 };

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

#define EVENT_SQL \
	"SELECT toString(e.id) AS id, e.name AS name, e.device_id AS device_id, e.profile_id AS profile_id," \
	" e.session_id AS session_id, e.project_id AS project_id, e.properties AS properties," \
	" toString(toUnixTimestamp64Milli(e.created_at)) AS created_ms, toStringCutToZero(e.country) AS country, e.city AS city," \
	" e.region AS region, e.longitude AS longitude, e.latitude AS latitude, e.os AS os, e.os_version AS os_version," \
	" e.browser AS browser, e.browser_version AS browser_version, e.device AS device, e.brand AS brand, e.model AS model," \
	" e.path AS path, e.origin AS origin, e.referrer AS referrer, e.referrer_name AS referrer_name," \
	" e.referrer_type AS referrer_type, toString(toUnixTimestamp(e.imported_at)) AS imported_s, e.sdk_name AS sdk_name," \
	" e.sdk_version AS sdk_version, toFloat64(e.revenue) AS revenue, toFloat64(e.duration) AS duration, e.groups AS groups"

static weir_err page(const void *p, int64_t since_ms, json_object **rows)
{
	const struct weir_events_ask *ask = p;
	struct weir_joins joins = { .profile = false };
	weir_sql q;
	weir_err err = weir_filters_joins(ask->base.mem, ask->filters, &joins);

	if (err)
		return err;
	weir_sql_init(&q, ask->base.mem);
	weir_sql_add(&q, EVENT_SQL);
	weir_sql_from(&q, &ask->base, &joins);
	weir_sql_add(&q, " WHERE e.project_id = ");
	weir_sql_string(&q, ask->base.project_id);
	scope(&q, ask);
	weir_stretch_sql(&q, &ask->stretch, "e.created_at", "toString(e.id)", since_ms);
	err = weir_filters_sql(&q, &ask->base, ask->filters);
	/* An event in several groups would stand there once for each. */
	weir_sql_const(&q, joins.group ? " ORDER BY e.created_at DESC, id ASC LIMIT 1 BY id LIMIT " : " ORDER BY e.created_at DESC, id ASC LIMIT ");
	weir_sql_int(&q, (ask->limit ? ask->limit : WEIR_EVENTS_PAGE) + 1);
	weir_sql_add(&q, " OFFSET ");
	weir_sql_int(&q, ask->offset);
	if (!err)
		err = weir_sql_rows(&ask->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

weir_err weir_events_count(const struct weir_events_ask *ask, int64_t *count)
{
	struct weir_joins joins = { .profile = false };
	json_object *rows;
	weir_sql q;
	weir_err err = weir_filters_joins(ask->base.mem, ask->filters, &joins);

	if (err)
		return err;
	weir_sql_init(&q, ask->base.mem);
	weir_sql_const(&q, joins.group ? "SELECT toFloat64(uniqExact(e.id)) AS count" : "SELECT toFloat64(count()) AS count");
	weir_sql_from(&q, &ask->base, &joins);
	weir_sql_add(&q, " WHERE e.project_id = ");
	weir_sql_string(&q, ask->base.project_id);
	scope(&q, ask);
	weir_stretch_sql(&q, &ask->stretch, "e.created_at", "toString(e.id)", INT64_MIN);
	err = weir_filters_sql(&q, &ask->base, ask->filters);
	if (!err)
		err = weir_sql_rows(&ask->base, &q, &rows);
	if (!err)
		*count = json_object_get_int64(weir_jsonr_get(weir_jsonr_at(rows, 0), "count"));
	weir_sql_free(&q);
	return err;
}

weir_err weir_events_page(const struct weir_events_ask *ask, json_object **rows)
{
	return weir_stretch_walk(&ask->stretch, ask->base.now_ms, LOOKBACK_DAYS, page, ask, rows);
}

weir_err weir_events_since(const struct weir_events_ask *ask, int64_t since_ms, json_object **rows)
{
	return page(ask, since_ms, rows);
}

weir_err weir_event_by_id(const struct weir_ask *ask, weir_text id, int64_t near_ms, json_object **rows)
{
	enum { NEAR_MS = 1000 };
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, EVENT_SQL " FROM events AS e WHERE e.project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND e.id = toUUIDOrZero(");
	weir_sql_string(&q, id);
	weir_sql_add(&q, ")");
	if (near_ms != INT64_MIN)
		weir_span_sql(&q, &(struct weir_span){ near_ms - NEAR_MS, near_ms + NEAR_MS + 1 }, "e.created_at");
	weir_sql_add(&q, " LIMIT 1");
	return weir_sql_finish(ask, &q, rows);
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

weir_err weir_bots(const struct weir_ask *ask, int64_t limit, int64_t page_no, json_object **rows, int64_t *count)
{
	enum { LIST, COUNT, BOTH, LIMIT_MAX = 1000 };
	json_object *answers[BOTH];
	weir_sql q[BOTH];
	weir_err err;

	limit = limit < 1 ? 1 : limit > LIMIT_MAX ? LIMIT_MAX : limit;
	weir_sql_init_all(q, BOTH, ask->mem);
	for (size_t i = 0; i < BOTH; i++) {
		weir_sql_const(&q[i], i == COUNT ? "SELECT toFloat64(count()) AS count FROM events_bots WHERE project_id = "
			: "SELECT toString(id) AS id, project_id, name, type, path, toString(created_at) AS created_at,"
			" toString(toUnixTimestamp64Milli(b.created_at)) AS created_ms FROM events_bots AS b WHERE b.project_id = ");
		weir_sql_string(&q[i], ask->project_id);
	}
	weir_sql_add(&q[LIST], " ORDER BY b.created_at DESC, b.id LIMIT ");
	weir_sql_int(&q[LIST], limit);
	weir_sql_add(&q[LIST], " OFFSET ");
	weir_sql_int(&q[LIST], page_no > 0 ? page_no * limit : 0);
	err = weir_sql_finish_all(ask, q, BOTH, answers);
	*rows = answers[LIST];
	if (!err)
		*count = json_object_get_int64(weir_jsonr_get(weir_jsonr_at(answers[COUNT], 0), "count"));
	return err;
}
