/* The schemas of /track as a table, and the walk over it. */
#include "config.h"
#include "ingest/track_input.h"

#include "base/num.h"
#include "base/utf8.h"
#include "ingest/format.h"
#include "ingest/name_rule.h"

#include <math.h>

/* The largest integer that JavaScript counts exactly. */
#define SAFE_MAX 9007199254740991.0

enum kind {
	TEXT,        /* min to max UTF-16 units */
	PROFILE,     /* text that is not empty, or a finite number */
	RECORD,
	TEXTS,       /* array of texts that are not empty */
	TEXTS_NULL,  /* the same, or null */
	POSITIVE,    /* number above 0 */
	INTEGER,     /* min to max */
	BOOLEAN,
	EMAIL,
	URL,
	DATETIME
};

enum {
	EVENT = 1 << WEIR_TRACK_EVENT,
	IDENTIFY = 1 << WEIR_TRACK_IDENTIFY,
	ADJUST = 1 << WEIR_TRACK_INCREMENT | 1 << WEIR_TRACK_DECREMENT,
	ALIAS = 1 << WEIR_TRACK_ALIAS,
	GROUP = 1 << WEIR_TRACK_GROUP,
	ASSIGN = 1 << WEIR_TRACK_ASSIGN_GROUP,
	REPLAY = 1 << WEIR_TRACK_REPLAY
};

static const struct {
	const char *word;
	enum weir_track_type type;
} types[] = {
	{ "track", WEIR_TRACK_EVENT },         { "identify", WEIR_TRACK_IDENTIFY },
	{ "increment", WEIR_TRACK_INCREMENT }, { "decrement", WEIR_TRACK_DECREMENT },
	{ "alias", WEIR_TRACK_ALIAS },         { "group", WEIR_TRACK_GROUP },
	{ "replay", WEIR_TRACK_REPLAY },       { "assign_group", WEIR_TRACK_ASSIGN_GROUP },
};

/* In the order in which faults are told. max 0: no bound. */
static const struct field {
	unsigned types;
	const char *name;
	enum kind kind;
	bool required;
	int64_t min, max;
} fields[] = {
	{ EVENT, "name", TEXT, true, 1, 0 },
	{ EVENT, "properties", RECORD, false, 0, 0 },
	{ EVENT, "profileId", PROFILE, false, 0, 0 },
	{ EVENT, "groups", TEXTS_NULL, false, 0, 0 },
	{ IDENTIFY, "profileId", PROFILE, true, 0, 0 },
	{ IDENTIFY, "firstName", TEXT, false, 0, 0 },
	{ IDENTIFY, "lastName", TEXT, false, 0, 0 },
	{ IDENTIFY, "email", EMAIL, false, 0, 0 },
	{ IDENTIFY, "avatar", URL, false, 0, 0 },
	{ IDENTIFY, "properties", RECORD, false, 0, 0 },
	{ ADJUST, "profileId", PROFILE, true, 0, 0 },
	{ ADJUST, "property", TEXT, true, 1, 0 },
	{ ADJUST, "value", POSITIVE, false, 0, 0 },
	{ ALIAS, "profileId", TEXT, true, 1, 0 },
	{ ALIAS, "alias", TEXT, true, 1, 0 },
	{ GROUP, "id", TEXT, true, 1, 0 },
	{ GROUP, "type", TEXT, true, 1, 0 },
	{ GROUP, "name", TEXT, true, 1, 0 },
	{ GROUP, "properties", RECORD, false, 0, 0 },
	{ ASSIGN, "groupIds", TEXTS, true, 0, 0 },
	{ ASSIGN, "profileId", PROFILE, false, 0, 0 },
	{ REPLAY, "chunk_index", INTEGER, true, 0, 65535 },
	{ REPLAY, "events_count", INTEGER, true, 1, 0 },
	{ REPLAY, "is_full_snapshot", BOOLEAN, true, 0, 0 },
	{ REPLAY, "started_at", DATETIME, true, 0, 0 },
	{ REPLAY, "ended_at", DATETIME, true, 0, 0 },
	{ REPLAY, "payload", TEXT, true, 0, 2097152 },
	{ REPLAY, "sessionId", TEXT, false, 0, 64 },
};

