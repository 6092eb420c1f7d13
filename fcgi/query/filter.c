#include "config.h"
#include "query/filter.h"

#include "base/jsonr.h"
#include "base/num.h"

/*
 * One operator: how a value is compared, how several are put together, and
 * what stands around the value.
 */
struct operation {
	const char *name;
	const char *sign_exact, *sign_fold; /* between field and value; the second where the case of letters doesn't count */
	const char *value_before, *value_behind; /* around the text of a LIKE pattern */
	bool all;                      /* all values must agree, not one */
	bool order;                    /* compares by size */
	const char *sign;              /* for typed and ordered comparison */
};

static const struct operation operations[] = {
	{ "is", " = ", " = ", NULL, NULL, false, false, " = " },
	{ "isNot", " != ", " != ", NULL, NULL, true, false, " != " },
	{ "contains", " LIKE ", " ILIKE ", "%", "%", false, false, NULL },
	{ "doesNotContain", " NOT LIKE ", " NOT ILIKE ", "%", "%", true, false, NULL },
	{ "startsWith", " LIKE ", " ILIKE ", "", "%", false, false, NULL },
	{ "endsWith", " LIKE ", " ILIKE ", "%", "", false, false, NULL },
	{ "regex", NULL, NULL, NULL, NULL, false, false, NULL },
	{ "gt", NULL, NULL, NULL, NULL, false, true, " > " },
	{ "lt", NULL, NULL, NULL, NULL, false, true, " < " },
	{ "gte", NULL, NULL, NULL, NULL, false, true, " >= " },
	{ "lte", NULL, NULL, NULL, NULL, false, true, " <= " },
};

/* How both sides of a typed filter are converted; the texts stand around the side's own text. */
static const struct conversion {
	const char *type, *before, *behind;
} conversions[] = {
	{ "number", "toFloat64OrNull(", ")" },
	{ "date", "toDate(parseDateTimeBestEffortOrNull(", "))" },
	{ "datetime", "parseDateTimeBestEffortOrNull(", ")" },
	{ "boolean", "(lower(trim(ifNull(", ", ''))) IN ('true', '1', 'yes'))" },
};

struct filter {
	const struct weir_filter_subject *subject;
	struct weir_event_field field;
	const struct operation *op;
	const struct conversion *as;   /* NULL: compared as text */
	weir_text *values;
	size_t count;
	weir_text word;                /* the operator */
};

static const struct operation *operation_of(weir_text name)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (weir_text_is(name, operations[i].name))
			return &operations[i];
	return NULL;
}

/* A value as JavaScript's String(v).trim() has it. */
static weir_text value_text(weir_arena *mem, json_object *value)
{
	char buf[WEIR_NUM_MAX];

	if (!value)
		return WEIR_TEXT("null");
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? WEIR_TEXT("true") : WEIR_TEXT("false");
	if (json_object_is_type(value, json_type_string))
		return weir_text_trim(weir_jsonr_text(value));
	return weir_text_dup(mem, weir_num_js(json_object_get_double(value), buf));
}

static weir_err values_of(weir_arena *mem, json_object *array, struct filter *f)
{
	f->count = weir_jsonr_count(array);
	f->values = weir_alloc_n(mem, f->count + 1, sizeof(*f->values));
	for (size_t i = 0; f->values && i < f->count; i++)
		f->values[i] = value_text(mem, weir_jsonr_at(array, i));
	return f->values ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err read_filter(weir_arena *mem, json_object *o, struct filter *f)
{
	weir_text type = weir_jsonr_get_text(o, "type");
	weir_err err = f->subject->field_of(mem, weir_jsonr_get_text(o, "name"), &f->field);

	f->word = weir_jsonr_get_text(o, "operator");
	f->op = operation_of(f->word);
	f->as = NULL;
	for (size_t i = 0; i < sizeof(conversions) / sizeof(*conversions); i++)
		if (f->op && f->op->sign && weir_text_is(type, conversions[i].type))
			f->as = &conversions[i];
	return err ? err : values_of(mem, weir_jsonr_get(o, "value"), f);
}

/* Whether the backslash at p quotes a sign of LIKE; any other is a letter, also one that would quote the sign behind the value. */
static bool quotes(const char *p, const char *end)
{
	return p + 1 < end && (p[1] == '%' || p[1] == '_');
}

/* LIKE's own signs in the value are live, as the reference has them (spec/queries.md 4.3). */
static void like_value(weir_sql *q, const struct operation *op, weir_text value)
{
	size_t before = strlen(op->value_before), behind = strlen(op->value_behind), n = before;
	char *p = weir_alloc(q->mem, before + 2 * value.n + behind + 1);

	if (!p) {
		q->err = WEIR_ENOMEM;
		return;
	}
	memcpy(p, op->value_before, before);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' && !quotes(value.p + i, value.p + value.n))
			p[n++] = '\\';
		p[n++] = value.p[i];
	}
	memcpy(p + n, op->value_behind, behind);
	weir_sql_string(q, (weir_text){ p, n + behind });
}

