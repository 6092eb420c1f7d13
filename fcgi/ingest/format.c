/* Formats of strings, as spec/ingest.md 1.1 words them. */
#include "config.h"
#include "ingest/format.h"
#include "ingest/flatten.h"
#include "ingest/url.h"

static bool is_alnum(char c)
{
	return weir_is_digit(c) || weir_is_alpha(c);
}

static bool is_local_part(weir_text t)
{
	char last;

	if (!t.n || t.p[0] == '.')
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (!is_alnum(t.p[i]) && !(t.p[i] && strchr("_'+-.", t.p[i])))
			return false;
	last = t.p[t.n - 1];
	return last != '\'' && last != '.';
}

/* Labels that start with a letter or digit, the last one at least two letters. */
static bool is_mail_host(weir_text t)
{
	size_t label = 0, labels = 0;
	bool letters = true;

	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '.') {
			if (!label)
				return false;
			labels++;
			label = 0;
			letters = true;
			continue;
		}
		if (!is_alnum(t.p[i]) && !(t.p[i] == '-' && label))
			return false;
		letters = letters && weir_is_alpha(t.p[i]);
		label++;
	}
	return labels && label >= 2 && letters;
}

bool weir_format_email(weir_text t)
{
	const char *at = t.n ? memchr(t.p, '@', t.n) : NULL;
	size_t n;

	if (!at || weir_text_find(t, WEIR_TEXT("..")))
		return false;
	n = (size_t)(at - t.p);
	return is_local_part((weir_text){ t.p, n }) && is_mail_host((weir_text){ at + 1, t.n - n - 1 });
}

/* The number in the digits at p; -1 when one of them is none. */
static int digits(const char *p, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (!weir_is_digit(p[i]))
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

static bool is_date(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

static bool below(int value, int limit)
{
	return value >= 0 && value < limit;
}

bool weir_format_datetime(weir_text t)
{
	const char *p = t.p;


	if (t.n < 17 || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[t.n - 1] != 'Z')
		return false;
	if (!is_date(digits(p, 4), digits(p + 5, 2), digits(p + 8, 2)) || !below(digits(p + 11, 2), 24) || !below(digits(p + 14, 2), 60))
		return false;
	if (t.n == 17)
		return true;
	if (t.n < 20 || p[16] != ':' || !below(digits(p + 17, 2), 60))
		return false;
	if (t.n == 20)
		return true;
	if (p[19] != '.' || t.n == 21)
		return false;
	for (size_t i = 20; i < t.n - 1; i++)
		if (!weir_is_digit(p[i]))
			return false;
	return true;
}

weir_err weir_format_url(weir_arena *a, weir_text t, bool *valid, weir_text *trimmed)
{
	struct weir_url u;
	weir_err err;

	t = weir_js_trim(t);
	if (trimmed)
		*trimmed = t;
	err = weir_url_parse(a, t, NULL, &u);
	*valid = !err;
	return err == WEIR_EBADREQ ? WEIR_OK : err;
}
