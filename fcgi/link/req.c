#include "config.h"
#include "link/req_wire.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

enum {
	LISTEN_FD = 0,             /* where FastCGI finds its listening socket */
	HEAD_MAX = 64 * 1024,     /* header lines of one answer */
	HEADER_NAME_MAX = 128,
	READ_MAX = INT32_MAX      /* of one call of libfcgi */
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

/*
 * libfcgi has no deadlines.  While a peer is waited for, an alarm looks every
 * ten seconds whether it is still the same wait.  If so it ends the reading
 * side, so that an answer can still go out, and the next time both.  Set up
 * once per busy period, so that a request costs no system call.
 */
static struct {
	const FCGX_Request *volatile rq;
	volatile sig_atomic_t armed, waiting;
	volatile sig_atomic_t wait, seen, ended; /* number of the wait; the one the last alarm saw; the one that was ended */
} watch;

static void on_alarm(int sig)
{
	const FCGX_Request *rq = watch.rq;

	(void)sig;
	if (!watch.waiting) {
		watch.armed = 0;
		return;
	}
	if (watch.wait == watch.seen && rq && rq->ipcFd >= 0) {
		shutdown(rq->ipcFd, watch.wait == watch.ended ? SHUT_RDWR : SHUT_RD);
		watch.ended = watch.wait;
	}
	watch.seen = watch.wait;
	alarm(WEIR_WIRE_PATIENCE_S / 2);
}

void weir_wire_begin_wait(const struct weir_wire *w)
{
	watch.rq = w->rq;
	watch.wait = (watch.wait + 1) & 0xffff;
	watch.waiting = 1;
	if (!watch.armed) {
		watch.armed = 1;
		watch.seen = watch.ended = -1;
		alarm(WEIR_WIRE_PATIENCE_S / 2);
	}
}

void weir_wire_end_wait(void)
{
	watch.waiting = 0;
}

bool weir_req_gone(const struct weir_req *r)
{
	const struct weir_wire *w = weir_wire_of(r);
	struct pollfd p = { .fd = w && w->rq ? w->rq->ipcFd : -1, .events = POLLRDHUP };

	return p.fd >= 0 && poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

static uint32_t hash_step(uint32_t h, int c)
{
	return (h ^ (uint32_t)c) * 16777619u;
}

/* One pass over the parameters, since every request asks for some forty of them. False when the arena is spent. */
static bool index_params(struct weir_req *r)
{
	struct weir_wire *w = weir_wire_of(r);
	size_t count = 0, size = 64;

	for (char **e = w->envp; e && *e; e++)
		count++;
	while (size < 2 * count)
		size *= 2;
	w->slot = weir_alloc_n(r->mem, size, sizeof(*w->slot));
	w->mask = size - 1;
	if (!w->slot)
		return false;
	for (char **e = w->envp; e && *e; e++) {
		const char *p = *e;
		uint32_t h = 0;
		size_t at;

		for (; *p && *p != '='; p++)
			h = hash_step(h, *p);
		if (!*p)
			continue;
		for (at = h & w->mask; w->slot[at].entry; at = (at + 1) & w->mask)
			;
		w->slot[at] = (struct slot){ h, (uint32_t)(p - *e), *e };
	}
	return true;
}

/* name has n bytes and the hash that goes with them. */
static weir_text find_param(const struct weir_req *r, const char *name, size_t n, uint32_t hash)
{
	const struct weir_wire *w = weir_wire_of(r);
	size_t at = hash & w->mask;

	for (; w->slot && w->slot[at].entry; at = (at + 1) & w->mask)
		if (w->slot[at].hash == hash && w->slot[at].name_len == n && !memcmp(w->slot[at].entry, name, n))
			return weir_text_of(w->slot[at].entry + n + 1);
	return (weir_text){ NULL, 0 };
}

weir_text weir_req_param(const struct weir_req *r, const char *name)
{
	uint32_t h = 0;
	size_t n = 0;

	for (; name[n]; n++)
		h = hash_step(h, name[n]);
	return find_param(r, name, n, h);
}

weir_text weir_req_header_in(const struct weir_req *r, const char *name)
{
	char upper[HEADER_NAME_MAX] = "HTTP_";
	size_t n = strlen("HTTP_");
	uint32_t h = 0;

	if (!strcmp(name, "content-type"))
		return weir_req_param(r, "CONTENT_TYPE");
	if (!strcmp(name, "content-length"))
		return weir_req_param(r, "CONTENT_LENGTH");
	for (size_t i = 0; i < n; i++)
		h = hash_step(h, upper[i]);
	for (; *name && n < sizeof(upper); name++, n++) {
		int c = *name == '-' ? '_' : *name >= 'a' && *name <= 'z' ? *name - ('a' - 'A') : *name;

		upper[n] = (char)c;
		h = hash_step(h, c);
	}
	return *name ? (weir_text){ NULL, 0 } : find_param(r, upper, n, h);
}

/* Reads up to n bytes of a CGI body before the deadline; fewer at its end. */
static size_t read_stdin(char *buf, size_t n)
{
	int64_t end = weir_monotonic_ms() + WEIR_WIRE_PATIENCE_S * 1000;
	size_t done = 0;

	while (done < n) {
		struct pollfd p = { .fd = 0, .events = POLLIN };
		int64_t left = end - weir_monotonic_ms();
		ssize_t got;

		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			break;
		got = p.revents ? read(0, buf + done, n - done) : -1;
		if (got > 0)
			done += (size_t)got;
		else if (got == 0 || (p.revents && errno != EINTR && errno != EAGAIN))
			break;
	}
	return done;
}

static size_t read_some(const struct weir_wire *w, char *buf, size_t n)
{
	int got;

	if (!w->rq)
		return read_stdin(buf, n);
	got = FCGX_GetStr(buf, (int)n, w->rq->in);
	return got > 0 ? (size_t)got : 0;
}

weir_err weir_req_body_begin(struct weir_req *r, uint64_t max, uint64_t *length)
{
	weir_text announced = weir_text_trim(weir_req_param(r, "CONTENT_LENGTH"));

	*length = 0;
	if (announced.n && weir_num_uint(announced, length))
		return WEIR_EBADREQ;
	if (*length > max)
		return WEIR_ELIMIT;
	weir_wire_of(r)->body_left = *length;
	return WEIR_OK;
}

weir_err weir_req_body_next(struct weir_req *r, char *buf, size_t size, size_t *got)
{
	struct weir_wire *w = weir_wire_of(r);
	size_t n = size < w->body_left ? size : (size_t)w->body_left;
	bool whole;

	weir_wire_begin_wait(w);
	*got = n ? read_some(w, buf, n) : 0;
	whole = *got == n;
	w->body_left -= *got;
	/* More than was announced is somebody's mistake about where the body ends. */
	if (whole && !w->body_left)
		whole = w->body_done = !w->rq || FCGX_GetChar(w->rq->in) == EOF;
	weir_wire_end_wait();
	return whole ? WEIR_OK : WEIR_EBADREQ;
}

weir_err weir_req_body(struct weir_req *r, size_t max, weir_text *body)
{
	uint64_t n;
	size_t got;
	char *buf;
	weir_err err = weir_req_body_begin(r, max < READ_MAX ? max : READ_MAX, &n);

	*body = (weir_text){ "", 0 };
	if (err)
		return err;
	buf = weir_alloc(r->mem, (size_t)n + 1);
	if (!buf)
		return WEIR_ENOMEM;
	err = weir_req_body_next(r, buf, (size_t)n, &got);
	if (err)
		return err;
	buf[n] = '\0';
	*body = (weir_text){ buf, (size_t)n };
	return WEIR_OK;
}

void weir_req_header(struct weir_req *r, const char *name, weir_text value)
{
	if (memchr(value.n ? value.p : "", '\r', value.n) || memchr(value.n ? value.p : "", '\n', value.n) ||
	    memchr(value.n ? value.p : "", '\0', value.n)) {
		weir_log(LOG_ERR, "header", "name=%s error=\"line end in its value\"", name);
		r->head->err = WEIR_EINTERNAL;
		return;
	}
	weir_str_puts(r->head, name);
	weir_str_puts(r->head, ": ");
	weir_str_text(r->head, value);
	weir_str_puts(r->head, "\r\n");
}

void weir_req_plain(struct weir_req *r, int status, const char *text)
{
	r->status = status;
	r->content_type = "text/plain; charset=utf-8";
	weir_str_reset(r->out);
	weir_str_puts(r->out, text);
}

/* Where the request goes, by the rule in req.h. */
static weir_text path_of(const struct weir_req *r)
{
	weir_text uri = weir_req_param(r, "DOCUMENT_URI"), mount = weir_req_param(r, "WEIR_MOUNT");
	weir_text script = weir_req_param(r, "SCRIPT_NAME"), info = weir_req_param(r, "PATH_INFO");
	char *both;

	if (!uri.n && mount.p) {
		both = weir_alloc(r->mem, script.n + info.n + 1);
		if (both) {
			memcpy(both, script.n ? script.p : "", script.n);
			memcpy(both + script.n, info.n ? info.p : "", info.n);
			uri = (weir_text){ both, script.n + info.n };
		}
	} else if (!uri.n) {
		uri = info.n ? info : script;
	}
	if (mount.n && uri.n >= mount.n && !memcmp(uri.p, mount.p, mount.n) && (uri.n == mount.n || uri.p[mount.n] == '/'))
		uri = (weir_text){ uri.p + mount.n, uri.n - mount.n };
	return uri.n ? uri : WEIR_TEXT("/");
}

static bool describe(struct weir_req *r)
{
	weir_text https, scheme;

	if (!index_params(r))
		return false;
	https = weir_req_param(r, "HTTPS");
	scheme = weir_req_param(r, "REQUEST_SCHEME");
	r->now_ms = weir_now_ms();
	r->method = weir_req_param(r, "REQUEST_METHOD");
	r->path = path_of(r);
	r->query = weir_req_param(r, "QUERY_STRING");
	r->peer = weir_req_param(r, "REMOTE_ADDR");
	if (!r->peer.n || weir_text_starts(r->peer, "unix:"))
		r->peer = WEIR_TEXT("unix");
	r->https = weir_text_eq_nocase(https, WEIR_TEXT("on")) || weir_text_is(https, "1") || weir_text_is(scheme, "https");
	return true;
}

static void close_connection(struct weir_wire *w)
{
	if (!w->rq)
		return;
	/* Nothing is left to read: closing at once spares both sides the wait for each other's end. */
	if (w->body_done)
		FCGX_Detach(w->rq);
	FCGX_Finish_r(w->rq);
}

/* A request with what it needs; its memory is kept for the next one. */
struct seat {
	FCGX_Request rq;
	struct weir_wire w;
	struct weir_req r;
	weir_arena *mem;
	weir_str out, head;
};

static bool seat_open(struct seat *s, const struct weir_serve *how)
{
	s->rq = (FCGX_Request){ .ipcFd = -1 };
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
static bool begin(struct seat *s, FCGX_Request *rq, char **envp)
{
	bool good;

	s->w = (struct weir_wire){ .rq = rq, .envp = envp };
	s->r = (struct weir_req){ .mem = s->mem, .params = &s->w, .status = 200, .content_type = "application/json; charset=utf-8",
		.out = &s->out, .head = &s->head };
	weir_str_reset(&s->out);
	weir_str_reset(&s->head);
	good = describe(&s->r);
	if (!good)
		weir_req_plain(&s->r, 503, "Out of memory");
	return good;
}

static void finish(struct seat *s)
{
	weir_wire_begin_wait(&s->w);
	if (!s->w.cut)
		weir_wire_send(&s->r);
	close_connection(&s->w);
	weir_wire_end_wait();
	weir_req_run_later(&s->r);
}

static void serve_alone(const struct weir_serve *how, struct seat *s)
{
	how->serve(&s->r, how->self);
	finish(s);
	weir_arena_reset(s->mem);
}

/* Answers may lie in each other's memory until all are out. */
static void serve_group(const struct weir_serve *how, struct seat *seats, size_t n)
{
	struct weir_req *list[WEIR_REQ_GROUP_MAX] = { NULL };

	if (n == 1) {
		serve_alone(how, seats);
		return;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = &seats[i].r;
	how->serve_group(list, n, how->self);
	for (size_t i = 0; i < n; i++)
		finish(&seats[i]);
	for (size_t i = 0; i < n; i++)
		weir_arena_reset(seats[i].mem);
}

/*
 * Waits until a connection can be accepted.  Signals are open here alone (the
 * alarm apart), so none falls between a test and a wait.  False: stop.
 * A connection that woke us is taken in any case: the other workers were not
 * woken for it.
 */
static bool wait_ready(const struct weir_serve *how, int listening, const sigset_t *open_mask)
{
	struct epoll_event event;
	int n;

	while (!stopping) {
		if (reloading) {
			reloading = 0;
			if (how->reload)
				how->reload(how->self);
		}
		n = epoll_pwait(listening, &event, 1, how->idle ? 1000 : -1, open_mask);
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

/* False when no request waits, or the one that did went away. */
static bool take(struct seat *s)
{
	struct weir_wire waits_for = { .rq = &s->rq };
	bool accepted;

	weir_wire_begin_wait(&waits_for);
	accepted = !FCGX_Accept_r(&s->rq);
	weir_wire_end_wait();
	s->rq.keepConnection = 0; /* a kept connection would tie this worker to one peer while others wait */
	return accepted;
}

/* Requests that wait: the first, and as many more as want to be served together with it. */
static void serve_waiting(const struct weir_serve *how, struct seat *seats)
{
	size_t most = how->serve_group ? WEIR_REQ_GROUP_MAX : 1, joined = 0;

	for (size_t n = 0; n == joined && n < most && take(&seats[n]); n++) {
		if (!begin(&seats[n], &seats[n].rq, seats[n].rq.envp)) {
			finish(&seats[n]);
			weir_arena_reset(seats[n].mem);
			break;
		}
		if (how->serve_group && how->joins(&seats[n].r, how->self)) {
			joined++;
			continue;
		}
		if (joined)
			serve_group(how, seats, joined);
		serve_alone(how, &seats[n]);
		return;
	}
	if (joined)
		serve_group(how, seats, joined);
}

static int serve_fcgi(const struct weir_serve *how, const sigset_t *open_mask, struct seat *seats, size_t count)
{
	int listening = wait_for_socket();
	bool good = listening >= 0 && !FCGX_Init();

	for (size_t i = 0; i < count && good; i++)
		good = !FCGX_InitRequest(&seats[i].rq, LISTEN_FD, FCGI_FAIL_ACCEPT_ON_INTR);
	if (!good) {
		weir_log(LOG_ERR, "start", "error=\"cannot use the socket at descriptor 0\"");
		return 1;
	}
	weir_log(LOG_INFO, "start", "version=%s", PACKAGE_VERSION);
	while (wait_ready(how, listening, open_mask))
		serve_waiting(how, seats);
	watch.rq = NULL;
	for (size_t i = 0; i < count; i++)
		FCGX_Free(&seats[i].rq, 1);
	close(listening);
	weir_log(LOG_INFO, "stop", "reason=signal");
	return 0;
}

/* A call that a signal meets goes on afterwards; epoll_pwait alone returns. */
static void catch(int sig, void (*f)(int))
{
	struct sigaction sa = { .sa_handler = f, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

int weir_req_serve(const struct weir_serve *how)
{
	static struct seat seats[WEIR_REQ_GROUP_MAX];
	size_t count = how->serve_group ? WEIR_REQ_GROUP_MAX : 1;
	sigset_t blocked, open_mask;
	bool good = true;
	int status = 0;

	for (size_t i = 0; i < count; i++)
		good = seat_open(&seats[i], how) && good;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_BLOCK, &blocked, &open_mask);
	sigdelset(&open_mask, SIGTERM);
	sigdelset(&open_mask, SIGINT);
	sigdelset(&open_mask, SIGHUP);
	catch(SIGTERM, on_stop); /* before FCGX_Init, which leaves a handler it finds */
	catch(SIGINT, on_stop);
	catch(SIGHUP, on_reload);
	catch(SIGALRM, on_alarm);
	catch(SIGPIPE, SIG_IGN);
	if (!good) {
		weir_log(LOG_ERR, "start", "error=\"out of memory\"");
		status = 1;
	} else if (!FCGX_IsCGI()) {
		status = serve_fcgi(how, &open_mask, seats, count);
	} else if (begin(seats, NULL, environ)) {
		serve_alone(how, seats);
	} else {
		finish(seats);
	}
	for (size_t i = 0; i < count; i++)
		seat_close(&seats[i]);
	return status;
}
