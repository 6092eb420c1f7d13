#ifndef WEIR_INGEST_LEGACY_H
#define WEIR_INGEST_LEGACY_H
#include "ingest/track_input.h"
/*
 * The body of POST /event, which older SDKs send: name, profileId, properties
 * and groups at the top, without a schema (spec/ingest.md 1.3).  What is of
 * another type counts as absent where OpenPanel would take it so; what the
 * tables cannot hold, or would count twice, is refused in the words of the
 * newer endpoint: names that are kept for sessions, revenue that is no whole
 * number.
 *
 * WEIR_EBADREQ with the sentences in issues; WEIR_ENOMEM.
 */
WEIR_MUSTCHECK weir_err weir_legacy_event_read(weir_arena *mem, json_object *body, struct weir_track_event *e, weir_str *issues);
#endif
