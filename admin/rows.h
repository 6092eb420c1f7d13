#ifndef WEIR_ADMIN_ROWS_H
#define WEIR_ADMIN_ROWS_H
#include "ctl.h"
#include "meta/record.h"
/* Rows of a record (meta/record.h) for people and for programs. Secrets' hashes are shown to neither. */

/* The members of one row, into the object that is open. */
void ctl_row_json(struct ctl *ctl, const struct weir_record *record, const PGresult *rows, int row);
/* A table with the named columns (ends with NULL), a head line first; or an array with --json. */
int ctl_rows(struct ctl *ctl, const struct weir_record *record, const PGresult *rows, const char *const *columns);
#endif
