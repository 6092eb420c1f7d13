#include "config.h"
#include "query/entity.h"

#include "base/jsonr.h"

struct column {
	const char *name;
	enum weir_field_kind kind;
	const char *sql;
};

static const struct column session_columns[] = {
	{ "country", WEIR_FIELD_TEXT, "toStringCutToZero(s.country)" },
	{ "region", WEIR_FIELD_TEXT, "s.region" },
	{ "city", WEIR_FIELD_TEXT, "s.city" },
	{ "os", WEIR_FIELD_TEXT, "s.os" },
	{ "os_version", WEIR_FIELD_TEXT, "s.os_version" },
	{ "browser", WEIR_FIELD_TEXT, "s.browser" },
	{ "browser_version", WEIR_FIELD_TEXT, "s.browser_version" },
	{ "device", WEIR_FIELD_TEXT, "s.device" },
	{ "brand", WEIR_FIELD_TEXT, "s.brand" },
	{ "model", WEIR_FIELD_TEXT, "s.model" },
	{ "path", WEIR_FIELD_TEXT, "s.entry_path" },
	{ "origin", WEIR_FIELD_TEXT, "s.entry_origin" },
	{ "entry_path", WEIR_FIELD_TEXT, "s.entry_path" },
	{ "entry_origin", WEIR_FIELD_TEXT, "s.entry_origin" },
	{ "exit_path", WEIR_FIELD_TEXT, "s.exit_path" },
	{ "exit_origin", WEIR_FIELD_TEXT, "s.exit_origin" },
	{ "referrer", WEIR_FIELD_TEXT, "s.referrer" },
	{ "referrer_name", WEIR_FIELD_TEXT, "s.referrer_name" },
	{ "referrer_type", WEIR_FIELD_TEXT, "s.referrer_type" },
	{ "utm_source", WEIR_FIELD_TEXT, "s.utm_source" },
	{ "utm_medium", WEIR_FIELD_TEXT, "s.utm_medium" },
	{ "utm_campaign", WEIR_FIELD_TEXT, "s.utm_campaign" },
	{ "utm_term", WEIR_FIELD_TEXT, "s.utm_term" },
	{ "utm_content", WEIR_FIELD_TEXT, "s.utm_content" },
	{ "revenue", WEIR_FIELD_NUMBER, "s.revenue" },
	{ "session.revenue", WEIR_FIELD_NUMBER, "s.revenue" },
	{ "session.duration", WEIR_FIELD_NUMBER, "s.duration" },
	{ "session.event_count", WEIR_FIELD_NUMBER, "s.event_count" },
	{ "session.screen_view_count", WEIR_FIELD_NUMBER, "s.screen_view_count" },
	{ "cohort", WEIR_FIELD_COHORT, "" },
};

static const struct column profile_columns[] = {
	{ "id", WEIR_FIELD_PROFILE, "p.id" },
	{ "first_name", WEIR_FIELD_PROFILE, "p.first_name" },
	{ "last_name", WEIR_FIELD_PROFILE, "p.last_name" },
	{ "email", WEIR_FIELD_PROFILE, "p.email" },
	{ "avatar", WEIR_FIELD_PROFILE, "p.avatar" },
	{ "created_at", WEIR_FIELD_TIME, "p.created_at" },
	{ "last_seen_at", WEIR_FIELD_TIME, "p.last_seen_at" },
	{ "cohort", WEIR_FIELD_COHORT, "" },
};

static const struct column group_columns[] = {
	{ "name", WEIR_FIELD_TEXT, "gr.name" },
	{ "type", WEIR_FIELD_TEXT, "gr.type" },
};

static bool find(const struct column *list, size_t n, weir_text name, struct weir_event_field *field)
{
	for (size_t i = 0; i < n; i++)
		if (weir_text_is(name, list[i].name)) {
			*field = (struct weir_event_field){ list[i].kind, list[i].sql, { "", 0 } };
			return true;
		}
	return false;
}
#define FIND(list, name, field) find(list, sizeof(list) / sizeof(*(list)), name, field)

static bool after(weir_text name, const char *prefix, weir_text *rest)
{
	size_t n = strlen(prefix);

	if (!weir_text_starts(name, prefix))
		return false;
	*rest = (weir_text){ name.p + n, name.n - n };
	return true;
}

static bool cohort_name(weir_text name, struct weir_event_field *field)
{
	weir_text id;

	if (!after(name, "cohort:", &id))
		return false;
	*field = (struct weir_event_field){ WEIR_FIELD_COHORT, "", id };
	return true;
}

