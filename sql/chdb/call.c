#include "config.h"
#include "call.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A client that takes longer for WEIR_CALL_MEMORY than MOMENT_MS is a slow one. */
enum { PATIENCE_MS = 30000, MOMENT_MS = 250 };

static void random_tag(char tag[WEIR_CALL_TAG + 1])
{
	uint8_t bytes[WEIR_CALL_TAG];

	weir_random(bytes, sizeof(bytes));
	for (int i = 0; i < WEIR_CALL_TAG; i++)
		tag[i] = (char)('a' + bytes[i] % 26);
	tag[WEIR_CALL_TAG] = '\0';
}

struct weir_call *weir_call_new(const char *dir, uint64_t spool_max)
{
	struct weir_call *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;
	struct timespec now;

	if (!c)
		return NULL;
	c->spool = weir_spool_new(dir, WEIR_CALL_MEMORY, spool_max);
	if (!c->spool || weir_request_init(&c->rq)) {
		weir_spool_free(c->spool);
		free(c);
		return NULL;
	}
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->room, &attr);
	pthread_condattr_destroy(&attr);
	clock_gettime(CLOCK_MONOTONIC, &now);
	c->start_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	c->refs = 1;
	c->head = (struct weir_call_head){ .status = 200, .content_type = "text/plain; charset=UTF-8" };
	random_tag(c->head.tag);
	return c;
}

void weir_call_ref(struct weir_call *c)
{
	pthread_mutex_lock(&c->lock);
	c->refs++;
	pthread_mutex_unlock(&c->lock);
}

