#include "config.h"
#include "link/keys.h"

#include "base/hash.h"


unsigned weir_shard_of(weir_text project_id, unsigned shards)
{
	return shards > 1 ? (unsigned)(weir_fnv1a(project_id) % shards) : 0;
}

static char *append(char *p, weir_text t)
{
	if (t.n)
		memcpy(p, t.p, t.n);
	return p + t.n;
}

weir_text weir_key(weir_arena *mem, const struct weir_conf *conf, unsigned shard, const char *name, weir_text a, weir_text b)
{
	weir_text prefix = weir_text_of(conf->redis_prefix), word = weir_text_of(name);
	char digits[16], *number = digits + sizeof(digits);
	unsigned left = shard;
	size_t n, len;
	char *out, *p;

	do
		*--number = (char)('0' + left % 10);
	while (left /= 10);
	n = (size_t)(digits + sizeof(digits) - number);
	len = 1 + prefix.n + 1 + n + 2 + word.n + (a.n ? 1 + a.n : 0) + (b.n ? 1 + b.n : 0);
	p = out = weir_alloc(mem, len + 1);
	if (!out)
		return (weir_text){ NULL, 0 };
	*p++ = '{';
	p = append(p, prefix);
	*p++ = ':';
	p = append(p, (weir_text){ number, n });
	*p++ = '}';
	*p++ = ':';
	p = append(p, word);
	if (a.n) {
		*p++ = ':';
		p = append(p, a);
	}
	if (b.n) {
		*p++ = ':';
		p = append(p, b);
	}
	*p = '\0';
	return (weir_text){ out, len };
}

weir_text weir_key_pattern(weir_arena *mem, weir_text text)
{
	char *out = weir_alloc(mem, 2 * text.n + 1), *p = out;

	if (!out)
		return (weir_text){ NULL, 0 };
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] && strchr("*?[]^-\\", text.p[i]))
			*p++ = '\\';
		*p++ = text.p[i];
	}
	*p = '\0';
	return (weir_text){ out, (size_t)(p - out) };
}
