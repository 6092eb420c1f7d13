#include "config.h"
#include "meta/access.h"

#include "base/id.h"

/* One statement for all kinds: the thing, and what its user is in its organization. */
#define ACCESS_SQL(thing) \
	"WITH e (\"project\", \"organization\") AS (" thing ")" \
	" SELECT e.\"project\", e.\"organization\", coalesce(nullif(o.\"timezone\", ''), 'UTC')," \
	" (SELECT m.\"role\" FROM \"members\" m WHERE m.\"organizationId\" = e.\"organization\" AND m.\"userId\" = $1 LIMIT 1)," \
	" (SELECT max(a.\"level\") FROM \"project_access\" a WHERE a.\"organizationId\" = e.\"organization\" AND a.\"userId\" = $1)," \
	" (SELECT max(a.\"level\") FROM \"project_access\" a WHERE a.\"projectId\" = e.\"project\" AND a.\"userId\" = $1)" \
	" FROM e JOIN \"organizations\" o ON o.\"id\" = e.\"organization\""

const struct weir_entity weir_entities[WEIR_ENTITY_COUNT] = {
#define X(name, is_uuid, may_move, none, not_his, thing) \
	{ .uuid = is_uuid, .moves = may_move, .missing = none, .refused = not_his, .sql = ACCESS_SQL(thing) },
	WEIR_ENTITIES(X)
#undef X
};

static enum weir_level level_of(weir_text word)
{
	static const char *const words[] = { [WEIR_LEVEL_read] = "read", [WEIR_LEVEL_write] = "write", [WEIR_LEVEL_admin] = "admin" };

	for (size_t i = WEIR_LEVEL_read; i < sizeof(words) / sizeof(*words); i++)
		if (weir_text_is(word, words[i]))
			return (enum weir_level)i;
	return WEIR_LEVEL_none;
}

/* highest: of the user's rows in the organization; here: of those for the very project. */
static enum weir_level level_in(const struct weir_access *a, weir_text highest, weir_text here)
{
	if (a->project.id.p && highest.p)
		return level_of(here);
	if (!a->role.p)
		return WEIR_LEVEL_none;
	return !highest.p || weir_text_is(a->role, "org:admin") ? WEIR_LEVEL_admin : level_of(highest);
}

weir_err weir_access_to(const struct weir_meta *m, weir_text user_id, enum weir_entity_kind kind, weir_text id, struct weir_access *access)
{
	const struct weir_entity *entity = &weir_entities[kind];
	weir_text params[2] = { user_id, id };
	uint8_t bytes[16];
	PGresult *res;
	weir_err err;

	*access = (struct weir_access){ .found = false };
	if (kind == WEIR_ENTITY_none || !id.n || (entity->uuid && weir_uuid_parse(id, bytes)))
		return WEIR_OK;
	err = weir_pg_exec(m->pg, m->mem, &res, entity->sql, 2, params);
	if (err || !PQntuples(res))
		return err;
	access->found = true;
	access->role = weir_pg_text(res, 0, 3);
	access->project = (struct weir_project_view){ weir_pg_text(res, 0, 0), weir_pg_text(res, 0, 1), weir_pg_text(res, 0, 2) };
	access->level = level_in(access, weir_pg_text(res, 0, 4), weir_pg_text(res, 0, 5));
	return WEIR_OK;
}
