#ifndef WEIR_QUERY_PEOPLE_H
#define WEIR_QUERY_PEOPLE_H
#include "query/events.h"
/* Lists of profiles, and what one of them did (spec/queries.md 19). Days are those of the project. */
struct weir_people_ask {
	struct weir_ask base;
	weir_text search;              /* words that must all be found; empty: any */
	json_object *filters;          /* query/entity.h; may be NULL */
	bool chosen, external;         /* chosen: only external ones, or only others */
	int64_t take, page;
};
enum { WEIR_PEOPLE_MAX = 1000 };

/* Rows of WEIR_PROFILE_SQL, newest first, and how many there are on all pages. */
WEIR_MUSTCHECK weir_err weir_people(const struct weir_people_ask *ask, json_object **rows, int64_t *total);
/* Rows of WEIR_PROFILE_SQL with count, their events of all time; most events first. */
WEIR_MUSTCHECK weir_err weir_power_users(const struct weir_ask *ask, int64_t take, int64_t page, json_object **rows);

/* Two rows at most: the first with the members of 19.3 but those of time between sessions, the second {first_ms, last_ms} of the profile, or NULL. */
WEIR_MUSTCHECK weir_err weir_person_metrics(const struct weir_ask *ask, weir_text id, json_object **events, json_object **profile);
/* {count, date}, {count, name}, {count, path} */
enum weir_person_list { WEIR_PERSON_DAYS, WEIR_PERSON_EVENTS, WEIR_PERSON_ROUTES, WEIR_PERSON_LISTS };
WEIR_MUSTCHECK weir_err weir_person_list(const struct weir_ask *ask, weir_text id, enum weir_person_list list, json_object **rows);

/* {key}: properties that profiles have; places in lists are * */
WEIR_MUSTCHECK weir_err weir_people_keys(const struct weir_ask *ask, json_object **rows);
/* {value}: the distinct ones of a column ("email") or property ("properties.plan", with * for any part); none for an unknown name. */
WEIR_MUSTCHECK weir_err weir_people_values(const struct weir_ask *ask, weir_text property, json_object **rows);
#endif
