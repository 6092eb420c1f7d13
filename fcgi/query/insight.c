/* Insights: the modules, what they ask, and what of it matters. */
#include "config.h"
#include "query/insight_module.h"

#include "base/jsonr.h"

#include <math.h>

enum { ANSWER_MAX = 4 * 1024 * 1024, KEY_MAX = 8 * 1024 };

static const struct weir_insight_source
	visits = { "sessions AS s", "sum(s.sign)", "s.project_id", "s.created_at", "", "sessions", "sessions" },
	views = { "events AS e", "count()", "e.project_id", "e.created_at", " AND e.name = 'screen_view'", "pageviews", "page views" };

/* ------------------------------------------------------- the modules' names */

static weir_text referrer_name(weir_arena *mem, const weir_text part[2])
{
	(void)mem;
	return weir_text_is(part[0], "direct") ? WEIR_TEXT("Direct") : part[0];
}

static weir_text country_name(weir_arena *mem, const weir_text part[2])
{
	static const struct {
		const char *code, *name;
	} countries[] = {
#include "countries.h"
	};

	(void)mem;
	for (size_t i = 0; i < sizeof(countries) / sizeof(*countries); i++)
		if (weir_text_is(part[0], countries[i].code))
			return weir_text_of(countries[i].name);
	return weir_text_is(part[0], "unknown") ? WEIR_TEXT("Unknown country") : part[0];
}

static weir_text device_name(weir_arena *mem, const weir_text part[2])
{
	(void)mem;
	return weir_text_is(part[0], "unknown") ? WEIR_TEXT("Unknown device") : part[0];
}

static weir_text page_name(weir_arena *mem, const weir_text part[2])
{
	char *p = weir_alloc(mem, part[0].n + part[1].n + 1);

	if (!p)
		return (weir_text){ NULL, 0 };
	if (part[0].n)
		memcpy(p, part[0].p, part[0].n);
	if (part[1].n)
		memcpy(p + part[0].n, part[1].p, part[1].n);
	return (weir_text){ p, part[0].n + part[1].n };
}

/* The order of spec/queries.md 22. */
static const struct weir_insight_module modules[] = {
	{ "referrers", "referrer:", &visits, { { "if(s.referrer_name = '', 'direct', s.referrer_name)", "referrer_name" } },
		.min_total = 100, .min_delta = 20, .min_change = 0.15, .dimensions_max = 50, .subject = "Sessions from ", .name = referrer_name },
	{ "entry-pages", "entry:", &visits, { { "toString(s.entry_origin)", "origin" }, { "if(s.entry_path = '', '/', s.entry_path)", "path" } },
		.min_total = 100, .min_delta = 30, .min_change = 0.2, .dimensions_max = 100, .subject = "Sessions that begin at ", .name = page_name },
	{ "page-trends", "page:", &views, { { "e.origin", "origin" }, { "e.path", "path" } }, .by_share = true,
		.min_total = 100, .min_delta = 100, .min_change = 0.35, .dimensions_max = 30, .subject = "Share of page views of ", .name = page_name },
	{ "geo", "country:", &visits, { { "if(toStringCutToZero(s.country) = '', 'unknown', toStringCutToZero(s.country))", "country" } },
		.min_total = 100, .min_delta = 0, .min_change = 0.08, .dimensions_max = 30, .subject = "Sessions from ", .name = country_name },
	{ "devices", "device:", &visits, { { "if(s.device = '', 'unknown', toString(s.device))", "device" } },
		.min_total = 100, .min_delta = 0, .min_change = 0.08, .dimensions_max = 5, .subject = "Sessions on ", .name = device_name },
};

const struct weir_insight_module *weir_insight_module(size_t index)
{
	return index < sizeof(modules) / sizeof(*modules) ? &modules[index] : NULL;
}

const char *weir_insight_module_key(const struct weir_insight_module *module)
{
	return module->key;
}

/* ------------------------------------------------------------- the question */

/* " at >= from AND at < to" */
static void within(weir_sql *q, const struct weir_span *span, const char *moment)
{
	weir_sql_const(q, moment);
	weir_sql_add(q, " >= ");
	weir_sql_time(q, span->from_ms);
	weir_sql_add(q, " AND ");
	weir_sql_const(q, moment);
	weir_sql_add(q, " < ");
	weir_sql_time(q, span->to_ms);
}

