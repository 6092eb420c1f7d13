#include "config.h"
#include "trpc/check.h"

#include "base/jsonr.h"
#include "base/utf8.h"

#include <math.h>

/* A value on its way through the validator: node is a reference that the holder gives back. */
struct value {
	json_object *node;
	bool absent;
};

static void run(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out);

static void release(struct value *v)
{
	json_object_put(v->node);
	v->node = NULL;
}

static bool aborted(const struct weir_check *c, size_t from)
{
	for (size_t i = from; i < c->count; i++)
		if (!c->issues[i].go_on)
			return true;
	return c->err;
}

static void enter(struct weir_check *c, const char *name, size_t index)
{
	if (c->depth < WEIR_PATH_MAX)
		c->path[c->depth] = (struct weir_step){ name, index };
	c->depth++;
}

static void leave(struct weir_check *c)
{
	c->depth--;
}

static void keep(struct value in, struct value *out)
{
	out->node = json_object_get(in.node);
	out->absent = in.absent;
}

static enum weir_js_kind kind_of(struct value v)
{
	return v.absent ? WEIR_JS_UNDEFINED : weir_js_kind_of(v.node);
}

static void bounds(struct weir_check *c, const struct weir_schema *s, const char *origin, double size)
{
	if (s->has_min && size < s->min)
		weir_issue_size(c, origin, true, s->min);
	if (s->has_max && size > s->max)
		weir_issue_size(c, origin, false, s->max);
}

/* What JavaScript's typeof calls an object, arrays and null aside; a Date then is one without the members asked for. */
static bool is_object(enum weir_js_kind kind)
{
	return kind == WEIR_JS_OBJECT || (kind >= WEIR_JS_DATE && kind != WEIR_JS_BIGINT && kind != WEIR_JS_OTHER);
}

static void string(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	if (kind_of(in) != WEIR_JS_STRING) {
		weir_issue_type(c, "string", in.node, in.absent);
		/* An array has a length too, and zod measures it. */
		if (kind_of(in) == WEIR_JS_ARRAY)
			bounds(c, s, "array", (double)weir_jsonr_count(in.node));
		return;
	}
	keep(in, out);
	if (s->format != WEIR_FORMAT_none)
		weir_format_check(c, s->format, &out->node);
	bounds(c, s, "string", (double)weir_utf16_units(weir_jsonr_text(out->node)));
}

static const double SAFE_INTEGER = 9007199254740991.0;

static void number(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	double v = kind_of(in) == WEIR_JS_NUMBER ? json_object_get_double(in.node) : NAN;

	if (!isfinite(v)) {
		weir_issue_type(c, "number", in.node, in.absent);
		return;
	}
	keep(in, out);
	if (s->kind == WEIR_SCHEMA_INTEGER && v != floor(v)) {
		json_object *issue = weir_issue_new(c, NULL, "int", false);

		weir_issue_member(c, issue, "format", json_object_new_string("safeint"));
		weir_issue_member(c, issue, "code", json_object_new_string("invalid_type"));
		weir_issue_end(c, issue, WEIR_TEXT("Invalid input: expected int, received number"));
		return;
	}
	if (s->kind == WEIR_SCHEMA_INTEGER && fabs(v) > SAFE_INTEGER) {
		weir_issue_size(c, "int", v < 0, v < 0 ? -SAFE_INTEGER : SAFE_INTEGER);
		return;
	}
	bounds(c, s, "number", v);
}

static void words(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	weir_text t = kind_of(in) == WEIR_JS_STRING ? weir_jsonr_text(in.node) : (weir_text){ NULL, 0 };

	for (size_t i = 0; t.p && i < s->count; i++)
		if (weir_text_is(t, s->words[i])) {
			keep(in, out);
			return;
		}
	weir_issue_words(c, s->words, s->count);
}

static void scalar(struct weir_check *c, const char *expected, enum weir_js_kind kind, struct value in, struct value *out)
{
	if (kind_of(in) == kind)
		keep(in, out);
	else
		weir_issue_type(c, expected, in.node, in.absent);
}

