/* weirctl profile: everything about one person, told or erased. */
#include "config.h"
#include "ctl.h"

#include "base/clock.h"
#include "ingest/persons.h"
#include "ingest/turn.h"
#include "meta/deletion.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* False, with a complaint, when there is no such project. */
static bool person_of(struct ctl *ctl, struct weir_person *person, int *status)
{
	struct weir_meta m;
	bool exists = false;
	weir_err err;

	*status = CTL_CONFIG;
	if (!ctl_pg(ctl) || !ctl_ch(ctl) || !ctl_redis(ctl))
		return false;
	m = (struct weir_meta){ .pg = ctl->pg, .redis = ctl->redis, .conf = &ctl->conf, .mem = ctl->mem, .now_ms = weir_now_ms() };
	*person = (struct weir_person){ weir_text_of(ctl->operands[0]), weir_text_of(ctl->operands[1]), m.now_ms };
	err = weir_deletion_exists(&m, person->project_id, &exists);
	*status = CTL_FAILED;
	if (err)
		*status = ctl_failed("the project cannot be looked up", err, weir_pg_error(ctl->pg));
	else if (!exists)
		ctl_complain("there is no project %s; \"weirctl list projects\" shows them", ctl->operands[0]);
	return !err && exists;
}

/* ------------------------------------------------------------ export */

struct lines {
	struct ctl *ctl;
	bool some;
};

/* {"table": ..., "row": {...}}, one to a line; with --json elements of an array. */
static weir_err print_lines(void *ctx, const char *table, weir_text lines)
{
	struct lines *l = ctx;
	weir_text line;

	while (weir_text_next(&lines, '\n', &line)) {
		weir_str out;
		weir_json j;
		weir_err err;

		if (!line.n)
			continue;
		weir_str_init(&out, (size_t)512 << 20);
		weir_str_puts(&out, !l->ctl->json ? "" : l->some ? ",\n" : "[");
		weir_json_init(&j, &out);
		weir_json_obj(&j, NULL);
		weir_json_strz(&j, "table", table);
		weir_json_raw(&j, "row", line);
		weir_json_end(&j);
		weir_str_puts(&out, l->ctl->json ? "" : "\n");
		err = weir_str_err(&out);
		if (!err && fwrite(out.buf, 1, out.len, stdout) != out.len)
			err = WEIR_EUNAVAIL;
		weir_str_free(&out);
		if (err)
			return err;
		l->some = true;
	}
	return WEIR_OK;
}

int ctl_profile_export(struct ctl *ctl)
{
	struct weir_person person;
	struct lines l = { ctl, false };
	uint64_t rows;
	int status;
	weir_err err;

	if (!person_of(ctl, &person, &status))
		return status;
	err = weir_person_tell(ctl->ch, &ctl->conf, &person, print_lines, &l, &rows);
	if (err)
		return ctl_failed("it cannot be exported", err, weir_ch_error(ctl->ch));
	if (!rows) {
		ctl_complain("nothing is stored about %s in %s", ctl->operands[1], ctl->operands[0]);
		return CTL_FAILED;
	}
	if (ctl->json) {
		ctl->answered = true;
		puts("]");
	}
	if (fflush(stdout)) {
		ctl_complain("standard output cannot be written");
		return CTL_FAILED;
	}
	return CTL_OK;
}

/* ------------------------------------------------------------ delete */

static int tell(struct ctl *ctl, struct weir_erasure_counts n)
{
	if (!ctl->json) {
		printf("%s: %" PRIu64 " rows, %" PRIu64 " keys in Redis, %" PRIu64 " dead letters\n", ctl->operands[1], n.rows, n.keys, n.dead);
		return CTL_OK;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_strz(&ctl->out, "profile", ctl->operands[1]);
	weir_json_int(&ctl->out, "rows", (int64_t)n.rows);
	weir_json_int(&ctl->out, "keys", (int64_t)n.keys);
	weir_json_int(&ctl->out, "deadLetters", (int64_t)n.dead);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

int ctl_profile_delete(struct ctl *ctl)
{
	struct weir_person person;
	struct weir_erasure_counts n = { 0 };
	weir_erasure *e;
	int64_t again_ms = 0;
	int status;
	weir_err err;

	if (!person_of(ctl, &person, &status))
		return status;
	/* First, so that a run that is killed is gone on with by the worker. */
	err = weir_person_remember(ctl->redis, &ctl->conf, &person);
	if (err)
		return ctl_failed("it cannot be noted", err, weir_redis_error(ctl->redis));
	e = weir_erasure_new(&ctl->conf, ctl->redis, ctl->ch, &person);
	err = e ? WEIR_OK : WEIR_ENOMEM;
	while (!err && again_ms >= 0) {
		err = weir_erasure_step(e, &again_ms);
		if (!err && again_ms > 0)
			nanosleep(&(struct timespec){ .tv_sec = again_ms / 1000, .tv_nsec = again_ms % 1000 * 1000000 }, NULL);
	}
	if (e)
		n = weir_erasure_counts(e);
	weir_erasure_free(e);
	if (err) {
		ctl_complain("not all is erased yet; the worker goes on with it");
		if (weir_turn_hurry(ctl->redis, &ctl->conf, WEIR_TURN_erasure))
			ctl_complain("and begins within worker.deletion_interval");
		return ctl_failed("it cannot be erased", err, weir_ch_error(ctl->ch));
	}
	return tell(ctl, n);
}
