#include "config.h"
#include "query/retention.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/zone.h"
#include "query/filter.h"

static const int64_t DAY_MS = 86400000;

/* Units as numbers that count up by one: days since 1970, weeks since the one that it began in, months since year 0. */
static const struct unit {
	const char *word, *before, *behind;
} units[] = {
	{ "day", "toInt64(toInt32(toDate(toDateTime(", "))))" },
	{ "week", "intDiv(toInt64(toInt32(toMonday(toDateTime(", ")))) + 3, 7)" },
	{ "week", "intDiv(toInt64(toInt32(toStartOfWeek(toDateTime(", "), 0))) + 4, 7)" },
	{ "month", "toInt64(toYear(toDateTime(", "))) * 12 + toMonth(toDateTime(e.created_at)) - 1" },
};
enum { DAY, WEEK, SUNDAY_WEEK, MONTH, UNITS };

/* Shorter intervals are days. */
static size_t unit_of(const struct weir_conf *conf, weir_text interval)
{
	size_t i = UNITS - 1;

	while (i > 0 && !weir_text_is(interval, units[i].word))
		i--;
	return i == SUNDAY_WEEK && !weir_sunday_weeks(conf) ? WEEK : i;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days of its week that had gone when 1970 began, on a Thursday. */
static int64_t into_week(size_t unit)
{
	enum { SINCE_MONDAY = 3, SINCE_SUNDAY };

	return unit == WEEK ? SINCE_MONDAY : SINCE_SUNDAY;
}

static int64_t unit_number(size_t unit, int64_t wall_ms)
{
	struct weir_civil c = weir_civil_of(wall_ms);
	int64_t day = floor_div(wall_ms, DAY_MS);

	if (unit == MONTH)
		return c.year * 12 + c.month - 1;
	return unit == DAY ? day : floor_div(day + into_week(unit), 7);
}

static int64_t unit_start(size_t unit, int64_t number)
{
	struct weir_civil first = { .year = floor_div(number, 12), .month = (int)(number - floor_div(number, 12) * 12) + 1, .day = 1 };

	if (unit == MONTH)
		return weir_civil_ms(&first);
	return (unit == DAY ? number : number * 7 - into_week(unit)) * DAY_MS;
}

/* Whole units between two wall clocks. */
static int64_t units_between(size_t unit, int64_t from_ms, int64_t to_ms)
{
	int64_t months = unit_number(MONTH, to_ms) - unit_number(MONTH, from_ms);

	if (unit != MONTH)
		return (to_ms - from_ms) / (unit == DAY ? DAY_MS : 7 * DAY_MS);
	return months - (to_ms - unit_start(MONTH, unit_number(MONTH, to_ms)) < from_ms - unit_start(MONTH, unit_number(MONTH, from_ms)));
}

static int64_t last_column(const struct weir_retention *r)
{
	int64_t n = units_between(unit_of(r->ask.conf, r->interval), weir_wall_ms(r->range.start), weir_wall_ms(r->range.end));

	return n > 0 ? n : 0;
}

/* The names that an event series of a stored report stands for. */
static weir_err names_of(weir_arena *mem, json_object *event, const weir_text **names, size_t *count)
{
	json_object *filters = weir_jsonr_get(event, "filters"), *values = NULL;
	size_t n;
	weir_text *list;

	if (filters && weir_jsonr_count(filters))
		values = weir_jsonr_get(weir_jsonr_at(filters, 0), "value");
	n = weir_jsonr_count(values);
	list = weir_alloc_n(mem, n + 1, sizeof(*list));
	if (!list)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++)
		list[i] = weir_jsonr_text(weir_jsonr_at(values, i));
	*count = n;
	*names = list;
	if (!n && !weir_text_is(weir_jsonr_get_text(event, "name"), "*"))
		list[(*count)++] = weir_jsonr_get_text(event, "name");
	return WEIR_OK;
}

weir_err weir_retention_of_report(const struct weir_report *report, struct weir_retention *r)
{
	json_object *options = weir_jsonr_get(report->in, "options");
	weir_err err;

	*r = (struct weir_retention){
		.ask = report->ask, .range = report->range, .interval = weir_jsonr_get_text(report->in, "interval"),
		.filters = weir_jsonr_get(report->in, "globalFilters"), .exactly = weir_text_is(weir_jsonr_get_text(options, "criteria"), "on"),
	};
	if (report->event_count < 2) {
		weir_ask_advise(&report->ask, "Report must have at least 2 event series");
		return WEIR_EBADREQ;
	}
	err = names_of(report->ask.mem, report->events[0], &r->first, &r->first_count);
	return err ? err : names_of(report->ask.mem, report->events[1], &r->second, &r->second_count);
}

