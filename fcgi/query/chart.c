#include "config.h"
#include "query/chart.h"

#include "base/jsonr.h"
#include "query/rollup.h"
#include "query/rows.h"

/*
 * The statement of one event series has three floors:
 *
 *   rows     one line per event (or per profile): moment, ids, value, labels
 *   buckets  counted by bucket and labels, with the state of a distinct count
 *   answer   the distinct count merged over the range, the largest series first
 *
 * Buckets without events are filled in where the rows are read.
 */

/* What a segment counts in a bucket, of the rows' columns. */
static const struct segment {
	const char *word, *count;
	bool value;            /* the event's property is what is counted */
	bool once;             /* only the newest event of each profile */
	bool group;            /* needs the groups unrolled */
	struct {               /* the same of rollups: the columns that it takes, what stands there for rows, and the count of both */
		const char *columns, *rows, *count;
	} rolled;              /* NULLs: there is none */
} segments[] = {
	{ "event", "toFloat64(count())", false, false, false, { "", "", "toFloat64(sum(events))" } },
	{ "user", "toFloat64(uniqExact(user))", false, false, false,
	  { ", exact_users AS exact", ", uniqExactState(e.profile_id) AS exact", "toFloat64(uniqExactMerge(exact))" } },
	{ "session", "toFloat64(uniqExact(session))", false, false, false,
	  { ", exact_sessions AS exact", ", uniqExactState(e.session_id) AS exact", "toFloat64(uniqExactMerge(exact))" } },
	{ "group", "toFloat64(uniqExact(grp))", false, false, true, { NULL, NULL, NULL } },
	{ "user_average", "count() / uniqExact(user)", false, false, false,
	  { ", exact_users AS exact", ", uniqExactState(e.profile_id) AS exact", "sum(events) / uniqExactMerge(exact)" } },
	{ "one_event_per_user", "toFloat64(count())", false, true, false, { NULL, NULL, NULL } },
	{ "property_sum", "sum(val)", true, false, false, { NULL, NULL, NULL } },
	{ "property_average", "avg(val)", true, false, false, { NULL, NULL, NULL } },
	{ "property_max", "max(val)", true, false, false, { NULL, NULL, NULL } },
	{ "property_min", "min(val)", true, false, false, { NULL, NULL, NULL } },
};

/* One series over one period. */
struct part {
	const struct weir_report *report;
	const struct weir_breakdowns *breakdowns;
	json_object *event;
	struct weir_span span;
	const struct segment *segment;
	struct weir_event_field property;
	struct weir_joins joins;
};

static const struct segment *segment_of(weir_text word, bool property)
{
	size_t i = sizeof(segments) / sizeof(*segments) - 1;

	while (i > 0 && !weir_text_is(word, segments[i].word))
		i--;
	return segments[i].value && !property ? &segments[0] : &segments[i];
}

/* Fields that are one value, of which there can be a sum. */
static bool is_scalar(const struct weir_event_field *f)
{
	return f->kind != WEIR_FIELD_UNKNOWN && f->kind != WEIR_FIELD_COHORT && f->kind != WEIR_FIELD_HAS_PROFILE
		&& f->kind != WEIR_FIELD_WILDCARD;
}

static weir_err make_part(struct part *p)
{
	weir_text property = weir_jsonr_get_text(p->event, "property");
	weir_err err = property.n ? weir_field_of(p->report->ask.mem, property, &p->property) : WEIR_OK;

	if (err)
		return err;
	p->segment = segment_of(weir_jsonr_get_text(p->event, "segment"), property.n && is_scalar(&p->property));
	p->joins = p->breakdowns->joins;
	if (p->segment->value)
		weir_field_joins(&p->property, &p->joins);
	if (p->segment->group)
		p->joins.group = true;
	return weir_event_joins(p->report, p->event, &p->joins);
}

static void value_columns(weir_sql *q, const struct part *p)
{
	if (p->joins.group)
		weir_sql_add(q, ", gid AS grp");
	if (!p->segment->value)
		return;
	weir_sql_const(q, p->property.kind == WEIR_FIELD_NUMBER ? ", toFloat64(" : ", toFloat64OrNull(toString(");
	weir_field_sql(q, &p->property);
	weir_sql_const(q, p->property.kind == WEIR_FIELD_NUMBER ? ") AS val" : ")) AS val");
}

