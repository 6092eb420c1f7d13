#include "config.h"
#include "meta/counts.h"

#include "base/jsonr.h"

#include <stdio.h>

enum { PROJECTS_AT_ONCE = 1000 };
#define PROJECTS_LIMIT "1000"

#define CLAMPED(n) "least(" n ", 2147483647)::int"
/* The new count in $n decides whether the limit is exceeded; 0 is no limit. */
#define EXCEEDED(n, now)                                                                                            \
	"CASE WHEN o.\"subscriptionPeriodEventsLimit\" > 0 AND " n " > o.\"subscriptionPeriodEventsLimit\" THEN"    \
	" coalesce(o.\"subscriptionPeriodEventsCountExceededAt\", " now "::timestamp) END"
#define CHANGED(count, exceeded)                                                                                     \
	"(o.\"subscriptionPeriodEventsCount\" IS DISTINCT FROM " count                                              \
	" OR (o.\"subscriptionPeriodEventsCountExceededAt\" IS NULL) <> ((" exceeded ") IS NULL))"

static weir_err note_last(struct weir_counts *c, weir_text id)
{
	if (id.n >= sizeof(c->after))
		return WEIR_ELIMIT;
	snprintf(c->after, sizeof(c->after), "%.*s", (int)id.n, id.n ? id.p : "");
	return WEIR_OK;
}

static weir_err count_rows(struct weir_counts *c, const struct weir_meta *m, const char *sql, int nparams, const weir_text *params)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, nparams, params);

	if (!err)
		c->changed += PQntuples(res);
	return err;
}

/* ----------------------------------------------------------------- projects */

static weir_err write_projects(struct weir_counts *c, const struct weir_meta *m, json_object *rows)
{
	static const char sql[] =
		"UPDATE \"projects\" p SET \"eventsCount\" = " CLAMPED("n.count") ", \"updatedAt\" = $3::timestamp"
		" FROM unnest($1::text[], $2::bigint[]) AS n(id, count)"
		" WHERE p.\"id\" = n.id AND p.\"eventsCount\" IS DISTINCT FROM " CLAMPED("n.count") " RETURNING 1";
	size_t n = weir_jsonr_count(rows);
	weir_text *ids = weir_alloc_n(m->mem, n + 1, sizeof(*ids)), *counts = weir_alloc_n(m->mem, n + 1, sizeof(*counts)), params[3];

	if (!ids || !counts)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		json_object *row = weir_jsonr_at(rows, i);

		ids[i] = weir_text_of(json_object_get_string(json_object_object_get(row, "project_id")));
		counts[i] = weir_text_of(json_object_get_string(json_object_object_get(row, "count")));
	}
	params[0] = weir_pg_array_param(m->mem, ids, n);
	params[1] = weir_pg_array_param(m->mem, counts, n);
	params[2] = weir_pg_time_param(m->mem, m->now_ms);
	if (!params[0].p || !params[1].p || !params[2].p)
		return WEIR_ENOMEM;
	return n ? count_rows(c, m, sql, 3, params) : WEIR_OK;
}

static weir_err count_projects(struct weir_counts *c, const struct weir_meta *m, weir_ch *ch)
{
	const struct weir_ch_arg params[] = { { "after", weir_text_of(c->after) } };
	struct weir_ch_query q = { .params = params, .nparams = 1, .read_only = true,
		.sql = "SELECT project_id, toString(least(sum(event_count), 2147483647)) AS count FROM distinct_event_names_mv"
		       " WHERE project_id > {after:String} GROUP BY project_id ORDER BY project_id LIMIT " PROJECTS_LIMIT };
	json_object *rows;
	size_t n;
	weir_err err = weir_ch_rows(ch, m->mem, &q, &rows);

	if (err)
		return err;
	n = weir_jsonr_count(rows);
	err = write_projects(c, m, rows);
	if (!err && n == PROJECTS_AT_ONCE) {
		json_object *last = weir_jsonr_at(rows, n - 1);

		return note_last(c, weir_text_of(json_object_get_string(json_object_object_get(last, "project_id"))));
	}
	if (!err)
		c->state = WEIR_COUNTS_ORGANIZATIONS;
	return err;
}

/* ------------------------------------------------------------ organizations */

