#ifndef WEIR_TRPC_SUPERJSON_H
#define WEIR_TRPC_SUPERJSON_H
#include "base/arena.h"
#include "base/jsonw.h"
#include <json-c/json.h>
/*
 * The superjson envelope {"json": X, "meta"?: {"values"?: T, ...}} both ways
 * (spec/trpc-metadata.md 1.4).
 *
 * Reading: the tree is X with the tags of T applied in place.  JSON has no
 * word for most of them, so a tagged node stays a json-c string, array or
 * object that knows what it is (weir_js_kind_of).  A member tagged undefined
 * is removed: it is absent, as the schemas want it.
 *
 * Writing: struct weir_superjson is the JSON writer with dates, undefined and
 * odd numbers added; the tags are collected on the way and follow the value.
 */
enum weir_js_kind {
	WEIR_JS_UNDEFINED,
	WEIR_JS_NULL,
	WEIR_JS_BOOLEAN,
	WEIR_JS_NUMBER,
	WEIR_JS_STRING,
	WEIR_JS_ARRAY,
	WEIR_JS_OBJECT,
	WEIR_JS_DATE,      /* a string, ISO 8601 when it came from a client of ours */
	WEIR_JS_BIGINT,    /* a string of digits */
	WEIR_JS_MAP,       /* an array of [key, value] */
	WEIR_JS_SET,       /* an array */
	WEIR_JS_REGEXP,    /* a string /source/flags */
	WEIR_JS_URL,       /* a string */
	WEIR_JS_ERROR,     /* an object */
	WEIR_JS_BYTES,     /* an array of numbers */
	WEIR_JS_OTHER,     /* symbols and custom classes: known to be none of the above */
	WEIR_JS_COUNT
};

/* NULL is null: json-c has no other. */
enum weir_js_kind weir_js_kind_of(json_object *o);
/* The word of the schema messages: "undefined", "string", "Date" ... */
const char *weir_js_word(enum weir_js_kind kind);

/*
 * Unpacks a parsed envelope.  *absent is true when the value is undefined:
 * tagged so, or no "json" in the envelope.  WEIR_EBADREQ when the envelope is
 * no object; a tag whose path leads nowhere is passed over.  The tree belongs
 * to whoever owns the envelope; nodes made here belong to the arena.
 */
WEIR_MUSTCHECK weir_err weir_superjson_read(weir_arena *mem, json_object *envelope, json_object **value, bool *absent);

struct weir_superjson {
	weir_json json;        /* use the functions below; weir_json_key and weir_json_raw may be used directly */
	weir_str tags;         /* members of "values": "path":["Date"],... */
	weir_str path;         /* where the writer stands, as a dotted path */
	size_t mark[WEIR_JSON_DEPTH];   /* length of path at each open scope */
	size_t index[WEIR_JSON_DEPTH];  /* next index of each open array */
	bool array[WEIR_JSON_DEPTH];
	int depth;
	bool root_tag;         /* the root is tagged itself */
};

/* Writes the members "json" and "meta" of the object that is open in out's writer; ends with weir_superjson_done. */
void weir_superjson_init(struct weir_superjson *s, weir_str *out);
/* Closes the value; nothing written at all counts as undefined. */
WEIR_MUSTCHECK weir_err weir_superjson_done(struct weir_superjson *s);
void weir_superjson_free(struct weir_superjson *s);

/* key is NULL inside arrays and for the root. */
void weir_sj_obj(struct weir_superjson *s, const char *key);
void weir_sj_arr(struct weir_superjson *s, const char *key);
void weir_sj_end(struct weir_superjson *s);
void weir_sj_str(struct weir_superjson *s, const char *key, weir_text v);   /* {NULL, 0} becomes null */
void weir_sj_strz(struct weir_superjson *s, const char *key, const char *v); /* NULL becomes null */
void weir_sj_int(struct weir_superjson *s, const char *key, int64_t v);
void weir_sj_num(struct weir_superjson *s, const char *key, double v);      /* NaN, infinities and -0 are tagged */
void weir_sj_bool(struct weir_superjson *s, const char *key, bool v);
void weir_sj_null(struct weir_superjson *s, const char *key);
void weir_sj_undefined(struct weir_superjson *s, const char *key);
void weir_sj_date(struct weir_superjson *s, const char *key, int64_t ms);   /* INT64_MIN becomes null */
void weir_sj_raw(struct weir_superjson *s, const char *key, weir_text json); /* JSON without tags, such as a jsonb column */
/* A tree as it was read: dates and odd numbers keep their tags, maps and sets are written as the arrays that they came as. */
void weir_sj_tree(struct weir_superjson *s, const char *key, json_object *value);
#endif
