#include "config.h"
#include "hangup.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct weir_hangup {
	struct weir_pool *pool;
	pthread_mutex_t lock; /* what is watched does not change while an event is handled */
	struct weir_call **watched; /* by descriptor */
	size_t room;
	int epoll, stop;
	pthread_t thread;
};

static void hung_up(struct weir_hangup *h, size_t fd)
{
	pthread_mutex_lock(&h->lock);
	if (fd < h->room && h->watched[fd])
		weir_pool_kill(h->pool, h->watched[fd]);
	pthread_mutex_unlock(&h->lock);
}

static void *look(void *arg)
{
	struct weir_hangup *h = arg;
	struct epoll_event ev[16];

	for (;;) {
		int n = epoll_wait(h->epoll, ev, 16, -1);

		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == h->stop)
				return NULL;
			hung_up(h, (size_t)ev[i].data.fd);
		}
	}
}

struct weir_hangup *weir_hangup_start(struct weir_pool *pool)
{
	struct weir_hangup *h = calloc(1, sizeof(*h));
	struct epoll_event ev = { .events = EPOLLIN };

	if (!h)
		return NULL;
	h->pool = pool;
	pthread_mutex_init(&h->lock, NULL);
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->stop = eventfd(0, EFD_CLOEXEC);
	ev.data.fd = h->stop;
	if (h->epoll >= 0 && h->stop >= 0 && !epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->stop, &ev) &&
	    !pthread_create(&h->thread, NULL, look, h))
		return h;
	if (h->epoll >= 0)
		close(h->epoll);
	if (h->stop >= 0)
		close(h->stop);
	free(h);
	return NULL;
}

void weir_hangup_stop(struct weir_hangup *h)
{
	if (eventfd_write(h->stop, 1))
		abort(); /* a counter at 0 takes a 1 */
	pthread_join(h->thread, NULL);
	close(h->epoll);
	close(h->stop);
	pthread_mutex_destroy(&h->lock);
	free(h->watched);
	free(h);
}

static bool make_room(struct weir_hangup *h, size_t fd)
{
	size_t room = fd + 64;
	struct weir_call **more;

	if (fd < h->room)
		return true;
	more = reallocarray(h->watched, room, sizeof(struct weir_call *));
	if (!more)
		return false;
	for (size_t i = h->room; i < room; i++)
		more[i] = NULL;
	h->watched = more;
	h->room = room;
	return true;
}

void weir_hangup_watch(struct weir_hangup *h, int fd, struct weir_call *c)
{
	struct epoll_event ev = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.fd = fd };

	if (fd < 0)
		return;
	pthread_mutex_lock(&h->lock);
	/* Without it the query just runs to its end. */
	if (make_room(h, (size_t)fd) && !epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev))
		h->watched[fd] = c;
	pthread_mutex_unlock(&h->lock);
}

void weir_hangup_forget(struct weir_hangup *h, int fd, struct weir_call *c)
{
	struct epoll_event ev = { .events = 0 };

	pthread_mutex_lock(&h->lock);
	if (fd >= 0 && (size_t)fd < h->room && h->watched[fd] == c) {
		h->watched[fd] = NULL;
		if (epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, &ev))
			h->watched[fd] = NULL; /* gone already: nothing is left to forget */
	}
	pthread_mutex_unlock(&h->lock);
}
