/* The insights of one project. */
#include "config.h"
#include "insight_run.h"

#include <stdlib.h>

enum {
	MEMORY_MAX = 24 * 1024 * 1024, /* of one project */
	MODULES_MAX = 16,
	POLL_MS = 20,                  /* between two looks whether an answer is there */
};

/* A place is a module in a window: place / WINDOWS and place % WINDOWS. */
enum { PLACES_MAX = MODULES_MAX * WEIR_INSIGHT_WINDOWS };

struct insight_run {
	weir_arena *mem;
	struct weir_ask ask;
	const char *advice;
	int64_t created_ms;
	struct weir_insight_window window[WEIR_INSIGHT_WINDOWS];
	size_t place;                  /* that is, or will be, asked for */
	bool looked_at[PLACES_MAX];
	weir_sql_flight *flight;
	struct weir_finding *found;
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
	free(r->found);
	free(r);
}

weir_err insight_run_begin(struct insight_run *r, const struct weir_insight_project *project, int64_t today, int64_t now_ms)
{
	weir_arena *mem = r->mem;
	weir_text id, timezone;
	weir_err err = WEIR_OK;

	weir_sql_drop(r->flight);
	weir_arena_reset(mem);
	free(r->found);
	*r = (struct insight_run){ .mem = mem, .created_ms = project->created_ms };
	id = weir_text_dup(mem, project->id);
	timezone = weir_text_dup(mem, weir_known_timezone(mem, project->timezone));
	if (!id.p || !timezone.p)
		return WEIR_ENOMEM;
	r->ask = (struct weir_ask){ .mem = mem, .project_id = id, .timezone = timezone, .now_ms = now_ms };
	for (size_t i = 0; i < WEIR_INSIGHT_WINDOWS && !err; i++)
		err = weir_insight_window(mem, i, timezone, today, &r->window[i]);
	return err;
}

static const struct weir_insight_module *module_at(size_t place)
{
	return place < PLACES_MAX ? weir_insight_module(place / WEIR_INSIGHT_WINDOWS) : NULL;
}

static struct weir_insight_window *window_at(struct insight_run *r, size_t place)
{
	return &r->window[place % WEIR_INSIGHT_WINDOWS];
}

/* To the next place; of a project that was not there yet nothing can be compared. */
static void advance(struct insight_run *r)
{
	while (module_at(r->place) && r->created_ms > window_at(r, r->place)->since_ms)
		r->place++;
}

static weir_err keep(struct insight_run *r, const struct weir_finding *found, size_t n)
{
	struct weir_finding *longer = n ? realloc(r->found, (r->count + n) * sizeof(*longer)) : r->found;

	if (n && !longer)
		return WEIR_ENOMEM;
	r->found = longer;
	for (size_t i = 0; i < n; i++)
		r->found[r->count++] = found[i];
	return WEIR_OK;
}

static weir_err land(struct insight_run *r)
{
	weir_sql_flight *flight = r->flight;
	struct weir_finding *found;
	size_t n, at = r->place++;
	weir_err err;

	r->flight = NULL;
	err = weir_insight_land(&r->ask, module_at(at), window_at(r, at), flight, &found, &n);
	if (!err)
		err = keep(r, found, n);
	r->looked_at[at] = !err;
	return err;
}

static weir_err ask(struct insight_run *r)
{
	weir_err err = weir_insight_ask(&r->ask, module_at(r->place), window_at(r, r->place), &r->flight);

	if (err)
		r->place++;
	return err;
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
	advance(r);
	if (!err && module_at(r->place))
		err = ask(r);
	if (!r->flight)
		*again_ms = module_at(r->place) ? 0 : -1;
	/* There is advice about a question that is too large or takes too long; a server that is away gets none. */
	*of_one = err && (err != WEIR_EUNAVAIL || r->advice);
	return err;
}

const struct weir_finding *insight_run_found(const struct insight_run *r, size_t *count)
{
	*count = r->count;
	return r->found;
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
	struct weir_insight_place places[PLACES_MAX];
	struct weir_insight_batch b = { .project_id = r->ask.project_id, .places = places, .rows = rows, .count = r->count,
		.yesterday_ms = r->window[0].current.to_ms };

	if (!rows)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < r->count; i++)
		rows[i] = row_of(&r->found[i]);
	for (size_t i = 0; i < PLACES_MAX; i++)
		if (r->looked_at[i])
			places[b.place_count++] = (struct weir_insight_place){ weir_insight_module_key(module_at(i)), r->window[i % WEIR_INSIGHT_WINDOWS].kind };
	return weir_insight_store(m, &b, counts);
}
