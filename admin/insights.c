/* weirctl insights: what has changed about projects, found out now. */
#include "config.h"
#include "ctl.h"

#include "base/clock.h"
#include "insight_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ID_MAX = 256 };
static const int64_t DAY_MS = 86400000;

struct job {
	struct ctl *ctl;
	struct insight_run *run;
	bool dry;
	bool dated;
	int64_t today;                 /* with dated */
};

static struct weir_meta meta_of(struct ctl *ctl)
{
	return (struct weir_meta){ .pg = ctl->pg, .redis = ctl->redis, .conf = &ctl->conf, .mem = ctl->mem, .now_ms = weir_now_ms() };
}

/* --------------------------------------------------------------- the answer */

static void put_json(struct ctl *ctl, const struct weir_finding *f)
{
	weir_json *j = &ctl->out;
	char at[WEIR_CLOCK_MAX];

	weir_json_obj(j, NULL);
	weir_json_strz(j, "module", weir_insight_module_key(f->module));
	weir_json_strz(j, "window", f->window->kind);
	weir_json_str(j, "dimension", f->dimension);
	weir_json_str(j, "name", f->name);
	weir_json_str(j, "title", f->title);
	weir_json_str(j, "summary", f->summary);
	weir_json_num(j, "current", f->current);
	weir_json_num(j, "compare", f->compare);
	weir_json_num(j, "change", f->change);
	weir_json_strz(j, "direction", f->direction);
	weir_json_num(j, "impact", f->impact);
	weir_json_strz(j, "severity", f->band);
	weir_json_str(j, "start", weir_clock_iso(f->window->current.from_ms, at));
	weir_json_str(j, "end", weir_clock_iso(f->window->current.to_ms - 1, at));
	weir_json_end(j);
}

static void put_counts(struct job *job, const struct weir_insight_counts *n)
{
	const struct {
		const char *name;
		int64_t count;
	} all[] = { { "new", n->created }, { "changed", n->changed }, { "closed", n->closed }, { "deleted", n->deleted } };

	weir_json_bool(&job->ctl->out, "stored", !job->dry);
	for (size_t i = 0; !job->dry && i < sizeof(all) / sizeof(*all); i++)
		weir_json_int(&job->ctl->out, all[i].name, all[i].count);
}

static void tell(struct job *job, const struct weir_insight_counts *n)
{
	weir_text id = insight_run_project(job->run);
	weir_json *j = &job->ctl->out;
	size_t count;
	const struct weir_finding *f = insight_run_found(job->run, &count);

	if (job->ctl->json) {
		weir_json_obj(j, NULL);
		weir_json_str(j, "project", id);
		put_counts(job, n);
		weir_json_arr(j, "found");
		for (size_t i = 0; i < count; i++)
			put_json(job->ctl, &f[i]);
		weir_json_end(j);
		weir_json_end(j);
		return;
	}
	printf("%.*s: %zu found", (int)id.n, id.p, count);
	if (!job->dry)
		printf(", %lld new, %lld changed, %lld closed, %lld deleted", (long long)n->created, (long long)n->changed, (long long)n->closed,
			(long long)n->deleted);
	putchar('\n');
	for (size_t i = 0; i < count; i++)
		printf("  %-11s  %-8s  %7.1f  %.*s: %.*s\n", f[i].window->kind, f[i].band ? f[i].band : "-", f[i].impact, (int)f[i].title.n, f[i].title.p,
			(int)f[i].summary.n, f[i].summary.p);
}

/* ------------------------------------------------------------- one project */

/* A question that is too large is complained about and left out. */
static int ask(struct job *job)
{
	int64_t again_ms = 0;
	int status = CTL_OK;

	while (again_ms >= 0) {
		bool of_one;
		weir_err err = insight_run_step(job->run, job->ctl->ch, &job->ctl->conf, &again_ms, &of_one);

		if (err)
			status = ctl_failed("ClickHouse cannot be asked", err, weir_ch_error(job->ctl->ch));
		if (err && !of_one)
			return CTL_AWAY;
		if (again_ms > 0)
			nanosleep(&(struct timespec){ .tv_sec = again_ms / 1000, .tv_nsec = again_ms % 1000 * 1000000 }, NULL);
	}
	return status ? CTL_FAILED : CTL_OK;
}

