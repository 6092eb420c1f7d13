/* A request: its parameters, its body, and how long its peer is waited for. */
#include "config.h"
#include "link/req_wire.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HEADER_NAME_MAX = 128,
	READ_MAX = INT32_MAX,     /* of one call of libfcgi */
	DRAIN_MAX = 4 * 1024 * 1024, /* of a body that nobody has read */
	DRAIN_PIECE = 4096
};

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

void weir_wire_alarm(int sig)
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

bool weir_wire_drain(struct weir_wire *w)
{
	char piece[DRAIN_PIECE];

	for (size_t n = 0; !w->body_done && n < DRAIN_MAX; n += sizeof(piece))
		w->body_done = FCGX_GetStr(piece, sizeof(piece), w->rq->in) < (int)sizeof(piece);
	return w->body_done;
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

bool weir_wire_describe(struct weir_req *r)
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
