/* Conditions on events. */
#include "config.h"
#include "ingest/match.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "ingest/flatten.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stddef.h>
#include <stdio.h>

enum {
	MATCH_LIMIT = 100 * 1000,  /* steps of one expression on one text */
	DEPTH_LIMIT = 1000,
	HEAP_LIMIT_K = 1024,
	PATTERN_MAX = 4096,
};

struct value {
	weir_text text;
	double number;             /* NAN when it is none */
	pcre2_code *code;          /* of operator regex; NULL when it does not compile */
};

struct filter;
/* Whether the operator holds for the field's text and one value. */
typedef bool (*weir_operator_fn)(const struct filter *f, weir_text field, const struct value *v);

struct operator {
	const char *name;
	weir_operator_fn one;      /* NULL: decided by the field alone */
	bool none;                 /* holds when `one` holds for no value; else when it does for some */
};

struct filter {
	weir_text name;
	const struct operator *op; /* NULL: unknown */
	struct value *value;
	size_t count;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

struct weir_condition {
	weir_text name;
	struct filter *filter;
	size_t count;
};

/* ------------------------------------------------------------------- fields */

static weir_text number_text(char buf[WEIR_FIELD_MAX], unsigned long long v)
{
	return (weir_text){ buf, (size_t)snprintf(buf, WEIR_FIELD_MAX, "%llu", v) };
}

static weir_text degrees_text(char buf[WEIR_FIELD_MAX], double v)
{
	return isnan(v) ? (weir_text){ NULL, 0 } : weir_num_js(v, buf);
}

/* How a member of struct weir_event is spelled as text. */
_Static_assert((int)WEIR_CLOCK_MAX <= (int)WEIR_FIELD_MAX && (int)WEIR_NUM_MAX <= (int)WEIR_FIELD_MAX, "a field's buffer holds every number");
enum kind { UUID, TEXT, COUNTRY, COUNT, REVENUE, TIME, DEGREES };

static const struct field {
	const char *name, *column; /* in payloads, in the table */
	enum kind kind;
	size_t at;
} fields[] = {
#define F(name, column, kind) { #name, #column, kind, offsetof(struct weir_event, column) },
	F(id, id, UUID)
	F(name, name, TEXT)
	F(sdkName, sdk_name, TEXT)
	F(sdkVersion, sdk_version, TEXT)
	F(deviceId, device_id, TEXT)
	F(profileId, profile_id, TEXT)
	F(projectId, project_id, TEXT)
	F(sessionId, session_id, TEXT)
	F(path, path, TEXT)
	F(origin, origin, TEXT)
	F(referrer, referrer, TEXT)
	F(referrerName, referrer_name, TEXT)
	F(referrerType, referrer_type, TEXT)
	F(revenue, revenue, REVENUE)
	F(duration, duration, COUNT)
	F(createdAt, created_at, TIME)
	F(country, country, COUNTRY)
	F(city, city, TEXT)
	F(region, region, TEXT)
	F(longitude, longitude, DEGREES)
	F(latitude, latitude, DEGREES)
	F(os, os, TEXT)
	F(osVersion, os_version, TEXT)
	F(browser, browser, TEXT)
	F(browserVersion, browser_version, TEXT)
	F(device, device, TEXT)
	F(brand, brand, TEXT)
	F(model, model, TEXT)
#undef F
};
enum { FIELDS = sizeof(fields) / sizeof(*fields) };

static const void *place_of(const struct weir_event *e, const struct field *f)
{
	return (const char *)e + f->at;
}

static weir_text text_of(const struct weir_event *e, const struct field *f, char buf[WEIR_FIELD_MAX])
{
	const void *p = place_of(e, f);

	switch (f->kind) {
	case TEXT:
	case COUNTRY:
		return *(const weir_text *)p;
	case UUID:
		weir_uuid_text(p, buf);
		return (weir_text){ buf, WEIR_UUID_LEN };
	case REVENUE:
		if (!*(const uint64_t *)p)
			break; /* none */
		return number_text(buf, *(const uint64_t *)p);
	case COUNT:
		return number_text(buf, *(const uint64_t *)p);
	case TIME:
		return weir_clock_iso(*(const int64_t *)p, buf);
	case DEGREES:
		return degrees_text(buf, *(const double *)p);
	}
	return (weir_text){ NULL, 0 };
}

static weir_text property_of(const struct weir_event *e, weir_text key)
{
	for (size_t i = 0; i < e->properties.count; i++)
		if (weir_text_eq(e->properties.item[i].key, key))
			return e->properties.item[i].value;
	return (weir_text){ NULL, 0 };
}

weir_text weir_event_field(const struct weir_event *e, weir_text name, char buf[WEIR_FIELD_MAX])
{
	static const char properties[] = "properties.";

	if (weir_text_starts(name, properties))
		return property_of(e, (weir_text){ name.p + sizeof(properties) - 1, name.n - (sizeof(properties) - 1) });
	for (size_t i = 0; i < FIELDS; i++)
		if (weir_text_is(name, fields[i].name) || weir_text_is(name, fields[i].column))
			return text_of(e, &fields[i], buf);
	return (weir_text){ NULL, 0 };
}

void weir_event_payload(weir_json *j, const char *key, const struct weir_event *e)
{
	char buf[WEIR_FIELD_MAX];

	weir_json_obj(j, key);
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];

