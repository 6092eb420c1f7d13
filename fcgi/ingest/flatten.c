#include "config.h"
#include "ingest/flatten.h"
#include "base/num.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static const char too_deep[] = "properties are nested too deeply";
static const char too_large[] = "properties are too many or too long";

/* Bytes of the white space character at p as JavaScript sees it, or 0. */
static size_t js_space(const char *p, size_t n)
{
	size_t len = weir_utf8_len(p, n);
	uint32_t c;

	if (!len)
		return 0;
	c = weir_utf8_decode(p, len);
	if ((c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff)
		return len;
	return 0;
}

weir_text weir_js_trim(weir_text t)
{
	size_t len;

	while (t.n && (len = js_space(t.p, t.n))) {
		t.p += len;
		t.n -= len;
	}
	while (t.n) {
		size_t start = t.n - 1;

		while (start && t.n - start < 3 && ((unsigned char)t.p[start] & 0xc0) == 0x80)
			start--;
		if (js_space(t.p + start, t.n - start) != t.n - start)
			break;
		t.n = start;
	}
	return t;
}

struct flatten {
	struct weir_pairs *out;
	const char **why;
	int depth;
};

static weir_err refuse(struct flatten *f, const char *why)
{
	if (f->why)
		*f->why = why;
	return WEIR_ELIMIT;
}

static weir_err add(struct flatten *f, weir_text key, weir_text value)
{
	weir_err err = weir_pairs_set(f->out, key, value);

	return err == WEIR_ELIMIT ? refuse(f, too_large) : err;
}

/* prefix.key, or key alone at the root. */
static weir_err join(struct flatten *f, weir_text prefix, weir_text key, weir_text *out)
{
	char *buf;

	*out = key;
	if (!prefix.n)
		return WEIR_OK;
	if (key.n > WEIR_PAIRS_BYTES || prefix.n > WEIR_PAIRS_BYTES)
		return refuse(f, too_large);
	if (!(buf = weir_alloc(f->out->arena, prefix.n + key.n + 1)))
		return WEIR_ENOMEM;
	memcpy(buf, prefix.p, prefix.n);
	buf[prefix.n] = '.';
	memcpy(buf + prefix.n + 1, key.p, key.n);
	*out = (weir_text){ buf, prefix.n + 1 + key.n };
	return WEIR_OK;
}

static weir_err add_value(struct flatten *f, weir_text key, json_object *o, const char *const *skip);

static bool listed(const char *const *list, const char *key)
{
	for (; list && *list; list++)
		if (!strcmp(*list, key))
			return true;
	return false;
}

static weir_err add_object(struct flatten *f, weir_text prefix, json_object *o, const char *const *skip)
{
	weir_err err = WEIR_OK;

	json_object_object_foreach(o, name, member) {
		weir_text key = weir_text_of(name);

		if (!member || listed(skip, name))
			continue;
		if ((err = join(f, prefix, key, &key)) || (err = add_value(f, key, member, NULL)))
			break;
	}
	return err;
}

static weir_err add_array(struct flatten *f, weir_text prefix, json_object *o)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; !err && i < weir_jsonr_count(o); i++) {
		json_object *member = weir_jsonr_at(o, i);
		char index[24];
		weir_text key = { index, (size_t)snprintf(index, sizeof(index), "%zu", i) };

		if (!member)
			continue;
		if (prefix.n)
			err = join(f, prefix, key, &key);
		else if (!(key = weir_text_dup(f->out->arena, key)).p)
			err = WEIR_ENOMEM;
		if (!err)
			err = add_value(f, key, member, NULL);
	}
	return err;
}

/* Brackets that are open at once in what may be a JSON document. */
static int nesting(weir_text t)
{
	int depth = 0, most = 0;
	bool quoted = false;

	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			most = ++depth > most ? depth : most;
		else if (!quoted && (c == '}' || c == ']'))
			depth--;
	}
	return most;
}

