#include "config.h"
#include "meta/insight.h"

#include "meta/record.h"

#define RELEVANT "\"relevanceScore\" DESC NULLS LAST, t.\"impactScore\" DESC, t.\"id\""

weir_err weir_insight_list(const struct weir_meta *m, weir_text project_id, int64_t limit, PGresult **rows)
{
	static const char sql[] =
		"SELECT " WEIR_COLUMNS_INSIGHT_BRIEF " FROM (SELECT DISTINCT ON (f.\"moduleKey\", f.\"dimensionKey\") f.* FROM ("
		" SELECT t.* FROM \"project_insights\" t WHERE t.\"projectId\" = $1 AND t.\"state\" = 'active' ORDER BY t." RELEVANT " LIMIT $2) f"
		" ORDER BY f.\"moduleKey\", f.\"dimensionKey\","
		" CASE f.\"windowKind\" WHEN 'yesterday' THEN 0 WHEN 'rolling_7d' THEN 1 WHEN 'rolling_30d' THEN 2 ELSE 3 END) t"
		" ORDER BY coalesce(t.\"relevanceScore\", -1) DESC, t.\"impactScore\" DESC, t.\"id\" LIMIT $3";
	weir_text params[3] = { project_id, weir_pg_int_param(m->mem, 3 * limit), weir_pg_int_param(m->mem, limit) };

	return weir_meta_run(m, rows, sql, 3, params);
}

weir_err weir_insight_list_all(const struct weir_meta *m, weir_text project_id, int64_t limit, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_INSIGHT " FROM \"project_insights\" t"
		" WHERE t.\"projectId\" = $1 AND t.\"state\" = 'active' ORDER BY t." RELEVANT " LIMIT $2";
	weir_text params[2] = { project_id, weir_pg_int_param(m->mem, limit) };

	return weir_meta_run(m, rows, sql, 2, params);
}
