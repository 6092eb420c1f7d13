#ifndef WEIR_QUERY_LOYALTY_H
#define WEIR_QUERY_LOYALTY_H
#include <json-c/json.h>
#include "query/sql.h"
/*
 * How often profiles come, over all that is stored (spec/queries.md 11.2 to
 * 11.4).  Days and weeks are those of the project, none of them lies in the
 * future.  Rows by the names of the answer.
 */
enum { WEIR_ROLLING_DAYS_MAX = 90 };

/* {date, users}: profiles with an event on that day or one of the days before it, days in all; the oldest first. */
WEIR_MUSTCHECK weir_err weir_rolling_users(const struct weir_ask *ask, int64_t days, json_object **rows);
/* {date, active_users, retained_users, retention}: identified profiles of each week, those of them who were there in the next one too, and their share in percent. */
WEIR_MUSTCHECK weir_err weir_weekly_retention(const struct weir_ask *ask, json_object **rows);
/* {days, users}: identified profiles by the days since their last event. */
WEIR_MUSTCHECK weir_err weir_last_seen(const struct weir_ask *ask, json_object **rows);
#endif
