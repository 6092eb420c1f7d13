#ifndef WEIR_TRPC_REPORT_VIEW_H
#define WEIR_TRPC_REPORT_VIEW_H
#include "link/postgres.h"
#include "trpc/call.h"
/*
 * A saved report as the dashboard wants to have it (spec/trpc-metadata.md 4.0
 * "Report"): the series by their present form whatever their age, what is NULL
 * left out.  Unlike the reference's, its filters keep type, cohortId and cohortIds.
 */

/*
 * The report of that row of record report, as an element or member.  layout:
 * record layout follows behind it; none is left out.  WEIR_EINTERNAL when a
 * column holds no JSON of the expected form.
 */
WEIR_MUSTCHECK weir_err weir_report_view(struct weir_call *c, const char *key, const PGresult *res, int row, bool layout);
#endif
