#include "config.h"
#include "query/sql.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 1024 * 1024, ANSWER_MAX = 64 * 1024 * 1024, SETTINGS = 6, TOGETHER_MAX = 8 };

/* ClickHouse's codes for a value, name or pattern that it cannot make sense of: the request's fault. */
static const int bad_input[] = {
	6,   /* CANNOT_PARSE_TEXT */
	38,  /* CANNOT_PARSE_DATE */
	41,  /* CANNOT_PARSE_DATETIME */
	72,  /* CANNOT_PARSE_NUMBER */
	427, /* CANNOT_COMPILE_REGEXP */
	457, /* BAD_QUERY_PARAMETER */
};

void weir_sql_init(weir_sql *q, weir_arena *mem)
{
	*q = (weir_sql){ .mem = mem };
	weir_str_init(&q->text, TEXT_MAX);
	q->params = weir_alloc_n(mem, WEIR_SQL_PARAMS_MAX, sizeof(*q->params));
	if (!q->params)
		q->err = WEIR_ENOMEM;
}

void weir_sql_init_all(weir_sql *q, size_t count, weir_arena *mem)
{
	for (size_t i = 0; i < count; i++)
		weir_sql_init(&q[i], mem);
}

void weir_sql_fail(weir_sql *q, weir_err err)
{
	if (!q->err)
		q->err = err;
}

void weir_sql_free(weir_sql *q)
{
	weir_str_free(&q->text);
}

void weir_sql_const(weir_sql *q, const char *constant)
{
	weir_str_puts(&q->text, constant);
}

void weir_sql_bind(weir_sql *q, const char *type, weir_text value)
{
	enum { NAME_LEN = 8 };
	char *name;
	int n;

	if (q->err)
		return;
	if (q->count == WEIR_SQL_PARAMS_MAX) {
		q->err = WEIR_ELIMIT;
		return;
	}
	name = weir_alloc(q->mem, NAME_LEN);
	value = weir_text_dup(q->mem, value);
	if (!name || !value.p) {
		q->err = WEIR_ENOMEM;
		return;
	}
	n = snprintf(name, NAME_LEN, "p%zu", q->count);
	if (n < 0 || n >= NAME_LEN)
		q->err = WEIR_EINTERNAL;
	q->params[q->count++] = (struct weir_ch_arg){ name, value };
	weir_str_putc(&q->text, '{');
	weir_str_puts(&q->text, name);
	weir_str_putc(&q->text, ':');
	weir_str_puts(&q->text, type);
	weir_str_putc(&q->text, '}');
}

void weir_sql_strings(weir_sql *q, const weir_text *items, size_t count)
{
	weir_text list = weir_ch_array(q->mem, items, count);

	if (list.p)
		weir_sql_bind(q, "Array(String)", list);
	else
		q->err = WEIR_ENOMEM;
}

weir_text weir_sql_digits(weir_arena *mem, const weir_text *items, size_t count)
{
	enum { LIST_MAX = 1024 * 1024 };
	weir_text out = { NULL, 0 };
	weir_str s;

	weir_str_init(&s, LIST_MAX);
	weir_str_putc(&s, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			weir_str_putc(&s, ',');
		weir_str_text(&s, items[i]);
	}
	weir_str_putc(&s, ']');
	if (!weir_str_err(&s))
		out = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return out;
}

void weir_sql_float(weir_sql *q, double value)
{
	char buf[WEIR_NUM_MAX];

	weir_sql_bind(q, "Float64", weir_num_js(value, buf));
}

void weir_sql_int(weir_sql *q, int64_t value)
{
	enum { DIGITS_MAX = 24 };
	char buf[DIGITS_MAX];
	int n = snprintf(buf, sizeof(buf), "%lld", (long long)value);

	weir_sql_bind(q, "Int64", (weir_text){ buf, n > 0 ? (size_t)n : 0 });
}

void weir_sql_time(weir_sql *q, int64_t ms)
{
	char buf[WEIR_CLOCK_MAX];

	weir_sql_bind(q, "DateTime64(3, 'UTC')", weir_clock_sql(ms, buf));
}

/* What a question that was broken off should be made smaller by. */
static const struct {
	int code;
	weir_err err;
	const char *advice;
} broken_off[] = {
	{ 159, WEIR_EUNAVAIL, "The question took too long: ask for a shorter range, fewer breakdowns or a narrower filter" },
	{ 160, WEIR_EUNAVAIL, "The question would take too long: ask for a shorter range, fewer breakdowns or a narrower filter" },
	{ 241, WEIR_EUNAVAIL, "The question needs too much memory: ask for a shorter range, fewer breakdowns or a narrower filter" },
	{ 202, WEIR_EUNAVAIL, "Too many questions at the same time: try again in a moment" },
};
static const char too_large[] = "The answer is too large: ask for a shorter range, a longer interval, fewer breakdowns or a limit";

