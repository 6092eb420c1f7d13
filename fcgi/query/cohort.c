#include "config.h"
#include "query/cohort.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "query/bucket.h"
#include "query/circle.h"
#include "query/filter.h"

static const int64_t DAY_MS = 86400000;
enum { SAMPLE = 10 };

/* The first moment of the UTC day that the text names. */
static weir_err day_of(weir_text t, int64_t *ms)
{
	weir_err err = weir_clock_parse_js(t, ms);

	if (!err)
		*ms -= ((*ms % DAY_MS) + DAY_MS) % DAY_MS;
	return err;
}

static weir_err timeframe(weir_sql *q, const struct weir_ask *ask, json_object *frame)
{
	weir_text value = weir_jsonr_get_text(frame, "value"), end = weir_jsonr_get_text(frame, "end");
	int64_t days = 0, from = 0, to = 0;
	weir_err err = WEIR_OK;

	if (weir_text_is(weir_jsonr_get_text(frame, "type"), "relative")) {
		err = value.n ? weir_num_int((weir_text){ value.p, value.n - 1 }, &days) : WEIR_EBADREQ; /* "30d" */
		from = ask->now_ms - days * DAY_MS;
		from -= from % DAY_MS;
	} else {
		err = day_of(weir_jsonr_get_text(frame, "start"), &from);
		if (!err && end.n)
			err = day_of(end, &to);
	}
	if (err)
		return WEIR_EBADREQ;
	if (end.n)
		weir_span_sql(q, &(struct weir_span){ from, to + DAY_MS }, "e.created_at");
	else
		weir_since_sql(q, "e.created_at", from);
	return WEIR_OK;
}

static void frequency(weir_sql *q, json_object *o)
{
	static const struct { const char *word, *sign; } signs[] = { { "gte", " >= " }, { "eq", " = " }, { "lte", " <= " } };
	weir_text word = weir_jsonr_get_text(o, "operator");

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (weir_text_is(word, signs[i].word)) {
			weir_sql_add(q, " HAVING uniqExact(e.id)");
			weir_sql_const(q, signs[i].sign);
			weir_sql_int(q, json_object_get_int64(weir_jsonr_get(o, "count")));
		}
}

static weir_err event_criterion(weir_sql *q, const struct weir_ask *ask, json_object *o)
{
	json_object *filters = weir_jsonr_get(o, "filters");
	weir_text name = weir_jsonr_get_text(o, "name");
	struct weir_joins joins = { .profile = false };
	weir_err err = weir_filters_joins(q->mem, filters, &joins);

	if (err)
		return err;
	weir_sql_add(q, "(SELECT e.profile_id AS profile_id");
	weir_sql_from(q, ask, &joins);
	weir_sql_add(q, " WHERE e.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND e.profile_id != '' AND e.profile_id != e.device_id");
	if (!weir_text_is(name, "*")) {
		weir_sql_add(q, " AND e.name = ");
		weir_sql_string(q, name);
	}
	err = timeframe(q, ask, weir_jsonr_get(o, "timeframe"));
	if (!err)
		err = weir_filters_sql(q, ask, filters);
	weir_sql_add(q, " GROUP BY e.profile_id");
	if (weir_jsonr_get(o, "frequency"))
		frequency(q, weir_jsonr_get(o, "frequency"));
	weir_sql_add(q, ")");
	return err;
}

static bool is_and(json_object *criteria)
{
	return weir_text_is(weir_jsonr_get_text(criteria, "operator"), "and");
}

static weir_err event_cohort(weir_sql *q, const struct weir_ask *ask, json_object *criteria)
{
	json_object *events = weir_jsonr_get(criteria, "events");
	weir_err err = WEIR_OK;

	/* A definition that says nothing, such as the column's default, is nobody's. */
	if (!weir_jsonr_count(events)) {
		weir_sql_add(q, "SELECT '' AS profile_id WHERE 0");
		return WEIR_OK;
	}
	weir_sql_add(q, "SELECT DISTINCT profile_id FROM (");
	for (size_t i = 0; i < weir_jsonr_count(events) && !err; i++) {
		if (i)
			weir_sql_const(q, is_and(criteria) ? " INTERSECT " : " UNION DISTINCT ");
		err = event_criterion(q, ask, weir_jsonr_at(events, i));
	}
	weir_sql_add(q, ")");
	return err;
}

