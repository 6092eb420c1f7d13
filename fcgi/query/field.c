#include "config.h"
#include "query/field.h"

static const struct {
	const char *name;
	enum weir_field_kind kind;
	const char *sql;
} columns[] = {
	{ "id", WEIR_FIELD_TEXT, "toString(e.id)" },
	{ "name", WEIR_FIELD_TEXT, "e.name" },
	{ "sdk_name", WEIR_FIELD_TEXT, "e.sdk_name" },
	{ "sdk_version", WEIR_FIELD_TEXT, "e.sdk_version" },
	{ "device_id", WEIR_FIELD_TEXT, "e.device_id" },
	{ "profile_id", WEIR_FIELD_TEXT, "e.profile_id" },
	{ "project_id", WEIR_FIELD_TEXT, "e.project_id" },
	{ "session_id", WEIR_FIELD_TEXT, "e.session_id" },
	{ "path", WEIR_FIELD_TEXT, "e.path" },
	{ "origin", WEIR_FIELD_TEXT, "e.origin" },
	{ "referrer", WEIR_FIELD_TEXT, "e.referrer" },
	{ "referrer_name", WEIR_FIELD_TEXT, "e.referrer_name" },
	{ "referrer_type", WEIR_FIELD_TEXT, "e.referrer_type" },
	{ "duration", WEIR_FIELD_NUMBER, "e.duration" },
	{ "revenue", WEIR_FIELD_NUMBER, "e.revenue" },
	{ "created_at", WEIR_FIELD_TIME, "e.created_at" },
	/* A FixedString: an unknown country would be two NUL characters. */
	{ "country", WEIR_FIELD_TEXT, "toStringCutToZero(e.country)" },
	{ "city", WEIR_FIELD_TEXT, "e.city" },
	{ "region", WEIR_FIELD_TEXT, "e.region" },
	{ "longitude", WEIR_FIELD_NUMBER, "e.longitude" },
	{ "latitude", WEIR_FIELD_NUMBER, "e.latitude" },
	{ "os", WEIR_FIELD_TEXT, "e.os" },
	{ "os_version", WEIR_FIELD_TEXT, "e.os_version" },
	{ "browser", WEIR_FIELD_TEXT, "e.browser" },
	{ "browser_version", WEIR_FIELD_TEXT, "e.browser_version" },
	{ "device", WEIR_FIELD_TEXT, "e.device" },
	{ "brand", WEIR_FIELD_TEXT, "e.brand" },
	{ "model", WEIR_FIELD_TEXT, "e.model" },
	{ "imported_at", WEIR_FIELD_TIME, "e.imported_at" },
	{ "has_profile", WEIR_FIELD_HAS_PROFILE, "" },
	{ "cohort", WEIR_FIELD_COHORT, "" },
	{ "profile.id", WEIR_FIELD_PROFILE, "pr.id" },
	{ "profile.first_name", WEIR_FIELD_PROFILE, "pr.first_name" },
	{ "profile.last_name", WEIR_FIELD_PROFILE, "pr.last_name" },
	{ "profile.email", WEIR_FIELD_PROFILE, "pr.email" },
	{ "profile.avatar", WEIR_FIELD_PROFILE, "pr.avatar" },
	{ "profile.created_at", WEIR_FIELD_PROFILE, "pr.created_at" },
	{ "profile.last_seen_at", WEIR_FIELD_PROFILE, "pr.last_seen_at" },
	{ "group.name", WEIR_FIELD_GROUP, "gr.name" },
	{ "group.type", WEIR_FIELD_GROUP, "gr.type" },
};

static const struct {
	const char *name, *means;
} aliases[] = {
	{ "referrerName", "referrer_name" },   { "referrerType", "referrer_type" }, { "sessionId", "session_id" },
	{ "deviceId", "device_id" },           { "profileId", "profile_id" },       { "projectId", "project_id" },
	{ "osVersion", "os_version" },         { "browserVersion", "browser_version" }, { "sdkName", "sdk_name" },
	{ "sdkVersion", "sdk_version" },       { "createdAt", "created_at" },       { "importedAt", "imported_at" },
	{ "utm_source", "properties.__query.utm_source" },   { "utm_medium", "properties.__query.utm_medium" },
	{ "utm_campaign", "properties.__query.utm_campaign" }, { "utm_term", "properties.__query.utm_term" },
	{ "utm_content", "properties.__query.utm_content" },
};

