/* What of a question's range is read from rollups. */
#include "config.h"
#include "query/rollup.h"

#include "base/clock.h"
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

/* Whether rollups may be looked for at all; else *why. */
static weir_err can_be_covered(const struct weir_ask *ask, const struct weir_span *span, const struct weir_interval *interval, const char **why)
{
	bool whole = true;
	weir_err err = WEIR_OK;

	*why = NULL;
	if (!ask->conf->api_rollups)
		*why = "api.rollups is off";
	else if (ask->conf->clickhouse_cluster[0]) /* its tables take rows when they have time, and one replica before another */
		*why = "clickhouse.cluster is set";
	else if (!ask->redis)
		*why = "Redis is not asked which days are rolled up";
	else if (interval && weir_interval_is_minute(interval))
		*why = "the interval is shorter than an hour";
	else if (up(span->from_ms, HOUR_MS) >= down(span->to_ms, HOUR_MS))
		*why = "the range has no whole hour";
	else
		err = whole_hours(ask, span, &whole);
	if (!whole)
		*why = "hours of the time zone are not those of UTC";
	return err;
}

weir_err weir_cover_of(const struct weir_ask *ask, const struct weir_span *span, const struct weir_interval *interval, struct weir_cover *cover)
{
	struct weir_rolled rolled;
	int64_t from = up(span->from_ms, HOUR_MS), to = down(span->to_ms, HOUR_MS);
	weir_err err;

	*cover = (struct weir_cover){ .some = false };
	err = can_be_covered(ask, span, interval, &cover->why);
	if (err || cover->why)
		return err;
	err = weir_rolled_cover(ask->redis, ask->conf, ask->mem, ask->project_id, weir_day_of(from), weir_day_of(to - 1), ask->now_ms, &rolled);
	if (err == WEIR_ENOMEM)
		return err;
	/* An error is logged; the rows are there. */
	if (err || !rolled.count) {
		cover->why = err ? "Redis, which knows what is rolled up, cannot be reached" : "no day of the range is rolled up";
		return WEIR_OK;
	}
	/* Days without rows are not worth their place in the statement. */
	for (; rolled.count > 1 && weir_text_is(rolled.rolls[0], "0"); rolled.count--, rolled.first++)
		rolled.rolls++;
	cover->first_day = rolled.first;
	cover->span.from_ms = rolled.first * DAY_MS > from ? rolled.first * DAY_MS : from;
	cover->span.to_ms = (rolled.first + (int64_t)rolled.count) * DAY_MS;
	if (cover->span.to_ms > to)
		cover->span.to_ms = to;
	cover->some = true;
	cover->rolls = weir_sql_digits(ask->mem, rolled.rolls, rolled.count);
	return cover->rolls.p ? WEIR_OK : WEIR_ENOMEM;
}

weir_text weir_cover_text(weir_arena *mem, const struct weir_cover *cover)
{
	enum { TEXT_MAX = 1024 };
	weir_text out = { NULL, 0 };
	char buf[WEIR_CLOCK_MAX];
	weir_str s;

	weir_str_init(&s, TEXT_MAX);
	if (cover->some) {
		weir_str_puts(&s, "rollups from ");
		weir_str_text(&s, weir_clock_iso(cover->span.from_ms, buf));
		weir_str_puts(&s, " to ");
		weir_str_text(&s, weir_clock_iso(cover->span.to_ms, buf));
		weir_str_puts(&s, ", rows of the rest of the range");
	} else {
		weir_str_puts(&s, "rows: ");
		weir_str_puts(&s, cover->why);
	}
	if (!weir_str_err(&s))
		out = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return out;
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
	weir_sql_add(q, "] AND hour >= ");
	weir_sql_time(q, cover->span.from_ms);
	weir_sql_add(q, " AND hour < ");
	weir_sql_time(q, cover->span.to_ms);
}

void weir_cover_rest(weir_sql *q, const struct weir_cover *cover, const char *moment)
{
	weir_outside_sql(q, &cover->span, moment);
}