static weir_err session_field(weir_arena *mem, weir_text name, struct weir_event_field *field)
{
	(void)mem;
	*field = (struct weir_event_field){ .kind = WEIR_FIELD_UNKNOWN };
	if (!cohort_name(name, field))
		FIND(session_columns, name, field);
	return WEIR_OK;
}

/* Columns by their names with or without "profile."; any other name is a property. */
static weir_err profile_field(weir_arena *mem, weir_text name, struct weir_event_field *field)
{
	weir_text rest = name, key;
	bool column = after(name, "profile.", &rest);

	(void)mem;
	*field = (struct weir_event_field){ .kind = WEIR_FIELD_UNKNOWN };
	if (cohort_name(name, field) || FIND(profile_columns, rest, field))
		return WEIR_OK;
	if (after(rest, "properties.", &key))
		*field = (struct weir_event_field){ WEIR_FIELD_KEYED, "p.properties[", key };
	else if (!column && !memchr(name.p, '.', name.n))
		*field = (struct weir_event_field){ WEIR_FIELD_KEYED, "p.properties[", name };
	return WEIR_OK;
}

/* Anything else below group. is the group's id. */
static weir_err group_field(weir_arena *mem, weir_text name, struct weir_event_field *field)
{
	weir_text rest = name, key;

	(void)mem;
	after(name, "group.", &rest);
	*field = (struct weir_event_field){ WEIR_FIELD_TEXT, "gr.id", { "", 0 } };
	if (after(rest, "properties.", &key))
		*field = (struct weir_event_field){ WEIR_FIELD_GROUP_PROPERTY, "gr.properties", key };
	else
		FIND(group_columns, rest, field);
	return WEIR_OK;
}

const struct weir_filter_subject weir_filter_of_sessions = { session_field, "s.profile_id", false };
const struct weir_filter_subject weir_filter_of_profiles = { profile_field, "p.id", true };
static const struct weir_filter_subject session_list = { session_field, "s.profile_id", true };
static const struct weir_filter_subject group_list = { group_field, "gr.id", true };

static bool is_yes(json_object *filter)
{
	json_object *values = weir_jsonr_get(filter, "value");

	for (size_t i = 0; i < weir_jsonr_count(values); i++) {
		json_object *v = weir_jsonr_at(values, i);
		weir_text t = weir_jsonr_text(v);

		if (json_object_is_type(v, json_type_string) ? weir_text_is(t, "true") || weir_text_is(t, "1") : weir_jsonr_truthy(v))
			return true;
	}
	return false;
}

static bool is_negative(json_object *filter)
{
	return weir_text_is(weir_jsonr_get_text(filter, "operator"), "isNot");
}

static weir_err is_bounce(weir_sql *q, const struct weir_ask *ask, json_object *filter)
{
	(void)ask;
	weir_sql_const(q, is_yes(filter) != is_negative(filter) ? " AND s.is_bounce" : " AND NOT s.is_bounce");
	return WEIR_OK;
}

static weir_err performed(weir_sql *q, const struct weir_ask *ask, json_object *filter)
{
	json_object *values = weir_jsonr_get(filter, "value");
	size_t n = weir_jsonr_count(values);
	weir_text *names = weir_alloc_n(q->mem, n + 1, sizeof(*names));

	if (!names)
		return WEIR_ENOMEM;
	if (!n)
		return WEIR_OK;
	for (size_t i = 0; i < n; i++)
		names[i] = weir_jsonr_text(weir_jsonr_at(values, i));
	weir_sql_const(q, is_negative(filter) ? " AND s.id NOT IN (" : " AND s.id IN (");
	weir_sql_add(q, "SELECT session_id FROM events WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND name IN ");
	weir_sql_strings(q, names, n);
	weir_sql_add(q, ")");
	return WEIR_OK;
}

static weir_err of_groups(weir_sql *q, const struct weir_ask *ask, const char *groups, json_object *filter)
{
	weir_err err;

	weir_sql_add(q, " AND hasAny(");
	weir_sql_const(q, groups);
	weir_sql_add(q, ", (SELECT groupArray(gr.id) FROM groups AS gr FINAL WHERE gr.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND gr.deleted = 0");
	err = weir_filter_sql(q, ask, &group_list, filter);
	weir_sql_add(q, "))");
	return err;
}

static weir_err of_profile(weir_sql *q, const struct weir_ask *ask, json_object *filter)
{
	weir_err err;

	weir_sql_add(q, " AND s.profile_id IN (SELECT p.id FROM profiles AS p FINAL WHERE p.project_id = ");
	weir_sql_string(q, ask->project_id);
	err = weir_filter_sql(q, ask, &weir_filter_of_profiles, filter);
	weir_sql_add(q, ")");
	return err;
}

