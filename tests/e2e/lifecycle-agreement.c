/* States and rows agree, whatever comes. */
#include "config.h"

#include "lifecycle.h"

enum { KNOWN_MAX = 4000 };

struct known {
	weir_text id;
	uint64_t version;
	int64_t count;
	bool over;
};

static struct known *known_of(struct known *known, size_t *count, weir_text id)
{
	for (size_t i = 0; i < *count; i++)
		if (weir_text_eq(known[i].id, id))
			return &known[i];
	if (*count == KNOWN_MAX)
		return NULL;
	known[*count] = (struct known){ .id = id };
	return &known[(*count)++];
}

/* Goes through the stream as weir-worker does; how many entries do not go with those before them. */
static int contradictions(struct known *known, size_t *count)
{
	redisReply *r = redis_do(4, (weir_text[]){ WEIR_TEXT("XRANGE"), WEIR_TEXT("{weir:0}:events"), WEIR_TEXT("-"), WEIR_TEXT("+") });
	int wrong = 0;

	*count = 0;
	for (size_t i = 0; i < r->elements; i++) {
		struct entry e = entry_of(r->element[i]->element[1]);
		struct weir_session after = session_of(e.s.p ? e.s : e.o), before = session_of(e.o.p ? e.o : e.s);
		struct known *k = known_of(known, count, before.id);

		if (e.o.p) { /* what was before is what came last */
			wrong += !k || k->version != before.version;
			if (k && !weir_text_is(e.k, "x")) {
				wrong += k->over;
				k->over = true;
			}
		}
		if (!e.s.p)
			continue;
		k = known_of(known, count, after.id);
		wrong += !k || after.version != k->version + 1;
		if (!k)
			continue;
		k->version = after.version;
		k->count = after.event_count + after.screen_view_count;
	}
	freeReplyObject(r);
	return wrong;
}

void agreement(void)
{
	static struct known known[KNOWN_MAX];
	static const char *const devices[] = { "d1", "d2", "d3" };
	static const char *const ids[] = { "Q1", "Q2", "Q3" };
	size_t count = 0, open = 0;
	int64_t now = NOW, events = 0, counted = 0;
	uint32_t r = 12345;
	int wrong;

	redis_words("FLUSHALL", NULL, NULL);
	for (int i = 0; i < 3000; i++) {
		struct send s = { .now = now };
		char session[32];

		r = r * 1664525 + 1013904223;
		s.device = devices[r >> 8 & 1];
		s.second = r >> 9 & 1 ? devices[2] : NULL;
		s.name = r >> 10 & 1 ? "screen_view" : "click";
		s.path = "https://e.com/a";
		s.back = r >> 11 & 1;
		s.profile = r >> 12 & 1 ? ids[r >> 13 & 1] : NULL;
		s.at = s.back ? now - (int64_t)(r >> 14 & 1023) * MINUTE : now - (int64_t)(r >> 14 & 7) * MINUTE;
		/* As weir_session_id makes them: the same for all of a bucket. */
		snprintf(session, sizeof(session), "%s-%019lld", s.device, (long long)(s.at / TIMEOUT));
		s.session = session;
		events += sent(s).what == WEIR_DELIVERED_KEPT;
		now += (int64_t)(r >> 24 & 31) * MINUTE;
		if (!(r >> 29 & 3))
			reap(now);
		if (i % 500 == 499) {
			wrong = contradictions(known, &count);
			weir_arena_reset(mem);
		}
	}
	reap(now + 2 * HOUR);
	reap(now + 4 * HOUR);
	wrong = contradictions(known, &count);
	ok(!wrong, "each state follows from the one before it, and each session begins once and ends once");
	for (size_t i = 0; i < count; i++) {
		counted += known[i].count;
		open += !known[i].over;
	}
	ok(counted == events && events == 3000, "every event is counted in one session");
	ok(!open, "no session is left open");
	ok(!exists("{weir:0}:clock") && !exists("{weir:0}:back") && !exists("{weir:0}:o:p1:d1") && !exists("{weir:0}:s:p1:d1"), "and Redis is clean");
	printf("# %zu sessions of %lld events\n", count, (long long)events);
	weir_arena_reset(mem);
}