void weir_ask_advise(const struct weir_ask *ask, const char *advice)
{
	if (ask->advice)
		*ask->advice = advice;
}

weir_err weir_ask_outgrown(weir_err err, const char **advice)
{
	if (err == WEIR_ENOMEM)
		err = WEIR_ELIMIT;
	if (err == WEIR_ELIMIT && !*advice)
		*advice = too_large;
	return err;
}

weir_err weir_sql_verdict(const struct weir_ask *ask, weir_err err)
{
	int code = weir_ch_exception(ask->ch);

	if (err == WEIR_ELIMIT)
		weir_ask_advise(ask, too_large);
	if (err == WEIR_ETIMEOUT) {
		weir_ask_advise(ask, broken_off[0].advice);
		return broken_off[0].err;
	}
	if (err != WEIR_EBADGATEWAY)
		return err;
	for (size_t i = 0; i < sizeof(broken_off) / sizeof(*broken_off); i++)
		if (code == broken_off[i].code) {
			weir_ask_advise(ask, broken_off[i].advice);
			return broken_off[i].err;
		}
	for (size_t i = 0; i < sizeof(bad_input) / sizeof(*bad_input); i++)
		if (code == bad_input[i])
			return WEIR_EBADREQ;
	weir_log(LOG_ERR, "query", "code=%d error=\"%s\"", code, weir_ch_error(ask->ch));
	return err;
}

static weir_text number_text(weir_arena *mem, int64_t v)
{
	char buf[WEIR_NUM_MAX];

	return weir_text_dup(mem, weir_num_js((double)v, buf));
}

/* The statement with its settings; err tells what went wrong while it was put together. */
static weir_err prepare(const struct weir_ask *ask, weir_sql *q, struct weir_ch_arg settings[SETTINGS], struct weir_ch_query *query)
{
	weir_text memory = number_text(q->mem, ask->conf->api_query_memory_max), half = number_text(q->mem, ask->conf->api_query_memory_max / 2);
	weir_err err = memory.p && half.p ? weir_str_err(&q->text) : WEIR_ENOMEM;

	settings[0] = (struct weir_ch_arg){ "session_timezone", ask->timezone };
	settings[1] = (struct weir_ch_arg){ "query_plan_convert_any_join_to_semi_or_anti_join", WEIR_TEXT("0") };
	settings[2] = (struct weir_ch_arg){ "max_memory_usage", memory };
	/* A server breaks a question off whose asker has gone (weir_ch hangs up when the client does). */
	settings[3] = (struct weir_ch_arg){ "cancel_http_readonly_queries_on_client_close", WEIR_TEXT("1") };
	/* What grows beyond half of the memory goes to the server's disk. */
	settings[4] = (struct weir_ch_arg){ "max_bytes_before_external_group_by", half };
	settings[5] = (struct weir_ch_arg){ "max_bytes_before_external_sort", half };
	*query = (struct weir_ch_query){
		.sql = q->text.buf, .params = q->params, .nparams = q->count, .settings = settings, .nsettings = SETTINGS,
		.read_only = true, .answer_max = ANSWER_MAX, .aside = ask->aside,
	};
	return q->err ? q->err : err;
}

weir_err weir_sql_rows(const struct weir_ask *ask, weir_sql *q, json_object **rows)
{
	struct weir_ch_arg settings[SETTINGS];
	struct weir_ch_query query;
	weir_err err = prepare(ask, q, settings, &query);

	return err ? err : weir_sql_verdict(ask, weir_ch_rows(ask->ch, ask->mem, &query, rows));
}

weir_err weir_sql_finish(const struct weir_ask *ask, weir_sql *q, json_object **rows)
{
	weir_err err = weir_sql_rows(ask, q, rows);

	weir_sql_free(q);
	return err;
}

/* Runs what was prepared, and reads the answers. */
static weir_err rows_of_all(const struct weir_ask *ask, struct weir_ch_job *jobs, size_t count, json_object **rows)
{
	weir_err err = WEIR_OK;

	weir_ch_run_all(ask->ch, jobs, count);
	for (size_t i = 0; i < count && !err; i++) {
		err = weir_sql_verdict(ask, jobs[i].err);
		if (!err)
			err = weir_ch_parse(ask->ch, ask->mem, jobs[i].out, &rows[i]);
	}
	return err;
}

