#ifndef WEIR_META_MEMBER_H
#define WEIR_META_MEMBER_H
#include "meta/access.h"
/* Who belongs to an organization, and to which of its projects (spec/trpc-metadata.md 4.2). */

/* Rows of record member, with those of record user behind them; oldest first. */
WEIR_MUSTCHECK weir_err weir_member_list(const struct weir_meta *m, weir_text organization_id, PGresult **rows);
/* Rows of record access of an organization, oldest first: of one user, or of everybody when user_id is empty. */
WEIR_MUSTCHECK weir_err weir_member_access_list(const struct weir_meta *m, weir_text organization_id, weir_text user_id, PGresult **rows);
/* One row of record member, or none. */
WEIR_MUSTCHECK weir_err weir_member_get(const struct weir_meta *m, weir_text organization_id, weir_text user_id, PGresult **rows);
/* In how many organizations the user is. */
WEIR_MUSTCHECK weir_err weir_member_count(const struct weir_meta *m, weir_text user_id, int64_t *count);
/* Whether the user is in some organization, or has access to some project. */
WEIR_MUSTCHECK weir_err weir_member_anywhere(const struct weir_meta *m, weir_text user_id, bool *anywhere);

enum weir_member_change {
	WEIR_MEMBER_OK,
	WEIR_MEMBER_UNKNOWN,           /* no such member */
	WEIR_MEMBER_LAST_ADMIN,        /* nobody would be left to look after the organization */
	WEIR_MEMBER_FOREIGN_PROJECT    /* a project of another organization, or none */
};
/* Ends the membership of that id and user, and his access to the organization's projects; all or nothing. */
WEIR_MUSTCHECK weir_err weir_member_remove(const struct weir_meta *m, weir_text organization_id, weir_text user_id, weir_text id,
	enum weir_member_change *result);

struct weir_member_projects {
	weir_text organization_id, user_id;
	enum weir_level level;         /* of the rows that are made */
	const weir_text *projects;     /* ids; none: he may see all */
	size_t count;
};
/* Replaces his rows of project_access; *removed and *added count them. */
WEIR_MUSTCHECK weir_err weir_member_access_set(const struct weir_meta *m, const struct weir_member_projects *in, enum weir_member_change *result,
	int64_t *removed, int64_t *added);
/* Whether all of them are projects of the organization. */
WEIR_MUSTCHECK weir_err weir_member_projects_known(const struct weir_meta *m, weir_text organization_id, const weir_text *projects, size_t count,
	bool *known);
#endif
