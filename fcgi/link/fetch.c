#include "config.h"
#include "link/fetch.h"

#include "base/str.h"
#include "link/guard.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum {
	ENOUGH = 1024 * 1024,             /* the other side waits while so much has not been taken */
	SEEN_MAX = 64 * 1024 * 1024,      /* one piece of curl's, unpacked as far as deflate goes */
	PIECE = 64 * 1024,
	REDIRECTS = 5,
	SILENCE_S = 60,
	WINDOW_GZIP = 15 + 16,            /* zlib's way to ask for gzip alone */
};

struct weir_fetch {
	struct weir_guard guard;
	CURLM *multi;
	CURL *h;
	weir_str seen;
	size_t taken;
	z_stream unpack;
	enum { UNKNOWN, PLAIN, PACKED } form;
	uint8_t first;                    /* of a form not known yet: a first byte that may be gzip's */
	bool has_first, blocked, waiting, ended;
	bool inside;                      /* of a gzip file whose end has not come */
	weir_err err;
	char error[CURL_ERROR_SIZE], why[320];
};

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	weir_fetch *f = ctx;

	if (purpose != CURLSOCKTYPE_IPCXN || !weir_guard_allows(&f->guard, &to->addr)) {
		f->blocked = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool unpack(weir_fetch *f, const char *p, size_t n)
{
	char out[PIECE];

	f->unpack.next_in = (Bytef *)(uintptr_t)p;
	f->unpack.avail_in = (uInt)n;
	do {
		int rc;

		f->unpack.next_out = (Bytef *)out;
		f->unpack.avail_out = sizeof(out);
		rc = inflate(&f->unpack, Z_NO_FLUSH);
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return false;
		weir_str_add(&f->seen, out, sizeof(out) - f->unpack.avail_out);
		f->inside = rc == Z_STREAM_END ? false : f->inside || rc == Z_OK;
		if (rc == Z_STREAM_END && inflateReset(&f->unpack) != Z_OK) /* gzip files may stand one behind the other */
			return false;
	} while (f->unpack.avail_in > 0 || f->unpack.avail_out == 0);
	return !weir_str_err(&f->seen);
}

static bool add(weir_fetch *f, const char *p, size_t n)
{
	if (f->form == PACKED)
		return unpack(f, p, n);
	weir_str_add(&f->seen, p, n);
	return !weir_str_err(&f->seen);
}

/* The first two bytes tell whether it is gzip (RFC 1952 2.3.1). */
static bool begin(weir_fetch *f, const char *p, size_t n)
{
	char both[2] = { (char)f->first, p[0] };

	if (!f->has_first) {
		f->first = (uint8_t)p[0];
		f->has_first = true;
		return n == 1 || begin(f, p + 1, n - 1);
	}
	f->form = (uint8_t)both[0] == 0x1f && (uint8_t)both[1] == 0x8b ? PACKED : PLAIN;
	if (f->form == PACKED && inflateInit2(&f->unpack, WINDOW_GZIP) != Z_OK) {
		f->form = PLAIN;
		return false;
	}
	return add(f, both, 2) && (n == 1 || add(f, p + 1, n - 1));
}

static size_t on_data(char *p, size_t size, size_t count, void *ctx)
{
	weir_fetch *f = ctx;
	size_t n = size * count;
	long status = 0;

	if (f->seen.len - f->taken > ENOUGH) {
		f->waiting = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (curl_easy_getinfo(f->h, CURLINFO_RESPONSE_CODE, &status) || status != 200)
		return 0; /* the text of an error is of no use */
	if (!n)
		return 0;
	return (f->form == UNKNOWN ? begin(f, p, n) : add(f, p, n)) ? n : 0;
}

static void set(CURLcode *first, CURLcode rc)
{
	*first = *first ? *first : rc;
}

static bool set_up(weir_fetch *f, weir_text url)
{
	CURLcode rc = CURLE_OK;
	weir_str z;

	weir_str_init(&z, 16 * 1024);
	weir_str_text(&z, url);
	set(&rc, weir_str_err(&z) || memchr(url.p, 0, url.n) ? CURLE_URL_MALFORMAT : CURLE_OK);
	set(&rc, curl_easy_setopt(f->h, CURLOPT_URL, z.buf));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_REDIR_PROTOCOLS_STR, "http,https"));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_FOLLOWLOCATION, 1L));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_MAXREDIRS, (long)REDIRECTS));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_NOPROXY, "*"));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_NOSIGNAL, 1L));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_CONNECTTIMEOUT, (long)SILENCE_S));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_LOW_SPEED_LIMIT, 1L));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_S));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_USERAGENT, "weir/" PACKAGE_VERSION));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_WRITEFUNCTION, on_data));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_WRITEDATA, f));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_OPENSOCKETFUNCTION, on_socket));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_OPENSOCKETDATA, f));
	set(&rc, curl_easy_setopt(f->h, CURLOPT_ERRORBUFFER, f->error));
	weir_str_free(&z);
	return !rc && !curl_multi_add_handle(f->multi, f->h);
}

