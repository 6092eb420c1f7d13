/* Insights: whose there are to find, and keeping what was found. */
#include "config.h"
#include "meta/insight.h"

#include "base/clock.h"
#include "base/jsonw.h"

enum { ROWS_MAX = 16 * 1024 * 1024, CLOSE_DAYS = 7 };
static const int64_t DAY_MS = 86400000;

/* ----------------------------------------------------------------- projects */

#define PROJECT                                                                                                            \
	"SELECT p.\"id\", coalesce(nullif(o.\"timezone\", ''), 'UTC'), p.\"createdAt\" FROM \"projects\" p"                 \
	" JOIN \"organizations\" o ON o.\"id\" = p.\"organizationId\" WHERE p.\"deleteAt\" IS NULL"

static void read_project(const PGresult *rows, struct weir_insight_project *out)
{
	*out = (struct weir_insight_project){ .created_ms = 0 };
	if (!PQntuples(rows))
		return;
	out->id = weir_pg_text(rows, 0, 0);
	out->timezone = weir_pg_text(rows, 0, 1);
	out->created_ms = weir_pg_time(rows, 0, 2);
}

weir_err weir_insight_project_after(const struct weir_meta *m, weir_text after, struct weir_insight_project *out)
{
	static const char sql[] = PROJECT " AND p.\"id\" COLLATE \"C\" > $1 AND p.\"eventsCount\" > $2::bigint"
		" AND ($3::bool OR (o.\"subscriptionStatus\" = 'active' AND p.\"updatedAt\" > $4::timestamp))"
		" ORDER BY p.\"id\" COLLATE \"C\" LIMIT 1";
	weir_text params[4] = { after, weir_pg_int_param(m->mem, m->conf->worker_insight_events), weir_pg_bool_param(!strcmp(m->conf->worker_insights, "all")),
		weir_pg_time_param(m->mem, m->now_ms - DAY_MS) };
	PGresult *rows;
	weir_err err = weir_meta_run(m, &rows, sql, 4, params);

	if (!err)
		read_project(rows, out);
	return err;
}

weir_err weir_insight_project_of(const struct weir_meta *m, weir_text id, struct weir_insight_project *out)
{
	PGresult *rows;
	weir_err err = weir_meta_run(m, &rows, PROJECT " AND p.\"id\" = $1", 1, &id);

	if (err)
		return err;
	read_project(rows, out);
	return out->id.p ? WEIR_OK : WEIR_ENOTFOUND;
}

/* -------------------------------------------------------------------- rows */

static void put_time(weir_json *j, const char *key, int64_t ms)
{
	char buf[WEIR_CLOCK_MAX];

	weir_json_str(j, key, weir_clock_sql(ms, buf));
}

static void put_row(weir_json *j, const struct weir_insight_row *r)
{
	weir_json_obj(j, NULL);
	weir_json_strz(j, "module", r->module);
	weir_json_strz(j, "kind", r->window);
	weir_json_str(j, "dimension", r->dimension);
	weir_json_str(j, "name", r->name);
	weir_json_str(j, "title", r->title);
	weir_json_str(j, "summary", r->summary);
	weir_json_raw(j, "payload", r->payload);
	weir_json_strz(j, "direction", r->direction);
	weir_json_strz(j, "band", r->band);
	weir_json_num(j, "impact", r->impact);
	put_time(j, "start", r->start_ms);
	put_time(j, "last", r->end_ms - 1);
	weir_json_end(j);
}

static weir_err rows_param(const struct weir_meta *m, const struct weir_insight_batch *b, weir_text *out)
{
	weir_str s;
	weir_json j;
	weir_err err;

	weir_str_init(&s, ROWS_MAX);
	weir_json_init(&j, &s);
	weir_json_arr(&j, NULL);
	for (size_t i = 0; i < b->count; i++)
		put_row(&j, &b->rows[i]);
	weir_json_end(&j);
	err = weir_json_done(&j);
	if (!err)
		*out = weir_text_dup(m->mem, weir_str_view(&s));
	weir_str_free(&s);
	return err ? err : out->p ? WEIR_OK : WEIR_ENOMEM;
}

/* ------------------------------------------------------------- the statements */

