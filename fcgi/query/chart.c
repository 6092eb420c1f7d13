#include "config.h"
#include "query/chart.h"

#include "base/jsonr.h"
#include "query/filter.h"
#include "query/rows.h"

/*
 * The statement has three floors:
 *
 *   rows     one line per event (or per profile): moment, ids, value, labels
 *   buckets  counted by date and labels, with the state of a distinct count
 *   answer   the distinct count merged over the range, dates without events filled in
 */

enum { BREAKDOWNS_MAX = 10 };

static const struct interval {
	const char *word, *bucket, *behind, *step;
} intervals[] = {
	{ "day", "toStartOfDay(", ")", "INTERVAL 1 DAY" },
	{ "minute", "toStartOfMinute(", ")", "INTERVAL 1 MINUTE" },
	{ "hour", "toStartOfHour(", ")", "INTERVAL 1 HOUR" },
	{ "week", "toStartOfWeek(", ", 1)", "INTERVAL 1 WEEK" },
	{ "month", "toStartOfMonth(", ")", "INTERVAL 1 MONTH" },
};

/* What a segment counts in a bucket, of the rows' columns. */
static const struct segment {
	const char *word, *count;
	bool value;            /* the event's property is what is counted */
	bool once;             /* only the newest event of each profile */
} segments[] = {
	{ "event", "toFloat64(count())", false, false },
	{ "user", "toFloat64(uniqExact(user))", false, false },
	{ "session", "toFloat64(uniqExact(session))", false, false },
	{ "group", "toFloat64(uniqExact(grp))", false, false },
	{ "user_average", "count() / uniqExact(user)", false, false },
	{ "one_event_per_user", "toFloat64(count())", false, true },
	{ "property_sum", "sum(val)", true, false },
	{ "property_average", "avg(val)", true, false },
	{ "property_max", "max(val)", true, false },
	{ "property_min", "min(val)", true, false },
};

/* Names of the label columns: constants, for they become SQL. */
static const char *const label_names[BREAKDOWNS_MAX] = { "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10" };

struct plan {
	const struct weir_chart_ask *ask;
	json_object *event;
	const struct interval *interval;
	const struct segment *segment;
	struct weir_event_field property;
	struct weir_event_field breakdowns[BREAKDOWNS_MAX];
	weir_text names[BREAKDOWNS_MAX];
	size_t count;
	struct weir_joins joins;
};

static const struct interval *interval_of(weir_text word)
{
	size_t i = sizeof(intervals) / sizeof(*intervals) - 1;

	while (i > 0 && !weir_text_is(word, intervals[i].word))
		i--;
	return &intervals[i];
}

static const struct segment *segment_of(weir_text word, bool property)
{
	size_t i = sizeof(segments) / sizeof(*segments) - 1;

	while (i > 0 && !weir_text_is(word, segments[i].word))
		i--;
	return segments[i].value && !property ? &segments[0] : &segments[i];
}

static weir_err plan_breakdowns(struct plan *p)
{
	json_object *list = p->ask->breakdowns;
	weir_err err = WEIR_OK;

	for (size_t i = 0; list && i < json_object_array_length(list) && !err; i++) {
		weir_text name = weir_jsonr_get_text(json_object_array_get_idx(list, i), "name");
		struct weir_event_field *f = &p->breakdowns[p->count];

		if (p->count == BREAKDOWNS_MAX)
			return WEIR_ELIMIT;
		err = weir_field_of(p->ask->base.mem, name, f);
		if (err || f->kind == WEIR_FIELD_UNKNOWN)
			continue;
		if (f->kind == WEIR_FIELD_COHORT)
			return WEIR_ENOTIMPL;
		weir_field_joins(f, &p->joins);
		p->names[p->count++] = name;
	}
	return err;
}

static weir_err make_plan(struct plan *p)
{
	weir_arena *mem = p->ask->base.mem;
	weir_text property = weir_jsonr_get_text(p->event, "property");
	weir_err err = property.n ? weir_field_of(mem, property, &p->property) : WEIR_OK;
	bool known = property.n && p->property.kind != WEIR_FIELD_UNKNOWN && p->property.kind != WEIR_FIELD_COHORT
		&& p->property.kind != WEIR_FIELD_HAS_PROFILE && p->property.kind != WEIR_FIELD_WILDCARD;

	p->interval = interval_of(p->ask->interval);
	p->segment = segment_of(weir_jsonr_get_text(p->event, "segment"), known);
	if (p->segment->value)
		weir_field_joins(&p->property, &p->joins);
	if (weir_text_is(weir_text_of(p->segment->word), "group"))
		p->joins.group = true;
	if (!err)
		err = weir_filters_joins(mem, p->ask->global_filters, &p->joins);
	if (!err)
		err = weir_filters_joins(mem, weir_jsonr_get(p->event, "filters"), &p->joins);
	return err ? err : plan_breakdowns(p);
}

static void value_columns(weir_sql *q, const struct plan *p)
{
	if (p->joins.group)
		weir_sql_add(q, ", gid AS grp");
	if (!p->segment->value)
		return;
	if (p->property.kind == WEIR_FIELD_NUMBER) {
		weir_sql_add(q, ", toFloat64(");
		weir_field_sql(q, &p->property);
	} else {
		weir_sql_add(q, ", toFloat64OrNull(toString(");
		weir_field_sql(q, &p->property);
		weir_sql_add(q, ")");
	}
	weir_sql_add(q, ") AS val");
}

