/* The rules of sessions beyond the vectors. */
#include "config.h"

#include "ingest/rows.h"
#include "lifecycle.h"

void closing(void)
{
	struct weir_receipt first, second;
	struct entry e;

	redis_words("FLUSHALL", NULL, NULL);
	first = sent((struct send){ .device = "d", .session = "AAAAAAAAAAAAAAAAAAAAAA", .profile = "u", .at = NOW });
	ok(reap(NOW + TIMEOUT - 1) == 0 && exists("{weir:0}:s:p1:d"), "a session is not ended before its time");
	ok(exists("{weir:0}:p:p1:u"), "its profile points to it");
	ok(reap(NOW + TIMEOUT) == 1, "it ends when nothing was heard for the timeout");
	e = newest();
	ok(weir_text_is(e.k, "e") && e.o.p && !e.ev.p && !e.s.p && weir_text_eq(session_of(e.o).id, first.session_id), "and the stream says so");
	ok(!exists("{weir:0}:s:p1:d") && !exists("{weir:0}:p:p1:u") && !exists("{weir:0}:clock"), "nothing of it is left");
	ok(reap(NOW + 2 * TIMEOUT) == 0, "a session ends once");
	second = sent((struct send){ .device = "d", .session = "AAAAAAAAAAAAAAAAAAAAAA", .at = NOW + 1000, .now = NOW + TIMEOUT + 1000 });
	ok(!weir_text_eq(first.session_id, second.session_id) && second.session_id.n == 22, "a late event does not open an ended session's id again");
	ok(reap(NOW + 2 * TIMEOUT + 1000) == 1, "the second ends as well");
	first = sent((struct send){ .device = "d", .session = "AAAAAAAAAAAAAAAAAAAAAA", .at = NOW + 2000, .now = NOW + 2 * TIMEOUT + 2000 });
	ok(!weir_text_is(first.session_id, "AAAAAAAAAAAAAAAAAAAAAA") && !weir_text_eq(first.session_id, second.session_id), "a third gets a third id");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "B", .at = NOW + 50000, .now = NOW });
	ok(reap(NOW + TIMEOUT) == 0, "an event a little ahead of the clock keeps its session");
	ok(reap(NOW + TIMEOUT + 50000) == 1, "until its own time has passed");
}

void boundary(void)
{
	struct weir_receipt r;
	struct entry e;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .profile = "u", .at = NOW });
	r = sent((struct send){ .device = "d", .session = "B", .at = NOW + TIMEOUT + 1 });
	e = newest();
	ok(weir_text_is(e.k, "b") && weir_text_is(r.session_id, "B") && weir_text_is(session_of(e.o).id, "A"), "a timed out session is closed by the next event");
	ok(!exists("{weir:0}:p:p1:u"), "with its pointer");
	r = sent((struct send){ .device = "d", .session = "C", .at = NOW + 2 * TIMEOUT + 1 });
	ok(weir_text_is(newest().k, "x") && weir_text_is(r.session_id, "B"), "idle for exactly the timeout still extends");
}

void salts(void)
{
	struct weir_receipt r;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "old", .session = "A", .at = NOW });
	r = sent((struct send){ .device = "new", .second = "old", .session = "B", .at = NOW + 1000 });
	ok(weir_text_is(r.device_id, "old") && weir_text_is(r.session_id, "A") && r.live == 2, "a visit outlives the salt");
	ok(session_of(newest().s).version == 2 && !exists("{weir:0}:s:p1:new"), "in its own session");
	r = sent((struct send){ .device = "new", .second = "old", .session = "B", .at = NOW + 2 * TIMEOUT });
	ok(weir_text_is(r.device_id, "new") && weir_text_is(newest().k, "n"), "a later visit has the new device id");
}

void servers(void)
{
	struct entry e;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .profile = "u", .path = "/in", .at = NOW });
	sent((struct send){ .server = true, .profile = "u", .device = "srv", .session = "S", .at = NOW + TIMEOUT - 1 });
	ok(weir_text_is(session_of(newest().s).id, "A"), "a server event belongs to its profile's session");
	ok(session_of(newest().s).version == 1, "and does not change it");
	sent((struct send){ .server = true, .profile = "u", .device = "srv", .session = "S", .at = NOW + TIMEOUT });
	ok(!newest().s.p, "but not to one that has timed out");
	sent((struct send){ .device = "d", .session = "A", .profile = "v", .at = NOW + 10 });
	sent((struct send){ .server = true, .profile = "u", .device = "srv", .session = "S", .at = NOW + 20 });
	ok(!newest().s.p, "nor to one that belongs to somebody else now");
	sent((struct send){ .past = true, .profile = "v", .device = "d", .session = "A", .at = NOW + 30 });
	e = newest();
	ok(weir_text_is(e.k, "-") && !e.s.p, "an event from the past belongs to none");
}

