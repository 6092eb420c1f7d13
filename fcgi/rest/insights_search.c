#include "config.h"
#include "rest/bridge.h"
#include "rest/insights.h"

#include "base/jsonr.h"
#include "query/chart.h"
#include "query/search.h"

#include <math.h>
#include <stdlib.h>

/* What people search for, from the stored figures of Google Search Console (spec/queries.md 24). */

enum { ROWS_USUAL = 100, ROWS_MAX = 1000, DECIMALS = 2 };

static double member(json_object *row, const char *name)
{
	return json_object_get_double(weir_jsonr_get(row, name));
}

weir_err weir_rest_gsc_overview(struct weir_rest_call *c)
{
	weir_text interval = weir_jsonr_get_text(c->in, "interval");
	struct weir_ask ask = weir_rest_ask(c);
	double clicks = 0, impressions = 0, ctr = 0, position = 0;
	struct weir_range range;
	json_object *rows;
	size_t n;
	weir_err err = weir_rest_range(c, &ask, NULL, &range);

	if (!err)
		err = weir_search_overview(&ask, &range, interval.n ? interval : WEIR_TEXT("day"), &rows);
	if (err)
		return err;
	n = weir_jsonr_count(rows);
	for (size_t i = 0; i < n; i++) {
		json_object *row = weir_jsonr_at(rows, i);

		clicks += member(row, "clicks");
		impressions += member(row, "impressions");
		ctr += member(row, "ctr");
		position += member(row, "position");
	}
	weir_json_obj(&c->json, NULL);
	weir_rest_tree(&c->json, "data", rows);
	weir_json_obj(&c->json, "summary");
	weir_json_num(&c->json, "total_clicks", clicks);
	weir_json_num(&c->json, "total_impressions", impressions);
	weir_json_num(&c->json, "avg_ctr", n ? ctr / (double)n : 0);
	weir_json_num(&c->json, "avg_position", n ? position / (double)n : 0);
	weir_json_end(&c->json);
	weir_json_end(&c->json);
	return WEIR_OK;
}

static void put_figures(weir_json *j, const char *label, json_object *row)
{
	static const char *const figures[] = { "clicks", "impressions", "ctr", "position" };

	weir_json_str(j, label, weir_jsonr_get_text(row, "label"));
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		weir_json_num(j, figures[i], member(row, figures[i]));
}

static weir_err rows_of(struct weir_rest_call *c, bool queries, int64_t limit, json_object **rows)
{
	struct weir_ask ask = weir_rest_ask(c);
	struct weir_range range;
	weir_err err = weir_rest_range(c, &ask, NULL, &range);

	return err ? err : weir_search_top(&ask, &range, queries, limit, rows);
}

static weir_err top(struct weir_rest_call *c, bool queries)
{
	json_object *rows;
	weir_err err = rows_of(c, queries, weir_rest_int(c, "limit", ROWS_USUAL, ROWS_MAX), &rows);

	if (err)
		return err;
	weir_json_arr(&c->json, NULL);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		weir_json_obj(&c->json, NULL);
		put_figures(&c->json, queries ? "query" : "page", weir_jsonr_at(rows, i));
		weir_json_end(&c->json);
	}
	weir_json_end(&c->json);
	return WEIR_OK;
}

weir_err weir_rest_gsc_pages(struct weir_rest_call *c)
{
	return top(c, false);
}

weir_err weir_rest_gsc_queries(struct weir_rest_call *c)
{
	return top(c, true);
}

/* ------------------------------------------------------------ what could bring more */

/* The share of clicks that is usual at a position up to that one. */
static const struct {
	double position, ctr;
} benchmarks[] = { { 1, 0.28 }, { 2, 0.15 }, { 3, 0.11 }, { 6, 0.065 }, { 10, 0.035 }, { INFINITY, 0.012 } };

static double score(json_object *row)
{
	double position = member(row, "position"), missing;
	size_t i = 0;

	while (round(position) > benchmarks[i].position)
		i++;
	missing = benchmarks[i].ctr - member(row, "ctr");
	return weir_round(member(row, "impressions") / position * (1 + (missing > 0 ? missing : 0)), DECIMALS);
}

