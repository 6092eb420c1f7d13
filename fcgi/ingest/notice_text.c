/* Titles and messages. */
#include "config.h"
#include "ingest/notice_text.h"

#include "base/jsonr.h"
#include "base/num.h"
#include "base/str.h"

enum { TEXT_MAX = 1024 * 1024, VALUE_MAX = 500 };

static const char ellipsis[] = "\xe2\x80\xa6";

weir_text weir_text_shorten(weir_arena *mem, weir_text t, size_t max)
{
	size_t n = max > sizeof(ellipsis) ? max - (sizeof(ellipsis) - 1) : 0;
	char *out;

	if (t.n <= max)
		return weir_text_dup(mem, t);
	while (n && ((unsigned char)t.p[n] & 0xc0) == 0x80)
		n--;
	out = weir_alloc(mem, n + sizeof(ellipsis));
	if (!out)
		return (weir_text){ NULL, 0 };
	if (n)
		memcpy(out, t.p, n);
	memcpy(out + n, ellipsis, sizeof(ellipsis));
	return (weir_text){ out, n + sizeof(ellipsis) - 1 };
}

weir_text weir_json_without_nul(weir_arena *mem, weir_text json)
{
	static const weir_text nul = { "\\u0000", 6 };
	char *out;
	size_t n = 0;

	if (!json.n || !weir_text_find(json, nul))
		return json;
	out = weir_alloc(mem, json.n);
	if (!out)
		return (weir_text){ NULL, 0 };
	for (size_t i = 0; i < json.n;) {
		size_t step = json.p[i] == '\\' && i + 1 < json.n ? 2 : 1;

		if (json.n - i >= nul.n && !memcmp(json.p + i, nul.p, nul.n)) {
			i += nul.n;
			continue;
		}
		memcpy(out + n, json.p + i, step); /* an escaped backslash travels with what it escapes */
		n += step;
		i += step;
	}
	return (weir_text){ out, n };
}

/* -------------------------------------------------------------------- titles */

struct title {
	weir_arena *mem;
	const struct weir_rule *rule;
	const struct weir_event *e;
	json_object *profile;
	weir_str out;
};

static const char profile_prefix[] = "profile.";

bool weir_title_wants_profile(const struct weir_rule *rule)
{
	return weir_text_find(rule->template, WEIR_TEXT("profile.")) != NULL;
}

/* The reference's name of a column of profiles. */
static const char *profile_column(weir_text name)
{
	static const struct {
		const char *name, *column;
	} columns[] = {
		{ "id", "id" }, { "email", "email" }, { "firstName", "first_name" }, { "lastName", "last_name" }, { "avatar", "avatar" },
		{ "isExternal", "is_external" }, { "createdAt", "created_at" }, { "lastSeenAt", "last_seen_at" },
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (weir_text_is(name, columns[i].name) || weir_text_is(name, columns[i].column))
			return columns[i].column;
	return NULL;
}

static weir_text profile_field(struct title *t, weir_text name)
{
	static const char properties[] = "properties.";
	json_object *value = NULL;
	const char *column;

	if (weir_text_starts(name, properties)) {
		char *key = weir_strndup(t->mem, name.p + sizeof(properties) - 1, name.n - (sizeof(properties) - 1));

		value = key ? weir_jsonr_get(weir_jsonr_get(t->profile, "properties"), key) : NULL;
	} else if ((column = profile_column(name))) {
		value = weir_jsonr_get(t->profile, column);
	}
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? WEIR_TEXT("true") : WEIR_TEXT("false");
	return weir_jsonr_text(value);
}

/* A value in a line: control characters become blanks. */
static void put(struct title *t, weir_text value)
{
	value = weir_text_shorten(t->mem, value.p ? value : WEIR_TEXT(""), VALUE_MAX);
	for (size_t i = 0; i < value.n; i++)
		weir_str_putc(&t->out, (unsigned char)value.p[i] < ' ' ? ' ' : value.p[i]);
}

static void put_field(struct title *t, weir_text name)
{
	char buf[WEIR_FIELD_MAX];

	name = weir_text_trim(name);
	if (weir_text_is(name, "rule_name"))
		put(t, t->rule->name);
	else if (weir_text_starts(name, profile_prefix))
		put(t, profile_field(t, (weir_text){ name.p + sizeof(profile_prefix) - 1, name.n - (sizeof(profile_prefix) - 1) }));
	else
		put(t, weir_event_field(t->e, name, buf));
}

static void fill_template(struct title *t)
{
	weir_text rest = t->rule->template;

	while (rest.n) {
		const char *close;
		size_t step = 1;

		if (weir_text_starts(rest, "$EVENT_NAME")) {
			put(t, t->e->name);
			step = sizeof("$EVENT_NAME") - 1;
		} else if (weir_text_starts(rest, "$RULE_NAME")) {
			put(t, t->rule->name);
			step = sizeof("$RULE_NAME") - 1;
		} else if (weir_text_starts(rest, "{{") && (close = weir_text_find(rest, WEIR_TEXT("}}")))) {
			put_field(t, (weir_text){ rest.p + 2, (size_t)(close - rest.p) - 2 });
			step = (size_t)(close - rest.p) + 2;
		} else {
			weir_str_putc(&t->out, (unsigned char)rest.p[0] < ' ' ? ' ' : rest.p[0]);
		}
		rest = (weir_text){ rest.p + step, rest.n - step };
	}
}

weir_text weir_notice_title(weir_arena *mem, const struct weir_rule *rule, const struct weir_event *e, json_object *profile)
{
	struct title t = { .mem = mem, .rule = rule, .e = e, .profile = profile };
	weir_text title = { NULL, 0 };

	weir_str_init(&t.out, TEXT_MAX);
	if (rule->template.n) {
		fill_template(&t);
	} else {
		weir_str_puts(&t.out, rule->funnel ? "Funnel \"" : "You received a new \"");
		put(&t, rule->funnel ? rule->name : e->name);
		weir_str_puts(&t.out, rule->funnel ? "\" completed" : "\" event");
	}
	if (!weir_str_err(&t.out))
		title = weir_text_shorten(mem, weir_str_view(&t.out), WEIR_TITLE_MAX);
	weir_str_free(&t.out);
	return title;
}

weir_text weir_notice_message(weir_arena *mem, const struct weir_rule *rule)
{
	weir_text name = weir_text_shorten(mem, rule->project_name, VALUE_MAX), message = { NULL, 0 };
	weir_str out;

	weir_str_init(&out, TEXT_MAX);
	weir_str_puts(&out, "Project: ");
	weir_str_text(&out, name);
	if (name.p && !weir_str_err(&out))
		message = weir_text_dup(mem, weir_str_view(&out));
	weir_str_free(&out);
	return message;
}
