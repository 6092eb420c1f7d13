#include "config.h"
#include "query/funnel.h"

#include "base/jsonr.h"
#include "query/filter.h"

/*
 * The statement has four floors:
 *
 *   moments   one line per session (or profile) and moment: which steps happened
 *   lines     one per session: its moments in order, the labels of its first step
 *   levels    how far it came
 *   answer    counted by level and labels
 */

static const double HOUR_MS = 3600000;

weir_err weir_funnel_of(const struct weir_report *report, json_object *breakdowns, weir_text group, double window_hours,
	struct weir_funnel *f)
{
	weir_err err;

	*f = (struct weir_funnel){ .report = report, .profiles = weir_text_is(group, "profile_id") };
	f->window_ms = (window_hours > 0 ? window_hours : WEIR_FUNNEL_HOURS) * HOUR_MS;
	err = weir_breakdowns_of(&report->ask, breakdowns, false, &f->breakdowns);
	for (size_t i = 0; i < report->event_count && !err; i++)
		err = weir_event_joins(report, report->events[i], &f->breakdowns.joins);
	return err;
}

/* Groups that are broken down by split a session into one for each of them. */
static bool is_split(const struct weir_event_field *field)
{
	return field->kind == WEIR_FIELD_GROUP || field->kind == WEIR_FIELD_GROUP_PROPERTY;
}

static void split_labels(weir_sql *q, const struct weir_funnel *f)
{
	for (size_t i = 0; i < f->breakdowns.count; i++)
		if (is_split(&f->breakdowns.fields[i])) {
			weir_sql_add(q, ", ");
			weir_sql_const(q, weir_label_names[i]);
		}
}

static weir_err step_sql(weir_sql *q, const struct weir_funnel *f, size_t step)
{
	json_object *event = f->report->events[step];
	weir_err err;

	weir_sql_add(q, "ifNull(toUInt8(e.name = ");
	weir_sql_string(q, weir_jsonr_get_text(event, "name"));
	err = weir_event_filters_sql(q, f->report, event);
	weir_sql_add(q, "), 0)");
	return err;
}

/* Labels by their own names in the rows, so that the floors above can aggregate them. */
static weir_err rows_sql(weir_sql *q, const struct weir_funnel *f, const struct weir_span *span)
{
	const struct weir_report *r = f->report;
	weir_text *names = weir_alloc_n(r->ask.mem, r->event_count + 1, sizeof(*names));
	weir_err err = names ? WEIR_OK : WEIR_ENOMEM;

	weir_sql_const(q, f->profiles ? "SELECT e.profile_id AS who" : "SELECT e.session_id AS who");
	weir_sql_add(q, ", toUnixTimestamp64Milli(e.created_at) AS t, e.profile_id AS profile, [");
	for (size_t i = 0; i < r->event_count && !err; i++) {
		names[i] = weir_jsonr_get_text(r->events[i], "name");
		if (i)
			weir_sql_add(q, ", ");
		err = step_sql(q, f, i);
	}
	if (err)
		return err;
	weir_sql_add(q, "] AS hit");
	for (size_t i = 0; i < f->breakdowns.count; i++) {
		weir_sql_add(q, ", ");
		weir_field_name_sql(q, &r->ask, &f->breakdowns.fields[i]);
		weir_sql_add(q, " AS ");
		weir_sql_const(q, weir_label_names[i]);
	}
	weir_sql_from(q, &r->ask, &f->breakdowns.joins);
	weir_where_sql(q, &r->ask, span);
	weir_sql_add(q, " AND e.name IN ");
	weir_sql_strings(q, names, r->event_count);
	if (!f->profiles) /* events of no session make none */
		weir_sql_add(q, " AND e.session_id != ''");
	return WEIR_OK;
}

static void label_columns(weir_sql *q, const struct weir_funnel *f, const char *function, const char *behind)
{
	for (size_t i = 0; i < f->breakdowns.count; i++) {
		weir_sql_add(q, ", ");
		if (is_split(&f->breakdowns.fields[i])) {
			weir_sql_const(q, weir_label_names[i]);
			continue;
		}
		weir_sql_const(q, function);
		weir_sql_const(q, weir_label_names[i]);
		weir_sql_const(q, behind);
		weir_sql_add(q, " AS ");
		weir_sql_const(q, weir_label_names[i]);
	}
}

static weir_err lines_sql(weir_sql *q, const struct weir_funnel *f, const struct weir_span *span)
{
	weir_err err;

	weir_sql_add(q, "SELECT who, arraySort(x -> x.1, groupArray((t, hits))) AS line, minIf(t, hits[1] = 1) AS started,"
		" argMax(profile, t) AS profile");
	label_columns(q, f, "argMinIf(", ", t, hits[1] = 1)");
	weir_sql_add(q, " FROM (SELECT who, t, maxForEach(hit) AS hits, max(profile) AS profile");
	label_columns(q, f, "minIf(", ", hit[1] = 1)");
	weir_sql_add(q, " FROM (");
	err = rows_sql(q, f, span);
	weir_sql_add(q, ") WHERE arrayExists(x -> x = 1, hit) GROUP BY who, t");
	split_labels(q, f);
	weir_sql_add(q, ") GROUP BY who");
	split_labels(q, f);
	return err;
}

/*
 * The fold's state is, for each step, the start of the latest chain that has
 * reached it, or -1.  All of it is read before any of it is replaced, so steps
 * of one moment don't follow each other, unless same_moment says so.
 */