static int by_score(const void *a, const void *b)
{
	double x = member(*(json_object *const *)a, "score"), y = member(*(json_object *const *)b, "score");

	return (x < y) - (x > y);
}

/* Those shown on the first pages but not at the top, often enough. */
static weir_err choose(struct weir_rest_call *c, json_object *rows, double least, json_object **chosen)
{
	static const double nearest = 4, farthest = 20;
	weir_err err = WEIR_OK;

	*chosen = weir_rest_keep(c, json_object_new_array());
	for (size_t i = 0; i < weir_jsonr_count(rows) && !err; i++) {
		json_object *row = weir_jsonr_at(rows, i);

		if (member(row, "position") < nearest || member(row, "position") > farthest || member(row, "impressions") < least)
			continue;
		err = weir_rest_member(row, "score", json_object_new_double(score(row)));
		if (!err)
			err = !*chosen || json_object_array_add(*chosen, json_object_get(row)) ? WEIR_ENOMEM : WEIR_OK;
	}
	if (!err && *chosen)
		json_object_array_sort(*chosen, by_score);
	return *chosen ? err : WEIR_ENOMEM;
}

weir_err weir_rest_gsc_opportunities(struct weir_rest_call *c)
{
	enum { ANALYZED_MAX = 1000, SHOWN_MAX = 50, LEAST_USUAL = 50 };
	json_object *least = weir_jsonr_get(c->in, "minImpressions"), *rows, *chosen;
	double impressions = least ? json_object_get_double(least) : LEAST_USUAL;
	weir_err err = rows_of(c, true, ANALYZED_MAX, &rows);

	if (!err)
		err = choose(c, rows, impressions, &chosen);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_arr(&c->json, "opportunities");
	for (size_t i = 0; i < weir_jsonr_count(chosen) && i < SHOWN_MAX; i++) {
		json_object *row = weir_jsonr_at(chosen, i);

		weir_json_obj(&c->json, NULL);
		put_figures(&c->json, "query", row);
		weir_json_num(&c->json, "opportunity_score", member(row, "score"));
		weir_json_end(&c->json);
	}
	weir_json_end(&c->json);
	weir_json_int(&c->json, "total_analyzed", (int64_t)weir_jsonr_count(rows));
	weir_json_num(&c->json, "min_impressions", impressions);
	weir_json_end(&c->json);
	return WEIR_OK;
}

/* ------------------------------------------------------------ what only Google knows */

/* The procedure's answer, or its refusal; members of the query string go with it. */
static weir_err ask_google(struct weir_rest_call *c, const char *procedure, const char *member_name)
{
	static const char *const span[] = { "range", "startDate", "endDate" };
	json_object *in = weir_rest_keep(c, json_object_new_object());
	weir_text answer;
	weir_err err = weir_rest_member(in, "range", json_object_new_string("30d"));

	for (size_t i = 0; i < sizeof(span) / sizeof(*span) && !err; i++)
		if (weir_jsonr_get(c->in, span[i]))
			err = weir_rest_member(in, span[i], json_object_get(weir_jsonr_get(c->in, span[i])));
	if (!err && member_name)
		err = weir_rest_member(in, member_name, json_object_get(weir_jsonr_get(c->in, member_name)));
	if (!err)
		err = weir_rest_procedure(c, procedure, in, &answer);
	if (!err)
		weir_json_raw(&c->json, NULL, answer);
	return err;
}

weir_err weir_rest_gsc_page_details(struct weir_rest_call *c)
{
	return ask_google(c, "gsc.getPageDetails", "page");
}

weir_err weir_rest_gsc_query_details(struct weir_rest_call *c)
{
	return ask_google(c, "gsc.getQueryDetails", "query");
}

weir_err weir_rest_gsc_cannibalization(struct weir_rest_call *c)
{
	return ask_google(c, "gsc.getCannibalization", NULL);
}
