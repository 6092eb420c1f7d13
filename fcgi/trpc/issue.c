#include "config.h"
#include "trpc/check.h"

#include "base/jsonr.h"
#include "base/num.h"

/* What is wrong with an input, in zod's words (spec/trpc-metadata.md 1.5). */

static void drop(void *node)
{
	json_object_put(node);
}

static bool grow(struct weir_check *c)
{
	size_t alloc = c->alloc ? c->alloc * 2 : 8;
	struct weir_issue *more;

	if (c->count < c->alloc)
		return true;
	more = weir_alloc_n(c->mem, alloc, sizeof(*more));
	if (!more)
		return false;
	if (c->count)
		memcpy(more, c->issues, c->count * sizeof(*more));
	c->issues = more;
	c->alloc = alloc;
	return true;
}

void weir_issue_member(struct weir_check *c, json_object *issue, const char *key, json_object *value)
{
	if (issue && value && !json_object_object_add(issue, key, value))
		return;
	json_object_put(value);
	c->err = WEIR_ENOMEM;
}

json_object *weir_issue_new(struct weir_check *c, const char *code, const char *expected, bool go_on)
{
	json_object *issue = json_object_new_object();

	if (!issue || weir_arena_defer(c->mem, drop, issue) || !grow(c)) {
		c->err = WEIR_ENOMEM;
		return NULL;
	}
	c->issues[c->count++] = (struct weir_issue){ issue, go_on };
	if (expected)
		weir_issue_member(c, issue, "expected", json_object_new_string(expected));
	if (code)
		weir_issue_member(c, issue, "code", json_object_new_string(code));
	return issue;
}

json_object *weir_issue_path(struct weir_check *c, int from)
{
	json_object *path = json_object_new_array();

	for (int i = from; path && i < c->depth && i < WEIR_PATH_MAX; i++) {
		json_object *part = c->path[i].name ? json_object_new_string(c->path[i].name)
			: json_object_new_int64((int64_t)c->path[i].index);

		if (!part || json_object_array_add(path, part))
			c->err = WEIR_ENOMEM;
	}
	return path;
}

void weir_issue_end(struct weir_check *c, json_object *issue, weir_text message)
{
	weir_issue_member(c, issue, "path", weir_issue_path(c, c->base));
	weir_issue_member(c, issue, "message", json_object_new_string_len(message.p, (int)message.n));
}

void weir_check_custom(struct weir_check *c, const char *name, const char *message, bool path_last)
{
	json_object *issue = weir_issue_new(c, "custom", NULL, true);

	if (c->depth < WEIR_PATH_MAX)
		c->path[c->depth] = (struct weir_step){ name, 0 };
	c->depth++;
	if (path_last) {
		weir_issue_member(c, issue, "message", json_object_new_string(message));
		weir_issue_member(c, issue, "path", weir_issue_path(c, c->base));
	} else {
		weir_issue_end(c, issue, weir_text_of(message));
	}
	c->depth--;
}

void weir_issue_received(struct weir_check *c, json_object *issue, const char *expected, json_object *value, bool absent)
{
	const char *received = weir_js_word(absent ? WEIR_JS_UNDEFINED : weir_js_kind_of(value));
	weir_str text;

	weir_str_init(&text, 256);
	if (!absent && json_object_is_type(value, json_type_double)) {
		double v = json_object_get_double(value);

		if (v != v)
			received = "NaN";
		if (!strcmp(expected, "number"))
			weir_issue_member(c, issue, "received", json_object_new_string(v != v ? "NaN" : "Infinity"));
	}
	weir_str_addf(&text, "Invalid input: expected %s, received %s", expected, received);
	weir_issue_end(c, issue, weir_str_view(&text));
	weir_str_free(&text);
}

void weir_issue_type(struct weir_check *c, const char *expected, json_object *value, bool absent)
{
	weir_issue_received(c, weir_issue_new(c, "invalid_type", expected, false), expected, value, absent);
}

void weir_issue_size(struct weir_check *c, const char *origin, bool small, double bound)
{
	json_object *issue = weir_issue_new(c, NULL, NULL, true);
	const char *unit = !strcmp(origin, "string") ? " characters" : !strcmp(origin, "array") ? " items" : "";
	char number[WEIR_NUM_MAX];
	weir_text limit = weir_num_js(bound, number);
	weir_str text;

	weir_str_init(&text, 256);
	weir_issue_member(c, issue, "origin", json_object_new_string(origin));
	weir_issue_member(c, issue, "code", json_object_new_string(small ? "too_small" : "too_big"));
	weir_issue_member(c, issue, small ? "minimum" : "maximum", json_object_new_int64((int64_t)bound));
	weir_issue_member(c, issue, "inclusive", json_object_new_boolean(true));
	weir_str_puts(&text, small ? "Too small: expected " : "Too big: expected ");
	weir_str_puts(&text, origin);
	weir_str_puts(&text, *unit ? " to have " : " to be ");
	weir_str_puts(&text, small ? ">=" : "<=");
	weir_str_text(&text, limit);
	weir_str_puts(&text, unit);
	weir_issue_end(c, issue, weir_str_view(&text));
	weir_str_free(&text);
}

