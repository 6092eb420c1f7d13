/* What of a request travels percent-encoded. */
#include "config.h"
#include "link/req.h"

weir_err weir_req_decode(weir_arena *mem, weir_text in, bool plus, weir_text *out)
{
	char *buf = weir_alloc(mem, in.n + 1);
	size_t n = 0;

	*out = (weir_text){ NULL, 0 };
	if (!buf)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < in.n; i++) {
		int c = (unsigned char)in.p[i];

		if (c == '+' && plus) {
			c = ' ';
		} else if (c == '%') {
			c = weir_text_escaped(in, i);
			if (c < 0)
				return WEIR_EBADREQ;
			i += 2;
		}
		buf[n++] = (char)c;
	}
	buf[n] = '\0';
	*out = (weir_text){ buf, n };
	return WEIR_OK;
}

/* The decoded value of the first NAME=VALUE in a list, by a decoded name. */
static weir_text named(struct weir_req *r, weir_text list, char separator, bool plus, const char *name)
{
	weir_text item, key, value;

	while (weir_text_next(&list, separator, &item)) {
		const char *eq = item.n ? memchr(item.p, '=', item.n) : NULL;
		size_t n = eq ? (size_t)(eq - item.p) : item.n;

		if (weir_req_decode(r->mem, (weir_text){ item.p, n }, plus, &key) || !weir_text_is(key, name))
			continue;
		if (!eq)
			return WEIR_TEXT("");
		if (!weir_req_decode(r->mem, (weir_text){ eq + 1, item.n - n - 1 }, plus, &value))
			return value;
	}
	return (weir_text){ NULL, 0 };
}

weir_text weir_req_query(struct weir_req *r, const char *name)
{
	return named(r, r->query, '&', true, name);
}

weir_text weir_req_cookie(struct weir_req *r, const char *name)
{
	return named(r, weir_req_header_in(r, "cookie"), ';', false, name);
}

weir_text weir_req_raw_path(const struct weir_req *r)
{
	weir_text raw = weir_req_param(r, "REQUEST_URI"), none = { NULL, 0 }, decoded;
	const char *query = raw.n ? memchr(raw.p, '?', raw.n) : NULL;
	size_t front;

	if (query)
		raw.n = (size_t)(query - raw.p);
	if (!raw.n || weir_req_decode(r->mem, raw, false, &decoded) || decoded.n < r->path.n)
		return none;
	front = decoded.n - r->path.n;
	if (memcmp(decoded.p + front, r->path.p, r->path.n))
		return none;
	for (; front; front--) {
		size_t n = raw.p[0] == '%' ? 3 : 1;

		raw = (weir_text){ raw.p + n, raw.n - n };
	}
	return raw;
}
