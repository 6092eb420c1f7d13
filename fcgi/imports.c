/* Imports from other services. */
#include "config.h"
#include "imports.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/log.h"
#include "ingest/import.h"
#include "ingest/umami.h"
#include "link/changes.h"
#include "link/fetch.h"
#include "meta/access.h"
#include "meta/import.h"
#include "meta/record.h"
#include "query/imported.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	TARGETS_MAX = 64,              /* projects that one file's websites go to */
	ROWS_A_STEP = 500,
	STEP_MS = 100,                 /* and so long at most, but for a block that is stored */
	RECORD_MAX = 1024 * 1024,      /* bytes of one record */
	WAIT_MS = 20,                  /* for more of the file */
	TELL_MS = 1000,                /* between two notes of how far it is */
	MEMORY_MAX = 8 * 1024 * 1024,
	NAMES_MAX = 4 * 1024 * 1024,
	DAY_LEN = 10,
};

struct target {
	weir_text website, project;
	weir_import *import;           /* NULL until a row is for it */
};

struct imports {
	enum { IDLE, LOADING, SESSIONS } state;
	weir_arena *names;             /* what lives as long as the import */
	weir_arena *mem;               /* of one record */
	weir_text id, job_id;
	weir_fetch *fetch;
	struct weir_csv_record record;
	struct weir_umami umami;
	bool begun;                    /* the columns are known */
	struct target target[TARGETS_MAX];
	size_t targets, at;            /* at: the one whose sessions are made */
	json_object *months;           /* of that one, in names; NULL: not asked yet */
	size_t month;
	size_t index, foreign;         /* rows read; rows of websites that go nowhere */
	char day[DAY_LEN + 1];
	int64_t told_ms;
	char why[512];                 /* it cannot go on */
};

struct imports *imports_new(void)
{
	return calloc(1, sizeof(struct imports));
}

static void forget(struct imports *im)
{
	for (size_t i = 0; i < im->targets; i++)
		weir_import_free(im->target[i].import);
	weir_fetch_free(im->fetch);
	weir_arena_free(im->names);
	weir_arena_free(im->mem);
	*im = (struct imports){ .state = IDLE };
}

void imports_free(struct imports *im)
{
	if (im)
		forget(im);
	free(im);
}

static struct weir_meta meta_of(struct worker *w)
{
	return (struct weir_meta){ .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
}

/* ---------------------------------------------------------------- how far it is */

static struct weir_import_state state_of(const struct imports *im)
{
	struct weir_import_state s = { .id = im->id, .job_id = im->job_id, .total = (int64_t)im->index, .batch = weir_text_of(im->day) };

