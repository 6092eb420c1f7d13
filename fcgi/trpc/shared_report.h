#ifndef WEIR_TRPC_SHARED_REPORT_H
#define WEIR_TRPC_SHARED_REPORT_H
#include "meta/share.h"
#include "trpc/call.h"
/*
 * A chart that is asked for by a visitor of a shared report or dashboard
 * (spec/queries.md 3.1, 3.2, 11.1): he names share and report, and what is
 * charted is the stored report, whatever else his input says.
 */

/*
 * Finds the share of raw's shareId that holds report id.  *share is not found
 * when there is none; else raw becomes the report's input: of what it said
 * before only range, interval, startDate and endDate stay.
 */
WEIR_MUSTCHECK weir_err weir_shared_report(struct weir_call *c, json_object *raw, struct weir_share *share);
/*
 * What the report charts (weir_report_chart, meta/report.h) as the input of a
 * chart's procedure; in loses all that it had but the span of time: range,
 * interval, startDate, endDate.
 */
WEIR_MUSTCHECK weir_err weir_report_input(weir_arena *mem, weir_text json, json_object *in);
#endif
