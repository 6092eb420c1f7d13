/* Transfers: one handle of curl each, on the multi handle of the client. */
#include "config.h"
#include "link/ch_transfer.h"

#include "base/clock.h"
#include "base/num.h"

enum {
	NODE_REST_MS = 5000,          /* a node that failed is passed over for so long */
	CONNECT_MS = 5000,
	WATCH_MS = 50,                /* between two looks whether the client is still there */
	UPLOAD_BUFFER = 256 * 1024,   /* an INSERT is megabytes */
};

/* -------------------------------------------------------------- the answer */

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
	struct weir_ch_call *t = ctx;
	size_t n = size * count, room;

	if (!t->status)
		curl_easy_getinfo(t->h, CURLINFO_RESPONSE_CODE, &t->status);
	if (t->status != 200) {
		room = sizeof(t->error) - 1 - t->error_len;
		if (n < room)
			room = n;
		memcpy(t->error + t->error_len, p, room);
		t->error_len += room;
		t->error[t->error_len] = '\0';
		return n;
	}
	if (n > t->answer_max - t->got) {
		t->too_large = true;
		return 0; /* curl breaks the transfer off */
	}
	t->got += n;
	if (t->out)
		weir_str_add(t->out, p, n);
	return n;
}

/* Hands over the next piece of an INSERT's data. */
static size_t on_read(char *p, size_t size, size_t count, void *ctx)
{
	struct weir_ch_call *t = ctx;
	size_t n = size * count, left = t->body.n - t->taken;

	n = n < left ? n : left;
	if (n)
		memcpy(p, t->body.p + t->taken, n);
	t->taken += n;
	return n;
}

/* Curl begins again by itself when a kept connection turns out to be closed. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct weir_ch_call *t = ctx;

	if (t->released || origin != SEEK_SET || offset < 0 || (uint64_t)offset > t->body.n)
		return CURL_SEEKFUNC_FAIL;
	t->taken = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t on_header(char *p, size_t size, size_t count, void *ctx)
{
	static const char name[] = "X-ClickHouse-Exception-Code:";
	struct weir_ch_call *t = ctx;
	weir_text line = { p, size * count };
	int64_t code;

	if (line.n > sizeof(name) - 1 &&
	    weir_text_eq_nocase((weir_text){ p, sizeof(name) - 1 }, (weir_text){ name, sizeof(name) - 1 }) &&
	    !weir_num_int(weir_text_trim((weir_text){ p + sizeof(name) - 1, line.n - (sizeof(name) - 1) }), &code) &&
	    code > 0 && code < 100000)
		t->exception = (int)code;
	return line.n;
}

/* "Code: 241. DB::Exception ..." when no header named the code. */
static int code_of_text(const char *text)
{
	weir_text t = weir_text_of(text);
	int64_t code;
	size_t n = 6;

	if (!weir_text_starts(t, "Code: "))
		return 0;
	while (n < t.n && weir_is_digit(t.p[n]))
		n++;
	return weir_num_int((weir_text){ t.p + 6, n - 6 }, &code) || code > 100000 ? 0 : (int)code;
}

/* True when the connection was never made, so that nothing can have happened. */
static bool never_sent(CURLcode rc, CURL *h)
{
	curl_off_t connected = 0;

	if (rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST)
		return true;
	curl_easy_getinfo(h, CURLINFO_PRETRANSFER_TIME_T, &connected);
	return rc == CURLE_OPERATION_TIMEDOUT && !connected;
}

/* A read of whose answer nothing came changes nothing when it is asked again; what writes may have been done. */
static bool lost_read(const struct weir_ch_call *t, CURLcode rc)
{
	bool broken = rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR || rc == CURLE_GOT_NOTHING || rc == CURLE_PARTIAL_FILE;

	return broken && !t->got && t->request.query && t->request.query->read_only;
}

