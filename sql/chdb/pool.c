#include "config.h"
#include "pool.h"

#include "base/clock.h"
#include "base/log.h"
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct weir_pool {
	const struct weir_conf *conf;
	pthread_mutex_t lock;
	pthread_cond_t work, kills;
	struct weir_call *first, *last; /* waiting */
	struct weir_call **running;     /* one place per thread */
	size_t waiting, threads, busy;
	uint64_t numbers;
	bool stopping, watch_ends;
	pthread_t *thread, watch;
};

struct start {
	struct weir_pool *pool;
	size_t place;
};

/* ---- threads that run queries ---- */

static struct weir_call *next_call(struct weir_pool *p, size_t place)
{
	struct weir_call *c;

	pthread_mutex_lock(&p->lock);
	while (!p->first && !p->stopping)
		pthread_cond_wait(&p->work, &p->lock);
	c = p->first;
	if (c) {
		p->first = c->next;
		if (!p->first)
			p->last = NULL;
		c->next = NULL;
		p->waiting--;
		p->running[place] = c;
	}
	pthread_mutex_unlock(&p->lock);
	return c;
}

static void *work(void *arg)
{
	struct start start = *(struct start *)arg;
	struct weir_pool *p = start.pool;
	struct weir_desk *desk = weir_desk_new(p->conf);
	struct weir_call *c;

	free(arg);
	while ((c = next_call(p, start.place))) {
		if (desk)
			weir_run(desk, p->conf, c);
		else
			weir_run_refuse(c, 241, "MEMORY_LIMIT_EXCEEDED", "No memory for the request");
		pthread_mutex_lock(&p->lock);
		p->running[start.place] = NULL;
		p->busy--;
		pthread_mutex_unlock(&p->lock);
		weir_call_unref(c);
	}
	weir_desk_free(desk);
	return NULL;
}

/* ---- the watch ---- */

static bool kill_one(weir_session *s, struct weir_call *c)
{
	weir_text sql = WEIR_TEXT("KILL QUERY WHERE endsWith(query, {mark:String}) ASYNC");
	char buf[WEIR_RUN_MARK];
	weir_text mark = weir_run_mark(c, buf);
	const char *names[] = { "mark" }, *values[] = { mark.p };
	size_t name_lens[] = { 4 }, value_lens[] = { mark.n };
	weir_result *r = weir_session_query(s, sql, "TabSeparated", &(struct weir_params){ 1, names, values, name_lens, value_lens });
	bool found = r && !weir_result_error(r) && weir_result_data(r).n;

	weir_result_free(r);
	return found;
}

/* The next call that is to be ended and still runs, with a reference. */
static struct weir_call *next_kill(struct weir_pool *p)
{
	for (size_t i = 0; i < p->threads; i++)
		if (p->running[i] && p->running[i]->killed && !p->running[i]->found) {
			weir_call_ref(p->running[i]);
			return p->running[i];
		}
	return NULL;
}

static void *watch(void *arg)
{
	struct weir_pool *p = arg;
	weir_session *s = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->watch_ends) {
		struct weir_call *c = next_kill(p);
		struct timespec soon;

		if (!c) {
			pthread_cond_wait(&p->kills, &p->lock);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		if (!s)
			s = weir_session_open();
		if (s && kill_one(s, c))
			c->found = true; /* only this thread looks at it */
		pthread_mutex_lock(&p->lock);
		if (!c->found) {
			/* Not in the engine yet, or no more: look again, the thread may still be reading the statement. */
			clock_gettime(CLOCK_MONOTONIC, &soon);
			soon.tv_nsec += 50000000;
			soon.tv_sec += soon.tv_nsec / 1000000000;
			soon.tv_nsec %= 1000000000;
			pthread_cond_timedwait(&p->kills, &p->lock, &soon);
		}
		pthread_mutex_unlock(&p->lock);
		weir_call_unref(c);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	weir_session_close(s);
	return NULL;
}

void weir_pool_kill(struct weir_pool *p, struct weir_call *c)
{
	weir_call_abandon(c);
	pthread_mutex_lock(&p->lock);
	c->killed = true;
	pthread_cond_signal(&p->kills);
	pthread_mutex_unlock(&p->lock);
}

/* ---- life ---- */

static bool start_thread(pthread_t *t, void *(*f)(void *), void *arg)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	rc = pthread_attr_setstacksize(&attr, WEIR_ENGINE_STACK);
	if (!rc)
		rc = pthread_create(t, &attr, f, arg);
	pthread_attr_destroy(&attr);
	return !rc;
}

static bool start_worker(struct weir_pool *p)
{
	struct start *start = malloc(sizeof(*start));

	if (!start)
		return false;
	*start = (struct start){ p, p->threads };
	if (!start_thread(&p->thread[p->threads], work, start)) {
		free(start);
		return false;
	}
	pthread_mutex_lock(&p->lock);
	p->threads++;
	pthread_mutex_unlock(&p->lock);
	return true;
}

weir_err weir_pool_start(const struct weir_conf *conf, struct weir_pool **out, struct weir_fault *fault)
{
	struct weir_pool *p = calloc(1, sizeof(*p));
	size_t count = (size_t)conf->chdb_connections;
	pthread_condattr_t attr;

	if (!p)
		return WEIR_ENOMEM;
	p->conf = conf;
	p->thread = calloc(count, sizeof(*p->thread));
	p->running = calloc(count, sizeof(struct weir_call *));
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->kills, &attr);
	pthread_condattr_destroy(&attr);
	if (!p->thread || !p->running || !start_thread(&p->watch, watch, p)) {
		weir_fault_set(fault, "threads cannot be started: %s", strerror(errno));
		return WEIR_EUNAVAIL;
	}
	while (p->threads < count && start_worker(p))
		;
	if (p->threads < count) {
		weir_fault_set(fault, "only %zu of %zu threads (chdb.connections) can be started", p->threads, count);
		weir_pool_stop(p);
		return WEIR_EUNAVAIL;
	}
	*out = p;
	return WEIR_OK;
}

weir_err weir_pool_submit(struct weir_pool *p, struct weir_call *c)
{
	weir_err err = WEIR_OK;

	pthread_mutex_lock(&p->lock);
	if (p->stopping || (p->busy >= p->threads && p->waiting >= (size_t)p->conf->chdb_queue_max)) {
		err = WEIR_ERATE;
	} else {
		c->number = ++p->numbers;
		weir_call_ref(c);
		if (p->last)
			p->last->next = c;
		else
			p->first = c;
		p->last = c;
		p->waiting++;
		p->busy++;
		pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
	return err;
}

size_t weir_pool_busy(struct weir_pool *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->busy;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void weir_pool_stop(struct weir_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	for (size_t i = 0; i < p->threads; i++)
		if (p->running[i]) {
			weir_call_abandon(p->running[i]);
			p->running[i]->killed = true;
		}
	for (struct weir_call *c = p->first; c; c = c->next)
		weir_call_abandon(c);
	pthread_cond_broadcast(&p->work);
	pthread_cond_broadcast(&p->kills);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
	pthread_mutex_lock(&p->lock);
	p->watch_ends = true;
	pthread_cond_broadcast(&p->kills);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->watch, NULL);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->kills);
	pthread_mutex_destroy(&p->lock);
	free(p->thread);
	free(p->running);
	free(p);
}