/* Rows a, b, part, n: how often the name was there in the current span (part 0) and in each one before. */
static void counts(weir_sql *q, const struct weir_ask *ask, const struct weir_insight_module *m, const struct weir_insight_window *w)
{
	const struct weir_insight_source *s = m->source;

	weir_sql_add(q, "SELECT ");
	for (size_t i = 0; i < 2; i++) {
		weir_sql_const(q, m->part[i].expression ? m->part[i].expression : "''");
		weir_sql_const(q, i ? " AS b, " : " AS a, ");
	}
	weir_sql_add(q, "multiIf(");
	for (size_t i = 0; i < w->before_count; i++) {
		within(q, &w->before[i], s->moment);
		weir_sql_add(q, ", ");
		weir_sql_int(q, (int64_t)i + 1);
		weir_sql_add(q, ", ");
	}
	weir_sql_add(q, "0) AS part, toFloat64(");
	weir_sql_const(q, s->count);
	weir_sql_add(q, ") AS n FROM ");
	weir_sql_const(q, s->table);
	weir_sql_add(q, " WHERE ");
	weir_sql_const(q, s->project);
	weir_sql_add(q, " = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_const(q, s->condition);
	weir_sql_add(q, " AND ((");
	within(q, &w->current, s->moment);
	for (size_t i = 0; i < w->before_count; i++) {
		weir_sql_add(q, ") OR (");
		within(q, &w->before[i], s->moment);
	}
	weir_sql_add(q, ")) GROUP BY a, b, part HAVING n > 0");
}

weir_err weir_insight_ask(const struct weir_ask *ask, const struct weir_insight_module *module, const struct weir_insight_window *window,
	weir_sql_flight **flight)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT a, b, cur, base, all_cur, all_base FROM (SELECT a, b, cur, base, sum(cur) OVER () AS all_cur, sum(base) OVER () AS all_base"
		" FROM (SELECT a, b, sumIf(n, part = 0) AS cur, ifNotFinite(quantileExactInclusiveIf(0.5)(n, part > 0), 0) AS base FROM (");
	counts(&q, ask, module, window);
	weir_sql_add(&q, ") GROUP BY a, b)) WHERE length(a) + length(b) <= ");
	weir_sql_int(&q, WEIR_INSIGHT_NAME_MAX);
	weir_sql_add(&q, " AND isValidUTF8(a) AND isValidUTF8(b) AND position(a, char(0)) = 0 AND position(b, char(0)) = 0 ORDER BY ");
	weir_sql_const(&q, module->by_share ? "greatest(if(all_cur > 0, cur / all_cur, 0), if(all_base > 0, base / all_base, 0))" : "greatest(cur, base)");
	weir_sql_add(&q, " DESC, a, b LIMIT ");
	weir_sql_int(&q, module->dimensions_max);
	return weir_sql_start(ask, &q, ANSWER_MAX, flight);
}

/* ------------------------------------------------------------- the judgement */

const char *weir_insight_direction(double change, double threshold)
{
	return change > threshold ? "up" : change < -threshold ? "down" : "flat";
}

static const char *band_of(double change)
{
	static const struct {
		double below;
		const char *band;
	} bands[] = { { 0.1, NULL }, { 0.5, "low" }, { 1, "moderate" }, { INFINITY, "severe" } };
	size_t i = 0;

	while (i < sizeof(bands) / sizeof(*bands) - 1 && change >= bands[i].below)
		i++;
	return bands[i].band;
}

/* False when it is too small to tell. */
static bool judge(struct weir_finding *f)
{
	static const double flat = 0.05, basis_points = 10000;
	const struct weir_insight_module *m = f->module;
	double current = m->by_share ? f->share * basis_points : f->current, before = m->by_share ? f->share_before * basis_points : f->compare;

	f->change = before > 0 ? (current - before) / before : current > 0 ? 1 : 0;
	f->direction = weir_insight_direction(f->change, flat);
	f->impact = log1p(current + before) * fabs(f->change) * 100;
	f->band = band_of(fabs(f->change));
	return current + before >= m->min_total && fabs(current - before) >= m->min_delta && fabs(f->change) >= m->min_change;
}

static double number(json_object *row, const char *name)
{
	return json_object_get_double(weir_jsonr_get(row, name));
}

static weir_text key_of(weir_arena *mem, const struct weir_insight_module *m, const weir_text part[2])
{
	weir_text key = { NULL, 0 };
	weir_str s;

	weir_str_init(&s, KEY_MAX);
	weir_str_puts(&s, m->prefix);
	weir_str_text(&s, part[0]);
	if (m->part[1].expression) {
		weir_str_puts(&s, "|||");
		weir_str_text(&s, part[1]);
	}
	if (!weir_str_err(&s))
		key = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return key;
}

static weir_err find(weir_arena *mem, json_object *row, struct weir_finding *f, bool *kept)
{
	static const char *const columns[2] = { "a", "b" };
	double all = number(row, "all_cur"), all_before = number(row, "all_base");
	weir_text part[2];

	f->current = number(row, "cur");
	f->compare = number(row, "base");
	f->share = all > 0 ? f->current / all : 0;
	f->share_before = all_before > 0 ? f->compare / all_before : 0;
	*kept = judge(f);
	if (!*kept)
		return WEIR_OK;
	for (size_t i = 0; i < 2; i++)
		part[i] = weir_jsonr_get_text(row, columns[i]);
	f->dimension = key_of(mem, f->module, part);
	return f->dimension.p ? weir_insight_describe(mem, part, f) : WEIR_ENOMEM;
}

weir_err weir_insight_land(const struct weir_ask *ask, const struct weir_insight_module *module, const struct weir_insight_window *window,
	weir_sql_flight *flight, struct weir_finding **found, size_t *count)
{
	json_object *rows;
	weir_err err = weir_sql_land(flight, &rows);
	size_t n = err ? 0 : weir_jsonr_count(rows);

	*count = 0;
	*found = weir_alloc_n(ask->mem, n + 1, sizeof(**found));
	if (!err && !*found)
		err = WEIR_ENOMEM;
	for (size_t i = 0; i < n && !err; i++) {
		struct weir_finding f = { .module = module, .window = window };
		bool kept;

		err = find(ask->mem, weir_jsonr_at(rows, i), &f, &kept);
		if (!err && kept)
			(*found)[(*count)++] = f;
	}
	return err;
}