static weir_err events_sql(weir_sql *q, const struct weir_retention *r, const weir_text *names, size_t count, const struct weir_span *span)
{
	struct weir_joins joins = { .profile = false };
	weir_err err = weir_filters_joins(r->ask.mem, r->filters, &joins);

	if (err)
		return err;
	weir_sql_from(q, &r->ask, &joins);
	weir_where_sql(q, &r->ask, span);
	weir_sql_add(q, " AND e.profile_id != e.device_id AND e.profile_id != ''");
	if (count) {
		weir_sql_add(q, " AND e.name IN ");
		weir_sql_strings(q, names, count);
	}
	return weir_filters_sql(q, &r->ask, r->filters);
}

static void unit_sql(weir_sql *q, const struct weir_retention *r)
{
	const struct unit *u = &units[unit_of(r->ask.conf, r->interval)];

	weir_sql_const(q, u->before);
	weir_sql_add(q, "e.created_at");
	weir_sql_const(q, u->behind);
}

/* The unit of each profile's first event. */
static weir_err first_sql(weir_sql *q, const struct weir_retention *r, const struct weir_span *span)
{
	weir_err err;

	weir_sql_add(q, "SELECT e.profile_id AS profile, min(");
	unit_sql(q, r);
	weir_sql_add(q, ") AS cohort");
	err = events_sql(q, r, r->first, r->first_count, span);
	weir_sql_add(q, " GROUP BY profile");
	return err;
}

/* Each profile in the units that it came back in, or with "on or after" in the last of them alone. */
static weir_err returns_sql(weir_sql *q, const struct weir_retention *r, const struct weir_span *span)
{
	struct weir_range range = r->range;
	struct weir_span longer;
	char buf[WEIR_CLOCK_MAX];
	int64_t end = weir_wall_ms(range.end);
	weir_err err;

	/* The last cohort has as many units to come back in as the first one. */
	end = unit_start(unit_of(r->ask.conf, r->interval), unit_number(unit_of(r->ask.conf, r->interval), end) + last_column(r) + 1);
	memcpy(range.end, weir_clock_sql(end, buf).p, WEIR_WALL_LEN);
	err = weir_span_of(r->ask.mem, &range, r->ask.timezone, &longer);
	if (err)
		return err;
	weir_sql_add(q, "SELECT cohort, toInt64(");
	weir_sql_const(q, r->exactly ? "unit - cohort" : "max(unit - cohort)");
	weir_sql_add(q, ") AS x, ");
	weir_sql_const(q, r->exactly ? "f.profile AS profile" : "f.profile");
	weir_sql_add(q, " FROM (SELECT DISTINCT e.profile_id AS profile, ");
	unit_sql(q, r);
	weir_sql_add(q, " AS unit");
	err = events_sql(q, r, r->second, r->second_count, &longer);
	weir_sql_add(q, ") AS s INNER JOIN (");
	if (!err)
		err = first_sql(q, r, span);
	weir_sql_add(q, ") AS f ON f.profile = s.profile WHERE unit >= cohort AND unit - cohort <= ");
	weir_sql_int(q, last_column(r));
	if (!r->exactly)
		weir_sql_add(q, " GROUP BY cohort, f.profile");
	return err;
}

weir_err weir_retention_compile(const struct weir_retention *r, struct weir_plan *plan)
{
	struct weir_span span;
	weir_sql *sizes = weir_plan_add(plan, "the sizes of the cohorts"), *counts = weir_plan_add(plan, "who came back");
	weir_err err = plan->err;

	if (!err && last_column(r) >= WEIR_RETENTION_COLUMNS_MAX) {
		weir_ask_advise(&r->ask, "The table would be too wide: ask for a shorter range or a longer interval");
		return WEIR_ELIMIT;
	}
	if (!err)
		err = weir_span_of(r->ask.mem, &r->range, r->ask.timezone, &span);
	if (err)
		return err;
	weir_sql_add(sizes, "SELECT cohort, count() AS n FROM (");
	err = first_sql(sizes, r, &span);
	weir_sql_add(sizes, ") GROUP BY cohort ORDER BY cohort");
	weir_sql_add(counts, "SELECT cohort, x, count() AS n FROM (");
	if (!err)
		err = returns_sql(counts, r, &span);
	weir_sql_add(counts, ") GROUP BY cohort, x ORDER BY cohort, x");
	return err;
}