#define RANK(band) "coalesce(array_position(ARRAY['low', 'moderate', 'severe'], " band "), 0)"
#define STATE(state, direction, impact, band) \
	"jsonb_build_object('state', " state ", 'direction', " direction ", 'impactScore', " impact ", 'severityBand', " band ")"

/*
 * The rows that were found; what is there of them (the active one, else the
 * latest that is not); what has happened to each; and that written down.
 */
static const char merge[] =
	"WITH src AS MATERIALIZED (SELECT DISTINCT ON (x.module, x.dimension, x.kind) gen_random_uuid() AS new_id, x.* FROM jsonb_to_recordset($2::jsonb)"
	" AS x(module text, kind text, dimension text, name text, title text, summary text, payload jsonb, direction text, band text, impact float8,"
	" start timestamp(3), last timestamp(3))),"
	" prev AS MATERIALIZED (SELECT DISTINCT ON (t.\"moduleKey\", t.\"dimensionKey\", t.\"windowKind\") t.* FROM \"project_insights\" t"
	" JOIN src s ON t.\"moduleKey\" = s.module AND t.\"dimensionKey\" = s.dimension AND t.\"windowKind\" = s.kind WHERE t.\"projectId\" = $1"
	" ORDER BY t.\"moduleKey\", t.\"dimensionKey\", t.\"windowKind\", t.\"state\" <> 'active', t.\"lastSeenAt\" DESC, t.\"id\"),"
	" judged AS MATERIALIZED (SELECT s.*, p.\"id\" AS id, p.\"state\" AS old_state, p.\"direction\" AS old_direction, p.\"impactScore\" AS old_impact,"
	" p.\"severityBand\" AS old_band, CASE WHEN p.\"id\" IS NULL THEN 'created'"
	" WHEN p.\"direction\" <> s.direction AND s.direction IN ('up', 'down') THEN 'direction_flip'"
	" WHEN " RANK("s.band") " > " RANK("p.\"severityBand\"") " THEN 'severity_up'"
	" WHEN " RANK("s.band") " < " RANK("p.\"severityBand\"") " THEN 'severity_down'"
	" WHEN p.\"state\" <> 'active' OR p.\"payload\" <> s.payload OR p.\"windowStart\" IS DISTINCT FROM s.start OR p.\"windowEnd\" IS DISTINCT FROM s.last"
	" THEN 'updated' END AS event FROM src s LEFT JOIN prev p"
	" ON p.\"moduleKey\" = s.module AND p.\"dimensionKey\" = s.dimension AND p.\"windowKind\" = s.kind),"
	" changed AS (UPDATE \"project_insights\" t SET \"state\" = 'active', \"title\" = j.title, \"summary\" = j.summary, \"displayName\" = j.name,"
	" \"payload\" = j.payload, \"direction\" = j.direction, \"impactScore\" = j.impact, \"severityBand\" = j.band, \"windowStart\" = j.start,"
	" \"windowEnd\" = j.last, \"lastSeenAt\" = $3::timestamp, \"lastUpdatedAt\" = $3::timestamp,"
	" \"version\" = t.\"version\" + (j.old_state <> 'active' OR coalesce(j.event, 'updated') <> 'updated')::int FROM judged j WHERE t.\"id\" = j.id),"
	" made AS (INSERT INTO \"project_insights\" (\"id\", \"projectId\", \"moduleKey\", \"dimensionKey\", \"windowKind\", \"title\", \"summary\","
	" \"displayName\", \"payload\", \"direction\", \"impactScore\", \"severityBand\", \"windowStart\", \"windowEnd\", \"firstDetectedAt\", \"lastSeenAt\","
	" \"lastUpdatedAt\") SELECT j.new_id, $1, j.module, j.dimension, j.kind, j.title, j.summary, j.name, j.payload, j.direction, j.impact, j.band,"
	" j.start, j.last, $3::timestamp, $3::timestamp, $3::timestamp FROM judged j WHERE j.id IS NULL),"
	" told AS (INSERT INTO \"insight_events\" (\"insightId\", \"eventKind\", \"changeFrom\", \"changeTo\", \"createdAt\")"
	" SELECT coalesce(j.id, j.new_id), j.event, CASE WHEN j.id IS NOT NULL THEN " STATE("j.old_state", "j.old_direction", "j.old_impact", "j.old_band")
	" END, " STATE("'active'", "j.direction", "j.impact", "j.band") ", $3::timestamp FROM judged j WHERE j.event IS NOT NULL)"
	" SELECT count(*), count(*) FILTER (WHERE j.id IS NULL), count(*) FILTER (WHERE j.id IS NOT NULL AND j.event IS NOT NULL) FROM judged j";

