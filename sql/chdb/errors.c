#include "config.h"
#include "errors.h"

#include "base/num.h"

/* The server's own table (exceptionCodeToHTTPStatus.cpp), by name; everything else is 500. */
static const struct {
	const char *name;
	int status;
} statuses[] = {
	{ "REQUIRED_PASSWORD", 401 },
	{ "UNKNOWN_USER", 403 }, { "WRONG_PASSWORD", 403 }, { "AUTHENTICATION_FAILED", 403 }, { "SET_NON_GRANTED_ROLE", 403 },
	{ "ACCESS_DENIED", 403 },
	{ "BAD_ARGUMENTS", 400 }, { "CANNOT_COMPILE_REGEXP", 400 }, { "CANNOT_PARSE_TEXT", 400 }, { "CANNOT_PARSE_ESCAPE_SEQUENCE", 400 },
	{ "CANNOT_PARSE_QUOTED_STRING", 400 }, { "CANNOT_PARSE_DATE", 400 }, { "CANNOT_PARSE_DATETIME", 400 },
	{ "CANNOT_PARSE_NUMBER", 400 }, { "CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING", 400 }, { "CANNOT_PARSE_IPV4", 400 },
	{ "CANNOT_PARSE_IPV6", 400 }, { "CANNOT_PARSE_INPUT_ASSERTION_FAILED", 400 }, { "CANNOT_PARSE_UUID", 400 },
	{ "DUPLICATE_COLUMN", 400 }, { "ILLEGAL_COLUMN", 400 }, { "UNKNOWN_ELEMENT_IN_AST", 400 }, { "UNKNOWN_TYPE_OF_AST_NODE", 400 },
	{ "THERE_IS_NO_COLUMN", 400 }, { "TOO_DEEP_AST", 400 }, { "TOO_BIG_AST", 400 }, { "UNEXPECTED_AST_STRUCTURE", 400 },
	{ "SYNTAX_ERROR", 400 }, { "INCORRECT_DATA", 400 }, { "TYPE_MISMATCH", 400 }, { "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", 400 },
	{ "UNKNOWN_TABLE", 404 }, { "UNKNOWN_FUNCTION", 404 }, { "UNKNOWN_IDENTIFIER", 404 }, { "UNKNOWN_TYPE", 404 },
	{ "UNKNOWN_STORAGE", 404 }, { "UNKNOWN_DATABASE", 404 }, { "UNKNOWN_SETTING", 404 }, { "UNKNOWN_DIRECTION_OF_SORTING", 404 },
	{ "UNKNOWN_AGGREGATE_FUNCTION", 404 }, { "UNKNOWN_FORMAT", 404 }, { "UNKNOWN_DATABASE_ENGINE", 404 },
	{ "UNKNOWN_TYPE_OF_QUERY", 404 }, { "UNKNOWN_ROLE", 404 },
	{ "QUERY_IS_TOO_LARGE", 413 }, { "NOT_IMPLEMENTED", 501 }, { "SOCKET_TIMEOUT", 503 }, { "CANNOT_OPEN_FILE", 503 },
	{ "CANNOT_SCHEDULE_TASK", 503 }, { "HTTP_LENGTH_REQUIRED", 411 }, { "TIMEOUT_EXCEEDED", 408 }, { "UNSUPPORTED_MEDIA_TYPE", 415 },
	/* Here alone: a server has no queue that could be full, and says 500. */
	{ "TOO_MANY_SIMULTANEOUS_QUERIES", 503 },
};

/* The piece from `from` up to and with `to`, cut out of the text wherever it occurs. */
static void cut_out(weir_str *s, size_t start, weir_text from, weir_text to)
{
	for (;;) {
		weir_text all = { s->buf + start, s->len - start }, rest;
		const char *p = weir_text_find(all, from), *end;

		if (!p)
			return;
		rest = (weir_text){ p + from.n, all.n - (size_t)(p - all.p) - from.n };
		end = weir_text_find(rest, to);
		if (!end)
			return;
		end += to.n;
		memmove(s->buf + (p - s->buf), end, (size_t)(all.p + all.n - end));
		s->len -= (size_t)(end - p);
		s->buf[s->len] = '\0';
	}
}

/*
 * An error that passed through the engine's client part is wrapped:
 * "Code: 27. DB::Exception: Code: 27. DB::Exception: X (NAME) (version V). (NAME)".
 */
static weir_text unwrap(weir_text t)
{
	weir_text mark = WEIR_TEXT("Exception: Code: "), version = WEIR_TEXT(") (version "), head;
	const char *p;

	for (;;) {
		head = (weir_text){ t.p, t.n < 80 ? t.n : 80 };
		p = weir_text_find(head, mark);
		if (!p || !weir_text_starts(t, "Code: "))
			break;
		p += strlen("Exception: ");
		t.n -= (size_t)(p - t.p);
		t.p = p;
	}
	/* Each wrapping also added " (version V). (NAME)" at the end. */
	p = weir_text_find(t, version);
	if (p)
		t.n = (size_t)(p - t.p) + 1;
	return weir_text_trim(t);
}

int weir_error_text(const char *engine_text, weir_text marker, bool get, const char *version, weir_str *out)
{
	weir_text t = unwrap(weir_text_of(engine_text));
	size_t start = out->len, digits = 0;
	int64_t code = 1002; /* UNKNOWN_EXCEPTION */

	if (weir_text_starts(t, "Code: ")) {
		weir_text number = { t.p + 6, t.n - 6 };

		while (digits < number.n && weir_is_digit((unsigned char)number.p[digits]))
			digits++;
		if (weir_num_int((weir_text){ number.p, digits }, &code))
			code = 1002;
	} else {
		weir_str_puts(out, "Code: 1002. DB::Exception: ");
	}
	weir_str_text(out, t);
	/* How the data of an INSERT reaches the engine is nobody's business. */
	cut_out(out, start, WEIR_TEXT(": (in file/uri /proc/self/fd/"), WEIR_TEXT(")"));
	cut_out(out, start, WEIR_TEXT(": data for INSERT was parsed from file"), WEIR_TEXT(""));
	if (marker.n)
		cut_out(out, start, marker, WEIR_TEXT(""));
	if (code == 164 && get) {
		weir_text all = { out->buf + start, out->len - start };

		if (weir_text_ends(all, " (READONLY)")) {
			out->len -= strlen(" (READONLY)");
			weir_str_puts(out, " For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries. "
				"(READONLY)");
		}
	}
	weir_str_addf(out, " (version %s)\n", version);
	return (int)code;
}

void weir_error_own(int code, const char *name, const char *text, const char *version, weir_str *out)
{
	weir_str_addf(out, "Code: %d. DB::Exception: %s. (%s) (version %s)\n", code, text, name, version);
}

int weir_error_status(weir_text text)
{
	weir_text mark = WEIR_TEXT(") (version "), name;
	const char *end = NULL;

	for (const char *p = text.p; (p = weir_text_find((weir_text){ p, text.n - (size_t)(p - text.p) }, mark)); p++)
		end = p;
	if (!end)
		return 500;
	for (name = (weir_text){ end, 0 }; name.p > text.p && name.p[-1] != '('; name.p--)
		name.n++;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (weir_text_is(name, statuses[i].name))
			return statuses[i].status;
	return 500;
}
