#ifndef WEIR_META_COHORT_H
#define WEIR_META_COHORT_H
#include "meta/meta.h"
/* Cohorts: the definitions (spec/trpc-metadata.md 4.18); who belongs to them is ClickHouse's business (query/cohort.h). Rows are of record cohort. */

/* Newest first. */
WEIR_MUSTCHECK weir_err weir_cohort_list(const struct weir_meta *m, weir_text project_id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_cohort_get(const struct weir_meta *m, weir_text id, PGresult **rows);

struct weir_cohort_saved {
	weir_text name;                /* in a change: empty leaves it */
	bool sets_description;
	weir_text description;         /* {NULL, 0} stores NULL */
	weir_text definition;          /* JSON; in a change: {NULL, 0} leaves it */
	bool sets_static, is_static;
};
WEIR_MUSTCHECK weir_err weir_cohort_create(const struct weir_meta *m, weir_text project_id, const struct weir_cohort_saved *in, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_cohort_update(const struct weir_meta *m, weir_text id, const struct weir_cohort_saved *in, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_cohort_delete(const struct weir_meta *m, weir_text id, PGresult **rows);
/* Notes how many there are, as of now; leaves updatedAt alone. */
WEIR_MUSTCHECK weir_err weir_cohort_computed(const struct weir_meta *m, weir_text id, int64_t count);
/*
 * The next cohort, by id, whose members are to be worked out again: never yet,
 * or more than so many ms ago and not static. One row or none; after: the id
 * of the one before, empty at first.
 */
WEIR_MUSTCHECK weir_err weir_cohort_due(const struct weir_meta *m, int64_t age_ms, weir_text after, PGresult **rows);
#endif
