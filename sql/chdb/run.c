#include "config.h"
#include "run.h"

#include "base/log.h"
#include "errors.h"
#include "formats.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>

/* The longest text of a statement; the engine's own limit (max_query_size) is far below. */
enum { TEXT_MAX = 16 << 20, SQL_MAX = 40 << 20, MESSAGE_MAX = 1 << 20 };

/* One call while it runs. */
struct job {
	struct weir_call *call;
	struct weir_request *rq;
	const struct weir_conf *conf;
	struct weir_desk *desk;
	struct weir_body plain;   /* the body after decompression, when it was compressed */
	struct weir_body *body;   /* what is to be read: rq->body or plain */
	struct weir_body data;    /* what an INSERT reads, when that is not the whole body */
	weir_str joined;          /* query and body put together, when both make up the text */
	weir_text text;           /* where the statement was read from */
	struct weir_statement st;
	weir_str sql;             /* what the engine gets */
	weir_text mark;
	char mark_buf[WEIR_RUN_MARK];
	struct weir_params params;
	struct weir_output out;
	weir_session *session;
	bool spoilt;
};

weir_text weir_run_mark(const struct weir_call *c, char out[WEIR_RUN_MARK])
{
	weir_text id = c->rq.query_id;
	int n;

	for (size_t i = 0; i < id.n; i++)
		if (!weir_is_alpha((unsigned char)id.p[i]) && !weir_is_digit((unsigned char)id.p[i]) && !strchr("-_.:", id.p[i]))
			id = weir_text_of(c->rq.uuid);
	if (id.n > 128)
		id = weir_text_of(c->rq.uuid);
	n = snprintf(out, WEIR_RUN_MARK, " /* weir %" PRIu64 " %.*s */", c->number, (int)id.n, id.p);
	return (weir_text){ out, n < 0 ? 0 : (size_t)n };
}

void weir_run_refuse(struct weir_call *c, int code, const char *name, const char *text)
{
	weir_str s;

	weir_str_init(&s, MESSAGE_MAX);
	weir_error_own(code, name, text, weir_engine_version(), &s);
	weir_call_fail(c, weir_error_status(weir_str_view(&s)), code, weir_str_view(&s), weir_str_view(&s), "");
	weir_str_free(&s);
}

static bool refuse(struct job *j, int code, const char *name, const char *text)
{
	weir_run_refuse(j->call, code, name, text);
	return false;
}

static bool refuse_memory(struct job *j)
{
	return refuse(j, 241, "MEMORY_LIMIT_EXCEEDED", "No memory for the request");
}

/* ---- the text of the statement ---- */

static bool unpack_body(struct job *j)
{
	char text[120];
	weir_err err;

	j->body = &j->rq->body;
	snprintf(text, sizeof(text), "The body of the request is larger than chdb.body_max (%" PRId64 " bytes)", j->conf->chdb_body_max);
	if (j->rq->too_large)
		return refuse(j, 66, "QUERY_IS_TOO_LARGE", text);
	if (j->rq->coding == WEIR_CODING_UNKNOWN)
		return refuse(j, 48, "NOT_IMPLEMENTED", "Unknown Content-Encoding: gzip and deflate are supported");
	if (j->rq->coding == WEIR_CODING_NONE)
		return true;
	err = weir_body_unpack(&j->rq->body, j->rq->coding, (uint64_t)j->conf->chdb_body_max, &j->plain);
	j->body = &j->plain;
	if (err == WEIR_ELIMIT)
		return refuse(j, 66, "QUERY_IS_TOO_LARGE", text);
	if (err == WEIR_EBADREQ)
		return refuse(j, 354, "ZLIB_INFLATE_FAILED", "The compressed body is broken or cut off");
	return err ? refuse_memory(j) : true;
}

static bool read_statement(struct job *j, weir_text text)
{
	struct weir_refusal no;

	j->text = text;
	if (weir_statement_read(text, j->conf->chdb_outside ? WEIR_STATEMENT_OUTSIDE : 0, &j->st, &no))
		return true;
	return refuse(j, no.code, no.name, no.text);
}

/* Query and body together are the text, with a line feed between them, unless the query is an INSERT whose data the body is. */
static bool find_statement(struct job *j)
{
	weir_text body, query;

	if (!unpack_body(j))
		return false;
	if (weir_body_map(j->body, &body))
		return refuse_memory(j);
	if (j->rq->boundary.p) {
		weir_request_form(j->rq, body);
		body = (weir_text){ "", 0 };
	}
	if (j->rq->no.code)
		return refuse(j, j->rq->no.code, j->rq->no.name, j->rq->no.text);
	query = j->rq->query;
	if (!weir_text_trim(query).n) {
		if (!read_statement(j, body))
			return false;
	} else if (!read_statement(j, query)) {
		return false;
	} else if (body.n && j->st.kind != WEIR_STATEMENT_DATA) {
		weir_str_text(&j->joined, query);
		weir_str_putc(&j->joined, '\n');
		weir_str_text(&j->joined, body);
		if (weir_str_err(&j->joined))
			return refuse(j, 62, "SYNTAX_ERROR", "Max query size exceeded");
		if (!read_statement(j, weir_str_view(&j->joined)))
			return false;
	}
	return j->st.text.n <= TEXT_MAX ? true : refuse(j, 62, "SYNTAX_ERROR", "Max query size exceeded");
}