static weir_err rows_sql(weir_sql *q, const struct part *p)
{
	const struct weir_ask *ask = &p->report->ask;
	weir_err err;

	weir_sql_add(q, "SELECT e.created_at AS moment, e.profile_id AS user, e.session_id AS session");
	value_columns(q, p);
	for (size_t i = 0; i < p->breakdowns->count; i++) {
		weir_sql_add(q, ", ");
		weir_field_name_sql(q, ask, &p->breakdowns->fields[i]);
		weir_sql_add(q, " AS ");
		weir_sql_const(q, weir_label_names[i]);
	}
	weir_sql_from(q, ask, &p->joins);
	weir_where_sql(q, ask, &p->span);
	weir_name_sql(q, weir_jsonr_get_text(p->event, "name"));
	err = weir_event_filters_sql(q, p->report, p->event);
	if (p->segment->value && p->property.kind == WEIR_FIELD_NUMBER) {
		weir_sql_add(q, " AND ");
		weir_field_sql(q, &p->property);
		weir_sql_add(q, " IS NOT NULL");
	} else if (p->segment->value) {
		weir_sql_add(q, " AND ifNull(toString(");
		weir_field_sql(q, &p->property);
		weir_sql_add(q, "), '') != ''");
	}
	if (p->segment->once)
		weir_sql_add(q, " ORDER BY e.created_at DESC LIMIT 1 BY e.profile_id");
	return err;
}

static void total_sql(weir_sql *q, const struct part *p)
{
	if (p->segment->once || p->report->sums) {
		weir_sql_add(q, "toUInt64(0)");
		return;
	}
	weir_sql_add(q, "uniqMerge(users) OVER (");
	weir_labels_sql(q, p->breakdowns->count, "PARTITION BY ");
	weir_sql_add(q, ")");
}

static weir_err is_filtered(const struct part *p, bool *filtered)
{
	weir_sql filters;
	weir_err err;

	weir_sql_init(&filters, p->report->ask.mem);
	err = weir_event_filters_sql(&filters, p->report, p->event);
	*filtered = filters.err || filters.text.len;
	weir_sql_free(&filters);
	return err;
}

/* What of a series can be read from rollups: counts of events that only their name is asked for. */
static weir_err cover_of(const struct part *p, struct weir_cover *cover)
{
	const struct weir_report *r = p->report;
	bool filtered;
	weir_err err = is_filtered(p, &filtered);

	*cover = (struct weir_cover){ .some = false };
	if (!p->segment->rolled.count)
		cover->why = "rollups do not hold what the segment counts";
	else if (p->breakdowns->count)
		cover->why = "rollups are not broken down";
	else if (filtered)
		cover->why = "rollups know no filter";
	if (err || cover->why)
		return err;
	return weir_cover_of(&r->ask, &p->span, r->sums ? NULL : weir_interval_of(r->ask.conf, weir_jsonr_get_text(r->in, "interval")), cover);
}

static void bucket_sql(weir_sql *q, const struct part *p, const char *moment)
{
	if (p->report->sums)
		weir_sql_add(q, "toInt64(0)");
	else
		weir_interval_sql(q, weir_interval_of(p->report->ask.conf, weir_jsonr_get_text(p->report->in, "interval")), moment);
	weir_sql_add(q, " AS bucket, ");
}

/* The floor of buckets, of rollups and the rows that they do not cover. */
static void covered_sql(weir_sql *q, const struct part *p, const struct weir_cover *cover)
{
	const struct weir_ask *ask = &p->report->ask;
	weir_text name = weir_jsonr_get_text(p->event, "name");

	weir_sql_add(q, "SELECT bucket, ");
	weir_sql_const(q, p->segment->rolled.count);
	weir_sql_const(q, p->report->sums ? " AS n FROM (SELECT " : " AS n, uniqMergeState(states) AS users FROM (SELECT ");
	bucket_sql(q, p, "hour");
	weir_sql_const(q, p->report->sums ? "n AS events" : "n AS events, users AS states");
	weir_sql_const(q, p->segment->rolled.columns);
	weir_cover_from(q, ask, cover, "event");
	if (!weir_text_is(name, "*")) {
		weir_sql_add(q, " AND a = ");
		weir_sql_string(q, name);
	}
	weir_sql_add(q, " UNION ALL SELECT ");
	bucket_sql(q, p, "e.created_at");
	weir_sql_const(q, p->report->sums ? "toInt64(count()) AS events" : "toInt64(count()) AS events, uniqState(e.profile_id) AS states");
	weir_sql_const(q, p->segment->rolled.rows);
	weir_sql_add(q, " FROM events AS e");
	weir_where_sql(q, ask, &p->span);
	weir_name_sql(q, name);
	weir_cover_rest(q, cover, "e.created_at");
	weir_sql_add(q, " GROUP BY bucket) GROUP BY bucket HAVING sum(events) > 0");
}