static void array(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	size_t n;

	if (kind_of(in) != WEIR_JS_ARRAY) {
		weir_issue_type(c, "array", in.node, in.absent);
		return;
	}
	n = weir_jsonr_count(in.node);
	out->node = json_object_new_array();
	out->absent = false;
	for (size_t i = 0; i < n && out->node && !c->err; i++) {
		struct value item = { .absent = true };
		json_object *node = weir_jsonr_at(in.node, i);

		enter(c, NULL, i);
		run(c, s->item, (struct value){ node, weir_js_kind_of(node) == WEIR_JS_UNDEFINED }, &item);
		leave(c);
		if (json_object_array_add(out->node, item.node)) {
			release(&item);
			c->err = WEIR_ENOMEM;
		}
	}
	if (!out->node)
		c->err = WEIR_ENOMEM;
	bounds(c, s, "array", (double)n);
}

static void put_member(struct weir_check *c, struct value *object, const char *name, struct value *member)
{
	if (!member->absent && json_object_object_add(object->node, name, member->node)) {
		release(member);
		c->err = WEIR_ENOMEM;
	}
}

static void record(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	if (kind_of(in) != WEIR_JS_OBJECT) {
		weir_issue_type(c, "record", in.node, in.absent);
		return;
	}
	*out = (struct value){ json_object_new_object(), false };
	if (!out->node) {
		c->err = WEIR_ENOMEM;
		return;
	}
	json_object_object_foreach(in.node, name, node) {
		struct value member = { .absent = true };

		enter(c, name, 0);
		run(c, s->item, (struct value){ node, false }, &member);
		leave(c);
		put_member(c, out, name, &member);
	}
}

static void field(struct weir_check *c, const struct weir_field *f, json_object *in, struct value *object)
{
	struct value member = { .absent = true }, given = { NULL, true };

	if (json_object_is_type(in, json_type_object) && json_object_object_get_ex(in, f->name, &given.node))
		given.absent = false;
	if (given.absent && f->fallback) {
		member = (struct value){ json_tokener_parse(f->fallback), false };
		if (!member.node)
			c->err = WEIR_ENOMEM;
	} else if (!given.absent || !f->optional) {
		enter(c, f->name, 0);
		run(c, f->schema, given, &member);
		leave(c);
	}
	put_member(c, object, f->name, &member);
}

static void object(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	size_t from = c->count;

	if (!is_object(kind_of(in))) {
		weir_issue_type(c, "object", in.node, in.absent);
		return;
	}
	*out = (struct value){ json_object_new_object(), false };
	if (!out->node) {
		c->err = WEIR_ENOMEM;
		return;
	}
	for (size_t i = 0; i < s->count && !c->err; i++)
		field(c, &s->fields[i], in.node, out);
	if (s->rule && !aborted(c, from))
		s->rule(c, out->node);
}

/* The issues from first on become relative no longer: the union's own path goes in front of theirs. */
static void adopt(struct weir_check *c, size_t first)
{
	for (size_t i = first; i < c->count; i++) {
		json_object *path = weir_issue_path(c, c->base), *old = weir_jsonr_get(c->issues[i].text, "path");

		for (size_t k = 0; path && k < weir_jsonr_count(old); k++)
			if (json_object_array_add(path, json_object_get(weir_jsonr_at(old, k))))
				c->err = WEIR_ENOMEM;
		if (!path || json_object_object_add(c->issues[i].text, "path", path))
			c->err = WEIR_ENOMEM;
	}
}

static json_object *list_of(struct weir_check *c, size_t first)
{
	json_object *list = json_object_new_array();

	for (size_t i = first; list && i < c->count; i++)
		if (json_object_array_add(list, json_object_get(c->issues[i].text)))
			c->err = WEIR_ENOMEM;
	if (!list)
		c->err = WEIR_ENOMEM;
	return list;
}

