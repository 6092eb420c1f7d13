/* The URL and form of a request to ClickHouse. */
#include "config.h"
#include "link/ch_request.h"

#include "base/num.h"

#include <stdio.h>

enum {
	URL_MAX = 8 * 1024,
	VALUE_MAX = 64 * 1024 * 1024,
};

static void url_encode(weir_str *s, weir_text t)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < t.n; i++) {
		unsigned char b = (unsigned char)t.p[i];

		if (weir_is_alpha(b) || weir_is_digit(b) || b == '-' || b == '_' || b == '.' || b == '~') {
			weir_str_putc(s, b);
		} else {
			weir_str_putc(s, '%');
			weir_str_putc(s, hex[b >> 4]);
			weir_str_putc(s, hex[b & 15]);
		}
	}
}

static void url_arg(weir_str *s, const char *prefix, const char *name, weir_text value)
{
	weir_str_putc(s, '&');
	weir_str_puts(s, prefix);
	weir_str_puts(s, name);
	weir_str_putc(s, '=');
	url_encode(s, value);
}

/* Backslash sequences of ClickHouse's TSV and of its quoted strings. */
static void escape(weir_str *s, weir_text t, bool quoted)
{
	for (size_t i = 0; i < t.n; i++) {
		int b = (unsigned char)t.p[i];

		switch (b) {
		case '\0': weir_str_puts(s, "\\0"); break;
		case '\t': weir_str_puts(s, "\\t"); break;
		case '\n': weir_str_puts(s, "\\n"); break;
		case '\r': weir_str_puts(s, "\\r"); break;
		case '\\': weir_str_puts(s, "\\\\"); break;
		case '\'': weir_str_puts(s, quoted ? "\\'" : "'"); break;
		default: weir_str_putc(s, b);
		}
	}
}

weir_text weir_ch_array(weir_arena *mem, const weir_text *items, size_t count)
{
	weir_text value = { NULL, 0 };
	weir_str s;

	weir_str_init(&s, VALUE_MAX);
	weir_str_putc(&s, '[');
	for (size_t i = 0; i < count; i++) {
		weir_str_puts(&s, i ? ",'" : "'");
		escape(&s, items[i], true);
		weir_str_putc(&s, '\'');
	}
	weir_str_putc(&s, ']');
	if (!weir_str_err(&s))
		value = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return value;
}

/* Whether {name:Type} in the statement is of a composed type, whose values carry their own quotes and escapes. */
static bool is_composed(const char *sql, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strchr(sql, '{'); p; p = strchr(p + 1, '{')) {
		const char *type = p + 1 + n + 1;

		if (strncmp(p + 1, name, n) || p[1 + n] != ':')
			continue;
		while (*type == ' ')
			type++;
		return !strncmp(type, "Array(", 6) || !strncmp(type, "Tuple(", 6) || !strncmp(type, "Map(", 4);
	}
	return false;
}

static void param_value(weir_str *s, const char *sql, const struct weir_ch_arg *a)
{
	weir_str_reset(s);
	if (is_composed(sql, a->name))
		weir_str_text(s, a->value);
	else
		escape(s, a->value, false);
}

/* What every request says, and the settings of this one. */
static void url_settings(weir_str *u, const struct weir_ch_request *r)
{
	char buf[WEIR_NUM_MAX];
	weir_text seconds = weir_num_js((double)((r->timeout_ms + 999) / 1000), buf);

	weir_str_puts(u, "/?wait_end_of_query=1");
	if (r->database[0])
		url_arg(u, "", "database", weir_text_of(r->database));
	if (r->insert) {
		url_arg(u, "", "async_insert", WEIR_TEXT("0"));
		/* In a cluster: answered when the rows are on their shard, not when this node has put them aside. */
		url_arg(u, "", "insert_distributed_sync", WEIR_TEXT("1"));
		/* A batch of back-dated rows may touch many months or days; beyond this it comes again in halves. */
		url_arg(u, "", "max_partitions_per_insert_block", WEIR_TEXT("1000"));
		/* Batches come netted, and views group: merging each block with itself costs a quarter of an INSERT for nothing. */
		url_arg(u, "", "optimize_on_insert", WEIR_TEXT("0"));
		/* The server gives up when this client does, so that nothing comes in behind its back. */
		url_arg(u, "", "max_execution_time", seconds);
		url_arg(u, "", "query", weir_text_of(r->sql));
	}
	if (r->token) {
		url_arg(u, "", "insert_deduplication_token", weir_text_of(r->token));
		url_arg(u, "", "log_comment", weir_text_of(r->token)); /* found in system.processes by it */
		url_arg(u, "", "deduplicate_blocks_in_dependent_materialized_views", WEIR_TEXT("1"));
	}
	if (!r->query)
		return;
	if (r->query->format)
		url_arg(u, "", "default_format", weir_text_of(r->query->format));
	if (r->query->read_only)
		url_arg(u, "", "readonly", WEIR_TEXT("2"));
	/* Nobody waits any longer for it. */
	url_arg(u, "", "max_execution_time", seconds);
	for (size_t i = 0; i < r->query->nsettings; i++)
		url_arg(u, "", r->query->settings[i].name, r->query->settings[i].value);
}

static bool form_field(curl_mime *form, const char *prefix, const char *name, weir_text value)
{
	curl_mimepart *part = curl_mime_addpart(form);
	char field[128];
	int n = snprintf(field, sizeof(field), "%s%s", prefix, name);

	return part && n > 0 && (size_t)n < sizeof(field) && !curl_mime_name(part, field) &&
	       !curl_mime_data(part, value.n ? value.p : "", value.n);
}

static weir_err build_form(const struct weir_ch_request *r, CURL *h, weir_str *value, curl_mime **form)
{
	const struct weir_ch_query *q = r->query;

	*form = curl_mime_init(h);
	if (!*form || !form_field(*form, "", "query", weir_text_of(r->sql)))
		return WEIR_ENOMEM;
	for (size_t i = 0; i < q->nparams; i++) {
		param_value(value, r->sql, &q->params[i]);
		if (weir_str_err(value) || !form_field(*form, "param_", q->params[i].name, weir_str_view(value)))
			return WEIR_ENOMEM;
	}
	return WEIR_OK;
}

weir_err weir_ch_build(const struct weir_ch_request *r, const char *base, CURL *h, weir_str *url, curl_mime **form)
{
	const struct weir_ch_query *q = r->query;
	size_t before;
	weir_str value;
	weir_err err;

	weir_str_init(&value, VALUE_MAX);
	weir_str_puts(url, base);
	url_settings(url, r);
	before = url->len;
	for (size_t i = 0; q && i < q->nparams; i++) {
		param_value(&value, r->sql, &q->params[i]);
		url_arg(url, "param_", q->params[i].name, weir_str_view(&value));
	}
	err = weir_str_err(&value);
	if (!err)
		err = weir_str_err(url);
	if (!err && q && q->nparams && url->len > URL_MAX) {
		url->len = before;
		url->buf[before] = '\0';
		err = build_form(r, h, &value, form);
	}
	weir_str_free(&value);
	return err;
}
