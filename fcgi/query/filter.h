#ifndef WEIR_QUERY_FILTER_H
#define WEIR_QUERY_FILTER_H
#include "query/field.h"
/*
 * Filters on events (spec/queries.md 4.2, 4.3): objects {name, operator,
 * value[], type?, cohortId?, cohortIds?} that the input schema has checked.
 *
 * Where the reference is wrong (4.3, 28.1 items 4) this does what the words
 * say: "does not contain" excludes all values, a profile's columns can be
 * filtered by, a number that is none matches nothing instead of counting as
 * zero, and the other way round of has_profile works.
 */

/* Appends " AND (...)" for each filter that means something. */
WEIR_MUSTCHECK weir_err weir_filters_sql(weir_sql *q, const struct weir_ask *ask, json_object *filters);
/* What the filters need to be joined. */
WEIR_MUSTCHECK weir_err weir_filters_joins(weir_arena *mem, json_object *filters, struct weir_joins *joins);
#endif
