/* Answers without Redis. */
#include "config.h"

#include "ingest/respool.h"
#include "lifecycle.h"

#include <stdlib.h>
#include <unistd.h>

static char spool_dir[] = "/tmp/weir-lifecycle.XXXXXX";

/* A responder whose Redis is away. */
static weir_deliverer *alone_new(void)
{
	static struct weir_conf away;
	struct weir_fault fault = { "" };
	weir_deliverer *d;

	away = conf;
	away.redis_url = "redis://127.0.0.1:1";
	d = weir_deliverer_new(&away, &fault);
	if (!d) {
		printf("Bail out! %s\n", fault.text);
		exit(1);
	}
	return d;
}

static struct weir_receipt sent_by(weir_deliverer *d, struct send s)
{
	weir_deliverer *usual = deliverer;
	struct weir_receipt receipt;

	deliverer = d;
	receipt = sent(s);
	weir_deliverer_idle(d);
	deliverer = usual;
	return receipt;
}

/* All that waits, as weir-worker does it; the files themselves go some seconds later. */
static void replay(void)
{
	struct weir_fault fault;
	weir_respool *r = weir_respool_new(&conf, redis, &fault);

	while (r && weir_respool_step(r) == WEIR_RESPOOL_WORK)
		;
	weir_respool_free(r);
}

static bool is_of(weir_text blob, const char *id, const char *device, int64_t events, uint64_t version)
{
	struct weir_session s = session_of(blob);

	return weir_text_is(s.id, id) && weir_text_is(s.device_id, device) && s.event_count == events && s.version == version;
}

static void forget_spool(void)
{
	char names[8][WEIR_SPOOL_NAME_MAX], path[WEIR_SPOOL_NAME_MAX + sizeof(spool_dir)];
	size_t n = 0;

	if (weir_spool_list(spool_dir, "", names, 8, &n))
		while (n--) {
			snprintf(path, sizeof(path), "%s/%s", spool_dir, names[n]);
			unlink(path);
		}
}

/* What was answered without Redis holds, whatever Redis knows by the time that it is replayed. */
void answered(void)
{
	weir_deliverer *alone, *another;
	struct weir_receipt r;
	struct entry e;

	if (!mkdtemp(spool_dir)) {
		printf("Bail out! no directory for the spool\n");
		exit(1);
	}
	conf.track_spool_dir = spool_dir;
	conf.track_spool_disk_min = 0;
	redis_words("FLUSHALL", NULL, NULL);
	alone = alone_new();
	another = alone_new();
	sent((struct send){ .device = "d", .session = "A", .at = NOW });
	r = sent_by(alone, (struct send){ .device = "d", .session = "B", .at = NOW + 5 * MINUTE });
	ok(weir_text_is(r.session_id, "B"), "a session that no responder saw: the answer has what a new one would be called");
	r = sent_by(another, (struct send){ .device = "d", .session = "C", .at = NOW + 6 * MINUTE });
	ok(weir_text_is(r.session_id, "B"), "and so have those of the other responders, though new ones are called otherwise by then");
	r = sent_by(another, (struct send){ .device = "d", .session = "A", .at = NOW - 28 * MINUTE, .now = NOW + 6 * MINUTE, .back = true });
	ok(weir_text_is(r.session_id, "A"), "what is older by more than the timeout is of another session");
	replay();
	ok(stream_length() == 4, "they are replayed");
	e = newest();
	ok(weir_text_is(e.k, "x") && is_of(e.s, "A", "d", 2, 2), "the one that Redis has live is extended by what was answered with its name");
	r = sent((struct send){ .device = "d", .session = "D", .at = NOW + 7 * MINUTE });
	ok(weir_text_is(r.session_id, "A"), "and goes on");
	ok(reap(NOW + 50 * MINUTE) == 2, "the other stood beside it");
	redis_words("DEL", "{weir:0}:events", NULL);
	r = sent_by(alone, (struct send){ .device = "d", .session = "D", .at = NOW + 10 * MINUTE, .now = NOW + 50 * MINUTE });
	replay();
	e = newest();
	ok(weir_text_is(r.session_id, "B") && weir_text_is(e.k, "x") && is_of(e.s, "B", "d", 3, 3) && session_of(e.s).ended,
		"one that has ended meanwhile is extended");
	redis_words("FLUSHALL", NULL, NULL);
	forget_spool();
	r = sent_by(alone, (struct send){ .device = "new", .second = "d", .session = "E", .at = NOW + 12 * MINUTE });
	ok(weir_text_is(r.session_id, "B") && weir_text_is(r.device_id, "d"), "a visitor of the salt before keeps device and session");
	replay();
	e = newest();
	ok(weir_text_is(e.k, "n") && is_of(e.s, "B", "d", 1, 1) && exists("{weir:0}:s:p1:d") && !exists("{weir:0}:s:p1:new"),
		"a session that Redis has lost begins again under its name");
	redis_words("FLUSHALL", NULL, NULL);
	forget_spool();
	sent((struct send){ .device = "e", .session = "A", .at = NOW });
	sent_by(alone, (struct send){ .device = "e", .session = "B", .at = NOW + 5 * MINUTE });
	replay();
	ok(reap(NOW + 31 * MINUTE) == 1, "the live one ends, the one beside it goes on");
	r = sent((struct send){ .device = "e", .session = "B", .at = NOW + 32 * MINUTE });
	e = newest();
	ok(weir_text_is(e.k, "n") && !weir_text_is(r.session_id, "B") && weir_text_eq(session_of(e.s).id, r.session_id),
		"an event that would open one of the same name opens one of another");
	weir_deliverer_free(alone);
	weir_deliverer_free(another);
	forget_spool();
	rmdir(spool_dir);
}
