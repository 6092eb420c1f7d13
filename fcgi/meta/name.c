#include "config.h"
#include "meta/name.h"

#include "base/id.h"
#include "meta/slug.h"

#include <stdio.h>

enum { RANDOM_ID_LEN = 8, SUFFIX_LEN = 5, TRIES = 20, PREFIXED_LEN = 18 };

static const char *const taken_sql[WEIR_NAMED_COUNT] = {
	[WEIR_NAMED_ORGANIZATION] = "SELECT 1 FROM \"organizations\" WHERE \"id\" = $1",
	[WEIR_NAMED_PROJECT] = "SELECT 1 FROM \"projects\" WHERE \"id\" = $1",
	[WEIR_NAMED_DASHBOARD] = "SELECT 1 FROM \"dashboards\" WHERE \"id\" = $1",
};

static weir_err is_taken(const struct weir_meta *m, enum weir_named table, weir_text id, bool *taken)
{
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, taken_sql[table], 1, &id);

	*taken = !err && PQntuples(res) > 0;
	return err;
}

/* Whether the text ends in a dash and four digits. */
static bool has_suffix(weir_text t)
{
	if (t.n < SUFFIX_LEN || t.p[t.n - SUFFIX_LEN] != '-')
		return false;
	for (size_t i = t.n - SUFFIX_LEN + 1; i < t.n; i++)
		if (!weir_is_digit(t.p[i]))
			return false;
	return true;
}

/* base with -1000 to -9999 behind it, or in the place of the digits that it has. */
static weir_text with_suffix(weir_arena *mem, weir_text base)
{
	size_t stem = has_suffix(base) ? base.n - SUFFIX_LEN : base.n;
	char *p = weir_alloc(mem, stem + SUFFIX_LEN + 1);
	uint32_t random;

	if (!p)
		return (weir_text){ NULL, 0 };
	weir_random(&random, sizeof(random));
	if (stem)
		memcpy(p, base.p, stem);
	snprintf(p + stem, SUFFIX_LEN + 1, "-%04u", 1000 + (unsigned)(random % 9000));
	return (weir_text){ p, stem + SUFFIX_LEN };
}

weir_err weir_name_id(const struct weir_meta *m, enum weir_named table, weir_text name, weir_text *id)
{
	char random[RANDOM_ID_LEN + 1];
	bool taken = true;
	weir_err err = weir_slug(m->mem, name, id);

	if (!err && !id->n) {
		weir_shortid(random, RANDOM_ID_LEN);
		*id = weir_text_dup(m->mem, (weir_text){ random, RANDOM_ID_LEN });
	}
	for (int i = 0; i < TRIES && !err && taken; i++) {
		if (i)
			*id = with_suffix(m->mem, *id);
		err = id->p ? is_taken(m, table, *id, &taken) : WEIR_ENOMEM;
	}
	return !err && taken ? WEIR_ECONFLICT : err;
}

weir_err weir_name_claim(const struct weir_meta *m, enum weir_named table, weir_text name, weir_name_insert insert, void *ctx, weir_text *id)
{
	weir_err err = WEIR_ECONFLICT;

	for (int i = 0; i < TRIES && err == WEIR_ECONFLICT; i++) {
		err = weir_name_id(m, table, name, id);
		if (!err)
			err = insert(m, *id, ctx);
	}
	return err;
}

weir_text weir_prefixed_id(weir_arena *mem, const char *prefix)
{
	size_t n = strlen(prefix);
	char *p = weir_alloc(mem, n + PREFIXED_LEN + 1);

	if (!p)
		return (weir_text){ NULL, 0 };
	memcpy(p, prefix, n);
	weir_nanoid(p + n, PREFIXED_LEN);
	return (weir_text){ p, n + PREFIXED_LEN };
}

weir_text weir_uuid_arena(weir_arena *mem)
{
	char *p = weir_alloc(mem, WEIR_UUID_LEN + 1);
	uint8_t id[16];

	if (!p)
		return (weir_text){ NULL, 0 };
	weir_uuid_new(id);
	weir_uuid_text(id, p);
	return (weir_text){ p, WEIR_UUID_LEN };
}
