#include "config.h"
#include "base/jsonr.h"
#include "base/str.h"
#include "rest/query.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

/* Query strings: area rest_query_parse of tests/vectors/ingest.json, and what a schema makes of them. */

static const struct weir_schema text = { .kind = WEIR_SCHEMA_STRING }, number = { .kind = WEIR_SCHEMA_NUMBER };
static const struct weir_schema texts = { .kind = WEIR_SCHEMA_ARRAY, .item = &text };
static const struct weir_field fields[] = {
	{ "text", &text, true, NULL }, { "number", &number, true, NULL }, { "texts", &texts, true, NULL },
};
static const struct weir_schema nothing = { .kind = WEIR_SCHEMA_OBJECT };
static const struct weir_schema some = { .kind = WEIR_SCHEMA_OBJECT, .fields = fields, .count = sizeof(fields) / sizeof(*fields) };

/* name=value, percent-encoded whole. */
static void put_pair(weir_str *out, const char *name, weir_text value)
{
	if (out->len)
		weir_str_putc(out, '&');
	weir_str_puts(out, name);
	weir_str_putc(out, '=');
	for (size_t i = 0; i < value.n; i++)
		weir_str_addf(out, "%%%02X", (unsigned)(unsigned char)value.p[i]);
}

/* Equal as JavaScript has it: 50 is 50.0. */
static bool same(json_object *a, json_object *b)
{
	bool is_number = json_object_is_type(a, json_type_double) || json_object_is_type(a, json_type_int), equal = true;

	if (is_number)
		return !json_object_is_type(b, json_type_string) && json_object_get_double(a) == json_object_get_double(b);
	if (json_object_is_type(a, json_type_array) && json_object_is_type(b, json_type_array)) {
		equal = json_object_array_length(a) == json_object_array_length(b);
		for (size_t i = 0; equal && i < json_object_array_length(a); i++)
			equal = same(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i));
		return equal;
	}
	if (!json_object_is_type(a, json_type_object) || !json_object_is_type(b, json_type_object))
		return json_object_equal(a, b);
	equal = json_object_object_length(a) == json_object_object_length(b);
	json_object_object_foreach(a, key, value)
		equal = equal && same(value, weir_jsonr_get(b, key));
	return equal;
}

static void one_vector(weir_arena *mem, json_object *in, json_object *want)
{
	json_object *got = NULL;
	weir_str query;

	weir_str_init(&query, 4096);
	json_object_object_foreach(in, key, value) {
		size_t n = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;

		if (!n)
			put_pair(&query, key, weir_jsonr_text(value));
		for (size_t i = 0; i < n; i++)
			put_pair(&query, key, weir_jsonr_text(json_object_array_get_idx(value, i)));
	}
	ok(!weir_query_object(mem, weir_str_view(&query), &nothing, &got) && same(got, want), json_object_to_json_string(in));
	weir_str_free(&query);
}

static int recorded(weir_arena *mem)
{
	const char *srcdir = getenv("srcdir");
	char path[1024];
	json_object *all;
	int seen = 0;

	snprintf(path, sizeof(path), "%s/tests/vectors/ingest.json", srcdir ? srcdir : ".");
	all = json_object_from_file(path);
	for (size_t i = 0; all && i < json_object_array_length(all); i++) {
		json_object *v = json_object_array_get_idx(all, i);

		if (weir_text_is(weir_jsonr_get_text(v, "area"), "rest_query_parse") && ++seen)
			one_vector(mem, weir_jsonr_get(v, "input"), weir_jsonr_get(v, "expected"));
	}
	json_object_put(all);
	return seen;
}

static json_object *parsed(weir_arena *mem, const char *query)
{
	json_object *got = NULL;

	return weir_query_object(mem, weir_text_of(query), &some, &got) ? NULL : got;
}

static const char *json(json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
}

int main(void)
{
	weir_arena *mem = weir_arena_new((size_t)64 * 1024 * 1024);

	ok(recorded(mem) >= 10, "the recorded query strings were there");
	is(json(parsed(mem, "text=007&texts=1&texts=true")), "{\"text\":\"007\",\"texts\":[\"1\",\"true\"]}", "what is to be a text stays one");
	is(json(parsed(mem, "number=-1.5&text=")), "{\"number\":-1.5,\"text\":\"\"}", "a number");
	ok(isnan(json_object_get_double(weir_jsonr_get(parsed(mem, "number=abc"), "number"))), "what is none where one must be");
	is(json(parsed(mem, "x=%7B%22a%22%3A%5B1%5D%7D&y=%7B")), "{\"x\":{\"a\":[1]},\"y\":\"{\"}", "JSON, and what only looks like it");
	ok(!parsed(mem, "x=%2"), "a broken escape is refused");
	is(json(parsed(mem, "")), "{}", "nothing");
	weir_arena_free(mem);
	return tap_done();
}
