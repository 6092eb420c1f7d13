#include "config.h"
#include "link/http.h"

#include "base/str.h"

#include <curl/curl.h>

enum { ANSWER_MAX = 1024 * 1024, HEADER_MAX = 16 * 1024 };
static const long TIMEOUT_MS = 10 * 1000;

static void set(CURLcode *first, CURLcode rc)
{
	*first = *first ? *first : rc;
}

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
	weir_str *body = ctx;

	weir_str_add(body, p, size * count);
	return weir_str_err(body) ? 0 : size * count;
}

static const char *zero(weir_arena *mem, weir_text t, CURLcode *rc)
{
	const char *z = weir_strndup(mem, t.p ? t.p : "", t.n);

	set(rc, z ? CURLE_OK : CURLE_OUT_OF_MEMORY);
	return z;
}

/* The list with one more line; on no memory, or a line that is two, the list is freed and NULL. */
static struct curl_slist *with(struct curl_slist *list, const char *name, weir_text value)
{
	struct curl_slist *more;
	weir_str line;

	weir_str_init(&line, HEADER_MAX);
	weir_str_puts(&line, name);
	weir_str_text(&line, value);
	more = weir_str_err(&line) || memchr(line.buf, '\n', line.len) ? NULL : curl_slist_append(list, line.buf);
	weir_str_free(&line);
	if (!more)
		curl_slist_free_all(list);
	return more;
}

static struct curl_slist *headers_of(const struct weir_http *in, CURLcode *rc)
{
	struct curl_slist *list = with(NULL, "Accept: ", WEIR_TEXT("application/json"));

	if (list && in->bearer.n)
		list = with(list, "Authorization: Bearer ", in->bearer);
	if (list && in->json.p)
		list = with(list, "Content-Type: ", WEIR_TEXT("application/json"));
	set(rc, list ? CURLE_OK : CURLE_OUT_OF_MEMORY);
	return list;
}

static CURLcode set_up(CURL *h, weir_arena *mem, const struct weir_http *in, weir_str *body, struct curl_slist **headers)
{
	weir_text sent = in->form.p ? in->form : in->json;
	CURLcode rc = CURLE_OK;

	*headers = headers_of(in, &rc);
	set(&rc, curl_easy_setopt(h, CURLOPT_URL, zero(mem, in->url, &rc)));
	set(&rc, curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(&rc, curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L));
	set(&rc, curl_easy_setopt(h, CURLOPT_NOPROXY, "*"));
	set(&rc, curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L));
	set(&rc, curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, TIMEOUT_MS));
	set(&rc, curl_easy_setopt(h, CURLOPT_USERAGENT, "weir/" PACKAGE_VERSION));
	set(&rc, curl_easy_setopt(h, CURLOPT_HTTPHEADER, *headers));
	set(&rc, curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body));
	set(&rc, curl_easy_setopt(h, CURLOPT_WRITEDATA, body));
	if (in->user.n) {
		set(&rc, curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC));
		set(&rc, curl_easy_setopt(h, CURLOPT_USERNAME, zero(mem, in->user, &rc)));
		set(&rc, curl_easy_setopt(h, CURLOPT_PASSWORD, zero(mem, in->password, &rc)));
	}
	if (sent.p) {
		set(&rc, curl_easy_setopt(h, CURLOPT_POSTFIELDS, sent.p));
		set(&rc, curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)sent.n));
	}
	return rc;
}

static weir_err meaning(CURLcode rc, const weir_str *body)
{
	if (rc == CURLE_WRITE_ERROR && weir_str_err(body))
		return weir_str_err(body);
	switch (rc) {
	case CURLE_OK:
		return WEIR_OK;
	case CURLE_OUT_OF_MEMORY:
		return WEIR_ENOMEM;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return WEIR_EBADREQ;
	case CURLE_OPERATION_TIMEDOUT:
		return WEIR_ETIMEOUT;
	default:
		return WEIR_EBADGATEWAY;
	}
}

weir_err weir_http_ask(weir_arena *mem, const struct weir_http *in, struct weir_http_answer *answer, struct weir_fault *fault)
{
	char error[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	CURL *h = curl_easy_init();
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	weir_str body;
	weir_err err;

	*answer = (struct weir_http_answer){ .status = 0 };
	weir_str_init(&body, in->answer_max ? in->answer_max : ANSWER_MAX);
	if (h) {
		rc = set_up(h, mem, in, &body, &headers);
		set(&rc, curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error));
		if (!rc)
			rc = curl_easy_perform(h);
		if (!rc)
			rc = curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &answer->status);
	}
	err = meaning(rc, &body);
	if (!err) {
		answer->body = weir_text_dup(mem, weir_str_view(&body));
		err = answer->body.p ? WEIR_OK : WEIR_ENOMEM;
	}
	if (err)
		weir_fault_set(fault, "%.*s: %s", (int)(in->url.n < 200 ? in->url.n : 200), in->url.p, error[0] ? error : curl_easy_strerror(rc));
	curl_easy_cleanup(h);
	curl_slist_free_all(headers);
	weir_str_free(&body);
	return err;
}
