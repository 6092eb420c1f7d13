#ifndef WEIR_QUERY_COHORT_H
#define WEIR_QUERY_COHORT_H
#include <json-c/json.h>
#include "query/sql.h"
/*
 * Who belongs to a cohort (spec/queries.md 13), by a definition that schema
 * COHORT_DEF has checked.
 *
 * An event criterion is asked of the events themselves, not of summaries: so
 * every operator counts, two filters must both hold, and the frequency is that
 * of events.  No list of members is cut off.
 */

/* {count, sample}: how many profiles fit, and up to ten of their ids. */
WEIR_MUSTCHECK weir_err weir_cohort_preview(const struct weir_ask *ask, json_object *definition, json_object **rows);
/*
 * Works the members out and stores them; *count tells how many.  The new ones
 * are there before the old ones go, so that nobody sees an empty cohort.
 */
WEIR_MUSTCHECK weir_err weir_cohort_compute(const struct weir_ask *ask, weir_text cohort_id, json_object *definition, int64_t *count);
/* Takes all members away. */
WEIR_MUSTCHECK weir_err weir_cohort_clear(const struct weir_ask *ask, weir_text cohort_id);
/* How many are stored. */
WEIR_MUSTCHECK weir_err weir_cohort_count(const struct weir_ask *ask, weir_text cohort_id, int64_t *count);
/* {profile_id, total}: the stored ones, the latest first. */
WEIR_MUSTCHECK weir_err weir_cohort_members(const struct weir_ask *ask, weir_text cohort_id, int64_t limit, int64_t offset, json_object **rows);
#endif