void weir_issue_words(struct weir_check *c, const char *const *words, size_t count)
{
	json_object *issue = weir_issue_new(c, "invalid_value", NULL, false), *values = json_object_new_array();
	weir_str text;

	weir_str_init(&text, 16384);
	weir_str_puts(&text, count == 1 ? "Invalid input: expected " : "Invalid option: expected one of ");
	for (size_t i = 0; i < count; i++) {
		json_object *word = json_object_new_string(words[i]);

		if (!values || !word || json_object_array_add(values, word))
			c->err = WEIR_ENOMEM;
		weir_str_puts(&text, i ? "|\"" : "\"");
		weir_str_puts(&text, words[i]);
		weir_str_putc(&text, '"');
	}
	weir_issue_member(c, issue, "values", values);
	weir_issue_end(c, issue, weir_str_view(&text));
	weir_str_free(&text);
}

static void line(weir_str *out, int depth)
{
	weir_str_putc(out, '\n');
	for (int i = 0; i < depth; i++)
		weir_str_puts(out, "  ");
}

static void leaf(weir_str *out, json_object *value)
{
	weir_json j;

	weir_json_init(&j, out);
	if (json_object_is_type(value, json_type_string))
		weir_json_str(&j, NULL, weir_jsonr_text(value));
	else if (json_object_is_type(value, json_type_boolean))
		weir_json_bool(&j, NULL, json_object_get_boolean(value));
	else if (value)
		weir_json_num(&j, NULL, json_object_get_double(value));
	else
		weir_json_null(&j, NULL);
}

static void pretty(weir_str *out, json_object *value, int depth)
{
	bool array = json_object_is_type(value, json_type_array);
	size_t n = array ? weir_jsonr_count(value) : 0;
	bool some = false;

	if (!array && !json_object_is_type(value, json_type_object)) {
		leaf(out, value);
		return;
	}
	weir_str_putc(out, array ? '[' : '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			weir_str_putc(out, ',');
		line(out, depth + 1);
		pretty(out, weir_jsonr_at(value, i), depth + 1);
		some = true;
	}
	if (!array) {
		json_object_object_foreach(value, key, member) {
			weir_json j;

			if (some)
				weir_str_putc(out, ',');
			line(out, depth + 1);
			weir_json_init(&j, out);
			weir_json_strz(&j, NULL, key);
			weir_str_puts(out, ": ");
			pretty(out, member, depth + 1);
			some = true;
		}
	}
	if (some)
		line(out, depth);
	weir_str_putc(out, array ? ']' : '}');
}

void weir_issues_text(json_object *issues, weir_str *out)
{
	pretty(out, issues, 0);
}

/* The first member of an issue's path as text, an index as digits; {NULL, 0} for the root. */
static weir_text first_of(json_object *issue)
{
	json_object *path = weir_jsonr_get(issue, "path");

	if (!path || !weir_jsonr_count(path))
		return (weir_text){ NULL, 0 };
	return weir_text_of(json_object_get_string(weir_jsonr_at(path, 0)));
}

static void messages(json_object *issues, weir_json *j, weir_text first)
{
	for (size_t i = 0; i < weir_jsonr_count(issues); i++) {
		json_object *issue = weir_jsonr_at(issues, i);
		weir_text at = first_of(issue);

		if (!at.p == !first.p && weir_text_eq(at, first))
			weir_json_str(j, NULL, weir_jsonr_get_text(issue, "message"));
	}
}

void weir_issues_flatten(json_object *issues, weir_json *j, const char *key)
{
	size_t n = weir_jsonr_count(issues);

	weir_json_obj(j, key);
	weir_json_arr(j, "formErrors");
	messages(issues, j, (weir_text){ NULL, 0 });
	weir_json_end(j);
	weir_json_obj(j, "fieldErrors");
	for (size_t i = 0; i < n; i++) {
		weir_text first = first_of(weir_jsonr_at(issues, i));
		bool seen = !first.p;

		for (size_t k = 0; k < i && !seen; k++)
			seen = weir_text_eq(first, first_of(weir_jsonr_at(issues, k)));
		if (seen)
			continue;
		weir_json_key(j, first);
		weir_json_arr(j, NULL);
		messages(issues, j, first);
		weir_json_end(j);
	}
	weir_json_end(j);
	weir_json_end(j);
}