		if (f->kind == DEGREES)
			weir_json_num(j, f->name, *(const double *)place_of(e, f));
		else if (f->kind == COUNT)
			weir_json_uint(j, f->name, *(const uint64_t *)place_of(e, f));
		else if (f->kind == REVENUE && e->revenue)
			weir_json_uint(j, f->name, e->revenue);
		else if (f->kind != REVENUE)
			weir_json_str(j, f->name, text_of(e, f, buf));
	}
	weir_json_arr(j, "groups");
	for (size_t i = 0; i < e->groups.count; i++)
		weir_json_str(j, NULL, e->groups.item[i]);
	weir_json_end(j);
	weir_json_obj(j, "properties");
	for (size_t i = 0; i < e->properties.count; i++) {
		weir_json_key(j, e->properties.item[i].key);
		weir_json_str(j, NULL, e->properties.item[i].value);
	}
	weir_json_end(j);
	weir_json_end(j);
}

/* ---------------------------------------------------------------- operators */

static double number_of(weir_text t)
{
	double v;

	return weir_num_double(t, &v) ? (double)NAN : v;
}

static bool op_is(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return weir_text_eq(field, v->text);
}

static bool op_contains(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return !v->text.n || weir_text_find(field, v->text);
}

static bool op_starts(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return field.n >= v->text.n && (!v->text.n || !memcmp(field.p, v->text.p, v->text.n));
}

static bool op_ends(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return field.n >= v->text.n && (!v->text.n || !memcmp(field.p + field.n - v->text.n, v->text.p, v->text.n));
}

/* Beyond the limits an expression does not match. */
static bool op_regex(const struct filter *f, weir_text field, const struct value *v)
{
	const void *subject = field.n ? field.p : "";

	return v->code && pcre2_match(v->code, subject, field.n, 0, 0, f->match, f->limits) >= 0;
}

static bool op_gt(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return number_of(field) > v->number;
}

static bool op_lt(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return number_of(field) < v->number;
}

static bool op_gte(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return number_of(field) >= v->number;
}

static bool op_lte(const struct filter *f, weir_text field, const struct value *v)
{
	(void)f;
	return number_of(field) <= v->number;
}

static const struct operator operators[] = {
	{ "is", op_is, false }, { "isNot", op_is, true },
	{ "contains", op_contains, false }, { "doesNotContain", op_contains, true },
	{ "startsWith", op_starts, false }, { "endsWith", op_ends, false },
	{ "regex", op_regex, false },
	{ "isNull", NULL, true }, { "isNotNull", NULL, false },
	{ "gt", op_gt, false }, { "lt", op_lt, false }, { "gte", op_gte, false }, { "lte", op_lte, false },
};

static bool some_value(const struct filter *f, weir_text field)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->op->one(f, field, &f->value[i]))
			return true;
	return false;
}

static bool profile_holds(const struct filter *f, const struct weir_event *e)
{
	bool wanted = false;

	for (size_t i = 0; i < f->count; i++)
		wanted |= weir_text_is(f->value[i].text, "true");
	return wanted == !weir_text_eq(e->profile_id, e->device_id);
}

/* For the field groups an operator that holds for one of them holds. */
static bool filter_holds(const struct filter *f, const struct weir_event *e)
{
	char buf[WEIR_FIELD_MAX];
	bool some = false;
	weir_text field;

	if (!f->count && (!f->op || f->op->one))
		return true;
	if (weir_text_is(f->name, "has_profile"))
		return profile_holds(f, e);
	if (!f->op)
		return false;
	if (weir_text_is(f->name, "groups")) {
		for (size_t i = 0; i < e->groups.count && !some; i++)
			some = f->op->one ? some_value(f, weir_js_trim(e->groups.item[i])) : true;
		return some != f->op->none;
	}
	field = weir_js_trim(weir_event_field(e, f->name, buf));
	return (f->op->one ? some_value(f, field) : field.n > 0) != f->op->none;
}

bool weir_condition_holds(const struct weir_conditions *c, size_t at, const struct weir_event *e)
{
	const struct weir_condition *w = &c->item[at];

	if (!weir_text_is(w->name, "*") && !weir_text_eq(w->name, e->name))
		return false;
	for (size_t i = 0; i < w->count; i++)
		if (!filter_holds(&w->filter[i], e))
			return false;
	return true;
}

size_t weir_conditions_find(const struct weir_conditions *c, size_t from, const struct weir_event *e)
{
	while (from < c->count && !weir_condition_holds(c, from, e))
		from++;
	return from;
}

/* ---------------------------------------------------------------- compiling */

static void free_code(void *p)
{
	pcre2_code_free(p);
}

static void free_match(void *p)
{
	pcre2_match_data_free(p);
}

static void free_limits(void *p)
{
	pcre2_match_context_free(p);
}

