/*
 * The Date constructor of JavaScript on strings, as V8 reads them: the ISO
 * form of the standard first; what that leaves goes to the old loose reader,
 * which takes numbers, words and signs in nearly any order.  Texts without a
 * zone are UTC, the zone the reference server runs in.
 */
#include "config.h"
#include "base/clock.h"
#include "base/utf8.h"


enum { NONE = -1, TEXT_MAX = 512, DIGITS_MAX = 9, YEAR_MAX = 300000 /* a little more than a Date can hold */ };

enum token_kind { T_END, T_NUMBER, T_SYMBOL, T_SPACE, T_WORD, T_OTHER, T_INVALID };
enum word_kind { W_UNKNOWN, W_MONTH, W_HALF_DAY, W_ZONE, W_TIME };

struct token {
	enum token_kind kind;
	enum word_kind word;
	int value;  /* of a number, a word; the character of a symbol */
	int length; /* characters */
};

struct reader {
	weir_text rest;
	struct token next;
};

static const struct word {
	const char *prefix;
	enum word_kind kind;
	int value;
} words[] = {
	{ "jan", W_MONTH, 1 }, { "feb", W_MONTH, 2 }, { "mar", W_MONTH, 3 }, { "apr", W_MONTH, 4 }, { "may", W_MONTH, 5 },
	{ "jun", W_MONTH, 6 }, { "jul", W_MONTH, 7 }, { "aug", W_MONTH, 8 }, { "sep", W_MONTH, 9 }, { "oct", W_MONTH, 10 },
	{ "nov", W_MONTH, 11 }, { "dec", W_MONTH, 12 }, { "am", W_HALF_DAY, 0 }, { "pm", W_HALF_DAY, 12 }, { "ut", W_ZONE, 0 },
	{ "utc", W_ZONE, 0 }, { "z", W_ZONE, 0 }, { "gmt", W_ZONE, 0 }, { "cdt", W_ZONE, -5 }, { "cst", W_ZONE, -6 },
	{ "edt", W_ZONE, -4 }, { "est", W_ZONE, -5 }, { "mdt", W_ZONE, -6 }, { "mst", W_ZONE, -7 }, { "pdt", W_ZONE, -7 },
	{ "pst", W_ZONE, -8 }, { "t", W_TIME, 0 },
};

struct date {
	int part[3], parts; /* in the order found */
	int month;          /* named, or NONE */
	bool iso;
	int time[4], times; /* hour, minute, second, millisecond */
	int half_day;       /* 0 for am, 12 for pm, or NONE */
	int sign, zone_hour, zone_minute; /* sign 0: no zone */
};

static bool between(int v, int low, int high)
{
	return v >= low && v <= high;
}

/* Bytes of the white space character at the start, or 0. */
static size_t space_len(weir_text t)
{
	size_t len = weir_utf8_len(t.p, t.n);
	uint32_t c = len ? weir_utf8_decode(t.p, len) : 0;

	if (c < 0x80)
		return len && weir_is_space((int)c) ? 1 : 0;
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000 || c == 0xfeff ? len : 0;
}

static void advance(struct reader *r, size_t n)
{
	r->rest.p += n;
	r->rest.n -= n;
}

static bool in_word(weir_text t)
{
	return t.n && (unsigned char)t.p[0] >= 'A' && !space_len(t);
}

static struct token number(struct reader *r)
{
	struct token t = { .kind = T_NUMBER };
	int digits = 0;

	for (; r->rest.n && weir_is_digit(r->rest.p[0]); advance(r, 1), t.length++) {
		if (!digits && r->rest.p[0] == '0')
			continue;
		if (digits++ < DIGITS_MAX)
			t.value = t.value * 10 + (r->rest.p[0] - '0');
	}
	return t;
}

static struct token word(struct reader *r)
{
	struct token t = { .kind = T_WORD };
	char prefix[4] = "";

