#ifndef WEIR_META_ORGANIZATION_H
#define WEIR_META_ORGANIZATION_H
#include "meta/meta.h"
/* Organizations and who belongs to them (spec/trpc-metadata.md 4.2, 4.10). */

struct weir_organization_new {
	weir_text name;
	weir_text timezone;    /* IANA name; empty stores NULL, which means UTC */
	weir_text created_by;  /* user id; empty: nobody belongs to it yet */
};

/*
 * Inserts the organization under an id made of its name, and its creator as
 * org:admin. *id lives in the arena.  Without a creator it has no
 * subscriptionStatus, which keeps it although nobody administers it
 * (meta/deletion.h).
 */
WEIR_MUSTCHECK weir_err weir_organization_create(const struct weir_meta *m, const struct weir_organization_new *in, weir_text *id);
/* Makes user a member; WEIR_ECONFLICT when he is one. role: "org:admin" or "org:member". */
WEIR_MUSTCHECK weir_err weir_organization_join(const struct weir_meta *m, weir_text organization_id, weir_text user_id, const char *role);
/* Rows of record organization, newest first: those of a user, or all when user_id is empty. */
WEIR_MUSTCHECK weir_err weir_organization_list(const struct weir_meta *m, weir_text user_id, PGresult **rows);
/* One row of record organization, or none. */
WEIR_MUSTCHECK weir_err weir_organization_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* Changes name and time zone; one row of record organization, or none. */
WEIR_MUSTCHECK weir_err weir_organization_update(const struct weir_meta *m, weir_text id, weir_text name, weir_text timezone, PGresult **rows);
/* Rows of record organization that the user has made. */
WEIR_MUSTCHECK weir_err weir_organization_made_by(const struct weir_meta *m, weir_text user_id, PGresult **rows);
#endif
