#ifndef WEIR_INGEST_IMPORT_H
#define WEIR_INGEST_IMPORT_H
#include "base/str.h"
#include "ingest/import_row.h"
#include "link/clickhouse.h"
/*
 * Imported events on their way into ClickHouse: rows are collected and
 * inserted a block at a time, so that memory stays the same however long the
 * import is.  Rows go to the table at once, without sessions, profiles or
 * filters (spec/ingest.md 1.5).
 *
 *   weir_import_new   weir_import_add ...   weir_import_end   weir_import_free
 *
 * An import can be sent again, whole or after it broke off: a row whose id
 * ClickHouse has already is not stored twice.
 */
struct weir_import_error {
	size_t index;          /* of the row in the document, from 0 */
	char why[160];
};

enum { WEIR_IMPORT_ERRORS = 100 }; /* errors that are told one by one */

struct weir_import_figures {
	size_t imported, existing, failed;
	struct weir_import_error error[WEIR_IMPORT_ERRORS];
	size_t errors;         /* filled; failed may be more */
};

typedef struct weir_import weir_import;

/* conf and project_id outlive it. NULL with *fault filled on no memory or settings that make no sense. */
weir_import *weir_import_new(const struct weir_conf *conf, weir_text project_id, int64_t now_ms, struct weir_fault *fault);
void weir_import_free(weir_import *im);
/* run is called again and again while ClickHouse is waited for; it may not use the import. */
void weir_import_meanwhile(weir_import *im, void (*run)(void));
/*
 * A row as JSON text; {NULL, 0} for one that was too long to be read.  A bad
 * row is counted and no error.  WEIR_EUNAVAIL: ClickHouse is away or refuses
 * for a reason that is no row's fault (weir_import_error tells); what the
 * figures count is stored.
 */
WEIR_MUSTCHECK weir_err weir_import_add(weir_import *im, size_t index, weir_text row);
/* The last rows. Errors as above. */
WEIR_MUSTCHECK weir_err weir_import_end(weir_import *im);
const struct weir_import_figures *weir_import_figures(const weir_import *im);
const char *weir_import_error(const weir_import *im);
#endif
