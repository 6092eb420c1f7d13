#include "config.h"
#include "query/group.h"

#define ROW_SQL "id, project_id, type, name, properties, created_at, toString(toInt64(toUnixTimestamp(created_at)) * 1000) AS created_ms," \
	" toString(version) AS version_ms"

static void page(weir_sql *q, const struct weir_ask *ask, const struct weir_groups_ask *in)
{
	weir_sql_add(q, "SELECT " ROW_SQL ", toFloat64(count() OVER ()) AS total FROM groups FINAL WHERE deleted = 0 AND project_id = ");
	weir_sql_string(q, ask->project_id);
	if (in->ids) {
		weir_sql_add(q, " AND id IN ");
		weir_sql_strings(q, in->ids, in->id_count);
	}
	if (in->type.n) {
		weir_sql_add(q, " AND type = ");
		weir_sql_string(q, in->type);
	}
	if (in->search.n) {
		weir_sql_add(q, " AND positionCaseInsensitiveUTF8(concat(id, '\\n', name), ");
		weir_sql_string(q, in->search);
		weir_sql_add(q, ") > 0");
	}
	weir_sql_add(q, " ORDER BY created_at DESC, id LIMIT ");
	weir_sql_int(q, in->take);
	weir_sql_add(q, " OFFSET ");
	weir_sql_int(q, in->page * in->take);
}

static weir_err run(const struct weir_ask *ask, weir_sql *q, json_object **rows)
{
	weir_err err = weir_sql_rows(ask, q, rows);

	weir_sql_free(q);
	return err;
}

weir_err weir_groups(const struct weir_ask *ask, const struct weir_groups_ask *in, bool counts, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	if (!counts) {
		page(&q, ask, in);
		return run(ask, &q, rows);
	}
	weir_sql_add(&q, "SELECT g.*, toFloat64(m.members) AS member_count, toString(toUnixTimestamp64Milli(m.last)) AS last_ms FROM (");
	page(&q, ask, in);
	weir_sql_add(&q, ") AS g LEFT JOIN (SELECT gid, uniqExactIf(profile_id, profile_id != '' AND profile_id != device_id) AS members,"
		" max(created_at) AS last FROM events ARRAY JOIN groups AS gid WHERE project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " GROUP BY gid) AS m ON m.gid = g.id ORDER BY g.created_at DESC, g.id");
	return run(ask, &q, rows);
}

weir_err weir_group_types(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT DISTINCT type FROM groups FINAL WHERE deleted = 0 AND project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " ORDER BY type");
	return run(ask, &q, rows);
}

weir_err weir_group_keys(const struct weir_ask *ask, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT DISTINCT arrayJoin(mapKeys(properties)) AS key FROM groups FINAL WHERE deleted = 0 AND project_id = ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, " ORDER BY key");
	return run(ask, &q, rows);
}

weir_err weir_group_write(const struct weir_ask *ask, const struct weir_group_row *row)
{
	weir_sql q;
	weir_err err;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "INSERT INTO groups (id, project_id, type, name, properties, created_at, version, deleted) SELECT ");
	weir_sql_string(&q, row->id);
	weir_sql_add(&q, ", ");
	weir_sql_string(&q, ask->project_id);
	weir_sql_add(&q, ", ");
	weir_sql_string(&q, row->type);
	weir_sql_add(&q, ", ");
	weir_sql_string(&q, row->name);
	weir_sql_add(&q, ", CAST(mapFromArrays(");
	weir_sql_strings(&q, row->keys, row->count);
	weir_sql_add(&q, ", ");
	weir_sql_strings(&q, row->values, row->count);
	weir_sql_add(&q, "), 'Map(String, String)'), toDateTime(intDiv(");
	weir_sql_int(&q, row->created_ms);
	weir_sql_add(&q, ", 1000)), toUInt64(");
	weir_sql_int(&q, row->version_ms);
	weir_sql_const(&q, row->deleted ? "), 1" : "), 0");
	err = weir_sql_write(ask, &q);
	weir_sql_free(&q);
	return err;
}