	while (in_word(r->rest)) {
		size_t len = weir_utf8_len(r->rest.p, r->rest.n);

		if (t.length < 3)
			prefix[t.length] = (char)(r->rest.p[0] | 0x20);
		advance(r, len ? len : 1);
		t.length++;
	}
	/* only a month may be longer than what it is known by */
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(prefix, words[i].prefix) || (t.length > 3 && words[i].kind != W_MONTH))
			continue;
		t.word = words[i].kind;
		t.value = words[i].value;
		break;
	}
	return t;
}

static void skip_parentheses(struct reader *r)
{
	int depth = 0;

	do {
		depth += r->rest.p[0] == '(';
		depth -= r->rest.p[0] == ')';
		advance(r, 1);
	} while (depth > 0 && r->rest.n);
}

static struct token scan(struct reader *r)
{
	struct token t = { .kind = T_OTHER, .length = 1 };
	size_t len;

	if (!r->rest.n)
		return (struct token){ .kind = T_END };
	if (weir_is_digit(r->rest.p[0]))
		return number(r);
	if (r->rest.p[0] && strchr(":-+.)", r->rest.p[0])) {
		t.kind = T_SYMBOL;
		t.value = r->rest.p[0];
		advance(r, 1);
	} else if (in_word(r->rest)) {
		t = word(r);
	} else if ((len = space_len(r->rest))) {
		t.kind = T_SPACE;
		advance(r, len);
	} else if (r->rest.p[0] == '(') {
		skip_parentheses(r);
	} else {
		advance(r, 1);
	}
	return t;
}

static struct token next(struct reader *r)
{
	struct token t = r->next;

	r->next = scan(r);
	return t;
}

static bool is_symbol(struct token t, int c)
{
	return t.kind == T_SYMBOL && t.value == c;
}

static bool is_sign(struct token t)
{
	return is_symbol(t, '+') || is_symbol(t, '-');
}

static bool is_z(struct token t)
{
	return t.kind == T_WORD && t.word == W_ZONE && t.length == 1;
}

static bool skip_symbol(struct reader *r, int c)
{
	if (!is_symbol(r->next, c))
		return false;
	next(r);
	return true;
}

/* A number of just so many digits, between low and high. */
static bool is_fixed(struct token t, int length, int low, int high)
{
	return t.kind == T_NUMBER && t.length == length && between(t.value, low, high);
}

/* The first three digits of a fraction. */
static int milliseconds(struct token t)
{
	int v = t.value, length = t.length > DIGITS_MAX ? DIGITS_MAX : t.length;

	for (; length < 3; length++)
		v *= 10;
	for (; length > 3; length--)
		v /= 10;
	return v;
}

static bool add_time(struct date *d, int v)
{
	if (d->times == 4)
		return false;
	d->time[d->times++] = v;
	return true;
}

static void finish_time(struct date *d)
{
	while (d->times < 4)
		d->time[d->times++] = 0;
}

static bool add_part(struct date *d, int v)
{
	if (d->parts == 3)
		return false;
	d->part[d->parts++] = v;
	return true;
}

static void set_zone(struct date *d, int hours)
{
	d->sign = hours < 0 ? -1 : 1;
	d->zone_hour = hours < 0 ? -hours : hours;
	d->zone_minute = 0;
}

/* "Z", "+02:00", "+0200" or nothing; false for anything else. */
static bool iso_zone(struct reader *r, struct date *d)
{
	struct token t;

	if (is_z(r->next)) {
		next(r);
		set_zone(d, 0);
		return true;
	}
	if (!is_sign(r->next))
		return true;
	d->sign = next(r).value == '+' ? 1 : -1;
	t = next(r);
	if (is_fixed(t, 4, 0, 2359) && t.value % 100 < 60) {
		d->zone_hour = t.value / 100;
		d->zone_minute = t.value % 100;
		return true;
	}
	if (!is_fixed(t, 2, 0, 23) || !skip_symbol(r, ':') || !is_fixed(r->next, 2, 0, 59))
		return false;
	d->zone_hour = t.value;
	d->zone_minute = next(r).value;
	return true;
}

