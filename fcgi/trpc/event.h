#ifndef WEIR_TRPC_EVENT_H
#define WEIR_TRPC_EVENT_H
#include "meta/event_meta.h"
#include "trpc/place.h"
#include "trpc/profile.h"
/* Writing events (spec/queries.md 17.1). */
struct weir_event_look {
	bool whole;                    /* all members; else those of visibility */
	json_object *visibility;       /* member columnVisibility; NULL: the usual ones */
	PGresult *metas;               /* what the project says of its event names */
	struct weir_page_profiles profiles;
};

/* Fills metas and profiles for a page of rows of query/events.h. */
WEIR_MUSTCHECK weir_err weir_event_look(struct weir_call *c, const struct weir_ask *ask, json_object *rows, size_t count, struct weir_event_look *look);
/* One event as an object. */
WEIR_MUSTCHECK weir_err weir_event_put(struct weir_call *c, const char *key, json_object *row, const struct weir_event_look *look);
/* {data, meta: {next}}: the whole answer for a page and one more. */
WEIR_MUSTCHECK weir_err weir_event_page_put(struct weir_call *c, const struct weir_ask *ask, json_object *rows);
#endif