static weir_err rows_by_bucket(weir_sql *q, const struct part *p)
{
	size_t n = p->breakdowns->count;
	weir_err err;

	weir_sql_add(q, "SELECT ");
	bucket_sql(q, p, "moment");
	weir_sql_const(q, p->segment->count);
	weir_sql_const(q, p->report->sums ? " AS n" : " AS n, uniqState(user) AS users");
	weir_labels_sql(q, n, ", ");
	weir_sql_add(q, " FROM (");
	err = rows_sql(q, p);
	weir_sql_add(q, ") GROUP BY bucket");
	weir_labels_sql(q, n, ", ");
	weir_sql_add(q, " HAVING count() > 0");
	return err;
}

static weir_err series_sql(struct weir_statement *s, const struct part *p)
{
	weir_sql *q = &s->q;
	size_t n = p->breakdowns->count;
	struct weir_cover cover;
	weir_err err = cover_of(p, &cover);

	if (err)
		return err;
	s->source = weir_cover_text(q->mem, &cover);
	weir_sql_add(q, "SELECT bucket, n, ");
	total_sql(q, p);
	weir_sql_add(q, " AS total");
	weir_labels_sql(q, n, ", ");
	weir_sql_add(q, " FROM (");
	if (cover.some)
		covered_sql(q, p, &cover);
	else
		err = rows_by_bucket(q, p);
	weir_sql_add(q, ") ORDER BY bucket ASC, n DESC");
	weir_labels_sql(q, n, ", ");
	return err;
}

/* What makes the series of a chart fewer than there are: the best of each event, where the answer would be cut anyway. */
static void cut_sql(weir_sql *q, const struct weir_report *r)
{
	double limit = json_object_get_double(weir_jsonr_get(r->in, "limit"));

	if (!r->sums || limit < 1)
		return;
	weir_sql_add(q, " LIMIT ");
	weir_sql_int(q, limit < 1e6 ? (int64_t)limit : 1000000);
}

static weir_err add_part(const struct weir_report *r, const struct weir_chart *chart, json_object *event, bool before, struct weir_plan *plan)
{
	struct part p = { .report = r, .breakdowns = &chart->breakdowns, .event = event };
	weir_sql *q = weir_plan_add(plan, before ? "an event series in the period before" : "an event series");
	weir_err err = q ? make_part(&p) : plan->err;

	if (!err)
		err = weir_span_of(r->ask.mem, before ? &r->before : &r->range, r->ask.timezone, &p.span);
	if (!err)
		err = series_sql(plan->items[plan->count - 1], &p);
	if (!err)
		cut_sql(q, r);
	return err;
}

/* An event series, and the same in the period before. */
static weir_err add_event(const struct weir_report *r, const struct weir_chart *chart, json_object *event, struct weir_plan *plan)
{
	weir_err err = add_part(r, chart, event, false, plan);

	return !err && r->previous ? add_part(r, chart, event, true, plan) : err;
}

static weir_text letter(weir_arena *mem, size_t number)
{
	char c = (char)('A' + number);

	return weir_text_dup(mem, (weir_text){ &c, 1 });
}

static weir_text formula_name(json_object *item)
{
	weir_text name = weir_jsonr_get_text(item, "displayName");

	if (!name.n)
		name = weir_jsonr_get_text(item, "formula");
	return name.n ? name : WEIR_TEXT("Formula");
}

/* Letters that a formula hides. */
static void hide(struct weir_chart *chart, json_object *letters)
{
	for (size_t i = 0; i < weir_jsonr_count(letters); i++) {
		weir_text t = weir_jsonr_text(weir_jsonr_at(letters, i));

		if (t.n == 1 && t.p[0] >= 'A' && (size_t)(t.p[0] - 'A') < chart->count)
			chart->definitions[t.p[0] - 'A'].hidden = true;
	}
}

static weir_err define(const struct weir_report *r, struct weir_chart *chart)
{
	json_object *list = weir_jsonr_get(r->in, "series");

	chart->count = weir_jsonr_count(list);
	for (size_t i = 0; i < chart->count; i++) {
		struct weir_definition *d = &chart->definitions[i];
		json_object *o = weir_jsonr_at(list, i);

		*d = (struct weir_definition){ .item = o, .id = weir_jsonr_get_text(o, "id") };
		d->formula = weir_text_is(weir_jsonr_get_text(o, "type"), "formula");
		d->name = d->formula ? formula_name(o) : weir_jsonr_get_text(o, "name");
		if (!d->id.n)
			d->id = letter(r->ask.mem, i);
		if (!d->id.p)
			return WEIR_ENOMEM;
	}
	for (size_t i = 0; i < chart->count; i++)
		if (chart->definitions[i].formula)
			hide(chart, weir_jsonr_get(chart->definitions[i].item, "hideSeries"));
	return WEIR_OK;
}