/* What follows a prefix makes a field of its own; the longer prefix stands first. */
static const struct {
	const char *prefix;
	enum weir_field_kind kind;
	const char *sql;
} families[] = {
	{ "properties.", WEIR_FIELD_PROPERTY, NULL },
	{ "profile.properties.", WEIR_FIELD_PROFILE_PROPERTY, NULL },
	{ "group.properties.", WEIR_FIELD_GROUP_PROPERTY, NULL },
	{ "group.", WEIR_FIELD_GROUP, "gid" }, /* anything unknown of a group is its id */
	{ "cohort:", WEIR_FIELD_COHORT, NULL },
};

/* Backslashes in front of what LIKE would take for a pattern; * in a path of keys stands for any index. */
static weir_err pattern(weir_arena *mem, weir_text key, weir_text *out)
{
	weir_str s;
	weir_err err;

	weir_str_init(&s, 64 * 1024);
	for (size_t i = 0; i < key.n; i++) {
		int c = (unsigned char)key.p[i];

		if (key.n - i >= 3 && !memcmp(key.p + i, "[*]", 3)) {
			weir_str_puts(&s, ".%");
			i += 2;
		} else if (c == '*') {
			weir_str_putc(&s, '%');
		} else {
			if (c == '%' || c == '_' || c == '\\')
				weir_str_putc(&s, '\\');
			weir_str_putc(&s, c);
		}
	}
	err = weir_str_err(&s);
	*out = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return err ? err : out->p ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err family(weir_arena *mem, weir_text name, struct weir_event_field *field)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		size_t n = strlen(families[i].prefix);

		if (!weir_text_starts(name, families[i].prefix))
			continue;
		*field = (struct weir_event_field){ families[i].kind, families[i].sql, { name.p + n, name.n - n } };
		if (field->kind == WEIR_FIELD_PROPERTY && memchr(field->key.p, '*', field->key.n)) {
			field->kind = WEIR_FIELD_WILDCARD;
			return pattern(mem, field->key, &field->key);
		}
		return WEIR_OK;
	}
	return WEIR_OK;
}

weir_err weir_field_of(weir_arena *mem, weir_text name, struct weir_event_field *field)
{
	*field = (struct weir_event_field){ .kind = WEIR_FIELD_UNKNOWN };
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (weir_text_is(name, aliases[i].name)) {
			name = weir_text_of(aliases[i].means);
			break;
		}
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (weir_text_is(name, columns[i].name)) {
			*field = (struct weir_event_field){ columns[i].kind, columns[i].sql, { "", 0 } };
			return WEIR_OK;
		}
	return name.n ? family(mem, name, field) : WEIR_OK;
}

void weir_field_sql(weir_sql *q, const struct weir_event_field *field)
{
	switch (field->kind) {
	case WEIR_FIELD_PROPERTY:
		weir_sql_add(q, "e.properties[");
		break;
	case WEIR_FIELD_PROFILE_PROPERTY:
		weir_sql_add(q, "pr.properties[");
		break;
	case WEIR_FIELD_GROUP_PROPERTY:
		weir_sql_add(q, "gr.properties[");
		break;
	case WEIR_FIELD_KEYED:
		weir_sql_const(q, field->sql);
		break;
	case WEIR_FIELD_WILDCARD:
		weir_sql_add(q, "arrayMap(x -> trim(x), mapValues(mapFilter((k, v) -> k LIKE ");
		weir_sql_string(q, field->key);
		weir_sql_add(q, ", e.properties)))");
		return;
	default:
		weir_sql_const(q, field->sql);
		return;
	}
	weir_sql_string(q, field->key);
	weir_sql_add(q, "]");
}

void weir_field_label(weir_sql *q, const struct weir_event_field *field)
{
	if (field->kind == WEIR_FIELD_HAS_PROFILE) {
		weir_sql_add(q, "if(e.profile_id != e.device_id, 'true', 'false')");
	} else if (field->kind == WEIR_FIELD_WILDCARD) {
		weir_sql_add(q, "arrayStringConcat(");
		weir_field_sql(q, field);
		weir_sql_add(q, ", ', ')");
	} else {
		weir_sql_add(q, "ifNull(toString(");
		weir_field_sql(q, field);
		weir_sql_add(q, "), '')");
	}
}

/* Whether the event's profile is in that cohort. */
static void member(weir_sql *q, const struct weir_ask *ask, weir_text cohort_id)
{
	weir_sql_add(q, "e.profile_id IN (SELECT profile_id FROM cohort_members WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND cohort_id = ");
	weir_sql_string(q, cohort_id);
	weir_sql_add(q, ")");
}

