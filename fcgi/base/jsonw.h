#ifndef WEIR_BASE_JSONW_H
#define WEIR_BASE_JSONW_H
#include "base/str.h"
#include <stdint.h>
/*
 * Writes JSON straight into a weir_str: commas, quotes and escapes are the
 * writer's business, never the caller's.  key is NULL inside an array and at
 * the root.  A call out of place (a key in an array, a close of nothing)
 * latches WEIR_EINTERNAL in the string, so that one check at the end covers a
 * whole document.  Text that is not UTF-8 is written with U+FFFD in the place
 * of each broken sequence.  Escapes and numbers are spelled as JSON.stringify
 * spells them.
 */
enum { WEIR_JSON_DEPTH = 64 };
typedef struct {
	weir_str *out;
	uint8_t kind[WEIR_JSON_DEPTH];
	bool some[WEIR_JSON_DEPTH];
	int depth;
} weir_json;

void weir_json_init(weir_json *j, weir_str *out);
void weir_json_obj(weir_json *j, const char *key);
void weir_json_arr(weir_json *j, const char *key);
void weir_json_end(weir_json *j);
void weir_json_str(weir_json *j, const char *key, weir_text v);
void weir_json_strz(weir_json *j, const char *key, const char *z); /* NULL becomes null */
void weir_json_int(weir_json *j, const char *key, int64_t v);
void weir_json_uint(weir_json *j, const char *key, uint64_t v);
void weir_json_num(weir_json *j, const char *key, double v); /* NaN and infinities become null */
void weir_json_bool(weir_json *j, const char *key, bool v);
void weir_json_null(weir_json *j, const char *key);
/* A value that is JSON already, such as a jsonb column; the caller vouches for it. */
void weir_json_raw(weir_json *j, const char *key, weir_text json);
/* The next value's key inside an object, for keys that are not C strings; the value call then has key NULL. */
void weir_json_key(weir_json *j, weir_text key);
WEIR_MUSTCHECK weir_err weir_json_done(const weir_json *j); /* WEIR_EINTERNAL if a scope is open */
#endif
