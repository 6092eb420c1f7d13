/* Finding out what has changed about projects, once a day. */
#include "config.h"
#include "insights.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "insight_run.h"
#include "link/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ID_MAX = 256, NUMBER_MAX = 24 };
static const int64_t DAY_MS = 86400000, BEGIN_MS = 2 * 3600000; /* 02:00 UTC */

struct insights {
	enum { LOOK, NEXT, ASK, SWEEP } state;
	int64_t day;                   /* that is being done, since 1970 */
	char after[ID_MAX];            /* the last project that was looked at */
	struct insight_run *run;
	int64_t projects, failed, found, deleted;
};

struct insights *insights_new(void)
{
	struct insights *s = calloc(1, sizeof(*s));

	if (s)
		s->run = insight_run_new();
	if (s && !s->run) {
		free(s);
		return NULL;
	}
	return s;
}

void insights_free(struct insights *s)
{
	if (!s)
		return;
	insight_run_free(s->run);
	free(s);
}

/* ------------------------------------------------------------ how far it is */

static weir_err key_of(struct worker *w, weir_text *key)
{
	weir_text none = { NULL, 0 };

	*key = weir_key(w->mem, &w->conf, 0, WEIR_KEY_INSIGHTS, none, none);
	return key->p ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err note(const struct insights *s, struct worker *w, bool done)
{
	enum { WORDS = 8 };
	char day[NUMBER_MAX];
	weir_text argv[WORDS] = { WEIR_TEXT("HSET"), { NULL, 0 }, WEIR_TEXT("day"), { day, 0 }, WEIR_TEXT("after"), weir_text_of(s->after), WEIR_TEXT("done"),
		done ? WEIR_TEXT("1") : WEIR_TEXT("0") };
	redisReply *r = NULL;
	weir_err err = key_of(w, &argv[1]);

	snprintf(day, sizeof(day), "%" PRId64, s->day);
	argv[3].n = strlen(day);
	if (!err)
		err = weir_redis_do(w->redis, &r, WORDS, argv);
	if (!err)
		freeReplyObject(r);
	return err;
}

/* What Redis knows of the day; *done when there is nothing left to do. */
static weir_err recall(struct insights *s, struct worker *w, bool *done)
{
	enum { WORDS = 5, FIELDS = 3 };
	weir_text argv[WORDS] = { WEIR_TEXT("HMGET"), { NULL, 0 }, WEIR_TEXT("day"), WEIR_TEXT("after"), WEIR_TEXT("done") }, after;
	redisReply *r = NULL;
	int64_t day;
	weir_err err = key_of(w, &argv[1]);

	*done = false;
	s->after[0] = '\0';
	if (!err)
		err = weir_redis_do(w->redis, &r, WORDS, argv);
	if (err)
		return err;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == FIELDS && !weir_num_int(weir_reply_text(r->element[0]), &day) && day == s->day) {
		after = weir_reply_text(r->element[1]);
		*done = weir_text_is(weir_reply_text(r->element[2]), "1");
		snprintf(s->after, sizeof(s->after), "%.*s", (int)after.n, after.n ? after.p : "");
	}
	freeReplyObject(r);
	return WEIR_OK;
}

/* ---------------------------------------------------------------- the steps */

static struct weir_meta meta_of(struct worker *w)
{
	return (struct weir_meta){ .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
}

static weir_err look(struct insights *s, struct worker *w, int64_t *again_ms)
{
	bool done;
	weir_err err;

	s->day = (weir_now_ms() - BEGIN_MS) / DAY_MS;
	err = recall(s, w, &done);
	if (!err && !done) {
		s->state = NEXT;
		*again_ms = 0;
	}
	return err;
}

/* The next project. Its yesterday is that of 02:00 UTC, whenever it is looked at. */
static weir_err next(struct insights *s, struct worker *w)
{
	struct weir_meta m = meta_of(w);
	struct weir_insight_project project;
	int64_t today;
	weir_err err = weir_insight_project_after(&m, weir_text_of(s->after), &project);

	if (!err && !project.id.p)
		s->state = SWEEP;
	if (err || !project.id.p)
		return err;
	if (project.id.n >= sizeof(s->after))
		return WEIR_EINTERNAL;
	memcpy(s->after, project.id.p, project.id.n);
	s->after[project.id.n] = '\0';
	err = weir_insight_today(w->mem, project.timezone, s->day * DAY_MS + BEGIN_MS, &today);
	if (!err)
		err = insight_run_begin(s->run, &project, today, m.now_ms);
	s->state = err ? NEXT : ASK;
	return err;
}

static weir_err store(struct insights *s, struct worker *w)
{
	struct weir_meta m = meta_of(w);
	struct weir_insight_counts n;
	weir_err err = insight_run_store(s->run, &m, &n);

	if (err)
		return err == WEIR_ENOTFOUND ? WEIR_OK : err; /* it was deleted meanwhile */
	s->found += n.found;
	weir_log(LOG_INFO, "insights", "project=%s found=%lld new=%lld changed=%lld closed=%lld deleted=%lld", s->after, (long long)n.found,
		(long long)n.created, (long long)n.changed, (long long)n.closed, (long long)n.deleted);
	return WEIR_OK;
}

/* The other questions and projects may do better, and this one tomorrow. */
static void warn(struct insights *s, weir_err err, const char *detail)
{
	s->failed++;
	weir_log(LOG_WARNING, "insights", "project=%s error=\"%s\" server=\"%.300s\"", s->after, weir_err_text(err), detail);
}

static weir_err ask(struct insights *s, struct worker *w, int64_t *again_ms)
{
	bool of_one;
	weir_err err = insight_run_step(s->run, w->ch, &w->conf, again_ms, &of_one);

	if (err && !of_one)
		return err;
	if (err)
		warn(s, err, weir_ch_error(w->ch));
	if (*again_ms >= 0)
		return WEIR_OK;
	err = store(s, w);
	if (err == WEIR_EUNAVAIL)
		return err;
	if (err)
		warn(s, err, weir_pg_error(w->pg));
	s->projects++;
	s->state = NEXT;
	*again_ms = 0;
	return note(s, w, false);
}

static weir_err sweep(struct insights *s, struct worker *w, int64_t *again_ms)
{
	struct weir_meta m = meta_of(w);
	int64_t deleted;
	weir_err err = weir_insight_sweep(&m, &deleted);

	if (err)
		return err;
	s->deleted += deleted;
	if (deleted) {
		*again_ms = 0;
		return WEIR_OK;
	}
	err = note(s, w, true);
	if (!err)
		weir_log(LOG_NOTICE, "insights", "projects=%lld failed=%lld found=%lld old=%lld", (long long)s->projects, (long long)s->failed, (long long)s->found,
			(long long)s->deleted);
	return err;
}

weir_err insights_step(struct insights *s, struct worker *w, int64_t *again_ms)
{
	switch (s->state) {
	case LOOK:
		return look(s, w, again_ms);
	case NEXT:
		*again_ms = 0;
		return next(s, w);
	case ASK:
		return ask(s, w, again_ms);
	case SWEEP:
		return sweep(s, w, again_ms);
	}
	return WEIR_EINTERNAL;
}
