#include "config.h"
#include "link/postgres.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "link/pg_known.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARAMS_MAX = 64 };

struct weir_pg {
	PGconn *conn;
	char *uri;
	bool in_transaction;
	int64_t retry_at_ms;   /* no new attempt to connect before this (monotonic) */
	char error[512];
	char sqlstate[6];
	bool prepare;
	bool stale;            /* the connection is not to be used again */
	struct weir_pg_known known;
	/* A pipeline that was sent; count is 0 when its answers have been read. */
	struct {
		struct weir_pg_ask *asks;
		size_t count;
		weir_arena *mem;
		struct weir_pg_statement *told[WEIR_PG_ASKS_MAX];
		weir_err err;
	} sent;
};

static void read_sent(weir_pg *c);

weir_pg *weir_pg_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_pg *c = calloc(1, sizeof(*c));
	char *why = NULL;
	PQconninfoOption *options = PQconninfoParse(conf->postgres_url, &why);

	if (!options) {
		weir_fault_set(fault, "postgres.url: %s", why ? why : "out of memory");
		PQfreemem(why);
		free(c);
		return NULL;
	}
	PQconninfoFree(options);
	if (c)
		c->uri = strdup(conf->postgres_url);
	if (!c || !c->uri) {
		weir_fault_set(fault, "out of memory");
		free(c);
		return NULL;
	}
	c->prepare = conf->postgres_prepare;
	return c;
}

void weir_pg_free(weir_pg *c)
{
	if (!c)
		return;
	PQfinish(c->conn);
	weir_pg_known_free(&c->known);
	free(c->uri);
	free(c);
}

/* Keeps the server's first line; it goes to the log, never to a client. */
static void keep_error(weir_pg *c, const char *text, const char *sqlstate)
{
	size_t n = strcspn(text, "\n");

	snprintf(c->error, sizeof(c->error), "%.*s", (int)(n < sizeof(c->error) ? n : sizeof(c->error) - 1), text);
	snprintf(c->sqlstate, sizeof(c->sqlstate), "%s", sqlstate ? sqlstate : "");
}

static void drop_notice(void *arg, const char *message)
{
	(void)arg;
	(void)message; /* "relation already exists, skipping" and the like help nobody */
}

/*
 * Whether an idle kept connection still stands.  A server that went away has
 * left its farewell and an end of file to read; so that is seen before a
 * statement is sent, and no statement is ever sent twice.
 */
static bool stands(weir_pg *c)
{
	struct pollfd p = { .fd = c->conn ? PQsocket(c->conn) : -1, .events = POLLIN };

	for (int i = 0; i < 8 && p.fd >= 0 && PQstatus(c->conn) == CONNECTION_OK; i++)
		if (poll(&p, 1, 0) <= 0 || !PQconsumeInput(c->conn))
			break;
	return p.fd >= 0 && PQstatus(c->conn) == CONNECTION_OK;
}

static weir_err connect_now(weir_pg *c)
{
	static const char *const names[] = {
		"dbname", "connect_timeout", "client_encoding", "fallback_application_name", "options", NULL
	};
	const char *const values[] = {
		c->uri, "5", "UTF8", "weir", "-c TimeZone=UTC -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000", NULL
	};

	read_sent(c);
	if (stands(c) && !c->stale)
		return WEIR_OK;
	if (c->in_transaction)
		return WEIR_EUNAVAIL; /* the transaction went with its connection */
	if (weir_monotonic_ms() < c->retry_at_ms)
		return WEIR_EUNAVAIL;
	PQfinish(c->conn);
	weir_pg_known_forget(&c->known);
	c->conn = PQconnectdbParams(names, values, 1);
	c->in_transaction = c->stale = false;
	if (!c->conn || PQstatus(c->conn) != CONNECTION_OK) {
		keep_error(c, c->conn ? PQerrorMessage(c->conn) : "out of memory", "08006");
		weir_log(LOG_WARNING, "postgres", "connect error=\"%s\"", c->error);
		PQfinish(c->conn);
		c->conn = NULL;
		c->retry_at_ms = weir_monotonic_ms() + 500;
		return WEIR_EUNAVAIL;
	}
	PQsetNoticeProcessor(c->conn, drop_notice, NULL);
	return WEIR_OK;
}