/* HH:MM[:SS[.fraction]] and a zone, to the end. */
static bool iso_time(struct reader *r, struct date *d)
{
	int last = 59;

	if (!is_fixed(r->next, 2, 0, 24))
		return false;
	if (r->next.value == 24) /* midnight at the end of the day, and no later */
		last = 0;
	add_time(d, next(r).value);
	if (!skip_symbol(r, ':') || !is_fixed(r->next, 2, 0, last))
		return false;
	add_time(d, next(r).value);
	if (skip_symbol(r, ':')) {
		if (!is_fixed(r->next, 2, 0, last))
			return false;
		add_time(d, next(r).value);
		if (skip_symbol(r, '.')) {
			if (r->next.kind != T_NUMBER || (!last && r->next.value > 0))
				return false;
			add_time(d, milliseconds(next(r)));
		}
	}
	return iso_zone(r, d) && r->next.kind == T_END;
}

/*
 * Reads as much of the ISO form as there is.  T_END: all of it was one;
 * T_INVALID: it is none and nothing else either; else the token at which the
 * loose reader goes on.
 */
static struct token iso(struct reader *r, struct date *d)
{
	if (is_sign(r->next)) {
		struct token sign = next(r);
		int year;

		if (r->next.kind != T_NUMBER || r->next.length != 6)
			return sign;
		year = next(r).value;
		if (sign.value == '-' && !year)
			return sign;
		add_part(d, sign.value == '-' ? -year : year);
	} else if (r->next.kind == T_NUMBER && r->next.length == 4) {
		add_part(d, next(r).value);
	} else {
		return next(r);
	}
	if (skip_symbol(r, '-')) {
		if (!is_fixed(r->next, 2, 1, 12))
			return next(r);
		add_part(d, next(r).value);
		if (skip_symbol(r, '-')) {
			if (!is_fixed(r->next, 2, 1, 31))
				return next(r);
			add_part(d, next(r).value);
		}
	}
	if (r->next.kind == T_WORD && r->next.word == W_TIME) {
		next(r);
		if (!iso_time(r, d))
			return (struct token){ .kind = T_INVALID };
	} else if (r->next.kind != T_END) {
		return next(r);
	}
	d->iso = true;
	return (struct token){ .kind = T_END };
}

static bool time_expects(const struct date *d, int v)
{
	return (between(d->times, 1, 2) && between(v, 0, 59)) || (d->times == 3 && between(v, 0, 999));
}

static bool loose_number(struct reader *r, struct date *d, int v)
{
	if (skip_symbol(r, ':')) {
		if (skip_symbol(r, ':'))
			return !d->times && add_time(d, v) && add_time(d, 0);
		if (!add_time(d, v))
			return false;
		skip_symbol(r, '.');
		return true;
	}
	if (skip_symbol(r, '.') && time_expects(d, v)) {
		add_time(d, v);
		if (r->next.kind != T_NUMBER)
			return false;
		add_time(d, milliseconds(next(r)));
		finish_time(d);
		return true;
	}
	if (d->zone_hour != NONE && d->zone_minute == NONE && between(v, 0, 59)) {
		d->zone_minute = v;
		return true;
	}
	if (time_expects(d, v)) {
		add_time(d, v);
		finish_time(d);
		return r->next.kind == T_END || r->next.kind == T_SPACE || is_z(r->next) || is_sign(r->next);
	}
	if (!add_part(d, v))
		return false;
	skip_symbol(r, '-');
	return true;
}

static bool loose_word(struct reader *r, struct date *d, struct token t, bool number_seen)
{
	if (t.word == W_HALF_DAY && d->times) {
		d->half_day = t.value;
	} else if (t.word == W_MONTH) {
		d->month = t.value;
		skip_symbol(r, '-');
	} else if (t.word == W_ZONE && number_seen) {
		set_zone(d, t.value);
	} else {
		return !number_seen && r->next.kind != T_NUMBER;
	}
	return true;
}

