#ifndef WEIR_INGEST_OWNER_H
#define WEIR_INGEST_OWNER_H
#include "base/text.h"
/*
 * The name of a worker process, as it stands in the lease of a stream:
 * HOST/PID NAMESPACE/BOOT/PID/START/RANDOM.  It says enough for another worker
 * of the same host to see that its holder is dead, so that after a kill -9 the
 * next one need not wait for the lease to run out.  From another host or
 * container nothing is known, and the lease decides.
 */
enum { WEIR_OWNER_MAX = 256 };

/* This process; out is NUL-terminated. */
void weir_owner_name(char out[WEIR_OWNER_MAX]);
/* True when the named process ran here, in our own view of process ids, and is gone. */
bool weir_owner_is_dead(weir_text name);
#endif