static void one_of(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	int base = c->base;
	size_t first = c->count, mild = SIZE_MAX, milds = 0;
	json_object *errors = json_object_new_array(), *issue;

	for (size_t i = 0; i < s->count && !c->err; i++) {
		struct value tried = { .absent = true };

		c->base = c->depth;
		c->count = first;
		run(c, s->members[i], in, &tried);
		c->base = base;
		if (c->count == first) {
			*out = tried;
			json_object_put(errors);
			return;
		}
		if (!aborted(c, first)) {
			mild = i;
			milds++;
		}
		if (!errors || json_object_array_add(errors, list_of(c, first)))
			c->err = WEIR_ENOMEM;
		release(&tried);
	}
	c->count = first;
	if (milds == 1) { /* the only member of the right type speaks for the union */
		json_object_put(errors);
		c->base = c->depth;
		run(c, s->members[mild], in, out);
		c->base = base;
		adopt(c, first);
		return;
	}
	issue = weir_issue_new(c, "invalid_union", NULL, false);
	weir_issue_member(c, issue, "errors", errors);
	weir_issue_end(c, issue, WEIR_TEXT("Invalid input"));
}

static const struct weir_schema *tagged_as(const struct weir_schema *s, weir_text word)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < s->members[i]->count; k++) {
			const struct weir_field *f = &s->members[i]->fields[k];

			if (!strcmp(f->name, s->tag) && f->schema->kind == WEIR_SCHEMA_ENUM && weir_text_is(word, f->schema->words[0]))
				return s->members[i];
		}
	return NULL;
}

static void tagged(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	const struct weir_schema *member;
	json_object *issue;

	if (!is_object(kind_of(in))) {
		issue = weir_issue_new(c, "invalid_type", NULL, false);
		weir_issue_member(c, issue, "expected", json_object_new_string("object"));
		weir_issue_received(c, issue, "object", in.node, in.absent);
		return;
	}
	member = tagged_as(s, weir_jsonr_get_text(in.node, s->tag));
	if (member) {
		run(c, member, in, out);
		return;
	}
	issue = weir_issue_new(c, "invalid_union", NULL, false);
	weir_issue_member(c, issue, "errors", json_object_new_array());
	weir_issue_member(c, issue, "note", json_object_new_string("No matching discriminator"));
	weir_issue_member(c, issue, "discriminator", json_object_new_string(s->tag));
	enter(c, s->tag, 0);
	weir_issue_end(c, issue, WEIR_TEXT("Invalid input"));
	leave(c);
}

static void run(struct weir_check *c, const struct weir_schema *s, struct value in, struct value *out)
{
	switch (s->kind) {
	case WEIR_SCHEMA_ANY:
		keep(in, out);
		return;
	case WEIR_SCHEMA_STRING:
		string(c, s, in, out);
		return;
	case WEIR_SCHEMA_NUMBER:
	case WEIR_SCHEMA_INTEGER:
		number(c, s, in, out);
		return;
	case WEIR_SCHEMA_BOOLEAN:
		scalar(c, "boolean", WEIR_JS_BOOLEAN, in, out);
		return;
	case WEIR_SCHEMA_NULL:
		scalar(c, "null", WEIR_JS_NULL, in, out);
		return;
	case WEIR_SCHEMA_ENUM:
		words(c, s, in, out);
		return;
	case WEIR_SCHEMA_NULLABLE:
		if (kind_of(in) == WEIR_JS_NULL)
			keep(in, out);
		else
			run(c, s->item, in, out);
		return;
	case WEIR_SCHEMA_ARRAY:
		array(c, s, in, out);
		return;
	case WEIR_SCHEMA_RECORD:
		record(c, s, in, out);
		return;
	case WEIR_SCHEMA_OBJECT:
		object(c, s, in, out);
		return;
	case WEIR_SCHEMA_UNION:
		one_of(c, s, in, out);
		return;
	case WEIR_SCHEMA_TAGGED:
		tagged(c, s, in, out);
	}
}

static void drop_tree(void *node)
{
	json_object_put(node);
}

weir_err weir_schema_check(weir_arena *mem, const struct weir_schema *schema, json_object *value, bool absent,
	json_object **cleaned, json_object **issues)
{
	struct weir_check c = { .mem = mem };
	struct value out = { .absent = true };

	*cleaned = NULL;
	*issues = NULL;
	run(&c, schema, (struct value){ value, absent }, &out);
	if (out.node && weir_arena_defer(mem, drop_tree, out.node))
		return WEIR_ENOMEM;
	if (!c.err && c.count) {
		*issues = list_of(&c, 0);
		if (*issues && weir_arena_defer(mem, drop_tree, *issues))
			return WEIR_ENOMEM;
	}
	*cleaned = out.node;
	return c.err;
}
