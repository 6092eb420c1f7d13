#ifndef WEIR_META_COHORT_NAME_H
#define WEIR_META_COHORT_NAME_H
#include "meta/meta.h"
/* Columns id and name of a project's cohorts. */
WEIR_MUSTCHECK weir_err weir_cohort_names(const struct weir_meta *m, weir_text project_id, PGresult **rows);
#endif
