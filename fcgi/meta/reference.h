#ifndef WEIR_META_REFERENCE_H
#define WEIR_META_REFERENCE_H
#include "meta/meta.h"
/* References: moments that charts are marked with (spec/trpc-metadata.md 4.7). All rows are of record reference. */

struct weir_reference_saved {
	weir_text title;
	weir_text description;         /* {NULL, 0} stores NULL */
	int64_t date_ms;
};
enum { WEIR_REFERENCES_PAGE = 50 };
/* Page number page, oldest first. */
WEIR_MUSTCHECK weir_err weir_reference_list(const struct weir_meta *m, weir_text project_id, int64_t page, PGresult **rows);
/* All of a project, or of all projects of the organization when project_id is empty. */
WEIR_MUSTCHECK weir_err weir_reference_all(const struct weir_meta *m, weir_text organization_id, weir_text project_id, PGresult **rows);
/* Those between two moments, both inclusive, by date. */
WEIR_MUSTCHECK weir_err weir_reference_between(const struct weir_meta *m, weir_text project_id, int64_t from_ms, int64_t to_ms, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_reference_create(const struct weir_meta *m, weir_text project_id, const struct weir_reference_saved *in,
	PGresult **rows);
/* One row, or none when there is no such reference; so too below. */
WEIR_MUSTCHECK weir_err weir_reference_get(const struct weir_meta *m, weir_text id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_reference_update(const struct weir_meta *m, weir_text id, const struct weir_reference_saved *in, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_reference_delete(const struct weir_meta *m, weir_text id, PGresult **rows);
#endif
