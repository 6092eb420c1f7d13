#ifndef WEIR_TRPC_CHART_H
#define WEIR_TRPC_CHART_H
#include "query/chart.h"
#include "trpc/call.h"
/* What the chart procedures have in common. */

/* The report that a call asks for, with the names of cohorts where its breakdowns show them. */
WEIR_MUSTCHECK weir_err weir_call_report(struct weir_call *c, struct weir_report *report);
/* The answer of chart.chart and chart.aggregate (spec/queries.md 6.7). */
WEIR_MUSTCHECK weir_err weir_reply_chart(struct weir_call *c, const struct weir_report *report, const struct weir_chart *chart);
/* Runs a plan whose first statement answers profile ids, and writes these profiles as a list. */
WEIR_MUSTCHECK weir_err weir_reply_profiles_of(struct weir_call *c, const struct weir_ask *ask, struct weir_plan *plan);
struct weir_sankey_graph;
/* {nodes, links} */
void weir_reply_graph(struct weir_call *c, const struct weir_sankey_graph *g);
#endif
