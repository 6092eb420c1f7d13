/* Deleting what is due. */
#include "config.h"
#include "deletion.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/purge.h"
#include "meta/deletion.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	LIST_BYTES = 16 * 1024 * 1024,
	REMEMBERED_MAX = 10000,  /* of a shard and run */
};

struct deletion {
	enum { OWNERLESS, REMEMBERED, DUE, BEGIN, PURGE, ORGANIZATIONS } state;
	bool again;              /* the list is of projects that were deleted before */
	weir_arena *mem;         /* the list */
	weir_text *ids;
	size_t count, at;
	unsigned shard;
	weir_purge *purge;
	int64_t began_ms;        /* with the project; monotonic */
	weir_err failed;         /* the first failure of the run */
};

struct deletion *deletion_new(void)
{
	struct deletion *d = calloc(1, sizeof(*d));

	if (d)
		d->mem = weir_arena_new(LIST_BYTES);
	if (d && !d->mem) {
		free(d);
		return NULL;
	}
	return d;
}

void deletion_free(struct deletion *d)
{
	if (!d)
		return;
	weir_purge_free(d->purge);
	weir_arena_free(d->mem);
	free(d);
}

static struct weir_meta meta_of(struct worker *w)
{
	return (struct weir_meta){ .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
}

static weir_err schedule_ownerless(struct deletion *d, struct worker *w)
{
	struct weir_meta m = meta_of(w);
	PGresult *rows;
	weir_err err = WEIR_OK;

	if (w->conf.worker_delete_ownerless)
		err = weir_deletion_ownerless(&m, &rows);
	for (int i = 0; w->conf.worker_delete_ownerless && !err && i < PQntuples(rows); i++)
		weir_log(LOG_WARNING, "deletion", "organization=%s has no administrator and goes in 24 hours; weirctl delete organization --undo keeps it",
			PQgetvalue(rows, i, 0));
	if (!err)
		d->state = REMEMBERED;
	return err;
}

static void clear_list(struct deletion *d)
{
	weir_arena_reset(d->mem);
	d->ids = NULL;
	d->count = d->at = 0;
}

/* Shard by shard. */
static weir_err list_remembered(struct deletion *d, struct worker *w)
{
	weir_err err;

	clear_list(d);
	if (d->shard >= (unsigned)w->conf.redis_shards) {
		d->shard = 0;
		d->state = DUE;
		return WEIR_OK;
	}
	d->ids = weir_alloc_n(d->mem, REMEMBERED_MAX, sizeof(*d->ids));
	err = d->ids ? weir_purge_remembered(w->redis, &w->conf, d->shard, weir_now_ms(), d->mem, d->ids, REMEMBERED_MAX, &d->count) : WEIR_ENOMEM;
	if (!err) {
		d->shard++;
		d->again = true;
		d->state = BEGIN;
	}
	return err;
}

static weir_err list_due(struct deletion *d, struct worker *w)
{
	struct weir_meta m = meta_of(w);
	PGresult *rows;
	weir_err err = weir_deletion_due(&m, &rows);

	clear_list(d);
	if (err)
		return err;
	d->ids = weir_alloc_n(d->mem, (size_t)PQntuples(rows) + 1, sizeof(*d->ids));
	for (int i = 0; d->ids && i < PQntuples(rows); i++)
		d->ids[d->count++] = weir_text_dup(d->mem, weir_pg_text(rows, i, 0));
	if (weir_arena_failed(d->mem)) {
		clear_list(d);
		return WEIR_ENOMEM;
	}
	d->again = false;
	d->state = BEGIN;
	return WEIR_OK;
}

/* Whether the project of the list is to be purged. */
static weir_err is_wanted(struct deletion *d, struct worker *w, weir_text id, bool *wanted)
{
	struct weir_meta m = meta_of(w);
	weir_err err;

	if (d->again) {
		bool exists = false;

		err = weir_deletion_exists(&m, id, &exists);
		*wanted = !err && !exists;
		return err || !exists ? err : weir_purge_forget(w->redis, &w->conf, id);
	}
	/* First, so that a run that is killed behind the last step has left the note. */
	err = weir_purge_remember(w->redis, &w->conf, id, weir_now_ms());
	return err ? err : weir_deletion_begin(&m, id, wanted);
}

static weir_err begin(struct deletion *d, struct worker *w)
{
	bool wanted = false;
	weir_text id;
	weir_err err;

	if (d->at == d->count) {
		d->state = d->again ? REMEMBERED : ORGANIZATIONS;
		return WEIR_OK;
	}
	id = d->ids[d->at++];
	err = is_wanted(d, w, id, &wanted);
	if (err || !wanted)
		return err;
	d->purge = weir_purge_new(&w->conf, w->redis, w->ch, id);
	if (!d->purge)
		return WEIR_ENOMEM;
	d->began_ms = weir_monotonic_ms();
	d->state = PURGE;
	return WEIR_OK;
}

static void tell(const struct deletion *d, const char *how)
{
	struct weir_purge_counts n = weir_purge_counts(d->purge);
	weir_text id = weir_purge_project(d->purge);

	weir_log(LOG_NOTICE, "deletion", "project=%.*s %s tables=%" PRIu64 " rows=%" PRIu64 " keys=%" PRIu64 " dead=%" PRIu64 " ms=%lld", (int)id.n, id.p,
		how, n.tables, n.rows, n.keys, n.dead, (long long)(weir_monotonic_ms() - d->began_ms));
}

/* ClickHouse and Redis have nothing left. */
static weir_err finish(struct deletion *d, struct worker *w)
{
	struct weir_purge_counts n = weir_purge_counts(d->purge);
	struct weir_meta m = meta_of(w);
	bool gone = false;
	weir_err err;

	if (d->again) {
		if (n.rows || n.keys || n.dead)
			tell(d, "came back and was deleted again");
		return WEIR_OK;
	}
	err = weir_deletion_finish(&m, weir_purge_project(d->purge), &gone);
	if (!err && gone)
		tell(d, "deleted");
	else if (!err)
		weir_log(LOG_WARNING, "deletion", "project=%.*s was kept at the last moment; its data and clients are gone",
			(int)weir_purge_project(d->purge).n, weir_purge_project(d->purge).p);
	return err;
}

static void leave(struct deletion *d)
{
	weir_purge_free(d->purge);
	d->purge = NULL;
	d->state = BEGIN;
}

static weir_err purge(struct deletion *d, struct worker *w, int64_t *again_ms)
{
	weir_err err = weir_purge_step(d->purge, again_ms);

	if (!err && *again_ms >= 0)
		return WEIR_OK;
	if (!err)
		err = finish(d, w);
	if (err)
		weir_log(LOG_WARNING, "deletion", "project=%.*s error=\"%s\" clickhouse=\"%.300s\"", (int)weir_purge_project(d->purge).n,
			weir_purge_project(d->purge).p, weir_err_text(err), weir_ch_error(w->ch));
	leave(d);
	*again_ms = 0;
	return err;
}

static weir_err delete_organizations(struct deletion *d, struct worker *w)
{
	struct weir_meta m = meta_of(w);
	PGresult *rows;
	weir_err err = weir_deletion_organizations(&m, &rows);

	(void)d;
	for (int i = 0; !err && i < PQntuples(rows); i++)
		weir_log(LOG_NOTICE, "deletion", "organization=%s deleted", PQgetvalue(rows, i, 0));
	return err;
}

/* The end of the run, at which its failures are told. */
static weir_err end(struct deletion *d, int64_t *again_ms)
{
	weir_err failed = d->failed;

	clear_list(d);
	d->failed = WEIR_OK;
	d->state = OWNERLESS;
	d->shard = 0;
	*again_ms = -1;
	return failed;
}

weir_err deletion_step(struct deletion *d, struct worker *w, int64_t *again_ms)
{
	weir_err err = WEIR_OK;
	bool last = d->state == ORGANIZATIONS, within = d->state == BEGIN || d->state == PURGE;

	*again_ms = 0;
	switch (d->state) {
	case OWNERLESS:
		err = schedule_ownerless(d, w);
		break;
	case REMEMBERED:
		err = list_remembered(d, w);
		break;
	case DUE:
		err = list_due(d, w);
		break;
	case BEGIN:
		err = begin(d, w);
		break;
	case PURGE:
		err = purge(d, w, again_ms);
		break;
	case ORGANIZATIONS:
		err = delete_organizations(d, w);
		break;
	}
	if (err && !d->failed)
		d->failed = err;
	/* What fails for one project may go well for the next; without a server or the lists there is nothing to go on with. */
	return last || (err && (!within || err == WEIR_EUNAVAIL)) ? end(d, again_ms) : WEIR_OK;
}
