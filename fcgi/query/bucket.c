#include "config.h"
#include "query/bucket.h"

#include "base/conf.h"
#include "base/jsonr.h"

static const struct weir_bucket buckets[] = {
	{ "minute", "toStartOfMinute(", ")", "INTERVAL 1 MINUTE" },
	{ "hour", "toStartOfHour(", ")", "INTERVAL 1 HOUR" },
	{ "day", "toStartOfDay(", ")", "INTERVAL 1 DAY" },
	{ "week", "toDateTime(toStartOfWeek(", ", 1))", "INTERVAL 1 WEEK" },
	{ "month", "toDateTime(toStartOfMonth(", "))", "INTERVAL 1 MONTH" },
};
static const struct weir_bucket sunday_week = { "week", "toDateTime(toStartOfWeek(", ", 0))", "INTERVAL 1 WEEK" };

const struct weir_bucket *weir_bucket_of(const struct weir_conf *conf, weir_text interval)
{
	size_t i = sizeof(buckets) / sizeof(*buckets) - 1;

	if (weir_text_is(interval, "week") && !strcmp(conf->api_week_start, "sunday"))
		return &sunday_week;
	while (i > 0 && !weir_text_is(interval, buckets[i].word))
		i--;
	return weir_text_is(interval, buckets[i].word) ? &buckets[i] : &buckets[sizeof(buckets) / sizeof(*buckets) - 1];
}

void weir_bucket_sql(weir_sql *q, const struct weir_bucket *b, const char *moment)
{
	weir_sql_const(q, b->before);
	weir_sql_const(q, moment);
	weir_sql_const(q, b->behind);
}

void weir_range_sql(weir_sql *q, const char *moment, const struct weir_range *range)
{
	weir_sql_add(q, " AND ");
	weir_sql_const(q, moment);
	weir_sql_add(q, " >= toDateTime(");
	weir_sql_string(q, weir_text_of(range->start));
	weir_sql_add(q, ") AND ");
	weir_sql_const(q, moment);
	weir_sql_add(q, " <= toDateTime(");
	weir_sql_string(q, weir_text_of(range->end));
	weir_sql_add(q, ")");
}

static void edge(weir_sql *q, const struct weir_bucket *b, const char *wall)
{
	weir_sql_const(q, b->before);
	weir_sql_add(q, "toDateTime(");
	weir_sql_string(q, weir_text_of(wall));
	weir_sql_add(q, ")");
	weir_sql_const(q, b->behind);
}

/*
 * The steps may drift off the beginnings where a day begins at one o'clock;
 * what is stepped to is therefore cut to its bucket once more.
 */
void weir_axis_sql(weir_sql *q, const struct weir_bucket *b, const struct weir_range *range)
{
	weir_sql_add(q, "SELECT DISTINCT toFloat64(toUnixTimestamp(bucket)) AS at, formatDateTime(bucket, '%Y-%m-%d %H:%i:%S') AS date"
		" FROM (SELECT ");
	weir_bucket_sql(q, b, "step");
	weir_sql_add(q, " AS bucket FROM (SELECT toDateTime(0) AS step WHERE 0 ORDER BY step WITH FILL FROM ");
	edge(q, b, range->start);
	weir_sql_add(q, " TO toDateTime(");
	weir_sql_string(q, weir_text_of(range->end));
	weir_sql_add(q, ") STEP ");
	weir_sql_const(q, b->step);
	weir_sql_add(q, ")) ORDER BY at");
}

weir_err weir_axis_place(weir_arena *mem, json_object *axis, json_object *rows, json_object ***places)
{
	size_t n = json_object_array_length(axis), i = 0;

	*places = weir_alloc_n(mem, n + 1, sizeof(**places));
	if (!*places)
		return WEIR_ENOMEM;
	for (size_t k = 0; k < json_object_array_length(rows); k++) {
		json_object *row = json_object_array_get_idx(rows, k);
		double at = json_object_get_double(weir_jsonr_get(row, "at"));

		/* Rows may come in any order, most often in that of the axis. */
		if (i >= n || json_object_get_double(weir_jsonr_get(json_object_array_get_idx(axis, i), "at")) > at)
			i = 0;
		while (i < n && json_object_get_double(weir_jsonr_get(json_object_array_get_idx(axis, i), "at")) < at)
			i++;
		if (i < n && json_object_get_double(weir_jsonr_get(json_object_array_get_idx(axis, i), "at")) == at)
			(*places)[i] = row;
	}
	return WEIR_OK;
}
