#ifndef WEIR_CHDB_SPOOL_H
#define WEIR_CHDB_SPOOL_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
#include <sys/types.h>
/*
 * The answer between the thread that makes it and the one that sends it: a
 * queue of bytes.  Up to mem_max of it waits in memory, more goes to a file
 * without a name in the data directory, so that a slow reader holds up neither
 * a query nor memory.  At file_max the writer is refused.
 *
 * Not locked: the owner (call.h) locks around every function.
 */
struct weir_spool;

/* dir: where the file goes when one is needed. NULL on out of memory. */
struct weir_spool *weir_spool_new(const char *dir, size_t mem_max, uint64_t file_max);
void weir_spool_free(struct weir_spool *s);
/* Copies. WEIR_ELIMIT when full, WEIR_EUNAVAIL when the disk refuses. */
WEIR_MUSTCHECK weir_err weir_spool_add(struct weir_spool *s, weir_text data);
/* Whether memory is full, or the file in use. */
bool weir_spool_is_full(const struct weir_spool *s);
/* Takes data over without copying, whatever its size; release(owner) is called when it has been read or dropped. */
WEIR_MUSTCHECK weir_err weir_spool_take(struct weir_spool *s, weir_text data, void *owner, void (*release)(void *));
/* Reads up to max bytes; 0 when nothing is there, -1 when the file cannot be read. */
ssize_t weir_spool_read(struct weir_spool *s, char *out, size_t max);
/* Bytes that wait, and bytes ever added. */
uint64_t weir_spool_waiting(const struct weir_spool *s);
uint64_t weir_spool_total(const struct weir_spool *s);
/* Drops what waits. */
void weir_spool_clear(struct weir_spool *s);
#endif
