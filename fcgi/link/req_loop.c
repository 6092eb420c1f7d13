/* A responder's loop: who waits, who is served with whom, and whose connection stays. */
#include "config.h"
#include "link/req_wire.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

enum {
	LISTEN_FD = 0,             /* where FastCGI finds its listening socket */
	HEAD_MAX = 64 * 1024,      /* header lines of one answer */
	KEPT_MAX = 512,            /* connections of one process that wait for their next request; nginx closes what is too many for it before */
	EVENTS_MAX = WEIR_REQ_GROUP_MAX + 1,
	SIGNALS_EVERY = 64,        /* rounds without a pause, for signals that a wait would bring */
	QUIET_MS = 20,             /* with nothing on any connection before they are closed */
	LEAVE_MS = 5000,           /* the longest wait for that */
};

static volatile sig_atomic_t stopping, reloading;

static void on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

static void on_reload(int sig)
{
	(void)sig;
	reloading = 1;
}

/* A connection, with a request or waiting for its next one. */
struct peer {
	FCGX_Request rq;
	bool watched;              /* among what the loop waits for */
};

/* A request with what it needs; its memory is kept for the next one. */
struct seat {
	struct peer *peer;         /* NULL for plain CGI */
	struct weir_wire w;
	struct weir_req r;
	weir_arena *mem;
	weir_str out, head;
};

static struct {
	const struct weir_serve *how;
	int ready;                 /* the epoll of the listening socket, as NULL, and of what is kept, as its peer */
	struct seat *seat[WEIR_REQ_GROUP_MAX];
	size_t seats;              /* that are free; a request that is served alone has the one behind them */
	struct peer *peers, **spare;
	size_t spares, kept;
	bool leaving, meanwhile;
} loop;

/* ---------------------------------------------------------------- connections */

static bool peers_open(size_t count)
{
	bool good;

	loop.peers = calloc(count, sizeof(*loop.peers));
	loop.spare = calloc(count, sizeof(struct peer *));
	good = loop.peers && loop.spare && !FCGX_Init();
	for (size_t i = 0; i < count && loop.peers; i++)
		loop.peers[i].rq.ipcFd = -1; /* 0 is the socket */
	for (size_t i = 0; i < count && good; i++) {
		good = !FCGX_InitRequest(&loop.peers[i].rq, LISTEN_FD, FCGI_FAIL_ACCEPT_ON_INTR);
		loop.spare[loop.spares++] = &loop.peers[i];
	}
	return good;
}

static void peers_close(size_t count)
{
	for (size_t i = 0; i < count && loop.peers; i++)
		FCGX_Free(&loop.peers[i].rq, 1);
	free(loop.peers);
	free(loop.spare);
}

/* The connection has been closed. */
static void release(struct peer *p)
{
	p->watched = false;
	p->rq.listen_sock = LISTEN_FD;
	loop.spare[loop.spares++] = p;
}

/* Reads the front of a request, from a connection that is there or a new one. */
static bool receive(struct peer *p)
{
	struct weir_wire waits_for = { .rq = &p->rq };
	bool received;

	weir_wire_begin_wait(&waits_for);
	received = !FCGX_Accept_r(&p->rq);
	weir_wire_end_wait();
	return received;
}

/* False when nobody waits, or the one that did went away. */
static bool take_new(struct seat *s)
{
	s->peer = loop.spare[loop.spares - 1];
	if (!receive(s->peer))
		return false;
	loop.spares--;
	return true;
}

/* What a peer has sent counts even when it has gone since: a page that is left says its last word so. */
static bool has_ended(const struct peer *p, uint32_t events)
{
	char c;

	return events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) && recv(p->rq.ipcFd, &c, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

/* False when the connection came to its end. */
static bool take_kept(struct seat *s, struct peer *p, uint32_t events)
{
	loop.kept--;
	if (has_ended(p, events))
		FCGX_Free(&p->rq, 1);
	else if (receive(p)) {
		s->peer = p;
		return true;
	}
	release(p);
	return false;
}

static void keep(struct peer *p)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = p };

	p->rq.listen_sock = -1; /* libfcgi would go on with a new connection when this one ends */
	if (!p->watched && epoll_ctl(loop.ready, EPOLL_CTL_ADD, p->rq.ipcFd, &event)) {
		weir_log(LOG_WARNING, "keep", "errno=%d", errno);
		FCGX_Free(&p->rq, 1);
		release(p);
		return;
	}
	p->watched = true;
	loop.kept++;
}

static bool may_be_kept(struct seat *s)
{
	return loop.how->keeps && !loop.leaving && loop.kept < KEPT_MAX && !s->w.cut && weir_wire_drain(&s->w);
}