weir_err weir_sql_finish_all(const struct weir_ask *ask, weir_sql *q, size_t count, json_object **rows)
{
	struct weir_ch_arg settings[WEIR_SQL_PAGE_MAX][SETTINGS];
	struct weir_ch_job jobs[WEIR_SQL_PAGE_MAX];
	weir_str out[WEIR_SQL_PAGE_MAX];
	size_t ready = 0;
	weir_err err = count <= WEIR_SQL_PAGE_MAX ? WEIR_OK : WEIR_ELIMIT;

	for (; ready < count && !err; ready++) {
		weir_str_init(&out[ready], ANSWER_MAX);
		jobs[ready] = (struct weir_ch_job){ .out = &out[ready] };
		err = prepare(ask, &q[ready], settings[ready], &jobs[ready].query);
		jobs[ready].query.format = "JSON";
		jobs[ready].query.aside = ready ? NULL : ask->aside;
	}
	for (size_t i = 0; i < count; i++)
		rows[i] = NULL;
	if (!err)
		err = rows_of_all(ask, jobs, count, rows);
	for (size_t i = 0; i < ready; i++)
		weir_str_free(&out[i]);
	for (size_t i = 0; i < count; i++) {
		rows[i] = err ? NULL : rows[i];
		weir_sql_free(&q[i]);
	}
	return err;
}

weir_err weir_sql_text(const struct weir_ask *ask, weir_sql *q, weir_str *out)
{
	struct weir_ch_arg settings[SETTINGS];
	struct weir_ch_query query;
	weir_err err = prepare(ask, q, settings, &query);

	query.format = "TabSeparated";
	return err ? err : weir_sql_verdict(ask, weir_ch_run(ask->ch, &query, out));
}

weir_err weir_sql_run_all(const struct weir_ask *ask, weir_sql *const *q, weir_str *const *out, size_t count)
{
	struct weir_ch_arg settings[TOGETHER_MAX][SETTINGS];
	struct weir_ch_job jobs[TOGETHER_MAX];
	weir_err err = count > TOGETHER_MAX ? WEIR_EINTERNAL : WEIR_OK;

	for (size_t i = 0; i < count && !err; i++) {
		jobs[i] = (struct weir_ch_job){ .out = out[i] };
		err = prepare(ask, q[i], settings[i], &jobs[i].query);
		jobs[i].query.format = "TabSeparated";
	}
	if (err)
		return err;
	weir_ch_run_all(ask->ch, jobs, count);
	for (size_t i = 0; i < count && !err; i++)
		if (jobs[i].err)
			err = weir_sql_verdict(ask, jobs[i].err);
	return err;
}

struct weir_sql_flight {
	struct weir_ask ask;
	weir_sql q;
	struct weir_ch_arg settings[SETTINGS];
	struct weir_ch_job job;
	weir_str out;
	weir_ch_flight *flight;
};

static void free_flight(weir_sql_flight *f)
{
	weir_str_free(&f->out);
	weir_sql_free(&f->q);
	free(f);
}

weir_err weir_sql_start(const struct weir_ask *ask, weir_sql *q, size_t answer_max, weir_sql_flight **flight)
{
	weir_sql_flight *f = calloc(1, sizeof(*f));
	weir_err err;

	*flight = NULL;
	if (!f) {
		weir_sql_free(q);
		return WEIR_ENOMEM;
	}
	f->ask = *ask;
	f->q = *q;
	f->job.out = &f->out;
	weir_str_init(&f->out, answer_max);
	err = prepare(&f->ask, &f->q, f->settings, &f->job.query);
	f->job.query.format = "JSON";
	f->job.query.answer_max = answer_max;
	if (!err)
		f->flight = weir_ch_ask_start(ask->ch, &f->job, 1);
	if (!err && !f->flight)
		err = WEIR_ENOMEM;
	if (err)
		free_flight(f);
	else
		*flight = f;
	return err;
}

bool weir_sql_landed(weir_sql_flight *f)
{
	return weir_ch_flight_step(f->flight, 0);
}

weir_err weir_sql_land(weir_sql_flight *f, json_object **rows)
{
	weir_err err;

	*rows = NULL;
	weir_ch_ask_end(f->flight, &f->job);
	err = weir_sql_verdict(&f->ask, f->job.err);
	if (!err)
		err = weir_ch_parse(f->ask.ch, f->ask.mem, &f->out, rows);
	free_flight(f);
	return err;
}

void weir_sql_drop(weir_sql_flight *f)
{
	if (!f)
		return;
	weir_ch_ask_drop(f->flight);
	free_flight(f);
}

weir_err weir_sql_write(const struct weir_ask *ask, weir_sql *q)
{
	struct weir_ch_arg settings[SETTINGS];
	struct weir_ch_query query;
	weir_str out;
	weir_err err = prepare(ask, q, settings, &query);

	if (err)
		return err;
	query.read_only = false;
	weir_str_init(&out, 64 * 1024);
	err = weir_sql_verdict(ask, weir_ch_run(ask->ch, &query, &out));
	weir_str_free(&out);
	return err;
}