static weir_err new_cohort(const struct weir_retention *r, weir_text line, struct weir_retention_table *t)
{
	enum { DATE_LEN = 10 };
	struct weir_retained *c = &t->items[t->count++];
	char buf[WEIR_CLOCK_MAX];
	weir_text date;
	weir_err err = weir_rows_int(&line, &c->unit);

	if (!err)
		err = weir_rows_number(&line, &c->size);
	if (err)
		return err;
	date = weir_clock_sql(unit_start(unit_of(r->ask.conf, r->interval), c->unit), buf);
	date.n = DATE_LEN;
	c->date = weir_text_dup(r->ask.mem, date);
	c->counts = weir_alloc_n(r->ask.mem, t->columns, sizeof(*c->counts));
	return c->date.p && c->counts ? WEIR_OK : WEIR_ENOMEM;
}

/* Cohorts come in order; a count belongs to column x, or to all up to it. */
static weir_err add_count(const struct weir_retention *r, weir_text line, struct weir_retention_table *t, size_t *at)
{
	int64_t unit, x;
	double n;
	weir_err err = weir_rows_int(&line, &unit);

	if (!err)
		err = weir_rows_int(&line, &x);
	if (!err)
		err = weir_rows_number(&line, &n);
	while (!err && *at < t->count && t->items[*at].unit < unit)
		++*at;
	if (err || *at == t->count || x < 0 || (size_t)x >= t->columns)
		return err;
	for (int64_t k = r->exactly ? x : 0; k <= x; k++)
		t->items[*at].counts[k] += n;
	return WEIR_OK;
}

weir_err weir_retention_read(const struct weir_retention *r, const struct weir_plan *plan, struct weir_retention_table *t)
{
	weir_text sizes = weir_str_view(&plan->items[0]->rows), counts = weir_str_view(&plan->items[1]->rows), line;
	const struct weir_zone *zone;
	size_t n = 0, at = 0, kept = 0;
	weir_err err = weir_zone_load(r->ask.mem, r->ask.timezone, &zone);

	for (size_t i = 0; i < sizes.n; i++)
		n += sizes.p[i] == '\n';
	*t = (struct weir_retention_table){ weir_alloc_n(r->ask.mem, n + 1, sizeof(*t->items)), 0, (size_t)last_column(r) + 1, 0 };
	if (err || !t->items)
		return err ? err : WEIR_ENOMEM;
	t->now_unit = unit_number(unit_of(r->ask.conf, r->interval), r->ask.now_ms + (int64_t)weir_zone_offset(zone, r->ask.now_ms) * 1000);
	while (!err && weir_rows_next(&sizes, &line))
		err = new_cohort(r, line, t);
	while (!err && weir_rows_next(&counts, &line))
		err = add_count(r, line, t, &at);
	/* Cohorts that nobody came back of are left out, as the dashboard knows it. */
	for (size_t i = 0; i < t->count; i++) {
		bool some = false;

		for (size_t k = 0; k < t->columns && !some && !err; k++)
			some = t->items[i].counts[k] > 0;
		if (some)
			t->items[kept++] = t->items[i];
	}
	t->count = kept;
	return err;
}

/* Column k pools the cohorts that are old enough for it. */
static double pooled(const struct weir_retention_table *t, size_t k)
{
	double values = 0, sizes = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->now_unit - t->items[i].unit >= (int64_t)k) {
			values += t->items[i].counts[k];
			sizes += t->items[i].size;
		}
	return sizes > 0 ? values / sizes : 0;
}

double weir_retention_average(const struct weir_retention_table *t, double *values, double *shares)
{
	enum { DECIMALS = 2 };
	double sum = 0;

	for (size_t i = 0; i < t->count; i++)
		sum += t->items[i].size;
	sum = t->count ? weir_round(sum / (double)t->count, 0) : 0;
	for (size_t k = 0; k < t->columns; k++) {
		values[k] = weir_round(pooled(t, k) * sum, 0);
		shares[k] = weir_round(pooled(t, k), DECIMALS);
	}
	return sum;
}
