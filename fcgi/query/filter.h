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

/* What rows are filtered: how names become their fields, whose cohorts count, and whether the case of letters counts. */
struct weir_filter_subject {
	weir_err (*field_of)(weir_arena *mem, weir_text name, struct weir_event_field *field);
	const char *profile_id;        /* SQL of the profile's id */
	bool fold;                     /* contains, startsWith and endsWith: any case */
};
extern const struct weir_filter_subject weir_filter_of_events;

/* Appends " AND (...)" for one filter of such rows, nothing for a name that there is no field of. */
WEIR_MUSTCHECK weir_err weir_filter_sql(weir_sql *q, const struct weir_ask *ask, const struct weir_filter_subject *subject, json_object *filter);

/* Appends " AND (...)" for each filter that means something. */
WEIR_MUSTCHECK weir_err weir_filters_sql(weir_sql *q, const struct weir_ask *ask, json_object *filters);
/* What the filters need to be joined. */
WEIR_MUSTCHECK weir_err weir_filters_joins(weir_arena *mem, json_object *filters, struct weir_joins *joins);
#endif
