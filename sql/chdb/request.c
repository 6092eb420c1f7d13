#include "config.h"
#include "request.h"

#include "base/num.h"

#include <stdio.h>

weir_err weir_request_init(struct weir_request *rq)
{
	uint8_t id[16];

	*rq = (struct weir_request){ .zlib_level = 3 };
	weir_body_init(&rq->body);
	rq->mem = weir_arena_new(WEIR_REQUEST_ARENA);
	if (!rq->mem)
		return WEIR_ENOMEM;
	weir_uuid_new(id);
	weir_uuid_text(id, rq->uuid);
	rq->query_id = weir_text_of(rq->uuid);
	return WEIR_OK;
}

void weir_request_free(struct weir_request *rq)
{
	weir_body_free(&rq->body);
	weir_arena_free(rq->mem);
}

static void refuse_once(struct weir_request *rq, int code, const char *name, const char *what, weir_text about)
{
	if (!rq->no.code)
		weir_refuse(&rq->no, code, name, "%s '%.*s'", what, about.n > 80 ? 80 : (int)about.n, about.p ? about.p : "");
}

static void add_pair(struct weir_request *rq, struct weir_pair **list, size_t *count, weir_text name, weir_text value)
{
	if (!*list)
		*list = weir_alloc_n(rq->mem, WEIR_REQUEST_ARGS, sizeof(**list));
	if (!*list || *count == WEIR_REQUEST_ARGS) {
		refuse_once(rq, 36, "BAD_ARGUMENTS", "Too many arguments, at", name);
		return;
	}
	(*list)[(*count)++] = (struct weir_pair){ name, value };
}

static bool is_true(weir_text v)
{
	return weir_text_is(v, "1") || weir_text_eq_nocase(v, WEIR_TEXT("true"));
}

/* ---- arguments that the interface itself understands ---- */

static void arg_query(struct weir_request *rq, weir_text v)
{
	rq->query = v;
	rq->has_query = true;
}

static void arg_database(struct weir_request *rq, weir_text v)
{
	rq->database = v;
}

static void arg_format(struct weir_request *rq, weir_text v)
{
	rq->default_format = v;
}

static void arg_query_id(struct weir_request *rq, weir_text v)
{
	/* It goes into a header of the answer. */
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f) {
			refuse_once(rq, 36, "BAD_ARGUMENTS", "A control character in", WEIR_TEXT("query_id"));
			return;
		}
	if (v.n)
		rq->query_id = v;
}

static void arg_user(struct weir_request *rq, weir_text v)
{
	rq->user = v;
	rq->has_user = true;
}

static void arg_password(struct weir_request *rq, weir_text v)
{
	rq->password = v;
	rq->has_user = true;
}

static void arg_wait(struct weir_request *rq, weir_text v)
{
	rq->wait_end = is_true(v);
}

static void arg_ignored(struct weir_request *rq, weir_text v)
{
	(void)rq;
	(void)v;
}

static void arg_native_blocks(struct weir_request *rq, weir_text v)
{
	if (is_true(v))
		refuse_once(rq, 48, "NOT_IMPLEMENTED", "compress and decompress are not supported, use Content-Encoding: gzip instead of",
			WEIR_TEXT("compress"));
}

static void arg_role(struct weir_request *rq, weir_text v)
{
	refuse_once(rq, 511, "UNKNOWN_ROLE", "There are no roles, such as", v);
}

static void arg_session(struct weir_request *rq, weir_text v)
{
	refuse_once(rq, 48, "NOT_IMPLEMENTED", "Sessions are not supported, give the settings with each query instead of session_id", v);
}

static const struct {
	const char *name;
	void (*take)(struct weir_request *rq, weir_text v);
} own_args[] = {
	{ "query", arg_query }, { "database", arg_database }, { "default_format", arg_format }, { "query_id", arg_query_id },
	{ "user", arg_user }, { "password", arg_password }, { "wait_end_of_query", arg_wait }, { "quota_key", arg_ignored },
	{ "buffer_size", arg_ignored }, { "stacktrace", arg_ignored }, { "client_protocol_version", arg_ignored },
	{ "compress", arg_native_blocks }, { "decompress", arg_native_blocks }, { "role", arg_role },
	{ "session_id", arg_session }, { "session_timeout", arg_ignored }, { "session_check", arg_ignored }, { "close_session", arg_ignored },
};

/* ---- settings ---- */

static bool is_setting_name(weir_text t)
{
	for (size_t i = 0; i < t.n; i++) {
		int c = (unsigned char)t.p[i];

		if (!weir_is_alpha(c) && c != '_' && !(i && (weir_is_digit(c) || c == '.')))
			return false;
	}
	return t.n && t.n < 200;
}

static void take_setting(struct weir_request *rq, weir_text name, weir_text value)
{
	int64_t level;

	if (!is_setting_name(name)) {
		refuse_once(rq, 115, "UNKNOWN_SETTING", "Unknown setting", name);
	} else if (memchr(value.p ? value.p : "", '\0', value.n)) {
		refuse_once(rq, 36, "BAD_ARGUMENTS", "A NUL in the value of setting", name);
	} else if (weir_text_is(name, "dialect") && !weir_text_eq_nocase(value, WEIR_TEXT("clickhouse"))) {
		/* Statements in another language could not be told apart before they run. */
		refuse_once(rq, 48, "NOT_IMPLEMENTED", "Only the dialect clickhouse is supported, not", value);
	} else if (weir_text_is(name, "readonly")) {
		rq->readonly = value;
	} else {
		if (weir_text_is(name, "enable_http_compression"))
			rq->compression = is_true(value);
		if (weir_text_is(name, "extremes"))
			rq->extremes = is_true(value);
		if (weir_text_is(name, "http_zlib_compression_level") && !weir_num_int(value, &level) && level >= 1 && level <= 9)
			rq->zlib_level = (int)level;
		add_pair(rq, &rq->settings, &rq->setting_count, name, value);
	}
}

