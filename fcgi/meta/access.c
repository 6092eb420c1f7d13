#include "config.h"
#include "meta/access.h"

#include "base/id.h"

/* One statement for all kinds: the thing, and what its user is in its organization. */
#define ACCESS_SQL(me, thing) \
	"WITH me AS (" me "), e (\"project\", \"organization\") AS (" thing ")" \
	" SELECT e.\"project\", e.\"organization\", coalesce(nullif(o.\"timezone\", ''), 'UTC')," \
	" (SELECT m.\"role\" FROM \"members\" m WHERE m.\"organizationId\" = e.\"organization\" AND m.\"userId\" = (SELECT \"id\" FROM me) LIMIT 1)," \
	" (SELECT max(a.\"level\") FROM \"project_access\" a WHERE a.\"organizationId\" = e.\"organization\" AND a.\"userId\" = (SELECT \"id\" FROM me))," \
	" (SELECT max(a.\"level\") FROM \"project_access\" a WHERE a.\"projectId\" = e.\"project\" AND a.\"userId\" = (SELECT \"id\" FROM me))" \
	" FROM e JOIN \"organizations\" o ON o.\"id\" = e.\"organization\""

#define BY_USER "SELECT $1::text AS \"id\""
#define BY_SESSION "SELECT \"userId\" AS \"id\" FROM \"sessions\" WHERE \"id\" = $1"

const struct weir_entity weir_entities[WEIR_ENTITY_COUNT] = {
#define X(name, is_uuid, may_move, none, not_his, thing) \
	{ .uuid = is_uuid, .moves = may_move, .missing = none, .refused = not_his, .sql = ACCESS_SQL(BY_USER, thing), \
		.by_session = ACCESS_SQL(BY_SESSION, thing) },
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

/* Whether there can be such a thing at all. */
static bool can_be(enum weir_entity_kind kind, weir_text id)
{
	uint8_t bytes[16];

	return kind != WEIR_ENTITY_none && id.n && (!weir_entities[kind].uuid || !weir_uuid_parse(id, bytes));
}

void weir_ahead_add(struct weir_ahead *ahead, enum weir_entity_kind kind, weir_text id)
{
	if (ahead->count == WEIR_AHEAD_MAX || !can_be(kind, id))
		return;
	ahead->item[ahead->count].kind = kind;
	ahead->item[ahead->count++].id = id;
}

static PGresult *known(const struct weir_meta *m, weir_text user_id, enum weir_entity_kind kind, weir_text id)
{
	const struct weir_ahead *a = m->ahead;

	for (int i = 0; a && a->user_id.n && weir_text_eq(a->user_id, user_id) && i < a->count; i++)
		if (a->item[i].kind == kind && weir_text_eq(a->item[i].id, id))
			return a->item[i].res;
	return NULL;
}

weir_err weir_access_to(const struct weir_meta *m, weir_text user_id, enum weir_entity_kind kind, weir_text id, struct weir_access *access)
{
	weir_text params[2] = { user_id, id };
	PGresult *res;
	weir_err err;

	*access = (struct weir_access){ .found = false };
	if (!can_be(kind, id))
		return WEIR_OK;
	res = known(m, user_id, kind, id);
	err = res ? WEIR_OK : weir_pg_exec(m->pg, m->mem, &res, weir_entities[kind].sql, 2, params);
	if (err || !PQntuples(res))
		return err;
	access->found = true;
	access->role = weir_pg_text(res, 0, 3);
	access->project = (struct weir_project_view){ weir_pg_text(res, 0, 0), weir_pg_text(res, 0, 1), weir_pg_text(res, 0, 2) };
	access->level = level_in(access, weir_pg_text(res, 0, 4), weir_pg_text(res, 0, 5));
	return WEIR_OK;
}
