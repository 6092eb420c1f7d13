#include "config.h"
#include "meta/deletion.h"

#include "base/log.h"
#include "link/generation.h"

#define OLD_ENOUGH_MS (3600 * 1000)

/* $1 now, $2 self-hosted: spec/trpc-metadata.md 3, hasSubscription and not isWillBeCanceled. */
#define PAYS                                                                                                          \
	"(NOT $2::bool AND (coalesce(o.\"subscriptionStatus\", '') IN ('past_due', 'unpaid', 'incomplete')"           \
	" OR o.\"subscriptionStatus\" IS NOT DISTINCT FROM 'active' AND o.\"subscriptionCanceledAt\" IS NULL"         \
	" AND coalesce(o.\"subscriptionEndsAt\" > $1::timestamp, true)))"
#define ORGANIZATION_DUE "coalesce(o.\"deleteAt\" <= $1::timestamp, false) AND NOT " PAYS
#define PROJECT_DUE "(coalesce(p.\"deleteAt\" <= $1::timestamp, false) OR " ORGANIZATION_DUE ")"

/* A statement whose parameters are now, self-hosted, and id and time when they are given. */
static weir_err run(const struct weir_meta *m, PGresult **rows, const char *sql, weir_text id, weir_text at)
{
	weir_text params[4] = { weir_pg_time_param(m->mem, m->now_ms), weir_pg_bool_param(m->conf->api_self_hosted), id, at };

	if (!params[0].p)
		return WEIR_ENOMEM;
	return weir_pg_exec(m->pg, m->mem, rows, sql, at.p ? 4 : id.p ? 3 : 2, params);
}

static const weir_text none = { NULL, 0 };

static weir_err there(const struct weir_meta *m, enum weir_deletion_kind kind, weir_text id, bool *found)
{
	static const char *const sql[] = {
		[WEIR_DELETION_PROJECT] = "SELECT 1 FROM \"projects\" WHERE \"id\" = $1",
		[WEIR_DELETION_ORGANIZATION] = "SELECT 1 FROM \"organizations\" WHERE \"id\" = $1",
	};
	PGresult *rows;
	weir_err err = weir_pg_exec(m->pg, m->mem, &rows, sql[kind], 1, &id);

	*found = !err && PQntuples(rows) > 0;
	return err;
}

weir_err weir_deletion_exists(const struct weir_meta *m, weir_text project_id, bool *exists)
{
	return there(m, WEIR_DELETION_PROJECT, project_id, exists);
}

/* Nothing was changed: because there is no such thing, or because something is against it. */
static weir_err why_not(const struct weir_meta *m, enum weir_deletion_kind kind, weir_text id)
{
	bool found;
	weir_err err = there(m, kind, id, &found);

	return err ? err : found ? WEIR_ECONFLICT : WEIR_ENOTFOUND;
}

weir_err weir_deletion_schedule(const struct weir_meta *m, enum weir_deletion_kind kind, weir_text id, int64_t at_ms)
{
	static const char *const sql[] = {
		[WEIR_DELETION_PROJECT] = "UPDATE \"projects\" SET \"deleteAt\" = $4::timestamp, \"updatedAt\" = $1::timestamp"
			" WHERE \"id\" = $3 AND $2::bool IS NOT NULL RETURNING 1",
		[WEIR_DELETION_ORGANIZATION] =
			"WITH o AS (UPDATE \"organizations\" o SET \"deleteAt\" = $4::timestamp, \"updatedAt\" = $1::timestamp"
			" WHERE o.\"id\" = $3 AND NOT " PAYS " RETURNING o.\"id\"), p AS (UPDATE \"projects\" SET"
			" \"deleteAt\" = $4::timestamp, \"updatedAt\" = $1::timestamp WHERE \"organizationId\" IN (SELECT \"id\" FROM o))"
			" SELECT 1 FROM o",
	};
	weir_text at = weir_pg_time_param(m->mem, at_ms);
	PGresult *rows;
	weir_err err = at.p ? run(m, &rows, sql[kind], id, at) : WEIR_ENOMEM;

	return err || PQntuples(rows) ? err : why_not(m, kind, id);
}

weir_err weir_deletion_undo(const struct weir_meta *m, enum weir_deletion_kind kind, weir_text id)
{
	static const char *const sql[] = {
		[WEIR_DELETION_PROJECT] =
			"UPDATE \"projects\" p SET \"deleteAt\" = NULL, \"updatedAt\" = $1::timestamp FROM \"organizations\" o"
			" WHERE p.\"id\" = $3 AND o.\"id\" = p.\"organizationId\" AND o.\"deleteAt\" IS NULL AND $2::bool IS NOT NULL RETURNING 1",
		[WEIR_DELETION_ORGANIZATION] =
			"WITH o AS (UPDATE \"organizations\" SET \"deleteAt\" = NULL, \"updatedAt\" = $1::timestamp"
			" WHERE \"id\" = $3 AND $2::bool IS NOT NULL RETURNING \"id\"), p AS (UPDATE \"projects\" SET \"deleteAt\" = NULL,"
			" \"updatedAt\" = $1::timestamp WHERE \"organizationId\" IN (SELECT \"id\" FROM o)) SELECT 1 FROM o",
	};
	PGresult *rows;
	weir_err err = run(m, &rows, sql[kind], id, none);

	return err || PQntuples(rows) ? err : why_not(m, kind, id);
}

