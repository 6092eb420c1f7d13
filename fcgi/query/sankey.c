#include "config.h"
#include "query/sankey.h"

#include "base/jsonr.h"
#include "query/filter.h"

/* One statement: the paths of sessions, and the steps of those that begin with one of the three most frequent names. */

static const struct {
	const char *word;
	enum weir_sankey_mode mode;
} modes[] = { { "after", WEIR_SANKEY_AFTER }, { "before", WEIR_SANKEY_BEFORE }, { "between", WEIR_SANKEY_BETWEEN } };

static enum weir_sankey_mode mode_of(weir_text word)
{
	size_t i = sizeof(modes) / sizeof(*modes) - 1;

	while (i > 0 && !weir_text_is(word, modes[i].word))
		i--;
	return modes[i].mode;
}

weir_err weir_sankey_of(const struct weir_report *report, struct weir_sankey *s)
{
	json_object *options = weir_jsonr_get(report->in, "options");

	*s = (struct weir_sankey){
		.report = report, .mode = mode_of(weir_jsonr_get_text(options, "mode")),
		.steps = json_object_get_int64(weir_jsonr_get(options, "steps")), .start = report->events[0],
		.include = weir_jsonr_get(options, "include"), .exclude = weir_jsonr_get(options, "exclude"),
	};
	if (!weir_text_is(weir_jsonr_get_text(options, "type"), "sankey")) {
		weir_ask_advise(&report->ask, "Sankey options are required");
		return WEIR_EBADREQ;
	}
	if (!report->event_count || (s->mode == WEIR_SANKEY_BETWEEN && report->event_count < 2)) {
		weir_ask_advise(&report->ask, report->event_count ? "End event is required" : "Start event is required");
		return WEIR_EBADREQ;
	}
	if (s->mode == WEIR_SANKEY_BETWEEN)
		s->end = report->events[1];
	return WEIR_OK;
}

static weir_err names_of(weir_arena *mem, json_object *list, const struct weir_sankey *s, weir_text **names, size_t *count)
{
	size_t n = weir_jsonr_count(list);

	*count = 0;
	*names = weir_alloc_n(mem, n + 2, sizeof(**names));
	if (!*names)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++)
		(*names)[(*count)++] = weir_jsonr_text(weir_jsonr_at(list, i));
	if (s) {
		(*names)[(*count)++] = weir_jsonr_get_text(s->start, "name");
		if (s->end)
			(*names)[(*count)++] = weir_jsonr_get_text(s->end, "name");
	}
	return WEIR_OK;
}

/* Which names the paths are made of. */
static weir_err choice_sql(weir_sql *q, const struct weir_sankey *s)
{
	bool only = s->include && weir_jsonr_count(s->include);
	weir_text *names;
	size_t count;
	weir_err err = names_of(q->mem, only ? s->include : s->exclude, only ? s : NULL, &names, &count);

	if (err || !count)
		return err;
	weir_sql_const(q, only ? " AND e.name IN " : " AND e.name NOT IN ");
	weir_sql_strings(q, names, count);
	return WEIR_OK;
}

/* 1 for rows that are the event and pass its filters. */
static weir_err match_sql(weir_sql *q, const struct weir_sankey *s, json_object *event, const char *name)
{
	weir_err err;

	weir_sql_add(q, ", max(ifNull(toUInt8(e.name = ");
	weir_sql_string(q, weir_jsonr_get_text(event, "name"));
	err = weir_event_filters_sql(q, s->report, event);
	weir_sql_add(q, "), 0)) AS ");
	weir_sql_const(q, name);
	return err;
}

/* Sessions as rows of names, with repetitions in a row taken out. */
static weir_err sessions_sql(weir_sql *q, const struct weir_sankey *s)
{
	const struct weir_report *r = s->report;
	struct weir_joins joins = { .profile = false };
	struct weir_span span;
	weir_err err = weir_event_joins(r, s->start, &joins);

	if (!err && s->end)
		err = weir_event_joins(r, s->end, &joins);
	if (!err)
		err = weir_span_of(r->ask.mem, &r->range, r->ask.timezone, &span);
	if (err)
		return err;
	weir_sql_add(q, "SELECT arrayCompact(arrayMap(x -> x.2, arraySort(groupArray((toUnixTimestamp64Milli(e.created_at), toString(e.name))))))"
		" AS names");
	err = match_sql(q, s, s->start, "has_start");
	if (!err && s->end)
		err = match_sql(q, s, s->end, "has_end");
	weir_sql_from(q, &r->ask, &joins);
	weir_where_sql(q, &r->ask, &span);
	weir_sql_add(q, " AND e.session_id != ''");
	if (!err)
		err = choice_sql(q, s);
	weir_sql_const(q, s->end ? " GROUP BY e.session_id HAVING has_start = 1 AND has_end = 1" : " GROUP BY e.session_id HAVING has_start = 1");
	return err;
}

