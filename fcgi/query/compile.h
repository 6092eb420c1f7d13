#ifndef WEIR_QUERY_COMPILE_H
#define WEIR_QUERY_COMPILE_H
#include "query/chart.h"
/*
 * A report of any chart type into its plan.  WEIR_EBADREQ, with advice, when
 * the type needs what the report lacks.
 */
WEIR_MUSTCHECK weir_err weir_report_compile(struct weir_report *report, struct weir_plan *plan);
#endif
