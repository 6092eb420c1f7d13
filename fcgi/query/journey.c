#include "config.h"
#include "query/overview.h"
#include "query/plan.h"
#include "query/sankey.h"

/* How visitors go from page to page: a sankey of the pages that sessions begin with (spec/queries.md 14.8). */

/*
 * Pages are numbers until the graph is there: sessions hold 16 bytes for each
 * view instead of an address, which takes about half the time.  Only the few
 * pages of the graph are asked for their names.  Of equally frequent pages it
 * is these numbers that say which are shown.
 */
#define PAGE "cityHash64(concat(e.origin, e.path))"
#define VIEW "bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.created_at)), 64), toUInt128(" PAGE "))"

static weir_err views_sql(weir_sql *q, const struct weir_overview_ask *o)
{
	weir_err err = weir_views_where(q, o);

	weir_sql_add(q, " AND e.name = 'screen_view' AND e.path != '' AND e.session_id != ''");
	return err;
}

/* The first pages of each session, repetitions in a row taken out; a path ends before a page that was there already. */
static weir_err paths_sql(weir_sql *q, const struct weir_overview_ask *o, int64_t steps)
{
	weir_err err;

	weir_sql_add(q, "SELECT arraySlice(piece, 1, toInt64(arrayFirstIndex((x, i) -> indexOf(piece, x) < i, piece, arrayEnumerate(piece))) - 1) AS cut,"
		" if(arrayUniq(piece) = length(piece), piece, cut) AS path FROM (SELECT arraySlice(arrayCompact(arrayMap(x -> toUInt64(x),"
		" arraySort(groupArray(" VIEW ")))), 1, ");
	weir_sql_int(q, steps);
	weir_sql_add(q, ") AS piece FROM events AS e");
	err = views_sql(q, o);
	weir_sql_add(q, " GROUP BY e.session_id) WHERE length(path) >= 2");
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
	weir_sql_add(q, ") GROUP BY entry ORDER BY length(tails) DESC, entry LIMIT 3)) ARRAY JOIN arrayPushFront(arrayPopBack(path), 0) AS source,"
		" path AS target, range(length(path)) AS i GROUP BY source, target, i ORDER BY i, n DESC, source, target LIMIT 3 BY i, source");
	return err;
}

/* The numbers of the graph's pages, each once. */
static weir_err numbers_of(weir_arena *mem, const struct weir_sankey_graph *graph, weir_text *out, size_t *count)
{
	weir_text *pages = weir_alloc_n(mem, graph->node_count + 1, sizeof(*pages));

	*count = 0;
	for (size_t i = 0; pages && i < graph->node_count; i++) {
		size_t before = 0;

		while (before < *count && !weir_text_eq(pages[before], graph->nodes[i].label))
			before++;
		if (before == *count)
			pages[(*count)++] = graph->nodes[i].label;
	}
	*out = pages ? weir_sql_digits(mem, pages, *count) : (weir_text){ NULL, 0 };
	return out->p ? WEIR_OK : WEIR_ENOMEM;
}

/* Rows "number, address"; ClickHouse ends when it has found them all, which are pages that many rows have. */
static weir_err names_sql(weir_sql *q, const struct weir_overview_ask *o, weir_text numbers, size_t count)
{
	weir_err err;

	weir_sql_add(q, "SELECT DISTINCT " PAGE " AS page, concat(e.origin, e.path) AS address FROM events AS e");
	err = views_sql(q, o);
	weir_sql_add(q, " AND page IN ");
	weir_sql_bind(q, "Array(UInt64)", numbers);
	weir_sql_add(q, " LIMIT ");
	weir_sql_int(q, (int64_t)count);
	return err;
}

static weir_err name_pages(const struct weir_overview_ask *o, struct weir_sankey_graph *graph)
{
	struct weir_plan plan;
	weir_text numbers;
	weir_sql *q;
	size_t count;
	weir_err err = numbers_of(o->base.mem, graph, &numbers, &count);

	if (err || !count)
		return err;
	weir_plan_init(&plan, &o->base);
	q = weir_plan_add(&plan, "the addresses of the pages");
	err = q ? names_sql(q, o, numbers, count) : WEIR_ENOMEM;
	if (!err)
		err = weir_plan_run(&plan);
	if (!err)
		err = weir_sankey_name(o->base.mem, weir_str_view(&plan.items[0]->rows), graph);
	weir_plan_free(&plan);
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
	return err ? err : name_pages(o, graph);
}