static weir_err session_one(weir_sql *q, const struct weir_ask *ask, const struct weir_filter_subject *by, json_object *filter)
{
	static const struct {
		const char *name;
		weir_err (*sql)(weir_sql *q, const struct weir_ask *ask, json_object *filter);
	} special[] = { { "session.is_bounce", is_bounce }, { "session.performed_event", performed } };
	weir_text name = weir_jsonr_get_text(filter, "name");

	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
		if (weir_text_is(name, special[i].name))
			return special[i].sql(q, ask, filter);
	if (weir_text_starts(name, "profile."))
		return of_profile(q, ask, filter);
	return weir_filter_sql(q, ask, by, filter);
}

/* Profiles that have a session like that. */
static weir_err of_sessions(weir_sql *q, const struct weir_ask *ask, json_object *filter)
{
	weir_err err;

	weir_sql_add(q, " AND p.id IN (SELECT s.profile_id FROM sessions AS s FINAL WHERE s.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND s.sign = 1");
	err = session_one(q, ask, &session_list, filter);
	weir_sql_add(q, ")");
	return err;
}

/* "cohort:ID" means membership, whatever the operator, but for isNot. */
static weir_err cohort(weir_sql *q, const struct weir_ask *ask, const struct weir_filter_subject *by, json_object *filter)
{
	weir_text id = weir_jsonr_get_text(filter, "name"), op = weir_jsonr_get_text(filter, "operator");

	if (weir_text_is(op, "inCohort") || weir_text_is(op, "notInCohort"))
		return weir_filter_sql(q, ask, by, filter);
	after(id, "cohort:", &id);
	weir_sql_add(q, " AND ");
	weir_sql_const(q, by->profile_id);
	weir_sql_const(q, is_negative(filter) ? " NOT IN (" : " IN (");
	weir_sql_add(q, "SELECT profile_id FROM cohort_members WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND cohort_id = ");
	weir_sql_string(q, id);
	weir_sql_add(q, ")");
	return WEIR_OK;
}

weir_err weir_entity_filters_sql(weir_sql *q, const struct weir_ask *ask, enum weir_entity_self self, json_object *filters)
{
	bool sessions = self == WEIR_SELF_SESSIONS;
	const struct weir_filter_subject *by = sessions ? &session_list : &weir_filter_of_profiles;
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < weir_jsonr_count(filters) && !err; i++) {
		json_object *filter = weir_jsonr_at(filters, i);
		weir_text name = weir_jsonr_get_text(filter, "name");

		if (weir_text_starts(name, "cohort:"))
			err = cohort(q, ask, by, filter);
		else if (weir_text_starts(name, "group."))
			err = of_groups(q, ask, sessions ? "s.groups" : "p.groups", filter);
		else if (sessions)
			err = session_one(q, ask, by, filter);
		else if (weir_text_starts(name, "session."))
			err = of_sessions(q, ask, filter);
		else
			err = weir_filter_sql(q, ask, by, filter);
	}
	return err;
}

void weir_sql_pattern(weir_sql *q, weir_text text)
{
	char *p = weir_alloc(q->mem, text.n * 2 + 2);
	size_t n = 0;

	if (!p) {
		q->err = WEIR_ENOMEM;
		return;
	}
	p[n++] = '%';
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '\\')
			p[n++] = '\\';
		p[n++] = text.p[i];
	}
	p[n++] = '%';
	weir_sql_string(q, (weir_text){ p, n });
}

void weir_profile_search_sql(weir_sql *q, weir_text search)
{
	enum { WORDS_MAX = 5 };
	static const char *const columns[] = { "p.id", "p.email", "p.first_name", "p.last_name", "concat(p.first_name, ' ', p.last_name)" };

	for (int words = 0; words < WORDS_MAX; words++) {
		weir_text word;

		search = weir_text_trim(search);
		word = search;
		for (word.n = 0; word.n < search.n && (unsigned char)search.p[word.n] > ' ';)
			word.n++;
		if (!word.n)
			return;
		search = (weir_text){ search.p + word.n, search.n - word.n };
		weir_sql_add(q, " AND (");
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
			weir_sql_const(q, i ? " OR " : "");
			weir_sql_const(q, columns[i]);
			weir_sql_add(q, " ILIKE ");
			weir_sql_pattern(q, word);
		}
		weir_sql_add(q, ")");
	}
}
