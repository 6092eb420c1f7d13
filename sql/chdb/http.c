#include "config.h"
#include "http.h"

#include "auth.h"
#include "base/log.h"
#include "errors.h"
#include "hangup.h"
#include "listen.h"
#include "run.h"

#include <limits.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * URI_MEMORY: what one connection may use for its head; a server's limit of a
 * URL is 1 MiB.  Only what is used is taken from the system.
 */
enum { URI_MEMORY = 1280 << 10, CONNECTIONS = 512, IDLE_SECONDS = 60, BLOCK = 256 << 10 };

struct weir_http {
	const struct weir_conf *conf;
	struct weir_pool *pool;
	struct weir_hangup *hangup;
	struct MHD_Daemon *daemon;
	char address[WEIR_LISTEN_NAME], host[HOST_NAME_MAX + 1];
	pthread_mutex_t lock;
	size_t calls;
	bool quiet;
};

/* One request on a connection. */
struct exchange {
	struct weir_http *http;
	struct MHD_Connection *connection;
	struct weir_call *call;     /* NULL: answered without a query */
	int fd;
	const char *page;          /* answered when the request has been read: what is answered before closes the connection */
	bool submitted, answered;
};

/* ---- plain answers ---- */

static enum MHD_Result answer_text(struct exchange *x, unsigned status, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc = MHD_NO;

	if (!r)
		return MHD_NO;
	x->answered = true;
	if (MHD_add_response_header(r, "Content-Type", "text/plain; charset=UTF-8") == MHD_YES &&
	    (status != 405 || MHD_add_response_header(r, "Allow", "GET, HEAD, POST") == MHD_YES))
		rc = MHD_queue_response(x->connection, status, r);
	MHD_destroy_response(r);
	return rc;
}

static const struct {
	const char *path, *text;
} pages[] = {
	{ "/ping", "Ok.\n" },
	{ "/replicas_status", "Ok.\n" },
};

static const char *page_of(const char *url)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
		if (!strcmp(url, pages[i].path))
			return pages[i].text;
	return NULL;
}

/* ---- the answer of a query ---- */

static void suspend(void *front)
{
	MHD_suspend_connection(((struct exchange *)front)->connection);
}

static void wake(void *front)
{
	MHD_resume_connection(((struct exchange *)front)->connection);
}

static ssize_t read_answer(void *cls, uint64_t at, char *buf, size_t max)
{
	struct exchange *x = cls;
	ssize_t n = weir_call_read(x->call, buf, max, suspend);

	(void)at;
	if (n == -1)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return n == -2 ? MHD_CONTENT_READER_END_WITH_ERROR : n;
}

static bool add_headers(struct exchange *x, struct MHD_Response *r)
{
	const struct weir_call_head *head = &x->call->head;
	char id[300], code[16];
	const struct {
		const char *name, *value;
	} list[] = {
		{ "Content-Type", head->content_type },
		{ "Content-Encoding", head->gzip ? "gzip" : NULL },
		{ "X-ClickHouse-Summary", *head->summary ? head->summary : NULL },
		{ "X-ClickHouse-Server-Display-Name", x->http->host },
		{ "X-ClickHouse-Query-Id", id },
		{ "X-ClickHouse-Format", head->code ? NULL : head->format },
		{ "X-ClickHouse-Timezone", weir_engine_timezone() },
		{ "X-ClickHouse-Exception-Tag", head->tag },
		{ "X-ClickHouse-Exception-Code", head->code ? code : NULL },
		{ "WWW-Authenticate", head->status == 401 ? "Basic realm=\"ClickHouse server HTTP API\"" : NULL },
		{ "Access-Control-Expose-Headers", "X-ClickHouse-Query-Id,X-ClickHouse-Summary,X-ClickHouse-Server-Display-Name,"
			"X-ClickHouse-Format,X-ClickHouse-Timezone,X-ClickHouse-Exception-Code,X-ClickHouse-Exception-Tag" },
	};

	snprintf(id, sizeof(id), "%.*s", (int)(x->call->rq.query_id.n > 255 ? 255 : x->call->rq.query_id.n), x->call->rq.query_id.p);
	snprintf(code, sizeof(code), "%d", head->code);
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (list[i].value && *list[i].value && MHD_add_response_header(r, list[i].name, list[i].value) != MHD_YES)
			return false;
	return true;
}

/* The head is settled: it goes out, and the body after it as it comes. */
static enum MHD_Result answer_call(struct exchange *x)
{
	const struct weir_call_head *head = &x->call->head;
	uint64_t size = head->length == UINT64_MAX ? MHD_SIZE_UNKNOWN : head->length;
	struct MHD_Response *r = MHD_create_response_from_callback(size, BLOCK, read_answer, x, NULL);
	enum MHD_Result rc = MHD_NO;

