#ifndef WEIR_META_TOTP_H
#define WEIR_META_TOTP_H
#include "meta/meta.h"
/*
 * A user's second factor (spec/trpc-metadata.md 2.5): the secret, sealed with
 * api.encryption_key; the hashes of the recovery codes, each good for one use;
 * and the challenges of those who have given their password and not yet a code.
 */
enum { WEIR_RECOVERY_CODES = 10 };

struct weir_totp {
	bool found;                    /* set up, perhaps not yet in use */
	int64_t enabled_at;            /* ms; INT64_MIN: not in use */
	weir_text sealed;
	weir_text *recovery;           /* hashes */
	size_t recovery_count;
	bool password;                 /* the user has an account with a password */
	weir_text email;
};
WEIR_MUSTCHECK weir_err weir_totp_get(const struct weir_meta *m, weir_text user_id, struct weir_totp *totp);

/* A fresh secret, not yet in use, in the place of one that is not either; *secret in base32, in the arena. WEIR_ECONFLICT when one is in use. */
WEIR_MUSTCHECK weir_err weir_totp_set_up(const struct weir_meta *m, weir_text user_id, weir_text *secret);
/*
 * Fresh recovery codes in the place of all others; *codes in clear, in the
 * arena.  begin: the secret comes into use now; else it must be in use.
 * WEIR_ENOTFOUND when it is not so.
 */
WEIR_MUSTCHECK weir_err weir_totp_codes(const struct weir_meta *m, weir_text user_id, bool begin, weir_text codes[WEIR_RECOVERY_CODES]);
/* Forgets the secret, the codes and what is under way. */
WEIR_MUSTCHECK weir_err weir_totp_remove(const struct weir_meta *m, weir_text user_id);

enum weir_code {
	WEIR_CODE_WRONG,
	WEIR_CODE_TOTP,
	WEIR_CODE_RECOVERY
};
/* What the typed code is; a recovery code is used up by this unless recovery is false, then it counts as wrong. */
WEIR_MUSTCHECK weir_err weir_totp_verify(const struct weir_meta *m, weir_text user_id, const struct weir_totp *totp, weir_text typed,
	bool recovery, enum weir_code *code);

/* The user who stands at the challenge; {NULL, 0} when there is none such. *expired tells that it was too old and is gone. */
WEIR_MUSTCHECK weir_err weir_totp_challenge(const struct weir_meta *m, weir_text challenge_id, weir_text *user_id, bool *expired);
/* Takes the challenge; false when somebody else has. */
WEIR_MUSTCHECK weir_err weir_totp_challenge_take(const struct weir_meta *m, weir_text challenge_id, bool *taken);
#endif
