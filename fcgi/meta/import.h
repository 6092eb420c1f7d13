#ifndef WEIR_META_IMPORT_H
#define WEIR_META_IMPORT_H
#include "meta/meta.h"
/* Imports from other services: what is to be imported, and how far it is (spec/trpc-metadata.md 4.13). Rows are of record import. */

WEIR_MUSTCHECK weir_err weir_import_list(const struct weir_meta *m, weir_text project_id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_import_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* A pending one with a fresh job id; config is JSON. */
WEIR_MUSTCHECK weir_err weir_import_create(const struct weir_meta *m, weir_text project_id, weir_text config, PGresult **rows);
/* A failed one becomes pending again, with another job id; none when it has not failed. */
WEIR_MUSTCHECK weir_err weir_import_retry(const struct weir_meta *m, weir_text id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_import_delete(const struct weir_meta *m, weir_text id, PGresult **rows);
#endif
