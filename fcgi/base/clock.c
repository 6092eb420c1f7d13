#include "config.h"
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

enum { DAY_MS = 86400000 };

int64_t weir_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t weir_monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a civil date; the year begins in March so that the leap day comes last. */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct weir_civil weir_civil_of(int64_t ms)
{
	int64_t days = floor_div(ms, DAY_MS), rest = ms - days * DAY_MS;
	int64_t z = days + 719468, era = floor_div(z, 146097);
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;
	struct weir_civil c;

	c.day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
	c.month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
	c.year = year_of_era + era * 400 + (c.month <= 2);
	c.hour = (int)(rest / 3600000);
	c.minute = (int)(rest / 60000 % 60);
	c.second = (int)(rest / 1000 % 60);
	c.ms = (int)(rest % 1000);
	c.weekday = (int)((days % 7 + 11) % 7);
	return c;
}

int64_t weir_civil_ms(const struct weir_civil *c)
{
	int64_t months = (int64_t)c->month - 1;
	int64_t year = c->year + floor_div(months, 12);
	int month = (int)(months - floor_div(months, 12) * 12) + 1;

	return (days_of(year, month, 1) + c->day - 1) * DAY_MS + c->hour * INT64_C(3600000) + c->minute * INT64_C(60000) +
		c->second * INT64_C(1000) + c->ms;
}

weir_text weir_clock_iso(int64_t ms, char buf[WEIR_CLOCK_MAX])
{
	struct weir_civil c = weir_civil_of(ms);
	const char *sign = c.year < 0 ? "-" : c.year > 9999 ? "+" : "";
	int n = snprintf(buf, WEIR_CLOCK_MAX, "%s%0*lld-%02d-%02dT%02d:%02d:%02d.%03dZ", sign, *sign ? 6 : 4,
		(long long)(c.year < 0 ? -c.year : c.year), c.month, c.day, c.hour, c.minute, c.second, c.ms);

	return (weir_text){ buf, (size_t)(n < WEIR_CLOCK_MAX ? n : WEIR_CLOCK_MAX - 1) };
}

weir_text weir_clock_sql(int64_t ms, char buf[WEIR_CLOCK_MAX])
{
	struct weir_civil c = weir_civil_of(ms);
	int n = snprintf(buf, WEIR_CLOCK_MAX, "%04lld-%02d-%02d %02d:%02d:%02d.%03d", (long long)c.year, c.month, c.day, c.hour,
		c.minute, c.second, c.ms);

	return (weir_text){ buf, (size_t)(n < WEIR_CLOCK_MAX ? n : WEIR_CLOCK_MAX - 1) };
}

/* Exactly n digits at *t; -1 when they are not there. */
static int digits(weir_text *t, size_t n)
{
	int v = 0;

	if (t->n < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!weir_is_digit((unsigned char)t->p[i]))
			return -1;
		v = v * 10 + (t->p[i] - '0');
	}
	t->p += n;
	t->n -= n;
	return v;
}

static bool skip(weir_text *t, char c)
{
	if (!t->n || t->p[0] != c)
		return false;
	t->p++;
	t->n--;
	return true;
}

/* A fraction of a second after the point: milliseconds, further digits cut off; -1 when there is no digit. */
static int fraction(weir_text *t)
{
	int ms = 0, scale = 100, seen = 0;

	while (t->n && weir_is_digit((unsigned char)t->p[0])) {
		ms += (t->p[0] - '0') * scale;
		scale /= 10;
		t->p++;
		t->n--;
		seen = 1;
	}
	return seen ? ms : -1;
}

static int days_in(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool time_of_day(weir_text *t, struct weir_civil *c)
{
	c->hour = digits(t, 2);
	c->minute = skip(t, ':') ? digits(t, 2) : -1;
	c->second = 0;
	if (skip(t, ':'))
		c->second = digits(t, 2);
	if (skip(t, '.'))
		c->ms = fraction(t);
	return c->hour >= 0 && c->hour <= 24 && c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59 &&
		c->ms >= 0 && (c->hour < 24 || (!c->minute && !c->second && !c->ms));
}

static bool date_of(weir_text *t, struct weir_civil *c)
{
	c->year = digits(t, 4);
	c->month = skip(t, '-') ? digits(t, 2) : -1;
	c->day = skip(t, '-') ? digits(t, 2) : -1;
	return c->year >= 0 && c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= days_in(c->year, c->month);
}

weir_err weir_clock_parse(weir_text t, int64_t *ms)
{
	struct weir_civil c = { 0 };

	if (!date_of(&t, &c))
		return WEIR_EBADREQ;
	if (!skip(&t, 'T') && !skip(&t, ' '))
		return WEIR_EBADREQ;
	if (!time_of_day(&t, &c))
		return WEIR_EBADREQ;
	skip(&t, 'Z');
	if (t.n)
		return WEIR_EBADREQ;
	*ms = weir_civil_ms(&c);
	return WEIR_OK;
}