/* Turns the end of a transfer into t->err; true when a node, maybe the same, should be asked again. */
static bool conclude(struct weir_ch_call *t, CURLcode rc)
{
	struct weir_ch_node *node = &t->c->node[t->node];

	if (!t->status)
		curl_easy_getinfo(t->h, CURLINFO_RESPONSE_CODE, &t->status);
	if (rc == CURLE_OK && t->status == 200 && !t->exception) {
		t->err = t->out ? weir_str_err(t->out) : WEIR_OK;
		return false;
	}
	if (t->too_large) {
		t->err = WEIR_ELIMIT;
		snprintf(t->error, sizeof(t->error), "the answer is larger than %zu bytes", t->answer_max);
		return false;
	}
	if (rc == CURLE_OK && !t->exception)
		t->exception = code_of_text(t->error);
	/* A gateway in front of a node that is away answers 502 to 504 without an exception of ClickHouse. */
	if (rc == CURLE_OK && (t->exception || t->status < 502 || t->status > 504)) {
		t->err = WEIR_EBADGATEWAY;
		if (!t->error_len)
			snprintf(t->error, sizeof(t->error), "HTTP status %ld", t->status);
		return false;
	}
	t->err = rc == CURLE_OPERATION_TIMEDOUT ? WEIR_ETIMEOUT : rc == CURLE_OUT_OF_MEMORY ? WEIR_ENOMEM : WEIR_EUNAVAIL;
	snprintf(t->error, sizeof(t->error), "%s: %s", node->base,
		rc ? curl_easy_strerror(rc) : "the gateway in front of it has no server");
	node->rest_until_ms = weir_monotonic_ms() + NODE_REST_MS;
	if (lost_read(t, rc))
		return ++t->tries < (t->c->nodes > 1 ? t->c->nodes : 2);
	return never_sent(rc, t->h) && ++t->tries < t->c->nodes;
}

/* ------------------------------------------------------------ the transfer */

/* The next node that is not resting; when all are, simply the next. */
static size_t pick_node(struct weir_ch *c)
{
	int64_t now = weir_monotonic_ms();
	size_t at = c->turn;

	for (size_t i = 0; i < c->nodes; i++) {
		size_t k = (c->turn + i) % c->nodes;

		if (c->node[k].rest_until_ms <= now) {
			at = k;
			break;
		}
	}
	c->turn = (at + 1) % c->nodes;
	return at;
}

static void set(CURLcode *rc, CURLcode now)
{
	if (!*rc)
		*rc = now;
}

/* Puts the request on a handle and the handle into the multi. */
static weir_err start(struct weir_ch_call *t)
{
	struct weir_ch *c = t->c;
	weir_text body = weir_text_of(t->request.sql);
	CURLcode rc = CURLE_OK;
	weir_err err;

	t->h = c->spares ? c->spare[--c->spares] : curl_easy_init();
	if (!t->h)
		return WEIR_ENOMEM;
	curl_easy_reset(t->h);
	t->node = pick_node(c);
	t->status = t->exception = 0;
	t->error_len = t->taken = 0;
	err = weir_ch_build(&t->request, c->node[t->node].base, t->h, &t->url, &t->form);
	if (err)
		return err;
	set(&rc, curl_easy_setopt(t->h, CURLOPT_URL, t->url.buf));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_PRIVATE, t));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_NOSIGNAL, 1L));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_NOPROXY, "*"));
	if (t->request.insert)
		set(&rc, curl_easy_setopt(t->h, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_CONNECTTIMEOUT_MS, (long)(c->timeout_ms < CONNECT_MS ? c->timeout_ms : CONNECT_MS)));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_WRITEFUNCTION, on_body));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_WRITEDATA, t));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_HEADERFUNCTION, on_header));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_HEADERDATA, t));
	set(&rc, curl_easy_setopt(t->h, CURLOPT_HTTPHEADER, t->form ? c->form_headers : c->headers));
	if (t->form) {
		set(&rc, curl_easy_setopt(t->h, CURLOPT_MIMEPOST, t->form));
	} else if (t->request.insert) {
		set(&rc, curl_easy_setopt(t->h, CURLOPT_POST, 1L));
		set(&rc, curl_easy_setopt(t->h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n));
		set(&rc, curl_easy_setopt(t->h, CURLOPT_READFUNCTION, on_read));
		set(&rc, curl_easy_setopt(t->h, CURLOPT_READDATA, t));
		set(&rc, curl_easy_setopt(t->h, CURLOPT_SEEKFUNCTION, on_seek));
		set(&rc, curl_easy_setopt(t->h, CURLOPT_SEEKDATA, t));
	} else {
		set(&rc, curl_easy_setopt(t->h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n));
		set(&rc, curl_easy_setopt(t->h, CURLOPT_POSTFIELDS, body.n ? body.p : ""));
	}
	if (rc || curl_multi_add_handle(c->multi, t->h))
		return WEIR_ENOMEM;
	return WEIR_OK;
}

