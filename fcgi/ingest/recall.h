#ifndef WEIR_INGEST_RECALL_H
#define WEIR_INGEST_RECALL_H
#include "base/text.h"
#include <stdint.h>
/*
 * The sessions that a responder saw last: what it answers while Redis, which
 * knows them all, is away.  A fixed number of places; a device's place follows
 * from its name, and of the four it may have the one used longest ago goes.
 */
typedef struct weir_recall weir_recall;

/* NULL on no memory. */
weir_recall *weir_recall_new(void);
void weir_recall_free(weir_recall *r);
/* Notes that the device's session was alive at event_ms. Names too long for a place are not noted. */
void weir_recall_note(weir_recall *r, weir_text project, weir_text device, weir_text session, int64_t event_ms);
/* The device's session when its last event is less than timeout_ms older than event_ms, else {NULL, 0}; valid until the next note. */
weir_text weir_recall_find(const weir_recall *r, weir_text project, weir_text device, int64_t event_ms, int64_t timeout_ms);
#endif
