/* Erasing persons, and what is too old. */
#include "config.h"
#include "erasure.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/keep.h"
#include "ingest/persons.h"
#include "ingest/sweep.h"
#include "link/changes.h"
#include "link/keys.h"
#include "meta/project.h"

#include <inttypes.h>
#include <stdlib.h>

static const int64_t DAY_MS = 86400000;
enum {
	LIST_BYTES = 16 * 1024 * 1024,
	PERSONS_MAX = 10000,     /* of a shard and run */
};

struct erasure {
	enum { PERSONS, PERSON, ERASE, PROJECTS, PROJECT, SWEEP } state;
	weir_arena *mem;         /* the list */
	struct weir_person *persons;
	weir_text *projects;
	size_t count, at;
	unsigned shard;
	weir_erasure *one;
	weir_sweep *sweep;
	weir_err failed;         /* the first failure of the run */
};

struct erasure *erasure_new(void)
{
	struct erasure *e = calloc(1, sizeof(*e));

	if (e)
		e->mem = weir_arena_new(LIST_BYTES);
	if (e && !e->mem) {
		free(e);
		return NULL;
	}
	return e;
}

void erasure_free(struct erasure *e)
{
	if (!e)
		return;
	weir_erasure_free(e->one);
	weir_sweep_free(e->sweep);
	weir_arena_free(e->mem);
	free(e);
}

/* ------------------------------------------------------------ persons, shard by shard */

static weir_err list_persons(struct erasure *e, struct worker *w)
{
	weir_err err;

	weir_arena_reset(e->mem);
	e->count = e->at = 0;
	if (e->shard >= (unsigned)w->conf.redis_shards) {
		e->shard = 0;
		e->state = PROJECTS;
		return WEIR_OK;
	}
	e->persons = weir_alloc_n(e->mem, PERSONS_MAX, sizeof(*e->persons));
	err = e->persons ? weir_person_remembered(w->redis, &w->conf, e->shard, weir_now_ms(), e->mem, e->persons, PERSONS_MAX, &e->count) : WEIR_ENOMEM;
	if (!err) {
		e->shard++;
		e->state = PERSON;
	}
	return err;
}

static weir_err begin_person(struct erasure *e, struct worker *w)
{
	if (e->at == e->count) {
		e->state = PERSONS;
		return WEIR_OK;
	}
	e->one = weir_erasure_new(&w->conf, w->redis, w->ch, &e->persons[e->at++]);
	if (!e->one)
		return WEIR_ENOMEM;
	e->state = ERASE;
	return WEIR_OK;
}

/* Who it was is nobody's business any more. */
static weir_err erase(struct erasure *e, struct worker *w, int64_t *again_ms)
{
	weir_text project = e->persons[e->at - 1].project_id;
	struct weir_erasure_counts n;
	weir_err err = weir_erasure_step(e->one, again_ms);

	if (!err && *again_ms >= 0)
		return WEIR_OK;
	n = weir_erasure_counts(e->one);
	if (err)
		weir_log(LOG_WARNING, "erasure", "project=%.*s error=\"%s\" clickhouse=\"%.300s\"", (int)project.n, project.p, weir_err_text(err),
			weir_ch_error(w->ch));
	else if (n.rows || n.keys || n.dead)
		weir_log(LOG_NOTICE, "erasure", "project=%.*s one person rows=%" PRIu64 " keys=%" PRIu64 " dead=%" PRIu64, (int)project.n, project.p, n.rows,
			n.keys, n.dead);
	weir_erasure_free(e->one);
	e->one = NULL;
	e->state = PERSON;
	*again_ms = 0;
	return err;
}

/* ------------------------------------------------------------ what is too old */

