#ifndef WEIR_REST_INSIGHTS_H
#define WEIR_REST_INSIGHTS_H
#include "rest/route.h"
/* What the answers below /insights have in common (spec/ingest.md 9.3). */

/* A node as a member or element; null for NULL. */
void weir_rest_tree(weir_json *j, const char *key, json_object *value);
/* A number of the query string between 1 and most; usual when it is not there. */
int64_t weir_rest_int(struct weir_rest_call *c, const char *name, int64_t usual, int64_t most);
/* The project's day it was so many days ago, "2026-03-02". */
WEIR_MUSTCHECK weir_err weir_rest_day(struct weir_rest_call *c, int64_t days_ago, weir_text *day);
/*
 * A range's word, else the dates, of which both days count whole: where one is
 * not given from thirty days ago or until today.  usual: the word that counts
 * when nothing is given; NULL: these thirty days.
 */
WEIR_MUSTCHECK weir_err weir_rest_range(struct weir_rest_call *c, const struct weir_ask *ask, const char *usual, struct weir_range *range);
/* An array of the first limit rows as ClickHouse shows them: moments, which are held as ms, are texts in UTC. */
void weir_rest_raws(weir_json *j, const char *key, json_object *rows, int64_t limit);
#endif