/* The left side: the field, or x inside arrayExists. */
static void side(weir_sql *q, const struct filter *f)
{
	if (f->field.kind == WEIR_FIELD_WILDCARD)
		weir_sql_add(q, "x");
	else
		weir_field_sql(q, &f->field);
}

static void typed(weir_sql *q, const struct filter *f, weir_text value)
{
	weir_sql_const(q, f->as->before);
	weir_sql_add(q, "toString(");
	side(q, f);
	weir_sql_add(q, ")");
	weir_sql_const(q, f->as->behind);
	weir_sql_const(q, f->op->sign);
	weir_sql_const(q, f->as->before);
	weir_sql_string(q, value);
	weir_sql_const(q, f->as->behind);
}

/* Size: numbers as numbers, moments as moments, columns of text by their letters, properties as numbers. */
static void ordered(weir_sql *q, const struct filter *f, weir_text value)
{
	enum weir_field_kind kind = f->field.kind;
	bool number = kind == WEIR_FIELD_NUMBER, text = kind == WEIR_FIELD_TEXT || kind == WEIR_FIELD_TIME || kind == WEIR_FIELD_PROFILE;

	if (!number && !text)
		weir_sql_add(q, "toFloat64OrNull(");
	side(q, f);
	if (!number && !text)
		weir_sql_add(q, ")");
	weir_sql_const(q, f->op->sign);
	if (kind == WEIR_FIELD_TIME)
		weir_sql_add(q, "parseDateTime64BestEffortOrNull(");
	else if (!text)
		weir_sql_add(q, "toFloat64OrNull(");
	weir_sql_string(q, value);
	if (!text || kind == WEIR_FIELD_TIME)
		weir_sql_add(q, ")");
}

static void regex(weir_sql *q, const struct filter *f, weir_text value)
{
	/* /pattern/ as people write it; of properties the slashes are part of the pattern. */
	if (f->field.kind == WEIR_FIELD_TEXT) {
		while (value.n && value.p[0] == '/')
			value = (weir_text){ value.p + 1, value.n - 1 };
		while (value.n && value.p[value.n - 1] == '/')
			value.n--;
	}
	weir_sql_add(q, "match(toString(");
	side(q, f);
	weir_sql_add(q, "), ");
	weir_sql_string(q, value);
	weir_sql_add(q, ")");
}

static void compare(weir_sql *q, const struct filter *f, weir_text value)
{
	if (f->as) {
		typed(q, f, value);
	} else if (f->op->order) {
		ordered(q, f, value);
	} else if (!f->op->sign_exact) {
		regex(q, f, value);
	} else {
		if (f->field.kind == WEIR_FIELD_NUMBER || f->field.kind == WEIR_FIELD_TIME || f->field.kind == WEIR_FIELD_PROFILE)
			weir_sql_add(q, "toString(");
		side(q, f);
		if (f->field.kind == WEIR_FIELD_NUMBER || f->field.kind == WEIR_FIELD_TIME || f->field.kind == WEIR_FIELD_PROFILE)
			weir_sql_add(q, ")");
		weir_sql_const(q, f->subject->fold ? f->op->sign_fold : f->op->sign_exact);
		if (f->op->value_before)
			like_value(q, f->op, value);
		else
			weir_sql_string(q, value);
	}
}

static void each_value(weir_sql *q, const struct filter *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (i)
			weir_sql_const(q, f->op->all ? " AND " : " OR ");
		compare(q, f, f->values[i]);
	}
}

