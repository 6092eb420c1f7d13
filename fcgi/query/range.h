#ifndef WEIR_QUERY_RANGE_H
#define WEIR_QUERY_RANGE_H
#include "base/arena.h"
#include "base/err.h"
#include <stdint.h>
/*
 * The span of time that a question is about (spec/queries.md 5): two texts
 * "2026-08-01 00:00:00", wall-clock of the project's zone, both inclusive.
 */
enum { WEIR_WALL_LEN = 19 };

struct weir_range {
	char start[WEIR_WALL_LEN + 1], end[WEIR_WALL_LEN + 1];
};

/*
 * word: "30d" ...; start and end: what the caller gave, or {NULL, 0}.  A given
 * end counts alone or with start, a start without end is passed over.
 * WEIR_EBADREQ when a given date cannot be read.
 */
WEIR_MUSTCHECK weir_err weir_range_of(weir_arena *mem, weir_text word, weir_text start, weir_text end, weir_text timezone, int64_t now_ms,
	struct weir_range *range);
/* The span of the same length before it. */
void weir_range_before(const struct weir_range *range, struct weir_range *before);
/* Wall-clock text to ms as if the zone were UTC, for comparing and subtracting. */
int64_t weir_wall_ms(const char text[WEIR_WALL_LEN + 1]);
/* timezone when there is such a zone, else "UTC". */
weir_text weir_known_timezone(weir_arena *mem, weir_text timezone);
#endif
