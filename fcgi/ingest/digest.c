/* A form of JSON in which equal values are equal bytes, and its digest. */
#include "config.h"
#include "ingest/digest.h"

#include "base/str.h"

#include <stdlib.h>

enum { FORM_MAX = 16 * 1024 * 1024, FORM_USUAL = 1000 };

struct member {
	const char *key;
	json_object *value;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

/*
 * A value's kind, length and bytes, so that no two different values run
 * together into the same bytes.  The length has seven bits in each byte but
 * the last: most values are short, and every byte is hashed.
 */
static void put(weir_str *out, char kind, const void *p, size_t n)
{
	char head[2 + sizeof(n) * 8 / 7 + 1];
	size_t at = 0, left = n;

	head[at++] = kind;
	for (; left > 127; left >>= 7)
		head[at++] = (char)(left & 127);
	head[at++] = (char)(left | 128);
	weir_str_add(out, head, at);
	weir_str_add(out, p, n);
}

static void put_value(weir_arena *mem, json_object *o, weir_str *out);

static void put_object(weir_arena *mem, json_object *o, weir_str *out)
{
	size_t n = (size_t)json_object_object_length(o), i = 0;
	struct member *list = weir_alloc_n(mem, n + 1, sizeof(*list));

	if (!list)
		return; /* the arena remembers */
	json_object_object_foreach(o, key, value)
		list[i++] = (struct member){ key, value };
	qsort(list, n, sizeof(*list), by_key);
	put(out, '{', NULL, 0);
	for (i = 0; i < n; i++) {
		put(out, 'k', list[i].key, strlen(list[i].key));
		put_value(mem, list[i].value, out);
	}
	weir_str_putc(out, '}');
}

static void put_value(weir_arena *mem, json_object *o, weir_str *out)
{
	weir_text t;
	double d;
	bool yes;

	switch (json_object_get_type(o)) {
	case json_type_null:
		put(out, 'n', NULL, 0);
		break;
	case json_type_boolean:
		yes = json_object_get_boolean(o);
		put(out, 'b', &yes, sizeof(yes));
		break;
	case json_type_int:
	case json_type_double:
		d = json_object_get_double(o);
		put(out, 'd', &d, sizeof(d));
		break;
	case json_type_string:
		t = weir_jsonr_text(o);
		put(out, 's', t.p, t.n);
		break;
	case json_type_array:
		put(out, '[', NULL, 0);
		for (size_t i = 0; i < weir_jsonr_count(o); i++)
			put_value(mem, weir_jsonr_at(o, i), out);
		weir_str_putc(out, ']');
		break;
	case json_type_object:
		put_object(mem, o, out);
		break;
	}
}

weir_err weir_request_digest(weir_arena *mem, json_object *body, const weir_text *parts, size_t count, char out[WEIR_DIGEST_LEN + 1])
{
	uint8_t digest[32];
	weir_str form;
	weir_text view;
	weir_err err;

	weir_str_init(&form, FORM_MAX);
	weir_str_reserve(&form, FORM_USUAL);
	for (size_t i = 0; i < count; i++)
		put(&form, 'p', parts[i].p, parts[i].n);
	put_value(mem, body, &form);
	view = weir_str_view(&form);
	err = weir_arena_failed(mem) ? WEIR_ENOMEM : weir_str_err(&form);
	if (!err)
		err = weir_sha256(&view, 1, digest);
	if (!err)
		weir_hex(digest, WEIR_DIGEST_LEN / 2, out);
	weir_str_free(&form);
	return err;
}