	for (size_t i = 0; i < im->targets; i++)
		if (im->target[i].import) {
			const struct weir_import_figures *f = weir_import_figures(im->target[i].import);

			s.processed += (int64_t)(f->imported + f->existing);
		}
	return s;
}

static weir_err tell(struct imports *im, struct worker *w, const char *step, const char *text, bool *there)
{
	struct weir_meta m = meta_of(w);
	struct weir_import_state s = state_of(im);
	char message[128];

	*there = true;
	if (weir_monotonic_ms() - im->told_ms < TELL_MS && im->told_ms)
		return WEIR_OK;
	im->told_ms = weir_monotonic_ms();
	snprintf(message, sizeof(message), "%s%s", text, im->day);
	s.step = step;
	s.message = weir_text_of(message);
	return weir_import_progress(&m, &s, there);
}

/* The first rows that could not be used, for people. */
static void complain(const struct imports *im, weir_str *out)
{
	size_t failed = 0, shown = 0;

	for (size_t i = 0; i < im->targets; i++)
		failed += im->target[i].import ? weir_import_figures(im->target[i].import)->failed : 0;
	if (im->why[0])
		weir_str_puts(out, im->why);
	if (failed)
		weir_str_addf(out, "%s%zu rows could not be used:", im->why[0] ? "; " : "", failed);
	for (size_t i = 0; i < im->targets && failed; i++) {
		const struct weir_import_figures *f = im->target[i].import ? weir_import_figures(im->target[i].import) : NULL;

		for (size_t k = 0; f && k < f->errors && shown < 3; k++, shown++)
			weir_str_addf(out, "%s row %zu: %s", shown ? ";" : "", f->error[k].index + 1, f->error[k].why);
	}
}

static weir_err end(struct imports *im, struct worker *w)
{
	struct weir_meta m = meta_of(w);
	struct weir_import_state s = state_of(im);
	bool failed = im->why[0] != '\0' || (!s.processed && s.total);
	weir_str text;
	weir_err err;

	if (!im->why[0] && !s.processed && im->foreign)
		snprintf(im->why, sizeof(im->why), "none of the %zu rows is of a website that is to be imported", im->index);
	weir_str_init(&text, 4096);
	complain(im, &text);
	err = weir_import_end_of(&m, &s, failed, weir_str_view(&text));
	weir_log(failed ? LOG_WARNING : LOG_NOTICE, "import", "id=%.*s rows=%zu stored=%lld foreign=%zu %s%s%s", (int)im->id.n, im->id.p, im->index,
		(long long)s.processed, im->foreign, failed ? "error=\"" : "end=yes", failed ? text.buf : "", failed ? "\"" : "");
	weir_str_free(&text);
	forget(im);
	return err;
}

/* ---------------------------------------------------------------- the beginning */

/* What cannot be imported, and what to do instead; NULL: it can. */
static const char *refusal(weir_text provider)
{
	static const struct {
		const char *provider, *text;
	} others[] = {
		{ "plausible", "Plausible exports totals by day, which no events can be made of" },
		{ "mixpanel", "this server does not fetch from Mixpanel; export the events and send them to /import/events" },
		{ "amplitude", "this server does not fetch from Amplitude; export the events and send them to /import/events" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (weir_text_is(provider, others[i].provider))
			return others[i].text;
	return weir_text_is(provider, "umami") ? NULL : "this server knows no such service";
}

/* A project of another organization is as good as none, whatever the row says. */
static weir_err add_target(struct imports *im, struct worker *w, weir_text organization, json_object *item)
{
	struct weir_meta m = meta_of(w);
	struct target t = { .website = weir_jsonr_get_text(item, "from"), .project = weir_jsonr_get_text(item, "to") };
	struct weir_project_view view;
	bool found;
	weir_err err;

	if (im->targets == TARGETS_MAX) {
		snprintf(im->why, sizeof(im->why), "more than %d websites are to be imported at a time", TARGETS_MAX);
		return WEIR_OK;
	}
	err = weir_access_of_organization(&m, organization, t.project, &view, &found);
	if (!err && !found)
		snprintf(im->why, sizeof(im->why), "the organization has no project %.*s", (int)(t.project.n < 100 ? t.project.n : 100), t.project.p);
	im->target[im->targets++] = t;
	return err;
}

static weir_err read_config(struct imports *im, struct worker *w, weir_text organization, json_object *config)
{
	json_object *mapper = weir_jsonr_get(config, "projectMapper");
	const char *refused = refusal(weir_jsonr_get_text(config, "provider"));
	struct weir_fault fault;
	weir_err err = WEIR_OK;

	if (refused)
		snprintf(im->why, sizeof(im->why), "%s", refused);
	for (size_t i = 0; i < weir_jsonr_count(mapper) && !err && !im->why[0]; i++)
		err = add_target(im, w, organization, weir_jsonr_at(mapper, i));
	if (err || im->why[0])
		return err;
	im->fetch = weir_fetch_new(&w->conf, weir_jsonr_get_text(config, "fileUrl"), &fault);
	if (!im->fetch)
		snprintf(im->why, sizeof(im->why), "%.400s", fault.text);
	return WEIR_OK;
}

static weir_err begin(struct imports *im, struct worker *w, const PGresult *row)
{
	weir_text text;
	json_object *config;
	weir_err err;

	im->names = weir_arena_new(NAMES_MAX);
	im->mem = weir_arena_new(MEMORY_MAX);
	if (!im->names || !im->mem)
		return WEIR_ENOMEM;
	im->state = LOADING;
	im->id = weir_text_dup(im->names, weir_pg_text(row, 0, WEIR_IMPORT_ID));
	im->job_id = weir_text_dup(im->names, weir_pg_text(row, 0, WEIR_IMPORT_JOB_ID));
	text = weir_text_dup(im->names, weir_pg_text(row, 0, WEIR_IMPORT_CONFIG));
	if (!im->id.p || !im->job_id.p || !text.p)
		return WEIR_ENOMEM;
	err = weir_jsonr_parse(im->names, text, 0, &config, NULL);
	if (err == WEIR_EBADREQ) {
		snprintf(im->why, sizeof(im->why), "what is to be imported cannot be read");
		return WEIR_OK;
	}
	return err ? err : read_config(im, w, weir_pg_text(row, 0, WEIR_IMPORT_COUNT), config);
}

/* ---------------------------------------------------------------- the rows */

static struct target *target_of(struct imports *im, weir_text website)
{
	for (size_t i = 0; i < im->targets; i++)
		if (weir_text_eq_nocase(im->target[i].website, website))
			return &im->target[i];
	return NULL;
}

/* The head, which is the first record. */
static void head(struct imports *im)
{
	const char *missing = weir_umami_begin(&im->umami, &im->record);

	if (missing)
		snprintf(im->why, sizeof(im->why), "the file is no website_event.csv of Umami (unpacked, or packed by gzip): it has no column %s", missing);
	im->begun = true;
}

static weir_err row(struct imports *im, struct worker *w)
{
	struct target *t = target_of(im, weir_umami_website(&im->umami, &im->record));
	struct weir_fault fault;
	weir_str json;
	weir_err err;

	if (!t) {
		im->foreign++;
		return WEIR_OK;
	}
	if (!t->import)
		t->import = weir_import_new(&w->conf, t->project, weir_now_ms(), &fault);
	if (!t->import)
		return WEIR_ENOMEM;
	weir_str_init(&json, 4 * RECORD_MAX);
	err = weir_umami_row(im->mem, &im->umami, &im->record, &json);
	if (!err)
		err = weir_import_add(t->import, im->index, weir_str_view(&json));
	else if (err == WEIR_ELIMIT)
		err = weir_import_add(t->import, im->index, (weir_text){ NULL, 0 });
	weir_str_free(&json);
	if (err == WEIR_EUNAVAIL)
		weir_log(LOG_WARNING, "import", "id=%.*s error=\"%.300s\"", (int)im->id.n, im->id.p, weir_import_error(t->import));
	return err;
}

/* One record of what has come. *some: there was one. */
static weir_err next_row(struct imports *im, struct worker *w, bool last, bool *some)
{
	weir_text seen = weir_fetch_seen(im->fetch);
	weir_err err = weir_csv_read(im->mem, seen, last, &im->record);

	*some = !err;
	if (err == WEIR_ENOTFOUND && seen.n <= RECORD_MAX)
		return WEIR_OK;
	if (err == WEIR_ENOMEM)
		return err;
	if (err) {
		snprintf(im->why, sizeof(im->why), "row %zu is no record of comma-separated values that can be read", im->index + 1);
		return WEIR_OK;
	}
	if (!im->begun) {
		head(im);
	} else {
		err = row(im, w);
		im->index++;
	}
	weir_fetch_take(im->fetch, im->record.length);
	weir_arena_reset(im->mem);
	return err;
}

static weir_err flush(struct imports *im)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < im->targets && !err; i++)
		if (im->target[i].import)
			err = weir_import_end(im->target[i].import);
	return err;
}

/* Nothing more is to come: what is wrong with that, or on to the sessions. */
static weir_err close_file(struct imports *im, weir_err failed, const char *why)
{
	if (failed)
		snprintf(im->why, sizeof(im->why), "the file cannot be fetched: %s", why);
	else if (!im->begun)
		snprintf(im->why, sizeof(im->why), "the file is empty");
	im->state = SESSIONS;
	return flush(im);
}

static weir_err load(struct imports *im, struct worker *w, int64_t *again_ms)
{
	int64_t until = weir_monotonic_ms() + STEP_MS;
	bool ended, some = true, there;
	const char *why;
	weir_err failed, err = WEIR_OK;

	weir_fetch_step(im->fetch, 0);
	ended = weir_fetch_ended(im->fetch, &failed, &why);
	for (int i = 0; i < ROWS_A_STEP && some && !err && !im->why[0] && weir_monotonic_ms() < until; i++)
		err = next_row(im, w, ended && !failed, &some);
	if (!err && !im->why[0] && ended && !some)
		err = close_file(im, failed, why);
	*again_ms = some || ended ? 0 : WAIT_MS;
	if (err)
		return err;
	err = tell(im, w, "loading", "Importing events", &there);
	if (!err && !there) {
		weir_log(LOG_NOTICE, "import", "id=%.*s end=deleted", (int)im->id.n, im->id.p);
		forget(im);
	}
	return err;
}

/* ---------------------------------------------------------------- sessions */

/* A month of a project; *done: that was the last of the last one. */
static weir_err make_sessions(struct imports *im, struct worker *w, bool *done)
{
	struct target *t = &im->target[im->at];
	struct weir_ask ask = {
		.ch = w->ch, .mem = im->months ? w->mem : im->names, .conf = &w->conf, .project_id = t->project, .timezone = WEIR_TEXT("UTC"),
		.now_ms = weir_now_ms(),
	};
	weir_text month;
	bool there;
	weir_err err;

	*done = im->at == im->targets;
	if (*done)
		return WEIR_OK;
	if (t->import && !im->months)
		return weir_imported_months(&ask, &im->months);
	if (!t->import || im->month == weir_jsonr_count(im->months)) {
		im->at++;
		im->months = NULL;
		im->month = 0;
		return WEIR_OK;
	}
	month = weir_jsonr_get_text(weir_jsonr_at(im->months, im->month++), "month");
	snprintf(im->day, sizeof(im->day), "%.*s", (int)month.n, month.p);
	err = tell(im, w, "creating_sessions", "Creating sessions of ", &there);
	if (!err)
		err = weir_imported_sessions(&ask, month);
	return err ? err : weir_changes_all(w->redis, &w->conf, ask.project_id, weir_now_ms());
}

/* ---------------------------------------------------------------- a step */

static weir_err work(struct imports *im, struct worker *w, int64_t *again_ms)
{
	bool done = false;
	weir_err err;

	*again_ms = 0;
	if (im->why[0])
		return end(im, w);
	if (im->state == LOADING)
		return load(im, w, again_ms);
	err = make_sessions(im, w, &done);
	return err ? err : done ? end(im, w) : WEIR_OK;
}

weir_err imports_step(struct imports *im, struct worker *w, int64_t *again_ms)
{
	struct weir_meta m = meta_of(w);
	PGresult *row;
	weir_err err;

	if (im->state == IDLE) {
		err = weir_import_next(&m, &row);
		if (err || !PQntuples(row))
			return err;
		err = begin(im, w, row);
		*again_ms = 0;
	} else {
		err = work(im, w, again_ms);
	}
	if (err)
		forget(im); /* it is begun anew when it is tried again */
	return err;
}
