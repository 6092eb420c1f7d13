#include "config.h"
#include "meta/gsc.h"

#include "meta/record.h"

weir_err weir_gsc_get(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_GSC_CONNECTION " FROM \"gsc_connections\" t WHERE t.\"projectId\" = $1", 1, &project_id);
}

weir_err weir_gsc_select(const struct weir_meta *m, weir_text project_id, weir_text site_url, PGresult **rows)
{
	static const char sql[] = "UPDATE \"gsc_connections\" t SET \"siteUrl\" = $2, \"backfillStatus\" = 'pending', \"updatedAt\" = $3"
		" WHERE t.\"projectId\" = $1 RETURNING " WEIR_COLUMNS_GSC_CONNECTION;
	weir_text params[3] = { project_id, site_url, weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 3, params);
}

weir_err weir_gsc_disconnect(const struct weir_meta *m, weir_text project_id)
{
	PGresult *res;

	return weir_meta_run(m, &res, "DELETE FROM \"gsc_connections\" WHERE \"projectId\" = $1", 1, &project_id);
}

weir_err weir_gsc_due(const struct weir_meta *m, int64_t age_ms, weir_text after, PGresult **row)
{
	static const char sql[] =
		"SELECT \"projectId\", \"backfillStatus\" FROM \"gsc_connections\" WHERE \"siteUrl\" <> '' AND \"projectId\" > $2"
		" AND (\"backfillStatus\" IN ('pending', 'running') OR \"lastSyncedAt\" IS NULL OR \"lastSyncedAt\" < $1) ORDER BY \"projectId\" LIMIT 1";
	weir_text params[2] = { weir_pg_time_param(m->mem, m->now_ms - age_ms), after };

	return weir_meta_run(m, row, sql, 2, params);
}

weir_err weir_gsc_note(const struct weir_meta *m, weir_text project_id, const struct weir_gsc_outcome *out)
{
	static const char sql[] =
		"UPDATE \"gsc_connections\" SET \"lastSyncStatus\" = coalesce($2::text, \"lastSyncStatus\"),"
		" \"lastSyncError\" = CASE WHEN $2::text IS NULL THEN \"lastSyncError\" ELSE $3::text END,"
		" \"lastSyncedAt\" = CASE WHEN $2::text = 'success' THEN $5::timestamp ELSE \"lastSyncedAt\" END,"
		" \"backfillStatus\" = CASE WHEN $4::text = 'running' OR \"backfillStatus\" IS DISTINCT FROM 'pending' THEN coalesce($4::text, \"backfillStatus\") ELSE \"backfillStatus\" END,"
		" \"updatedAt\" = $5::timestamp WHERE \"projectId\" = $1";
	weir_text none = { NULL, 0 };
	weir_text params[5] = {
		project_id, out->status ? weir_text_of(out->status) : none, out->why ? weir_text_of(out->why) : none,
		out->backfill ? weir_text_of(out->backfill) : none, weir_meta_now(m),
	};
	PGresult *res;

	return weir_meta_run(m, &res, sql, 5, params);
}