/* After the answer. */
static void part(struct seat *s)
{
	struct peer *p = s->peer;

	if (!p)
		return;
	p->rq.keepConnection = p->rq.keepConnection && may_be_kept(s);
	/* Nothing is left to read: closing at once spares both sides the wait for each other's end. */
	if (!p->rq.keepConnection && s->w.body_done)
		FCGX_Detach(&p->rq);
	FCGX_Finish_r(&p->rq);
	if (p->rq.ipcFd < 0)
		release(p);
	else
		keep(p);
}

/* ------------------------------------------------------------------- requests */

static bool seat_open(struct seat *s, const struct weir_serve *how)
{
	s->mem = weir_arena_new(how->memory_max);
	weir_str_init(&s->out, how->answer_max);
	weir_str_init(&s->head, HEAD_MAX);
	return s->mem;
}

static void seat_close(struct seat *s)
{
	weir_str_free(&s->out);
	weir_str_free(&s->head);
	weir_arena_free(s->mem);
}

/* False: there is no memory for it, and the answer says so. */
static bool begin(struct seat *s)
{
	bool good;

	s->w = (struct weir_wire){ .rq = s->peer ? &s->peer->rq : NULL, .envp = s->peer ? s->peer->rq.envp : environ };
	s->r = (struct weir_req){ .mem = s->mem, .params = &s->w, .status = 200, .content_type = "application/json; charset=utf-8",
		.out = &s->out, .head = &s->head };
	weir_str_reset(&s->out);
	weir_str_reset(&s->head);
	good = weir_wire_describe(&s->r);
	if (!good)
		weir_req_plain(&s->r, 503, "Out of memory");
	return good;
}

static void finish(struct seat *s)
{
	weir_wire_begin_wait(&s->w);
	if (!s->w.cut)
		weir_wire_send(&s->r);
	part(s);
	weir_wire_end_wait();
	weir_req_run_later(&s->r);
}

static void serve_alone(struct seat *s)
{
	loop.how->serve(&s->r, loop.how->self);
	finish(s);
	weir_arena_reset(s->mem);
}

/* Answers may lie in each other's memory until all are out. */
static void serve_group(size_t n)
{
	struct weir_req *list[WEIR_REQ_GROUP_MAX] = { NULL };

	if (n == 1)
		serve_alone(loop.seat[0]);
	if (n <= 1)
		return;
	for (size_t i = 0; i < n; i++)
		list[i] = &loop.seat[i]->r;
	loop.how->serve_group(list, n, loop.how->self);
	for (size_t i = 0; i < n; i++)
		finish(loop.seat[i]);
	for (size_t i = 0; i < n; i++)
		weir_arena_reset(loop.seat[i]->mem);
}

/* One that is served alone moves out of the way of what is served meanwhile. */
static void serve_aside(size_t at)
{
	struct seat *s = loop.seat[at];

	loop.seat[at] = loop.seat[--loop.seats];
	loop.seat[loop.seats] = s;
	serve_alone(s);
	loop.seats++;
}

/* The request in the seat behind those that have joined. True: it has joined them; false: nobody else is to be taken. */
static bool place(size_t *joined)
{
	struct seat *s = loop.seat[*joined];

	if (!begin(s)) {
		finish(s);
		weir_arena_reset(s->mem);
	} else if (loop.how->serve_group && loop.how->joins(&s->r, loop.how->self)) {
		++*joined;
		return true;
	} else {
		serve_group(*joined);
		serve_aside(*joined);
		*joined = 0;
	}
	return false;
}

/* Requests that wait: the first, and as many more as want to be served together with it. */
static void serve_round(const struct epoll_event *event, size_t n, bool strangers)
{
	size_t most = loop.how->serve_group ? loop.seats : 1, joined = 0;
	bool more = false, going = true;

	for (size_t i = 0; i < n; i++)
		more |= strangers && !event[i].data.ptr;
	/* The one that woke us is taken in any case: no other process was woken for it. */
	if (more && (more = take_new(loop.seat[0])))
		going = place(&joined);
	for (size_t i = 0; i < n && going && joined < most; i++)
		if (event[i].data.ptr && take_kept(loop.seat[joined], event[i].data.ptr, event[i].events))
			going = place(&joined);
	while (going && more && joined < most && (more = take_new(loop.seat[joined])))
		going = place(&joined);
	serve_group(joined);
}

void weir_req_meanwhile(void)
{
	struct epoll_event event[EVENTS_MAX];
	int n;

	if (!loop.kept || !loop.seats || loop.meanwhile)
		return;
	loop.meanwhile = true;
	n = epoll_wait(loop.ready, event, EVENTS_MAX, 0);
	if (n > 0)
		serve_round(event, (size_t)n, false);
	loop.meanwhile = false;
}

/* ----------------------------------------------------------------------- loop */