/* Where a fault is: "payload/groups/0" from three parts. */
struct place {
	const char *parent, *name;
	int index; /* -1: none */
};

static const struct place root = { NULL, NULL, -1 };

static void issue(weir_str *out, struct place at, const char *text)
{
	if (out->len)
		weir_str_puts(out, ", ");
	weir_str_puts(out, "body/");
	if (at.parent) {
		weir_str_puts(out, at.parent);
		weir_str_putc(out, '/');
	}
	if (at.name)
		weir_str_puts(out, at.name);
	if (at.index >= 0)
		weir_str_addf(out, "/%d", at.index);
	weir_str_putc(out, ' ');
	weir_str_puts(out, text);
}

static bool wanted(weir_str *out, struct place at, const char *want, json_object *got, bool absent)
{
	issue(out, at, "Invalid input: expected ");
	weir_str_puts(out, want);
	weir_str_puts(out, ", received ");
	weir_str_puts(out, weir_jsonr_kind(got, absent));
	return false;
}

static bool bound(weir_str *out, struct place at, const char *text, int64_t limit)
{
	issue(out, at, text);
	weir_str_addf(out, "%lld", (long long)limit);
	return false;
}

/* The bounds of a text's length; an array in its place is measured as well, as the validator that SDKs know does. */
static bool check_length(size_t n, const char *what, const char *unit, struct place at, int64_t min, int64_t max, weir_str *out)
{
	bool small = (int64_t)n < min, big = max && (int64_t)n > max;

	if (!small && !big)
		return true;
	issue(out, at, small ? "Too small: expected " : "Too big: expected ");
	weir_str_puts(out, what);
	weir_str_addf(out, " to have %s%lld", small ? ">=" : "<=", (long long)(small ? min : max));
	weir_str_puts(out, unit);
	return false;
}

static bool check_text(json_object *v, bool absent, struct place at, int64_t min, int64_t max, weir_str *out)
{
	if (json_object_is_type(v, json_type_string))
		return check_length(weir_utf16_units(weir_jsonr_text(v)), "string", " characters", at, min, max, out);
	wanted(out, at, "string", v, absent);
	if (json_object_is_type(v, json_type_array))
		check_length(weir_jsonr_count(v), "array", " items", at, min, max, out);
	return false;
}

static bool check_profile(json_object *v, struct place at, weir_str *out)
{
	if (json_object_is_type(v, json_type_string))
		return check_text(v, false, at, 1, 0, out);
	if (weir_jsonr_is_number(v) && isfinite(json_object_get_double(v)))
		return true;
	issue(out, at, "Invalid input");
	return false;
}

static bool check_texts(json_object *v, bool absent, struct place at, weir_str *out)
{
	bool good = true;

	if (!json_object_is_type(v, json_type_array))
		return wanted(out, at, "array", v, absent);
	for (size_t i = 0; i < weir_jsonr_count(v) && !out->err; i++) {
		at.index = (int)i;
		good &= check_text(weir_jsonr_at(v, i), false, at, 1, 0, out);
	}
	return good;
}

static bool check_integer(double d, struct place at, const struct field *f, weir_str *out)
{
	bool good = true;

	if (d > SAFE_MAX || d < -SAFE_MAX)
		good = bound(out, at, d > 0 ? "Too big: expected int to be <=" : "Too small: expected int to be >=",
			d > 0 ? (int64_t)SAFE_MAX : -(int64_t)SAFE_MAX);
	if (d < (double)f->min)
		good = bound(out, at, "Too small: expected number to be >=", f->min);
	if (f->max && d > (double)f->max)
		good = bound(out, at, "Too big: expected number to be <=", f->max);
	return good;
}

static bool check_number(json_object *v, bool absent, struct place at, const struct field *f, weir_str *out)
{
	double d = json_object_get_double(v);

	if (!weir_jsonr_is_number(v) || !isfinite(d))
		return wanted(out, at, "number", v, absent);
	if (f->kind == INTEGER)
		return d == floor(d) ? check_integer(d, at, f, out) : wanted(out, at, "int", v, absent);
	if (d > 0)
		return true;
	issue(out, at, "Too small: expected number to be >0");
	return false;
}

