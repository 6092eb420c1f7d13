#ifndef WEIR_QUERY_REALTIME_H
#define WEIR_QUERY_REALTIME_H
#include "query/sql.h"
#include <json-c/json.h>
/* What happens now: the last five or thirty minutes (spec/queries.md 14.9, 21). Rows by the names of the answer. */

/* Distinct profiles of the last five minutes. */
WEIR_MUSTCHECK weir_err weir_live_visitors(const struct weir_ask *ask, int64_t *visitors);

struct weir_live {
	int64_t sessions;              /* of thirty minutes */
	json_object *minutes;          /* as struct weir_pulse has them */
	json_object *referrers;        /* {timestamp, referrer, count} by minute; timestamp null: the ten largest of all */
};
WEIR_MUSTCHECK weir_err weir_live_minutes(const struct weir_ask *ask, struct weir_live *out);

/* What is listed of the last thirty minutes; rows as in 21.2. */
enum weir_live_list { WEIR_LIVE_PATHS, WEIR_LIVE_REFERRALS, WEIR_LIVE_GEO, WEIR_LIVE_LISTS };
WEIR_MUSTCHECK weir_err weir_live_list(const struct weir_ask *ask, enum weir_live_list list, json_object **rows);
/* {country, city, long, lat, count}, most sessions first, at most 5000. */
WEIR_MUSTCHECK weir_err weir_live_coordinates(const struct weir_ask *ask, json_object **rows);

/* Places on the map: of each what is known. */
struct weir_live_place {
	weir_text country, city;       /* {NULL, 0}: any */
	double lat, lon;
	bool has_point;
};
enum weir_live_scope { WEIR_LIVE_COUNTRY, WEIR_LIVE_CITY, WEIR_LIVE_POINT };
struct weir_live_details {
	json_object *summary;          /* one row {totalSessions, totalProfiles} */
	json_object *referrers;        /* {referrerName, count}, three */
	json_object *paths;            /* {origin, path, count}, three */
	json_object *events;           /* {name, count}, three */
	json_object *profiles;         /* {id, profile_id, session_id, created_ms, path, name, city, country}, eight */
};
WEIR_MUSTCHECK weir_err weir_live_details(const struct weir_ask *ask, enum weir_live_scope scope, const struct weir_live_place *places, size_t count,
	struct weir_live_details *out);
#endif