void refusals(void)
{
	struct send again = { .device = "d", .session = "A", .at = NOW, .digest = "0123456789abcdef0123456789abcdef" };
	struct weir_delivery d = { .mode = WEIR_DELIVER_PAST, .project_id = WEIR_TEXT("p1"), .event = WEIR_TEXT("\x90"), .event_ms = NOW, .now_ms = NOW };
	struct weir_receipt r, first;
	struct weir_conf small = conf;
	struct weir_fault fault;
	weir_deliverer *narrow;
	long long n;

	redis_words("FLUSHALL", NULL, NULL);
	first = sent(again);
	n = stream_length();
	again.session = "B";
	r = sent(again);
	ok(r.what == WEIR_DELIVERED_AGAIN && weir_text_eq(r.session_id, first.session_id) && weir_text_is(r.device_id, "d"), "a duplicate gets the ids of the first");
	ok(stream_length() == n, "and is not stored");
	again.digest = "fedcba98765432100123456789abcdef";
	again.now = NOW + 50;
	ok(sent(again).what == WEIR_DELIVERED_KEPT, "another request is none");
	again.digest = "0123456789abcdef0123456789abcdef";
	again.now = NOW + 99;
	ok(sent(again).what == WEIR_DELIVERED_AGAIN, "the first is still known behind it");
	again.now = NOW + 100;
	ok(sent(again).what == WEIR_DELIVERED_KEPT, "until the window has passed");
	again.past = true;
	ok(sent(again).what == WEIR_DELIVERED_KEPT && sent(again).what == WEIR_DELIVERED_AGAIN, "an event without session has its own memory");
	ok(exists("{weir:0}:d:0123456789abcdef0123456789abcdef"), "under the digest");
	n = stream_length();
	redis_words("INCR", "{weir:0}:gen", NULL);
	ok(!weir_deliver(deliverer, mem, &d, &r) && r.what == WEIR_DELIVERED_STALE && stream_length() == n, "a change is noticed on the next event, which is not stored");
	ok(!weir_deliver(deliverer, mem, &d, &r) && r.what == WEIR_DELIVERED_KEPT && stream_length() == n + 1, "and then is");
	redis_words("INCR", "{weir:0}:gen", NULL);
	ok(weir_deliverer_outdated(deliverer, mem, NOW), "a change is noticed before a refusal");
	ok(!weir_deliverer_outdated(deliverer, mem, NOW + 2000), "once");

	small.track_stream_max = n + 1;
	narrow = weir_deliverer_new(&small, &fault);
	ok(narrow, "a deliverer with a short stream");
	for (int i = 0; i < 2; i++)
		if (weir_deliver(narrow, mem, &d, &r))
			r.what = WEIR_DELIVERED_KEPT;
	ok(r.what == WEIR_DELIVERED_KEPT && stream_length() == n + 1, "a full stream takes nothing: the spool does");
	small.track_spool_max = 0;
	if (weir_deliver(narrow, mem, &d, &r))
		r.what = WEIR_DELIVERED_KEPT;
	ok(r.what == WEIR_DELIVERED_FULL && stream_length() == n + 1, "and a full spool takes nothing either");
	weir_deliverer_free(narrow);
}

static struct weir_receipt sent_back(const char *session, int64_t at)
{
	return sent((struct send){ .back = true, .device = "d", .session = session, .at = at, .now = NOW + MINUTE });
}

