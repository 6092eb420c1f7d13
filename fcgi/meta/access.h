#ifndef WEIR_META_ACCESS_H
#define WEIR_META_ACCESS_H
#include "meta/meta.h"
/*
 * Who may see what (spec/trpc-metadata.md 3).  Asks PostgreSQL every time: a
 * removed member is out at once.
 */

/* What an allowed project brings along for the questions that are asked about it. */
struct weir_project_view {
	weir_text id, organization_id;
	weir_text timezone;            /* of the organization; "UTC" when it has none */
};

/*
 * A user's access to a project: a row of project_access for it, or membership
 * of its organization without any such row there.  An unknown project is one
 * without access.  *view is filled when *allowed.
 */
WEIR_MUSTCHECK weir_err weir_access_project(const struct weir_meta *m, weir_text user_id, weir_text project_id,
	struct weir_project_view *view, bool *allowed);
/* Membership; *role ("org:admin", "org:member") is {NULL, 0} for strangers. */
WEIR_MUSTCHECK weir_err weir_access_organization(const struct weir_meta *m, weir_text user_id, weir_text organization_id, weir_text *role);

/* The share of a project's overview. */
struct weir_share {
	bool found, open;              /* open: public */
	bool password;                 /* asks for one */
	struct weir_project_view project;
};
WEIR_MUSTCHECK weir_err weir_access_share(const struct weir_meta *m, weir_text share_id, struct weir_share *share);
#endif
