#ifndef WEIR_QUERY_ENTITY_H
#define WEIR_QUERY_ENTITY_H
#include "query/filter.h"
/*
 * Filters on sessions and profiles (spec/queries.md 4.5, 14.1).  The relations
 * have fixed names: s the sessions, p the profiles.
 *
 * Where the reference passes over a filter without a word (columns of a
 * session, properties of a profile, sessions of a profile), this does it.
 */
extern const struct weir_filter_subject weir_filter_of_sessions; /* columns of s */
extern const struct weir_filter_subject weir_filter_of_profiles; /* columns and properties of p */

enum weir_entity_self { WEIR_SELF_SESSIONS, WEIR_SELF_PROFILES };

/* Appends " AND ..." for each filter of a list of sessions or profiles. */
WEIR_MUSTCHECK weir_err weir_entity_filters_sql(weir_sql *q, const struct weir_ask *ask, enum weir_entity_self self, json_object *filters);

/* Each word of a search (five at most) must be in one of the columns of profile p: id, email, names. */
void weir_profile_search_sql(weir_sql *q, weir_text search);
/* %text%, its own % and _ taken for what they are. */
void weir_sql_pattern(weir_sql *q, weir_text text);
#endif