void backdated(void)
{
	struct weir_receipt r;
	struct entry e;
	struct weir_entry entry;
	struct weir_entry_rows rows;
	const char *why;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW });
	sent((struct send){ .device = "d", .session = "A", .at = NOW + MINUTE });
	r = sent_back("Q", NOW + MINUTE / 2);
	ok(is_kind("x") && weir_text_is(r.session_id, "A") && r.live == 1, "a back-dated event of the live session's time joins it");
	sent_back("Q", NOW - 10 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "x") && session_of(e.s).created_at == NOW - 10 * MINUTE && session_of(e.s).ended_at == NOW + MINUTE,
		"so does one that lies a little before it, which moves its start");
	r = sent_back("P", NOW - 60 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "n") && weir_text_is(r.session_id, "P") && !r.live && session_of(e.s).created_at == NOW - 60 * MINUTE,
		"one of an earlier time has a session of its own");
	r = sent((struct send){ .device = "d", .session = "A", .at = NOW + MINUTE });
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(r.session_id, "A") && session_of(e.s).version == 5, "and the live session stays as it is");
	r = sent_back("Q", NOW - 50 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(r.session_id, "P") && session_of(e.s).version == 2 && session_of(e.s).ended_at == NOW - 50 * MINUTE,
		"the next one of that time joins it");
	r = sent_back("O", NOW - 5 * HOUR);
	ok(is_kind("n") && !weir_text_is(r.session_id, "O") && r.session_id.n == 22, "of a time that nobody remembers, the id is a new one");

	ok(reap(NOW + MINUTE + TIMEOUT - 1) == 0, "such sessions wait for more as live ones do");
	ok(reap(NOW + MINUTE + TIMEOUT) == 3, "and are ended by the reaper");
	ok(!exists("{weir:0}:o:p1:d") && !exists("{weir:0}:back") && !exists("{weir:0}:s:p1:d") && exists("{weir:0}:h:p1:d"), "ended ones are remembered");
	r = sent_back("Q", NOW - 40 * MINUTE);
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(r.session_id, "P") && session_of(e.s).ended && session_of(e.s).version == 3,
		"an event that comes after its session's end joins it all the same");
	sent_back("Q", NOW - 30 * MINUTE);
	e = newest();
	ok(session_of(e.s).version == 4 && session_of(e.o).version == 3, "and the next one finds what became of it");
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.events == 1 && rows.has_after && rows.has_before, "its row is replaced, and there is no second session_end");
	ok(reap(NOW + 10 * HOUR) == 0, "nor by the reaper");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW - HOUR, .now = NOW });
	r = sent_back("B", NOW);
	e = newest();
	ok(weir_text_is(e.k, "b") && weir_text_is(r.session_id, "B") && weir_text_is(session_of(e.o).id, "A"), "one of a later time than the live session ends that");
	r = sent_back("C", NOW - HOUR - MINUTE);
	ok(is_kind("x") && weir_text_is(r.session_id, "A"), "which is found again");
	for (int i = 0; i < 12; i++)
		sent_back("C", NOW - (4 + 2 * i) * HOUR);
	freeReplyObject(redis_do(2, (weir_text[]){ WEIR_TEXT("PING"), WEIR_TEXT("x") }));
	ok(reap(NOW + 10 * HOUR) == 9, "a device has eight such sessions at a time");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW - 50 * MINUTE, .now = NOW });
	sent((struct send){ .device = "d", .session = "B", .at = NOW });
	r = sent_back("C", NOW - 28 * MINUTE);
	ok(is_kind("x") && weir_text_is(r.session_id, "A") && !r.live, "between two sessions it joins the nearer one, though that has ended");
	r = sent_back("C", NOW - 5 * MINUTE);
	ok(is_kind("x") && weir_text_is(r.session_id, "B") && r.live == 1, "or the live one");

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "old", .session = "A", .at = NOW });
	r = sent((struct send){ .back = true, .device = "new", .second = "old", .session = "B", .at = NOW + MINUTE });
	ok(weir_text_is(r.session_id, "A") && r.live == 2, "the device's id before the change of salts counts as well");
}

void skipping(void)
{
	struct weir_entry entry;
	struct weir_entry_rows rows;
	struct entry e;
	const char *why;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .device = "d", .session = "A", .at = NOW, .skip = WEIR_SKIP_START });
	e = newest();
	ok(weir_text_is(e.k, "n") && weir_text_is(e.f, "1"), "what a filter leaves out is told");
	entry = (struct weir_entry){ .kind = 'n', .ev = e.ev, .s = e.s, .skip = 1 };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.events == 1 && !weir_text_is(rows.event[0].name, "session_start") && rows.has_after,
		"a session without session_start");
	entry.skip = 3;
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.events && rows.has_after, "or without any of both");
	sent((struct send){ .device = "d", .session = "A", .profile = "u", .at = NOW + 1, .skip = WEIR_SKIP_EVENT });
	e = newest();
	ok(weir_text_is(e.k, "x") && weir_text_is(e.f, "2") && session_of(e.s).version == 2, "also of one that goes on");
	sent((struct send){ .device = "d", .session = "A", .at = NOW + 2 });
	ok(!newest().f.p, "and of no other");
}