/* "+2", "+02", "+0200", "+02:00" behind a time or a zone's name. */
static bool loose_zone(struct reader *r, struct date *d, int sign)
{
	struct token t = { .value = 0 };

	d->sign = sign == '+' ? 1 : -1;
	if (r->next.kind == T_NUMBER)
		t = next(r);
	if (is_symbol(r->next, ':')) {
		d->zone_hour = t.value;
		d->zone_minute = NONE;
	} else if (t.length == 1 || t.length == 2) {
		d->zone_hour = t.value;
		d->zone_minute = 0;
	} else if (t.length == 3 || t.length == 4) {
		d->zone_hour = t.value / 100;
		d->zone_minute = t.value % 100;
	} else {
		return false;
	}
	return true;
}

static bool loose(struct reader *r, struct date *d, struct token t)
{
	bool number_seen = d->parts > 0;

	for (; t.kind != T_END; t = next(r)) {
		if (t.kind == T_NUMBER) {
			number_seen = true;
			if (!loose_number(r, d, t.value))
				return false;
		} else if (t.kind == T_WORD) {
			if (!loose_word(r, d, t, number_seen))
				return false;
		} else if (is_sign(t) && ((!d->zone_hour && !d->zone_minute) || d->times)) {
			number_seen = true;
			if (!loose_zone(r, d, t.value))
				return false;
		} else if ((is_sign(t) || is_symbol(t, ')')) && number_seen) {
			return false;
		}
	}
	return true;
}

/* Which of the numbers is year, month and day. */
static bool write_day(const struct date *d, struct weir_civil *c)
{
	int part[3] = { 1, 1, 1 };
	bool first_is_day;

	if (!d->parts)
		return false;
	memcpy(part, d->part, (size_t)d->parts * sizeof(part[0]));
	first_is_day = between(part[0], 1, 31);
	if (d->month != NONE) {
		c->month = d->month;
		c->year = first_is_day ? part[1] : part[0];
		c->day = first_is_day ? part[0] : part[1];
	} else if (d->iso || !first_is_day) {
		c->year = part[0];
		c->month = part[1];
		c->day = part[2];
	} else {
		c->month = part[0];
		c->day = part[1];
		c->year = part[2];
	}
	if (!d->iso && c->year >= 0 && c->year <= 99)
		c->year += c->year < 50 ? 2000 : 1900;
	return c->year >= -YEAR_MAX && c->year <= YEAR_MAX && between(c->month, 1, 12) && between(c->day, 1, 31);
}

static bool write_time(struct date *d, struct weir_civil *c)
{
	finish_time(d);
	c->hour = d->time[0];
	c->minute = d->time[1];
	c->second = d->time[2];
	c->ms = d->time[3];
	if (d->half_day != NONE) {
		if (!between(c->hour, 0, 12))
			return false;
		c->hour = c->hour % 12 + d->half_day;
	}
	if (c->hour == 24)
		return !c->minute && !c->second && !c->ms;
	return between(c->hour, 0, 23) && between(c->minute, 0, 59) && between(c->second, 0, 59) && between(c->ms, 0, 999);
}

weir_err weir_clock_parse_js(weir_text text, int64_t *ms)
{
	const int64_t most = INT64_C(8640000000000000); /* the range of a JavaScript date */
	struct reader r = { .rest = text };
	struct date d = { .month = NONE, .half_day = NONE, .zone_hour = NONE, .zone_minute = NONE };
	struct weir_civil c = { 0 };
	struct token t;

	if (text.n > TEXT_MAX)
		return WEIR_EBADREQ;
	r.next = scan(&r);
	t = iso(&r, &d);
	if (t.kind == T_INVALID || !loose(&r, &d, t) || !write_day(&d, &c) || !write_time(&d, &c))
		return WEIR_EBADREQ;
	*ms = weir_civil_ms(&c);
	if (d.sign)
		*ms -= d.sign * ((d.zone_hour == NONE ? 0 : d.zone_hour) * INT64_C(3600000) +
				 (d.zone_minute == NONE ? 0 : d.zone_minute) * INT64_C(60000));
	return *ms > most || *ms < -most ? WEIR_EBADREQ : WEIR_OK;
}
