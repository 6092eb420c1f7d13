#ifndef WEIR_QUERY_SQL_H
#define WEIR_QUERY_SQL_H
#include "base/arena.h"
#include "base/str.h"
#include "link/clickhouse.h"
#include "link/redis.h"
/*
 * A statement for ClickHouse in the making.  Its text is put together of
 * constants alone (weir_sql_add takes literals, weir_sql_const what stands in
 * a constant table); every value is bound and appears as {p0:String},
 * {p1:Float64} ...  The first failure is latched and told by weir_sql_rows.
 *
 * What every read gets: session_timezone, the limits of one query, and a
 * project_id that comes from the access check.
 */
enum { WEIR_SQL_PARAMS_MAX = 800 };

typedef struct {
	weir_arena *mem;
	weir_str text;
	struct weir_ch_arg *params;
	size_t count;
	weir_err err;
} weir_sql;

/* A cohort of the project, for breakdowns that show its name. */
struct weir_cohort_name {
	weir_text id, name;
};

/* Where a question is asked and about whom. */
struct weir_ask {
	weir_ch *ch;
	weir_redis *redis;             /* tells what is rolled up (query/rollup.h); NULL: all is read from the rows */
	weir_arena *mem;
	const struct weir_conf *conf;
	weir_text project_id;          /* from the access check, never from the request */
	weir_text timezone;            /* of the organization */
	int64_t now_ms;
	const struct weir_cohort_name *cohorts; /* all of the project; needed only where fields named cohort are shown */
	size_t cohort_count;
	const struct weir_ch_aside *aside; /* done while a statement runs; with several statements, more than once. NULL: nothing */
	/* Out: what to tell people about a question that failed, or NULL; constant. */
	const char **advice;
};

/* Leaves a sentence for people, where somebody wants it. advice is constant. */
void weir_ask_advise(const struct weir_ask *ask, const char *advice);

/*
 * The error to answer a question with that failed with err.  A request's memory is bounded, so that WEIR_ENOMEM means
 * that the answer outgrew it: that and WEIR_ELIMIT are told as too large an answer; *advice, when NULL, says what to narrow.
 */
weir_err weir_ask_outgrown(weir_err err, const char **advice);

void weir_sql_init(weir_sql *q, weir_arena *mem);
void weir_sql_init_all(weir_sql *q, size_t count, weir_arena *mem);
/* What went wrong while the statement was written, to be told when it is run. */
void weir_sql_fail(weir_sql *q, weir_err err);
void weir_sql_free(weir_sql *q);
#define weir_sql_add(q, literal) weir_sql_const((q), "" literal)
/* constant: a literal or a member of a constant table, never made of input. */
void weir_sql_const(weir_sql *q, const char *constant);
/* {pN:TYPE}; type is a constant. */
void weir_sql_bind(weir_sql *q, const char *type, weir_text value);
static inline void weir_sql_string(weir_sql *q, weir_text value)
{
	weir_sql_bind(q, "String", value);
}
/* {pN:Array(String)} */
void weir_sql_strings(weir_sql *q, const weir_text *items, size_t count);
/* "[1,2]" of numbers in digits, for weir_sql_bind with an array type; {NULL, 0} on no memory. */
weir_text weir_sql_digits(weir_arena *mem, const weir_text *items, size_t count);
void weir_sql_float(weir_sql *q, double value);
/* {pN:Int64} */
void weir_sql_int(weir_sql *q, int64_t value);
/* A moment as DateTime64(3, 'UTC'). */
void weir_sql_time(weir_sql *q, int64_t ms);

/*
 * Runs a read.  rows: an array (arena) of objects by column name.  WEIR_EBADREQ
 * when ClickHouse cannot read a bound value or pattern, else the errors of
 * link/clickhouse.h.
 */
WEIR_MUSTCHECK weir_err weir_sql_rows(const struct weir_ask *ask, weir_sql *q, json_object **rows);
/* A read whose statement ends here: weir_sql_rows and weir_sql_free in one. */
WEIR_MUSTCHECK weir_err weir_sql_finish(const struct weir_ask *ask, weir_sql *q, json_object **rows);
/*
 * Reads of one page at the same time, whose statements end here: rows[i] are
 * those of q[i].  The first failure counts, and *rows are NULL then; count is
 * at most WEIR_SQL_PAGE_MAX.
 */
enum { WEIR_SQL_PAGE_MAX = 8 };
WEIR_MUSTCHECK weir_err weir_sql_finish_all(const struct weir_ask *ask, weir_sql *q, size_t count, json_object **rows);
/* Several at the same time, each as TabSeparated text; the first failure is told. count is small. */
WEIR_MUSTCHECK weir_err weir_sql_run_all(const struct weir_ask *ask, weir_sql *const *q, weir_str *const *out, size_t count);
/* The same as TabSeparated text, for results that may be long; out is the caller's. */
WEIR_MUSTCHECK weir_err weir_sql_text(const struct weir_ask *ask, weir_sql *q, weir_str *out);
/*
 * A read that runs while the caller does something else.  ask, and the arena of
 * q, must stay as they are until its end; q is taken over, and freed at the end
 * also when it cannot be started.  answer_max: bytes.
 */
typedef struct weir_sql_flight weir_sql_flight;
WEIR_MUSTCHECK weir_err weir_sql_start(const struct weir_ask *ask, weir_sql *q, size_t answer_max, weir_sql_flight **flight);
/* Moves bytes without waiting; true when the answer is there. */
bool weir_sql_landed(weir_sql_flight *f);
/* The rows, as weir_sql_rows; frees the flight. */
WEIR_MUSTCHECK weir_err weir_sql_land(weir_sql_flight *f, json_object **rows);
/* Breaks it off and frees it; NULL does nothing. */
void weir_sql_drop(weir_sql_flight *f);
/* Runs a statement that writes; it is done when this returns. */
WEIR_MUSTCHECK weir_err weir_sql_write(const struct weir_ask *ask, weir_sql *q);
/* What the failure of a statement that was not run by these functions means; leaves its advice as they do. */
WEIR_MUSTCHECK weir_err weir_sql_verdict(const struct weir_ask *ask, weir_err err);
#endif
