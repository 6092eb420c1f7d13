#include "config.h"
#include "meta/report.h"

#include "base/id.h"
#include "base/num.h"
#include "meta/record.h"

#define WITH_LAYOUT "LEFT JOIN \"report_layouts\" u ON u.\"reportId\" = t.\"id\""

weir_err weir_report_list(const struct weir_meta *m, weir_text project_id, weir_text dashboard_id, PGresult **rows, bool *found)
{
	weir_text params[2] = { project_id, dashboard_id };
	struct weir_pg_ask asks[] = {
		{ "SELECT 1 FROM \"dashboards\" WHERE \"projectId\" = $1 AND \"id\" = $2", 2, params, NULL },
		{ "SELECT " WEIR_COLUMNS_REPORT ", " WEIR_JOINED_LAYOUT " FROM \"reports\" t " WITH_LAYOUT
			" WHERE t.\"projectId\" = $1 AND t.\"dashboardId\" = $2 ORDER BY t.\"createdAt\", t.\"id\"", 2, params, NULL },
	};
	weir_err err = weir_pg_pipe(m->pg, m->mem, asks, sizeof(asks) / sizeof(*asks));

	*rows = asks[1].res;
	*found = !err && PQntuples(asks[0].res) > 0;
	return err;
}

weir_err weir_report_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_REPORT ", " WEIR_JOINED_LAYOUT " FROM \"reports\" t " WITH_LAYOUT
		" WHERE t.\"id\" = $1", 1, &id);
}

/* $1 is the dashboard or report, $2 now; the numbers of the rest are those of the statements below. */
enum { SAVED_PARAMS = 18 };

static void fill(const struct weir_meta *m, weir_text id, const struct weir_report_saved *in, weir_text params[SAVED_PARAMS])
{
	const weir_text all[SAVED_PARAMS] = {
		id, weir_meta_now(m), in->name, in->interval, in->range, in->chart_type, in->line_type, in->metric, in->formula, in->unit,
		in->series, in->breakdowns, in->global_filters, in->options, weir_pg_bool_param(in->previous),
		weir_pg_array_param(m->mem, in->visible_series, in->visible_count), in->start_date, in->end_date,
	};

	for (int i = 0; i < SAVED_PARAMS; i++)
		params[i] = all[i];
}

weir_err weir_report_create(const struct weir_meta *m, weir_text dashboard_id, const struct weir_report_saved *in, PGresult **rows)
{
	static const char sql[] =
		"INSERT INTO \"reports\" AS t (\"dashboardId\", \"projectId\", \"createdAt\", \"updatedAt\", \"name\", \"interval\", \"range\","
		" \"chartType\", \"lineType\", \"metric\", \"formula\", \"unit\", \"events\", \"breakdowns\", \"globalFilters\", \"options\","
		" \"previous\", \"visibleSeries\", \"startDate\", \"endDate\")"
		" SELECT d.\"id\", d.\"projectId\", $2::timestamp, $2::timestamp, $3::text, $4::text::\"Interval\", $5::text,"
		" $6::text::\"ChartType\", $7::text, $8::text::\"Metric\", $9::text, $10::text, $11::jsonb, $12::jsonb, $13::jsonb, $14::jsonb,"
		" $15::bool, $16::text[], $17::text, $18::text"
		" FROM \"dashboards\" d WHERE d.\"id\" = $1 RETURNING " WEIR_COLUMNS_REPORT;
	weir_text params[SAVED_PARAMS];

	fill(m, dashboard_id, in, params);
	return weir_meta_run(m, rows, sql, SAVED_PARAMS, params);
}

weir_err weir_report_update(const struct weir_meta *m, weir_text id, const struct weir_report_saved *in, PGresult **rows)
{
	static const char sql[] =
		"UPDATE \"reports\" t SET \"updatedAt\" = $2::timestamp, \"name\" = $3, \"interval\" = $4::text::\"Interval\", \"range\" = $5,"
		" \"chartType\" = $6::text::\"ChartType\", \"lineType\" = $7, \"metric\" = $8::text::\"Metric\","
		" \"formula\" = coalesce($9, t.\"formula\"), \"unit\" = coalesce($10, t.\"unit\"), \"events\" = $11::jsonb,"
		" \"breakdowns\" = $12::jsonb, \"globalFilters\" = $13::jsonb, \"options\" = coalesce($14::jsonb, t.\"options\"),"
		" \"previous\" = $15::bool, \"visibleSeries\" = $16::text[], \"startDate\" = $17, \"endDate\" = $18"
		" WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_REPORT;
	weir_text params[SAVED_PARAMS];

	fill(m, id, in, params);
	return weir_meta_run(m, rows, sql, SAVED_PARAMS, params);
}

