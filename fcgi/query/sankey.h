#ifndef WEIR_QUERY_SANKEY_H
#define WEIR_QUERY_SANKEY_H
#include "query/chart.h"
/*
 * Which events follow which (spec/queries.md 12).  ClickHouse cuts each
 * session's row of names and counts the steps; what comes back is at most
 * three targets for each name and place, so memory here does not grow with
 * the events.
 */
enum { WEIR_SANKEY_STEPS_MAX = 10 };

enum weir_sankey_mode { WEIR_SANKEY_AFTER, WEIR_SANKEY_BEFORE, WEIR_SANKEY_BETWEEN };

struct weir_sankey {
	const struct weir_report *report;
	enum weir_sankey_mode mode;
	int64_t steps;
	json_object *start, *end;      /* event series; end only of BETWEEN */
	json_object *include, *exclude; /* names, may be NULL; include wins */
};

struct weir_sankey_node {
	weir_text id, label;
	size_t color;                  /* rank of the entry that it comes from */
	double value, share;           /* share: of all sessions, in percent */
	int64_t step;
	bool kept, entry;
};
struct weir_sankey_link {
	size_t source, target;         /* nodes */
	double value;
	bool kept;
};
struct weir_sankey_graph {
	struct weir_sankey_node *nodes; /* those kept, by step and value */
	size_t node_count;
	struct weir_sankey_link *links; /* those kept */
	size_t link_count;
};

/* The sankey of a report's options; WEIR_EBADREQ, with advice, when they are not such or an event is missing. */
WEIR_MUSTCHECK weir_err weir_sankey_of(const struct weir_report *report, struct weir_sankey *s);
WEIR_MUSTCHECK weir_err weir_sankey_compile(const struct weir_sankey *s, struct weir_plan *plan);
WEIR_MUSTCHECK weir_err weir_sankey_read(const struct weir_sankey *s, const struct weir_plan *plan, struct weir_sankey_graph *graph);
/*
 * Rows "source, target, position, sessions" into a graph; at position 0 the targets are the entries and there is no source.
 * Shared with page journeys.
 */
WEIR_MUSTCHECK weir_err weir_sankey_graph(weir_arena *mem, weir_text rows, int64_t steps, bool merge, struct weir_sankey_graph *graph);
/* Rows "label, name": nodes get their names as labels; one that has none gets "". Not for graphs with merged ends. */
WEIR_MUSTCHECK weir_err weir_sankey_name(weir_arena *mem, weir_text rows, struct weir_sankey_graph *graph);
#endif