/* A text with a form of its own. */
static bool check_form(json_object *v, bool absent, struct place at, enum kind kind, weir_arena *mem, weir_str *out)
{
	weir_text t = weir_jsonr_text(v);
	bool good = false;

	if (!json_object_is_type(v, json_type_string))
		return wanted(out, at, "string", v, absent);
	if (kind == EMAIL)
		good = weir_format_email(t);
	else if (kind == DATETIME)
		good = weir_format_datetime(t);
	else if (weir_format_url(mem, t, &good, NULL))
		good = false;
	if (!good)
		issue(out, at, kind == EMAIL ? "Invalid email address" : kind == URL ? "Invalid URL" : "Invalid ISO datetime");
	return good;
}

/* parent: where the object that has the field is. */
static bool check_field(const struct field *f, const char *parent, json_object *payload, weir_arena *mem, weir_str *out)
{
	bool absent = !weir_jsonr_has(payload, f->name);
	json_object *v = weir_jsonr_get(payload, f->name);
	struct place at = { parent, f->name, -1 };

	if (absent && !f->required)
		return true;
	switch (f->kind) {
	case TEXT:
		return check_text(v, absent, at, f->min, f->max, out);
	case PROFILE:
		return check_profile(v, at, out);
	case RECORD:
		return json_object_is_type(v, json_type_object) || wanted(out, at, "record", v, absent);
	case TEXTS:
		return check_texts(v, absent, at, out);
	case TEXTS_NULL:
		return !v || check_texts(v, absent, at, out);
	case POSITIVE:
	case INTEGER:
		return check_number(v, absent, at, f, out);
	case BOOLEAN:
		return json_object_is_type(v, json_type_boolean) || wanted(out, at, "boolean", v, absent);
	case EMAIL:
	case URL:
	case DATETIME:
		break;
	}
	return check_form(v, absent, at, f->kind, mem, out);
}

/* Rules about an event's name, asked only when its shape is right. */
static bool check_event(json_object *payload, weir_str *out)
{
	weir_text name = weir_jsonr_get_text(payload, "name");
	json_object *revenue = weir_jsonr_get(weir_jsonr_get(payload, "properties"), "__revenue");
	double d = json_object_get_double(revenue);

	if (weir_name_is_reserved(name))
		issue(out, (struct place){ "payload", "name", -1 },
			"Event name cannot be one of the reserved names: session_start, session_end");
	else if (weir_name_is_blocked(name))
		issue(out, (struct place){ "payload", "name", -1 }, "Event name contains blocked content");
	if (weir_text_is(name, "revenue") && revenue) {
		struct place at = { "payload/properties", "__revenue", -1 };

		if (!weir_jsonr_is_number(revenue) || !isfinite(d) || d < 0 || d != floor(d))
			issue(out, at, "__revenue must be an integer (no floats or strings)");
		else if (d >= 18446744073709551616.0)
			issue(out, at, "Too big: expected number to be <=18446744073709551615");
	}
	return !out->len;
}

static bool check_fields(enum weir_track_type type, const char *parent, json_object *payload, weir_arena *mem, weir_str *out)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].types & 1u << type)
			good &= check_field(&fields[i], parent, payload, mem, out);
	return good;
}

static void check_payload(enum weir_track_type type, json_object *payload, bool absent, weir_arena *mem, weir_str *out)
{
	if (!json_object_is_type(payload, json_type_object)) {
		wanted(out, (struct place){ NULL, "payload", -1 }, "object", payload, absent);
		return;
	}
	if (check_fields(type, "payload", payload, mem, out) && type == WEIR_TRACK_EVENT)
		check_event(payload, out);
}

static bool find_type(json_object *body, enum weir_track_type *type)
{
	weir_text word = weir_jsonr_get_text(body, "type");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (word.p && weir_text_is(word, types[i].word)) {
			*type = types[i].type;
			return true;
		}
	return false;
}

