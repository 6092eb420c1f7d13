#ifndef WEIR_REST_EXPORT_FORMAT_H
#define WEIR_REST_EXPORT_FORMAT_H
#include "query/sql.h"
#include "rest/route.h"
/* Writing exported events: as JSON objects, one to a line, or as CSV (RFC 4180). */
enum weir_export_format { WEIR_EXPORT_JSON, WEIR_EXPORT_NDJSON, WEIR_EXPORT_CSV };

/* Which members an event has: the usual ones, and those of the list of names (each may be several, between commas). */
struct weir_export_look {
	bool shown[64];                /* by place in weir_event_items */
	bool revenue, groups, duration, profile, meta;
	json_object *profiles;         /* rows of profiles for this piece; NULL: none */
	const PGresult *metas;
};
void weir_export_look(json_object *includes, struct weir_export_look *look);

/* One event; in CSV with the end of its line. */
WEIR_MUSTCHECK weir_err weir_export_json(weir_json *j, weir_arena *mem, json_object *row, const struct weir_export_look *look);
WEIR_MUSTCHECK weir_err weir_export_csv(weir_str *out, json_object *row, const struct weir_export_look *look);
/* The line of names. */
void weir_export_csv_head(weir_str *out, const struct weir_export_look *look);
#endif
