#include "config.h"
#include "base/jsonr.h"
#include "schemas.h"
#include "trpc/schema.h"
#include "tap.h"

#include <stdlib.h>

/* The validator against what zod says: tests/data/schemas.json, made by tools/make-schema-vectors.mjs. */

static const struct {
	const char *name;
	const struct weir_schema *const *schema;
} schemas[] = {
	{ "SIGN_UP", &weir_schema_SIGN_UP },
	{ "SIGN_IN", &weir_schema_SIGN_IN },
	{ "ONBOARDING_PROJECT", &weir_schema_ONBOARDING_PROJECT },
	{ "CLIENT_CREATE", &weir_schema_CLIENT_CREATE },
	{ "EVENTS", &weir_schema_EVENTS },
	{ "CHART", &weir_schema_CHART },
};

enum { N = sizeof(schemas) / sizeof(*schemas), FILE_MAX = 8 * 1024 * 1024 };

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *p = f ? malloc(FILE_MAX) : NULL;
	size_t n = p ? fread(p, 1, FILE_MAX - 1, f) : 0;

	if (f)
		fclose(f);
	if (p)
		p[n] = '\0';
	return p;
}

static const char *plain(json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* The cleaned value, written out again, against the one expected. */
static int same(weir_arena *mem, json_object *cleaned, json_object *want)
{
	struct weir_superjson out;
	json_object *again = NULL;
	weir_str text;
	int good;

	weir_str_init(&text, 1024 * 1024);
	weir_superjson_init(&out, &text);
	weir_sj_tree(&out, NULL, cleaned);
	good = !weir_superjson_done(&out) && !weir_jsonr_parse(mem, weir_str_view(&text), 0, &again, NULL)
		&& json_object_equal(weir_jsonr_get(again, "json"), want);
	weir_superjson_free(&out);
	weir_str_free(&text);
	return good;
}

static int check_one(json_object *row, const struct weir_schema *schema)
{
	weir_arena *mem = weir_arena_new(4 * 1024 * 1024);
	json_object *value, *cleaned, *issues, *want = weir_jsonr_get(row, "issues");
	weir_str text, flat;
	weir_json j;
	bool absent;
	int good;
	json_object *copy = NULL;

	/* Reading tags changes the tree: the row is printed and parsed again. */
	if (weir_jsonr_parse(mem, weir_text_of(plain(weir_jsonr_get(row, "input"))), 0, &copy, NULL)
		|| weir_superjson_read(mem, copy, &value, &absent)
		|| weir_schema_check(mem, schema, value, absent, &cleaned, &issues)) {
		weir_arena_free(mem);
		return 0;
	}
	weir_str_init(&text, 1024 * 1024);
	weir_str_init(&flat, 1024 * 1024);
	if (want) {
		if (issues) {
			weir_issues_text(issues, &text);
			weir_json_init(&j, &flat);
			weir_issues_flatten(issues, &j, NULL);
		}
		good = !strcmp(text.buf, json_object_get_string(want)) && !strcmp(flat.buf, plain(weir_jsonr_get(row, "flat")));
	} else {
		good = !issues && same(mem, cleaned, weir_jsonr_get(row, "cleaned"));
	}
	if (!good) {
		printf("# input %s\n#  want %s\n", plain(weir_jsonr_get(row, "input")), want ? json_object_get_string(want) : plain(weir_jsonr_get(row, "cleaned")));
		printf("#   got %s %s\n", issues ? text.buf : plain(cleaned), flat.buf);
	}
	weir_str_free(&text);
	weir_str_free(&flat);
	weir_arena_free(mem);
	return good;
}

int main(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	char *text;
	json_object *rows;
	size_t good[N] = { 0 }, all[N] = { 0 };

	snprintf(path, sizeof(path), "%s/tests/data/schemas.json", srcdir ? srcdir : ".");
	text = slurp(path);
	rows = text ? json_tokener_parse(text) : NULL;
	ok(rows != NULL, "the file can be read");
	for (size_t i = 0; rows && i < json_object_array_length(rows); i++) {
		json_object *row = json_object_array_get_idx(rows, i);

		for (size_t k = 0; k < N; k++)
			if (weir_text_is(weir_jsonr_get_text(row, "schema"), schemas[k].name)) {
				all[k]++;
				good[k] += (size_t)check_one(row, *schemas[k].schema);
			}
	}
	for (size_t k = 0; k < N; k++) {
		char name[128];

		snprintf(name, sizeof(name), "%s: %zu of %zu inputs as zod has them", schemas[k].name, good[k], all[k]);
		ok(all[k] > 30 && good[k] == all[k], name);
	}
	json_object_put(rows);
	free(text);
	return tap_done();
}
