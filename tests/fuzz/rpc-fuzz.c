#include "config.h"
#include "trpc/api.h"

#include <stdlib.h>

/*
 * The whole protocol without a wire: the first byte chooses method and content
 * type, the first line is path?query, the rest the body.  This file stands in
 * for link/req.c; PostgreSQL, Redis and ClickHouse are out of reach, so calls
 * go as far as their input is read and checked.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static weir_text the_body, the_query;
static const char *the_type;

weir_text weir_req_header_in(const struct weir_req *r, const char *name)
{
	(void)r;
	return weir_text_of(!strcmp(name, "content-type") ? the_type : NULL);
}

weir_err weir_req_body(struct weir_req *r, size_t max, weir_text *body)
{
	(void)r;
	if (the_body.n > max)
		return WEIR_ELIMIT;
	*body = the_body;
	return WEIR_OK;
}

/* Undecoded: the fuzzer writes what it wants. */
weir_text weir_req_query(struct weir_req *r, const char *name)
{
	weir_text rest = the_query, item;
	size_t n = strlen(name);

	(void)r;
	while (weir_text_next(&rest, '&', &item))
		if (weir_text_starts(item, name) && item.n > n && item.p[n] == '=')
			return (weir_text){ item.p + n + 1, item.n - n - 1 };
	return (weir_text){ NULL, 0 };
}

weir_text weir_req_cookie(struct weir_req *r, const char *name)
{
	(void)r;
	(void)name;
	return (weir_text){ NULL, 0 };
}

void weir_req_header(struct weir_req *r, const char *name, weir_text value)
{
	weir_str_puts(r->head, name);
	weir_str_text(r->head, value);
}

void weir_req_plain(struct weir_req *r, int status, const char *text)
{
	r->status = status;
	weir_str_puts(r->out, text);
}

bool weir_req_gone(const struct weir_req *r)
{
	(void)r;
	return false;
}

static struct weir_api api;
static struct weir_conf conf;
static weir_arena *mem;
static weir_str out, head;

static void start(void)
{
	struct weir_fault fault;

	if (weir_conf_load(&conf, "/dev/null", &fault))
		abort();
	conf.postgres_url = "postgresql://127.0.0.1:1/none";
	conf.redis_url = "redis://127.0.0.1:1";
	conf.clickhouse_url = "http://127.0.0.1:1";
	api.conf = &conf;
	api.pg = weir_pg_new(&conf, &fault);
	api.redis = weir_redis_new(&conf, &fault);
	api.ch = weir_ch_new(&conf, &fault);
	mem = weir_arena_new(16 * 1024 * 1024);
	weir_str_init(&out, 16 * 1024 * 1024);
	weir_str_init(&head, 65536);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "HEAD" };
	static const char *const types[] = { "application/json", NULL, "text/plain", "application/x-www-form-urlencoded" };
	weir_text in = { (const char *)data + 1, size ? size - 1 : 0 }, path = in;
	struct weir_req r = { .peer = WEIR_TEXT("127.0.0.1"), .now_ms = 1785585600000, .status = 200 };
	const char *line, *mark;

	if (!size)
		return 0;
	if (!mem)
		start();
	line = memchr(in.p, '\n', in.n);
	if (line) {
		path.n = (size_t)(line - in.p);
		the_body = (weir_text){ line + 1, in.n - path.n - 1 };
	} else {
		the_body = (weir_text){ "", 0 };
	}
	mark = path.n ? memchr(path.p, '?', path.n) : NULL;
	the_query = mark ? (weir_text){ mark + 1, path.n - (size_t)(mark + 1 - path.p) } : (weir_text){ "", 0 };
	if (mark)
		path.n = (size_t)(mark - path.p);
	the_type = types[data[0] >> 2 & 3];
	r.mem = mem;
	r.method = weir_text_of(methods[data[0] & 3]);
	r.path = path;
	r.out = &out;
	r.head = &head;
	weir_trpc_serve(&api, &r);
	weir_arena_reset(mem);
	weir_str_reset(&out);
	weir_str_reset(&head);
	return 0;
}
