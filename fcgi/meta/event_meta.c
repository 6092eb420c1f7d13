#include "config.h"
#include "meta/event_meta.h"

#include "meta/record.h"

weir_err weir_event_meta_list(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "SELECT " WEIR_COLUMNS_EVENT_META " FROM \"event_meta\" t WHERE t.\"projectId\" = $1"
		" ORDER BY t.\"name\"", 1, &project_id);
}

weir_err weir_event_meta_conversions(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "SELECT " WEIR_COLUMNS_EVENT_META " FROM \"event_meta\" t WHERE t.\"projectId\" = $1"
		" AND t.\"conversion\" ORDER BY t.\"name\"", 1, &project_id);
}

weir_err weir_event_meta_save(const struct weir_meta *m, weir_text project_id, const struct weir_event_meta_saved *in, PGresult **rows)
{
	static const char sql[] =
		"INSERT INTO \"event_meta\" AS t (\"name\", \"projectId\", \"icon\", \"color\", \"conversion\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, $4, $5::bool, $6, $6) ON CONFLICT (\"name\", \"projectId\") DO UPDATE SET"
		" \"icon\" = coalesce($3, t.\"icon\"), \"color\" = coalesce($4, t.\"color\"), \"conversion\" = coalesce($5::bool, t.\"conversion\"),"
		" \"updatedAt\" = $6 RETURNING " WEIR_COLUMNS_EVENT_META;
	weir_text none = { NULL, 0 };
	weir_text params[6] = { in->name, project_id, in->icon, in->color, in->sets_conversion ? weir_pg_bool_param(in->conversion) : none,
		weir_meta_now(m) };

	return weir_meta_run(m, rows, sql, 6, params);
}
