#include "config.h"
#include "base/jsonw.h"

#include "base/num.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>

enum { ROOT, OBJ, ARR, OBJ_VALUE };

void weir_json_init(weir_json *j, weir_str *out)
{
	*j = (weir_json){ .out = out };
}

static void misuse(weir_json *j)
{
	if (!j->out->err)
		j->out->err = WEIR_EINTERNAL;
}

static void escape(weir_str *o, unsigned char c)
{
	static const char short_form[] = "btn_fr"; /* \b \t \n, \v has none, \f \r */

	if (c == '"' || c == '\\')
		weir_str_addf(o, "\\%c", c);
	else if (c >= '\b' && c <= '\r' && c != '\v')
		weir_str_addf(o, "\\%c", short_form[c - '\b']);
	else
		weir_str_addf(o, "\\u%04x", c);
}

static void quoted(weir_str *o, weir_text t)
{
	size_t from = 0, i = 0;

	weir_str_putc(o, '"');
	while (i < t.n) {
		unsigned char c = (unsigned char)t.p[i];
		size_t len;

		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			i++;
			continue;
		}
		len = c < 0x80 ? 0 : weir_utf8_len(t.p + i, t.n - i);
		if (len) {
			i += len;
			continue;
		}
		weir_str_add(o, t.p + from, i - from);
		if (c < 0x80)
			escape(o, c);
		else
			weir_str_add(o, "\xef\xbf\xbd", 3);
		from = ++i;
	}
	weir_str_add(o, t.p + from, t.n - from);
	weir_str_putc(o, '"');
}

void weir_json_key(weir_json *j, weir_text key)
{
	if (j->kind[j->depth] != OBJ) {
		misuse(j);
		return;
	}
	if (j->some[j->depth])
		weir_str_putc(j->out, ',');
	j->some[j->depth] = true;
	quoted(j->out, key);
	weir_str_putc(j->out, ':');
	j->kind[j->depth] = OBJ_VALUE;
}

static bool place(weir_json *j, const char *key)
{
	uint8_t kind = j->kind[j->depth];

	if (kind == OBJ && key) {
		weir_json_key(j, weir_text_of(key));
		j->kind[j->depth] = OBJ;
		return true;
	}
	if (kind == OBJ_VALUE && !key) {
		j->kind[j->depth] = OBJ;
		return true;
	}
	if (key || kind == OBJ || (kind == ROOT && j->some[j->depth])) {
		misuse(j);
		return false;
	}
	if (j->some[j->depth])
		weir_str_putc(j->out, ',');
	j->some[j->depth] = true;
	return true;
}

static void scope(weir_json *j, const char *key, uint8_t kind, int open)
{
	if (j->depth + 1 >= WEIR_JSON_DEPTH) {
		misuse(j);
		return;
	}
	if (!place(j, key))
		return;
	weir_str_putc(j->out, open);
	j->depth++;
	j->kind[j->depth] = kind;
	j->some[j->depth] = false;
}

void weir_json_obj(weir_json *j, const char *key)
{
	scope(j, key, OBJ, '{');
}

void weir_json_arr(weir_json *j, const char *key)
{
	scope(j, key, ARR, '[');
}

void weir_json_end(weir_json *j)
{
	uint8_t kind = j->kind[j->depth];

	if (!j->depth || kind == OBJ_VALUE) {
		misuse(j);
		return;
	}
	j->depth--;
	weir_str_putc(j->out, kind == OBJ ? '}' : ']');
}

void weir_json_str(weir_json *j, const char *key, weir_text v)
{
	if (place(j, key))
		quoted(j->out, v);
}

void weir_json_strz(weir_json *j, const char *key, const char *z)
{
	if (z)
		weir_json_str(j, key, weir_text_of(z));
	else
		weir_json_null(j, key);
}

void weir_json_int(weir_json *j, const char *key, int64_t v)
{
	if (place(j, key))
		weir_str_addf(j->out, "%" PRId64, v);
}

void weir_json_uint(weir_json *j, const char *key, uint64_t v)
{
	if (place(j, key))
		weir_str_addf(j->out, "%" PRIu64, v);
}

void weir_json_num(weir_json *j, const char *key, double v)
{
	char text[WEIR_NUM_MAX];

	if (!isfinite(v)) {
		weir_json_null(j, key);
		return;
	}
	if (place(j, key))
		weir_str_text(j->out, weir_num_js(v, text));
}

void weir_json_bool(weir_json *j, const char *key, bool v)
{
	if (place(j, key))
		weir_str_puts(j->out, v ? "true" : "false");
}

void weir_json_null(weir_json *j, const char *key)
{
	if (place(j, key))
		weir_str_puts(j->out, "null");
}

void weir_json_raw(weir_json *j, const char *key, weir_text json)
{
	if (place(j, key))
		weir_str_text(j->out, json);
}

weir_err weir_json_done(const weir_json *j)
{
	if (j->out->err)
		return j->out->err;
	return j->depth || !j->some[0] ? WEIR_EINTERNAL : WEIR_OK;
}