weir_err weir_deletion_ownerless(const struct weir_meta *m, PGresult **rows)
{
	static const char sql[] =
		"WITH o AS (UPDATE \"organizations\" o SET \"deleteAt\" = $3::timestamp, \"updatedAt\" = $1::timestamp"
		" WHERE o.\"deleteAt\" IS NULL AND o.\"createdAt\" < $4::timestamp AND NOT " PAYS
		" AND (o.\"createdByUserId\" IS NOT NULL OR o.\"subscriptionStatus\" IS NOT NULL)"
		" AND NOT EXISTS (SELECT 1 FROM \"members\" m WHERE m.\"organizationId\" = o.\"id\" AND m.\"role\" = 'org:admin')"
		" RETURNING o.\"id\", o.\"name\"), p AS (UPDATE \"projects\" SET \"deleteAt\" = coalesce(\"deleteAt\", $3::timestamp),"
		" \"updatedAt\" = $1::timestamp WHERE \"organizationId\" IN (SELECT \"id\" FROM o)) SELECT \"id\", \"name\" FROM o";
	weir_text at = weir_pg_time_param(m->mem, m->now_ms + WEIR_DELETION_GRACE_MS);
	weir_text before = weir_pg_time_param(m->mem, m->now_ms - OLD_ENOUGH_MS);

	return at.p && before.p ? run(m, rows, sql, at, before) : WEIR_ENOMEM;
}

weir_err weir_deletion_due(const struct weir_meta *m, PGresult **rows)
{
	return run(m, rows, "SELECT p.\"id\", p.\"organizationId\" FROM \"projects\" p JOIN \"organizations\" o ON o.\"id\" = p.\"organizationId\""
		" WHERE " PROJECT_DUE " ORDER BY p.\"deleteAt\", p.\"id\"", none, none);
}

/* Responders learn it after the commit; without it, when track.client_ttl has passed. */
static void tell(const struct weir_meta *m)
{
	if (m->redis && weir_generation_bump(m->redis, m->mem, m->conf, WEIR_TEXT("")))
		weir_log(LOG_WARNING, "generation", "the responders were not told of a deletion: %s", weir_redis_error(m->redis));
}

/* Commits, or takes back what an error has left half done. */
static weir_err end(const struct weir_meta *m, weir_err err)
{
	if (!err)
		err = weir_pg_commit(m->pg);
	if (err)
		weir_pg_rollback(m->pg);
	else
		tell(m);
	return err;
}

weir_err weir_deletion_begin(const struct weir_meta *m, weir_text project_id, bool *due)
{
	PGresult *rows;
	weir_err err = weir_pg_begin(m->pg);

	*due = false;
	if (err)
		return err;
	err = run(m, &rows, "UPDATE \"projects\" p SET \"deleteAt\" = least(p.\"deleteAt\", $1::timestamp), \"updatedAt\" = $1::timestamp"
		" FROM \"organizations\" o WHERE o.\"id\" = p.\"organizationId\" AND p.\"id\" = $3 AND " PROJECT_DUE " RETURNING 1", project_id, none);
	if (!err && PQntuples(rows)) {
		*due = true;
		err = weir_pg_exec(m->pg, m->mem, &rows, "DELETE FROM \"clients\" WHERE \"projectId\" = $1", 1, &project_id);
	}
	return end(m, err);
}

weir_err weir_deletion_finish(const struct weir_meta *m, weir_text project_id, bool *gone)
{
	/* The rest is taken along by foreign keys. */
	static const char *const loose[] = {
		"DELETE FROM \"project_insights\" WHERE \"projectId\" = $1",
		"UPDATE \"invites\" SET \"projectAccess\" = array_remove(\"projectAccess\", $1) WHERE $1 = ANY(\"projectAccess\")",
	};
	PGresult *rows;
	weir_err err = weir_pg_begin(m->pg);

	*gone = false;
	if (err)
		return err;
	err = run(m, &rows, "DELETE FROM \"projects\" p USING \"organizations\" o WHERE o.\"id\" = p.\"organizationId\" AND p.\"id\" = $3 AND "
		PROJECT_DUE " RETURNING 1", project_id, none);
	*gone = !err && PQntuples(rows) > 0;
	for (size_t i = 0; !err && *gone && i < sizeof(loose) / sizeof(*loose); i++)
		err = weir_pg_exec(m->pg, m->mem, &rows, loose[i], 1, &project_id);
	err = end(m, err);
	*gone = *gone && !err;
	return err;
}

weir_err weir_deletion_organizations(const struct weir_meta *m, PGresult **rows)
{
	weir_err err = run(m, rows, "DELETE FROM \"organizations\" o WHERE " ORGANIZATION_DUE
		" AND NOT EXISTS (SELECT 1 FROM \"projects\" p WHERE p.\"organizationId\" = o.\"id\") RETURNING o.\"id\", o.\"name\"", none, none);

	if (!err && PQntuples(*rows))
		tell(m);
	return err;
}
