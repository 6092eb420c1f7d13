#ifndef WEIR_META_SECRET_H
#define WEIR_META_SECRET_H
#include "meta/meta.h"
/*
 * The key that cookies and links are signed with: setting api.cookie_secret,
 * else one that is made at first use and kept in Redis for all processes.
 */
WEIR_MUSTCHECK weir_err weir_secret_key(const struct weir_meta *m, weir_text *key);

/* value, a dot, and its HMAC-SHA256 in base64 without padding (spec/trpc-metadata.md 2.3); in the arena. */
WEIR_MUSTCHECK weir_err weir_sign(const struct weir_meta *m, weir_text value, weir_text *signed_value);
/* The value of something that weir_sign has signed; {NULL, 0} when it is nothing of the kind. */
WEIR_MUSTCHECK weir_err weir_unsign(const struct weir_meta *m, weir_text signed_value, weir_text *value);
#endif
