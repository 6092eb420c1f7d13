/* Insights: the days that are held against others. */
#include "config.h"
#include "query/insight.h"

#include "base/clock.h"
#include "base/zone.h"

#include <stdio.h>

static const int64_t SECOND_MS = 1000, DAY_MS = 86400000;
enum { WEEK = 7 };

/* days: how many the window has; weeks: how many of the same weekday it is held against, 0 for as many days before it. */
static const struct {
	const char *kind;
	int64_t days;
	size_t weeks;
	const char *now_words, *before_words;
} windows[] = {
	{ "yesterday", 1, WEIR_INSIGHT_WEEKS, "yesterday", "are usual on that weekday" },
	{ "rolling_7d", 7, 0, "in the last 7 days", "in the 7 days before" },
	{ "rolling_30d", 30, 0, "in the last 30 days", "in the 30 days before" },
};
_Static_assert(sizeof(windows) / sizeof(*windows) == WEIR_INSIGHT_WINDOWS, "WEIR_INSIGHT_WINDOWS is another number");

weir_err weir_insight_today(weir_arena *mem, weir_text timezone, int64_t now_ms, int64_t *today)
{
	const struct weir_zone *zone;
	weir_err err = weir_zone_load(mem, weir_known_timezone(mem, timezone), &zone);
	int64_t wall = err ? 0 : now_ms + weir_zone_offset(zone, now_ms) * SECOND_MS;

	*today = wall / DAY_MS - (wall % DAY_MS < 0);
	return err;
}

static void wall_text(int64_t day, char out[WEIR_WALL_LEN + 1])
{
	char buf[WEIR_CLOCK_MAX];
	weir_text t = weir_clock_sql(day * DAY_MS, buf);

	snprintf(out, WEIR_WALL_LEN + 1, "%.*s", t.n < WEIR_WALL_LEN ? (int)t.n : WEIR_WALL_LEN, t.p);
}

/* The days from first until before end. */
static weir_err days(weir_arena *mem, weir_text timezone, int64_t first, int64_t end, struct weir_span *span)
{
	struct weir_range range;

	wall_text(first, range.start);
	wall_text(end, range.end);
	return weir_span_of(mem, &range, timezone, span);
}

weir_err weir_insight_window(weir_arena *mem, size_t index, weir_text timezone, int64_t today, struct weir_insight_window *out)
{
	int64_t first = today - windows[index].days;
	size_t weeks = windows[index].weeks;
	weir_err err = days(mem, timezone, first, today, &out->current);

	out->kind = windows[index].kind;
	out->now_words = windows[index].now_words;
	out->before_words = windows[index].before_words;
	out->before_count = weeks ? weeks : 1;
	if (!weeks && !err)
		err = days(mem, timezone, first - windows[index].days, first, &out->before[0]);
	for (size_t i = 0; i < weeks && !err; i++) {
		int64_t day = first - (int64_t)(weeks - i) * WEEK;

		err = days(mem, timezone, day, day + 1, &out->before[i]);
	}
	out->since_ms = out->before[0].from_ms;
	return err;
}
