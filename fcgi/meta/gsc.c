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
