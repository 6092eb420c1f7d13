#ifndef WEIR_INGEST_IMPORT_ROW_H
#define WEIR_INGEST_IMPORT_ROW_H
#include "base/jsonr.h"
#include "ingest/event.h"
/*
 * A row of POST /import/events: an object with the columns of the table events
 * by their names (spec/ingest.md 1.5, 7.1).  Columns that are not there are
 * empty, names that are no columns are ignored; created_at must be there.
 * Milliseconds are kept.  A row without id gets one that follows from seed, so
 * that the same import can be sent again.
 */
struct weir_import_row {
	struct weir_event event;
	char why[160];         /* for the sender, when the row is bad */
};

/*
 * project_id and imported_at (s) go over what the row says.  Texts are views
 * into the tree and the arena.  WEIR_EBADREQ: why says which column and what
 * is wrong with it; WEIR_ENOMEM.
 */
WEIR_MUSTCHECK weir_err weir_import_row_read(weir_arena *mem, json_object *row, weir_text project_id, int64_t imported_at,
	weir_text seed, struct weir_import_row *out);
#endif
