#include "config.h"
#include "ingest/legacy.h"

#include "base/num.h"

#include <math.h>

/* Doubles hold whole numbers exactly up to here. */
#define EXACT_MAX 9007199254740992.0

/* String(v) of a text, number or boolean; "" for anything else and for what JavaScript takes for nothing. */
static weir_text scalar(weir_arena *mem, json_object *v)
{
	char buf[WEIR_NUM_MAX];

	if (!weir_jsonr_truthy(v))
		return WEIR_TEXT("");
	if (json_object_is_type(v, json_type_boolean))
		return WEIR_TEXT("true");
	if (weir_jsonr_is_number(v))
		return weir_text_dup(mem, weir_num_js(json_object_get_double(v), buf));
	return weir_jsonr_text(v).p ? weir_jsonr_text(v) : WEIR_TEXT("");
}

static weir_err take_groups(weir_arena *mem, json_object *groups, weir_texts *out)
{
	size_t n = weir_jsonr_count(groups);

	*out = (weir_texts){ .item = n ? weir_alloc_n(mem, n, sizeof(weir_text)) : NULL, .count = 0 };
	if (n && !out->item)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		weir_text t = scalar(mem, weir_jsonr_at(groups, i));

		if (t.n)
			out->item[out->count++] = t;
	}
	return WEIR_OK;
}

/* A number, or a text that is one; nothing is 0. False when no column holds it. */
static bool take_revenue(json_object *v, uint64_t *out)
{
	double d = 0;

	*out = 0;
	if (!weir_jsonr_truthy(v))
		return true;
	if (weir_jsonr_is_number(v))
		d = json_object_get_double(v);
	else if (weir_num_double(weir_text_trim(weir_jsonr_text(v)), &d))
		return false;
	if (!(d >= 0) || d > EXACT_MAX || d != floor(d))
		return false;
	*out = (uint64_t)d;
	return true;
}

weir_err weir_legacy_event_read(weir_arena *mem, json_object *body, struct weir_track_event *e, weir_str *issues)
{
	json_object *properties = weir_jsonr_get(body, "properties");
	weir_err err;

	*e = (struct weir_track_event){ .name = scalar(mem, weir_jsonr_get(body, "name")),
		.profile_id = scalar(mem, weir_jsonr_get(body, "profileId")),
		.properties = json_object_is_type(properties, json_type_object) ? properties : NULL };
	err = take_groups(mem, weir_jsonr_get(body, "groups"), &e->groups);
	if (err || !e->name.p || !e->profile_id.p)
		return WEIR_ENOMEM;
	if (weir_text_is(e->name, "session_start") || weir_text_is(e->name, "session_end"))
		weir_str_puts(issues, "body/name Event name cannot be one of the reserved names: session_start, session_end");
	else if (weir_text_is(e->name, "revenue") && !take_revenue(weir_jsonr_get(e->properties, "__revenue"), &e->revenue))
		weir_str_puts(issues, "body/properties/__revenue __revenue must be an integer (no floats or strings)");
	return issues->len || issues->err ? WEIR_EBADREQ : WEIR_OK;
}
