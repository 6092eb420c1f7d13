#include "config.h"
#include "trpc/jsfault.h"

#include "base/jsonr.h"
#include "base/str.h"
#include "base/utf8.h"

enum fault {
	NONE,
	END,
	NUMBER,
	STRING,
	TOKEN,
	PROPERTY,
	COLON,
	QUOTED,
	AFTER_VALUE,
	AFTER_ELEMENT,
	CONTROL,
	ESCAPE,
	UNICODE,
	MINUS,
	EXPONENT,
	FRACTION,
	UNTERMINATED,
	TAIL,
	DEPTH
};

static const char *const texts[] = {
	[END] = "Unexpected end of JSON input",
	[NUMBER] = "Unexpected number in JSON at position ",
	[STRING] = "Unexpected string in JSON at position ",
	[PROPERTY] = "Expected property name or '}' in JSON at position ",
	[COLON] = "Expected ':' after property name in JSON at position ",
	[QUOTED] = "Expected double-quoted property name in JSON at position ",
	[AFTER_VALUE] = "Expected ',' or '}' after property value in JSON at position ",
	[AFTER_ELEMENT] = "Expected ',' or ']' after array element in JSON at position ",
	[CONTROL] = "Bad control character in string literal in JSON at position ",
	[ESCAPE] = "Bad escaped character in JSON at position ",
	[UNICODE] = "Bad Unicode escape in JSON at position ",
	[MINUS] = "No number after minus sign in JSON at position ",
	[EXPONENT] = "Exponent part is missing a number in JSON at position ",
	[FRACTION] = "Unterminated fractional number in JSON at position ",
	[UNTERMINATED] = "Unterminated string in JSON at position ",
	[TAIL] = "Unexpected non-whitespace character after JSON at position ",
	[DEPTH] = "JSON nested too deeply",
};

struct scan {
	weir_text in;
	size_t at;
	enum fault fault;
};

static int peek(struct scan *s)
{
	while (s->at < s->in.n && strchr(" \t\r\n", s->in.p[s->at]) && s->in.p[s->at])
		s->at++;
	return s->at < s->in.n ? (unsigned char)s->in.p[s->at] : -1;
}

static bool fail(struct scan *s, enum fault fault)
{
	s->fault = fault;
	return false;
}

/* The sentence for a token in a place where none of its kind can be. */
static bool unexpected(struct scan *s)
{
	int c = peek(s);

	if (c < 0)
		return fail(s, END);
	if (c == '"')
		return fail(s, STRING);
	return fail(s, c == '-' || weir_is_digit(c) ? NUMBER : TOKEN);
}

static bool hex4(struct scan *s)
{
	for (int i = 0; i < 4; i++, s->at++) {
		int c = s->at < s->in.n ? weir_lower((unsigned char)s->in.p[s->at]) : 0;

		if (!weir_is_digit(c) && !(c >= 'a' && c <= 'f'))
			return fail(s, UNICODE);
	}
	return true;
}

static bool string(struct scan *s)
{
	for (s->at++; s->at < s->in.n; s->at++) {
		unsigned char c = (unsigned char)s->in.p[s->at];

		if (c == '"') {
			s->at++;
			return true;
		}
		if (c < 0x20)
			return fail(s, CONTROL);
		if (c != '\\')
			continue;
		s->at++;
		if (s->at == s->in.n)
			return fail(s, UNTERMINATED);
		c = (unsigned char)s->in.p[s->at];
		if (c == 'u') {
			s->at++;
			if (!hex4(s))
				return false;
			s->at--;
		} else if (!c || !strchr("\"\\/bfnrt", c)) {
			return fail(s, ESCAPE);
		}
	}
	return fail(s, UNTERMINATED);
}

static bool digits(struct scan *s, enum fault none)
{
	if (s->at >= s->in.n || !weir_is_digit(s->in.p[s->at]))
		return fail(s, none);
	while (s->at < s->in.n && weir_is_digit(s->in.p[s->at]))
		s->at++;
	return true;
}

static bool number(struct scan *s)
{
	if (s->in.p[s->at] == '-') {
		s->at++;
		if (s->at >= s->in.n || !weir_is_digit(s->in.p[s->at]))
			return fail(s, MINUS);
	}
	if (s->in.p[s->at] == '0') {
		s->at++;
		if (s->at < s->in.n && weir_is_digit(s->in.p[s->at]))
			return fail(s, NUMBER);
	} else if (!digits(s, MINUS)) {
		return false;
	}
	if (s->at < s->in.n && s->in.p[s->at] == '.') {
		s->at++;
		if (!digits(s, FRACTION))
			return false;
	}
	if (s->at < s->in.n && weir_lower(s->in.p[s->at]) == 'e') {
		s->at++;
		if (s->at < s->in.n && (s->in.p[s->at] == '+' || s->in.p[s->at] == '-'))
			s->at++;
		return digits(s, EXPONENT);
	}
	return true;
}

