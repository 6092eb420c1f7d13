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

/* ---- what JavaScript's Date reads ---- */

/* "Z", "+02:00", "-0530" or nothing (UTC, as the reference server runs in that zone). */
static bool zone_of(weir_text *t, int64_t *offset_ms)
{
	int sign, hours, minutes;

	*offset_ms = 0;
	if (!t->n || skip(t, 'Z'))
		return true;
	sign = skip(t, '+') ? 1 : skip(t, '-') ? -1 : 0;
	hours = sign ? digits(t, 2) : -1;
	skip(t, ':');
	minutes = hours >= 0 ? digits(t, 2) : -1;
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*offset_ms = sign * (hours * INT64_C(3600000) + minutes * INT64_C(60000));
	return true;
}

static weir_err iso_of(weir_text t, int64_t *ms)
{
	struct weir_civil c = { .month = 1, .day = 1 };
	int sign = skip(&t, '+') ? 1 : skip(&t, '-') ? -1 : 0;
	int64_t offset = 0;

	c.year = digits(&t, sign ? 6 : 4);
	if (c.year < 0 || (sign < 0 && c.year == 0))
		return WEIR_EBADREQ;
	if (sign < 0)
		c.year = -c.year;
	if (skip(&t, '-')) {
		c.month = digits(&t, 2);
		if (skip(&t, '-'))
			c.day = digits(&t, 2);
	}
	if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
		return WEIR_EBADREQ;
	if (t.n && (skip(&t, 'T') || skip(&t, 't') || skip(&t, ' ')))
		if (!time_of_day(&t, &c) || !zone_of(&t, &offset))
			return WEIR_EBADREQ;
	if (t.n)
		return WEIR_EBADREQ;
	*ms = weir_civil_ms(&c) - offset;
	return WEIR_OK;
}

struct legacy {
	struct weir_civil c;
	int numbers[3], count; /* day, month, year in the order found */
	bool month_named, time_seen, zone_seen;
	int64_t offset;
};

static int month_named(weir_text word)
{
	static const char *const names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };

	for (int i = 0; i < 12; i++)
		if (word.n >= 3 && weir_text_eq_nocase((weir_text){ word.p, 3 }, weir_text_of(names[i])))
			return i + 1;
	return 0;
}

static bool legacy_word(struct legacy *l, weir_text word)
{
	static const char *const utc[] = { "gmt", "utc", "ut", "z" };
	static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
	int month = month_named(word);

	if (month) {
		l->c.month = month;
		l->month_named = true;
		return true;
	}
	for (size_t i = 0; i < sizeof(utc) / sizeof(*utc); i++)
		if (weir_text_eq_nocase(word, weir_text_of(utc[i])))
			return l->zone_seen = true;
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		if (word.n >= 3 && weir_text_eq_nocase((weir_text){ word.p, 3 }, weir_text_of(days[i])))
			return true;
	if (l->time_seen && weir_text_eq_nocase(word, WEIR_TEXT("pm"))) {
		l->c.hour += l->c.hour < 12 ? 12 : 0;
		return true;
	}
	if (l->time_seen && weir_text_eq_nocase(word, WEIR_TEXT("am"))) {
		l->c.hour -= l->c.hour == 12 ? 12 : 0;
		return true;
	}
	return false;
}

/* Letters run to a word, digits to a number or a time; everything else separates. */
static bool legacy_token(struct legacy *l, weir_text *t)
{
	const char *from = t->p;

	if (weir_is_alpha((unsigned char)t->p[0])) {
		while (t->n && weir_is_alpha((unsigned char)t->p[0]))
			*t = (weir_text){ t->p + 1, t->n - 1 };
		return legacy_word(l, (weir_text){ from, (size_t)(t->p - from) });
	}
	if (l->time_seen && (t->p[0] == '+' || t->p[0] == '-')) {
		l->zone_seen = true;
		return zone_of(t, &l->offset);
	}
	if (!weir_is_digit((unsigned char)t->p[0])) {
		*t = (weir_text){ t->p + 1, t->n - 1 };
		return strchr(" ,/-().", from[0]) != NULL;
	}
	while (t->n && weir_is_digit((unsigned char)t->p[0]))
		*t = (weir_text){ t->p + 1, t->n - 1 };
	if (t->n && t->p[0] == ':') {
		t->n += (size_t)(t->p - from);
		t->p = from;
		l->time_seen = true;
		return time_of_day(t, &l->c);
	}
	if (l->count == 3 || t->p - from > 6)
		return false;
	for (l->numbers[l->count] = 0; from < t->p; from++)
		l->numbers[l->count] = l->numbers[l->count] * 10 + (*from - '0');
	l->count++;
	return true;
}

static weir_err legacy_of(weir_text t, int64_t *ms)
{
	struct legacy l = { 0 };
	int *n = l.numbers;

	while (t.n)
		if (!legacy_token(&l, &t))
			return WEIR_EBADREQ;
	if (l.month_named && l.count >= 1) { /* Aug 1 2026, 1 Aug 2026 */
		l.c.day = n[0];
		l.c.year = l.count > 1 ? n[1] : 2001;
	} else if (l.count == 3 && n[0] > 31) { /* 2026/8/1 */
		l.c.year = n[0];
		l.c.month = n[1];
		l.c.day = n[2];
	} else if (l.count >= 2) { /* 8/1/2026 */
		l.c.month = n[0];
		l.c.day = n[1];
		l.c.year = l.count == 3 ? n[2] : 2001;
	} else {
		return WEIR_EBADREQ;
	}
	if (l.c.year < 50)
		l.c.year += 2000;
	else if (l.c.year < 100)
		l.c.year += 1900;
	if (l.c.month < 1 || l.c.month > 12 || l.c.day < 1 || l.c.day > 31)
		return WEIR_EBADREQ;
	*ms = weir_civil_ms(&l.c) - l.offset;
	return WEIR_OK;
}

weir_err weir_clock_parse_js(weir_text t, int64_t *ms)
{
	const int64_t most = INT64_C(8640000000000000); /* the range of a JavaScript date */
	weir_err err;

	t = weir_text_trim(t);
	if (t.n > 64)
		return WEIR_EBADREQ;
	err = iso_of(t, ms);
	if (err)
		err = legacy_of(t, ms);
	return !err && (*ms > most || *ms < -most) ? WEIR_EBADREQ : err;
}
