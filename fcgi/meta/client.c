#include "config.h"
#include "meta/client.h"

#include "base/log.h"
#include "link/generation.h"
#include "meta/name.h"
#include "meta/record.h"

static weir_err fill_secret(const struct weir_meta *m, const struct weir_client_new *in, struct weir_client_made *made, weir_text *hash)
{
	char secret[WEIR_CLIENT_SECRET_LEN + 1], text[WEIR_SECRET_HASH_LEN + 1];
	weir_err err;

	if (!in->secret.n)
		weir_client_secret(secret);
	made->secret = weir_text_dup(m->mem, in->secret.n ? in->secret : (weir_text){ secret, WEIR_CLIENT_SECRET_LEN });
	if (!made->secret.p)
		return WEIR_ENOMEM;
	err = weir_secret_hash(made->secret, text);
	*hash = weir_text_dup(m->mem, weir_text_of(text));
	return err ? err : hash->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_client_create(const struct weir_meta *m, const struct weir_client_new *in, struct weir_client_made *made)
{
	static const char sql[] =
		"INSERT INTO \"clients\" AS t (\"id\", \"name\", \"secret\", \"type\", \"projectId\", \"organizationId\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1::uuid, $2, $3, $4::text::\"ClientType\", $5, $6, $7, $7) RETURNING " WEIR_COLUMNS_CLIENT;
	weir_text none = { NULL, 0 }, params[7], id = in->id.n ? in->id : weir_uuid_arena(m->mem);
	weir_err err;

	*made = (struct weir_client_made){ .rows = NULL };
	if (!id.p)
		return WEIR_ENOMEM;
	if (!weir_uuid_is_client_id(id))
		return WEIR_EBADREQ;
	memcpy(made->id, id.p, WEIR_UUID_LEN);
	params[0] = weir_text_of(made->id);
	params[1] = in->name;
	err = fill_secret(m, in, made, &params[2]);
	if (err)
		return err;
	params[3] = in->type.n ? in->type : WEIR_TEXT("write");
	params[4] = in->project_id.n ? in->project_id : none;
	params[5] = in->organization_id;
	params[6] = weir_pg_time_param(m->mem, m->now_ms);
	err = weir_pg_exec(m->pg, m->mem, &made->rows, sql, 7, params);
	if (!err && m->redis && weir_generation_bump(m->redis, m->mem, m->conf, in->project_id))
		weir_log(LOG_WARNING, "generation", "the responders were not told of a new client: %s", weir_redis_error(m->redis));
	return err;
}

static weir_err changed(const struct weir_meta *m, weir_err err, PGresult **rows)
{
	if (!err && PQntuples(*rows) && m->redis
		&& weir_generation_bump(m->redis, m->mem, m->conf, weir_pg_text(*rows, 0, WEIR_CLIENT_PROJECT_ID)))
		weir_log(LOG_WARNING, "generation", "the responders were not told of a changed client: %s", weir_redis_error(m->redis));
	return err;
}

weir_err weir_client_get(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, "SELECT " WEIR_COLUMNS_CLIENT " FROM \"clients\" t WHERE t.\"id\" = $1::uuid", 1, &id);
}

weir_err weir_client_rename(const struct weir_meta *m, weir_text id, weir_text name, PGresult **rows)
{
	static const char sql[] = "UPDATE \"clients\" t SET \"name\" = $2, \"updatedAt\" = $3 WHERE t.\"id\" = $1::uuid"
		" RETURNING " WEIR_COLUMNS_CLIENT;
	weir_text params[3] = { id, name, weir_meta_now(m) };

	return changed(m, weir_meta_run(m, rows, sql, 3, params), rows);
}

weir_err weir_client_renew(const struct weir_meta *m, weir_text id, weir_text *secret, PGresult **rows)
{
	static const char sql[] = "UPDATE \"clients\" t SET \"secret\" = $2, \"updatedAt\" = $3 WHERE t.\"id\" = $1::uuid"
		" RETURNING " WEIR_COLUMNS_CLIENT;
	struct weir_client_new fresh = { .name = { NULL, 0 } };
	struct weir_client_made made;
	weir_text params[3] = { id, { NULL, 0 }, weir_meta_now(m) };
	weir_err err = fill_secret(m, &fresh, &made, &params[1]);

	if (err)
		return err;
	*secret = made.secret;
	return changed(m, weir_meta_run(m, rows, sql, 3, params), rows);
}

weir_err weir_client_delete(const struct weir_meta *m, weir_text id, PGresult **rows)
{
	return changed(m, weir_meta_run(m, rows, "DELETE FROM \"clients\" t WHERE t.\"id\" = $1::uuid RETURNING " WEIR_COLUMNS_CLIENT, 1, &id), rows);
}

weir_err weir_client_list(const struct weir_meta *m, weir_text organization_id, weir_text project_id, PGresult **rows)
{
#define ORDER " ORDER BY t.\"createdAt\", t.\"id\""
	static const char all[] = "SELECT " WEIR_COLUMNS_CLIENT " FROM \"clients\" t" ORDER;
	static const char of_organization[] = "SELECT " WEIR_COLUMNS_CLIENT " FROM \"clients\" t WHERE t.\"organizationId\" = $1" ORDER;
	static const char of_project[] = "SELECT " WEIR_COLUMNS_CLIENT " FROM \"clients\" t WHERE t.\"projectId\" = $1" ORDER;
#undef ORDER

	if (project_id.n)
		return weir_pg_exec(m->pg, m->mem, rows, of_project, 1, &project_id);
	if (organization_id.n)
		return weir_pg_exec(m->pg, m->mem, rows, of_organization, 1, &organization_id);
	return weir_pg_exec(m->pg, m->mem, rows, all, 0, NULL);
}