weir_err weir_report_chart(const struct weir_meta *m, weir_text project_id, weir_text id, struct weir_report_chart *chart)
{
	static const char sql[] =
		"SELECT r.\"dashboardId\", json_strip_nulls(json_build_object('id', r.\"id\", 'projectId', r.\"projectId\", 'name', r.\"name\","
		" 'chartType', r.\"chartType\", 'lineType', r.\"lineType\", 'interval', r.\"interval\", 'range', r.\"range\", 'series', r.\"events\","
		" 'breakdowns', r.\"breakdowns\", 'globalFilters', r.\"globalFilters\", 'previous', r.\"previous\", 'formula', r.\"formula\","
		" 'metric', r.\"metric\", 'unit', r.\"unit\", 'options', r.\"options\", 'visibleSeries', r.\"visibleSeries\","
		" 'startDate', r.\"startDate\", 'endDate', r.\"endDate\")) FROM \"reports\" r WHERE r.\"id\" = $1 AND r.\"projectId\" = $2";
	weir_text params[2] = { id, project_id };
	uint8_t uuid[16];
	PGresult *rows;
	weir_err err;

	*chart = (struct weir_report_chart){ .json = { NULL, 0 } };
	if (weir_uuid_parse(id, uuid))
		return WEIR_OK;
	err = weir_meta_run(m, &rows, sql, 2, params);
	if (!err && PQntuples(rows))
		*chart = (struct weir_report_chart){ weir_pg_text(rows, 0, 0), weir_pg_text(rows, 0, 1) };
	return err;
}

weir_err weir_report_duplicate(const struct weir_meta *m, weir_text id, PGresult **rows)
{
#define COPIED(a) a "\"interval\", " a "\"range\", " a "\"chartType\", " a "\"lineType\", " a "\"breakdowns\", " a "\"events\", " a \
	"\"globalFilters\", " a "\"formula\", " a "\"unit\", " a "\"metric\", " a "\"projectId\", " a "\"previous\", " a "\"options\", " a \
	"\"visibleSeries\", " a "\"startDate\", " a "\"endDate\", " a "\"dashboardId\""
	static const char sql[] =
		"INSERT INTO \"reports\" AS t (\"name\", \"createdAt\", \"updatedAt\", " COPIED("") ")"
		" SELECT 'Copy of ' || s.\"name\", $2::timestamp, $2::timestamp, " COPIED("s.") " FROM \"reports\" s WHERE s.\"id\" = $1::uuid"
		" RETURNING " WEIR_COLUMNS_REPORT;
#undef COPIED
	weir_text params[2] = { id, weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 2, params);
}

weir_err weir_report_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "DELETE FROM \"reports\" t WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_REPORT, 1, &id);
}

weir_err weir_report_place(const struct weir_meta *m, weir_text id, const weir_text place[WEIR_PLACE_COUNT], PGresult **rows)
{
	static const char sql[] =
		"INSERT INTO \"report_layouts\" AS t (\"reportId\", \"createdAt\", \"updatedAt\", \"x\", \"y\", \"w\", \"h\", \"minW\", \"minH\","
		" \"maxW\", \"maxH\") VALUES ($1::uuid, $2, $2, $3::int, $4::int, $5::int, $6::int, coalesce($7::int, 2), coalesce($8::int, 2),"
		" $9::int, $10::int) ON CONFLICT (\"reportId\") DO UPDATE SET \"updatedAt\" = excluded.\"updatedAt\", \"x\" = excluded.\"x\","
		" \"y\" = excluded.\"y\", \"w\" = excluded.\"w\", \"h\" = excluded.\"h\", \"minW\" = coalesce($7::int, t.\"minW\"),"
		" \"minH\" = coalesce($8::int, t.\"minH\"), \"maxW\" = coalesce($9::int, t.\"maxW\"), \"maxH\" = coalesce($10::int, t.\"maxH\")"
		" RETURNING " WEIR_COLUMNS_LAYOUT;
	weir_text params[2 + WEIR_PLACE_COUNT] = { id, weir_meta_now(m) };

	for (int i = 0; i < WEIR_PLACE_COUNT; i++)
		params[2 + i] = place[i];
	return weir_meta_run(m, rows, sql, 2 + WEIR_PLACE_COUNT, params);
}

weir_err weir_report_unplace(const struct weir_meta *m, weir_text dashboard_id, int64_t *count)
{
	static const char sql[] = "DELETE FROM \"report_layouts\" t USING \"reports\" r WHERE r.\"id\" = t.\"reportId\" AND r.\"dashboardId\" = $1";
	PGresult *res;
	weir_err err = weir_meta_run(m, &res, sql, 1, &dashboard_id);

	*count = 0;
	return err ? err : weir_num_int(weir_text_of(PQcmdTuples(res)), count);
}
