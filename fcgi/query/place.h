#ifndef WEIR_QUERY_PLACE_H
#define WEIR_QUERY_PLACE_H
#include "query/sql.h"
/*
 * Places in lists that are sorted by moment downwards and id upwards, and how
 * far back a page of one is looked for (spec/queries.md 17.1).
 */

/* The row behind which a page begins: its moment and id ({NULL, 0}: everything of that moment has been seen). */
struct weir_place {
	int64_t ms;
	weir_text id;
};

struct weir_stretch {
	bool has_cursor, has_dates;
	struct weir_place cursor;
	int64_t start_ms, end_ms;      /* the UTC days of both count whole */
};

/* " AND ..." for rows whose moment and id are these constants. since_ms INT64_MIN: as far back as there is anything. */
void weir_stretch_sql(weir_sql *q, const struct weir_stretch *s, const char *moment, const char *id, int64_t since_ms);
/*
 * Asks page for stretches that reach back from the cursor or now in steps that
 * double, days_max at most, until it brings rows; with both dates and no
 * cursor only once.
 */
WEIR_MUSTCHECK weir_err weir_stretch_walk(const struct weir_stretch *s, int64_t now_ms, int64_t days_max,
	weir_err (*page)(const void *ask, int64_t since_ms, json_object **rows), const void *ask, json_object **rows);
#endif
