#ifndef WEIR_REST_INSIGHTS_H
#define WEIR_REST_INSIGHTS_H
#include "rest/route.h"
/* What the answers below /insights have in common (spec/ingest.md 9.3). */

/* A node as a member or element; null for NULL. */
void weir_rest_tree(weir_json *j, const char *key, json_object *value);
/* A number of the query string between 1 and most; usual when it is not there. */
int64_t weir_rest_int(struct weir_rest_call *c, const char *name, int64_t usual, int64_t most);
/* A range's word, else the dates: the last thirty days for what is not given; both days count whole. usual: the word when there is neither. */
WEIR_MUSTCHECK weir_err weir_rest_range(struct weir_rest_call *c, const struct weir_ask *ask, const char *usual, struct weir_range *range);
/* An array of the first limit rows as ClickHouse shows them: moments, which are held as ms, are texts in UTC. */
void weir_rest_raws(weir_json *j, const char *key, json_object *rows, int64_t limit);
#endif
