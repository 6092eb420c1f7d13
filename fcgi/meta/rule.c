#include "config.h"
#include "meta/rule.h"

#include "base/log.h"
#include "link/generation.h"
#include "meta/name.h"
#include "meta/record.h"

weir_err weir_notification_list(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	static const char sql[] =
		"SELECT " WEIR_COLUMNS_NOTIFICATION ", i.\"name\", r.\"name\" FROM \"notifications\" t"
		" LEFT JOIN \"integrations\" i ON i.\"id\" = t.\"integrationId\""
		" LEFT JOIN \"notification_rules\" r ON r.\"id\" = t.\"notificationRuleId\""
		" WHERE t.\"projectId\" = $1 ORDER BY t.\"createdAt\" DESC, t.\"id\" LIMIT $2";
	weir_text params[2] = { project_id, weir_pg_int_param(m->mem, WEIR_NOTIFICATIONS_MAX) };

	return weir_meta_run(m, rows, sql, 2, params);
}

weir_err weir_rule_list(const struct weir_meta *m, weir_text project_id, struct weir_rules_read *out)
{
	struct weir_pg_ask asks[] = {
		{ "SELECT " WEIR_COLUMNS_RULE " FROM \"notification_rules\" t WHERE t.\"projectId\" = $1 ORDER BY t.\"createdAt\" DESC, t.\"id\"", 1,
			&project_id, NULL },
		{ "SELECT " WEIR_COLUMNS_INTEGRATION ", r.\"id\" FROM \"integrations\" t"
			" JOIN \"_IntegrationToNotificationRule\" l ON l.\"A\" = t.\"id\" JOIN \"notification_rules\" r ON r.\"id\" = l.\"B\""
			" WHERE r.\"projectId\" = $1 ORDER BY t.\"createdAt\", t.\"id\"", 1, &project_id, NULL },
	};
	weir_err err = weir_pg_pipe(m->pg, m->mem, asks, sizeof(asks) / sizeof(*asks));

	*out = (struct weir_rules_read){ asks[0].res, asks[1].res };
	return err;
}

weir_err weir_rule_integrations(const struct weir_meta *m, weir_text organization_id, const weir_text *ids, size_t count, int64_t *known)
{
	weir_text params[2] = { organization_id, weir_pg_array_param(m->mem, ids, count) };
	PGresult *res;
	weir_err err = weir_meta_run(m, &res, "SELECT count(*) FROM \"integrations\" WHERE \"organizationId\" = $1 AND \"id\" = ANY ($2::uuid[])",
		2, params);

	*known = err ? 0 : weir_pg_int(res, 0, 0);
	return err;
}

static weir_err tell(const struct weir_meta *m, weir_err err, PGresult **rows)
{
	if (!err && PQntuples(*rows) && m->redis
		&& weir_generation_bump(m->redis, m->mem, m->conf, weir_pg_text(*rows, 0, WEIR_RULE_PROJECT_ID)))
		weir_log(LOG_WARNING, "generation", "the worker was not told of a changed rule: %s", weir_redis_error(m->redis));
	return err;
}

weir_err weir_rule_save(const struct weir_meta *m, const struct weir_rule_saved *in, PGresult **rows)
{
#define LINKS \
	", gone AS (DELETE FROM \"_IntegrationToNotificationRule\" l USING t WHERE l.\"B\" = $1::uuid AND NOT l.\"A\" = ANY ($9::uuid[]))," \
	" linked AS (INSERT INTO \"_IntegrationToNotificationRule\" (\"A\", \"B\") SELECT i, $1::uuid FROM t, unnest($9::uuid[]) i" \
	" ON CONFLICT DO NOTHING) SELECT " WEIR_COLUMNS_RULE " FROM t"
	static const char insert[] =
		"WITH t AS (INSERT INTO \"notification_rules\" (\"id\", \"projectId\", \"name\", \"template\", \"config\", \"sendToApp\","
		" \"sendToEmail\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1::uuid, $2, $3, $4, $5::jsonb, $6::bool, $7::bool, $8, $8) RETURNING *)" LINKS;
	static const char update[] =
		"WITH t AS (UPDATE \"notification_rules\" SET \"projectId\" = $2, \"name\" = $3, \"template\" = $4, \"config\" = $5::jsonb,"
		" \"sendToApp\" = $6::bool, \"sendToEmail\" = $7::bool, \"updatedAt\" = $8 WHERE \"id\" = $1::uuid RETURNING *)" LINKS;
#undef LINKS
	weir_text params[9] = {
		in->id.n ? in->id : weir_uuid_arena(m->mem), in->project_id, in->name, weir_or_null(in->template), in->config,
		weir_pg_bool_param(in->to_app), weir_pg_bool_param(in->to_mail), weir_meta_now(m),
		weir_pg_array_param(m->mem, in->integrations, in->count),
	};

	return tell(m, weir_meta_run(m, rows, in->id.n ? update : insert, 9, params), rows);
}

weir_err weir_rule_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return tell(m, weir_meta_run(m, rows, "DELETE FROM \"notification_rules\" t WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_RULE, 1,
		&id), rows);
}