/* Takes the handle back; the multi keeps the connection. */
static void stop(struct weir_ch_call *t)
{
	struct weir_ch *c = t->c;

	if (t->h) {
		curl_multi_remove_handle(c->multi, t->h);
		curl_easy_reset(t->h);
		if (c->spares < WEIR_CH_SPARE_MAX)
			c->spare[c->spares++] = t->h;
		else
			curl_easy_cleanup(t->h);
	}
	t->h = NULL;
	curl_mime_free(t->form);
	t->form = NULL;
	weir_str_free(&t->url);
	weir_str_init(&t->url, WEIR_CH_TEXT_MAX);
}

static void begin(struct weir_ch_call *t)
{
	t->err = start(t);
	if (!t->err)
		return;
	snprintf(t->error, sizeof(t->error), "%s", weir_err_text(t->err));
	stop(t);
	--*t->left;
}

/* Handles what has ended. */
static void collect(struct weir_ch *c)
{
	int queued;
	CURLMsg *m;

	while ((m = curl_multi_info_read(c->multi, &queued))) {
		struct weir_ch_call *t;
		bool again;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		again = conclude(t, m->data.result);
		stop(t);
		if (again)
			begin(t);
		else
			--*t->left;
	}
}

void weir_ch_begin_all(struct weir_ch *c, struct weir_ch_call *calls, size_t count, size_t *left)
{
	c->exception = 0;
	c->error[0] = '\0';
	*left = count;
	for (size_t i = 0; i < count; i++) {
		calls[i].c = c;
		calls[i].left = left;
		weir_str_init(&calls[i].url, WEIR_CH_TEXT_MAX);
		begin(&calls[i]);
	}
}

bool weir_ch_step(struct weir_ch *c, const size_t *left, int wait_ms)
{
	int running;
	CURLMcode rc = curl_multi_perform(c->multi, &running);

	collect(c);
	if (!rc && *left && wait_ms > 0)
		rc = curl_multi_poll(c->multi, NULL, 0, wait_ms, NULL);
	return !rc;
}

void weir_ch_give_up(struct weir_ch_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!calls[i].h || !calls[i].request.query || !calls[i].request.query->read_only)
			continue;
		stop(&calls[i]);
		calls[i].err = WEIR_EUNAVAIL;
		snprintf(calls[i].error, sizeof(calls[i].error), "the client has gone");
		--*calls[i].left;
	}
}

void weir_ch_finish_all(struct weir_ch *c, struct weir_ch_call *calls, size_t count, const size_t *left)
{
	while (*left && weir_ch_step(c, left, c->gone ? WATCH_MS : 1000))
		if (*left && c->gone && c->gone(c->gone_ctx))
			weir_ch_give_up(calls, count);
	for (size_t i = 0; i < count; i++) {
		if (calls[i].h) { /* curl failed */
			stop(&calls[i]);
			calls[i].err = WEIR_EINTERNAL;
		}
		weir_str_free(&calls[i].url);
		if (calls[i].err) {
			c->exception = calls[i].exception;
			snprintf(c->error, sizeof(c->error), "%s", calls[i].error);
		}
	}
}
