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
	bool cross_domain;
};

/* Inserts the project under an id made of its name; *id lives in the arena. Texts are stored as given. */
WEIR_MUSTCHECK weir_err weir_project_create(const struct weir_meta *m, const struct weir_project_new *in, weir_text *id);
/*
 * Rows of record project, most events first: those of an organization that the
 * user may see (spec/trpc-metadata.md 4.3), of the whole organization when
 * user_id is empty, of everybody when organization_id is empty as well.
 */
WEIR_MUSTCHECK weir_err weir_project_list(const struct weir_meta *m, weir_text organization_id, weir_text user_id, PGresult **rows);
/* Rows of record project of an organization that are not to be deleted, newest first. */
WEIR_MUSTCHECK weir_err weir_project_living(const struct weir_meta *m, weir_text organization_id, PGresult **rows);
/* The first id after another, in their order, of a project with so many events at least that is not to be deleted; {NULL, 0} for none. */
WEIR_MUSTCHECK weir_err weir_project_after(const struct weir_meta *m, weir_text after, int64_t events, weir_text *id);
/* One row of record project, or none. */
WEIR_MUSTCHECK weir_err weir_project_get(const struct weir_meta *m, weir_text id, PGresult **rows);

/* What changes of a project: whatever is {NULL, 0}, NULL or NONE stays as it is. */
enum weir_change { WEIR_CHANGE_NONE, WEIR_CHANGE_OFF, WEIR_CHANGE_ON };
struct weir_project_change {
	weir_text name;
	bool sets_domain;
	weir_text domain;              /* empty stores NULL */
	const weir_text *cors;
	size_t cors_count;
	enum weir_change cross_domain, unsafe_revenue;
	weir_text filters;             /* JSON */
};
/* One row of record project with the ids of its clients behind it, as an array; or none. Tells the responders. */
WEIR_MUSTCHECK weir_err weir_project_update(const struct weir_meta *m, weir_text id, const struct weir_project_change *in, PGresult **rows);
/* The text without its trailing slashes, as domains and origins are stored. */
weir_text weir_without_slashes(weir_text url);
/* The ids of all projects: one column. */
WEIR_MUSTCHECK weir_err weir_project_ids(const struct weir_meta *m, PGresult **rows);
#endif
