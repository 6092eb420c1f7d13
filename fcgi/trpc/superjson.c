#include "config.h"
#include "trpc/superjson.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/num.h"

#include <math.h>

/* Tags hang on nodes as the address of one of these. */
static char tag_of[WEIR_JS_COUNT];

static const struct {
	const char *name;
	enum weir_js_kind kind;
} tag_names[] = {
	{ "undefined", WEIR_JS_UNDEFINED }, { "Date", WEIR_JS_DATE },     { "number", WEIR_JS_NUMBER },
	{ "bigint", WEIR_JS_BIGINT },       { "map", WEIR_JS_MAP },       { "set", WEIR_JS_SET },
	{ "regexp", WEIR_JS_REGEXP },       { "URL", WEIR_JS_URL },       { "Error", WEIR_JS_ERROR },
};

static const char *const words[WEIR_JS_COUNT] = {
	[WEIR_JS_UNDEFINED] = "undefined", [WEIR_JS_NULL] = "null",     [WEIR_JS_BOOLEAN] = "boolean",
	[WEIR_JS_NUMBER] = "number",       [WEIR_JS_STRING] = "string", [WEIR_JS_ARRAY] = "array",
	[WEIR_JS_OBJECT] = "object",       [WEIR_JS_DATE] = "Date",     [WEIR_JS_BIGINT] = "bigint",
	[WEIR_JS_MAP] = "Map",             [WEIR_JS_SET] = "Set",       [WEIR_JS_REGEXP] = "RegExp",
	[WEIR_JS_URL] = "URL",             [WEIR_JS_ERROR] = "Error",   [WEIR_JS_BYTES] = "Uint8Array",
	[WEIR_JS_OTHER] = "symbol",
};

enum weir_js_kind weir_js_kind_of(json_object *o)
{
	char *tag = o ? json_object_get_userdata(o) : NULL;

	if (tag >= tag_of && tag < tag_of + WEIR_JS_COUNT)
		return (enum weir_js_kind)(tag - tag_of);
	switch (json_object_get_type(o)) {
	case json_type_null:
		return WEIR_JS_NULL;
	case json_type_boolean:
		return WEIR_JS_BOOLEAN;
	case json_type_double:
	case json_type_int:
		return WEIR_JS_NUMBER;
	case json_type_string:
		return WEIR_JS_STRING;
	case json_type_array:
		return WEIR_JS_ARRAY;
	case json_type_object:
		break;
	}
	return WEIR_JS_OBJECT;
}

const char *weir_js_word(enum weir_js_kind kind)
{
	return words[kind];
}

/* ------------------------------------------------------------ reading */

/* A place in the tree: member key of an object, element index of an array, or the root. */
struct place {
	json_object *parent, *node;
	const char *key;
	size_t index;
	bool gone;
};

static enum weir_js_kind tag_kind(json_object *tag)
{
	weir_text name = weir_jsonr_text(tag);

	for (size_t i = 0; i < sizeof(tag_names) / sizeof(*tag_names); i++)
		if (name.p && weir_text_is(name, tag_names[i].name))
			return tag_names[i].kind;
	if (json_object_is_type(tag, json_type_array) && weir_text_is(weir_jsonr_text(weir_jsonr_at(tag, 0)), "typed-array"))
		return WEIR_JS_BYTES;
	return WEIR_JS_OTHER;
}

/* Puts node into the tree where the place is; takes over the reference. */
static int put_at(struct place *at, json_object *node)
{
	int failed = 0;

	if (json_object_is_type(at->parent, json_type_array))
		failed = json_object_array_put_idx(at->parent, at->index, node);
	else if (at->parent)
		failed = json_object_object_add(at->parent, at->key, node);
	if (!failed)
		at->node = node;
	return failed;
}

static void drop_node(void *node)
{
	json_object_put(node);
}

/* A node of our own in the place of what was there. */
static weir_err replace(weir_arena *mem, struct place *at, json_object *node)
{
	if (!node)
		return WEIR_ENOMEM;
	if (at->parent) {
		if (put_at(at, node)) {
			json_object_put(node);
			return WEIR_ENOMEM;
		}
		return WEIR_OK;
	}
	at->node = node;
	return weir_arena_defer(mem, drop_node, node) ? WEIR_ENOMEM : WEIR_OK;
}