static void one_cohort(weir_sql *q, const struct weir_ask *ask, weir_text id)
{
	weir_text name = WEIR_TEXT("In Cohort");

	for (size_t i = 0; i < ask->cohort_count; i++)
		if (weir_text_eq(ask->cohorts[i].id, id))
			name = ask->cohorts[i].name;
	weir_sql_add(q, "if(");
	member(q, ask, id);
	weir_sql_add(q, ", ");
	weir_sql_string(q, name);
	weir_sql_add(q, ", concat('Not ', ");
	weir_sql_string(q, name);
	weir_sql_add(q, "))");
}

static void all_cohorts(weir_sql *q, const struct weir_ask *ask)
{
	weir_text *ids = weir_alloc_n(q->mem, ask->cohort_count + 1, sizeof(*ids));
	weir_text *names = weir_alloc_n(q->mem, ask->cohort_count + 1, sizeof(*names));

	if (!ids || !names) {
		q->err = WEIR_ENOMEM;
		return;
	}
	for (size_t i = 0; i < ask->cohort_count; i++) {
		ids[i] = ask->cohorts[i].id;
		names[i] = ask->cohorts[i].name;
	}
	weir_sql_add(q, "transform(cm.cohort_id, ");
	weir_sql_strings(q, ids, ask->cohort_count);
	weir_sql_add(q, ", ");
	weir_sql_strings(q, names, ask->cohort_count);
	weir_sql_add(q, ", 'Unknown')");
}

void weir_field_name_sql(weir_sql *q, const struct weir_ask *ask, const struct weir_event_field *field)
{
	if (field->kind != WEIR_FIELD_COHORT)
		weir_field_label(q, field);
	else if (field->key.n)
		one_cohort(q, ask, field->key);
	else
		all_cohorts(q, ask);
}

static void need_key(struct weir_joins *joins, weir_text key)
{
	for (size_t i = 0; i < joins->key_count; i++)
		if (weir_text_eq(joins->keys[i], key))
			return;
	if (joins->key_count == WEIR_JOIN_KEYS_MAX)
		joins->all_keys = true;
	else
		joins->keys[joins->key_count++] = key;
}

void weir_field_joins(const struct weir_event_field *field, struct weir_joins *joins)
{
	if (field->kind == WEIR_FIELD_PROFILE || field->kind == WEIR_FIELD_PROFILE_PROPERTY)
		joins->profile = true;
	if (field->kind == WEIR_FIELD_PROFILE_PROPERTY)
		need_key(joins, field->key);
	if (field->kind == WEIR_FIELD_GROUP || field->kind == WEIR_FIELD_GROUP_PROPERTY)
		joins->group = true;
	if (field->kind == WEIR_FIELD_COHORT && !field->key.n)
		joins->cohorts = true;
}

void weir_sql_from(weir_sql *q, const struct weir_ask *ask, const struct weir_joins *joins)
{
	weir_sql_add(q, " FROM events AS e");
	if (joins->group) {
		weir_sql_add(q, " ARRAY JOIN e.groups AS gid LEFT ANY JOIN"
			" (SELECT id, name, type, properties FROM groups FINAL WHERE project_id = ");
		weir_sql_string(q, ask->project_id);
		weir_sql_add(q, ") AS gr ON gr.id = gid");
	}
	if (joins->cohorts) {
		weir_sql_add(q, " INNER JOIN (SELECT DISTINCT profile_id, cohort_id FROM cohort_members WHERE project_id = ");
		weir_sql_string(q, ask->project_id);
		weir_sql_add(q, ") AS cm ON cm.profile_id = e.profile_id");
	}
	if (joins->profile) {
		/* All of them are held in memory: only the properties that are asked for. */
		weir_sql_add(q, " LEFT ANY JOIN (SELECT id, first_name, last_name, email, avatar, created_at, last_seen_at");
		if (joins->all_keys) {
			weir_sql_add(q, ", properties");
		} else if (joins->key_count) {
			weir_sql_add(q, ", mapFilter((k, v) -> has(");
			weir_sql_strings(q, joins->keys, joins->key_count);
			weir_sql_add(q, ", k), profiles.properties) AS properties");
		}
		weir_sql_add(q, " FROM profiles FINAL WHERE project_id = ");
		weir_sql_string(q, ask->project_id);
		weir_sql_add(q, ") AS pr ON pr.id = e.profile_id");
	}
}
