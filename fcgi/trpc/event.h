#ifndef WEIR_TRPC_EVENT_H
#define WEIR_TRPC_EVENT_H
#include "meta/event_meta.h"
#include "trpc/place.h"
#include "trpc/profile.h"
/* Writing events (spec/queries.md 17.1). */
struct weir_event_item {
	const char *name, *column;     /* in answers; in rows of query/events.h */
	enum { WEIR_EVENT_TEXT, WEIR_EVENT_NUMBER, WEIR_EVENT_TREE, WEIR_EVENT_MS, WEIR_EVENT_SECONDS } kind;
	bool always, usual;            /* whatever is asked; unless it is not asked for */
	const char *follows;           /* the member whose visibility counts, or NULL */
};
extern const struct weir_event_item weir_event_items[];
extern const size_t weir_event_item_count;

/*
 * What a project says of its event names (rows of record event_meta), asked
 * while a statement of ask runs: weir_metas_beside before it, weir_metas_take
 * behind it, which asks itself where none has run.
 */
struct weir_metas {
	struct weir_call *call;
	struct weir_ch_aside aside;
	PGresult *rows;
	weir_err err;
	bool asked;
};
/* m must stay where it is as long as ask is used. */
void weir_metas_beside(struct weir_metas *m, struct weir_call *c, struct weir_ask *ask);
WEIR_MUSTCHECK weir_err weir_metas_take(struct weir_metas *m, PGresult **rows);

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
