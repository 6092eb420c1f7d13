#include "config.h"
#include "query/overview.h"
#include "query/plan.h"
#include "query/sankey.h"

/* How visitors go from page to page: a sankey of the pages that sessions begin with (spec/queries.md 14.8). */

/* The first pages of each session, repetitions in a row taken out; a path ends before a page that was there already. */
static weir_err paths(weir_sql *q, const struct weir_overview_ask *o, int64_t steps)
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

static weir_err entries(weir_sql *q, const struct weir_overview_ask *o, int64_t steps, const char *columns)
{
	weir_err err;

	weir_sql_const(q, columns);
	weir_sql_add(q, " FROM (");
	err = paths(q, o, steps);
	weir_sql_add(q, ") GROUP BY entry ORDER BY count() DESC, entry LIMIT 3");
	return err;
}

weir_err weir_page_journey(const struct weir_overview_ask *o, int64_t steps, struct weir_sankey_graph *graph)
{
	struct weir_plan plan;
	weir_sql *first, *then;
	weir_err err;

	weir_plan_init(&plan, &o->base);
	first = weir_plan_add(&plan, "the three most frequent first pages");
	then = weir_plan_add(&plan, "the steps from them");
	err = first && then ? entries(first, o, steps, "SELECT path[1] AS entry, count() AS n") : WEIR_ENOMEM;
	if (!err) {
		weir_sql_add(then, "SELECT path[i] AS source, path[i + 1] AS target, i, count() AS n FROM (");
		err = paths(then, o, steps);
		weir_sql_add(then, " AND path[1] IN (");
	}
	if (!err)
		err = entries(then, o, steps, "SELECT path[1] AS entry");
	if (!err) {
		weir_sql_add(then, ")) ARRAY JOIN arrayEnumerate(arrayPopBack(path)) AS i GROUP BY source, target, i"
			" ORDER BY i, n DESC, source, target LIMIT 3 BY i, source");
		err = weir_plan_run(&plan);
	}
	if (!err)
		err = weir_sankey_graph(o->base.mem, weir_str_view(&plan.items[0]->rows), weir_str_view(&plan.items[1]->rows), steps, false, graph);
	weir_plan_free(&plan);
	return err;
}