	if (!r)
		return MHD_NO;
	x->answered = true;
	if (add_headers(x, r))
		rc = MHD_queue_response(x->connection, (unsigned)head->status, r);
	MHD_destroy_response(r);
	return rc;
}

/* ---- the request ---- */

static enum MHD_Result take_argument(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value, size_t len)
{
	(void)kind;
	weir_request_arg(cls, (weir_text){ name, name_len }, (weir_text){ value ? value : "", value ? len : 0 });
	return MHD_YES;
}

static const char *header(struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

/* gzip is named and not with q=0. */
static bool accepts_gzip(const char *accept)
{
	weir_text list = weir_text_of(accept), item, name;

	while (weir_text_next(&list, ',', &item)) {
		weir_text rest = item;

		if (!weir_text_next(&rest, ';', &name) || !weir_text_eq_nocase(name, WEIR_TEXT("gzip")))
			continue;
		rest = weir_text_trim(rest);
		return !weir_text_is(rest, "q=0") && !weir_text_is(rest, "q=0.0") && !weir_text_is(rest, "q=0.00") && !weir_text_is(rest, "q=0.000");
	}
	return false;
}

static weir_text boundary_of(struct weir_request *rq, const char *type)
{
	weir_text t = weir_text_of(type), rest;
	const char *p;

	if (t.n < 19 || !weir_text_eq_nocase((weir_text){ t.p, 19 }, WEIR_TEXT("multipart/form-data")))
		return (weir_text){ NULL, 0 };
	p = weir_text_find(t, WEIR_TEXT("boundary="));
	if (!p)
		return (weir_text){ "", 0 };
	p += strlen("boundary=");
	rest = (weir_text){ p, t.n - (size_t)(p - t.p) };
	if (weir_text_starts(rest, "\""))
		rest = (weir_text){ p + 1, strcspn(p + 1, "\"") };
	else
		rest.n = strcspn(rest.p, "; ");
	return weir_text_dup(rq->mem, rest);
}

static void read_head(struct exchange *x, const char *method)
{
	struct weir_request *rq = &x->call->rq;
	const char *database = header(x, "X-ClickHouse-Database"), *format = header(x, "X-ClickHouse-Format");

	rq->get = strcmp(method, "POST") != 0;
	if (database)
		weir_request_arg(rq, WEIR_TEXT("database"), weir_text_of(database));
	if (format)
		weir_request_arg(rq, WEIR_TEXT("default_format"), weir_text_of(format));
	MHD_get_connection_values_n(x->connection, MHD_GET_ARGUMENT_KIND, take_argument, rq);
	rq->accept_gzip = accepts_gzip(header(x, "Accept-Encoding"));
	rq->coding = weir_coding_of(header(x, "Content-Encoding"));
	rq->boundary = boundary_of(rq, header(x, "Content-Type"));
}

/* An answer of our own, at once. */
static enum MHD_Result refuse_call(struct exchange *x, int code, const char *name, const char *text)
{
	weir_run_refuse(x->call, code, name, text);
	return answer_call(x);
}

static enum MHD_Result begin_query(struct exchange *x, const char *method)
{
	struct weir_credentials cred = {
		.authorization = header(x, "Authorization"), .user = header(x, "X-ClickHouse-User"), .key = header(x, "X-ClickHouse-Key"),
	};
	struct weir_refusal no;

	x->call = weir_call_new(x->http->conf->chdb_path, (uint64_t)x->http->conf->chdb_spool_max);
	if (!x->call)
		return answer_text(x, 503, "Out of memory\n");
	x->call->front = x;
	x->call->wake = wake;
	pthread_mutex_lock(&x->http->lock);
	x->http->calls++;
	pthread_mutex_unlock(&x->http->lock);
	read_head(x, method);
	if (!weir_auth_check(x->http->conf, &cred, &x->call->rq, &no))
		return refuse_call(x, no.code, no.name, no.text);
	return MHD_YES;
}

static enum MHD_Result begin(struct weir_http *h, struct MHD_Connection *connection, const char *url, const char *method, void **cls)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct exchange *x = calloc(1, sizeof(*x));
	char text[400];

	if (!x)
		return MHD_NO;
	x->http = h;
	x->connection = connection;
	x->fd = info ? info->connect_fd : -1;
	*cls = x;
	if (strcmp(method, "GET") && strcmp(method, "HEAD") && strcmp(method, "POST"))
		return answer_text(x, 405, "GET, HEAD or POST\n");
	x->page = page_of(url);
	if (x->page)
		return MHD_YES;
	if (strcmp(url, "/")) {
		snprintf(text, sizeof(text), "There is no handle %.200s\n\nUse / or /ping for health checks.\nOr /replicas_status for more "
			"sophisticated health checks.\n\nSend queries from your program with POST method or GET /?query=...\n", url);
		return answer_text(x, 404, text);
	}
	/* A bare GET / is a health check. */
	if (strcmp(method, "POST") && !MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "query")) {
		x->page = "Ok.\n";
		return MHD_YES;
	}
	return begin_query(x, method);
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *size)
{
	struct weir_request *rq = x->call ? &x->call->rq : NULL;

	if (rq && !rq->too_large) {
		if (rq->body.n + *size > (uint64_t)x->http->conf->chdb_body_max || weir_body_add(&rq->body, (weir_text){ data, *size })) {
			rq->too_large = true;
			weir_body_free(&rq->body);
		}
	}
	*size = 0;
	return MHD_YES;
}