static void at_name(weir_sql *q, json_object *event)
{
	weir_sql_add(q, "indexOf(names, ");
	weir_sql_string(q, weir_jsonr_get_text(event, "name"));
	weir_sql_add(q, ")");
}

/* The piece of each session that is asked for; nothing where from is 0. */
static void cut_sql(weir_sql *q, const struct weir_sankey *s)
{
	weir_sql_add(q, "SELECT ");
	at_name(q, s->start);
	weir_sql_add(q, " AS from, ");
	switch (s->mode) {
	case WEIR_SANKEY_AFTER:
		weir_sql_add(q, "arraySlice(names, from, ");
		weir_sql_int(q, s->steps);
		weir_sql_add(q, ")");
		break;
	case WEIR_SANKEY_BEFORE:
		weir_sql_add(q, "arraySlice(names, greatest(1, toInt64(from) - ");
		weir_sql_int(q, s->steps - 1);
		weir_sql_add(q, "), least(toInt64(from), ");
		weir_sql_int(q, s->steps);
		weir_sql_add(q, "))");
		break;
	case WEIR_SANKEY_BETWEEN:
		weir_sql_add(q, "indexOf(arraySlice(names, from + 1), ");
		weir_sql_string(q, weir_jsonr_get_text(s->end, "name"));
		weir_sql_add(q, ") AS behind, if(behind = 0 OR behind >= ");
		weir_sql_int(q, s->steps);
		weir_sql_add(q, ", [], arraySlice(names, from, behind + 1))");
	}
	weir_sql_add(q, " AS piece FROM (");
}

/* A path ends before a name that was there already, except on the way to the start. */
static weir_err paths_sql(weir_sql *q, const struct weir_sankey *s)
{
	weir_err err;

	weir_sql_const(q, s->mode == WEIR_SANKEY_BEFORE ? "SELECT piece AS path"
		: "SELECT arraySlice(piece, 1, toInt64(arrayFirstIndex((x, i) -> indexOf(piece, x) < i, piece, arrayEnumerate(piece))) - 1) AS cut,"
		  " if(arrayUniq(piece) = length(piece), piece, cut) AS path");
	weir_sql_add(q, " FROM (");
	cut_sql(q, s);
	err = sessions_sql(q, s);
	weir_sql_add(q, ")) WHERE from > 0 AND length(path) >= 2");
	return err;
}

static weir_err steps_sql(weir_sql *q, const struct weir_sankey *s)
{
	weir_err err;

	weir_sql_add(q, "SELECT source, target, i, sum(m) AS n FROM (SELECT source, target, i, m, dense_rank() OVER (ORDER BY sessions DESC, entry) AS rank"
		" FROM (SELECT entry, source, target, i, m, max(if(i = 0, m, 0)) OVER (PARTITION BY entry) AS sessions"
		" FROM (SELECT path[1] AS entry, if(i = 0, '', path[i]) AS source, path[i + 1] AS target, i, count() AS m FROM (");
	err = paths_sql(q, s);
	weir_sql_add(q, ") ARRAY JOIN range(length(path)) AS i GROUP BY entry, source, target, i))) WHERE rank <= 3"
		" GROUP BY source, target, i ORDER BY i, n DESC, source, target LIMIT 3 BY i, source");
	return err;
}

weir_err weir_sankey_compile(const struct weir_sankey *s, struct weir_plan *plan)
{
	weir_sql *steps = weir_plan_add(plan, "the steps from the three most frequent beginnings");

	return steps ? steps_sql(steps, s) : plan->err;
}

weir_err weir_sankey_read(const struct weir_sankey *s, const struct weir_plan *plan, struct weir_sankey_graph *graph)
{
	return weir_sankey_graph(s->report->ask.mem, weir_str_view(&plan->items[0]->rows), s->steps, true, graph);
}
