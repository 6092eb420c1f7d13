#include "config.h"
#include "rest/query.h"

#include "base/jsonr.h"
#include "base/num.h"
#include "link/req.h"

#include <math.h>

enum { VALUES_MAX = 1000 };

static void drop(void *node)
{
	json_object_put(node);
}

static bool is_number(weir_text t)
{
	size_t i = t.n && t.p[0] == '-', digits = 0;
	bool point = false;

	for (; i < t.n; i++) {
		if (t.p[i] == '.' && !point && digits) {
			point = true;
			digits = 0;
		} else if (t.p[i] >= '0' && t.p[i] <= '9') {
			digits++;
		} else {
			return false;
		}
	}
	return digits > 0;
}

/* Whether a text may stand there as it is; a word of a choice is one too. */
static bool wants_text(const struct weir_schema *s)
{
	if (s->kind == WEIR_SCHEMA_NULLABLE || s->kind == WEIR_SCHEMA_ARRAY)
		return wants_text(s->item);
	for (size_t i = 0; s->kind == WEIR_SCHEMA_UNION && i < s->count; i++)
		if (wants_text(s->members[i]))
			return true;
	return s->kind == WEIR_SCHEMA_STRING || s->kind == WEIR_SCHEMA_ENUM;
}

/* Where a number must stand, what is none becomes JavaScript's: the schema then says so. */
static bool wants_number(const struct weir_schema *s)
{
	return s->kind == WEIR_SCHEMA_NUMBER || s->kind == WEIR_SCHEMA_INTEGER;
}

static double number_of(weir_text t)
{
	return t.n && !weir_text_is(t, "false") ? weir_text_is(t, "true") ? 1 : NAN : 0;
}

static weir_err value_of(weir_arena *mem, weir_text t, const struct weir_schema *schema, json_object **out)
{
	json_object *parsed = NULL;
	double number;

	*out = NULL;
	if (schema && wants_text(schema))
		*out = json_object_new_string_len(t.p ? t.p : "", (int)t.n);
	else if (is_number(t) && !weir_num_double(t, &number))
		*out = json_object_new_double(number);
	else if (schema && wants_number(schema))
		*out = json_object_new_double(number_of(t));
	else if (weir_text_is(t, "true") || weir_text_is(t, "false"))
		*out = json_object_new_boolean(weir_text_is(t, "true"));
	else if (t.n && !weir_jsonr_parse(mem, t, 0, &parsed, NULL) && parsed)
		*out = json_object_get(parsed);
	else
		*out = json_object_new_string_len(t.p ? t.p : "", (int)t.n);
	return *out ? WEIR_OK : WEIR_ENOMEM;
}

static const struct weir_schema *member(const struct weir_schema *schema, weir_text name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (weir_text_is(name, schema->fields[i].name))
			return schema->fields[i].schema;
	return NULL;
}

/* Takes value over. */
static weir_err add(json_object *object, const char *name, json_object *value)
{
	json_object *known = NULL, *list;

	if (!json_object_object_get_ex(object, name, &known))
		return json_object_object_add(object, name, value) ? WEIR_ENOMEM : WEIR_OK;
	if (json_object_is_type(known, json_type_array))
		return json_object_array_add(known, value) ? WEIR_ENOMEM : WEIR_OK;
	list = json_object_new_array();
	if (!list || json_object_array_add(list, json_object_get(known)) || json_object_array_add(list, value)
		|| json_object_object_add(object, name, list))
		return WEIR_ENOMEM;
	return WEIR_OK;
}

weir_err weir_query_object(weir_arena *mem, weir_text query, const struct weir_schema *schema, json_object **out)
{
	weir_text pair, name, value;
	json_object *node;
	size_t count = 0;
	weir_err err = WEIR_OK;

	*out = json_object_new_object();
	if (!*out || weir_arena_defer(mem, drop, *out))
		return WEIR_ENOMEM;
	while (!err && weir_text_next(&query, '&', &pair)) {
		const char *is = pair.n ? memchr(pair.p, '=', pair.n) : NULL;

		if (++count > VALUES_MAX)
			return WEIR_ELIMIT;
		name = (weir_text){ pair.p, is ? (size_t)(is - pair.p) : pair.n };
		value = is ? (weir_text){ is + 1, pair.n - name.n - 1 } : (weir_text){ "", 0 };
		err = weir_req_decode(mem, name, true, &name);
		if (!err)
			err = weir_req_decode(mem, value, true, &value);
		if (!err)
			name = weir_text_dup(mem, name);
		if (!err && !name.p)
			err = WEIR_ENOMEM;
		if (!err)
			err = value_of(mem, value, member(schema, name), &node);
		if (!err)
			err = add(*out, name.p, node);
	}
	return err;
}
