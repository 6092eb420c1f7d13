#include "config.h"
#include "query/bucket.h"

#include "base/clock.h"
#include "base/zone.h"
#include "link/changes.h"

static const int64_t SECOND_MS = 1000, HOUR_MS = 3600000, DAY_MS = 86400000;

enum unit { MINUTE, HOUR, DAY, WEEK, SUNDAY_WEEK, MONTH };

/* date: the bucket is a Date. before and behind stand around the moment. Dates of a DateTime64 would be those of UTC. */
static const struct weir_interval {
	const char *word;
	enum unit unit;
	bool date;
	int64_t step_ms;               /* of minutes and hours, which go by the clock */
	const char *before, *behind;
} intervals[] = {
	{ "day", DAY, false, 0, "toInt64(toUnixTimestamp(toStartOfDay(", ")))" },
	{ "minute", MINUTE, false, 60000, "toInt64(toUnixTimestamp(toStartOfMinute(", ")))" },
	{ "hour", HOUR, false, 3600000, "toInt64(toUnixTimestamp(toStartOfHour(", ")))" },
	{ "week", WEEK, true, 0, "toInt64(toInt32(toMonday(toDateTime(", ")))) * 86400" },
	{ "month", MONTH, true, 0, "toInt64(toInt32(toStartOfMonth(toDateTime(", ")))) * 86400" },
};

static const struct weir_interval sunday_week = {
	"week", SUNDAY_WEEK, true, 0, "toInt64(toInt32(toStartOfWeek(toDateTime(", "), 0))) * 86400"
};

bool weir_sunday_weeks(const struct weir_conf *conf)
{
	return !strcmp(conf->api_week_start, "sunday");
}

const struct weir_interval *weir_interval_of(const struct weir_conf *conf, weir_text word)
{
	size_t i = sizeof(intervals) / sizeof(*intervals) - 1;

	while (i > 0 && !weir_text_is(word, intervals[i].word))
		i--;
	return intervals[i].unit == WEEK && weir_sunday_weeks(conf) ? &sunday_week : &intervals[i];
}

void weir_interval_sql(weir_sql *q, const struct weir_interval *interval, const char *moment)
{
	weir_sql_const(q, interval->before);
	weir_sql_const(q, moment);
	weir_sql_const(q, interval->behind);
}

bool weir_interval_is_minute(const struct weir_interval *interval)
{
	return interval->unit == MINUTE;
}

bool weir_interval_is_date(const struct weir_interval *interval)
{
	return interval->date;
}

static int64_t local(const struct weir_zone *zone, int64_t utc_ms)
{
	return utc_ms + (int64_t)weir_zone_offset(zone, utc_ms) * SECOND_MS;
}

/* The first moment at which the zone's clock shows wall_ms or later. */
static int64_t to_utc(const struct weir_zone *zone, int64_t wall_ms)
{
	enum { REACH_H = 26 };
	int64_t before = wall_ms - REACH_H * HOUR_MS, behind = wall_ms + REACH_H * HOUR_MS;
	int64_t a = wall_ms - (int64_t)weir_zone_offset(zone, before) * SECOND_MS;
	int64_t b = wall_ms - (int64_t)weir_zone_offset(zone, behind) * SECOND_MS;

	if (local(zone, a) == wall_ms && (a <= b || local(zone, b) != wall_ms))
		return a;
	if (local(zone, b) == wall_ms)
		return b;
	/* The clock jumps over it: the moment of the jump. */
	while (behind - before > 1) {
		int64_t mid = before + (behind - before) / 2;

		if (local(zone, mid) < wall_ms)
			before = mid;
		else
			behind = mid;
	}
	return behind;
}

static int64_t floor_to(int64_t ms, int64_t unit)
{
	return ms - ((ms % unit) + unit) % unit;
}

weir_err weir_span_of(weir_arena *mem, const struct weir_range *range, weir_text timezone, struct weir_span *span)
{
	const struct weir_zone *zone;
	int64_t end = weir_wall_ms(range->end);
	weir_err err = weir_zone_load(mem, weir_known_timezone(mem, timezone), &zone);

	if (err)
		return err;
	span->from_ms = to_utc(zone, weir_wall_ms(range->start));
	span->to_ms = to_utc(zone, end % DAY_MS ? end + SECOND_MS : end);
	return WEIR_OK;
}

static void compare(weir_sql *q, const char *before, const char *moment, const char *sign, int64_t ms)
{
	weir_sql_const(q, before);
	weir_sql_const(q, moment);
	weir_sql_const(q, sign);
	weir_sql_time(q, ms);
}

static void compare_day(weir_sql *q, const char *moment, const char *sign, int64_t day)
{
	weir_sql_add(q, "toDate(");
	weir_sql_const(q, moment);
	weir_sql_const(q, sign);
	weir_sql_int(q, day);
	weir_sql_add(q, ")");
}

/*
 * The tables are in the order of the day, which ClickHouse does not see that created_at says something about: without the
 * hint it reads whole months.  One day more on both sides, for the days of the tables are those of the server's zone.
 */
enum { FIRST_DAY = 1, LAST_DAY = UINT16_MAX - 1 };

void weir_since_sql(weir_sql *q, const char *moment, int64_t ms)
{
	int64_t day = weir_day_of(ms) - 1;

	compare(q, " AND ", moment, " >= ", ms);
	if (day < FIRST_DAY || day > LAST_DAY)
		return;
	weir_sql_add(q, " AND indexHint(");
	compare_day(q, moment, ") >= toDate(", day);
	weir_sql_add(q, ")");
}

