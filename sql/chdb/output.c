#include "config.h"
#include "output.h"

#include "base/jsonw.h"
#include "errors.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { CHUNK = 64 << 10, MESSAGE_MAX = 16 << 10 };

weir_err weir_output_open(struct weir_output *o, struct weir_call *c, const struct weir_format *format, const char *name)
{
	*o = (struct weir_output){ .call = c };
	c->head.format = format ? format->name : name;
	if (format)
		c->head.content_type = format->content_type;
	if (!c->rq.compression || !c->rq.accept_gzip)
		return WEIR_OK;
	if (deflateInit2(&o->z, c->rq.zlib_level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return WEIR_ENOMEM;
	o->gzip = c->head.gzip = true;
	return WEIR_OK;
}

void weir_output_close(struct weir_output *o)
{
	if (o->gzip)
		deflateEnd(&o->z);
	o->gzip = false;
}

/* Compresses data and hands on what comes out. */
static bool pack(struct weir_output *o, weir_text data, int flush)
{
	unsigned char buf[CHUNK];
	int rc;

	do {
		size_t part = data.n < UINT32_MAX ? data.n : UINT32_MAX;

		o->z.next_in = (unsigned char *)(uintptr_t)data.p; /* zlib's interface lacks a const */
		o->z.avail_in = (uInt)part;
		do {
			o->z.next_out = buf;
			o->z.avail_out = sizeof(buf);
			rc = deflate(&o->z, part == data.n ? flush : Z_NO_FLUSH);
			if (rc == Z_STREAM_ERROR)
				return false;
			if (!weir_call_write(o->call, (weir_text){ (const char *)buf, sizeof(buf) - o->z.avail_out }))
				return false;
		} while (!o->z.avail_out);
		data.p += part;
		data.n -= part;
	} while (data.n);
	return true;
}

bool weir_output_add(struct weir_output *o, weir_text data)
{
	if (!data.n)
		return !weir_call_is_gone(o->call);
	return o->gzip ? pack(o, data, Z_NO_FLUSH) : weir_call_write(o->call, data);
}

bool weir_output_take(struct weir_output *o, weir_text data, weir_result *r)
{
	bool done;

	if (!o->gzip)
		return weir_call_take(o->call, data, r);
	done = weir_output_add(o, data);
	weir_result_free(r);
	return done;
}

static void summary(const struct weir_output *o, weir_str *out)
{
	const struct weir_counts *c = &o->counts;
	struct timespec now;
	uint64_t elapsed;

	clock_gettime(CLOCK_MONOTONIC, &now);
	elapsed = (uint64_t)((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - o->call->start_us) * 1000;
	const struct {
		const char *key;
		uint64_t value;
	} list[] = {
		{ "read_rows", c->read_rows }, { "read_bytes", c->read_bytes }, { "written_rows", c->written_rows },
		{ "written_bytes", c->written_bytes }, { "total_rows_to_read", 0 }, { "result_rows", c->result_rows },
		{ "result_bytes", 0 }, { "elapsed_ns", elapsed },
	};
	weir_json j;

	weir_json_init(&j, out);
	weir_json_obj(&j, NULL);
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		char number[32];

		snprintf(number, sizeof(number), "%" PRIu64, list[i].value);
		weir_json_strz(&j, list[i].key, number);
	}
	weir_json_end(&j);
}

void weir_output_finish(struct weir_output *o)
{
	weir_str text;

	if (o->gzip && !pack(o, (weir_text){ "", 0 }, Z_FINISH)) {
		weir_call_abandon(o->call);
		return;
	}
	weir_str_init(&text, sizeof(o->call->head.summary));
	summary(o, &text);
	weir_call_finish(o->call, text.buf);
	weir_str_free(&text);
}

/*
 * The end of an answer that began as a success: a server of 25.11 and later
 * writes CRLF __exception__ CRLF tag CRLF message, length of the message,
 * space, tag, CRLF __exception__ CRLF, and breaks the connection off.
 */
static void broken_end(struct weir_output *o, weir_text text, weir_str *out)
{
	if (text.n > MESSAGE_MAX)
		text.n = MESSAGE_MAX;
	weir_str_addf(out, "\r\n__exception__\r\n%s\r\n", o->call->head.tag);
	weir_str_text(out, text);
	if (!weir_text_ends(text, "\n"))
		weir_str_putc(out, '\n');
	weir_str_addf(out, "%zu %s\r\n__exception__\r\n", text.n + !weir_text_ends(text, "\n"), o->call->head.tag);
}

void weir_output_fail(struct weir_output *o, int code, weir_text text)
{
	weir_str end, counts;

	weir_str_init(&counts, sizeof(o->call->head.summary));
	summary(o, &counts);
	weir_str_init(&end, 2 * MESSAGE_MAX);
	if (!weir_call_is_open(o->call)) {
		broken_end(o, text, &end);
		/* Compressed, it can go the way of the data; the call then only has to be broken off. */
		if (o->gzip && pack(o, weir_str_view(&end), Z_FINISH))
			weir_str_reset(&end);
	}
	weir_call_fail(o->call, weir_error_status(text), code, text, weir_str_view(&end), counts.buf);
	weir_str_free(&end);
	weir_str_free(&counts);
}