static weir_err prepare_regex(weir_arena *mem, struct filter *f)
{
	f->match = pcre2_match_data_create(1, NULL);
	if (!f->match || weir_arena_defer(mem, free_match, f->match))
		return WEIR_ENOMEM;
	f->limits = pcre2_match_context_create(NULL);
	if (!f->limits || weir_arena_defer(mem, free_limits, f->limits))
		return WEIR_ENOMEM;
	pcre2_set_match_limit(f->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(f->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(f->limits, HEAP_LIMIT_K);
	return WEIR_OK;
}

/* Written /like this/ or plainly; flags behind the last slash are none of the reference's. */
static weir_err compile_regex(weir_arena *mem, struct value *v)
{
	weir_text t = v->text;
	const void *pattern;
	PCRE2_SIZE offset;
	int error;

	while (t.n && t.p[0] == '/')
		t = (weir_text){ t.p + 1, t.n - 1 };
	while (t.n && t.p[t.n - 1] == '/')
		t.n--;
	if (t.n > PATTERN_MAX)
		return WEIR_OK;
	pattern = t.n ? t.p : "";
	v->code = pcre2_compile(pattern, t.n,
		PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF |
		PCRE2_ALLOW_EMPTY_CLASS | PCRE2_ALT_BSUX, &error, &offset, NULL);
	if (v->code && weir_arena_defer(mem, free_code, v->code))
		return WEIR_ENOMEM;
	if (v->code)
		(void)pcre2_jit_compile(v->code, PCRE2_JIT_COMPLETE); /* without it matching is slower, not different */
	return WEIR_OK;
}

/* A JSON value as the text it is compared as. */
static weir_text scalar_text(weir_arena *mem, json_object *o)
{
	char buf[WEIR_NUM_MAX];
	weir_text t = weir_jsonr_text(o);

	if (json_object_is_type(o, json_type_boolean))
		t = json_object_get_boolean(o) ? WEIR_TEXT("true") : WEIR_TEXT("false");
	else if (weir_jsonr_is_number(o))
		t = weir_num_js(json_object_get_double(o), buf);
	return weir_text_dup(mem, weir_js_trim(t.p ? t : WEIR_TEXT("")));
}

static weir_err compile_values(weir_arena *mem, json_object *list, struct filter *f)
{
	bool many = json_object_is_type(list, json_type_array);
	weir_err err = WEIR_OK;

	f->count = many ? weir_jsonr_count(list) : list != NULL;
	f->value = weir_alloc_n(mem, f->count + 1, sizeof(*f->value));
	if (!f->value)
		return WEIR_ENOMEM;
	if (f->op && f->op->one == op_regex)
		err = prepare_regex(mem, f);
	for (size_t i = 0; i < f->count && !err; i++) {
		struct value *v = &f->value[i];

		v->text = scalar_text(mem, many ? weir_jsonr_at(list, i) : list);
		if (!v->text.p)
			return WEIR_ENOMEM;
		v->number = number_of(v->text);
		if (f->op && f->op->one == op_regex)
			err = compile_regex(mem, v);
	}
	return err;
}

static weir_err compile_filter(weir_arena *mem, json_object *o, struct filter *f)
{
	weir_text op = weir_jsonr_get_text(o, "operator"), name = weir_jsonr_get_text(o, "name");

	f->name = weir_text_dup(mem, name.p ? name : WEIR_TEXT(""));
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (weir_text_is(op, operators[i].name))
			f->op = &operators[i];
	return f->name.p ? compile_values(mem, weir_jsonr_get(o, "value"), f) : WEIR_ENOMEM;
}

static weir_err compile_condition(weir_arena *mem, json_object *o, struct weir_condition *c)
{
	json_object *filters = weir_jsonr_get(o, "filters");
	size_t n = weir_jsonr_count(filters);
	weir_text name = weir_jsonr_get_text(o, "name");
	weir_err err = WEIR_OK;

	c->name = weir_text_dup(mem, name.p ? name : WEIR_TEXT(""));
	c->filter = weir_alloc_n(mem, n + 1, sizeof(*c->filter));
	if (!c->name.p || !c->filter)
		return WEIR_ENOMEM;
	for (; c->count < n && !err; c->count++)
		err = compile_filter(mem, weir_jsonr_at(filters, c->count), &c->filter[c->count]);
	return err;
}

weir_err weir_conditions_compile(weir_arena *mem, json_object *list, const char *type, struct weir_conditions *out)
{
	size_t n = weir_jsonr_count(list);
	struct weir_condition *item = weir_alloc_n(mem, n + 1, sizeof(*item));
	weir_err err = item ? WEIR_OK : WEIR_ENOMEM;

	*out = (struct weir_conditions){ item, 0 };
	for (size_t i = 0; i < n && !err; i++) {
		json_object *o = weir_jsonr_at(list, i);

		if (type && !weir_text_is(weir_jsonr_get_text(o, "type"), type))
			continue;
		err = compile_condition(mem, o, &item[out->count]);
		out->count += !err;
	}
	return err;
}