/* SQLSTATE classes and codes that mean something other than "our fault". */
static weir_err err_of(const char *sqlstate)
{
	static const struct { const char *prefix; weir_err err; } rows[] = {
		{ "08", WEIR_EUNAVAIL }, { "57P", WEIR_EUNAVAIL }, { "53", WEIR_EUNAVAIL }, { "57014", WEIR_ETIMEOUT },
		{ "23505", WEIR_ECONFLICT }, { "23503", WEIR_EBADREQ }, { "22", WEIR_EBADREQ }, { "40", WEIR_ECONFLICT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strncmp(sqlstate, rows[i].prefix, strlen(rows[i].prefix)))
			return rows[i].err;
	return WEIR_EINTERNAL;
}

/*
 * What the server knows by a name is not what we think: a pooler has another
 * connection behind it, or a table has changed its form.  A connection that
 * begins anew knows nothing; behind a pooler nothing is named any more.
 */
static bool is_about_names(weir_pg *c, const char *sqlstate)
{
	bool pooled = !strcmp(sqlstate, "26000") || !strcmp(sqlstate, "42P05");

	if (pooled && c->prepare)
		weir_log(LOG_NOTICE, "postgres", "prepare=no error=\"%s\" hint=\"postgres.prepare = no is for poolers that hand out a connection per transaction\"",
			c->error);
	c->prepare = c->prepare && !pooled;
	return pooled || (!strcmp(sqlstate, "0A000") && strstr(c->error, "cached plan"));
}

static weir_err settle(weir_pg *c, PGresult *res)
{
	ExecStatusType status = PQresultStatus(res);
	const char *sqlstate;
	weir_err err;

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
		return WEIR_OK;
	sqlstate = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	keep_error(c, res ? PQresultErrorMessage(res) : PQerrorMessage(c->conn), sqlstate);
	err = sqlstate ? err_of(sqlstate) : WEIR_EUNAVAIL;
	weir_log(err == WEIR_EINTERNAL ? LOG_ERR : LOG_INFO, "postgres", "sqlstate=%s error=\"%s\"", c->sqlstate, c->error);
	if (PQstatus(c->conn) != CONNECTION_OK)
		err = WEIR_EUNAVAIL;
	if (is_about_names(c, c->sqlstate)) {
		weir_pg_known_forget(&c->known);
		c->stale = true;
		err = WEIR_EUNAVAIL;
	}
	return err;
}

static void clear_result(void *res)
{
	PQclear(res);
}

/* The parameters of one statement as libpq wants them: C strings. */
struct bound {
	const char *values[PARAMS_MAX];
	char *copies[PARAMS_MAX];
	int count;
};

static void bound_free(struct bound *b)
{
	for (int i = 0; i < b->count; i++)
		free(b->copies[i]);
	b->count = 0;
}

/* A text with NUL has no place in PostgreSQL. */
static weir_err bind(struct bound *b, int nparams, const weir_text *params)
{
	weir_err err = nparams > PARAMS_MAX ? WEIR_ELIMIT : WEIR_OK;

	b->count = 0;
	for (int i = 0; i < nparams && !err; i++) {
		b->values[i] = b->copies[i] = params[i].p ? strndup(params[i].p, params[i].n) : NULL;
		b->count++;
		if (params[i].p && !b->copies[i])
			err = WEIR_ENOMEM;
		else if (params[i].p && strlen(b->copies[i]) != params[i].n)
			err = WEIR_EBADREQ;
	}
	if (err)
		bound_free(b);
	return err;
}

/* Hands a good result to the arena. */
static weir_err keep_result(weir_arena *mem, PGresult *got, PGresult **res)
{
	if (mem && weir_arena_defer(mem, clear_result, got))
		return WEIR_ENOMEM;
	*res = got;
	return WEIR_OK;
}

/* The statement by its name, when it has one. */
static struct weir_pg_statement *named(weir_pg *c, const char *sql)
{
	return c->prepare ? weir_pg_known_get(&c->known, sql) : NULL;
}

static weir_err run(weir_pg *c, const char *sql, const struct bound *b, PGresult **got)
{
	struct weir_pg_statement *s = named(c, sql);
	weir_err err = WEIR_OK;

	if (s && !s->ready) {
		PGresult *told = PQprepare(c->conn, s->name, sql, b->count, NULL);

		err = settle(c, told);
		s->ready = !err;
		PQclear(told);
	}
	if (err)
		return err;
	*got = s ? PQexecPrepared(c->conn, s->name, b->count, b->values, NULL, NULL, 0)
		: PQexecParams(c->conn, sql, b->count, NULL, b->values, NULL, NULL, 0);
	return settle(c, *got);
}

weir_err weir_pg_exec(weir_pg *c, weir_arena *mem, PGresult **res, const char *sql, int nparams, const weir_text *params)
{
	PGresult *got = NULL;
	struct bound b;
	weir_err err;

	*res = NULL;
	err = bind(&b, nparams, params);
	if (err)
		return err;
	err = connect_now(c);
	if (!err)
		err = run(c, sql, &b, &got);
	bound_free(&b);
	if (!err)
		return keep_result(mem, got, res);
	PQclear(got);
	return err;
}

/* Puts a statement into the pipeline; *told: its name is told to the server right before. */
static bool send_one(weir_pg *c, const char *sql, const struct bound *b, struct weir_pg_statement **told)
{
	struct weir_pg_statement *s = named(c, sql);

	*told = NULL;
	if (!s)
		return PQsendQueryParams(c->conn, sql, b->count, NULL, b->values, NULL, NULL, 0);
	if (!s->ready) {
		*told = s;
		s->ready = true; /* for the rest of this pipeline; taken back when it turns out otherwise */
		if (!PQsendPrepare(c->conn, s->name, sql, b->count, NULL))
			return false;
	}
	return PQsendQueryPrepared(c->conn, s->name, b->count, b->values, NULL, NULL, 0);
}

static weir_err send_all(weir_pg *c, const struct weir_pg_ask *asks, size_t count, struct weir_pg_statement **told)
{
	struct bound b;
	weir_err err = PQenterPipelineMode(c->conn) ? WEIR_OK : WEIR_EUNAVAIL;

	for (size_t i = 0; i < count && !err; i++) {
		err = bind(&b, asks[i].nparams, asks[i].params);
		if (err)
			return err;
		if (!send_one(c, asks[i].sql, &b, &told[i]))
			err = WEIR_EUNAVAIL;
		bound_free(&b);
	}
	return !err && !PQpipelineSync(c->conn) ? WEIR_EUNAVAIL : err;
}

/* The next result of the pipeline, after what has failed already; *end: the pipeline is not in order. */
static weir_err receive(weir_pg *c, weir_err before, PGresult **got, bool *end)
{
	PGresult *behind;
	weir_err err;

	*got = PQgetResult(c->conn);
	err = before ? before : settle(c, *got);
	behind = PQgetResult(c->conn); /* NULL closes each statement's results */
	PQclear(behind);
	*end = behind || PQstatus(c->conn) != CONNECTION_OK;
	return err;
}

/* The results up to the end of the pipeline; what follows a failed statement was not executed. */
static weir_err receive_all(weir_pg *c, weir_arena *mem, struct weir_pg_ask *asks, size_t count, struct weir_pg_statement *const *told)
{
	weir_err err = WEIR_OK;
	bool end = false;

	for (size_t i = 0; i < count && !end; i++) {
		PGresult *got;

		if (told[i]) {
			err = receive(c, err, &got, &end);
			told[i]->ready = !err && !end;
			PQclear(got);
			if (end)
				break;
		}
		err = receive(c, err, &got, &end);
		if (!err)
			err = keep_result(mem, got, &asks[i].res);
		else
			PQclear(got);
	}
	return err ? err : end ? WEIR_EUNAVAIL : WEIR_OK;
}

weir_err weir_pg_pipe_send(weir_pg *c, weir_arena *mem, struct weir_pg_ask *asks, size_t count)
{
	weir_err err = count > WEIR_PG_ASKS_MAX ? WEIR_ELIMIT : connect_now(c);

	for (size_t i = 0; i < count; i++)
		asks[i].res = NULL;
	if (err)
		return err;
	memset(c->sent.told, 0, sizeof(c->sent.told));
	err = send_all(c, asks, count, c->sent.told);
	if (err) { /* half a pipeline is in the way of whatever comes next */
		keep_error(c, PQerrorMessage(c->conn), NULL);
		PQfinish(c->conn);
		c->conn = NULL;
		return err;
	}
	c->sent.asks = asks;
	c->sent.count = count;
	c->sent.mem = mem;
	c->sent.err = WEIR_OK;
	return WEIR_OK;
}

static void read_sent(weir_pg *c)
{
	PGresult *sync;
	bool whole;

	if (!c->sent.count)
		return;
	c->sent.err = receive_all(c, c->sent.mem, c->sent.asks, c->sent.count, c->sent.told);
	c->sent.count = 0;
	sync = PQgetResult(c->conn);
	whole = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
	PQclear(sync);
	if (!whole || !PQexitPipelineMode(c->conn)) {
		PQfinish(c->conn);
		c->conn = NULL;
		c->sent.err = c->sent.err ? c->sent.err : WEIR_EUNAVAIL;
	}
}

weir_err weir_pg_pipe_read(weir_pg *c)
{
	read_sent(c);
	return c->sent.err;
}

weir_err weir_pg_pipe(weir_pg *c, weir_arena *mem, struct weir_pg_ask *asks, size_t count)
{
	weir_err err = weir_pg_pipe_send(c, mem, asks, count);

	return err ? err : weir_pg_pipe_read(c);
}

weir_err weir_pg_script(weir_pg *c, const char *sql)
{
	weir_err err = connect_now(c);
	PGresult *res;

	if (err)
		return err;
	res = PQexec(c->conn, sql);
	err = settle(c, res);
	PQclear(res);
	return err;
}

weir_err weir_pg_begin(weir_pg *c)
{
	weir_err err = c->in_transaction ? WEIR_EINTERNAL : weir_pg_script(c, "BEGIN");

	c->in_transaction = !err;
	return err;
}

weir_err weir_pg_commit(weir_pg *c)
{
	weir_err err = c->in_transaction ? weir_pg_script(c, "COMMIT") : WEIR_EINTERNAL;

	c->in_transaction = false;
	return err;
}

void weir_pg_rollback(weir_pg *c)
{
	if (c->in_transaction && weir_pg_script(c, "ROLLBACK")) {
		PQfinish(c->conn); /* the server rolls back what belongs to a closed connection */
		c->conn = NULL;
	}
	c->in_transaction = false;
}

const char *weir_pg_error(const weir_pg *c)
{
	return c->error;
}

const char *weir_pg_sqlstate(const weir_pg *c)
{
	return c->sqlstate;
}

int weir_pg_server_version(weir_pg *c)
{
	return connect_now(c) ? 0 : PQserverVersion(c->conn);
}

/* ---- reading ---- */

weir_text weir_pg_text(const PGresult *res, int row, int column)
{
	if (PQgetisnull(res, row, column))
		return (weir_text){ NULL, 0 };
	return (weir_text){ PQgetvalue(res, row, column), (size_t)PQgetlength(res, row, column) };
}

int64_t weir_pg_int(const PGresult *res, int row, int column)
{
	int64_t v;

	return weir_num_int(weir_pg_text(res, row, column), &v) ? 0 : v;
}

bool weir_pg_bool(const PGresult *res, int row, int column)
{
	return weir_text_is(weir_pg_text(res, row, column), "t");
}

int64_t weir_pg_time(const PGresult *res, int row, int column)
{
	int64_t ms;

	return weir_clock_parse(weir_pg_text(res, row, column), &ms) ? INT64_MIN : ms;
}

/* One element of an array literal at *at: quoted with backslash escapes, or bare up to a comma. */
static bool array_item(weir_arena *mem, weir_text in, size_t *at, weir_text *item)
{
	char *out = weir_alloc(mem, in.n - *at + 1);
	size_t n = 0;
	bool quoted = in.p[*at] == '"';

	if (!out)
		return false;
	*at += quoted;
	while (*at < in.n && (quoted ? in.p[*at] != '"' : in.p[*at] != ',' && in.p[*at] != '}')) {
		if (in.p[*at] == '\\' && *at + 1 < in.n)
			++*at;
		out[n++] = in.p[(*at)++];
	}
	*at += quoted;
	out[n] = '\0';
	*item = (weir_text){ out, n };
	return true;
}

weir_err weir_pg_array(weir_arena *mem, const PGresult *res, int row, int column, weir_text **items, size_t *count)
{
	weir_text in = weir_pg_text(res, row, column);
	size_t at = 1, most = 1;

	*items = NULL;
	*count = 0;
	if (in.n < 2 || in.p[0] != '{' || in.p[1] == '}')
		return WEIR_OK;
	for (size_t i = 0; i < in.n; i++)
		most += in.p[i] == ',';
	*items = weir_alloc_n(mem, most, sizeof(**items));
	if (!*items)
		return WEIR_ENOMEM;
	while (at < in.n && in.p[at] != '}') {
		if (!array_item(mem, in, &at, &(*items)[*count]))
			return WEIR_ENOMEM;
		++*count;
		if (at < in.n && in.p[at] == ',')
			at++;
	}
	return WEIR_OK;
}

weir_text weir_pg_array_param(weir_arena *mem, const weir_text *items, size_t count)
{
	size_t room = 3, at = 0;
	char *out;

	for (size_t i = 0; i < count; i++)
		room += 2 * items[i].n + 3;
	out = weir_alloc(mem, room);
	if (!out)
		return (weir_text){ NULL, 0 };
	out[at++] = '{';
	for (size_t i = 0; i < count; i++) {
		if (i)
			out[at++] = ',';
		out[at++] = '"';
		for (size_t k = 0; k < items[i].n; k++) {
			if (items[i].p[k] == '"' || items[i].p[k] == '\\')
				out[at++] = '\\';
			out[at++] = items[i].p[k];
		}
		out[at++] = '"';
	}
	out[at++] = '}';
	out[at] = '\0';
	return (weir_text){ out, at };
}

weir_text weir_pg_time_param(weir_arena *mem, int64_t ms)
{
	char buf[WEIR_CLOCK_MAX];

	return weir_text_dup(mem, weir_clock_sql(ms, buf));
}

weir_text weir_pg_int_param(weir_arena *mem, int64_t v)
{
	char buf[24];
	int n = snprintf(buf, sizeof(buf), "%lld", (long long)v);

	return weir_text_dup(mem, (weir_text){ buf, (size_t)n });
}

weir_text weir_pg_bool_param(bool v)
{
	return v ? WEIR_TEXT("t") : WEIR_TEXT("f");
}
