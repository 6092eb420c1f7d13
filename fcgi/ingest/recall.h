#ifndef WEIR_INGEST_RECALL_H
#define WEIR_INGEST_RECALL_H
#include "base/text.h"
#include <stdint.h>
/*
 * The sessions that the responders of a host saw last: what they answer while
 * Redis, which knows them all, is away.  All processes share one file, so that
 * what one of them told a visitor the others tell as well, and a plain CGI
 * program knows what the one before it knew.
 *
 * A fixed number of places; a device's four follow from its name, and the
 * session that ended longest ago goes.  A place holds digests of the names and
 * the session's id.  Nobody locks: each place carries a digest of itself, and
 * one that is half written, by two at once or by a process that died, is free.
 */
typedef struct weir_recall weir_recall;

enum { WEIR_RECALL_ID_MAX = 24 };

/* dir: where the file lies; when it cannot be made there, the process remembers for itself alone.  NULL on no memory. */
weir_recall *weir_recall_new(const char *dir);
void weir_recall_free(weir_recall *r);
/* Notes that the device's session was alive at event_ms. An id of more than WEIR_RECALL_ID_MAX bytes is not noted. */
void weir_recall_note(weir_recall *r, weir_text project, weir_text device, weir_text session, int64_t event_ms);
/*
 * The session of the device, out of those known, that is nearest to event_ms: less than timeout_ms from the first or the
 * last of its events that were noted.  False when there is none; id gets no NUL.
 */
bool weir_recall_find(const weir_recall *r, weir_text project, weir_text device, int64_t event_ms, int64_t timeout_ms,
	char id[WEIR_RECALL_ID_MAX], size_t *len);
#endif
