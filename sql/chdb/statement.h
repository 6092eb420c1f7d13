#ifndef WEIR_CHDB_STATEMENT_H
#define WEIR_CHDB_STATEMENT_H
#include "base/err.h"
#include "lex.h"
/*
 * What a client's text asks for, found out before the engine sees it:
 *
 *   - that it is one statement (the engine would run "a; b" one after the other),
 *   - where the data of an INSERT begins, since inline data reaches the engine
 *     through a file of its own and never in the statement: the engine ends it
 *     at the first empty line and runs the rest as SQL,
 *   - that nothing in it makes the engine's client part act (INTO OUTFILE, FROM
 *     INFILE, exit, \i), which the HTTP interface of a server would not do,
 *   - that it does not reach for files and other servers, unless that is allowed.
 *
 * A statement is accepted only when its first word is known.  Refusals carry
 * ClickHouse's error number and name.
 */
enum weir_statement_kind {
	WEIR_STATEMENT_SELECT,  /* SELECT, WITH, FROM, ( : rows, may be streamed */
	WEIR_STATEMENT_SHOW,    /* SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK: rows */
	WEIR_STATEMENT_DATA,    /* INSERT with data: head, data and tail are set */
	WEIR_STATEMENT_COPY,    /* INSERT ... SELECT */
	WEIR_STATEMENT_WRITE,   /* DDL, ALTER, OPTIMIZE, SYSTEM, DELETE ... */
	WEIR_STATEMENT_KILL,    /* KILL */
	WEIR_STATEMENT_SESSION, /* SET, USE, and what leaves something behind in the connection */
};

struct weir_refusal {
	int code;
	const char *name;
	char text[256];
};

struct weir_statement {
	enum weir_statement_kind kind;
	weir_text text;     /* the statement without closing semicolons and comments; of DATA, up to its data */
	weir_text format;   /* the name behind FORMAT, or {NULL, 0}; of DATA with VALUES: "Values" */
	size_t infile_at;   /* DATA: where FROM INFILE is put in */
	size_t tail_at;     /* DATA: where FORMAT or VALUES begins */
	size_t data_at;     /* DATA: first byte of data in the text given */
	bool totals;        /* WITH TOTALS, ROLLUP or CUBE occurs */
	bool needs_open;    /* holds SETTINGS or a harmless function that readonly = 1 refuses */
};

enum weir_statement_flags {
	WEIR_STATEMENT_OUTSIDE = 1 << 0, /* files and other servers may be named */
};

/* False: *no says why. The views in *out point into text. */
bool weir_statement_read(weir_text text, unsigned flags, struct weir_statement *out, struct weir_refusal *no);
void weir_refuse(struct weir_refusal *no, int code, const char *name, const char *fmt, ...) WEIR_PRINTF(4, 5);
#endif
