#ifndef WEIR_TRPC_PLACE_H
#define WEIR_TRPC_PLACE_H
#include "query/place.h"
#include "trpc/call.h"
/* Members cursor, startDate and endDate of lists, and where the next page begins. */

/* Refuses what is no date. A cursor is "2026-08-01T12:00:00.000Z", or that with ",ID" when a page broke off inside a millisecond. */
WEIR_MUSTCHECK weir_err weir_place_read(struct weir_call *c, struct weir_stretch *stretch);
/* A Date, or a string that JavaScript would read as one; *given tells whether there is any. */
WEIR_MUSTCHECK weir_err weir_place_date(struct weir_call *c, const char *member, bool *given, int64_t *ms);
/* Member next of a page of rows with created_ms and id, of which shown are told. False, and nothing is written, behind an empty page. */
bool weir_place_put_next(struct weir_call *c, json_object *rows, size_t shown);
#endif