void page_times(void)
{
	struct weir_entry entry;
	struct weir_entry_rows rows;
	struct entry first, e;
	struct weir_event view;
	const char *why;

	redis_words("FLUSHALL", NULL, NULL);
	sent((struct send){ .name = "screen_view", .path = "https://e.com/a", .device = "d", .session = "A", .at = NOW });
	first = newest();
	sent((struct send){ .name = "click", .device = "d", .session = "A", .at = NOW + 5000 });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.pages, "an event that is no view ends none");
	sent((struct send){ .name = "screen_view", .path = "https://e.com/b", .device = "d", .session = "A", .at = NOW + 9000 });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.pages == 1 && rows.page[0].spent == 9000 && rows.page[0].at == NOW, "the next view does");
	ok(!weir_event_unpack(mem, first.ev, &view) && !memcmp(view.id, rows.page[0].id, 16), "of the one before it");
	sent((struct send){ .name = "screen_view", .path = "https://e.com/c", .device = "d", .session = "A", .at = NOW + 8000 });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.pages && session_of(e.s).last_view_at == NOW + 9000, "one that is late does not");
	sent((struct send){ .name = "click", .device = "d", .session = "A", .at = NOW + 12000 });
	reap(NOW + HOUR);
	e = newest();
	entry = (struct weir_entry){ .kind = 'e', .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.pages == 1 && rows.page[0].spent == 3000, "the session's end does, at its last event");
	sent((struct send){ .back = true, .name = "click", .device = "d", .session = "A", .at = NOW + 20000, .now = NOW + HOUR });
	e = newest();
	entry = (struct weir_entry){ .kind = 'x', .ev = e.ev, .s = e.s, .o = e.o };
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && rows.pages == 1 && rows.page[0].spent == 11000, "and an event that comes after the end corrects it");
	entry.only = WEIR_TEXT("events");
	ok(!weir_rows_of_entry(mem, &entry, &rows, &why) && !rows.pages, "what comes from the dead stream says nothing about it again");
}

/* Many at once: what each comes to is told apart. */
void several(void)
{
	enum { MANY = 250 };
	static struct weir_delivery in[MANY];
	static struct weir_receipt out[MANY];
	static weir_err errs[MANY];
	struct weir_session_fixed fixed = { .country = WEIR_TEXT("") };
	long long n = stream_length();
	int kept = 0, same = 0, bad = 0;

	for (int i = 0; i < MANY; i++) {
		char *device = weir_alloc(mem, 24), *session = weir_alloc(mem, 24);

		snprintf(device, 24, "several-%d", i / 2);
		snprintf(session, 24, "visit-%d", i);
		in[i] = (struct weir_delivery){ .mode = WEIR_DELIVER_EVENT, .event_ms = NOW + i, .now_ms = NOW + i, .project_id = WEIR_TEXT("proj-1"),
			.device = { weir_text_of(device), { "", 0 } }, .session_id = weir_text_of(session), .path = WEIR_TEXT("/"), .fixed = &fixed,
			.event = WEIR_TEXT("\x90") };
	}
	redis_words("SCRIPT", "FLUSH", NULL);
	ok(!weir_deliver_several(deliverer, mem, in, MANY, out, errs), "250 deliveries in one call, to a server that has forgotten the script");
	for (int i = 0; i < MANY; i++) {
		bad += errs[i] != WEIR_OK;
		kept += out[i].what == WEIR_DELIVERED_KEPT;
		same += weir_text_eq(out[i].session_id, in[i & ~1].session_id) && weir_text_eq(out[i].device_id, in[i].device[0]);
	}
	ok(!bad && kept == MANY && stream_length() == n + MANY, "all are kept, each once");
	ok(same == MANY, "in order: the second of a device joins the session of the first");
	redis_words("INCR", "{weir:0}:gen", NULL);
	ok(!weir_deliver_several(deliverer, mem, in, MANY, out, errs) && out[0].what == WEIR_DELIVERED_STALE && out[MANY - 1].what == WEIR_DELIVERED_STALE &&
		stream_length() == n + MANY, "a change is noticed by all of them, and none is stored");
	ok(!weir_deliver_several(deliverer, mem, in, 1, out, errs) && out[0].what == WEIR_DELIVERED_KEPT && stream_length() == n + MANY + 1, "one of several is one");
	ok(weir_deliver_several(deliverer, mem, in, 1001, out, errs) == WEIR_ELIMIT, "more than a thousand are refused");
}
