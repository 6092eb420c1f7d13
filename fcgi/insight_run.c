/* The insights of one project. */
#include "config.h"
#include "insight_run.h"

#include <stdlib.h>

enum {
	MEMORY_MAX = 24 * 1024 * 1024, /* of one project */
	MODULES_MAX = 16,
	POLL_MS = 20,                  /* between two looks whether an answer is there */
};

/* Modules and windows in turn: place / WINDOWS and place % WINDOWS. */
struct insight_run {
	weir_arena *mem;
	struct weir_ask ask;
	const char *advice;
	int64_t created_ms, now_ms;
	struct weir_insight_window window[WEIR_INSIGHT_WINDOWS];
	size_t place;
	weir_sql_flight *flight;
	struct {
		struct weir_finding *items;
		size_t count;
	} found[MODULES_MAX * WEIR_INSIGHT_WINDOWS];
	struct weir_finding *all;      /* of all places */
	size_t count;
};

struct insight_run *insight_run_new(void)
{
	struct insight_run *r = calloc(1, sizeof(*r));

	if (r)
		r->mem = weir_arena_new(MEMORY_MAX);
	if (r && !r->mem) {
		free(r);
		return NULL;
	}
	return r;
}

void insight_run_free(struct insight_run *r)
{
	if (!r)
		return;
	weir_sql_drop(r->flight);
	weir_arena_free(r->mem);
	free(r);
}

weir_err insight_run_begin(struct insight_run *r, const struct weir_insight_project *project, int64_t today, int64_t now_ms)
{
	weir_arena *mem = r->mem;
	weir_text id, timezone;
	weir_err err = WEIR_OK;

	weir_sql_drop(r->flight);
	weir_arena_reset(mem);
	*r = (struct insight_run){ .mem = mem, .created_ms = project->created_ms, .now_ms = now_ms };
	id = weir_text_dup(mem, project->id);
	timezone = weir_text_dup(mem, weir_known_timezone(mem, project->timezone));
	if (!id.p || !timezone.p)
		return WEIR_ENOMEM;
	r->ask = (struct weir_ask){ .mem = mem, .project_id = id, .timezone = timezone, .now_ms = now_ms };
	for (size_t i = 0; i < WEIR_INSIGHT_WINDOWS && !err; i++)
		err = weir_insight_window(mem, i, timezone, today, &r->window[i]);
	return err;
}

/* Of a project that was not there yet nothing can be compared. */
static bool is_looked_at(const struct insight_run *r, size_t window)
{
	return r->created_ms <= r->window[window].since_ms;
}

static weir_err ask_next(struct insight_run *r, int64_t *again_ms)
{
	const struct weir_insight_module *module;

	while (weir_insight_module(r->place / WEIR_INSIGHT_WINDOWS) && !is_looked_at(r, r->place % WEIR_INSIGHT_WINDOWS))
		r->place++;
	module = weir_insight_module(r->place / WEIR_INSIGHT_WINDOWS);
	if (module && r->place >= sizeof(r->found) / sizeof(*r->found))
		return WEIR_EINTERNAL; /* MODULES_MAX is too small */
	*again_ms = module ? POLL_MS : -1;
	return module ? weir_insight_ask(&r->ask, module, &r->window[r->place % WEIR_INSIGHT_WINDOWS], &r->flight) : WEIR_OK;
}

static weir_err land(struct insight_run *r)
{
	weir_sql_flight *flight = r->flight;
	size_t at = r->place++;

	r->flight = NULL;
	return weir_insight_land(&r->ask, weir_insight_module(at / WEIR_INSIGHT_WINDOWS), &r->window[at % WEIR_INSIGHT_WINDOWS], flight, &r->found[at].items,
		&r->found[at].count);
}

static weir_err gather(struct insight_run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->place; i++)
		n += r->found[i].count;
	r->all = weir_alloc_n(r->mem, n + 1, sizeof(*r->all));
	if (!r->all)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < r->place; i++)
		for (size_t k = 0; k < r->found[i].count; k++)
			r->all[r->count++] = r->found[i].items[k];
	return WEIR_OK;
}

weir_err insight_run_step(struct insight_run *r, weir_ch *ch, const struct weir_conf *conf, int64_t *again_ms, bool *of_one)
{
	weir_err err = WEIR_OK;

	*of_one = false;
	*again_ms = POLL_MS;
	r->ask.ch = ch;
	r->ask.conf = conf;
	r->ask.advice = &r->advice;
	r->advice = NULL;
	if (r->flight && !weir_sql_landed(r->flight))
		return WEIR_OK;
	if (r->flight)
		err = land(r);
	if (!err)
		err = ask_next(r, again_ms);
	if (!err && *again_ms < 0)
		err = gather(r);
	/* There is advice about a question that is too large or takes too long; a server that is away gets none. */
	*of_one = err && (err != WEIR_EUNAVAIL || r->advice);
	return err;
}

const struct weir_finding *insight_run_found(const struct insight_run *r, size_t *count)
{
	*count = r->count;
	return r->all;
}

weir_text insight_run_project(const struct insight_run *r)
{
	return r->ask.project_id;
}

static struct weir_insight_row row_of(const struct weir_finding *f)
{
	return (struct weir_insight_row){
		.module = weir_insight_module_key(f->module), .window = f->window->kind, .dimension = f->dimension, .name = f->name, .title = f->title,
		.summary = f->summary, .payload = f->payload, .direction = f->direction, .band = f->band, .impact = f->impact,
		.start_ms = f->window->current.from_ms, .end_ms = f->window->current.to_ms,
	};
}

weir_err insight_run_store(const struct insight_run *r, const struct weir_meta *m, struct weir_insight_counts *counts)
{
	struct weir_insight_row *rows = weir_alloc_n(m->mem, r->count + 1, sizeof(*rows));
	weir_text modules[MODULES_MAX], windows[WEIR_INSIGHT_WINDOWS];
	struct weir_insight_batch b = { .project_id = r->ask.project_id, .modules = modules, .windows = windows, .rows = rows, .count = r->count,
		.yesterday_ms = r->window[0].current.to_ms };

	if (!rows)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < r->count; i++)
		rows[i] = row_of(&r->all[i]);
	for (; b.module_count < MODULES_MAX && weir_insight_module(b.module_count); b.module_count++)
		modules[b.module_count] = weir_text_of(weir_insight_module_key(weir_insight_module(b.module_count)));
	for (size_t i = 0; i < WEIR_INSIGHT_WINDOWS; i++)
		if (is_looked_at(r, i))
			windows[b.window_count++] = weir_text_of(r->window[i].kind);
	return weir_insight_store(m, &b, counts);
}