void weir_call_unref(struct weir_call *c)
{
	bool last;

	pthread_mutex_lock(&c->lock);
	last = !--c->refs;
	pthread_mutex_unlock(&c->lock);
	if (!last)
		return;
	weir_spool_free(c->spool);
	weir_request_free(&c->rq);
	pthread_cond_destroy(&c->room);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* ---- back ---- */

static void wake_front(struct weir_call *c)
{
	if (!c->waits)
		return;
	c->waits = false;
	c->wake(c->front);
}

bool weir_call_is_gone(struct weir_call *c)
{
	bool gone;

	pthread_mutex_lock(&c->lock);
	gone = c->gone;
	pthread_mutex_unlock(&c->lock);
	return gone;
}

bool weir_call_is_open(struct weir_call *c)
{
	bool open;

	pthread_mutex_lock(&c->lock);
	open = !c->head_ready;
	pthread_mutex_unlock(&c->lock);
	return open;
}

/* With the lock held. */
static void settle(struct weir_call *c)
{
	if (c->head_ready)
		return;
	c->head.length = c->ended ? weir_spool_total(c->spool) : UINT64_MAX;
	c->head_ready = true;
}

static void after_write(struct weir_call *c)
{
	if (!c->rq.wait_end && weir_spool_waiting(c->spool) > WEIR_CALL_HOLD)
		settle(c);
	if (c->head_ready)
		wake_front(c);
}

static struct timespec after_ms(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* With the lock held: until the front has read something. False after PATIENCE_MS or when it has gone. */
static bool wait_room(struct weir_call *c)
{
	uint64_t before = weir_spool_waiting(c->spool);
	struct timespec until = after_ms(PATIENCE_MS);

	settle(c);
	wake_front(c);
	while (!c->gone && weir_spool_waiting(c->spool) == before)
		if (pthread_cond_timedwait(&c->room, &c->lock, &until))
			return false;
	return !c->gone;
}

/* With the lock held: a moment for the front to make room in memory, so that a fast reader never costs a write to the disk. */
static void wait_moment(struct weir_call *c)
{
	struct timespec until = after_ms(MOMENT_MS);

	if (c->slow || !weir_spool_is_full(c->spool))
		return;
	if (c->rq.wait_end) {
		c->slow = true;
		return;
	}
	settle(c); /* nobody reads before the head is sent */
	wake_front(c);
	while (!c->slow && !c->gone && weir_spool_is_full(c->spool))
		if (pthread_cond_timedwait(&c->room, &c->lock, &until))
			c->slow = true;
}

/* With the lock held. */
static bool add_or_wait(struct weir_call *c, weir_text data)
{
	weir_err err;

	do
		err = c->gone ? WEIR_EUNAVAIL : weir_spool_add(c->spool, data);
	while (err == WEIR_ELIMIT && wait_room(c));
	return !err;
}

bool weir_call_write(struct weir_call *c, weir_text data)
{
	bool done;

	pthread_mutex_lock(&c->lock);
	wait_moment(c);
	done = add_or_wait(c, data) && !c->gone;
	if (done)
		after_write(c);
	pthread_mutex_unlock(&c->lock);
	return done;
}

static void release_result(void *r)
{
	weir_result_free(r);
}

bool weir_call_take(struct weir_call *c, weir_text data, weir_result *r)
{
	bool done, fits;

	pthread_mutex_lock(&c->lock);
	wait_moment(c);
	/* It is in memory already, however large it is. */
	fits = !weir_spool_is_full(c->spool);
	done = fits ? !weir_spool_take(c->spool, data, r, release_result) : add_or_wait(c, data);
	done = done && !c->gone;
	if (done)
		after_write(c);
	pthread_mutex_unlock(&c->lock);
	if (!fits)
		weir_result_free(r);
	return done;
}

static void note_summary(struct weir_call *c, const char *summary)
{
	if (!c->head_ready)
		snprintf(c->head.summary, sizeof(c->head.summary), "%s", summary);
}

void weir_call_finish(struct weir_call *c, const char *summary)
{
	pthread_mutex_lock(&c->lock);
	note_summary(c, summary);
	c->ended = true;
	settle(c);
	wake_front(c);
	pthread_mutex_unlock(&c->lock);
}

void weir_call_fail(struct weir_call *c, int status, int code, weir_text text, weir_text tail, const char *summary)
{
	pthread_mutex_lock(&c->lock);
	if (c->ended) {
		pthread_mutex_unlock(&c->lock);
		return;
	}
	note_summary(c, summary);
	c->ended = true;
	if (!c->head_ready) {
		struct weir_spool *fresh = weir_spool_new("", WEIR_CALL_MEMORY, 0);

		c->head.status = status;
		c->head.code = code;
		c->head.content_type = "text/plain; charset=UTF-8";
		c->head.gzip = false;
		if (fresh) {
			weir_spool_free(c->spool);
			c->spool = fresh;
		}
		c->broken = !fresh || weir_spool_add(c->spool, text);
	} else {
		c->broken = true;
		if (weir_spool_add(c->spool, tail))
			weir_spool_clear(c->spool); /* no room for the message: the missing end tells the client */
	}
	settle(c);
	wake_front(c);
	pthread_mutex_unlock(&c->lock);
}

/* ---- front ---- */

bool weir_call_head_or_wait(struct weir_call *c, void (*suspend)(void *front))
{
	bool ready;

	pthread_mutex_lock(&c->lock);
	ready = c->head_ready;
	if (!ready) {
		c->waits = true;
		suspend(c->front);
	}
	pthread_mutex_unlock(&c->lock);
	return ready;
}

ssize_t weir_call_read(struct weir_call *c, char *out, size_t max, void (*suspend)(void *front))
{
	ssize_t n;

	pthread_mutex_lock(&c->lock);
	n = weir_spool_read(c->spool, out, max);
	if (n > 0) {
		pthread_cond_signal(&c->room);
	} else if (n < 0) {
		n = -2;
	} else if (c->ended) {
		n = c->broken ? -2 : -1;
	} else {
		c->waits = true;
		suspend(c->front);
	}
	pthread_mutex_unlock(&c->lock);
	return n;
}

void weir_call_abandon(struct weir_call *c)
{
	pthread_mutex_lock(&c->lock);
	c->gone = true;
	pthread_cond_signal(&c->room);
	pthread_mutex_unlock(&c->lock);
}
