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