static int run_project(struct job *job, const struct weir_insight_project *project)
{
	struct weir_meta m = meta_of(job->ctl);
	struct weir_insight_counts n = { .found = 0 };
	int64_t today = job->today;
	weir_err err = job->dated ? WEIR_OK : weir_insight_today(m.mem, project->timezone, m.now_ms, &today);
	int status;

	if (!err)
		err = insight_run_begin(job->run, project, today, m.now_ms);
	if (err)
		return ctl_failed("the insights cannot be begun", err, NULL);
	status = ask(job);
	if (status == CTL_AWAY)
		return status;
	if (!job->dry)
		err = insight_run_store(job->run, &m, &n);
	if (err)
		return ctl_failed("the insights cannot be stored", err, weir_pg_error(job->ctl->pg));
	tell(job, &n);
	return status;
}

static int run_named(struct job *job, const char *id)
{
	struct weir_meta m = meta_of(job->ctl);
	struct weir_insight_project project;
	weir_err err = weir_insight_project_of(&m, weir_text_of(id), &project);

	if (err == WEIR_ENOTFOUND) {
		ctl_complain("there is no project %s, or it is to be deleted; \"weirctl list projects\" shows them", id);
		return CTL_FAILED;
	}
	return err ? ctl_failed("the project cannot be looked up", err, weir_pg_error(job->ctl->pg)) : run_project(job, &project);
}

static int run_all(struct job *job)
{
	char after[ID_MAX] = "";
	int worst = CTL_OK;

	/* What fails for one may go well for the next; without a server there is nothing to go on with. */
	while (worst != CTL_AWAY) {
		struct weir_meta m = meta_of(job->ctl);
		struct weir_insight_project project;
		int status;
		weir_err err = weir_insight_project_after(&m, weir_text_of(after), &project);

		if (err)
			return ctl_failed("the projects cannot be listed", err, weir_pg_error(job->ctl->pg));
		if (!project.id.p)
			return worst;
		if (project.id.n >= sizeof(after))
			return ctl_failed("the projects cannot be listed", WEIR_EINTERNAL, NULL);
		snprintf(after, sizeof(after), "%.*s", (int)project.id.n, project.id.p);
		status = run_project(job, &project);
		worst = status ? status : worst;
		weir_arena_reset(job->ctl->mem);
	}
	return worst;
}

/* --------------------------------------------------------------- the command */

static bool read_date(const char *text, int64_t *day)
{
	weir_text t = weir_text_of(text);
	char back[WEIR_CLOCK_MAX], full[WEIR_CLOCK_MAX];
	int64_t ms;

	/* What is no day of a month carries over, and is told by what it becomes. */
	snprintf(full, sizeof(full), "%.10sT00:00:00.000Z", text);
	if (t.n != 10 || weir_clock_parse(weir_text_of(full), &ms) || !weir_text_starts(weir_clock_iso(ms, back), text))
		return false;
	*day = ms / DAY_MS;
	return true;
}

int ctl_insights_run(struct ctl *ctl)
{
	const char *date = ctl_option(ctl, "date");
	struct job job = { .ctl = ctl, .dry = ctl_option(ctl, "dry-run") != NULL, .dated = date != NULL };
	int status;

	if (date && !read_date(date, &job.today)) {
		ctl_complain("\"%s\" is no date; it is written 2026-08-01", date);
		return CTL_USAGE;
	}
	if (!ctl_pg(ctl) || !ctl_ch(ctl))
		return CTL_CONFIG;
	job.run = insight_run_new();
	if (!job.run)
		return ctl_failed("the insights cannot be begun", WEIR_ENOMEM, NULL);
	if (ctl->json)
		weir_json_arr(&ctl->out, NULL);
	status = ctl->operand_count ? run_named(&job, ctl->operands[0]) : run_all(&job);
	insight_run_free(job.run);
	if (!ctl->json || status == CTL_AWAY || status == CTL_USAGE)
		return status;
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, status);
}
