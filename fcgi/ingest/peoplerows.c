/* Profiles and groups as rows of ClickHouse. */
#include "config.h"
#include "ingest/peoplerows.h"

#include "ingest/people.h"

static const struct weir_native_column profile_columns[] = {
	{ "id", WEIR_NATIVE_STRING },         { "project_id", WEIR_NATIVE_STRING },
	{ "is_external", WEIR_NATIVE_BOOL },  { "first_name", WEIR_NATIVE_STRING },
	{ "last_name", WEIR_NATIVE_STRING },  { "email", WEIR_NATIVE_STRING },
	{ "avatar", WEIR_NATIVE_STRING },     { "properties", WEIR_NATIVE_MAP },
	{ "groups", WEIR_NATIVE_STRINGS },    { "created_at", WEIR_NATIVE_DATETIME64 },
	{ "last_seen_at", WEIR_NATIVE_DATETIME64 },
};
static const struct weir_native_column group_columns[] = {
	{ "id", WEIR_NATIVE_STRING },         { "project_id", WEIR_NATIVE_STRING },
	{ "type", WEIR_NATIVE_STRING },       { "name", WEIR_NATIVE_STRING },
	{ "properties", WEIR_NATIVE_MAP },    { "created_at", WEIR_NATIVE_UINT32 },
	{ "version", WEIR_NATIVE_UINT64 },
};
static const struct {
	const char *insert;
	const struct weir_native_column *columns;
	size_t count;
} tables[] = {
	[WEIR_PROFILES] = { "INSERT INTO profiles (id, project_id, is_external, first_name, last_name, email, avatar, properties, groups,"
		" created_at, last_seen_at) FORMAT Native", profile_columns, sizeof(profile_columns) / sizeof(*profile_columns) },
	[WEIR_GROUPS] = { "INSERT INTO groups (id, project_id, type, name, properties, created_at, version) FORMAT Native", group_columns,
		sizeof(group_columns) / sizeof(*group_columns) },
};

static void add_profile(weir_native *n, const struct weir_profile *p)
{
	size_t c = 0;

	weir_native_text(n, c++, p->id);
	weir_native_text(n, c++, p->project_id);
	weir_native_int(n, c++, p->is_external);
	weir_native_text(n, c++, p->first_name);
	weir_native_text(n, c++, p->last_name);
	weir_native_text(n, c++, p->email);
	weir_native_text(n, c++, p->avatar);
	weir_native_map(n, c++, p->properties);
	weir_native_texts(n, c++, p->groups);
	weir_native_int(n, c++, p->created_at);
	weir_native_int(n, c++, p->last_seen_at);
	weir_native_row(n);
}

static void add_group(weir_native *n, const struct weir_group *g)
{
	size_t c = 0;

	weir_native_text(n, c++, g->id);
	weir_native_text(n, c++, g->project_id);
	weir_native_text(n, c++, g->type);
	weir_native_text(n, c++, g->name);
	weir_native_map(n, c++, g->properties);
	weir_native_int(n, c++, g->created_at / 1000);
	weir_native_int(n, c++, g->version);
	weir_native_row(n);
}

weir_native *weir_people_rows_new(enum weir_people_table table)
{
	return weir_native_new(tables[table].columns, tables[table].count);
}

const char *weir_people_insert(enum weir_people_table table)
{
	return tables[table].insert;
}

/* DateTime64 holds 1900-01-01 to 2299-12-31, DateTime 1970 to 2105. */
static const char *profile_unfit(const struct weir_profile *p, bool own)
{
	if (p->created_at < -2208988800000 || p->created_at >= 10413792000000 || p->last_seen_at >= 10413792000000)
		return "created_at or last_seen_at lies outside the years 1900 to 2299";
	return p->based || own ? NULL : "the state was not merged with its row";
}

static const char *group_unfit(const struct weir_group *g)
{
	if (g->created_at < 0 || g->created_at / 1000 > UINT32_MAX)
		return "created_at lies outside the years 1970 to 2105";
	return g->based ? NULL : "the state was not merged with its row";
}

weir_err weir_people_row(weir_native *rows, enum weir_people_table table, weir_arena *mem, weir_text state, bool own, const char **refusal)
{
	struct weir_profile p;
	struct weir_group g;
	weir_err err;

	*refusal = NULL;
	if (table == WEIR_GROUPS) {
		err = weir_group_unpack(mem, state, &g);
		*refusal = err ? NULL : group_unfit(&g);
		if (!err && !*refusal)
			add_group(rows, &g);
	} else {
		err = weir_profile_unpack(mem, state, &p);
		*refusal = err ? NULL : profile_unfit(&p, own);
		if (!err && !*refusal)
			add_profile(rows, &p);
	}
	return err;
}
