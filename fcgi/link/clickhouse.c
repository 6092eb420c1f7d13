/* ClickHouse over HTTP: every call is a transfer of one curl multi handle. */
#include "config.h"
#include "link/clickhouse.h"

#include "base/clock.h"
#include "base/num.h"
#include "link/ch_request.h"

#include <stdlib.h>

enum {
	NODES_MAX = 32,
	NODE_REST_MS = 5000,          /* a node that failed is passed over for so long */
	CONNECT_MS = 5000,
	WATCH_MS = 200,               /* between two looks whether the client is still there */
	TEXT_MAX = 64 * 1024 * 1024,
	ERROR_MAX = 4 * 1024,         /* kept of a server's error text */
	UPLOAD_BUFFER = 256 * 1024,   /* an INSERT is megabytes */
	SEND_MS = 200,                /* at a time for the bodies of INSERTs on their way */
	SEND_WAIT_MS = 20,            /* for a server that reads slowly */
	SPARE_MAX = 16,               /* idle curl handles */
	CONNECTIONS_MAX = 8,          /* at the same time to one node */
};

struct node {
	char *base; /* without a slash at the end */
	int64_t rest_until_ms;
};

struct weir_ch {
	CURLM *multi;
	CURL *spare[SPARE_MAX];
	size_t spares;
	struct node node[NODES_MAX];
	size_t nodes, turn;
	struct curl_slist *headers, *form_headers;
	char *database;
	int64_t timeout_ms;
	bool (*gone)(void *ctx);
	void *gone_ctx;
	int exception;
	char error[ERROR_MAX];
};

/* One request and what has come back of it. */
struct call {
	struct weir_ch *c;
	size_t *left; /* calls of the same group that have not ended */
	struct weir_ch_request request;
	weir_text body;               /* INSERT data; the statement then travels in the URL */
	weir_str *out;
	size_t answer_max;
	/* the transfer */
	CURL *h;
	curl_mime *form;
	weir_str url;
	size_t node, tries;
	long status;
	int exception;
	size_t got, error_len;
	bool too_large;
	char error[ERROR_MAX];
	weir_err err;
};

/* -------------------------------------------------------------- the answer */

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
	struct call *t = ctx;
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