/* isNull: '' or NULL; a number or moment is never ''. */
static void is_null(weir_sql *q, const struct filter *f, bool not)
{
	weir_sql_const(q, not ? " AND NOT (" : " AND (");
	if (f->field.kind == WEIR_FIELD_WILDCARD) {
		weir_sql_add(q, "arrayExists(x -> x = '', ");
		weir_field_sql(q, &f->field);
		weir_sql_add(q, ")");
	} else {
		weir_sql_add(q, "ifNull(toString(");
		weir_field_sql(q, &f->field);
		weir_sql_add(q, "), '') = ''");
	}
	weir_sql_add(q, ")");
}

static bool has_value(const struct filter *f, const char *word)
{
	for (size_t i = 0; i < f->count; i++)
		if (weir_text_is(f->values[i], word))
			return true;
	return false;
}

static void cohorts(weir_sql *q, const struct weir_ask *ask, json_object *o, const struct filter *f, bool in)
{
	json_object *ids = weir_jsonr_get(o, "cohortIds");
	weir_text one = weir_jsonr_get_text(o, "cohortId"), *list;
	size_t n = weir_jsonr_count(ids);

	list = weir_alloc_n(q->mem, n + 1, sizeof(*list));
	if (!list) {
		q->err = WEIR_ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = weir_jsonr_text(weir_jsonr_at(ids, i));
	if (!n && !one.n && f->field.kind == WEIR_FIELD_COHORT)
		one = f->field.key;
	if (!n && one.n)
		list[n++] = one;
	if (!n)
		return;
	weir_sql_add(q, " AND ");
	weir_sql_const(q, f->subject->profile_id);
	weir_sql_const(q, in ? " IN (" : " NOT IN (");
	weir_sql_add(q, "SELECT profile_id FROM cohort_members WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND cohort_id IN ");
	weir_sql_strings(q, list, n);
	weir_sql_add(q, ")");
}

static void one_filter(weir_sql *q, const struct weir_ask *ask, json_object *o, const struct filter *f)
{
	if (weir_text_is(f->word, "inCohort") || weir_text_is(f->word, "notInCohort")) {
		cohorts(q, ask, o, f, weir_text_is(f->word, "inCohort"));
	} else if (f->field.kind == WEIR_FIELD_UNKNOWN || f->field.kind == WEIR_FIELD_COHORT) {
		return; /* names that nothing is known of filter nothing */
	} else if (f->field.kind == WEIR_FIELD_HAS_PROFILE) {
		bool yes = has_value(f, "true") != weir_text_is(f->word, "isNot");

		weir_sql_const(q, yes ? " AND e.profile_id != e.device_id" : " AND e.profile_id = e.device_id");
	} else if (!f->op) {
		is_null(q, f, weir_text_is(f->word, "isNotNull"));
	} else if (f->count) {
		weir_sql_add(q, " AND (");
		if (f->field.kind == WEIR_FIELD_WILDCARD)
			weir_sql_add(q, "arrayExists(x -> ");
		each_value(q, f);
		if (f->field.kind == WEIR_FIELD_WILDCARD) {
			weir_sql_add(q, ", ");
			weir_field_sql(q, &f->field);
			weir_sql_add(q, ")");
		}
		weir_sql_add(q, ")");
	}
}

const struct weir_filter_subject weir_filter_of_events = { weir_field_of, "e.profile_id", false };

weir_err weir_filter_sql(weir_sql *q, const struct weir_ask *ask, const struct weir_filter_subject *subject, json_object *filter)
{
	struct filter f = { .subject = subject };
	weir_err err = read_filter(q->mem, filter, &f);

	if (!err)
		one_filter(q, ask, filter, &f);
	return err;
}

weir_err weir_filters_sql(weir_sql *q, const struct weir_ask *ask, json_object *filters)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < weir_jsonr_count(filters) && !err; i++)
		err = weir_filter_sql(q, ask, &weir_filter_of_events, weir_jsonr_at(filters, i));
	return err;
}

weir_err weir_filters_joins(weir_arena *mem, json_object *filters, struct weir_joins *joins)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < weir_jsonr_count(filters) && !err; i++) {
		struct weir_event_field field;

		err = weir_field_of(mem, weir_jsonr_get_text(weir_jsonr_at(filters, i), "name"), &field);
		if (!err && field.kind != WEIR_FIELD_COHORT)
			weir_field_joins(&field, joins);
	}
	return err;
}