/* ---- INSERT with data ---- */

/* The file that the INSERT reads: the body as it is, or what stands behind the statement (and the body after that). */
static bool find_data(struct job *j, struct weir_body **data)
{
	weir_text inline_data = { j->text.p + j->st.data_at, j->text.n - j->st.data_at }, body;
	bool from_query = weir_text_trim(j->rq->query).n > 0;

	if (weir_body_map(j->body, &body))
		return refuse_memory(j);
	*data = &j->data;
	if (j->rq->boundary.p)
		body.n = 0;
	if (!inline_data.n && from_query) {
		*data = j->body;
		if (j->rq->boundary.p)
			*data = &j->data;
		return true;
	}
	if (weir_body_add(&j->data, inline_data))
		return refuse_memory(j);
	if (from_query && body.n && (weir_body_add(&j->data, WEIR_TEXT("\n")) || weir_body_add(&j->data, body)))
		return refuse_memory(j);
	return true;
}

/* "INSERT INTO t (a) FROM INFILE '/proc/self/fd/7' SETTINGS ... FORMAT x": the data never is part of the statement. */
static bool make_insert(struct job *j)
{
	char path[WEIR_BODY_PATH];
	struct weir_body *data;

	if (!find_data(j, &data))
		return false;
	if (weir_body_path(data, path))
		return refuse_memory(j);
	weir_str_add(&j->sql, j->text.p, j->st.infile_at);
	weir_str_addf(&j->sql, " FROM INFILE '%s' ", path);
	weir_str_add(&j->sql, j->text.p + j->st.infile_at, j->st.tail_at - j->st.infile_at);
	weir_str_puts(&j->sql, " FORMAT ");
	weir_str_text(&j->sql, j->st.format);
	return true;
}

/* ---- other statements ---- */

/*
 * The engine gives every query an id of its own; the client's is in the mark
 * behind the statement.  So KILL QUERY WHERE query_id = 'x' has to look there.
 */
static void make_kill(struct job *j)
{
	struct weir_lex lex = { j->st.text, 0 };
	size_t done = 0;

	for (;;) {
		struct weir_token t = weir_lex_next(&lex);

		if (t.kind == WEIR_TOKEN_END || t.kind == WEIR_TOKEN_BAD)
			break;
		if (!weir_token_is(&t, "query_id"))
			continue;
		weir_str_add(&j->sql, j->st.text.p + done, t.at - done);
		weir_str_puts(&j->sql, "extract(query, '/\\\\* weir \\\\d+ (\\\\S+) \\\\*/$')");
		done = t.at + t.text.n;
	}
	weir_str_add(&j->sql, j->st.text.p + done, j->st.text.n - done);
}

static bool make_sql(struct job *j)
{
	if (j->st.kind == WEIR_STATEMENT_DATA) {
		if (!make_insert(j))
			return false;
	} else {
		if (j->st.kind == WEIR_STATEMENT_KILL)
			make_kill(j);
		else
			weir_str_text(&j->sql, j->st.text);
		weir_str_text(&j->sql, j->mark);
	}
	if (weir_str_err(&j->sql) || !weir_request_params(j->rq, &j->params))
		return refuse_memory(j);
	return true;
}

/* ---- the session ---- */

static bool find_level(struct job *j, enum weir_level *level)
{
	weir_text asked = j->rq->readonly;
	bool reads = j->st.kind == WEIR_STATEMENT_SELECT || j->st.kind == WEIR_STATEMENT_SHOW;

	*level = j->rq->get ? WEIR_LEVEL_OPEN : WEIR_LEVEL_WRITE;
	if (reads)
		*level = j->st.needs_open || j->conf->chdb_outside ? WEIR_LEVEL_OPEN : WEIR_LEVEL_READ;
	if (!asked.n || weir_text_is(asked, "0"))
		return true;
	if (weir_text_is(asked, "1"))
		*level = WEIR_LEVEL_READ;
	else if (weir_text_is(asked, "2") && *level == WEIR_LEVEL_WRITE)
		*level = WEIR_LEVEL_OPEN;
	else if (!weir_text_is(asked, "2"))
		return refuse(j, 36, "BAD_ARGUMENTS", "Setting readonly must be 0, 1 or 2");
	return true;
}

/*
 * Ends the answer with the engine's error. Always false.  The session goes
 * too: what a failed query had written already would come out with the next.
 */
static bool fail(struct job *j, const char *engine_text)
{
	weir_str s;
	int code;

	weir_str_init(&s, MESSAGE_MAX);
	code = weir_error_text(engine_text, j->mark, j->rq->get, weir_engine_version(), &s);
	weir_output_fail(&j->out, code, weir_str_view(&s));
	weir_log(LOG_INFO, "refused", "query=%" PRIu64 " code=%d", j->call->number, code);
	j->spoilt = true;
	weir_str_free(&s);
	return false;
}

