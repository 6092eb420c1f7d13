#ifndef WEIR_META_PROJECT_H
#define WEIR_META_PROJECT_H
#include "meta/meta.h"
/* Projects (spec/trpc-metadata.md 4.3, 4.10). */

struct weir_project_new {
	weir_text organization_id, name;
	weir_text domain;              /* empty stores NULL */
	const weir_text *cors;
	size_t cors_count;
	const weir_text *types;        /* of website, app, backend */
	size_t types_count;
};

/* Inserts the project under an id made of its name; *id lives in the arena. Texts are stored as given. */
WEIR_MUSTCHECK weir_err weir_project_create(const struct weir_meta *m, const struct weir_project_new *in, weir_text *id);
/*
 * Rows of record project, most events first: those of an organization that the
 * user may see (spec/trpc-metadata.md 4.3), of the whole organization when
 * user_id is empty, of everybody when organization_id is empty as well.
 */
WEIR_MUSTCHECK weir_err weir_project_list(const struct weir_meta *m, weir_text organization_id, weir_text user_id, PGresult **rows);
/* One row of record project, or none. */
WEIR_MUSTCHECK weir_err weir_project_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* The text without its trailing slashes, as domains and origins are stored. */
weir_text weir_without_slashes(weir_text url);
#endif
