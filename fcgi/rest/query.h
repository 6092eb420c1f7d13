#ifndef WEIR_REST_QUERY_H
#define WEIR_REST_QUERY_H
#include "trpc/schema.h"
/*
 * A query string as the object that a schema checks (spec/ingest.md 9): each
 * value becomes what it looks like (number, true, false, JSON), unless the
 * schema wants a text there; what is no number where it wants one becomes NaN,
 * which the schema refuses; a name that comes several times makes an array.
 */
WEIR_MUSTCHECK weir_err weir_query_object(weir_arena *mem, weir_text query, const struct weir_schema *schema, json_object **out);
#endif