static bool take_session(struct job *j)
{
	enum weir_level level;
	weir_result *error;

	if (!find_level(j, &level))
		return false;
	j->session = weir_desk_take(j->desk, j->rq, level, &error);
	if (j->session)
		return true;
	if (error) {
		fail(j, weir_result_error(error));
		weir_result_free(error);
		return false;
	}
	return refuse(j, 241, "MEMORY_LIMIT_EXCEEDED", "The engine opens no further session");
}

/* ---- running ---- */

static void add_counts(struct weir_counts *sum, weir_result *r)
{
	struct weir_counts c = weir_result_counts(r);

	sum->read_rows += c.read_rows;
	sum->read_bytes += c.read_bytes;
	sum->written_rows += c.written_rows;
	sum->written_bytes += c.written_bytes;
	sum->result_rows += c.result_rows;
}

static void run_whole(struct job *j, const char *format)
{
	weir_result *r = weir_session_query(j->session, weir_str_view(&j->sql), format, &j->params);
	const char *error = r ? weir_result_error(r) : "out of memory";

	if (error) {
		fail(j, error);
		weir_result_free(r);
		return;
	}
	add_counts(&j->out.counts, r);
	if (weir_output_take(&j->out, weir_result_data(r), r))
		weir_output_finish(&j->out);
	else
		j->spoilt = true;
}

/* One part of a stream into the answer, which takes it over. False: that was the last, or the client is gone. */
static bool stream_part(struct job *j, const struct weir_format *format, weir_result *part, bool first, bool *gone)
{
	uint64_t rows = weir_result_counts(part).result_rows;
	weir_text data = weir_result_data(part);

	add_counts(&j->out.counts, part);
	/* A result without rows is one part with a header; at the end of others comes an empty one. */
	if (!first && (format->parts == WEIR_FORMAT_LINES || format->parts == WEIR_FORMAT_CSV))
		data = weir_format_strip(format, data);
	*gone = !weir_output_take(&j->out, data, part);
	return rows && !*gone;
}

static void run_stream(struct job *j, const struct weir_format *format, const char *name)
{
	weir_result *stream = weir_session_stream(j->session, weir_str_view(&j->sql), name, &j->params);
	const char *error = stream ? weir_result_error(stream) : "out of memory";
	bool more = !error, gone = false;

	for (bool first = true; more; first = false) {
		weir_result *part = weir_session_fetch(j->session, stream);

		error = part ? weir_result_error(part) : "out of memory";
		more = !error && stream_part(j, format, part, first, &gone);
		if (error) {
			fail(j, error);
			weir_result_free(part);
		}
	}
	if (gone) {
		weir_session_cancel(j->session, stream);
		j->spoilt = true;
	} else if (!error) {
		weir_output_finish(&j->out);
	} else if (!stream || weir_result_error(stream)) {
		fail(j, error);
	}
	weir_result_free(stream);
}

static const char *format_name(struct job *j)
{
	weir_text name = j->st.format;

	if (!name.n)
		name = j->rq->default_format;
	if (!name.n)
		return "TabSeparated";
	return weir_strndup(j->rq->mem, name.p, name.n);
}

static bool returns_rows(enum weir_statement_kind kind)
{
	return kind == WEIR_STATEMENT_SELECT || kind == WEIR_STATEMENT_SHOW || kind == WEIR_STATEMENT_KILL;
}

static void run(struct job *j)
{
	const char *name = format_name(j);
	const struct weir_format *format = name ? weir_format_find(weir_text_of(name)) : NULL;
	bool rows = returns_rows(j->st.kind);

	if (!name || weir_output_open(&j->out, j->call, rows ? format : NULL, NULL)) {
		refuse_memory(j);
		return;
	}
	if (!take_session(j))
		return;
	if (j->st.kind == WEIR_STATEMENT_SELECT && format && format->parts != WEIR_FORMAT_WHOLE && !j->st.totals && !j->rq->extremes)
		run_stream(j, format, name);
	else
		run_whole(j, name);
	weir_desk_give(j->desk, j->session, j->spoilt || j->st.kind == WEIR_STATEMENT_SESSION);
}

void weir_run(struct weir_desk *desk, const struct weir_conf *conf, struct weir_call *c)
{
	struct job j = { .call = c, .rq = &c->rq, .conf = conf, .desk = desk };

	weir_body_init(&j.plain);
	weir_body_init(&j.data);
	weir_str_init(&j.joined, TEXT_MAX);
	weir_str_init(&j.sql, SQL_MAX);
	if (!weir_call_is_gone(c) && find_statement(&j)) {
		j.mark = weir_run_mark(c, j.mark_buf);
		if (make_sql(&j))
			run(&j);
	}
	/* Whoever was cut off in the middle of it is told, if he still listens. */
	weir_run_refuse(c, 394, "QUERY_WAS_CANCELLED", "Query was cancelled");
	weir_output_close(&j.out);
	weir_str_free(&j.sql);
	weir_str_free(&j.joined);
	weir_body_free(&j.data);
	weir_body_free(&j.plain);
	/* The memory of a large body is not needed any more while the answer is sent. */
	weir_body_free(&c->rq.body);
}