/* The dates of a period; a chart of sums has one, the range's start. */
static weir_err dates(const struct weir_report *r, const struct weir_range *range, struct weir_buckets *out)
{
	weir_arena *mem = r->ask.mem;
	weir_err err;

	if (r->sums) {
		*out = (struct weir_buckets){ weir_alloc_n(mem, 1, sizeof(int64_t)), weir_alloc_n(mem, 1, sizeof(weir_text)), 1 };
		if (!out->keys || !out->texts)
			return WEIR_ENOMEM;
		out->texts[0] = weir_text_dup(mem, weir_text_of(range->start));
		return out->texts[0].p ? WEIR_OK : WEIR_ENOMEM;
	}
	err = weir_buckets_of(mem, weir_interval_of(r->ask.conf, weir_jsonr_get_text(r->in, "interval")), range, r->ask.timezone, out);
	if (err == WEIR_ELIMIT)
		weir_ask_advise(&r->ask, "The chart would have too many points: ask for a shorter range or a longer interval");
	return err;
}

weir_err weir_chart_compile(const struct weir_report *r, struct weir_chart *chart, struct weir_plan *plan)
{
	weir_err err = weir_breakdowns_of(&r->ask, weir_jsonr_get(r->in, "breakdowns"), true, &chart->breakdowns);

	if (!err)
		err = define(r, chart);
	if (!err)
		err = dates(r, &r->range, &chart->now);
	chart->before = (struct weir_buckets){ .count = 0 };
	if (!err && r->previous)
		err = dates(r, &r->before, &chart->before);
	for (size_t i = 0; i < chart->count && !err; i++) {
		if (!chart->definitions[i].formula)
			err = add_event(r, chart, chart->definitions[i].item, plan);
	}
	return err;
}

/* The series of a period of one definition; *at is the statement's place in the plan. */
static weir_err read_part(const struct weir_report *r, const struct weir_chart *chart, const struct weir_plan *plan, size_t *at,
	struct weir_definition *d)
{
	size_t labels = chart->breakdowns.count;
	weir_err err = weir_rows_to_series(&r->ask, weir_str_view(&plan->items[(*at)++]->rows), d->name, labels, &chart->now, &d->now);

	if (!err && r->previous)
		err = weir_rows_to_series(&r->ask, weir_str_view(&plan->items[(*at)++]->rows), d->name, labels, &chart->before, &d->before);
	return err;
}

/* Events of which nothing has what they are broken down by, such as a group, are shown without (spec/queries.md 6.2). */
static weir_err read_plain(const struct weir_report *r, struct weir_chart *chart)
{
	struct weir_breakdowns breakdowns = chart->breakdowns;
	struct weir_plan plan;
	size_t at = 0;
	weir_err err = WEIR_OK;

	chart->breakdowns = (struct weir_breakdowns){ .count = 0 };
	weir_plan_init(&plan, &r->ask);
	for (size_t i = 0; i < chart->count && !err; i++)
		if (!chart->definitions[i].formula && !chart->definitions[i].now.count)
			err = add_event(r, chart, chart->definitions[i].item, &plan);
	if (!err)
		err = weir_plan_run(&plan);
	for (size_t i = 0; i < chart->count && !err; i++)
		if (!chart->definitions[i].formula && !chart->definitions[i].now.count)
			err = read_part(r, chart, &plan, &at, &chart->definitions[i]);
	weir_plan_free(&plan);
	chart->breakdowns = breakdowns;
	return err;
}

weir_err weir_chart_read(const struct weir_report *r, struct weir_chart *chart, const struct weir_plan *plan)
{
	const struct weir_joins *joins = &chart->breakdowns.joins;
	size_t at = 0;
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < chart->count && !err; i++)
		if (!chart->definitions[i].formula)
			err = read_part(r, chart, plan, &at, &chart->definitions[i]);
	/* Only these two leave events out. */
	if (!err && (joins->group || joins->cohorts))
		err = read_plain(r, chart);
	return err ? err : weir_chart_formulas(r->ask.mem, chart);
}

weir_err weir_chart_run(const struct weir_report *r, struct weir_chart *chart)
{
	struct weir_plan plan;
	weir_err err;

	weir_plan_init(&plan, &r->ask);
	err = weir_chart_compile(r, chart, &plan);
	if (!err)
		err = weir_plan_run(&plan);
	if (!err)
		err = weir_chart_read(r, chart, &plan);
	weir_plan_free(&plan);
	return err;
}
