/* Requests to addresses that users have entered. */
#include "config.h"
#include "link/outbound.h"

#include "base/log.h"
#include "link/guard.h"
#include "link/smtp_easy.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	ANSWER_MAX = 64 * 1024,
	BODY_MAX = 8 * 1024 * 1024,
	URL_MAX_LEN = 8 * 1024,
	HEADER_MAX = 16 * 1024,
	RETRY_AFTER_MAX_S = 24 * 60 * 60,
};

struct flight {
	weir_outbound *o;
	bool used, ended, blocked, is_mail;
	CURL *h;
	CURLcode rc;
	weir_str url, body;
	struct curl_slist *headers;
	struct weir_parcel parcel;
	size_t got;
	char error[CURL_ERROR_SIZE];
	void *tag;
};

struct weir_outbound {
	const struct weir_conf *conf;
	CURLM *multi;
	struct weir_guard guard;
	size_t running;
	struct flight flight[WEIR_OUTBOUND_MAX];
};

weir_outbound *weir_outbound_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_outbound *o = calloc(1, sizeof(*o));

	if (!o || curl_global_init(CURL_GLOBAL_DEFAULT) || !(o->multi = curl_multi_init())) {
		free(o);
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	o->conf = conf;
	if (!weir_guard_init(&o->guard, conf, fault)) {
		weir_outbound_free(o);
		return NULL;
	}
	return o;
}

static void land(struct flight *f)
{
	if (f->h) {
		curl_multi_remove_handle(f->o->multi, f->h);
		curl_easy_cleanup(f->h);
	}
	curl_slist_free_all(f->headers);
	weir_parcel_free(&f->parcel);
	weir_str_free(&f->url);
	weir_str_free(&f->body);
	f->o->running--;
	*f = (struct flight){ .used = false };
}

void weir_outbound_free(weir_outbound *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < WEIR_OUTBOUND_MAX; i++)
		if (o->flight[i].used)
			land(&o->flight[i]);
	curl_multi_cleanup(o->multi);
	free(o);
}

size_t weir_outbound_room(const weir_outbound *o)
{
	return WEIR_OUTBOUND_MAX - o->running;
}

static struct flight *board(weir_outbound *o, void *tag)
{
	struct flight *f = o->flight;

	while (f < o->flight + WEIR_OUTBOUND_MAX && f->used)
		f++;
	if (f == o->flight + WEIR_OUTBOUND_MAX)
		return NULL;
	*f = (struct flight){ .o = o, .used = true, .tag = tag, .h = curl_easy_init() };
	weir_str_init(&f->url, URL_MAX_LEN);
	weir_str_init(&f->body, BODY_MAX);
	weir_str_init(&f->parcel.message, 1);
	o->running++;
	if (f->h)
		return f;
	land(f);
	return NULL;
}

/* ------------------------------------------------------------------ the guard */

/* Called for the very address that is connected to. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct flight *f = ctx;

	if (purpose != CURLSOCKTYPE_IPCXN || !weir_guard_allows(&f->o->guard, &to->addr)) {
		f->blocked = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* ---------------------------------------------------------------- a request */

/* The answer's text is of no use; beyond the limit the rest isn't even read. */
static size_t on_answer(char *p, size_t size, size_t count, void *ctx)
{
	struct flight *f = ctx;

	(void)p;
	f->got += size * count;
	return f->got > ANSWER_MAX ? 0 : size * count;
}

static void set(CURLcode *rc, CURLcode now)
{
	if (!*rc)
		*rc = now;
}

/* RFC 9110 5.1 and 5.5: a token, and a value without line ends. */
static bool is_header(const struct weir_post_header *h)
{
	for (size_t i = 0; i < h->name.n; i++)
		if (!weir_is_alpha(h->name.p[i]) && !weir_is_digit(h->name.p[i]) && !strchr("!#$%&'*+-.^_`|~", h->name.p[i] ? h->name.p[i] : ' '))
			return false;
	for (size_t i = 0; i < h->value.n; i++)
		if (((unsigned char)h->value.p[i] < ' ' && h->value.p[i] != '\t') || h->value.p[i] == 0x7f)
			return false;
	return h->name.n > 0 && h->name.n + h->value.n < HEADER_MAX - 4;
}

static bool is_transports(weir_text name)
{
	static const char *const own[] = { "host", "content-length", "transfer-encoding", "connection" };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (weir_text_eq_nocase(name, weir_text_of(own[i])))
			return true;
	return false;
}

