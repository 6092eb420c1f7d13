#include "config.h"
#include "base/jsonr.h"

#include "base/jsonadapt.h"
#include "base/jsonscan.h"
#include "base/utf8.h"

#include <math.h>
#include <stdint.h>

enum { SMALL_WEIGHT = 250000 };

static void put_tree(void *o)
{
	json_object_put(o);
}

static bool has_proto(json_object *o)
{
	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			if (has_proto(json_object_array_get_idx(o, i)))
				return true;
		return false;
	}
	if (!json_object_is_type(o, json_type_object))
		return false;
	json_object_object_foreach(o, key, value) {
		if (!strcmp(key, "__proto__"))
			return true;
		if (!strcmp(key, "constructor") && weir_jsonr_has(value, "prototype"))
			return true;
		if (has_proto(value))
			return true;
	}
	return false;
}

weir_err weir_jsonr_parse(weir_arena *a, weir_text in, unsigned flags, json_object **out, size_t *at)
{
	static struct json_tokener *tok; /* kept: it holds nothing between two texts */
	enum json_tokener_error jerr;
	bool odd = true;
	size_t fault_at = 0;

	*out = NULL;
	if (weir_text_starts(in, "\xef\xbb\xbf"))
		in = (weir_text){ in.p + 3, in.n - 3 };
	if (in.n > INT32_MAX)
		return WEIR_ELIMIT;
	if (weir_jsonscan_bounded(in, WEIR_JSONR_DEPTH, flags & WEIR_JSONR_SMALL ? SMALL_WEIGHT : SIZE_MAX, &fault_at, &odd)) {
		if (at)
			*at = fault_at;
		return WEIR_EBADREQ;
	}
	in = weir_utf8_clean(a, in);
	if (in.p && odd)
		in = weir_jsonadapt(a, in, flags & WEIR_JSONR_DROP_SURROGATES);
	if (!tok)
		tok = json_tokener_new_ex(WEIR_JSONR_DEPTH + 1);
	if (!tok || !in.p)
		return WEIR_ENOMEM;
	json_tokener_reset(tok);
	*out = json_tokener_parse_ex(tok, in.p, (int)in.n);
	jerr = json_tokener_get_error(tok);
	if (jerr == json_tokener_continue) { /* a number at the very end waits for more */
		*out = json_tokener_parse_ex(tok, "", 1);
		jerr = json_tokener_get_error(tok);
	}
	if (*out && weir_arena_defer(a, put_tree, *out)) {
		*out = NULL;
		return WEIR_ENOMEM;
	}
	if (at)
		*at = 0;
	if (jerr != json_tokener_success)
		return WEIR_EBADREQ;
	return (flags & WEIR_JSONR_REFUSE_PROTO) && has_proto(*out) ? WEIR_EBADREQ : WEIR_OK;
}

json_object *weir_jsonr_get(json_object *o, const char *key)
{
	json_object *value = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, key, &value);
	return value;
}

bool weir_jsonr_has(json_object *o, const char *key)
{
	return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, NULL);
}

weir_text weir_jsonr_text(json_object *o)
{
	if (!json_object_is_type(o, json_type_string))
		return (weir_text){ NULL, 0 };
	return (weir_text){ json_object_get_string(o), (size_t)json_object_get_string_len(o) };
}

weir_text weir_jsonr_get_text(json_object *o, const char *key)
{
	return weir_jsonr_text(weir_jsonr_get(o, key));
}

size_t weir_jsonr_count(json_object *o)
{
	return json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
}

json_object *weir_jsonr_at(json_object *o, size_t index)
{
	return index < weir_jsonr_count(o) ? json_object_array_get_idx(o, index) : NULL;
}

bool weir_jsonr_is_number(json_object *o)
{
	return json_object_is_type(o, json_type_int) || json_object_is_type(o, json_type_double);
}

bool weir_jsonr_truthy(json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		return false;
	case json_type_boolean:
		return json_object_get_boolean(o);
	case json_type_int:
		return json_object_get_int64(o) != 0 || json_object_get_uint64(o) != 0;
	case json_type_double:
		return json_object_get_double(o) != 0 && !isnan(json_object_get_double(o));
	case json_type_string:
		return json_object_get_string_len(o) > 0;
	case json_type_object:
	case json_type_array:
		break;
	}
	return true;
}

const char *weir_jsonr_kind(json_object *o, bool absent)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		return absent ? "undefined" : "null";
	case json_type_boolean:
		return "boolean";
	case json_type_int:
	case json_type_double:
		return "number";
	case json_type_string:
		return "string";
	case json_type_array:
		return "array";
	case json_type_object:
		break;
	}
	return "object";
}
