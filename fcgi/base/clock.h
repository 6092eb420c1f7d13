#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
/*
 * Time is int64_t milliseconds since 1970 UTC everywhere (names end in _ms).
 * Civil dates are proleptic Gregorian; no time zone of the process is read.
 */
struct weir_civil {
	int64_t year;
	int month, day;             /* 1..12, 1..31 */
	int hour, minute, second, ms;
	int weekday;                /* 0 = Sunday */
};

enum { WEIR_CLOCK_MAX = 40 };

int64_t weir_now_ms(void);           /* wall clock */
int64_t weir_monotonic_ms(void);     /* for durations and deadlines */
struct weir_civil weir_civil_of(int64_t ms);
int64_t weir_civil_ms(const struct weir_civil *c); /* fields may be out of range: they carry over */

/* "2026-08-01T12:00:00.000Z"; points into buf. */
weir_text weir_clock_iso(int64_t ms, char buf[WEIR_CLOCK_MAX]);
/* "2026-08-01 12:00:00.000", as ClickHouse's DateTime64(3) and PostgreSQL's timestamp(3) print it. */
weir_text weir_clock_sql(int64_t ms, char buf[WEIR_CLOCK_MAX]);
/* Either of the two forms above, with or without fraction; WEIR_EBADREQ otherwise. */
WEIR_MUSTCHECK weir_err weir_clock_parse(weir_text t, int64_t *ms);
/*
 * What JavaScript's Date constructor makes of a string: ISO forms (date only =
 * UTC midnight, no zone = UTC), extended years, and the common legacy forms
 * ("Aug 1, 2026 12:00", "2026/08/01", "Sat, 01 Aug 2026 12:00:00 GMT").
 * WEIR_EBADREQ for what would be an Invalid Date.
 */
WEIR_MUSTCHECK weir_err weir_clock_parse_js(weir_text t, int64_t *ms);
#endif
