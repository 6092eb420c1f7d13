#include "config.h"
#include "query/sessions.h"

#include "base/jsonr.h"
#include "query/bucket.h"
#include "query/entity.h"

enum { LOOKBACK_DAYS = 365, VALUE_DAYS = 90 };
static const int64_t DAY_MS = 86400000;

/* The floats as text and back: widened to a double they would show digits that nobody stored. */
#define SESSION_SQL \
	"SELECT s.id AS id, s.profile_id AS profile_id, s.device_id AS device_id, s.project_id AS project_id," \
	" toString(toUnixTimestamp64Milli(s.created_at)) AS created_ms, toString(toUnixTimestamp64Milli(s.ended_at)) AS ended_ms," \
	" s.is_bounce AS is_bounce, s.entry_path AS entry_path, s.entry_origin AS entry_origin, s.exit_path AS exit_path," \
	" s.exit_origin AS exit_origin, toFloat64(s.event_count) AS event_count, toFloat64(s.screen_view_count) AS screen_view_count," \
	" s.revenue AS revenue, toFloat64(s.duration) AS duration, s.referrer AS referrer, s.referrer_name AS referrer_name," \
	" s.referrer_type AS referrer_type, toStringCutToZero(s.country) AS country, s.region AS region, s.city AS city," \
	" toFloat64(toString(s.longitude)) AS longitude, toFloat64(toString(s.latitude)) AS latitude, s.os AS os," \
	" s.os_version AS os_version, s.browser AS browser, s.browser_version AS browser_version, s.device AS device, s.brand AS brand," \
	" s.model AS model, s.utm_medium AS utm_medium, s.utm_source AS utm_source, s.utm_campaign AS utm_campaign," \
	" s.utm_content AS utm_content, s.utm_term AS utm_term, s.groups AS groups"

static void of_project(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, " FROM sessions AS s FINAL WHERE s.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND s.sign = 1");
}

static void search(weir_sql *q, weir_text text)
{
	static const char *const columns[] = { "s.entry_path", "s.exit_path", "s.referrer", "s.referrer_name" };

	if (!text.n)
		return;
	weir_sql_add(q, " AND (");
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		weir_sql_const(q, i ? " OR " : "");
		weir_sql_const(q, columns[i]);
		weir_sql_add(q, " ILIKE ");
		weir_sql_pattern(q, text);
	}
	weir_sql_add(q, ")");
}

static weir_err page(const void *p, int64_t since_ms, json_object **rows)
{
	const struct weir_sessions_ask *ask = p;
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->base.mem);
	weir_sql_add(&q, SESSION_SQL);
	of_project(&q, &ask->base);
	weir_stretch_sql(&q, &ask->stretch, "s.created_at", "s.id", since_ms);
	if (ask->profile_id.n) {
		weir_sql_add(&q, " AND s.profile_id = ");
		weir_sql_string(&q, ask->profile_id);
	}
	search(&q, ask->search);
	err = weir_entity_filters_sql(&q, &ask->base, WEIR_SELF_SESSIONS, ask->filters);
	weir_sql_add(&q, " ORDER BY s.created_at DESC, s.id ASC LIMIT ");
	weir_sql_int(&q, ask->take + 1);
	if (!err)
		err = weir_sql_rows(&ask->base, &q, rows);
	weir_sql_free(&q);
	return err;
}

static bool has(json_object *ids, weir_text id)
{
	for (size_t i = 0; i < weir_jsonr_count(ids); i++)
		if (weir_text_eq(weir_jsonr_get_text(weir_jsonr_at(ids, i), "session_id"), id))
			return true;
	return false;
}

/* Member has_replay of each row. */
static weir_err with_replay(const struct weir_ask *ask, json_object *rows)
{
	size_t n = weir_jsonr_count(rows);
	weir_text *ids = weir_alloc_n(ask->mem, n + 1, sizeof(*ids));
	json_object *recorded;
	weir_sql q;
	weir_err err;

	if (!ids)
		return WEIR_ENOMEM;
	if (!n)
		return WEIR_OK;
	for (size_t i = 0; i < n; i++)
		ids[i] = weir_jsonr_get_text(weir_jsonr_at(rows, i), "id");
	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT DISTINCT session_id FROM session_replay_chunks WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND session_id IN ");
	weir_sql_strings(&q, ids, n);
	err = weir_sql_finish(ask, &q, &recorded);
	for (size_t i = 0; i < n && !err; i++)
		if (json_object_object_add(weir_jsonr_at(rows, i), "has_replay", json_object_new_boolean(has(recorded, ids[i]))))
			err = WEIR_ENOMEM;
	return err;
}

weir_err weir_sessions_page(const struct weir_sessions_ask *ask, json_object **rows)
{
	weir_err err = weir_stretch_walk(&ask->stretch, ask->base.now_ms, LOOKBACK_DAYS, page, ask, rows);

	return err ? err : with_replay(&ask->base, *rows);
}

weir_err weir_session_by_id(const struct weir_ask *ask, weir_text id, json_object **row)
{
	json_object *rows;
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, SESSION_SQL);
	of_project(&q, ask);
	weir_sql_add(&q, " AND s.id = ");
	weir_sql_string(&q, id);
	weir_sql_add(&q, " ORDER BY s.version DESC LIMIT 1");
	err = weir_sql_finish(ask, &q, &rows);
	if (!err)
		err = with_replay(ask, rows);
	*row = !err && weir_jsonr_count(rows) ? weir_jsonr_at(rows, 0) : NULL;
	return err;
}

weir_err weir_session_values(const struct weir_ask *ask, weir_text field, json_object **rows)
{
	static const struct {
		const char *name, *sql;
	} fields[] = {
		{ "referrer_name", "s.referrer_name" }, { "country", "toStringCutToZero(s.country)" }, { "os", "s.os" },
		{ "browser", "s.browser" }, { "device", "s.device" },
	};
	const char *sql = NULL;
	weir_sql q;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (weir_text_is(field, fields[i].name))
			sql = fields[i].sql;
	if (!sql)
		return WEIR_EBADREQ;
	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT ");
	weir_sql_const(&q, sql);
	weir_sql_add(&q, " AS value FROM sessions AS s WHERE s.project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_since_sql(&q, "s.created_at", ask->now_ms - VALUE_DAYS * DAY_MS);
	weir_sql_add(&q, " AND value != '' GROUP BY value HAVING sum(s.sign) > 0 ORDER BY sum(s.sign) DESC, value LIMIT 200");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_replay_chunks(const struct weir_ask *ask, weir_text session_id, int64_t from, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT payload FROM session_replay_chunks WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " AND session_id = ");
	weir_sql_string(&q, session_id);
	_Static_assert(WEIR_REPLAY_PAGE + 1 == 41, "the statement says so");
	weir_sql_add(&q, " ORDER BY started_at, ended_at, chunk_index LIMIT 41 OFFSET ");
	weir_sql_int(&q, from > 0 ? from : 0);
	return weir_sql_finish(ask, &q, rows);
}
