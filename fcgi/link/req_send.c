#include "config.h"
#include "link/req_wire.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sending answers, at once or in pieces. */

/* With the space before it; fewer than a hundred bytes. */
static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{ 200, " OK" }, { 201, " Created" }, { 202, " Accepted" }, { 204, " No Content" }, { 207, " Multi-Status" },
		{ 301, " Moved Permanently" }, { 302, " Found" }, { 304, " Not Modified" },
		{ 400, " Bad Request" }, { 401, " Unauthorized" }, { 402, " Payment Required" }, { 403, " Forbidden" },
		{ 404, " Not Found" }, { 405, " Method Not Allowed" }, { 408, " Request Timeout" }, { 409, " Conflict" },
		{ 412, " Precondition Failed" }, { 413, " Payload Too Large" }, { 414, " URI Too Long" },
		{ 415, " Unsupported Media Type" }, { 422, " Unprocessable Entity" }, { 429, " Too Many Requests" },
		{ 499, " Client Closed Request" }, { 500, " Internal Server Error" }, { 501, " Not Implemented" },
		{ 502, " Bad Gateway" }, { 503, " Service Unavailable" }, { 504, " Gateway Timeout" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return " Other";
}

/* What goes out when the answer itself could not be made. */
static void give_up(struct weir_req *r)
{
	weir_log(LOG_ERR, "answer", "error=\"%s\"", weir_err_text(r->out->err ? r->out->err : r->head->err));
	weir_str_reset(r->head);
	weir_req_plain(r, 500, "Internal server error");
}

static bool write_all(const char *p, size_t n)
{
	int64_t end = weir_monotonic_ms() + WEIR_WIRE_PATIENCE_S * 1000;

	while (n) {
		struct pollfd f = { .fd = 1, .events = POLLOUT };
		ssize_t done = write(1, p, n);

		if (done > 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno != EINTR && errno != EAGAIN) {
			return false;
		} else if (weir_monotonic_ms() >= end || poll(&f, 1, 1000) < 0) {
			return false;
		}
	}
	return true;
}

static bool has_body(const struct weir_req *r)
{
	return r->status != 204 && r->status != 304;
}

/* A peer that has gone away is no news: what it asked for is done, and nobody is left to tell. */
static bool put(const struct weir_wire *w, const char *p, size_t n)
{
	bool sent = w->rq ? FCGX_PutStr(p, (int)n, w->rq->out) == (int)n : write_all(p, n);

	if (!sent)
		weir_log(LOG_DEBUG, "answer", "error=\"the peer is gone\"");
	return sent;
}

static void put_line(const struct weir_wire *w, const char *name, const char *value, size_t n)
{
	put(w, name, strlen(name));
	put(w, value, n);
	put(w, "\r\n", 2);
}

static void put_number(const struct weir_wire *w, const char *name, uint64_t n, const char *behind)
{
	char text[128], *at = text + 24;
	size_t len = strlen(behind);

	memcpy(at, behind, len); /* one of the reasons above, or nothing */
	len += 24;
	do
		*--at = (char)('0' + n % 10);
	while (n /= 10);
	put_line(w, name, at, (size_t)(text + len - at));
}

/* whole: out is all that there will be, so its length can be told. */
static void send_head(struct weir_req *r, bool whole)
{
	const struct weir_wire *w = weir_wire_of(r);

	put_number(w, "Status: ", (uint64_t)r->status, reason(r->status));
	if (r->content_type)
		put_line(w, "Content-Type: ", r->content_type, strlen(r->content_type));
	if (whole && has_body(r))
		put_number(w, "Content-Length: ", r->out->len, "");
	put(w, r->head->buf, r->head->len);
	put(w, "\r\n", 2);
}

void weir_wire_send(struct weir_req *r)
{
	struct weir_wire *w = weir_wire_of(r);

	if (w->begun) {
		if (weir_req_flush(r))
			weir_req_cut(r);
		return;
	}
	if (r->out->err || r->head->err || r->out->len > INT32_MAX)
		give_up(r);
	send_head(r, true);
	if (has_body(r) && !weir_text_is(r->method, "HEAD"))
		put(w, r->out->buf, r->out->len);
}

weir_err weir_req_flush(struct weir_req *r)
{
	struct weir_wire *w = weir_wire_of(r);
	bool sent = true;

	if (r->out->err || r->head->err)
		return r->out->err ? r->out->err : r->head->err;
	weir_wire_begin_wait(w);
	if (!w->begun)
		send_head(r, false);
	w->begun = true;
	if (has_body(r) && !weir_text_is(r->method, "HEAD"))
		sent = put(w, r->out->buf, r->out->len) && (!w->rq || !FCGX_FFlush(w->rq->out));
	weir_wire_end_wait();
	weir_str_reset(r->out);
	return sent ? WEIR_OK : WEIR_EUNAVAIL;
}

bool weir_req_begun(const struct weir_req *r)
{
	return weir_wire_of(r)->begun;
}

void weir_req_cut(struct weir_req *r)
{
	struct weir_wire *w = weir_wire_of(r);

	w->cut = true;
	if (w->rq && w->rq->ipcFd >= 0)
		shutdown(w->rq->ipcFd, SHUT_RDWR);
}