static size_t on_header(char *p, size_t size, size_t count, void *ctx)
{
	static const char name[] = "X-ClickHouse-Exception-Code:";
	struct call *t = ctx;
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

/* Turns the end of a transfer into t->err; true when another node should be asked. */
static bool conclude(struct call *t, CURLcode rc)
{
	struct node *node = &t->c->node[t->node];

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
static weir_err start(struct call *t)
{
	struct weir_ch *c = t->c;
	weir_text body = t->request.insert ? t->body : weir_text_of(t->request.sql);
	CURLcode rc = CURLE_OK;
	weir_err err;

	t->h = c->spares ? c->spare[--c->spares] : curl_easy_init();
	if (!t->h)
		return WEIR_ENOMEM;
	curl_easy_reset(t->h);
	t->node = pick_node(c);
	t->status = t->exception = 0;
	t->error_len = 0;
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
	} else {
		set(&rc, curl_easy_setopt(t->h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n));
		set(&rc, curl_easy_setopt(t->h, CURLOPT_POSTFIELDS, body.n ? body.p : ""));
	}
	if (rc || curl_multi_add_handle(c->multi, t->h))
		return WEIR_ENOMEM;
	return WEIR_OK;
}

/* Takes the handle back; the multi keeps the connection. */
static void stop(struct call *t)
{
	struct weir_ch *c = t->c;

	if (t->h) {
		curl_multi_remove_handle(c->multi, t->h);
		curl_easy_reset(t->h);
		if (c->spares < SPARE_MAX)
			c->spare[c->spares++] = t->h;
		else
			curl_easy_cleanup(t->h);
	}
	t->h = NULL;
	curl_mime_free(t->form);
	t->form = NULL;
	weir_str_free(&t->url);
	weir_str_init(&t->url, TEXT_MAX);
}

static void begin(struct call *t)
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
		struct call *t;
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

static void begin_all(struct weir_ch *c, struct call *calls, size_t count, size_t *left)
{
	c->exception = 0;
	c->error[0] = '\0';
	*left = count;
	for (size_t i = 0; i < count; i++) {
		calls[i].c = c;
		calls[i].left = left;
		weir_str_init(&calls[i].url, TEXT_MAX);
		begin(&calls[i]);
	}
}

/* Moves bytes, then waits for something to happen; false when curl itself fails. */
static bool step(struct weir_ch *c, const size_t *left, int wait_ms)
{
	int running;
	CURLMcode rc = curl_multi_perform(c->multi, &running);

	collect(c);
	if (!rc && *left && wait_ms > 0)
		rc = curl_multi_poll(c->multi, NULL, 0, wait_ms, NULL);
	return !rc;
}

/* Closes the connections of reads that nobody waits for any more. */
static void give_up(struct call *calls, size_t count)
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

static void finish_all(struct weir_ch *c, struct call *calls, size_t count, const size_t *left)
{
	while (*left && step(c, left, c->gone ? WATCH_MS : 1000))
		if (*left && c->gone && c->gone(c->gone_ctx))
			give_up(calls, count);
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

static void run_asides(struct weir_ch *c, const struct call *calls, size_t count, const size_t *left)
{
	bool sent = false;

	for (size_t i = 0; i < count; i++) {
		const struct weir_ch_query *q = calls[i].request.query;

		if (!q || !q->aside)
			continue;
		if (!sent)
			sent = step(c, left, 0);
		q->aside->run(q->aside->ctx);
	}
}

static void run(struct weir_ch *c, struct call *calls, size_t count)
{
	size_t left;

	begin_all(c, calls, count, &left);
	run_asides(c, calls, count, &left);
	finish_all(c, calls, count, &left);
}

/* ------------------------------------------------------------- life cycle */

static weir_err add_nodes(struct weir_ch *c, weir_text list, struct weir_fault *fault)
{
	weir_text one;

	while (weir_text_next(&list, ',', &one)) {
		while (one.n && one.p[one.n - 1] == '/')
			one.n--;
		if (!one.n)
			continue;
		if (!weir_text_starts(one, "http://") && !weir_text_starts(one, "https://")) {
			weir_fault_set(fault, "clickhouse.url: expected http://HOST:PORT or https://HOST:PORT, found \"%.*s\"", (int)one.n, one.p);
			return WEIR_EBADREQ;
		}
		if (c->nodes == NODES_MAX) {
			weir_fault_set(fault, "clickhouse.url: more than %d addresses", NODES_MAX);
			return WEIR_EBADREQ;
		}
		c->node[c->nodes].base = strndup(one.p, one.n);
		if (!c->node[c->nodes].base)
			return WEIR_ENOMEM;
		c->nodes++;
	}
	if (!c->nodes) {
		weir_fault_set(fault, "clickhouse.url is empty");
		return WEIR_EBADREQ;
	}
	return WEIR_OK;
}

static bool add_header(struct weir_ch *c, const char *name, const char *value, bool form_too)
{
	struct curl_slist *longer;
	weir_str line;
	bool good = true;

	weir_str_init(&line, ERROR_MAX);
	weir_str_puts(&line, name);
	weir_str_puts(&line, value);
	longer = weir_str_err(&line) ? NULL : curl_slist_append(c->headers, line.buf);
	if (longer)
		c->headers = longer;
	good = longer != NULL;
	if (good && form_too) {
		longer = curl_slist_append(c->form_headers, line.buf);
		if (longer)
			c->form_headers = longer;
		good = longer != NULL;
	}
	weir_str_free(&line);
	return good;
}

weir_ch *weir_ch_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_ch *c = calloc(1, sizeof(*c));
	bool good;

	if (!c || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(c);
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	c->timeout_ms = conf->clickhouse_timeout > 0 ? conf->clickhouse_timeout : 1;
	c->database = strdup(conf->clickhouse_database);
	c->multi = curl_multi_init();
	/* An empty "Expect:" keeps curl from waiting a second for 100 Continue before a large body. */
	good = c->database && c->multi && add_header(c, "Expect:", "", true) &&
	       add_header(c, "Content-Type: ", "application/octet-stream", false) &&
	       !curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_MAX);
	if (good && conf->clickhouse_user[0])
		good = add_header(c, "X-ClickHouse-User: ", conf->clickhouse_user, true) &&
		       add_header(c, "X-ClickHouse-Key: ", conf->clickhouse_password, true);
	if (!good)
		weir_fault_set(fault, "out of memory");
	if (!good || add_nodes(c, weir_text_of(conf->clickhouse_url), fault)) {
		weir_ch_free(c);
		return NULL;
	}
	return c;
}

void weir_ch_watch(weir_ch *c, bool (*gone)(void *ctx), void *ctx)
{
	c->gone = gone;
	c->gone_ctx = ctx;
}

void weir_ch_free(weir_ch *c)
{
	if (!c)
		return;
	while (c->spares)
		curl_easy_cleanup(c->spare[--c->spares]);
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->headers);
	curl_slist_free_all(c->form_headers);
	for (size_t i = 0; i < c->nodes; i++)
		free(c->node[i].base);
	free(c->database);
	free(c);
	curl_global_cleanup(); /* counted by curl */
}

/* --------------------------------------------------------------- the calls */

static struct call call_of_query(const weir_ch *c, const struct weir_ch_query *q, weir_str *out)
{
	return (struct call){
		.request = { .query = q, .sql = q->sql, .database = c->database, .timeout_ms = c->timeout_ms },
		.out = out,
		.answer_max = q->answer_max ? q->answer_max : TEXT_MAX,
	};
}

weir_err weir_ch_run(weir_ch *c, const struct weir_ch_query *q, weir_str *out)
{
	struct call t = call_of_query(c, q, out);

	run(c, &t, 1);
	return t.err;
}

