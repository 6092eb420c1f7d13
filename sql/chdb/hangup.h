#ifndef WEIR_CHDB_HANGUP_H
#define WEIR_CHDB_HANGUP_H
#include "pool.h"
/*
 * Notices that a client closed its connection while its query runs (the HTTP
 * thread does not look at a connection that waits) and ends the query.  A
 * client that only closes its sending side counts as gone.
 */
struct weir_hangup;

/* NULL when the thread cannot be started. */
struct weir_hangup *weir_hangup_start(struct weir_pool *pool);
void weir_hangup_stop(struct weir_hangup *h);
/* Looks at fd for the call until weir_hangup_forget, which must come before the socket is closed. */
void weir_hangup_watch(struct weir_hangup *h, int fd, struct weir_call *c);
void weir_hangup_forget(struct weir_hangup *h, int fd, struct weir_call *c);
#endif
