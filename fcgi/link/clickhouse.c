/* ClickHouse over HTTP. */
#include "config.h"
#include "link/clickhouse.h"

#include "base/clock.h"
#include "link/ch_transfer.h"

#include <stdlib.h>

enum {
	SEND_MS = 200,                /* at a time for the bodies of INSERTs on their way */
	SEND_WAIT_MS = 20,            /* for a server that reads slowly */
	CONNECTIONS_MAX = 8,          /* at the same time to one node */
};

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
		if (c->nodes == WEIR_CH_NODES_MAX) {
			weir_fault_set(fault, "clickhouse.url: more than %d addresses", WEIR_CH_NODES_MAX);
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

	weir_str_init(&line, WEIR_CH_ERROR_MAX);
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

void weir_ch_beside(weir_ch *c, const struct weir_ch_aside *aside)
{
	c->beside = aside;
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

static void run_asides(struct weir_ch *c, const struct weir_ch_call *calls, size_t count, const size_t *left)
{
	const struct weir_ch_aside *beside = c->beside;
	bool sent = beside && weir_ch_step(c, left, 0);

	c->beside = NULL;
	if (beside)
		beside->run(beside->ctx);
	for (size_t i = 0; i < count; i++) {
		const struct weir_ch_query *q = calls[i].request.query;

		if (!q || !q->aside)
			continue;
		if (!sent)
			sent = weir_ch_step(c, left, 0);
		q->aside->run(q->aside->ctx);
	}
}

static void run(struct weir_ch *c, struct weir_ch_call *calls, size_t count)
{
	size_t left;

	weir_ch_begin_all(c, calls, count, &left);
	run_asides(c, calls, count, &left);
	weir_ch_finish_all(c, calls, count, &left);
}

static struct weir_ch_call call_of_query(const weir_ch *c, const struct weir_ch_query *q, weir_str *out)
{
	return (struct weir_ch_call){
		.request = { .query = q, .sql = q->sql, .database = c->database, .timeout_ms = c->timeout_ms },
		.out = out,
		.answer_max = q->answer_max ? q->answer_max : WEIR_CH_TEXT_MAX,
	};
}

weir_err weir_ch_run(weir_ch *c, const struct weir_ch_query *q, weir_str *out)
{
	struct weir_ch_call t = call_of_query(c, q, out);

	run(c, &t, 1);
	return t.err;
}

void weir_ch_run_all(weir_ch *c, struct weir_ch_job *jobs, size_t count)
{
	struct weir_ch_call *calls = count ? calloc(count, sizeof(*calls)) : NULL;

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
	weir_str_init(&out, q->answer_max ? q->answer_max : WEIR_CH_TEXT_MAX);
	err = weir_ch_run(c, &as_json, &out);
	if (!err)
		err = weir_ch_parse(c, mem, &out, rows);
	weir_str_free(&out);
	return err;
}

static struct weir_ch_call call_of_insert(const weir_ch *c, const char *statement, weir_text data, const char *token)
{
	return (struct weir_ch_call){
		.request = { .sql = statement, .insert = true, .token = token, .database = c->database, .timeout_ms = c->timeout_ms },
		.body = data,
		.answer_max = WEIR_CH_TEXT_MAX,
	};
}

weir_err weir_ch_insert(weir_ch *c, const char *statement, weir_text data, const char *token)
{
	struct weir_ch_call t = call_of_insert(c, statement, data, token);

	run(c, &t, 1);
	return t.err;
}

struct weir_ch_flight {
	struct weir_ch *c;
	size_t count, left;
	struct weir_ch_query *query;  /* of each call that asks: its own, since a read may be sent a second time */
	struct weir_ch_call call[];
};

static weir_ch_flight *flight_new(weir_ch *c, size_t count)
{
	weir_ch_flight *f = calloc(1, sizeof(*f) + count * sizeof(f->call[0]));

	if (f)
		*f = (weir_ch_flight){ .c = c, .count = count };
	return f;
}

static void flight_free(weir_ch_flight *f)
{
	free(f->query);
	free(f);
}

weir_ch_flight *weir_ch_load_start(weir_ch *c, const struct weir_ch_load *loads, size_t count)
{
	weir_ch_flight *f = flight_new(c, count);

	if (!f)
		return NULL;
	for (size_t i = 0; i < count; i++)
		f->call[i] = call_of_insert(c, loads[i].statement, loads[i].data, loads[i].token);
	weir_ch_begin_all(c, f->call, count, &f->left);
	return f;
}

weir_ch_flight *weir_ch_ask_start(weir_ch *c, const struct weir_ch_job *jobs, size_t count)
{
	weir_ch_flight *f = flight_new(c, count);

	if (!f)
		return NULL;
	f->query = calloc(count ? count : 1, sizeof(*f->query));
	if (!f->query) {
		flight_free(f);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		f->query[i] = jobs[i].query;
		f->call[i] = call_of_query(c, &f->query[i], jobs[i].out);
	}
	weir_ch_begin_all(c, f->call, count, &f->left);
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

bool weir_ch_flight_step(weir_ch_flight *f, int wait_ms)
{
	int64_t until = weir_monotonic_ms() + SEND_MS;
	curl_off_t before = 0, left = unsent(f);

	/* Curl sends a piece at a time, and ClickHouse begins when it has all of it: that is not to wait for the caller's other work. */
	while (f->left && left && left != before && weir_monotonic_ms() < until) {
		before = left;
		if (!weir_ch_step(f->c, &f->left, SEND_WAIT_MS))
			return true;
		left = unsent(f);
	}
	return !f->left || !weir_ch_step(f->c, &f->left, wait_ms) || !f->left;
}

bool weir_ch_load_taken(weir_ch_flight *f, size_t load)
{
	struct weir_ch_call *t = &f->call[load];

	t->released = t->released || !t->h || t->taken == t->body.n;
	return t->released;
}

void weir_ch_load_end(weir_ch_flight *f, struct weir_ch_load *loads)
{
	weir_ch_finish_all(f->c, f->call, f->count, &f->left);
	for (size_t i = 0; i < f->count; i++) {
		loads[i].err = f->call[i].err;
		loads[i].exception = f->call[i].err ? f->call[i].exception : 0;
		snprintf(loads[i].error, sizeof(loads[i].error), "%s", f->call[i].err ? f->call[i].error : "");
	}
	flight_free(f);
}

void weir_ch_ask_end(weir_ch_flight *f, struct weir_ch_job *jobs)
{
	weir_ch_finish_all(f->c, f->call, f->count, &f->left);
	for (size_t i = 0; i < f->count; i++)
		jobs[i].err = f->call[i].err;
	flight_free(f);
}

void weir_ch_ask_drop(weir_ch_flight *f)
{
	if (!f)
		return;
	weir_ch_give_up(f->call, f->count);
	weir_ch_finish_all(f->c, f->call, f->count, &f->left);
	flight_free(f);
}

weir_err weir_ch_command(weir_ch *c, const char *sql, const char *database)
{
	struct weir_ch_call t = {
		.request = { .sql = sql, .database = database ? database : c->database },
		.answer_max = WEIR_CH_TEXT_MAX,
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
