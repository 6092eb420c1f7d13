#ifndef WEIR_REST_BRIDGE_H
#define WEIR_REST_BRIDGE_H
#include "rest/route.h"
/*
 * Questions that a procedure answers already.  in is its input, which its
 * schema checks; a refusal is told as one of the query string.  *json is the
 * answer as plain JSON text, without the tags of superjson, in the arena.
 */
WEIR_MUSTCHECK weir_err weir_rest_procedure(struct weir_rest_call *c, const char *name, json_object *in, weir_text *json);
/* A new node that lives as long as the request; NULL on no memory or when node is. */
json_object *weir_rest_keep(struct weir_rest_call *c, json_object *node);
/* Adds a member; value is taken over. */
WEIR_MUSTCHECK weir_err weir_rest_member(json_object *o, const char *name, json_object *value);
#endif