static weir_err list_projects(struct erasure *e, struct worker *w)
{
	struct weir_meta m = { .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
	PGresult *rows;
	weir_err err = WEIR_OK;

	weir_arena_reset(e->mem);
	e->count = e->at = 0;
	e->state = PROJECT;
	if (!w->conf.worker_keep_events[0])
		return WEIR_OK;
	err = weir_project_ids(&m, &rows);
	if (err)
		return err;
	e->projects = weir_alloc_n(e->mem, (size_t)PQntuples(rows) + 1, sizeof(*e->projects));
	for (int i = 0; e->projects && i < PQntuples(rows); i++)
		e->projects[e->count++] = weir_text_dup(e->mem, weir_pg_text(rows, i, 0));
	if (!weir_arena_failed(e->mem))
		return WEIR_OK;
	e->count = 0;
	return WEIR_ENOMEM;
}

static weir_err begin_project(struct erasure *e, struct worker *w)
{
	weir_text id = e->projects[e->at++];
	int64_t kept = weir_keep_of(&w->conf, id);

	if (kept < 0)
		return WEIR_OK;
	/* Whole days, for the views that count by the day count what is left. */
	e->sweep = weir_sweep_new(&w->conf, w->ch, &(struct weir_sweep_of){ .kind = WEIR_SWEEP_AGE, .project_id = id,
		.until_ms = weir_day_of(weir_now_ms() - kept) * DAY_MS });
	if (!e->sweep)
		return WEIR_ENOMEM;
	e->state = SWEEP;
	return WEIR_OK;
}

/* The days that have lost rows, for whoever keeps what he has read of them. */
static weir_err tell_days(struct erasure *e, struct worker *w, weir_text id)
{
	int64_t now = weir_now_ms(), last = weir_day_of(now - weir_keep_of(&w->conf, id)), day = weir_day_of(now) - WEIR_CHANGES_OLD_DAYS - 1;
	struct weir_changed_day *days = last < day ? NULL : weir_alloc_n(e->mem, (size_t)(last - day + 1), sizeof(*days));
	size_t count = 0;

	if (last < day) /* these are told as one, all the same */
		return weir_changes_tell(w->redis, &w->conf, weir_shard_of(id, (unsigned)w->conf.redis_shards), &(struct weir_changed_day){ id, last }, 1, now);
	if (!days)
		return WEIR_ENOMEM;
	for (; day <= last; day++)
		days[count++] = (struct weir_changed_day){ id, day };
	return weir_changes_tell(w->redis, &w->conf, weir_shard_of(id, (unsigned)w->conf.redis_shards), days, count, now);
}

static weir_err sweep(struct erasure *e, struct worker *w, int64_t *again_ms)
{
	weir_text id = e->projects[e->at - 1];
	struct weir_sweep_counts n;
	weir_err err = weir_sweep_step(e->sweep, again_ms);

	if (!err && *again_ms >= 0)
		return WEIR_OK;
	n = weir_sweep_counts(e->sweep);
	if (!err && n.rows)
		err = tell_days(e, w, id);
	if (err)
		weir_log(LOG_WARNING, "erasure", "project=%.*s error=\"%s\" clickhouse=\"%.300s\"", (int)id.n, id.p, weir_err_text(err), weir_ch_error(w->ch));
	else if (n.rows)
		weir_log(LOG_NOTICE, "erasure", "project=%.*s too old tables=%" PRIu64 " rows=%" PRIu64, (int)id.n, id.p, n.tables, n.rows);
	weir_sweep_free(e->sweep);
	e->sweep = NULL;
	e->state = PROJECT;
	*again_ms = 0;
	return err;
}

/* The end of the run, at which its failures are told. */
static weir_err end(struct erasure *e, int64_t *again_ms)
{
	weir_err failed = e->failed;

	weir_arena_reset(e->mem);
	e->count = e->at = 0;
	e->failed = WEIR_OK;
	e->state = PERSONS;
	e->shard = 0;
	*again_ms = -1;
	return failed;
}

weir_err erasure_step(struct erasure *e, struct worker *w, int64_t *again_ms)
{
	weir_err err = WEIR_OK;
	bool last = e->state == PROJECT && e->at == e->count, lists = e->state == PERSONS || e->state == PROJECTS;

	*again_ms = 0;
	if (last)
		return end(e, again_ms);
	switch (e->state) {
	case PERSONS:
		err = list_persons(e, w);
		break;
	case PERSON:
		err = begin_person(e, w);
		break;
	case ERASE:
		err = erase(e, w, again_ms);
		break;
	case PROJECTS:
		err = list_projects(e, w);
		break;
	case PROJECT:
		err = begin_project(e, w);
		break;
	case SWEEP:
		err = sweep(e, w, again_ms);
		break;
	}
	if (err && !e->failed)
		e->failed = err;
	/* What fails for one may go well for the next; without a server or the lists there is nothing to go on with. */
	return err && (lists || err == WEIR_EUNAVAIL) ? end(e, again_ms) : WEIR_OK;
}
