#include "config.h"
#include "query/overview.h"
#include "query/plan.h"
#include "query/sankey.h"

/* How visitors go from page to page: a sankey of the pages that sessions begin with (spec/queries.md 14.8). */

/* The first pages of each session, repetitions in a row taken out; a path ends before a page that was there already. */
static weir_err paths_sql(weir_sql *q, const struct weir_overview_ask *o, int64_t steps)
{
	weir_err err;

	weir_sql_add(q, "SELECT arraySlice(piece, 1, toInt64(arrayFirstIndex((x, i) -> indexOf(piece, x) < i, piece, arrayEnumerate(piece))) - 1) AS cut,"
		" if(arrayUniq(piece) = length(piece), piece, cut) AS path FROM (SELECT arraySlice(arrayCompact(arrayMap(x -> x.2, arraySort("
		"groupArray((toUnixTimestamp64Milli(e.created_at), concat(e.origin, e.path)))))), 1, ");
	weir_sql_int(q, steps);
	weir_sql_add(q, ") AS piece FROM events AS e");
	err = weir_views_where(q, o);
	weir_sql_add(q, " AND e.name = 'screen_view' AND e.path != '' AND e.session_id != '' GROUP BY e.session_id) WHERE length(path) >= 2");
	return err;
}

/*
 * Rows for weir_sankey_graph.  Sites have many pages, so that nearly each
 * path is another: rather than counting the steps of all of them, the paths
 * are put together by their first page, and those of three taken apart.
 */
static weir_err steps_sql(weir_sql *q, const struct weir_overview_ask *o, int64_t steps)
{
	weir_err err;

	weir_sql_add(q, "SELECT source, target, i, count() AS n FROM (SELECT arrayPushFront(arrayJoin(tails), entry) AS path FROM (SELECT path[1] AS entry,"
		" groupArray(arraySlice(path, 2)) AS tails FROM (");
	err = paths_sql(q, o, steps);
	weir_sql_add(q, ") GROUP BY entry ORDER BY length(tails) DESC, entry LIMIT 3)) ARRAY JOIN arrayPushFront(arrayPopBack(path), '') AS source,"
		" path AS target, range(length(path)) AS i GROUP BY source, target, i ORDER BY i, n DESC, source, target LIMIT 3 BY i, source");
	return err;
}

weir_err weir_page_journey(const struct weir_overview_ask *o, int64_t steps, struct weir_sankey_graph *graph)
{
	struct weir_plan plan;
	weir_sql *q;
	weir_err err;

	weir_plan_init(&plan, &o->base);
	q = weir_plan_add(&plan, "the steps from the three most frequent first pages");
	err = q ? steps_sql(q, o, steps) : WEIR_ENOMEM;
	if (!err)
		err = weir_plan_run(&plan);
	if (!err)
		err = weir_sankey_graph(o->base.mem, weir_str_view(&plan.items[0]->rows), steps, false, graph);
	weir_plan_free(&plan);
	return err;
}