/* Each clause comes as " AND (...)": behind a 1 it can stand in an OR as well.  What says nothing leaves no trace. */
static weir_err property_cohort(weir_sql *q, const struct weir_ask *ask, json_object *criteria)
{
	json_object *list = weir_jsonr_get(criteria, "properties");
	bool some = false;
	weir_err err = WEIR_OK;

	weir_sql_add(q, "SELECT pr.id AS profile_id FROM profiles AS pr FINAL WHERE pr.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_const(q, " AND (");
	for (size_t i = 0; i < weir_jsonr_count(list) && !err; i++) {
		json_object *alone = json_object_new_array();
		size_t before, start = q->text.len;

		weir_sql_const(q, some ? is_and(criteria) ? " AND (1" : " OR (1" : "(1");
		before = q->text.len;
		err = !alone || json_object_array_add(alone, json_object_get(weir_jsonr_at(list, i))) ? WEIR_ENOMEM
			: weir_profile_filters_sql(q, ask, alone);
		json_object_put(alone);
		if (q->text.len == before) {
			q->text.len = start;
			q->text.buf[start] = '\0';
			continue;
		}
		weir_sql_const(q, ")");
		some = true;
	}
	weir_sql_const(q, some ? ")" : "0)");
	return err;
}

/* A SELECT of profile_id, each once.  WEIR_EBADREQ for what is no definition, such as the {} that the column begins with. */
static weir_err members(weir_sql *q, const struct weir_ask *ask, json_object *definition)
{
	json_object *criteria = weir_jsonr_get(definition, "criteria");
	bool event = weir_text_is(weir_jsonr_get_text(definition, "type"), "event");

	if (!json_object_is_type(weir_jsonr_get(criteria, event ? "events" : "properties"), json_type_array))
		return WEIR_EBADREQ;
	return event ? event_cohort(q, ask, criteria) : property_cohort(q, ask, criteria);
}

weir_err weir_cohort_preview(const struct weir_ask *ask, json_object *definition, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	_Static_assert(SAMPLE == 10, "the statement says so");
	weir_sql_add(&q, "SELECT toFloat64(count()) AS count, groupArray(10)(profile_id) AS sample FROM (");
	err = members(&q, ask, definition);
	weir_sql_add(&q, ")");
	if (!err)
		err = weir_sql_rows(ask, &q, rows);
	weir_sql_free(&q);
	return err;
}

static void of_cohort(weir_sql *q, const struct weir_ask *ask, weir_text cohort_id)
{
	weir_sql_add(q, " WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND cohort_id = ");
	weir_sql_string(q, cohort_id);
}

static weir_err insert(const struct weir_ask *ask, weir_text cohort_id, json_object *definition)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "INSERT INTO cohort_members (project_id, cohort_id, profile_id, matched_at, version) SELECT ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, ", ");
	weir_sql_string(&q, cohort_id);
	weir_sql_add(&q, ", profile_id, toDateTime(intDiv(");
	weir_sql_int(&q, ask->now_ms);
	weir_sql_add(&q, ", 1000)), toUInt64(");
	weir_sql_int(&q, ask->now_ms);
	weir_sql_add(&q, ") FROM (");
	err = members(&q, ask, definition);
	weir_sql_add(&q, ")");
	if (!err)
		err = weir_sql_write(ask, &q);
	weir_sql_free(&q);
	return err;
}

/* What is older than now_ms goes. A name of a cluster has been checked when it was migrated; anything odd is refused here too. */
static weir_err drop_older(const struct weir_ask *ask, weir_text cohort_id, int64_t than_ms)
{
	const char *cluster = ask->conf->clickhouse_cluster;
	weir_sql q;
	weir_err err;

	for (const char *c = cluster; *c; c++)
		if (!weir_is_alpha((unsigned char)*c) && !weir_is_digit((unsigned char)*c) && *c != '_')
			return WEIR_EBADREQ;
	weir_sql_init(&q, ask->mem);
	weir_sql_const(&q, cluster[0] ? "DELETE FROM cohort_members_replicated ON CLUSTER '" : "DELETE FROM cohort_members");
	weir_sql_const(&q, cluster);
	weir_sql_const(&q, cluster[0] ? "'" : "");
	of_cohort(&q, ask, cohort_id);
	weir_sql_add(&q, " AND version < toUInt64(");
	weir_sql_int(&q, than_ms);
	weir_sql_add(&q, ")");
	err = weir_sql_write(ask, &q);
	weir_sql_free(&q);
	return err;
}

weir_err weir_cohort_compute(const struct weir_ask *ask, weir_text cohort_id, json_object *definition, int64_t *count)
{
	weir_err err = insert(ask, cohort_id, definition);

	if (!err)
		err = drop_older(ask, cohort_id, ask->now_ms);
	return err ? err : weir_cohort_count(ask, cohort_id, count);
}

weir_err weir_cohort_clear(const struct weir_ask *ask, weir_text cohort_id)
{
	return drop_older(ask, cohort_id, INT64_MAX);
}

weir_err weir_cohort_count(const struct weir_ask *ask, weir_text cohort_id, int64_t *count)
{
	json_object *rows;
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(uniqExact(profile_id)) AS count FROM cohort_members");
	of_cohort(&q, ask, cohort_id);
	err = weir_sql_rows(ask, &q, &rows);
	if (!err)
		*count = json_object_get_int64(weir_jsonr_get(weir_jsonr_at(rows, 0), "count"));
	weir_sql_free(&q);
	return err;
}

weir_err weir_cohort_members(const struct weir_ask *ask, weir_text cohort_id, int64_t limit, int64_t offset, json_object **rows)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT profile_id, toFloat64(count() OVER ()) AS total FROM (SELECT profile_id, max(matched_at) AS at FROM cohort_members");
	of_cohort(&q, ask, cohort_id);
	weir_sql_add(&q, " GROUP BY profile_id) ORDER BY at DESC, profile_id LIMIT ");
	weir_sql_int(&q, limit);
	weir_sql_add(&q, " OFFSET ");
	weir_sql_int(&q, offset);
	err = weir_sql_rows(ask, &q, rows);
	weir_sql_free(&q);
	return err;
}
