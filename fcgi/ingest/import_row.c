/* Columns from JSON. */
#include "config.h"
#include "ingest/import_row.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/num.h"
#include "ingest/flatten.h"
#include "ingest/tables.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Doubles hold whole numbers exactly up to here. */
#define EXACT_MAX 9007199254740992.0

struct reader {
	weir_arena *mem;
	json_object *row;
	weir_text seed;
	char *why;
	size_t why_size;
	weir_err err;          /* the first one stays */
};

static void complain(struct reader *r, const char *column, const char *what)
{
	if (r->err)
		return;
	r->err = WEIR_EBADREQ;
	snprintf(r->why, r->why_size, "%s: %s", column, what);
}

/* A scalar as a column of text holds it: a text, or what JavaScript makes of a number or boolean. */
static bool text_of(struct reader *r, json_object *o, weir_text *out)
{
	char number[WEIR_NUM_MAX];

	*out = WEIR_TEXT("");
	if (!o)
		return true;
	if (json_object_is_type(o, json_type_string))
		*out = weir_jsonr_text(o);
	else if (json_object_is_type(o, json_type_boolean))
		*out = json_object_get_boolean(o) ? WEIR_TEXT("true") : WEIR_TEXT("false");
	else if (weir_jsonr_is_number(o))
		*out = weir_text_dup(r->mem, weir_num_js(json_object_get_double(o), number));
	else
		return false;
	if (!out->p && !r->err)
		r->err = WEIR_ENOMEM;
	return true;
}

static void read_text(struct reader *r, const char *column, weir_text *out)
{
	if (!text_of(r, weir_jsonr_get(r->row, column), out))
		complain(r, column, "expected a text");
}

static void read_texts(struct reader *r, const char *column, weir_texts *out)
{
	json_object *o = weir_jsonr_get(r->row, column);
	size_t n = o && weir_jsonr_count(o);

	*out = (weir_texts){ NULL, 0 };
	if (o && !json_object_is_type(o, json_type_array))
		complain(r, column, "expected an array of texts");
	if (!n)
		return;
	out->item = weir_alloc_n(r->mem, n, sizeof(*out->item));
	if (!out->item) {
		r->err = WEIR_ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!text_of(r, weir_jsonr_at(o, i), &out->item[i]))
			complain(r, column, "expected an array of texts");
	out->count = n;
}

/* A number, also when it is written as a text. False for anything else. */
static bool number_of(json_object *o, double *v)
{
	if (weir_jsonr_is_number(o)) {
		*v = json_object_get_double(o);
		return isfinite(*v);
	}
	return weir_jsonr_text(o).n && !weir_num_double(weir_jsonr_text(o), v) && isfinite(*v);
}

static void read_count(struct reader *r, const char *column, uint64_t *out)
{
	json_object *o = weir_jsonr_get(r->row, column);
	double v = 0;

	*out = 0;
	if (o && (!number_of(o, &v) || v < 0 || v > EXACT_MAX || v != floor(v)))
		complain(r, column, "expected a whole number that is not negative");
	else
		*out = (uint64_t)v;
}

static void read_degrees(struct reader *r, const char *column, double *out)
{
	json_object *o = weir_jsonr_get(r->row, column);

	*out = (double)NAN;
	if (o && (!number_of(o, out) || *out < -180 || *out > 180))
		complain(r, column, "expected a number of degrees");
}

static void read_country(struct reader *r, const char *column, weir_text *out)
{
	read_text(r, column, out);
	if (out->n == 2 && out->p[0] == '\0')
		*out = WEIR_TEXT(""); /* as the column is read back when it is empty */
	if (out->n && out->n != 2)
		complain(r, column, "expected two letters");
}

static void read_time(struct reader *r, const char *column, int64_t *out)
{
	json_object *o = weir_jsonr_get(r->row, column);
	double v;

	*out = 0;
	if (json_object_is_type(o, json_type_string)) {
		if (weir_clock_parse_js(weir_jsonr_text(o), out))
			complain(r, column, "is no time that can be read");
	} else if (weir_jsonr_is_number(o) && number_of(o, &v) && fabs(v) <= EXACT_MAX) {
		*out = (int64_t)v;
	} else {
		complain(r, column, o ? "expected a time" : "is missing");
	}
}

static void read_map(struct reader *r, const char *column, weir_map *out)
{
	json_object *o = weir_jsonr_get(r->row, column);
	struct weir_pairs pairs;
	const char *why = NULL;
	weir_err err = WEIR_OK;

	weir_pairs_init(&pairs, r->mem);
	if (o && !json_object_is_type(o, json_type_object))
		complain(r, column, "expected an object");
	else if (o)
		err = weir_flatten(&pairs, WEIR_TEXT(""), o, NULL, &why);
	*out = (weir_map){ pairs.v, pairs.n };
	if (err == WEIR_ELIMIT)
		complain(r, column, why ? why : "is more than one event may carry");
	else if (err && !r->err)
		r->err = err;
}

static void read_uuid(struct reader *r, const char *column, uint8_t out[16])
{
	json_object *o = weir_jsonr_get(r->row, column);

	if (!o || !weir_jsonr_truthy(o))
		weir_uuid_of(r->seed, out);
	else if (!weir_jsonr_text(o).p || weir_uuid_parse(weir_jsonr_text(o), out))
		complain(r, column, "expected a UUID");
}

#define READ_UUID(r, name, e) read_uuid(r, #name, (e)->name)
#define READ_TEXT(r, name, e) read_text(r, #name, &(e)->name)
#define READ_TEXTS(r, name, e) read_texts(r, #name, &(e)->name)
#define READ_COUNT(r, name, e) read_count(r, #name, &(e)->name)
#define READ_MAP(r, name, e) read_map(r, #name, &(e)->name)
#define READ_TIME(r, name, e) read_time(r, #name, &(e)->name)
#define READ_COUNTRY(r, name, e) read_country(r, #name, &(e)->name)
#define READ_DEGREES(r, name, e) read_degrees(r, #name, &(e)->name)
#define READ_SECONDS(r, name, e) ((e)->name = 0) /* the server's to say */

weir_err weir_import_row_read(weir_arena *mem, json_object *row, weir_text project_id, int64_t imported_at, weir_text seed,
	struct weir_import_row *out)
{
	struct reader r = { .mem = mem, .row = row, .seed = seed, .why = out->why, .why_size = sizeof(out->why) };
	struct weir_event *e = &out->event;

	*out = (struct weir_import_row){ .why = "" };
	if (!json_object_is_type(row, json_type_object)) {
		snprintf(out->why, sizeof(out->why), "expected an object, received %s", weir_jsonr_kind(row, false));
		return WEIR_EBADREQ;
	}
#define X(name, kind) READ_##kind(&r, name, e);
	WEIR_EVENT_COLUMNS(X)
#undef X
	e->project_id = project_id;
	e->imported_at = imported_at;
	if (!r.err && weir_event_unfit(e)) {
		r.err = WEIR_EBADREQ;
		snprintf(out->why, sizeof(out->why), "%s", weir_event_unfit(e));
	}
	return r.err;
}
