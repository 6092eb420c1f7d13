#include "config.h"
#include "query/place.h"

#include "base/jsonr.h"
#include "query/bucket.h"

static const int64_t DAY_MS = 86400000;

static int64_t day_of(int64_t ms)
{
	return ms - ((ms % DAY_MS) + DAY_MS) % DAY_MS;
}

static void from(weir_sql *q, const char *moment, const char *sign, int64_t ms)
{
	weir_sql_const(q, moment);
	weir_sql_const(q, sign);
	weir_sql_time(q, ms);
}

void weir_stretch_sql(weir_sql *q, const struct weir_stretch *s, const char *moment, const char *id, int64_t since_ms)
{
	if (s->has_cursor) {
		weir_sql_add(q, " AND (");
		from(q, moment, " < ", s->cursor.ms);
		if (s->cursor.id.p) {
			weir_sql_add(q, " OR (");
			from(q, moment, " = ", s->cursor.ms);
			weir_sql_add(q, " AND ");
			weir_sql_const(q, id);
			weir_sql_add(q, " > ");
			weir_sql_string(q, s->cursor.id);
			weir_sql_add(q, ")");
		}
		weir_sql_add(q, ")");
	}
	if (s->has_dates)
		weir_span_sql(q, &(struct weir_span){ day_of(s->start_ms), day_of(s->end_ms) + DAY_MS }, moment);
	if (since_ms != INT64_MIN && s->has_cursor)
		weir_span_sql(q, &(struct weir_span){ since_ms, s->cursor.ms + 1 }, moment);
	else if (since_ms != INT64_MIN)
		weir_since_sql(q, moment, since_ms);
}

weir_err weir_stretch_walk(const struct weir_stretch *s, int64_t now_ms, int64_t days_max,
	weir_err (*page)(const void *ask, int64_t since_ms, json_object **rows), const void *ask, json_object **rows)
{
	int64_t origin = s->has_cursor ? s->cursor.ms : now_ms;
	weir_err err = WEIR_OK;

	/* Dates bound the search by themselves, with a cursor too. */
	if (s->has_dates)
		return page(ask, INT64_MIN, rows);
	for (int64_t days = 1; !err; days *= 2) {
		if (days > days_max)
			days = days_max;
		err = page(ask, origin - days * DAY_MS, rows);
		if (err || weir_jsonr_count(*rows) || days == days_max)
			break;
	}
	return err;
}
