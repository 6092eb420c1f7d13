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
#endif