static weir_err rows_sql(weir_sql *q, const struct plan *p)
{
	const struct weir_ask *ask = &p->ask->base;
	weir_text name = weir_jsonr_get_text(p->event, "name");
	weir_err err;

	weir_sql_add(q, "SELECT e.created_at AS moment, e.profile_id AS user, e.session_id AS session");
	value_columns(q, p);
	for (size_t i = 0; i < p->count; i++) {
		weir_sql_add(q, ", ");
		weir_field_label(q, &p->breakdowns[i]);
		weir_sql_add(q, " AS ");
		weir_sql_const(q, label_names[i]);
	}
	weir_sql_from(q, ask, &p->joins);
	weir_sql_add(q, " WHERE e.project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND e.created_at >= toDateTime(");
	weir_sql_string(q, weir_text_of(p->ask->range.start));
	weir_sql_add(q, ") AND e.created_at <= toDateTime(");
	weir_sql_string(q, weir_text_of(p->ask->range.end));
	weir_sql_add(q, ")");
	if (!weir_text_is(name, "*")) {
		weir_sql_add(q, " AND e.name = ");
		weir_sql_string(q, name);
	}
	err = weir_filters_sql(q, ask, p->ask->global_filters);
	if (!err)
		err = weir_filters_sql(q, ask, weir_jsonr_get(p->event, "filters"));
	if (p->segment->value && p->property.kind != WEIR_FIELD_NUMBER) {
		weir_sql_add(q, " AND ifNull(toString(");
		weir_field_sql(q, &p->property);
		weir_sql_add(q, "), '') != ''");
	}
	if (p->segment->once)
		weir_sql_add(q, " ORDER BY e.created_at DESC LIMIT 1 BY e.profile_id");
	return err;
}

static void labels(weir_sql *q, const struct plan *p, const char *before)
{
	for (size_t i = 0; i < p->count; i++) {
		weir_sql_const(q, i ? ", " : before);
		weir_sql_const(q, label_names[i]);
	}
}

static void bucket_of(weir_sql *q, const struct plan *p, const char *text)
{
	weir_sql_const(q, p->interval->bucket);
	weir_sql_add(q, "toDateTime(");
	weir_sql_string(q, weir_text_of(text));
	weir_sql_add(q, ")");
	weir_sql_const(q, p->interval->behind);
}

static weir_err statement(weir_sql *q, const struct plan *p)
{
	const struct weir_range *r = &p->ask->range;
	weir_err err;

	weir_sql_add(q, "SELECT date, n, ");
	if (p->segment->once)
		weir_sql_add(q, "toUInt64(0)");
	else if (p->count) {
		weir_sql_add(q, "uniqMerge(users) OVER (PARTITION BY ");
		labels(q, p, "");
		weir_sql_add(q, ")");
	} else {
		weir_sql_add(q, "uniqMerge(users) OVER ()");
	}
	/* Lines that were filled in have a zero here. */
	weir_sql_add(q, " AS total, toUInt8(1) AS found");
	labels(q, p, ", ");
	weir_sql_add(q, " FROM (SELECT ");
	weir_sql_const(q, p->interval->bucket);
	weir_sql_add(q, "moment");
	weir_sql_const(q, p->interval->behind);
	weir_sql_add(q, " AS date, ");
	weir_sql_const(q, p->segment->count);
	weir_sql_add(q, " AS n, uniqState(user) AS users");
	labels(q, p, ", ");
	weir_sql_add(q, " FROM (");
	err = rows_sql(q, p);
	weir_sql_add(q, ") GROUP BY date");
	labels(q, p, ", ");
	weir_sql_add(q, ") ORDER BY date ASC");
	if (strcmp(r->end, r->start) >= 0) {
		weir_sql_add(q, " WITH FILL FROM ");
		bucket_of(q, p, r->start);
		weir_sql_add(q, " TO ");
		bucket_of(q, p, r->end);
		weir_sql_add(q, " STEP ");
		weir_sql_const(q, p->interval->step);
	}
	return err;
}

static weir_err run(const struct plan *p, struct weir_series_list *out, size_t *lines)
{
	weir_str text;
	weir_sql q;
	weir_err err;

	weir_str_init(&text, 64 * 1024 * 1024);
	weir_sql_init(&q, p->ask->base.mem);
	err = statement(&q, p);
	if (!err)
		err = weir_sql_text(&p->ask->base, &q, &text);
	if (!err)
		err = weir_rows_to_series(p->ask->base.mem, weir_str_view(&text), weir_jsonr_get_text(p->event, "name"), p->count, out, lines);
	weir_sql_free(&q);
	weir_str_free(&text);
	return err;
}

weir_err weir_chart_series(const struct weir_chart_ask *ask, json_object *event, struct weir_series_list *out)
{
	struct plan p = { .ask = ask, .event = event };
	size_t lines = 0;
	weir_err err = make_plan(&p);

	*out = (struct weir_series_list){ .count = 0 };
	if (!err)
		err = run(&p, out, &lines);
	/* Nothing at all with breakdowns: the same without them (spec/queries.md 6.2). */
	if (!err && !lines && p.count) {
		struct weir_chart_ask plain = *ask;

		plain.breakdowns = NULL;
		return weir_chart_series(&plain, event, out);
	}
	if (err)
		return err;
	out->breakdown_count = p.count;
	out->breakdowns = weir_alloc_n(ask->base.mem, p.count + 1, sizeof(*out->breakdowns));
	if (!out->breakdowns)
		return WEIR_ENOMEM;
	memcpy(out->breakdowns, p.names, p.count * sizeof(*p.names));
	return WEIR_OK;
}
