#include "config.h"
#include "base/jsonr.h"
#include "schemas.h"
#include "trpc/jsfault.h"
#include "trpc/schema.h"

#include <stdlib.h>

/* A superjson envelope through every schema, the issues written out, and what JSON.parse would have said. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct weir_schema *const *const schemas[] = {
		&weir_schema_CHART, &weir_schema_EVENTS, &weir_schema_ONBOARDING_PROJECT, &weir_schema_SIGN_UP, &weir_schema_CLIENT_CREATE,
	};
	weir_arena *mem = weir_arena_new(8 * 1024 * 1024);
	weir_text in = { (const char *)data, size }, message;
	json_object *root, *value, *cleaned, *issues;
	struct weir_superjson out;
	weir_str text;
	weir_json j;
	bool absent;

	if (!mem)
		return 0;
	if (weir_jsonr_parse(mem, in, 0, &root, NULL)) {
		if (weir_js_fault(mem, in, &message))
			abort();
	} else if (!weir_superjson_read(mem, root, &value, &absent)) {
		weir_str_init(&text, 16 * 1024 * 1024);
		for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
			if (weir_schema_check(mem, *schemas[i], value, absent, &cleaned, &issues))
				continue;
			weir_str_reset(&text);
			if (issues) {
				weir_issues_text(issues, &text);
				weir_json_init(&j, &text);
				weir_issues_flatten(issues, &j, NULL);
			} else {
				weir_superjson_init(&out, &text);
				weir_sj_tree(&out, NULL, cleaned);
				if (weir_superjson_done(&out) == WEIR_EINTERNAL && weir_str_err(&text) != WEIR_ELIMIT)
					abort();
				weir_superjson_free(&out);
			}
		}
		weir_str_free(&text);
	}
	weir_arena_free(mem);
	return 0;
}
