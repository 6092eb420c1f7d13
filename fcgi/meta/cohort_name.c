#include "config.h"
#include "meta/cohort_name.h"

weir_err weir_cohort_names(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	return weir_pg_exec(m->pg, m->mem, rows, "SELECT \"id\", \"name\" FROM \"cohorts\" WHERE \"projectId\" = $1", 1, &project_id);
}