static bool is_quiet(struct weir_http *h)
{
	bool quiet;

	pthread_mutex_lock(&h->lock);
	quiet = h->quiet;
	pthread_mutex_unlock(&h->lock);
	return quiet;
}

static void submit(struct exchange *x)
{
	bool quiet = is_quiet(x->http);

	x->submitted = true;
	/* Watched first: the query may be over before this function is. */
	weir_hangup_watch(x->http->hangup, x->fd, x->call);
	if (!quiet && !weir_pool_submit(x->http->pool, x->call))
		return;
	weir_hangup_forget(x->http->hangup, x->fd, x->call);
	weir_run_refuse(x->call, 202, "TOO_MANY_SIMULTANEOUS_QUERIES", quiet ? "weir-chdb is stopping" : "Too many queries wait");
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	const char *data, size_t *size, void **con_cls)
{
	struct exchange *x = *con_cls;
	bool ready;

	(void)version;
	if (!x)
		return begin(cls, connection, url, method, con_cls);
	if (*size)
		return take_body(x, data, size);
	if (x->answered)
		return MHD_YES;
	if (!x->call)
		return answer_text(x, 200, x->page);
	if (!x->submitted)
		submit(x);
	ready = weir_call_head_or_wait(x->call, suspend);
	return ready ? answer_call(x) : MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode why)
{
	struct weir_http *h = cls;
	struct exchange *x = *con_cls;

	(void)connection;
	if (!x)
		return;
	if (x->call) {
		weir_hangup_forget(h->hangup, x->fd, x->call);
		if (why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
			weir_call_abandon(x->call);
		else
			weir_pool_kill(h->pool, x->call);
		weir_call_unref(x->call);
		pthread_mutex_lock(&h->lock);
		h->calls--;
		pthread_mutex_unlock(&h->lock);
	}
	free(x);
	*con_cls = NULL;
}

static void __attribute__((format(printf, 2, 0))) on_message(void *cls, const char *fmt, va_list ap)
{
	char text[400];

	(void)cls;
	vsnprintf(text, sizeof(text), fmt, ap);
	weir_log(LOG_DEBUG, "http", "message=\"%s\"", text);
}

/* ---- life ---- */

weir_err weir_http_start(const struct weir_conf *conf, struct weir_pool *pool, struct weir_http **out, struct weir_fault *fault)
{
	struct weir_http *h = calloc(1, sizeof(*h));
	weir_err err;
	int fd;

	if (!h)
		return WEIR_ENOMEM;
	h->conf = conf;
	h->pool = pool;
	pthread_mutex_init(&h->lock, NULL);
	if (gethostname(h->host, sizeof(h->host) - 1))
		snprintf(h->host, sizeof(h->host), "localhost");
	err = weir_listen(conf->chdb_listen, &fd, h->address, fault);
	if (err) {
		free(h);
		return err;
	}
	h->hangup = weir_hangup_start(pool);
	if (h->hangup)
		h->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0,
			NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_message, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
			MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)URI_MEMORY,
			MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
	if (!h->daemon) {
		weir_fault_set(fault, "the HTTP thread cannot be started");
		if (h->hangup)
			weir_hangup_stop(h->hangup);
		close(fd);
		free(h);
		return WEIR_EUNAVAIL;
	}
	*out = h;
	return WEIR_OK;
}

const char *weir_http_address(const struct weir_http *h)
{
	return h->address;
}

void weir_http_quiesce(struct weir_http *h)
{
	int fd = MHD_quiesce_daemon(h->daemon);

	pthread_mutex_lock(&h->lock);
	h->quiet = true;
	pthread_mutex_unlock(&h->lock);
	if (fd >= 0)
		close(fd);
}

size_t weir_http_open_calls(struct weir_http *h)
{
	size_t n;

	pthread_mutex_lock(&h->lock);
	n = h->calls;
	pthread_mutex_unlock(&h->lock);
	return n;
}

void weir_http_stop(struct weir_http *h)
{
	MHD_stop_daemon(h->daemon);
	weir_hangup_stop(h->hangup);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
