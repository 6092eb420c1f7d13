#ifndef WEIR_LINK_CLICKHOUSE_H
#define WEIR_LINK_CLICKHOUSE_H
#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include <json-c/json.h>
/*
 * ClickHouse over its HTTP interface (a server, a cluster or weir-chdb), by
 * libcurl with kept connections.  Setting clickhouse.url is a list: a node
 * that cannot be reached is passed over for five seconds.  A read (read_only)
 * whose connection breaks before any of the answer has come is asked again, of
 * another node where there is one.
 *
 * A statement is text that only constants went into; values are bound as
 * {name:Type} and travel as param_name: in the URL, or as fields of a form
 * when the URL would become long.
 *
 * Errors: WEIR_EUNAVAIL no node answered (nothing or something may have
 * happened), WEIR_ETIMEOUT, WEIR_EBADGATEWAY the server answered with an
 * exception (code and text below), WEIR_ELIMIT the answer is larger than the
 * limit given, WEIR_ENOMEM.
 */
typedef struct weir_ch weir_ch;

weir_ch *weir_ch_new(const struct weir_conf *conf, struct weir_fault *fault);
void weir_ch_free(weir_ch *c);

/* One name and value: a bound parameter or a setting of a query. */
struct weir_ch_arg {
	const char *name;
	weir_text value;
};

/* What the caller has to do in any case, such as asking another server, is done while the query runs. */
struct weir_ch_aside {
	void (*run)(void *ctx);
	void *ctx;
};

struct weir_ch_query {
	const char *sql;                       /* without FORMAT clause */
	const struct weir_ch_arg *params;      /* {name:Type} values; plain text that the client escapes, or for Array(..) weir_ch_array */
	size_t nparams;
	const struct weir_ch_arg *settings;    /* session_timezone, max_memory_usage ... */
	size_t nsettings;
	const char *format;                    /* NULL: JSONCompactEachRow is not assumed; the statement has no result */
	bool read_only;                        /* adds readonly=2 */
	size_t answer_max;                     /* bytes; 0 means 64 MiB */
	const struct weir_ch_aside *aside;     /* run once, after the query was sent; may not use this weir_ch. NULL: nothing */
};

/* The value of an {x:Array(String)} parameter; {NULL, 0} on no memory. */
weir_text weir_ch_array(weir_arena *mem, const weir_text *items, size_t count);

/* Runs a query; the body of the answer is appended to out. */
WEIR_MUSTCHECK weir_err weir_ch_run(weir_ch *c, const struct weir_ch_query *q, weir_str *out);
/* Runs several at the same time; each has its own err and out. */
struct weir_ch_job {
	struct weir_ch_query query;
	weir_str *out;
	weir_err err;
};
void weir_ch_run_all(weir_ch *c, struct weir_ch_job *jobs, size_t count);
/* The "data" array of an answer in format JSON, as weir_ch_rows tells it. */
WEIR_MUSTCHECK weir_err weir_ch_parse(weir_ch *c, weir_arena *mem, const weir_str *answer, json_object **rows);
/*
 * While queries or INSERTs run, gone(ctx) is asked many times a second; once
 * it says true a read_only query's connection is closed, at which the server
 * breaks it off (setting cancel_http_readonly_queries_on_client_close), and it
 * fails with WEIR_EUNAVAIL; others go on.  gone NULL: nobody is asked.
 */
void weir_ch_watch(weir_ch *c, bool (*gone)(void *ctx), void *ctx);
/*
 * Run once while the next query of weir_ch_run, weir_ch_run_all or weir_ch_rows is on its way, as soon as it was sent; it
 * must live until then, or until this is called again. aside NULL: nothing.
 */
void weir_ch_beside(weir_ch *c, const struct weir_ch_aside *aside);
/* A query in format JSON whose "data" array comes back as a tree that the arena owns. */
WEIR_MUSTCHECK weir_err weir_ch_rows(weir_ch *c, weir_arena *mem, const struct weir_ch_query *q, json_object **rows);

/*
 * INSERT: statement is "INSERT INTO t (a, b) FORMAT Native", data the bytes in
 * that format.  token (may be NULL) is the insert_deduplication_token; with it
 * the dependent views are deduplicated as well, and it is the query's
 * log_comment.
 */
WEIR_MUSTCHECK weir_err weir_ch_insert(weir_ch *c, const char *statement, weir_text data, const char *token);
/*
 * INSERTs, or queries, that run while the caller does something else; several
 * flights may be on their way.  statement, data and token, or what the query
 * points to, must stay as they are until the end.
 */
struct weir_ch_load {
	const char *statement;
	weir_text data;
	const char *token;
	/* the outcome, after weir_ch_load_end */
	weir_err err;
	int exception;
	char error[512];
};
typedef struct weir_ch_flight weir_ch_flight;
/* Both NULL on no memory. */
weir_ch_flight *weir_ch_load_start(weir_ch *c, const struct weir_ch_load *loads, size_t count);
weir_ch_flight *weir_ch_ask_start(weir_ch *c, const struct weir_ch_job *jobs, size_t count);
/* True when the load's data is not needed any more: it may be freed before the end then, and is not sent again. */
bool weir_ch_load_taken(weir_ch_flight *f, size_t load);
/* Moves bytes of all flights; waits at most wait_ms for something to happen. True when all of this one have ended. */
bool weir_ch_flight_step(weir_ch_flight *f, int wait_ms);
/* Wait for the end, tell the outcomes, free the flight. loads, jobs: count of them. */
void weir_ch_load_end(weir_ch_flight *f, struct weir_ch_load *loads);
void weir_ch_ask_end(weir_ch_flight *f, struct weir_ch_job *jobs);
/* Closes the connections of read_only queries, at which the server breaks them off, and frees the flight; NULL does nothing. */
void weir_ch_ask_drop(weir_ch_flight *f);

/* A statement without result and without bound values, for migrations. database NULL means the configured one. */
WEIR_MUSTCHECK weir_err weir_ch_command(weir_ch *c, const char *sql, const char *database);

int weir_ch_exception(const weir_ch *c);      /* ClickHouse's error code of the last failure; 0 when there was none */
const char *weir_ch_error(const weir_ch *c);  /* its text */
#endif
