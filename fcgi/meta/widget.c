#include "config.h"
#include "meta/widget.h"

#include "base/id.h"
#include "meta/record.h"

enum { WIDGET_ID_LEN = 6, TRIES = 5 };

#define FIRST_OF "SELECT w.\"id\" FROM \"share_widgets\" w WHERE w.\"projectId\" = $1 AND w.\"options\"->>'type' = $2" \
	" ORDER BY w.\"createdAt\", w.\"id\" LIMIT 1"

weir_err weir_widget_of(const struct weir_meta *m, weir_text project_id, weir_text type, PGresult **rows)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_SHARE_WIDGET " FROM \"share_widgets\" t WHERE t.\"id\" = (" FIRST_OF ")";
	weir_text params[2] = { project_id, type };

	return weir_meta_run(m, rows, sql, 2, params);
}

weir_err weir_widget_public(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	static const char sql[] =
		"SELECT " WEIR_COLUMNS_SHARE_WIDGET ", p.\"domain\", p.\"name\", coalesce(nullif(o.\"timezone\", ''), 'UTC')"
		" FROM \"share_widgets\" t JOIN \"projects\" p ON p.\"id\" = t.\"projectId\""
		" JOIN \"organizations\" o ON o.\"id\" = p.\"organizationId\" WHERE t.\"id\" = $1 AND t.\"public\"";

	return weir_meta_run(m, rows, sql, 1, &id);
}

weir_err weir_widget_save(const struct weir_meta *m, const struct weir_widget_saved *in, PGresult **rows)
{
	/*
	 * The lock on the project's row is a statement of its own: one that waits for it would go on with the snapshot of
	 * before, and not see the widget that was made meanwhile.
	 */
	static const char lock[] = "SELECT p.\"id\" FROM \"projects\" p WHERE p.\"id\" = $1 FOR NO KEY UPDATE";
	static const char save[] =
		"WITH changed AS (UPDATE \"share_widgets\" t SET \"public\" = coalesce($4::bool, t.\"public\"),"
		" \"options\" = CASE WHEN $6::bool THEN $5::jsonb ELSE t.\"options\" END, \"updatedAt\" = $7"
		" WHERE t.\"id\" = (" FIRST_OF ") RETURNING " WEIR_COLUMNS_SHARE_WIDGET "),"
		" made AS (INSERT INTO \"share_widgets\" AS t (\"id\", \"projectId\", \"organizationId\", \"public\", \"options\", \"createdAt\","
		" \"updatedAt\") SELECT $3, $1, $8, coalesce($4::bool, false), $5::jsonb, $7, $7 WHERE NOT EXISTS (" FIRST_OF ")"
		" RETURNING " WEIR_COLUMNS_SHARE_WIDGET ") SELECT * FROM changed UNION ALL SELECT * FROM made";
	char id[WIDGET_ID_LEN + 1];
	weir_text none = { NULL, 0 };
	weir_err err = WEIR_ECONFLICT;

	for (int i = 0; i < TRIES && err == WEIR_ECONFLICT; i++) {
		weir_text params[8] = {
			in->project_id, in->type, { id, WIDGET_ID_LEN }, in->sets_open ? weir_pg_bool_param(in->open) : none, in->options,
			weir_pg_bool_param(in->sets_options), weir_meta_now(m), in->organization_id,
		};
		struct weir_pg_ask asks[] = { { lock, 1, params, NULL }, { save, 8, params, NULL } };

		weir_shortid(id, WIDGET_ID_LEN);
		err = weir_arena_failed(m->mem) ? WEIR_ENOMEM : weir_pg_pipe(m->pg, m->mem, asks, sizeof(asks) / sizeof(*asks));
		*rows = asks[1].res;
	}
	return err;
}