static weir_err levels_sql(weir_sql *q, const struct weir_funnel *f, const struct weir_span *span)
{
	weir_err err;

	weir_sql_add(q, "SELECT started, profile");
	weir_labels_sql(q, f->breakdowns.count, ", ");
	weir_sql_add(q, ", arrayCount(s -> s >= 0, arrayFold((acc, x) -> arrayMap((s, p, h, k) ->"
		" multiIf(h = 0, s, k = 1, x.1, p >= 0 AND x.1 - p <= ");
	weir_sql_float(q, f->window_ms);
	weir_sql_add(q, ", greatest(s, p), s), acc, arrayPushFront(arrayPopBack(");
	weir_sql_const(q, f->same_moment ? "if(x.2[1] = 1, arrayPushFront(arrayPopFront(acc), x.1), acc)" : "acc");
	weir_sql_add(q, "), toInt64(-1)), x.2, arrayEnumerate(acc)), line, arrayWithConstant(");
	weir_sql_int(q, (int64_t)f->report->event_count);
	weir_sql_add(q, ", toInt64(-1)))) AS level FROM (");
	err = lines_sql(q, f, span);
	weir_sql_add(q, ")");
	return err;
}

static weir_err span_of(const struct weir_funnel *f, bool before, struct weir_span *span)
{
	const struct weir_report *r = f->report;

	return weir_span_of(r->ask.mem, before ? &r->before : &r->range, r->ask.timezone, span);
}

/* How many have come to which level: in all, or by the bucket that they began in. */
struct counts {
	const char *what[2];           /* in the period, and in the one before */
	bool by_bucket;
	const char *group, *order;
};

static weir_err counts_sql(const struct weir_funnel *f, const struct counts *c, bool before, struct weir_plan *plan)
{
	struct weir_span span;
	weir_sql *q = weir_plan_add(plan, c->what[before]);
	weir_err err = q ? span_of(f, before, &span) : plan->err;

	if (err)
		return err;
	weir_sql_add(q, "SELECT level, ");
	if (c->by_bucket)
		weir_interval_sql(q, weir_interval_of(f->report->ask.conf, weir_jsonr_get_text(f->report->in, "interval")),
			"fromUnixTimestamp64Milli(started)");
	weir_sql_const(q, c->by_bucket ? " AS bucket, count() AS n" : "toInt64(0), count() AS n");
	weir_labels_sql(q, f->breakdowns.count, ", ");
	weir_sql_add(q, " FROM (");
	err = levels_sql(q, f, &span);
	weir_sql_add(q, ") WHERE level > 0 GROUP BY ");
	weir_sql_const(q, c->group);
	weir_labels_sql(q, f->breakdowns.count, ", ");
	weir_sql_add(q, " ORDER BY ");
	weir_sql_const(q, c->order);
	weir_labels_sql(q, f->breakdowns.count, ", ");
	return err;
}

weir_err weir_funnel_compile(const struct weir_funnel *f, bool before, struct weir_plan *plan)
{
	static const struct counts levels = { { "the funnel", "the funnel in the period before" }, false, "level", "level DESC, n DESC" };

	return counts_sql(f, &levels, before, plan);
}

weir_err weir_conversion_compile(const struct weir_funnel *f, bool before, struct weir_plan *plan)
{
	static const struct counts conversions = { { "the conversions", "the conversions in the period before" }, true, "level, bucket", "bucket" };

	return counts_sql(f, &conversions, before, plan);
}

weir_err weir_funnel_read(const struct weir_funnel *f, weir_text text, struct weir_funnel_rows *rows)
{
	weir_arena *mem = f->report->ask.mem;
	size_t n = 0;
	weir_text line;
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	*rows = (struct weir_funnel_rows){ weir_alloc_n(mem, n + 1, sizeof(*rows->items)), 0 };
	if (!rows->items)
		return WEIR_ENOMEM;
	while (!err && weir_rows_next(&text, &line)) {
		struct weir_funnel_row *row = &rows->items[rows->count++];

		err = weir_rows_int(&line, &row->level);
		if (!err)
			err = weir_rows_int(&line, &row->bucket);
		if (!err)
			err = weir_rows_number(&line, &row->count);
		for (size_t i = 0; i < f->breakdowns.count && !err; i++) {
			err = weir_rows_text(mem, &line, &row->values[i]);
			row->values[i] = weir_text_trim(row->values[i]);
		}
	}
	return err;
}

weir_err weir_funnel_profiles_compile(const struct weir_funnel *f, double level, bool exactly, json_object *values, struct weir_plan *plan)
{
	struct weir_span span;
	weir_sql *q = weir_plan_add(plan, "the profiles of a step");
	weir_err err = q ? span_of(f, false, &span) : plan->err;

	if (err)
		return err;
	weir_sql_add(q, "SELECT DISTINCT profile FROM (");
	err = levels_sql(q, f, &span);
	weir_sql_const(q, exactly ? ") WHERE level = " : ") WHERE level >= ");
	weir_sql_float(q, level);
	for (size_t i = 0; i < f->breakdowns.count && i < weir_jsonr_count(values); i++) {
		weir_text value = weir_jsonr_text(weir_jsonr_at(values, i));

		weir_sql_add(q, " AND trimBoth(");
		weir_sql_const(q, weir_label_names[i]);
		weir_sql_add(q, ") IN (");
		weir_sql_string(q, value);
		if (weir_text_is(value, "Not set"))
			weir_sql_add(q, ", ''");
		weir_sql_add(q, ")");
	}
	weir_sql_add(q, " ORDER BY profile LIMIT 1000");
	return err;
}