static weir_err set_number(weir_arena *mem, struct place *at)
{
	weir_text t = weir_jsonr_text(at->node);
	double v;

	if (weir_text_is(t, "NaN"))
		v = NAN;
	else if (weir_text_is(t, "Infinity"))
		v = INFINITY;
	else if (weir_text_is(t, "-Infinity"))
		v = -INFINITY;
	else if (weir_text_is(t, "-0"))
		v = -0.0;
	else if (!t.p || weir_num_double(t, &v))
		return WEIR_OK;
	return replace(mem, at, json_object_new_double(v));
}

static weir_err set_tag(weir_arena *mem, struct place *at, enum weir_js_kind kind)
{
	weir_err err = WEIR_OK;

	if (kind == WEIR_JS_UNDEFINED && (!at->parent || json_object_is_type(at->parent, json_type_object))) {
		if (at->parent)
			json_object_object_del(at->parent, at->key);
		at->node = NULL;
		at->gone = true;
		return WEIR_OK;
	}
	if (kind == WEIR_JS_NUMBER)
		return set_number(mem, at);
	/* A tag on what it cannot be on (a Date that is an object) is passed over. */
	if (kind == WEIR_JS_UNDEFINED)
		err = replace(mem, at, json_object_new_string(""));
	else if (kind == WEIR_JS_MAP || kind == WEIR_JS_SET || kind == WEIR_JS_BYTES ? !json_object_is_type(at->node, json_type_array)
		: kind == WEIR_JS_ERROR || kind == WEIR_JS_OTHER ? !at->node : !json_object_is_type(at->node, json_type_string))
		return WEIR_OK;
	if (!err)
		json_object_set_userdata(at->node, &tag_of[kind], NULL);
	return err;
}

/* One step down; false when the path leads nowhere. */
static bool step(struct place *at, const char *segment)
{
	struct place to = { .parent = at->node };
	int64_t index;

	if (json_object_is_type(at->node, json_type_array)) {
		if (weir_num_int(weir_text_of(segment), &index) || index < 0
			|| (size_t)index >= weir_jsonr_count(at->node))
			return false;
		to.index = (size_t)index;
		to.node = weir_jsonr_at(at->node, to.index);
	} else if (json_object_is_type(at->node, json_type_object)) {
		if (!json_object_object_get_ex(at->node, segment, &to.node))
			return false;
		to.key = segment;
	} else {
		return false;
	}
	*at = to;
	return true;
}

