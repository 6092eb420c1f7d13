#include "config.h"
#include "query/range.h"

#include "base/clock.h"
#include "base/zone.h"

#include <stdio.h>

static const int64_t MINUTE_MS = 60000, DAY_MS = 86400000;

static void wall(int64_t ms, char out[WEIR_WALL_LEN + 1])
{
	char buf[WEIR_CLOCK_MAX];
	weir_text t = weir_clock_sql(ms, buf);

	memcpy(out, t.p, WEIR_WALL_LEN);
	out[WEIR_WALL_LEN] = '\0';
}

int64_t weir_wall_ms(const char text[WEIR_WALL_LEN + 1])
{
	int64_t ms = 0;

	return weir_clock_parse(weir_text_of(text), &ms) ? 0 : ms;
}

weir_text weir_known_timezone(weir_arena *mem, weir_text timezone)
{
	const struct weir_zone *zone;

	return weir_zone_load(mem, timezone, &zone) ? WEIR_TEXT("UTC") : timezone;
}

/* ms moved by months, the day cut to the length of the month that it lands in. */
static int64_t add_months(int64_t ms, int months)
{
	struct weir_civil c = weir_civil_of(ms), first;
	int day = c.day;

	c.day = 1;
	c.month += months;
	first = weir_civil_of(weir_civil_ms(&c));
	c = first;
	c.day = day;
	while (weir_civil_of(weir_civil_ms(&c)).month != first.month)
		c.day--;
	return weir_civil_ms(&c);
}

static int64_t floor_to(int64_t ms, int64_t unit)
{
	return ms - ((ms % unit) + unit) % unit;
}

static int64_t month_start(int64_t ms, int months)
{
	struct weir_civil c = weir_civil_of(ms);
	struct weir_civil first = { .year = c.year, .month = c.month + months, .day = 1 };

	return weir_civil_ms(&first);
}

static int64_t year_start(int64_t ms, int years)
{
	struct weir_civil first = { .year = weir_civil_of(ms).year + years, .month = 1, .day = 1 };

	return weir_civil_ms(&first);
}

/* How a range word makes its ends of the moment that is now. */
enum kind { MINUTES, DAYS, MONTHS, DAY_AGO, YEAR_BACK, MONTH_TO_DATE, LAST_MONTH, YEAR_TO_DATE, LAST_YEAR };

static const struct {
	const char *word;
	enum kind kind;
	int amount;
} words[] = {
	{ "30d", DAYS, 30 },             /* the first row stands for unknown words */
	{ "30min", MINUTES, 30 },        { "lastHour", MINUTES, 60 },      { "last24h", MINUTES, 24 * 60 },
	{ "today", DAY_AGO, 0 },         { "yesterday", DAY_AGO, 1 },      { "7d", DAYS, 7 },
	{ "3m", MONTHS, 3 },             { "6m", MONTHS, 6 },              { "12m", YEAR_BACK, 12 },
	{ "monthToDate", MONTH_TO_DATE, 0 }, { "lastMonth", LAST_MONTH, 0 }, { "yearToDate", YEAR_TO_DATE, 0 },
	{ "lastYear", LAST_YEAR, 0 },
};

/* Days and months are subtracted on the UTC clock, then seen in the zone. */
static void by_word(weir_text word, const struct weir_zone *zone, int64_t now, int64_t *start, int64_t *end)
{
#define LOCAL(ms) ((ms) + (int64_t)weir_zone_offset(zone, ms) * 1000)
	int64_t local = LOCAL(now), back;
	size_t i = sizeof(words) / sizeof(*words) - 1;

	while (i > 0 && !weir_text_is(word, words[i].word))
		i--;
	*end = floor_to(local, DAY_MS) + DAY_MS;
	switch (words[i].kind) {
	case MINUTES:
		back = now - words[i].amount * MINUTE_MS;
		*start = floor_to(LOCAL(back), MINUTE_MS);
		*end = floor_to(local, MINUTE_MS) + MINUTE_MS - 1000;
		return;
	case DAYS:
		back = now - words[i].amount * DAY_MS;
		*start = floor_to(LOCAL(back), DAY_MS);
		return;
	case MONTHS:
		back = add_months(now, -words[i].amount);
		*start = floor_to(LOCAL(back), DAY_MS);
		return;
	case DAY_AGO:
		back = now - words[i].amount * DAY_MS;
		*start = floor_to(LOCAL(back), DAY_MS);
		*end = *start + DAY_MS - 1000;
		return;
	case YEAR_BACK:
		back = add_months(now, -words[i].amount);
		*start = month_start(LOCAL(back), 0);
		*end = month_start(local, 1);
		return;
	case MONTH_TO_DATE:
		*start = month_start(local, 0);
		return;
	case LAST_MONTH:
		*start = month_start(local, -1);
		*end = month_start(local, 0);
		return;
	case YEAR_TO_DATE:
		*start = year_start(local, 0);
		return;
	case LAST_YEAR:
		*start = year_start(local, -1);
		*end = year_start(local, 0) - 1000;
	}
#undef LOCAL
}

/* A date as callers write it: a day alone is its first or last second, anything else is read as JavaScript reads it. */
static weir_err given(weir_text t, bool end, int64_t *ms)
{
	enum { DAY_LEN = 10 };
	weir_err err = weir_clock_parse_js(t, ms);

	if (!err && t.n == DAY_LEN && t.p[4] == '-' && end)
		*ms += DAY_MS - 1000;
	return err;
}

weir_err weir_range_of(weir_arena *mem, weir_text word, weir_text start, weir_text end, weir_text timezone, int64_t now_ms,
	struct weir_range *range)
{
	const struct weir_zone *zone;
	int64_t from, to;
	weir_err err = weir_zone_load(mem, weir_known_timezone(mem, timezone), &zone);

	if (err)
		return err;
	by_word(word, zone, now_ms, &from, &to);
	if (end.n)
		err = given(end, true, &to);
	if (!err && end.n && start.n)
		err = given(start, false, &from);
	if (err)
		return err;
	wall(from, range->start);
	wall(to, range->end);
	return WEIR_OK;
}

void weir_range_before(const struct weir_range *range, struct weir_range *before)
{
	int64_t start = weir_wall_ms(range->start), end = weir_wall_ms(range->end), length = end - start;

	/* An odd number of seconds gets a millisecond more, which takes a second off once it is printed. */
	if (length / 1000 % 2)
		length++;
	wall(start - length, before->start);
	wall(end - length, before->end);
}