/* A wait that has something to return at once brings no signals. */
static void let_signals_in(const sigset_t *open_mask)
{
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, open_mask, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/*
 * Waits for requests.  Signals are open here alone (the alarm apart), so none
 * falls between a test and a wait.  False: stop.
 */
static bool wait_ready(const sigset_t *open_mask, struct epoll_event event[EVENTS_MAX], size_t *count)
{
	static unsigned rounds;
	const struct weir_serve *how = loop.how;
	int n;

	if (++rounds % SIGNALS_EVERY == 0)
		let_signals_in(open_mask);
	while (!stopping) {
		if (reloading) {
			reloading = 0;
			if (how->reload)
				how->reload(how->self);
		}
		n = epoll_pwait(loop.ready, event, EVENTS_MAX, how->idle ? 1000 : -1, open_mask);
		*count = n > 0 ? (size_t)n : 0;
		if (n > 0)
			return true;
		if (n == 0 && how->idle)
			how->idle(how->self);
		if (n < 0 && errno != EINTR) {
			weir_log(LOG_ERR, "poll", "errno=%d", errno);
			return false;
		}
	}
	return false;
}

/* One connection wakes one worker, not all that share the socket. -1 when descriptor 0 is no socket to wait for. */
static int wait_for_socket(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int flags = fcntl(LISTEN_FD, F_GETFL), listening;

	/* Several may be woken all the same; those that lose the accept must not sleep in it, deaf to SIGTERM. */
	if (flags < 0 || fcntl(LISTEN_FD, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	listening = epoll_create1(EPOLL_CLOEXEC);
	if (listening >= 0 && epoll_ctl(listening, EPOLL_CTL_ADD, LISTEN_FD, &event)) {
		close(listening);
		return -1;
	}
	return listening;
}

/*
 * Whoever has asked is answered; who has no connection yet belongs to the next
 * process.  nginx uses a connection again in the moment that it has an answer,
 * and could not tell a request that met the end from one that was lost in the
 * middle: so connections end when nothing comes for a while.  Those that are
 * never quiet it closes itself after a thousand requests.
 */
static void leave(void)
{
	int64_t end = weir_monotonic_ms() + LEAVE_MS;
	struct epoll_event event[EVENTS_MAX];
	int n = epoll_ctl(loop.ready, EPOLL_CTL_DEL, LISTEN_FD, NULL) ? 0 : 1;

	while (loop.kept && n) {
		loop.leaving = weir_monotonic_ms() >= end;
		n = epoll_wait(loop.ready, event, EVENTS_MAX, loop.leaving ? 0 : QUIET_MS);
		if (n > 0)
			serve_round(event, (size_t)n, false);
		else if (n < 0 && errno != EINTR)
			n = 0;
	}
	close(loop.ready);
}

static int serve_fcgi(const sigset_t *open_mask)
{
	const size_t peers = (loop.how->keeps ? KEPT_MAX : 0) + loop.seats;
	struct epoll_event event[EVENTS_MAX];
	size_t n;
	bool good;

	loop.ready = wait_for_socket();
	good = loop.ready >= 0 && peers_open(peers);
	if (!good) {
		weir_log(LOG_ERR, "start", "error=\"cannot use the socket at descriptor 0\"");
	} else {
		weir_log(LOG_INFO, "start", "version=%s", PACKAGE_VERSION);
		while (wait_ready(open_mask, event, &n))
			serve_round(event, n, true);
		leave();
		weir_log(LOG_INFO, "stop", "reason=signal");
	}
	peers_close(peers);
	return good ? 0 : 1;
}

/* A call that a signal meets goes on afterwards; epoll_pwait alone returns. */
static void catch(int sig, void (*f)(int))
{
	struct sigaction sa = { .sa_handler = f, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void set_up_signals(sigset_t *open_mask)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		sigaddset(&blocked, ours[i]);
	sigprocmask(SIG_BLOCK, &blocked, open_mask);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		sigdelset(open_mask, ours[i]);
	catch(SIGTERM, on_stop); /* before FCGX_Init, which leaves a handler it finds */
	catch(SIGINT, on_stop);
	catch(SIGHUP, on_reload);
	catch(SIGALRM, weir_wire_alarm);
	catch(SIGPIPE, SIG_IGN);
}

int weir_req_serve(const struct weir_serve *how)
{
	static struct seat seats[WEIR_REQ_GROUP_MAX];
	const size_t count = how->serve_group ? WEIR_REQ_GROUP_MAX : 1;
	sigset_t open_mask;
	bool good = true;
	int status = 0;

	loop.how = how;
	loop.seats = count;
	for (size_t i = 0; i < count; i++) {
		loop.seat[i] = &seats[i];
		good = seat_open(&seats[i], how) && good;
	}
	set_up_signals(&open_mask);
	if (!good) {
		weir_log(LOG_ERR, "start", "error=\"out of memory\"");
		status = 1;
	} else if (!FCGX_IsCGI()) {
		status = serve_fcgi(&open_mask);
	} else if (begin(seats)) {
		serve_alone(seats);
	} else {
		finish(seats);
	}
	for (size_t i = 0; i < count; i++)
		seat_close(&seats[i]);
	return status;
}
