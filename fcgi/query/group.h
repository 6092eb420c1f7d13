#ifndef WEIR_QUERY_GROUP_H
#define WEIR_QUERY_GROUP_H
#include <json-c/json.h>
#include "query/sql.h"
/*
 * Groups, which live in ClickHouse (spec/queries.md 20).  Rows: id, project_id,
 * type, name, properties (flat), created_ms, version_ms (texts).
 */
struct weir_groups_ask {
	weir_text search, type;        /* empty: any */
	const weir_text *ids;          /* NULL: any */
	size_t id_count;
	int64_t take, page;
};
/* Newest first, with member_count, last_ms ("0" for never) and total besides when counts is set. */
WEIR_MUSTCHECK weir_err weir_groups(const struct weir_ask *ask, const struct weir_groups_ask *in, bool counts, json_object **rows);
/* {type}: the distinct ones. */
WEIR_MUSTCHECK weir_err weir_group_types(const struct weir_ask *ask, json_object **rows);
/* {key}: the distinct keys of properties, sorted. */
WEIR_MUSTCHECK weir_err weir_group_keys(const struct weir_ask *ask, json_object **rows);

struct weir_group_row {
	weir_text id, type, name;
	const weir_text *keys, *values;
	size_t count;
	int64_t created_ms, version_ms;
	bool deleted;
};
WEIR_MUSTCHECK weir_err weir_group_write(const struct weir_ask *ask, const struct weir_group_row *row);
#endif