void weir_request_arg(struct weir_request *rq, weir_text name, weir_text value)
{
	name = weir_text_dup(rq->mem, name);
	value = weir_text_dup(rq->mem, value);
	if (weir_arena_failed(rq->mem)) {
		refuse_once(rq, 241, "MEMORY_LIMIT_EXCEEDED", "The arguments take too much memory, at", WEIR_TEXT("the URL"));
		return;
	}
	if (weir_text_starts(name, "param_")) {
		name.p += strlen("param_");
		name.n -= strlen("param_");
		add_pair(rq, &rq->params, &rq->param_count, name, value);
		return;
	}
	for (size_t i = 0; i < sizeof(own_args) / sizeof(*own_args); i++)
		if (weir_text_is(name, own_args[i].name)) {
			own_args[i].take(rq, value);
			return;
		}
	take_setting(rq, name, value);
}

/* ---- multipart/form-data ---- */

/* The value of name="..." in the head of a part. */
static weir_text part_name(weir_text head)
{
	const char *p = weir_text_find(head, WEIR_TEXT(" name=\"")), *end;

	if (!p)
		return (weir_text){ NULL, 0 };
	p += strlen(" name=\"");
	end = memchr(p, '"', head.n - (size_t)(p - head.p));
	return end ? (weir_text){ p, (size_t)(end - p) } : (weir_text){ NULL, 0 };
}

/* Cuts *rest after the next mark and gives what stood before it; false when there is none. */
static bool cut(weir_text *rest, weir_text mark, weir_text *before)
{
	const char *p = weir_text_find(*rest, mark);

	if (!p)
		return false;
	*before = (weir_text){ rest->p, (size_t)(p - rest->p) };
	rest->n -= before->n + mark.n;
	rest->p = p + mark.n;
	return true;
}

void weir_request_form(struct weir_request *rq, weir_text body)
{
	char mark[80];
	weir_text delimiter, part, head, skipped;
	int n = snprintf(mark, sizeof(mark), "\r\n--%.*s", (int)rq->boundary.n, rq->boundary.p);

	/* RFC 2046 allows 70 bytes; the first delimiter stands without the line end before it. */
	if (!rq->boundary.n || rq->boundary.n > 70 || n < 0) {
		refuse_once(rq, 36, "BAD_ARGUMENTS", "Bad boundary of multipart/form-data", rq->boundary);
		return;
	}
	delimiter = (weir_text){ mark, (size_t)n };
	if (!cut(&body, (weir_text){ mark + 2, (size_t)n - 2 }, &skipped)) {
		refuse_once(rq, 36, "BAD_ARGUMENTS", "No part in the body with boundary", rq->boundary);
		return;
	}
	while (!weir_text_starts(body, "--")) {
		if (!cut(&body, delimiter, &part) || !cut(&part, WEIR_TEXT("\r\n\r\n"), &head) || !part_name(head).n) {
			refuse_once(rq, 36, "BAD_ARGUMENTS", "Broken part in the body with boundary", rq->boundary);
			return;
		}
		weir_request_arg(rq, part_name(head), part);
	}
}

/* ---- for the engine ---- */

void weir_sql_quote(weir_str *out, char quote, weir_text text)
{
	weir_str_putc(out, quote);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' || text.p[i] == quote)
			weir_str_putc(out, '\\');
		weir_str_putc(out, (unsigned char)text.p[i]);
	}
	weir_str_putc(out, quote);
}

void weir_request_set(const struct weir_request *rq, weir_str *out)
{
	for (size_t i = 0; i < rq->setting_count; i++) {
		weir_str_puts(out, i ? ", " : "SET ");
		weir_str_text(out, rq->settings[i].name);
		weir_str_puts(out, " = ");
		weir_sql_quote(out, '\'', rq->settings[i].value);
	}
}

bool weir_request_params(const struct weir_request *rq, struct weir_params *out)
{
	size_t n = rq->param_count;

	*out = (struct weir_params){ .count = n };
	if (!n)
		return true;
	out->names = weir_alloc_n(rq->mem, n, sizeof(*out->names));
	out->values = weir_alloc_n(rq->mem, n, sizeof(*out->values));
	out->name_lens = weir_alloc_n(rq->mem, n, sizeof(*out->name_lens));
	out->value_lens = weir_alloc_n(rq->mem, n, sizeof(*out->value_lens));
	if (!out->names || !out->values || !out->name_lens || !out->value_lens)
		return false;
	for (size_t i = 0; i < n; i++) {
		out->names[i] = rq->params[i].name.p;
		out->name_lens[i] = rq->params[i].name.n;
		out->values[i] = rq->params[i].value.p ? rq->params[i].value.p : "";
		out->value_lens[i] = rq->params[i].value.n;
	}
	return true;
}
