#ifndef WEIR_BASE_ZONE_H
#define WEIR_BASE_ZONE_H
#include "base/arena.h"
#include "base/err.h"
#include <stdint.h>
/*
 * Time zones of the tz database ("Europe/Stockholm"), read from the system's
 * compiled files (RFC 8536) with the rule at their end for times beyond the
 * table.  The zone of the process is never looked at.
 */
struct weir_zone;

/* WEIR_ENOTFOUND for a name that there is no file of. "UTC" needs none. */
WEIR_MUSTCHECK weir_err weir_zone_load(weir_arena *mem, weir_text name, const struct weir_zone **zone);
/* Seconds to add to UTC at that moment. */
int32_t weir_zone_offset(const struct weir_zone *zone, int64_t utc_ms);
#endif