void weir_ch_run_all(weir_ch *c, struct weir_ch_job *jobs, size_t count)
{
	struct call *calls = count ? calloc(count, sizeof(*calls)) : NULL;

	for (size_t i = 0; calls && i < count; i++)
		calls[i] = call_of_query(c, &jobs[i].query, jobs[i].out);
	if (calls)
		run(c, calls, count);
	for (size_t i = 0; i < count; i++)
		jobs[i].err = calls ? calls[i].err : WEIR_ENOMEM;
	free(calls);
}

static void put_tree(void *tree)
{
	json_object_put(tree);
}

weir_err weir_ch_parse(weir_ch *c, weir_arena *mem, const weir_str *answer, json_object **rows)
{
	/* Not weir_jsonr_parse: a FixedString column rightly holds NUL characters. */
	json_tokener *tok = json_tokener_new();
	json_object *tree = NULL;
	weir_err err = tok ? WEIR_OK : WEIR_ENOMEM;

	*rows = NULL;
	if (tok && answer->len <= INT32_MAX)
		tree = json_tokener_parse_ex(tok, answer->buf, (int)answer->len);
	if (!err && (!tree || !json_object_object_get_ex(tree, "data", rows) || !json_object_is_type(*rows, json_type_array))) {
		snprintf(c->error, sizeof(c->error), "the answer is not of format JSON");
		*rows = NULL;
		err = WEIR_EBADGATEWAY;
	}
	if (tree && weir_arena_defer(mem, put_tree, tree)) {
		*rows = NULL;
		err = WEIR_ENOMEM;
	}
	if (tok)
		json_tokener_free(tok);
	return err;
}

weir_err weir_ch_rows(weir_ch *c, weir_arena *mem, const struct weir_ch_query *q, json_object **rows)
{
	struct weir_ch_query as_json = *q;
	weir_str out;
	weir_err err;

	*rows = NULL;
	as_json.format = "JSON";
	weir_str_init(&out, q->answer_max ? q->answer_max : TEXT_MAX);
	err = weir_ch_run(c, &as_json, &out);
	if (!err)
		err = weir_ch_parse(c, mem, &out, rows);
	weir_str_free(&out);
	return err;
}

static struct call call_of_insert(const weir_ch *c, const char *statement, weir_text data, const char *token)
{
	return (struct call){
		.request = { .sql = statement, .insert = true, .token = token, .database = c->database, .timeout_ms = c->timeout_ms },
		.body = data,
		.answer_max = TEXT_MAX,
	};
}

weir_err weir_ch_insert(weir_ch *c, const char *statement, weir_text data, const char *token)
{
	struct call t = call_of_insert(c, statement, data, token);

	run(c, &t, 1);
	return t.err;
}

struct weir_ch_flight {
	struct weir_ch *c;
	size_t count, left;
	struct call call[];
};

weir_ch_flight *weir_ch_load_start(weir_ch *c, const struct weir_ch_load *loads, size_t count)
{
	weir_ch_flight *f = calloc(1, sizeof(*f) + count * sizeof(f->call[0]));

	if (!f)
		return NULL;
	f->c = c;
	f->count = count;
	for (size_t i = 0; i < count; i++)
		f->call[i] = call_of_insert(c, loads[i].statement, loads[i].data, loads[i].token);
	begin_all(c, f->call, count, &f->left);
	return f;
}

/* How much of the bodies is still here. */
static curl_off_t unsent(const weir_ch_flight *f)
{
	curl_off_t left = 0;

	for (size_t i = 0; i < f->count; i++) {
		curl_off_t sent = 0;

		if (f->call[i].h && !curl_easy_getinfo(f->call[i].h, CURLINFO_SIZE_UPLOAD_T, &sent) && (curl_off_t)f->call[i].body.n > sent)
			left += (curl_off_t)f->call[i].body.n - sent;
	}
	return left;
}

bool weir_ch_load_step(weir_ch_flight *f, int wait_ms)
{
	int64_t until = weir_monotonic_ms() + SEND_MS;
	curl_off_t before = 0, left = unsent(f);

	/* Curl sends a piece at a time, and ClickHouse begins when it has all of it: that is not to wait for the caller's other work. */
	while (f->left && left && left != before && weir_monotonic_ms() < until) {
		before = left;
		if (!step(f->c, &f->left, SEND_WAIT_MS))
			return true;
		left = unsent(f);
	}
	return !f->left || !step(f->c, &f->left, wait_ms) || !f->left;
}

void weir_ch_load_end(weir_ch_flight *f, struct weir_ch_load *loads)
{
	finish_all(f->c, f->call, f->count, &f->left);
	for (size_t i = 0; i < f->count; i++) {
		loads[i].err = f->call[i].err;
		loads[i].exception = f->call[i].err ? f->call[i].exception : 0;
		snprintf(loads[i].error, sizeof(loads[i].error), "%s", f->call[i].err ? f->call[i].error : "");
	}
	free(f);
}

weir_err weir_ch_command(weir_ch *c, const char *sql, const char *database)
{
	struct call t = {
		.request = { .sql = sql, .database = database ? database : c->database },
		.answer_max = TEXT_MAX,
	};

	run(c, &t, 1);
	return t.err;
}

int weir_ch_exception(const weir_ch *c)
{
	return c->exception;
}

const char *weir_ch_error(const weir_ch *c)
{
	return c->error;
}