weir_fetch *weir_fetch_new(const struct weir_conf *conf, weir_text url, struct weir_fault *fault)
{
	weir_fetch *f = calloc(1, sizeof(*f));

	weir_fault_set(fault, "out of memory");
	if (!f)
		return NULL;
	weir_str_init(&f->seen, SEEN_MAX);
	f->multi = curl_multi_init();
	f->h = curl_easy_init();
	if (f->multi && f->h && weir_guard_init(&f->guard, conf, fault)) {
		weir_fault_set(fault, "the address is no URL");
		if (set_up(f, url))
			return f;
	}
	weir_fetch_free(f);
	return NULL;
}

void weir_fetch_free(weir_fetch *f)
{
	if (!f)
		return;
	if (f->h && f->multi)
		curl_multi_remove_handle(f->multi, f->h);
	curl_easy_cleanup(f->h);
	curl_multi_cleanup(f->multi);
	if (f->form == PACKED)
		inflateEnd(&f->unpack);
	weir_str_free(&f->seen);
	free(f);
}

static void judge(weir_fetch *f, CURLcode rc)
{
	long status = 0;

	f->ended = true;
	curl_easy_getinfo(f->h, CURLINFO_RESPONSE_CODE, &status);
	if (!rc && f->inside)
		rc = CURLE_WRITE_ERROR;
	if (!rc && status == 200) {
		if (f->form == UNKNOWN && f->has_first)
			weir_str_putc(&f->seen, f->first);
		return;
	}
	f->err = f->blocked ? WEIR_EFORBID : WEIR_EBADGATEWAY;
	if (f->blocked)
		snprintf(f->why, sizeof(f->why), "the address is not public (the setting notify.allow_private may allow it)");
	else if (status && status != 200)
		snprintf(f->why, sizeof(f->why), "the other side answered with status %ld", status);
	else if (rc == CURLE_WRITE_ERROR)
		snprintf(f->why, sizeof(f->why), "what came cannot be unpacked");
	else
		snprintf(f->why, sizeof(f->why), "%.300s", f->error[0] ? f->error : curl_easy_strerror(rc));
}

void weir_fetch_step(weir_fetch *f, int wait_ms)
{
	int running, queued;
	CURLMsg *m;

	if (f->ended)
		return;
	if (f->waiting && f->seen.len - f->taken <= ENOUGH) {
		f->waiting = false;
		curl_easy_pause(f->h, CURLPAUSE_CONT);
	}
	if (curl_multi_perform(f->multi, &running)) {
		judge(f, CURLE_FAILED_INIT);
		return;
	}
	if (running && wait_ms > 0 && !f->waiting)
		(void)curl_multi_poll(f->multi, NULL, 0, wait_ms, NULL);
	while ((m = curl_multi_info_read(f->multi, &queued)))
		if (m->msg == CURLMSG_DONE)
			judge(f, m->data.result);
}

weir_text weir_fetch_seen(const weir_fetch *f)
{
	return (weir_text){ f->seen.buf + f->taken, f->seen.len - f->taken };
}

void weir_fetch_take(weir_fetch *f, size_t n)
{
	f->taken += n;
	if (f->taken == f->seen.len) {
		weir_str_reset(&f->seen);
		f->taken = 0;
	} else if (f->taken > ENOUGH) {
		memmove(f->seen.buf, f->seen.buf + f->taken, f->seen.len - f->taken);
		f->seen.len -= f->taken;
		f->seen.buf[f->seen.len] = '\0';
		f->taken = 0;
	}
}

bool weir_fetch_ended(const weir_fetch *f, weir_err *err, const char **why)
{
	*err = f->err;
	*why = f->why;
	return f->ended;
}