static weir_err add_document(struct flatten *f, weir_text key, weir_text text)
{
	json_object *o;
	weir_err err = weir_jsonr_parse(f->out->arena, text, WEIR_JSONR_DROP_SURROGATES, &o, NULL);

	if (err == WEIR_EBADREQ)
		return nesting(text) > WEIR_JSONR_DEPTH ? refuse(f, too_deep) : WEIR_OK;
	return err ? err : add_value(f, key, o, NULL);
}

static weir_err add_text(struct flatten *f, weir_text key, weir_text value)
{
	if (!value.n)
		return WEIR_OK;
	if (value.p[0] == '{' || value.p[0] == '[') {
		char last = value.p[value.n - 1];

		return last == '}' || last == ']' ? add_document(f, key, value) : WEIR_OK;
	}
	return add(f, key, weir_js_trim(value));
}

static weir_err add_number(struct flatten *f, weir_text key, double value)
{
	char buf[WEIR_NUM_MAX];
	weir_text text = weir_text_dup(f->out->arena, weir_num_js(value, buf));

	return text.p ? add(f, key, text) : WEIR_ENOMEM;
}

static weir_err add_value(struct flatten *f, weir_text key, json_object *o, const char *const *skip)
{
	weir_err err = WEIR_OK;

	if (f->depth == WEIR_FLATTEN_DEPTH)
		return refuse(f, too_deep);
	f->depth++;
	switch (json_object_get_type(o)) {
	case json_type_object:
		err = add_object(f, key, o, skip);
		break;
	case json_type_array:
		err = add_array(f, key, o);
		break;
	case json_type_string:
		err = add_text(f, key, weir_jsonr_text(o));
		break;
	case json_type_boolean:
		err = add(f, key, json_object_get_boolean(o) ? WEIR_TEXT("true") : WEIR_TEXT("false"));
		break;
	case json_type_int:
	case json_type_double:
		err = add_number(f, key, json_object_get_double(o));
		break;
	case json_type_null:
		break;
	}
	f->depth--;
	return err;
}

weir_err weir_flatten(struct weir_pairs *out, weir_text prefix, json_object *o, const char *const *skip, const char **why)
{
	struct flatten f = { out, why, 0 };

	return add_value(&f, prefix, o, skip);
}

weir_err weir_flatten_text(struct weir_pairs *out, weir_text key, weir_text value, const char **why)
{
	struct flatten f = { out, why, 0 };

	return add_text(&f, key, value);
}

static void put(void *o)
{
	json_object_put(o);
}

/* Sets parent[name] to a new string or object and returns it; NULL on no memory. */
static json_object *set_member(weir_arena *a, json_object *parent, weir_text name, json_object *member)
{
	const char *key = weir_strndup(a, name.p ? name.p : "", name.n);

	if (!member)
		return NULL;
	if (!key || json_object_object_add(parent, key, member)) {
		json_object_put(member);
		return NULL;
	}
	return member;
}

static json_object *member_object(weir_arena *a, json_object *parent, weir_text name)
{
	char *key = weir_strndup(a, name.p ? name.p : "", name.n);
	json_object *old = NULL;

	if (!key)
		return NULL;
	if (json_object_object_get_ex(parent, key, &old) && json_object_is_type(old, json_type_object))
		return old;
	return set_member(a, parent, name, json_object_new_object());
}

weir_err weir_unflatten(weir_arena *a, const struct weir_pairs *in, json_object **out)
{
	json_object *root = json_object_new_object();

	if (!root || weir_arena_defer(a, put, root))
		return WEIR_ENOMEM;
	for (size_t i = 0; i < in->n; i++) {
		weir_text key = in->v[i].key, value = in->v[i].value;
		json_object *at = root;
		const char *dot;

		for (int depth = 1; depth < WEIR_FLATTEN_DEPTH && key.n && (dot = memchr(key.p, '.', key.n)); depth++) {
			weir_text part = { key.p, (size_t)(dot - key.p) };

			key = (weir_text){ dot + 1, key.n - part.n - 1 };
			if (!(at = member_object(a, at, part)))
				return WEIR_ENOMEM;
		}
		if (value.n > INT32_MAX || !set_member(a, at, key, json_object_new_string_len(value.p ? value.p : "", (int)value.n)))
			return WEIR_ENOMEM;
	}
	*out = root;
	return WEIR_OK;
}