static weir_err count_organizations(struct weir_counts *c, const struct weir_meta *m)
{
	static const char sql[] =
		"UPDATE \"organizations\" o SET \"subscriptionPeriodEventsCount\" = " CLAMPED("n.count") ", \"updatedAt\" = $1::timestamp,"
		" \"subscriptionPeriodEventsCountExceededAt\" = CASE WHEN NOT $2::bool THEN " EXCEEDED("n.count", "$1") " END"
		" FROM (SELECT x.\"id\", coalesce(sum(p.\"eventsCount\"), 0)::bigint AS count FROM \"organizations\" x"
		" LEFT JOIN \"projects\" p ON p.\"organizationId\" = x.\"id\" GROUP BY x.\"id\") n WHERE n.\"id\" = o.\"id\""
		" AND ($2::bool OR o.\"subscriptionStartsAt\" IS NULL) AND "
		CHANGED(CLAMPED("n.count"), "CASE WHEN NOT $2::bool THEN " EXCEEDED("n.count", "$1") " END") " RETURNING 1";
	weir_text params[2] = { weir_pg_time_param(m->mem, m->now_ms), weir_pg_bool_param(m->conf->api_self_hosted) };
	weir_err err = params[0].p ? count_rows(c, m, sql, 2, params) : WEIR_ENOMEM;

	if (!err) {
		c->after[0] = '\0';
		c->state = m->conf->api_self_hosted ? WEIR_COUNTS_DONE : WEIR_COUNTS_PERIODS;
	}
	return err;
}

/* Of a yearly subscription the month that runs; a month without such a day begins it as many days later. */
#define PERIOD_START                                                                                                          \
	"CASE WHEN o.\"subscriptionInterval\" = 'year' THEN (SELECT max(d) FROM (SELECT date_trunc('month', $1::timestamp)"  \
	" - make_interval(months => k) + make_interval(days => extract(day FROM o.\"subscriptionStartsAt\")::int - 1) AS d"  \
	" FROM generate_series(0, 1) k) x WHERE d <= $1::timestamp) ELSE o.\"subscriptionStartsAt\" END"

static weir_err count_period(struct weir_counts *c, const struct weir_meta *m, weir_ch *ch)
{
	static const char next[] =
		"SELECT o.\"id\", (extract(epoch FROM " PERIOD_START ") * 1000)::bigint, ARRAY(SELECT p.\"id\" FROM \"projects\" p"
		" WHERE p.\"organizationId\" = o.\"id\") FROM \"organizations\" o WHERE o.\"subscriptionStartsAt\" IS NOT NULL AND o.\"id\" > $2"
		" ORDER BY o.\"id\" LIMIT 1";
	static const char write[] =
		"UPDATE \"organizations\" o SET \"subscriptionPeriodEventsCount\" = " CLAMPED("$2::bigint") ", \"updatedAt\" = $3::timestamp,"
		" \"subscriptionPeriodEventsCountExceededAt\" = " EXCEEDED("$2::bigint", "$3") " WHERE o.\"id\" = $1 AND "
		CHANGED(CLAMPED("$2::bigint"), EXCEEDED("$2::bigint", "$3")) " RETURNING 1";
	weir_text now = weir_pg_time_param(m->mem, m->now_ms), *ids, id;
	struct weir_ch_arg params[2];
	struct weir_ch_query q = { .params = params, .nparams = 2, .read_only = true,
		.sql = "SELECT toString(count()) AS count FROM events WHERE project_id IN {ids:Array(String)}"
		       " AND created_at >= fromUnixTimestamp64Milli({start:Int64})" };
	json_object *rows;
	PGresult *res;
	size_t n;
	weir_err err = now.p ? weir_pg_exec(m->pg, m->mem, &res, next, 2, (weir_text[]){ now, weir_text_of(c->after) }) : WEIR_ENOMEM;

	if (err)
		return err;
	if (!PQntuples(res)) {
		c->state = WEIR_COUNTS_DONE;
		return WEIR_OK;
	}
	id = weir_pg_text(res, 0, 0);
	err = weir_pg_array(m->mem, res, 0, 2, &ids, &n);
	if (err)
		return err;
	params[0] = (struct weir_ch_arg){ "ids", weir_ch_array(m->mem, ids, n) };
	params[1] = (struct weir_ch_arg){ "start", weir_pg_text(res, 0, 1) };
	err = params[0].value.p ? weir_ch_rows(ch, m->mem, &q, &rows) : WEIR_ENOMEM;
	if (!err && weir_jsonr_count(rows) != 1)
		err = WEIR_EBADGATEWAY;
	if (!err) {
		weir_text count = weir_text_of(json_object_get_string(json_object_object_get(weir_jsonr_at(rows, 0), "count")));

		err = count_rows(c, m, write, 3, (weir_text[]){ id, count, now });
	}
	return err ? err : note_last(c, id);
}

weir_err weir_counts_step(struct weir_counts *c, const struct weir_meta *m, weir_ch *ch)
{
	switch (c->state) {
	case WEIR_COUNTS_PROJECTS:
		return count_projects(c, m, ch);
	case WEIR_COUNTS_ORGANIZATIONS:
		return count_organizations(c, m);
	case WEIR_COUNTS_PERIODS:
		return count_period(c, m, ch);
	case WEIR_COUNTS_DONE:
		break;
	}
	return WEIR_OK;
}
