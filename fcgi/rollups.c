/* Keeping rollups up to date. */
#include "config.h"
#include "rollups.h"

#include "base/clock.h"
#include "base/log.h"
#include "meta/project.h"
#include "query/rollup.h"

#include <inttypes.h>

enum {
	CLOSED_MS = 10 * 60 * 1000,    /* after its end a day is left alone for so long: its last events come then */
	WIDTH_MAX = 32,                /* days of one statement */
	SHORT_MS = 250,                /* a statement that takes less lets the next one be about twice as many days */
	LONG_MS = 1000,                /* one that takes more keeps events waiting: half as many */
	SWEEP_MS = 60 * 60 * 1000,     /* rolls older than that are read by nobody */
};

static struct weir_ask ask_of(const struct rollups *r, struct worker *w)
{
	return (struct weir_ask){ .ch = w->ch, .mem = w->mem, .conf = &w->conf, .project_id = weir_text_of(r->project), .timezone = WEIR_TEXT("UTC"),
		.now_ms = weir_now_ms() };
}

static weir_err next_project(struct rollups *r, struct worker *w)
{
	struct weir_meta m = { .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
	weir_text id;
	weir_err err = weir_project_after(&m, weir_text_of(r->project), w->conf.worker_rollup_events, &id);

	r->open = !err && id.n && id.n < sizeof(r->project);
	if (!r->open)
		return err;
	memcpy(r->project, id.p, id.n);
	r->project[id.n] = '\0';
	return WEIR_OK;
}

/* Where the project's days begin. */
static weir_err begin(struct rollups *r, struct worker *w, int64_t number)
{
	struct weir_ask ask = ask_of(r, w);
	int64_t first, oldest = weir_rolled_oldest(ask.now_ms) + 1;
	bool some;
	weir_err err = weir_rollup_first_day(&ask, &first, &some);

	if (err)
		return err;
	if (!some)
		first = weir_day_of(ask.now_ms);
	return weir_rolled_begin(w->redis, &w->conf, w->mem, ask.project_id, first < oldest ? oldest : first, number, first >= oldest);
}

static weir_err sweep(struct rollups *r, struct worker *w)
{
	struct weir_ask ask = ask_of(r, w);
	weir_text *days, *rolls;
	size_t count;
	weir_err err = weir_rolled_all(w->redis, &w->conf, w->mem, ask.project_id, &days, &rolls, &count);

	return err ? err : weir_rollup_sweep(&ask, days, rolls, count, ask.now_ms - SWEEP_MS);
}

/* The next days of the project that are due, in a row. */
static weir_err next_days(struct rollups *r, struct worker *w)
{
	int64_t now = weir_now_ms();
	struct weir_rolled_due due;
	weir_err err;

	r->width = r->width ? r->width : 1;
	err = weir_rolled_due(w->redis, &w->conf, w->mem, weir_text_of(r->project), weir_day_of(now - CLOSED_MS) - 1,
		(size_t)r->width, now, &due);

	if (!err && due.begin)
		return begin(r, w, due.number);
	if (!err && due.stale)
		err = sweep(r, w);
	if (err)
		return err;
	r->open = due.count > 0;
	if (due.count) {
		r->last = r->first = due.days[0];
		for (size_t i = 1; i < due.count && due.days[i] == r->first - 1; i++)
			r->first--;
		r->took_ms = 0;
		r->number = due.number;
		r->roll = now > r->roll ? now : r->roll + 1;
		r->step = 0;
	}
	return WEIR_OK;
}

static weir_err mark(struct rollups *r, struct worker *w)
{
	weir_err err = WEIR_OK;

	for (int64_t day = r->first; day <= r->last && !err; day++)
		err = weir_rolled_mark(w->redis, &w->conf, w->mem, weir_text_of(r->project), day, r->number, r->roll);
	r->rolled += r->last - r->first + 1;
	if (r->took_ms < SHORT_MS && r->width < WIDTH_MAX)
		r->width *= 2;
	else if (r->took_ms > LONG_MS && r->width > 1)
		r->width /= 2;
	return err;
}

static weir_err roll(struct rollups *r, struct worker *w)
{
	struct weir_ask ask = ask_of(r, w);
	int64_t began = weir_monotonic_ms(), took;
	weir_err err = weir_rollup_days(&ask, r->first, r->last, r->roll, r->step);

	if (err)
		return err;
	took = weir_monotonic_ms() - began;
	r->took_ms = took > r->took_ms ? took : r->took_ms;
	return ++r->step < WEIR_ROLLUP_STEPS ? WEIR_OK : mark(r, w);
}

weir_err rollups_step(struct rollups *r, struct worker *w, bool *more)
{
	weir_err err;

	*more = true;
	if (!w->conf.api_rollups || w->conf.clickhouse_cluster[0]) {
		*more = false;
		return WEIR_OK;
	}
	if (r->open && r->roll && r->step < WEIR_ROLLUP_STEPS)
		return roll(r, w);
	if (r->open)
		return next_days(r, w);
	err = next_project(r, w);
	r->step = WEIR_ROLLUP_STEPS;
	*more = !err && r->open;
	return err;
}