void weir_span_sql(weir_sql *q, const struct weir_span *span, const char *moment)
{
	int64_t first = weir_day_of(span->from_ms) - 1, last = weir_day_of(span->to_ms) + 1;

	compare(q, " AND ", moment, " >= ", span->from_ms);
	compare(q, " AND ", moment, " < ", span->to_ms);
	if (first < FIRST_DAY || last > LAST_DAY)
		return;
	weir_sql_add(q, " AND indexHint(");
	compare_day(q, moment, ") >= toDate(", first);
	weir_sql_add(q, " AND ");
	compare_day(q, moment, ") <= toDate(", last);
	weir_sql_add(q, ")");
}

void weir_outside_sql(weir_sql *q, const struct weir_span *span, const char *moment)
{
	int64_t first = weir_day_of(span->from_ms) + 1, last = weir_day_of(span->to_ms) - 1;

	compare(q, " AND (", moment, " < ", span->from_ms);
	compare(q, " OR ", moment, " >= ", span->to_ms);
	weir_sql_add(q, ")");
	if (first < FIRST_DAY || last > LAST_DAY)
		return;
	weir_sql_add(q, " AND indexHint(");
	compare_day(q, moment, ") <= toDate(", first);
	weir_sql_add(q, " OR ");
	compare_day(q, moment, ") >= toDate(", last);
	weir_sql_add(q, ")");
}

const struct weir_span weir_days_span = { (FIRST_DAY + 1) * (int64_t)86400000, (LAST_DAY - 1) * (int64_t)86400000 };

void weir_beyond_days_sql(weir_sql *q, const char *moment)
{
	compare(q, " AND (", moment, " < ", weir_days_span.from_ms);
	compare(q, " OR ", moment, " >= ", weir_days_span.to_ms);
	weir_sql_add(q, ")");
}

/* The wall-clock start of the date bucket that the wall-clock moment falls into. */
static int64_t date_start(enum unit unit, int64_t wall_ms)
{
	struct weir_civil c = weir_civil_of(wall_ms);
	struct weir_civil first = { .year = c.year, .month = c.month, .day = 1 };

	if (unit == MONTH)
		return weir_civil_ms(&first);
	wall_ms = floor_to(wall_ms, DAY_MS);
	if (unit == SUNDAY_WEEK)
		return wall_ms - c.weekday % 7 * DAY_MS;
	return unit == WEEK ? wall_ms - (c.weekday + 6) % 7 * DAY_MS : wall_ms;
}

static int64_t date_next(enum unit unit, int64_t wall_ms)
{
	struct weir_civil c = weir_civil_of(wall_ms);
	struct weir_civil next = { .year = c.year, .month = c.month + 1, .day = 1 };

	return unit == MONTH ? weir_civil_ms(&next) : wall_ms + (unit == DAY ? 1 : 7) * DAY_MS;
}

/* The way through the buckets: at is a moment, or a wall clock for days and longer. */
struct walk {
	const struct weir_interval *interval;
	const struct weir_zone *zone;
	struct weir_span span;
	int64_t at, last;
};

static bool walk_next(struct walk *w, int64_t *key)
{
	const struct weir_interval *i = w->interval;
	int64_t start;

	for (;;) {
		start = i->step_ms ? w->at : to_utc(w->zone, w->at);
		if (start >= w->span.to_ms)
			return false;
		*key = (i->date ? w->at : start) / SECOND_MS;
		w->at = i->step_ms ? w->at + i->step_ms : date_next(i->unit, w->at);
		/* A day that the zone left out starts when the next one does. */
		if (*key != w->last)
			break;
	}
	w->last = *key;
	return true;
}

static weir_text text_of(weir_arena *mem, const struct walk *w, int64_t key)
{
	enum { DATE_LEN = 10 };
	char buf[WEIR_CLOCK_MAX];
	weir_text t = weir_clock_sql(w->interval->date ? key * SECOND_MS : local(w->zone, key * SECOND_MS), buf);

	t.n = w->interval->date ? DATE_LEN : WEIR_WALL_LEN;
	return weir_text_dup(mem, t);
}

weir_err weir_buckets_of(weir_arena *mem, const struct weir_interval *interval, const struct weir_range *range, weir_text timezone,
	struct weir_buckets *out)
{
	int64_t start = weir_wall_ms(range->start), key;
	struct walk first = { .interval = interval, .last = INT64_MIN }, w;
	weir_err err = weir_zone_load(mem, weir_known_timezone(mem, timezone), &first.zone);

	*out = (struct weir_buckets){ .count = 0 };
	if (!err)
		err = weir_span_of(mem, range, timezone, &first.span);
	if (err || first.span.from_ms >= first.span.to_ms)
		return err;
	if (interval->step_ms) /* whole minutes and hours of the zone's clock */
		first.at = first.span.from_ms - (local(first.zone, first.span.from_ms) % interval->step_ms + interval->step_ms) % interval->step_ms;
	else
		first.at = date_start(interval->unit, start);
	for (w = first; walk_next(&w, &key); out->count++)
		if (out->count == WEIR_BUCKETS_MAX)
			return WEIR_ELIMIT;
	out->keys = weir_alloc_n(mem, out->count + 1, sizeof(*out->keys));
	out->texts = weir_alloc_n(mem, out->count + 1, sizeof(*out->texts));
	if (!out->keys || !out->texts)
		return WEIR_ENOMEM;
	w = first;
	for (size_t i = 0; walk_next(&w, &out->keys[i]); i++) {
		out->texts[i] = text_of(mem, &w, out->keys[i]);
		if (!out->texts[i].p)
			return WEIR_ENOMEM;
	}
	return WEIR_OK;
}

size_t weir_bucket_find(const struct weir_buckets *b, int64_t key)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (b->keys[mid] < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low < b->count && b->keys[low] == key ? low : b->count;
}