/* "a.b\.c.0": a dot behind a backslash belongs to the name. */
static weir_err walk(weir_arena *mem, struct place *at, const char *path, bool *found)
{
	size_t n = strlen(path), len = 0;
	char *segment = weir_alloc(mem, n + 1);

	*found = false;
	for (size_t i = 0; segment && i <= n; i++) {
		if (path[i] == '\\' && path[i + 1] == '.') {
			segment[len++] = path[++i];
		} else if (path[i] == '.' || !path[i]) {
			segment[len] = '\0';
			if (!step(at, segment))
				return WEIR_OK;
			segment += len + 1;
			len = 0;
		} else {
			segment[len++] = path[i];
		}
	}
	*found = segment != NULL;
	return segment ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err apply(weir_arena *mem, struct place *at, json_object *tree);

static weir_err apply_members(weir_arena *mem, struct place *at, json_object *tree)
{
	weir_err err = WEIR_OK;

	json_object_object_foreach(tree, path, below) {
		struct place to = *at;
		bool found;

		err = walk(mem, &to, path, &found);
		if (!err && found)
			err = apply(mem, &to, below);
		if (err)
			break;
	}
	return err;
}

/* tree: ["tag"], ["tag", {path: tree}] or {path: tree}. */
static weir_err apply(weir_arena *mem, struct place *at, json_object *tree)
{
	weir_err err = WEIR_OK;

	if (json_object_is_type(tree, json_type_object))
		return apply_members(mem, at, tree);
	if (!json_object_is_type(tree, json_type_array) || !weir_jsonr_count(tree))
		return WEIR_OK;
	if (json_object_is_type(weir_jsonr_at(tree, 1), json_type_object))
		err = apply_members(mem, at, weir_jsonr_at(tree, 1));
	return err ? err : set_tag(mem, at, tag_kind(weir_jsonr_at(tree, 0)));
}

weir_err weir_superjson_read(weir_arena *mem, json_object *envelope, json_object **value, bool *absent)
{
	struct place root = { 0 };
	json_object *values;
	weir_err err = WEIR_OK;

	*value = NULL;
	*absent = true;
	if (!envelope)
		return WEIR_EBADREQ;
	if (!json_object_object_get_ex(envelope, "json", &root.node) || !json_object_is_type(envelope, json_type_object))
		return WEIR_OK;
	values = weir_jsonr_get(weir_jsonr_get(envelope, "meta"), "values");
	if (values)
		err = apply(mem, &root, values);
	*value = root.node;
	*absent = root.gone;
	return err;
}

/* ------------------------------------------------------------ writing */

enum { PATHS_MAX = 4 * 1024 * 1024 };

void weir_superjson_init(struct weir_superjson *s, weir_str *out)
{
	*s = (struct weir_superjson){ .depth = 0 };
	weir_json_init(&s->json, out);
	weir_str_init(&s->tags, PATHS_MAX);
	weir_str_init(&s->path, PATHS_MAX);
	weir_json_obj(&s->json, NULL);
}

void weir_superjson_free(struct weir_superjson *s)
{
	weir_str_free(&s->tags);
	weir_str_free(&s->path);
}

/* The key to hand to the JSON writer: the root value is the envelope's member "json". */
static const char *place_key(struct weir_superjson *s, const char *key)
{
	return s->depth ? key : "json";
}

static void path_cut(struct weir_superjson *s, size_t len)
{
	if (len < s->path.len) {
		s->path.len = len;
		s->path.buf[len] = '\0';
	}
}

static void path_add(weir_str *path, const char *key, size_t index, bool array, bool last)
{
	if (path->len)
		weir_str_putc(path, '.');
	if (array) {
		weir_str_addf(path, "%zu", index);
		return;
	}
	for (; *key; key++) {
		if (*key == '.' && !last)
			weir_str_putc(path, '\\');
		weir_str_putc(path, *key);
	}
}

/* Counts the value; tag NULL writes none. */
static void value_at(struct weir_superjson *s, const char *key, const char *tag)
{
	int d = s->depth - 1;
	size_t len = s->path.len;
	weir_json j;

	if (!s->depth) {
		s->root_tag = tag != NULL;
		if (tag)
			weir_str_addf(&s->tags, "[\"%s\"]", tag);
		return;
	}
	if (tag && (s->array[d] || key)) {
		path_add(&s->path, key, s->index[d], s->array[d], true);
		weir_str_putc(&s->tags, s->tags.len ? ',' : '{');
		/* The path is a JSON text: let the writer escape it. */
		weir_json_init(&j, &s->tags);
		weir_json_str(&j, NULL, weir_str_view(&s->path));
		weir_str_addf(&s->tags, ":[\"%s\"]", tag);
		path_cut(s, len);
	}
	s->index[d]++;
}

static void open_scope(struct weir_superjson *s, const char *key, bool array)
{
	int d = s->depth;

	if (d >= WEIR_JSON_DEPTH - 1)
		return; /* the JSON writer latches the error */
	s->mark[d] = s->path.len;
	if (d) {
		path_add(&s->path, key ? key : "", s->index[d - 1], s->array[d - 1], false);
		s->index[d - 1]++;
	}
	s->array[d] = array;
	s->index[d] = 0;
	s->depth++;
}

void weir_sj_obj(struct weir_superjson *s, const char *key)
{
	weir_json_obj(&s->json, place_key(s, key));
	open_scope(s, key, false);
}

void weir_sj_arr(struct weir_superjson *s, const char *key)
{
	weir_json_arr(&s->json, place_key(s, key));
	open_scope(s, key, true);
}

void weir_sj_end(struct weir_superjson *s)
{
	if (s->depth)
		path_cut(s, s->mark[--s->depth]);
	weir_json_end(&s->json);
}

void weir_sj_str(struct weir_superjson *s, const char *key, weir_text v)
{
	if (!v.p) {
		weir_sj_null(s, key);
		return;
	}
	weir_json_str(&s->json, place_key(s, key), v);
	value_at(s, key, NULL);
}

void weir_sj_strz(struct weir_superjson *s, const char *key, const char *v)
{
	weir_sj_str(s, key, weir_text_of(v));
}

void weir_sj_int(struct weir_superjson *s, const char *key, int64_t v)
{
	weir_json_int(&s->json, place_key(s, key), v);
	value_at(s, key, NULL);
}

void weir_sj_num(struct weir_superjson *s, const char *key, double v)
{
	char buf[WEIR_NUM_MAX];

	if (isfinite(v) && !(v == 0 && signbit(v))) {
		weir_json_num(&s->json, place_key(s, key), v);
		value_at(s, key, NULL);
		return;
	}
	weir_json_str(&s->json, place_key(s, key), v == 0 ? WEIR_TEXT("-0") : weir_num_js(v, buf));
	value_at(s, key, "number");
}

void weir_sj_bool(struct weir_superjson *s, const char *key, bool v)
{
	weir_json_bool(&s->json, place_key(s, key), v);
	value_at(s, key, NULL);
}

void weir_sj_null(struct weir_superjson *s, const char *key)
{
	weir_json_null(&s->json, place_key(s, key));
	value_at(s, key, NULL);
}

void weir_sj_undefined(struct weir_superjson *s, const char *key)
{
	weir_json_null(&s->json, place_key(s, key));
	value_at(s, key, "undefined");
}

void weir_sj_date(struct weir_superjson *s, const char *key, int64_t ms)
{
	char buf[WEIR_CLOCK_MAX];

	if (ms == INT64_MIN) {
		weir_sj_null(s, key);
		return;
	}
	weir_json_str(&s->json, place_key(s, key), weir_clock_iso(ms, buf));
	value_at(s, key, "Date");
}

void weir_sj_raw(struct weir_superjson *s, const char *key, weir_text json)
{
	weir_json_raw(&s->json, place_key(s, key), json);
	value_at(s, key, NULL);
}

void weir_sj_tree(struct weir_superjson *s, const char *key, json_object *value)
{
	switch (weir_js_kind_of(value)) {
	case WEIR_JS_BOOLEAN:
		weir_sj_bool(s, key, json_object_get_boolean(value));
		return;
	case WEIR_JS_NUMBER:
		if (json_object_is_type(value, json_type_int))
			weir_sj_int(s, key, json_object_get_int64(value));
		else
			weir_sj_num(s, key, json_object_get_double(value));
		return;
	case WEIR_JS_ARRAY:
		weir_sj_arr(s, key);
		for (size_t i = 0; i < weir_jsonr_count(value); i++)
			weir_sj_tree(s, NULL, weir_jsonr_at(value, i));
		weir_sj_end(s);
		return;
	case WEIR_JS_OBJECT:
		weir_sj_obj(s, key);
		json_object_object_foreach(value, name, member)
			weir_sj_tree(s, name, member);
		weir_sj_end(s);
		return;
	case WEIR_JS_UNDEFINED:
		weir_sj_undefined(s, key);
		return;
	case WEIR_JS_DATE:
		weir_json_str(&s->json, place_key(s, key), weir_jsonr_text(value));
		value_at(s, key, "Date");
		return;
	case WEIR_JS_MAP:
	case WEIR_JS_SET:
	case WEIR_JS_BYTES:
		weir_sj_arr(s, key);
		for (size_t i = 0; i < weir_jsonr_count(value); i++)
			weir_sj_tree(s, NULL, weir_jsonr_at(value, i));
		weir_sj_end(s);
		return;
	default:
		weir_sj_str(s, key, weir_jsonr_text(value));
	}
}

weir_err weir_superjson_done(struct weir_superjson *s)
{
	weir_err err;

	if (!s->json.some[1])
		weir_sj_undefined(s, NULL);
	if (s->tags.len) {
		if (!s->root_tag)
			weir_str_putc(&s->tags, '}');
		weir_json_obj(&s->json, "meta");
		weir_json_raw(&s->json, "values", weir_str_view(&s->tags));
		weir_json_end(&s->json);
	}
	weir_json_end(&s->json);
	err = weir_str_err(&s->tags);
	if (!err)
		err = weir_str_err(&s->path);
	return err ? err : weir_json_done(&s->json);
}