static bool literal(struct scan *s, const char *word)
{
	for (; *word; word++, s->at++)
		if (s->at >= s->in.n)
			return fail(s, END);
		else if (s->in.p[s->at] != *word)
			return unexpected(s);
	return true;
}

static bool value(struct scan *s, int depth);

static bool array(struct scan *s, int depth)
{
	s->at++;
	if (peek(s) == ']') {
		s->at++;
		return true;
	}
	do {
		if (!value(s, depth + 1))
			return false;
	} while (peek(s) == ',' && ++s->at);
	if (peek(s) != ']')
		return fail(s, AFTER_ELEMENT);
	s->at++;
	return true;
}

static bool object(struct scan *s, int depth)
{
	enum fault no_name = PROPERTY;

	s->at++;
	if (peek(s) == '}') {
		s->at++;
		return true;
	}
	do {
		if (peek(s) != '"')
			return fail(s, no_name);
		if (!string(s))
			return false;
		if (peek(s) != ':')
			return fail(s, COLON);
		s->at++;
		if (!value(s, depth + 1))
			return false;
		no_name = QUOTED;
	} while (peek(s) == ',' && ++s->at);
	if (peek(s) != '}')
		return fail(s, AFTER_VALUE);
	s->at++;
	return true;
}

static bool value(struct scan *s, int depth)
{
	int c = peek(s);

	if (depth > WEIR_JSONR_DEPTH)
		return fail(s, DEPTH);
	switch (c) {
	case '"':
		return string(s);
	case '{':
		return object(s, depth);
	case '[':
		return array(s, depth);
	case 't':
		return literal(s, "true");
	case 'f':
		return literal(s, "false");
	case 'n':
		return literal(s, "null");
	default:
		return c == '-' || weir_is_digit(c) ? number(s) : unexpected(s);
	}
}

/* The byte that lies units UTF-16 units after (or before) byte at. */
static size_t move(weir_text in, size_t at, int units)
{
	while (units > 0 && at < in.n) {
		size_t len = weir_utf8_len(in.p + at, in.n - at);

		units -= len == 4 ? 2 : 1;
		at += len ? len : 1;
	}
	while (units < 0 && at > 0) {
		do
			at--;
		while (at > 0 && ((unsigned char)in.p[at] & 0xc0) == 0x80);
		units += ((unsigned char)in.p[at] & 0xf8) == 0xf0 ? 2 : 1;
	}
	return at;
}

enum { CONTEXT = 10 };

/* Unexpected token 'x', ..."some text"... is not valid JSON */
static void token_text(weir_str *out, weir_text in, size_t at)
{
	size_t length = weir_utf16_units(in), pos = weir_utf16_units((weir_text){ in.p, at });
	size_t len = weir_utf8_len(in.p + at, in.n - at), from = 0, to = in.n;
	bool before = false, behind = false;

	if (weir_text_is(in, "undefined") || weir_text_is(in, "NaN") || weir_text_is(in, "Infinity")
		|| weir_text_is(in, "[object Object]")) {
		weir_str_putc(out, '"');
		weir_str_text(out, in);
		weir_str_puts(out, "\" is not valid JSON");
		return;
	}
	if (length > 2 * CONTEXT) {
		before = pos >= CONTEXT;
		behind = pos < length - CONTEXT;
		from = before ? move(in, at, -CONTEXT) : 0;
		to = behind || !before ? move(in, at, CONTEXT) : in.n;
	}
	weir_str_puts(out, "Unexpected token '");
	weir_str_add(out, in.p + at, len ? len : 1);
	weir_str_puts(out, before ? "', ...\"" : "', \"");
	weir_str_add(out, in.p + from, to - from);
	weir_str_puts(out, behind ? "\"... is not valid JSON" : "\" is not valid JSON");
}

weir_err weir_js_fault(weir_arena *mem, weir_text in, weir_text *message)
{
	struct scan s = { .in = weir_utf8_clean(mem, in) };
	weir_str out;
	weir_err err;

	if (!s.in.p && in.n)
		return WEIR_ENOMEM;
	weir_str_init(&out, 1024);
	if (value(&s, 0) && peek(&s) >= 0)
		s.fault = TAIL;
	if (s.fault == TOKEN) {
		token_text(&out, s.in, s.at);
	} else if (s.fault == NONE) {
		weir_str_puts(&out, "JSON that cannot be stored: a NUL character");
	} else {
		weir_str_puts(&out, texts[s.fault]);
		if (s.fault != END && s.fault != DEPTH)
			weir_str_addf(&out, "%zu", weir_utf16_units((weir_text){ s.in.p, s.at }));
	}
	err = weir_str_err(&out);
	if (!err) {
		*message = weir_text_dup(mem, weir_str_view(&out));
		err = message->p ? WEIR_OK : WEIR_ENOMEM;
	}
	weir_str_free(&out);
	return err;
}
