#ifndef WEIR_META_RESET_H
#define WEIR_META_RESET_H
#include "meta/meta.h"
/* Forgotten passwords (spec/trpc-metadata.md 2.6). A token is good for ten minutes and for one password. */

/* A fresh token for the account with a password at this address, the older ones are gone; *to is its address as stored. Both {NULL, 0}: none such. */
WEIR_MUSTCHECK weir_err weir_reset_begin(const struct weir_meta *m, weir_text email, weir_text *token, weir_text *to);

enum weir_reset {
	WEIR_RESET_OK,
	WEIR_RESET_UNKNOWN,
	WEIR_RESET_EXPIRED
};
WEIR_MUSTCHECK weir_err weir_reset_finish(const struct weir_meta *m, weir_text token, weir_text password, enum weir_reset *result);
#endif
