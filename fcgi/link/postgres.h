#ifndef WEIR_LINK_POSTGRES_H
#define WEIR_LINK_POSTGRES_H
#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include <libpq-fe.h>
/*
 * One connection to PostgreSQL, opened at first use and again after a failure.
 * Runs with TimeZone=UTC and client_encoding UTF8; every statement has a
 * timeout.  Values are only ever bound ($1, $2 ...); statement texts are
 * constants, and one that comes again is prepared on the connection (setting
 * postgres.prepare).  Results come as text.
 *
 * Errors: WEIR_EUNAVAIL when the server cannot be reached, WEIR_ECONFLICT on a
 * unique violation, WEIR_EBADREQ on a value that the column's type refuses
 * (22xxx) or a missing row that a foreign key wants (23503), WEIR_EINTERNAL
 * for the rest.  The server's text is logged, never sent out.
 */
typedef struct weir_pg weir_pg;

weir_pg *weir_pg_new(const struct weir_conf *conf, struct weir_fault *fault); /* does not connect yet */
void weir_pg_free(weir_pg *c);

/*
 * Runs one statement with text parameters (p NULL binds NULL).  *res is owned
 * by mem when mem is given (cleared at its reset), else by the caller
 * (PQclear).  A kept connection that the server has closed meanwhile is opened
 * again before the statement is sent; a statement is never sent twice.
 */
WEIR_MUSTCHECK weir_err weir_pg_exec(weir_pg *c, weir_arena *mem, PGresult **res, const char *sql, int nparams, const weir_text *params);

/* One statement of several; res as in weir_pg_exec, NULL unless the statement went well. */
struct weir_pg_ask {
	const char *sql;
	int nparams;
	const weir_text *params;
	PGresult *res;
};
/*
 * Several statements in one round trip (libpq's pipeline mode).  Outside a
 * transaction they are one: all of them count, or none.  The first failure
 * ends it and is what is returned.  For few statements with small parameters:
 * they are all sent before an answer is read; WEIR_ELIMIT beyond
 * WEIR_PG_ASKS_MAX.
 */
enum { WEIR_PG_ASKS_MAX = 16 };
WEIR_MUSTCHECK weir_err weir_pg_pipe(weir_pg *c, weir_arena *mem, struct weir_pg_ask *asks, size_t count);
/*
 * The same in two steps, between which PostgreSQL works while the caller does
 * something else.  asks and mem must last until weir_pg_pipe_read, which is
 * due after each weir_pg_pipe_send that went well.  Whatever else is asked of c
 * meanwhile waits for the answers first.
 */
WEIR_MUSTCHECK weir_err weir_pg_pipe_send(weir_pg *c, weir_arena *mem, struct weir_pg_ask *asks, size_t count);
WEIR_MUSTCHECK weir_err weir_pg_pipe_read(weir_pg *c);
/* Several statements in one text, no parameters, no result: for migrations. */
WEIR_MUSTCHECK weir_err weir_pg_script(weir_pg *c, const char *sql);
WEIR_MUSTCHECK weir_err weir_pg_begin(weir_pg *c);
WEIR_MUSTCHECK weir_err weir_pg_commit(weir_pg *c);
void weir_pg_rollback(weir_pg *c); /* harmless outside a transaction */
const char *weir_pg_error(const weir_pg *c);
const char *weir_pg_sqlstate(const weir_pg *c); /* of the last error, or "" */
int weir_pg_server_version(weir_pg *c);         /* 150018; 0 when not connected */

/* Reading: views into the result, {NULL, 0} for NULL. */
weir_text weir_pg_text(const PGresult *res, int row, int column);
int64_t weir_pg_int(const PGresult *res, int row, int column);      /* 0 for NULL */
bool weir_pg_bool(const PGresult *res, int row, int column);        /* false for NULL */
/* timestamp(3) to ms; INT64_MIN for NULL. */
int64_t weir_pg_time(const PGresult *res, int row, int column);
/* text[] into an array of views (arena); *count 0 for NULL or empty. */
WEIR_MUSTCHECK weir_err weir_pg_array(weir_arena *mem, const PGresult *res, int row, int column, weir_text **items, size_t *count);
/* The literal of a text[] parameter; {NULL, 0} on no memory. */
weir_text weir_pg_array_param(weir_arena *mem, const weir_text *items, size_t count);
/* A timestamp parameter, "2026-08-01 12:00:00.000" in mem. */
weir_text weir_pg_time_param(weir_arena *mem, int64_t ms);
weir_text weir_pg_int_param(weir_arena *mem, int64_t v);
weir_text weir_pg_bool_param(bool v);
#endif
