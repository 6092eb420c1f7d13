/*
 * Fills a stream with rows that are no events, as weir-track does.
 *
 *	rows replay COUNT BYTES [PROJECT [SESSION [DAYS]]]   chunks of a recorded visit, each with a payload of so many bytes;
 *	                                                     spread over so many days, the first of them today
 *	rows bot COUNT [PROJECT]                             what bots did
 *
 * Settings come from WEIR_CONF.  With ROWS_RETRY set it goes on when Redis is
 * away.  The number of rows that Redis said it keeps is printed.
 */
#include "config.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/num.h"
#include "ingest/botrow.h"
#include "ingest/deliver.h"
#include "ingest/replayrow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MEMORY_MAX = 1 << 20, ROW_MAX = 8 << 20, DAY_MS = 86400000 };

static void die(const char *what)
{
	fprintf(stderr, "rows: %s\n", what);
	exit(1);
}

static int64_t number(const char *z)
{
	int64_t v;

	if (weir_num_int(weir_text_of(z), &v) || v < 0)
		die("a number was expected");
	return v;
}

struct job {
	char kind;
	int64_t count, days;
	const char *project, *session;
	char *payload;
	size_t bytes;
};

static void pack(const struct job *j, int64_t i, weir_str *out)
{
	int64_t now = weir_now_ms();

	weir_str_reset(out);
	if (j->kind == 'r') {
		const struct weir_replay_row r = { .project_id = weir_text_of(j->project), .session_id = weir_text_of(j->session),
			.chunk_index = (uint64_t)i, .started_at = now + i % j->days * DAY_MS, .ended_at = now + i % j->days * DAY_MS + 10000,
			.events_count = i ? 50 : 70000, .is_full_snapshot = i == 0, .payload = { j->payload, j->bytes } };

		weir_replay_row_pack(&r, out);
	} else {
		struct weir_bot_row b = { .project_id = weir_text_of(j->project), .name = WEIR_TEXT("Googlebot"), .type = WEIR_TEXT("Search bot"),
			.path = WEIR_TEXT("/robots.txt"), .created_at = now };

		weir_uuid_new(b.id);
		weir_bot_row_pack(&b, out);
	}
	if (weir_str_err(out))
		die("out of memory");
}

static bool deliver(weir_deliverer *d, weir_arena *mem, const struct job *j, weir_text packed)
{
	struct weir_receipt receipt = { .what = WEIR_DELIVERED_STALE };

	for (int i = 0; i < 5 && receipt.what == WEIR_DELIVERED_STALE; i++) {
		weir_arena_reset(mem);
		if (weir_deliver_row(d, mem, weir_text_of(j->project), j->kind, packed, weir_now_ms(), &receipt)) {
			if (!getenv("ROWS_RETRY"))
				die("Redis does not answer");
			nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
			return false;
		}
	}
	if (receipt.what != WEIR_DELIVERED_KEPT)
		die("the row was not kept");
	return true;
}

int main(int argc, char **argv)
{
	bool replay = argc > 1 && !strcmp(argv[1], "replay");
	struct job j = { .kind = replay ? 'r' : 't', .days = 1 };
	weir_arena *mem = weir_arena_new(MEMORY_MAX);
	struct weir_fault fault;
	struct weir_conf conf;
	weir_deliverer *d;
	weir_str packed;

	if (argc < (replay ? 4 : 3))
		die("usage: rows replay COUNT BYTES [PROJECT [SESSION [DAYS]]] | rows bot COUNT [PROJECT]");
	j.count = number(argv[2]);
	j.bytes = replay ? (size_t)number(argv[3]) : 0;
	j.project = argc > 3 + replay ? argv[3 + replay] : "p1";
	j.session = argc > 5 ? argv[5] : "s1";
	j.days = argc > 6 ? number(argv[6]) : 1;
	j.payload = malloc(j.bytes + 1);
	signal(SIGPIPE, SIG_IGN);
	if (!mem || !j.payload || j.days < 1 || weir_conf_load(&conf, NULL, &fault) || !(d = weir_deliverer_new(&conf, &fault)))
		die("cannot start");
	for (size_t i = 0; i < j.bytes; i++)
		j.payload[i] = (char)('a' + (i * 7 + i / 13) % 26);
	weir_str_init(&packed, ROW_MAX);
	for (int64_t done = 0; done < j.count;) {
		pack(&j, done, &packed);
		done += deliver(d, mem, &j, weir_str_view(&packed));
	}
	printf("%lld\n", (long long)j.count);
	weir_str_free(&packed);
	weir_deliverer_free(d);
	weir_conf_free(&conf);
	weir_arena_free(mem);
	free(j.payload);
	return fflush(stdout) ? 1 : 0;
}
