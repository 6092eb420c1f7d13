/* What of a question's range is read from rollups. */
#include "config.h"
#include "query/rollup.h"

#include "base/log.h"
#include "base/zone.h"

#include <stdio.h>

static const int64_t HOUR_MS = 3600000, DAY_MS = 86400000;

const struct weir_visit_column weir_visit_columns[] = {
	{ "referrer", "s.referrer", NULL },
	{ "referrer_name", "s.referrer_name", NULL },
	{ "referrer_type", "s.referrer_type", NULL },
	{ "utm_source", "s.utm_source", NULL },
	{ "utm_medium", "s.utm_medium", NULL },
	{ "utm_campaign", "s.utm_campaign", NULL },
	{ "utm_term", "s.utm_term", NULL },
	{ "utm_content", "s.utm_content", NULL },
	{ "region", "s.region", "toStringCutToZero(s.country)" },
	{ "country", "toStringCutToZero(s.country)", NULL },
	{ "city", "s.city", "toStringCutToZero(s.country)" },
	{ "device", "s.device", NULL },
	{ "brand", "s.brand", NULL },
	{ "model", "s.model", NULL },
	{ "browser", "s.browser", NULL },
	{ "browser_version", "s.browser_version", "s.browser" },
	{ "os", "s.os", NULL },
	{ "os_version", "s.os_version", "s.os" },
};
const size_t weir_visit_column_count = sizeof(weir_visit_columns) / sizeof(*weir_visit_columns);

/* Whether the zone's hours are those of UTC, under another number, all over the span. */
static weir_err whole_hours(const struct weir_ask *ask, const struct weir_span *span, bool *whole)
{
	enum { HOUR_S = 3600 };
	const struct weir_zone *zone;
	weir_err err = weir_zone_load(ask->mem, ask->timezone, &zone);

	*whole = !err;
	/* No clock has been moved twice within a day. */
	for (int64_t ms = span->from_ms - DAY_MS; *whole && ms < span->to_ms + DAY_MS; ms += DAY_MS / 2)
		*whole = weir_zone_offset(zone, ms) % HOUR_S == 0;
	return err;
}

static int64_t up(int64_t ms, int64_t unit)
{
	int64_t over = (ms % unit + unit) % unit;

	return over ? ms - over + unit : ms;
}

static int64_t down(int64_t ms, int64_t unit)
{
	return ms - (ms % unit + unit) % unit;
}

/* The rolls as an array's text. */
static weir_err rolls_text(weir_arena *mem, const struct weir_rolled *rolled, weir_text *out)
{
	enum { TEXT_MAX = 64 * 1024 };
	weir_str s;
	weir_err err;

	weir_str_init(&s, TEXT_MAX);
	for (size_t i = 0; i < rolled->count; i++) {
		weir_str_putc(&s, i ? ',' : '[');
		weir_str_text(&s, rolled->rolls[i]);
	}
	weir_str_putc(&s, ']');
	err = weir_str_err(&s);
	*out = err ? (weir_text){ NULL, 0 } : weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return err ? err : out->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_cover_of(const struct weir_ask *ask, const struct weir_span *span, const struct weir_interval *interval, struct weir_cover *cover)
{
	struct weir_rolled rolled;
	int64_t from = up(span->from_ms, HOUR_MS), to = down(span->to_ms, HOUR_MS);
	bool whole;
	weir_err err;

	*cover = (struct weir_cover){ .some = false };
	/* A cluster's tables take rows when they have time, and one replica before another. */
	if (!ask->redis || !ask->conf->api_rollups || ask->conf->clickhouse_cluster[0] || (interval && weir_interval_is_minute(interval)) || from >= to)
		return WEIR_OK;
	err = whole_hours(ask, span, &whole);
	if (err || !whole)
		return err;
	err = weir_rolled_cover(ask->redis, ask->conf, ask->mem, ask->project_id, weir_day_of(from), weir_day_of(to - 1), ask->now_ms, &rolled);
	if (err && err != WEIR_ENOMEM)
		return WEIR_OK; /* logged; the rows are there */
	if (err || !rolled.count)
		return err;
	cover->first_day = rolled.first;
	cover->span.from_ms = rolled.first * DAY_MS > from ? rolled.first * DAY_MS : from;
	cover->span.to_ms = (rolled.first + (int64_t)rolled.count) * DAY_MS;
	if (cover->span.to_ms > to)
		cover->span.to_ms = to;
	cover->some = true;
	return rolls_text(ask->mem, &rolled, &cover->rolls);
}

void weir_cover_from(weir_sql *q, const struct weir_ask *ask, const struct weir_cover *cover, const char *kind)
{
	weir_sql_add(q, " FROM rollups WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND kind = '");
	weir_sql_const(q, kind);
	weir_sql_add(q, "' AND day >= toDate(");
	weir_sql_int(q, cover->first_day);
	weir_sql_add(q, ") AND day <= toDate(");
	weir_sql_int(q, weir_day_of(cover->span.to_ms - 1));
	weir_sql_add(q, ") AND roll = ");
	weir_sql_bind(q, "Array(UInt64)", cover->rolls);
	weir_sql_add(q, "[toInt64(toInt32(day)) - ");
	weir_sql_int(q, cover->first_day - 1);
	weir_sql_add(q, "]");
	weir_span_sql(q, &cover->span, "hour");
}

void weir_cover_rest(weir_sql *q, const struct weir_cover *cover, const char *moment)
{
	weir_sql_add(q, " AND (");
	weir_sql_const(q, moment);
	weir_sql_add(q, " < ");
	weir_sql_time(q, cover->span.from_ms);
	weir_sql_add(q, " OR ");
	weir_sql_const(q, moment);
	weir_sql_add(q, " >= ");
	weir_sql_time(q, cover->span.to_ms);
	weir_sql_add(q, ")");
}
