#ifndef WEIR_INGEST_SALTS_H
#define WEIR_INGEST_SALTS_H
#include "link/postgres.h"
#include <stdint.h>
/*
 * The salts of device ids (spec/ingest.md 4.2), kept in PostgreSQL's table
 * salts: the newest is used, the one before it still recognises visits from
 * before the change, older ones are deleted so that nobody can compute old
 * device ids again.
 */

/*
 * Sees that there are two salts, and that the newest is not from a day (UTC)
 * before now_ms: makes a new one then, when rotate is set.  Safe to call at any
 * time and from several workers.  *changed tells whether responders have to
 * read them again (link/generation.h).
 */
WEIR_MUSTCHECK weir_err weir_salts_refresh(weir_pg *pg, weir_arena *mem, int64_t now_ms, bool rotate, bool *changed);
#endif