/* $1 project; $2 and $3 the places, modules and windows side by side */
#define LOOKED_AT "t.\"projectId\" = $1 AND (t.\"moduleKey\", t.\"windowKind\") IN (SELECT p.m, p.w FROM unnest($2::text[], $3::text[]) AS p(m, w))"
#define STALE LOOKED_AT " AND t.\"state\" = 'active' AND t.\"lastSeenAt\" < $4::timestamp"

static const char drop_other_days[] = "DELETE FROM \"project_insights\" t WHERE " LOOKED_AT
	" AND t.\"windowKind\" = 'yesterday' AND t.\"windowEnd\" IS DISTINCT FROM $4::timestamp";
/* There is one row of a state; the older of two that will be closed goes. */
static const char drop_twins[] = "DELETE FROM \"project_insights\" c USING \"project_insights\" t WHERE " STALE " AND c.\"state\" = 'closed'"
	" AND c.\"projectId\" = t.\"projectId\" AND c.\"moduleKey\" = t.\"moduleKey\" AND c.\"dimensionKey\" = t.\"dimensionKey\""
	" AND c.\"windowKind\" = t.\"windowKind\"";
static const char close_stale[] = "WITH gone AS (UPDATE \"project_insights\" t SET \"state\" = 'closed', \"lastUpdatedAt\" = $5::timestamp WHERE " STALE
	" RETURNING t.*) INSERT INTO \"insight_events\" (\"insightId\", \"eventKind\", \"changeFrom\", \"changeTo\", \"createdAt\")"
	" SELECT g.\"id\", 'closed', " STATE("'active'", "g.\"direction\"", "g.\"impactScore\"", "g.\"severityBand\"") ", "
	STATE("'closed'", "g.\"direction\"", "g.\"impactScore\"", "g.\"severityBand\"") ", $5::timestamp FROM gone g";
static const char keep_top[] = "DELETE FROM \"project_insights\" d USING (SELECT t.\"id\", row_number() OVER (PARTITION BY t.\"moduleKey\", t.\"windowKind\""
	" ORDER BY t.\"impactScore\" DESC, t.\"dimensionKey\" COLLATE \"C\") AS place FROM \"project_insights\" t WHERE " LOOKED_AT " AND t.\"state\" = 'active') r"
	" WHERE d.\"id\" = r.\"id\" AND r.place > $4::int";

/* ------------------------------------------------------------------- storing */

static weir_err write_found(const struct weir_meta *m, const struct weir_insight_batch *b, struct weir_insight_counts *n)
{
	weir_text params[3] = { b->project_id, { NULL, 0 }, weir_meta_now(m) };
	PGresult *rows;
	weir_err err = rows_param(m, b, &params[1]);

	if (!err)
		err = weir_meta_run(m, &rows, merge, 3, params);
	if (err)
		return err;
	n->found = weir_pg_int(rows, 0, 0);
	n->created = weir_pg_int(rows, 0, 1);
	n->changed = weir_pg_int(rows, 0, 2);
	return WEIR_OK;
}

static int64_t rows_of(PGresult *res)
{
	const char *n = PQcmdTuples(res);
	int64_t v = 0;

	for (; *n >= '0' && *n <= '9'; n++)
		v = 10 * v + (*n - '0');
	return v;
}

