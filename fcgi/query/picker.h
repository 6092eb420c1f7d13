#ifndef WEIR_QUERY_PICKER_H
#define WEIR_QUERY_PICKER_H
#include "query/sql.h"
/* What the dashboard offers to choose from (spec/queries.md 8.2 to 8.5). Rows are objects by column name. */

/* {name, count} of all events, the most frequent first. */
WEIR_MUSTCHECK weir_err weir_event_names(const struct weir_ask *ask, json_object **rows);
/* {key}: names of fields of an event (empty or "*": of any), the shortest first. */
WEIR_MUSTCHECK weir_err weir_property_names(const struct weir_ask *ask, weir_text event, json_object **rows);
/* {property_key, event_name}: keys of properties of that event, or of all (empty), sorted. */
WEIR_MUSTCHECK weir_err weir_event_keys(const struct weir_ask *ask, weir_text event, int64_t limit, json_object **rows);
/* {value}: values of a field, newest first; *rows is NULL for fields that have none to offer. */
WEIR_MUSTCHECK weir_err weir_field_values(const struct weir_ask *ask, weir_text event, weir_text field, json_object **rows);

/* The figures of a project's card (8.1): days {ms, value, revenue}, and one row of totals. */
WEIR_MUSTCHECK weir_err weir_project_card(const struct weir_ask *ask, json_object **days, json_object **totals);
#endif
