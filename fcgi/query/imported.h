#ifndef WEIR_QUERY_IMPORTED_H
#define WEIR_QUERY_IMPORTED_H
#include <json-c/json.h>
#include "query/sql.h"
/* Sessions for events that have been imported: the events bring the ids of their sessions, the rows of the table are made of them. */

/* {month}: "2026-10-01", the months in which the project has imported events, oldest first. */
WEIR_MUSTCHECK weir_err weir_imported_months(const struct weir_ask *ask, json_object **rows);
/*
 * Makes the sessions that began in that month and are not there yet; done
 * twice it makes none.  Sessions are taken to last less than a day.  To be
 * called for the months in their order.
 */
WEIR_MUSTCHECK weir_err weir_imported_sessions(const struct weir_ask *ask, weir_text month);
#endif