static weir_err clear_places(const struct weir_meta *m, const struct weir_insight_batch *b, const weir_text places[2], struct weir_insight_counts *n)
{
	enum { ASKS = 4, PARAMS = 5, OTHER_DAYS = 0, CLOSED = 2, BELOW = 3 };
	weir_text stale[PARAMS] = { b->project_id, places[0], places[1], weir_pg_time_param(m->mem, m->now_ms - CLOSE_DAYS * DAY_MS), weir_meta_now(m) };
	weir_text day[4] = { b->project_id, places[0], places[1], weir_pg_time_param(m->mem, b->yesterday_ms - 1) };
	weir_text top[4] = { b->project_id, places[0], places[1], weir_pg_int_param(m->mem, WEIR_INSIGHT_KEEP) };
	struct weir_pg_ask asks[ASKS] = { { drop_other_days, 4, day, NULL }, { drop_twins, 4, stale, NULL }, { close_stale, PARAMS, stale, NULL },
		{ keep_top, 4, top, NULL } };
	weir_err err = weir_arena_failed(m->mem) ? WEIR_ENOMEM : weir_pg_pipe(m->pg, m->mem, asks, ASKS);

	if (err)
		return err;
	n->deleted = rows_of(asks[OTHER_DAYS].res) + rows_of(asks[BELOW].res);
	n->closed = rows_of(asks[CLOSED].res);
	return WEIR_OK;
}

static weir_err clear_away(const struct weir_meta *m, const struct weir_insight_batch *b, struct weir_insight_counts *n)
{
	weir_text *names = weir_alloc_n(m->mem, 2 * b->place_count, sizeof(*names)), modules, windows;

	if (!names)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < b->place_count; i++) {
		names[i] = weir_text_of(b->places[i].module);
		names[b->place_count + i] = weir_text_of(b->places[i].window);
	}
	modules = weir_pg_array_param(m->mem, names, b->place_count);
	windows = weir_pg_array_param(m->mem, names + b->place_count, b->place_count);
	return clear_places(m, b, (const weir_text[]){ modules, windows }, n);
}

static weir_err store(const struct weir_meta *m, const struct weir_insight_batch *b, struct weir_insight_counts *n)
{
	PGresult *rows;
	weir_err err = weir_meta_run(m, &rows, "SELECT 1 FROM \"projects\" WHERE \"id\" = $1 AND \"deleteAt\" IS NULL FOR NO KEY UPDATE", 1, &b->project_id);

	if (!err && !PQntuples(rows))
		err = WEIR_ENOTFOUND;
	if (!err && b->count)
		err = write_found(m, b, n);
	return err ? err : clear_away(m, b, n);
}

weir_err weir_insight_store(const struct weir_meta *m, const struct weir_insight_batch *batch, struct weir_insight_counts *counts)
{
	weir_err err;

	*counts = (struct weir_insight_counts){ .found = 0 };
	if (!batch->place_count)
		return WEIR_OK;
	err = weir_pg_begin(m->pg);
	if (!err)
		err = store(m, batch, counts);
	if (!err)
		err = weir_pg_commit(m->pg);
	if (err) {
		weir_pg_rollback(m->pg);
		*counts = (struct weir_insight_counts){ .found = 0 };
	}
	return err;
}

/* ------------------------------------------------------------------ clean-up */

#define AT_ONCE "5000"

weir_err weir_insight_sweep(const struct weir_meta *m, int64_t *deleted)
{
	enum { ASKS = 2 };
	int64_t keep = m->conf->worker_insight_retention;
	/* Without an end nothing is that old. */
	weir_text before = weir_pg_time_param(m->mem, keep > 0 ? m->now_ms - keep : 0);
	struct weir_pg_ask asks[ASKS] = {
		{ "DELETE FROM \"project_insights\" WHERE \"id\" IN (SELECT t.\"id\" FROM \"project_insights\" t WHERE t.\"state\" = 'suppressed'"
		  " OR (t.\"state\" = 'closed' AND t.\"lastUpdatedAt\" < $1::timestamp) LIMIT " AT_ONCE ")", 1, &before, NULL },
		{ "DELETE FROM \"insight_events\" WHERE \"id\" IN (SELECT e.\"id\" FROM \"insight_events\" e WHERE e.\"createdAt\" < $1::timestamp"
		  " LIMIT " AT_ONCE ")", 1, &before, NULL },
	};
	weir_err err = before.p ? weir_pg_pipe(m->pg, m->mem, asks, ASKS) : WEIR_ENOMEM;

	*deleted = err ? 0 : rows_of(asks[0].res) + rows_of(asks[1].res);
	return err;
}