weir_err weir_track_input_read(weir_arena *mem, json_object *body, bool absent, struct weir_track_input *in, weir_str *issues)
{
	static const char *const credentials[] = { "clientId", "clientSecret" };

	*in = (struct weir_track_input){ .type = WEIR_TRACK_EVENT };
	if (!json_object_is_type(body, json_type_object)) {
		/* Twice: the body is what its type's schema and the credentials' schema both say. */
		wanted(issues, root, "object", body, absent);
		wanted(issues, root, "object", body, absent);
		return WEIR_EBADREQ;
	}
	if (find_type(body, &in->type))
		check_payload(in->type, weir_jsonr_get(body, "payload"), !weir_jsonr_has(body, "payload"), mem, issues);
	else
		issue(issues, (struct place){ NULL, "type", -1 }, "Invalid input");
	for (size_t i = 0; i < sizeof(credentials) / sizeof(credentials[0]); i++)
		if (weir_jsonr_has(body, credentials[i]))
			check_text(weir_jsonr_get(body, credentials[i]), false, (struct place){ NULL, credentials[i], -1 }, 0, 0, issues);
	if (weir_arena_failed(mem))
		return WEIR_ENOMEM;
	if (issues->len || issues->err)
		return WEIR_EBADREQ;
	in->payload = weir_jsonr_get(body, "payload");
	in->client_id = weir_jsonr_get_text(body, "clientId");
	in->client_secret = weir_jsonr_get_text(body, "clientSecret");
	return WEIR_OK;
}

weir_text weir_track_profile_id(weir_arena *mem, json_object *v)
{
	char buf[WEIR_NUM_MAX];

	if (!weir_jsonr_truthy(v))
		return WEIR_TEXT("");
	return weir_jsonr_is_number(v) ? weir_text_dup(mem, weir_num_js(json_object_get_double(v), buf)) : weir_jsonr_text(v);
}

/* The profile that __identify names goes before the payload's (spec/ingest.md 1.1; checked, unlike 11 item 4). */
static bool identified(weir_arena *mem, json_object *properties, weir_text *profile_id, weir_str *issues)
{
	json_object *identify = weir_jsonr_get(properties, "__identify"), *v;

	if (!weir_jsonr_truthy(identify))
		return true;
	if (!json_object_is_type(identify, json_type_object))
		return wanted(issues, (struct place){ "payload/properties", "__identify", -1 }, "object", identify, false);
	if (!json_object_object_length(identify))
		return true;
	if (!check_fields(WEIR_TRACK_IDENTIFY, "payload/properties/__identify", identify, mem, issues))
		return false;
	v = weir_jsonr_get(identify, "profileId");
	*profile_id = weir_track_profile_id(mem, v);
	return true;
}

weir_err weir_track_event_read(weir_arena *mem, json_object *payload, struct weir_track_event *e, weir_str *issues)
{
	json_object *groups = weir_jsonr_get(payload, "groups"), *revenue;
	size_t n = weir_jsonr_count(groups);

	*e = (struct weir_track_event){ .name = weir_jsonr_get_text(payload, "name"),
		.profile_id = weir_track_profile_id(mem, weir_jsonr_get(payload, "profileId")),
		.properties = weir_jsonr_get(payload, "properties") };
	if (!identified(mem, e->properties, &e->profile_id, issues))
		return WEIR_EBADREQ;
	e->groups = (weir_texts){ .item = n ? weir_alloc_n(mem, n, sizeof(weir_text)) : NULL, .count = n };
	if (!e->profile_id.p || (n && !e->groups.item))
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++)
		e->groups.item[i] = weir_jsonr_text(weir_jsonr_at(groups, i));
	revenue = weir_text_is(e->name, "revenue") ? weir_jsonr_get(e->properties, "__revenue") : NULL;
	if (json_object_is_type(revenue, json_type_int))
		e->revenue = json_object_get_uint64(revenue);
	else if (revenue)
		e->revenue = (uint64_t)json_object_get_double(revenue);
	return WEIR_OK;
}
