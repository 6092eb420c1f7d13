#ifndef WEIR_QUERY_PLAN_H
#define WEIR_QUERY_PLAN_H
#include "query/sql.h"
/*
 * What a chart of any kind is compiled into: statements for ClickHouse, each
 * with its bound values and a word about its part.  weirctl explain prints a
 * plan, the procedures run it and read the answers.
 */
enum { WEIR_PLAN_MAX = 64 };

struct weir_statement {
	const char *what;              /* constant: "series A", "the period before" ... */
	weir_text source;              /* where it reads and why there; {NULL, 0}: rows, which nothing else could answer from */
	weir_sql q;
	weir_str rows;                 /* TabSeparated, after weir_plan_run */
};

struct weir_plan {
	const struct weir_ask *ask;
	struct weir_statement *items[WEIR_PLAN_MAX];
	size_t count;
	weir_err err;
};

void weir_plan_init(struct weir_plan *plan, const struct weir_ask *ask);
void weir_plan_free(struct weir_plan *plan);
/* A new statement to write; NULL when there is no room, which weir_plan_run tells as well. */
weir_sql *weir_plan_add(struct weir_plan *plan, const char *what);
/* Runs all statements, a few at a time; errors as weir_sql_rows has them. */
WEIR_MUSTCHECK weir_err weir_plan_run(struct weir_plan *plan);
/* The statements and their values, for people. */
WEIR_MUSTCHECK weir_err weir_plan_print(const struct weir_plan *plan, weir_str *out);

/* Reading rows: cuts the next line off, then its fields; texts are unescaped into the arena, \N is {NULL, 0}. */
bool weir_rows_next(weir_text *rows, weir_text *line);
WEIR_MUSTCHECK weir_err weir_rows_text(weir_arena *mem, weir_text *line, weir_text *out);
/* NULL and nan are NAN. */
WEIR_MUSTCHECK weir_err weir_rows_number(weir_text *line, double *out);
WEIR_MUSTCHECK weir_err weir_rows_int(weir_text *line, int64_t *out);
#endif
