#include "config.h"
#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Shortest decimal digits that read back as v (> 0); returns their count and the decimal exponent of the first. */
static int shortest(double v, char digits[20], int *exponent)
{
	char text[WEIR_NUM_MAX];
	int n = 0;

	for (int precision = 0; precision <= 16; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, v);
		if (strtod(text, NULL) == v)
			break;
	}
	*exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	for (const char *p = text; *p != 'e'; p++)
		if (weir_is_digit(*p))
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

static int layout(char *out, size_t room, const char *digits, int n, int exponent)
{
	int point = exponent + 1; /* digits before the decimal point */

	if (n <= point && point <= 21)
		return snprintf(out, room, "%.*s%.*s", n, digits, point - n, "000000000000000000000");
	if (point > 0 && point <= 21)
		return snprintf(out, room, "%.*s.%.*s", point, digits, n - point, digits + point);
	if (point > -6 && point <= 0)
		return snprintf(out, room, "0.%.*s%.*s", -point, "000000", n, digits);
	if (n == 1)
		return snprintf(out, room, "%c" "e%+d", digits[0], exponent);
	return snprintf(out, room, "%c.%.*se%+d", digits[0], n - 1, digits + 1, exponent);
}

/* At the end of buf. */
static weir_text whole(int64_t v, char buf[WEIR_NUM_MAX])
{
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char *at = buf + WEIR_NUM_MAX;

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		*--at = '-';
	return (weir_text){ at, (size_t)(buf + WEIR_NUM_MAX - at) };
}

weir_text weir_num_js(double v, char buf[WEIR_NUM_MAX])
{
	char digits[20];
	int exponent, n, at = 0;

	if (isnan(v))
		return WEIR_TEXT("NaN");
	if (isinf(v))
		return v > 0 ? WEIR_TEXT("Infinity") : WEIR_TEXT("-Infinity");
	if (v == 0)
		return WEIR_TEXT("0");
	if (fabs(v) < 1e15 && v == trunc(v))
		return whole((int64_t)v, buf);
	if (v < 0)
		buf[at++] = '-';
	n = shortest(fabs(v), digits, &exponent);
	at += layout(buf + at, WEIR_NUM_MAX - (size_t)at, digits, n, exponent);
	return (weir_text){ buf, (size_t)at };
}

weir_err weir_num_uint(weir_text t, uint64_t *v)
{
	uint64_t sum = 0;

	if (!t.n)
		return WEIR_EBADREQ;
	for (size_t i = 0; i < t.n; i++) {
		unsigned digit = (unsigned)(unsigned char)t.p[i] - '0';

		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return WEIR_EBADREQ;
		sum = sum * 10 + digit;
	}
	*v = sum;
	return WEIR_OK;
}

weir_err weir_num_int(weir_text t, int64_t *v)
{
	bool negative = t.n && t.p[0] == '-';
	uint64_t u;
	weir_err err = weir_num_uint(negative ? (weir_text){ t.p + 1, t.n - 1 } : t, &u);

	if (err || u > (uint64_t)INT64_MAX + negative)
		return WEIR_EBADREQ;
	*v = negative ? (int64_t)(0 - u) : (int64_t)u;
	return WEIR_OK;
}

weir_err weir_num_double(weir_text t, double *v)
{
	char buf[64];
	char *end;

	if (!t.n || t.n >= sizeof(buf) || weir_is_space((unsigned char)t.p[0]))
		return WEIR_EBADREQ;
	memcpy(buf, t.p, t.n);
	buf[t.n] = '\0';
	*v = strtod(buf, &end);
	return end == buf + t.n ? WEIR_OK : WEIR_EBADREQ;
}