static weir_err add_header(struct flight *f, const struct weir_post_header *h)
{
	struct curl_slist *longer;
	weir_str line;

	if (!is_header(h))
		return WEIR_EBADREQ;
	if (is_transports(h->name))
		return WEIR_OK;
	weir_str_init(&line, HEADER_MAX);
	weir_str_text(&line, h->name);
	weir_str_puts(&line, h->value.n ? ": " : ";"); /* curl's way to write an empty value */
	weir_str_text(&line, h->value);
	longer = weir_str_err(&line) ? NULL : curl_slist_append(f->headers, line.buf);
	weir_str_free(&line);
	if (longer)
		f->headers = longer;
	return longer ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err load_post(struct flight *f, const struct weir_post *post)
{
	static const struct weir_post_header no_expect = { { "Expect", 6 }, { "", 0 } };
	struct curl_slist *longer;
	CURLcode rc = CURLE_OK;
	weir_err err = WEIR_OK;

	if (memchr(post->url.p, 0, post->url.n) || post->url.n >= URL_MAX_LEN ||
	    (!weir_text_starts(post->url, "http://") && !weir_text_starts(post->url, "https://")))
		return WEIR_EBADREQ;
	weir_str_text(&f->url, post->url);
	weir_str_text(&f->body, post->body);
	longer = curl_slist_append(NULL, "Expect:");
	f->headers = longer;
	for (size_t i = 0; i < post->headers && longer && !err; i++)
		err = weir_text_eq_nocase(post->header[i].name, no_expect.name) ? WEIR_OK : add_header(f, &post->header[i]);
	if (err || !longer)
		return err ? err : WEIR_ENOMEM;
	set(&rc, curl_easy_setopt(f->h, CURLOPT_URL, f->url.buf));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_FOLLOWLOCATION, 0L));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_NOPROXY, "*"));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_NOSIGNAL, 1L));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_USERAGENT, "Weir/" PACKAGE_VERSION));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_HTTPHEADER, f->headers));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->body.len));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_POSTFIELDS, f->body.buf));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_WRITEFUNCTION, on_answer));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_WRITEDATA, f));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_OPENSOCKETFUNCTION, on_socket));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_OPENSOCKETDATA, f));
	return rc || weir_str_err(&f->url) || weir_str_err(&f->body) ? WEIR_ENOMEM : WEIR_OK;
}

static weir_err take_off(struct flight *f)
{
	CURLcode rc = CURLE_OK;

	set(&rc, curl_easy_setopt(f->h, CURLOPT_TIMEOUT_MS, (long)WEIR_OUTBOUND_MS));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_ERRORBUFFER, f->error));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_PRIVATE, f));
	return rc || curl_multi_add_handle(f->o->multi, f->h) ? WEIR_ENOMEM : WEIR_OK;
}

weir_err weir_outbound_post(weir_outbound *o, const struct weir_post *post, void *tag)
{
	struct flight *f = board(o, tag);
	weir_err err = f ? load_post(f, post) : WEIR_ENOMEM;

	if (!err)
		err = take_off(f);
	if (err && f)
		land(f);
	return err;
}

weir_err weir_outbound_mail(weir_outbound *o, const struct weir_mail *mail, void *tag)
{
	struct flight *f = board(o, tag);
	weir_err err = f ? weir_parcel_load(&f->parcel, f->h, o->conf, mail) : WEIR_ENOMEM;

	if (!err) {
		f->is_mail = true;
		err = take_off(f);
	}
	if (err && f)
		land(f);
	return err;
}

/* ---------------------------------------------------------------- the outcome */

void weir_outbound_step(weir_outbound *o, int wait_ms)
{
	int running, queued;
	CURLMsg *m;

	if (curl_multi_perform(o->multi, &running))
		weir_log(LOG_ERR, "outbound", "error=\"libcurl fails\"");
	else if (running && wait_ms > 0)
		(void)curl_multi_poll(o->multi, NULL, 0, wait_ms, NULL);
	while ((m = curl_multi_info_read(o->multi, &queued))) {
		struct flight *f;

		if (m->msg != CURLMSG_DONE || curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f))
			continue;
		f->ended = true;
		f->rc = m->data.result;
	}
}

/* Statuses that tell of a passing state: RFC 9110 15.5.9, RFC 8470, RFC 6585, and all of 5xx. */
static bool is_passing(long status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

static void judge_post(const struct flight *f, struct weir_outcome *out)
{
	bool answered = f->rc == CURLE_OK || (f->rc == CURLE_WRITE_ERROR && f->got > ANSWER_MAX);
	curl_off_t after = 0;

	if (answered && out->status >= 200 && out->status < 300)
		return;
	if (!answered && f->blocked) {
		out->err = WEIR_EFORBID;
		snprintf(out->why, sizeof(out->why), "the address is not public, see notify.allow_private");
	} else if (!answered) {
		out->err = f->rc == CURLE_URL_MALFORMAT || f->rc == CURLE_UNSUPPORTED_PROTOCOL ? WEIR_EBADREQ : WEIR_EUNAVAIL;
		snprintf(out->why, sizeof(out->why), "%.200s", f->error[0] ? f->error : curl_easy_strerror(f->rc));
	} else {
		out->err = is_passing(out->status) ? WEIR_EUNAVAIL : WEIR_EBADREQ;
		snprintf(out->why, sizeof(out->why), "HTTP status %ld", out->status);
		curl_easy_getinfo(f->h, CURLINFO_RETRY_AFTER, &after);
		out->retry_after_ms = (after > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : after > 0 ? after : 0) * 1000;
	}
}

bool weir_outbound_next(weir_outbound *o, struct weir_outcome *out)
{
	struct flight *f = o->flight;

	while (f < o->flight + WEIR_OUTBOUND_MAX && !(f->used && f->ended))
		f++;
	if (f == o->flight + WEIR_OUTBOUND_MAX)
		return false;
	*out = (struct weir_outcome){ .tag = f->tag };
	curl_easy_getinfo(f->h, CURLINFO_RESPONSE_CODE, &out->status);
	if (!f->is_mail) {
		judge_post(f, out);
	} else {
		out->err = weir_parcel_outcome(f->h, f->rc);
		if (out->err)
			snprintf(out->why, sizeof(out->why), "SMTP: %.200s", f->error[0] ? f->error : curl_easy_strerror(f->rc));
	}
	land(f);
	return true;
}
