#ifndef WEIR_META_INVITE_H
#define WEIR_META_INVITE_H
#include "meta/meta.h"
/* Invitations to organizations (spec/trpc-metadata.md 2.6). */
enum weir_invite {
	WEIR_INVITE_OK,
	WEIR_INVITE_UNKNOWN,
	WEIR_INVITE_CLOSED,    /* setting api.allow_invitation */
	WEIR_INVITE_EXPIRED
};

/* Whether there is such an invitation, expired or not. */
WEIR_MUSTCHECK weir_err weir_invite_known(const struct weir_meta *m, weir_text invite_id, bool *known);
/* Makes the user a member with the projects that the invitation names, and removes it; all or nothing. */
WEIR_MUSTCHECK weir_err weir_invite_accept(const struct weir_meta *m, weir_text user_id, weir_text invite_id, enum weir_invite *result);

struct weir_invite_new {
	weir_text organization_id, created_by;
	weir_text email;               /* stored in small letters */
	weir_text role;                /* "org:admin" or "org:member" */
	const weir_text *projects;     /* ids; none: all */
	size_t count;
};
/* One row of record invite; it is good for three days. WEIR_ECONFLICT when the address is invited there already. */
WEIR_MUSTCHECK weir_err weir_invite_create(const struct weir_meta *m, const struct weir_invite_new *in, PGresult **rows);
/* Rows of record invite of an organization, newest first. */
WEIR_MUSTCHECK weir_err weir_invite_list(const struct weir_meta *m, weir_text organization_id, PGresult **rows);
/* One row of record invite with the organization's name behind it, or none. */
WEIR_MUSTCHECK weir_err weir_invite_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* Withdraws it; the row of record invite that it had, or none. */
WEIR_MUSTCHECK weir_err weir_invite_delete(const struct weir_meta *m, weir_text id, PGresult **rows);
#endif
