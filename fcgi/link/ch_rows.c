/* Answers of ClickHouse as trees of JSON. */
#include "config.h"
#include "link/ch_request.h"

enum { ANSWER_MAX = 64 * 1024 * 1024 };

static void put_tree(void *tree)
{
	json_object_put(tree);
}

weir_err weir_ch_parse(weir_ch *c, weir_arena *mem, const weir_str *answer, json_object **rows)
{
	/* Not weir_jsonr_parse: a FixedString column rightly holds NUL characters. */
	json_tokener *tok = json_tokener_new();
	json_object *tree = NULL;
	weir_err err = tok ? WEIR_OK : WEIR_ENOMEM;

	*rows = NULL;
	if (tok && answer->len <= INT32_MAX)
		tree = json_tokener_parse_ex(tok, answer->buf, (int)answer->len);
	if (!err && (!tree || !json_object_object_get_ex(tree, "data", rows) || !json_object_is_type(*rows, json_type_array))) {
		weir_ch_note(c, "the answer is not of format JSON");
		*rows = NULL;
		err = WEIR_EBADGATEWAY;
	}
	if (tree && weir_arena_defer(mem, put_tree, tree)) {
		*rows = NULL;
		err = WEIR_ENOMEM;
	}
	if (tok)
		json_tokener_free(tok);
	return err;
}

weir_err weir_ch_rows(weir_ch *c, weir_arena *mem, const struct weir_ch_query *q, json_object **rows)
{
	struct weir_ch_query as_json = *q;
	weir_str out;
	weir_err err;

	*rows = NULL;
	as_json.format = "JSON";
	weir_str_init(&out, q->answer_max ? q->answer_max : ANSWER_MAX);
	err = weir_ch_run(c, &as_json, &out);
	if (!err)
		err = weir_ch_parse(c, mem, &out, rows);
	weir_str_free(&out);
	return err;
}
