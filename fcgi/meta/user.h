#ifndef WEIR_META_USER_H
#define WEIR_META_USER_H
#include "meta/meta.h"
/* People and their passwords (spec/trpc-metadata.md 2.4, 2.6). */

struct weir_user_new {
	weir_text email, password;     /* stored as typed; only the password's hash is kept */
	weir_text first_name, last_name; /* empty stores NULL */
};

/* Inserts the user and his e-mail account. WEIR_ECONFLICT when the address is taken (compared without case). */
WEIR_MUSTCHECK weir_err weir_user_create(const struct weir_meta *m, const struct weir_user_new *in, weir_text *id);
/* Rows of record user, oldest first. */
WEIR_MUSTCHECK weir_err weir_user_list(const struct weir_meta *m, PGresult **rows);
/* The id of the user with this address (compared without case); {NULL, 0} when there is none. */
WEIR_MUSTCHECK weir_err weir_user_find(const struct weir_meta *m, weir_text email, weir_text *id);
/* How many users there are. */
WEIR_MUSTCHECK weir_err weir_user_count(const struct weir_meta *m, int64_t *count);

enum weir_sign_in {
	WEIR_SIGN_IN_OK,
	WEIR_SIGN_IN_UNKNOWN,          /* no such user, or one without password */
	WEIR_SIGN_IN_WRONG,
	WEIR_SIGN_IN_EXPIRED,          /* a password of an older kind that has to be set again */
	WEIR_SIGN_IN_TOTP              /* right, but a second factor is asked for */
};
/* Compares a password; *user_id is filled for OK and TOTP. */
WEIR_MUSTCHECK weir_err weir_user_sign_in(const struct weir_meta *m, weir_text email, weir_text password, enum weir_sign_in *result,
	weir_text *user_id);
/* A fresh TOTP challenge of five minutes; its id goes into cookie 2fa_challenge. */
WEIR_MUSTCHECK weir_err weir_user_challenge(const struct weir_meta *m, weir_text user_id, weir_text *challenge_id);
/* One row of record user, or none. */
WEIR_MUSTCHECK weir_err weir_user_update(const struct weir_meta *m, weir_text id, weir_text first_name, weir_text last_name, PGresult **rows);
/* The user and all that is his alone: accounts, sessions, memberships, invitations that he sent. */
WEIR_MUSTCHECK weir_err weir_user_delete(const struct weir_meta *m, weir_text id);
/* One row of record user, or none. */
WEIR_MUSTCHECK weir_err weir_user_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* The user's password, whatever it was, or the first one; he is signed out everywhere. */
WEIR_MUSTCHECK weir_err weir_user_set_password(const struct weir_meta *m, weir_text id, weir_text password);
#endif
