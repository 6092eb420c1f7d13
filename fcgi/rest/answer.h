#ifndef WEIR_REST_ANSWER_H
#define WEIR_REST_ANSWER_H
#include "link/postgres.h"
#include "meta/record.h"
#include "rest/route.h"
/* Writing answers: rows of PostgreSQL as plain JSON (moments as ISO 8601 texts), and errors (spec/ingest.md 0.1). */

/*
 * The members of one row's record into the object that is open; its first
 * column is number column of the result.  A secret becomes "hidden", or what
 * clear says when that is there.
 */
void weir_rest_record(struct weir_rest_call *c, const struct weir_record *record, const PGresult *res, int row, int column, weir_text clear);
/* {"data": [rows]} */
void weir_rest_rows(struct weir_rest_call *c, const struct weir_record *record, const PGresult *res);
/* {"data": the first row}; without one WEIR_ENOTFOUND with missing as its sentence. */
WEIR_MUSTCHECK weir_err weir_rest_first(struct weir_rest_call *c, const struct weir_record *record, const PGresult *res, const char *missing);
/* {"success":true} */
void weir_rest_success(struct weir_rest_call *c);

/* The error's status and envelope, in the place of whatever was written. */
void weir_rest_error(struct weir_req *r, weir_err err, const char *error, weir_text message);
#endif
