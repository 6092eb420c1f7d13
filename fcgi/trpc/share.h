#ifndef WEIR_TRPC_SHARE_H
#define WEIR_TRPC_SHARE_H
#include "meta/share.h"
#include "trpc/call.h"
/* Visitors of shared pages, and how they show that they know the password (spec/trpc-metadata.md 2.3, 3). */

/*
 * Whether the caller may look at the share's content: it asks for no
 * password, or he has given it (a signed cookie), or the project is his
 * anyway.  That the share is public is for the caller of this to see.
 */
WEIR_MUSTCHECK weir_err weir_share_admits(struct weir_call *c, const struct weir_share *share, bool *admits);
#endif
