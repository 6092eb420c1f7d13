/* What calls come to does not depend on whether they are made in one step. */
#include "config.h"

#include "lifecycle.h"

enum { STEPS = 150, TOGETHER_MAX = 30, DEVICES = 5 };

/* Each run makes the same deliveries from the same numbers. */
struct dice {
	uint32_t state;
	int64_t now;
	int made;
};

static uint32_t throw(struct dice *d, uint32_t sides)
{
	d->state = d->state * 1664525 + 1013904223;
	return (d->state >> 8) % sides;
}

static weir_text word(const char *prefix, uint32_t number)
{
	char text[32];

	return weir_text_dup(mem, (weir_text){ text, (size_t)snprintf(text, sizeof(text), "%s%u", prefix, (unsigned)number) });
}

static enum weir_delivery_mode some_mode(struct dice *d)
{
	static const enum weir_delivery_mode modes[] = { WEIR_DELIVER_SERVER, WEIR_DELIVER_PAST, WEIR_DELIVER_NOTHING, WEIR_DELIVER_BACKDATED,
		WEIR_DELIVER_BACKDATED };
	uint32_t n = throw(d, 12);

	return n < sizeof(modes) / sizeof(*modes) ? modes[n] : WEIR_DELIVER_EVENT;
}

static weir_text some_event(struct dice *d, const struct weir_delivery *in)
{
	struct weir_event e = { .name = WEIR_TEXT("e"), .project_id = in->project_id, .created_at = in->event_ms };
	weir_text packed;
	weir_str out;

	memset(e.id, 7, sizeof(e.id));
	memcpy(e.id, &d->made, sizeof(d->made));
	weir_str_init(&out, 1 << 16);
	weir_event_pack(&e, &out);
	packed = weir_text_dup(mem, weir_str_view(&out));
	weir_str_free(&out);
	return packed;
}

static struct weir_delivery some_delivery(struct dice *d)
{
	static const struct weir_session_fixed fixed = { .country = WEIR_TEXT("SE") };
	struct weir_delivery in = { .mode = some_mode(d), .project_id = WEIR_TEXT("p1"), .fixed = &fixed };
	uint32_t device = throw(d, DEVICES);
	bool visits = in.mode == WEIR_DELIVER_EVENT || in.mode == WEIR_DELIVER_BACKDATED;

	d->now += throw(d, 40);
	d->made++;
	in.now_ms = d->now;
	in.event_ms = d->now - (int64_t)throw(d, in.mode == WEIR_DELIVER_BACKDATED ? 600 : 3) * MINUTE;
	in.device[0] = word("d", device);
	if (!throw(d, 3))
		in.device[1] = word("d", (device + 1) % DEVICES);
	in.session_id = word(device % 2 ? "odd-" : "even-", (uint32_t)(in.event_ms / TIMEOUT % 1000) * 10 + device);
	if (!throw(d, 3))
		in.profile_id = word("someone-", throw(d, 3));
	in.screen_view = throw(d, 2);
	if (in.screen_view || !throw(d, 4)) {
		in.path = word("/page/", throw(d, 9));
		in.origin = WEIR_TEXT("https://e.com");
	}
	in.revenue = throw(d, 8) ? 0 : throw(d, 500);
	if (visits && !throw(d, 3))
		in.digest = word("0123456789abcdef", throw(d, 4));
	if (!throw(d, 10))
		in.skip = WEIR_SKIP_START;
	in.event = some_event(d, &in);
	return in;
}

/* Everything that Redis holds, as one text, without what tells when or how it came there. */
static weir_text contents(void)
{
	static const char script[] =
		"local out, keys = {}, redis.call('KEYS', '*')\n"
		"table.sort(keys)\n"
		"for _, key in ipairs(keys) do\n"
		"	local kind, list = redis.call('TYPE', key).ok, {}\n"
		"	if kind == 'string' then list = { redis.call('GET', key) }\n"
		"	elseif kind == 'zset' then list = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')\n"
		"	elseif kind == 'list' then list = redis.call('LRANGE', key, 0, -1)\n"
		"	elseif kind == 'hash' then\n"
		"		local names = redis.call('HKEYS', key)\n"
		"		table.sort(names)\n"
		"		for _, name in ipairs(names) do list[#list + 1] = name .. '=' .. redis.call('HGET', key, name) end\n"
		"	else for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do list[#list + 1] = table.concat(entry[2], ' ') end\n"
		"	end\n"
		"	if not key:find(':last:') then out[#out + 1] = key .. ' ' .. table.concat(list, '\\n') end\n"
		"end\n"
		"return table.concat(out, '\\n')\n";
	redisReply *r = redis_do(3, (weir_text[]){ WEIR_TEXT("EVAL"), weir_text_of(script), WEIR_TEXT("0") });
	weir_text all = weir_text_dup(mem, weir_reply_text(r));

	freeReplyObject(r);
	return all;
}

/* What Redis holds in the end; the answers are added to said. */
static weir_text run(bool together, weir_str *said, int64_t *sessions)
{
	static struct weir_delivery in[TOGETHER_MAX];
	static struct weir_receipt out[TOGETHER_MAX];
	static weir_err errs[TOGETHER_MAX];
	struct dice d = { .state = 4711, .now = NOW };
	struct weir_delivery first = some_delivery(&d);

	redis_words("FLUSHALL", NULL, NULL);
	deliver(&first); /* notices that the generation is another */
	for (int step = 0; step < STEPS; step++) {
		size_t n = 1 + throw(&d, TOGETHER_MAX);

		for (size_t i = 0; i < n; i++)
			in[i] = some_delivery(&d);
		if (together && weir_deliver_several(deliverer, mem, in, n, out, errs))
			errs[0] = WEIR_EINTERNAL;
		for (size_t i = 0; i < n; i++) {
			if (!together)
				errs[i] = weir_deliver(deliverer, mem, &in[i], &out[i]);
			weir_str_addf(said, "%d %d %d %.*s %.*s\n", (int)errs[i], (int)out[i].what, out[i].live, (int)out[i].session_id.n,
				out[i].session_id.p, (int)out[i].device_id.n, out[i].device_id.p);
		}
		d.now += (int64_t)throw(&d, 20) * MINUTE;
		if (!throw(&d, 3))
			*sessions += reap(d.now);
	}
	return contents();
}

void together(void)
{
	int64_t ended[2] = { 0, 0 };
	weir_text held[2];
	weir_str said[2];

	for (int i = 0; i < 2; i++) {
		weir_str_init(&said[i], 1 << 20);
		held[i] = run(i, &said[i], &ended[i]);
	}
	ok(!weir_str_err(&said[0]) && weir_text_eq(weir_str_view(&said[0]), weir_str_view(&said[1])),
		"calls that are made in one step are answered as they are one by one");
	ok(held[0].n && weir_text_eq(held[0], held[1]), "and leave the same in Redis");
	ok(ended[0] > 20 && ended[0] == ended[1] && held[0].n > 100000, "of very many sessions and events");
	printf("# %lld sessions were ended, %zu bytes are left\n", (long long)ended[0], held[0].n);
	for (int i = 0; i < 2; i++)
		weir_str_free(&said[i]);
	weir_arena_reset(mem);
}
