#include "config.h"
#include "statement.h"

#include <stdarg.h>
#include <stdio.h>

void weir_refuse(struct weir_refusal *no, int code, const char *name, const char *fmt, ...)
{
	va_list ap;

	no->code = code;
	no->name = name;
	va_start(ap, fmt);
	vsnprintf(no->text, sizeof(no->text), fmt, ap);
	va_end(ap);
}

/* ---- tables ---- */

static const struct first_word {
	const char *word;
	enum weir_statement_kind kind;
} first_words[] = {
	{ "SELECT", WEIR_STATEMENT_SELECT }, { "WITH", WEIR_STATEMENT_SELECT }, { "FROM", WEIR_STATEMENT_SELECT },
	{ "SHOW", WEIR_STATEMENT_SHOW }, { "DESCRIBE", WEIR_STATEMENT_SHOW }, { "DESC", WEIR_STATEMENT_SHOW },
	{ "EXISTS", WEIR_STATEMENT_SHOW }, { "EXPLAIN", WEIR_STATEMENT_SHOW }, { "CHECK", WEIR_STATEMENT_SHOW },
	{ "INSERT", WEIR_STATEMENT_COPY },
	{ "CREATE", WEIR_STATEMENT_WRITE }, { "ALTER", WEIR_STATEMENT_WRITE }, { "DROP", WEIR_STATEMENT_WRITE },
	{ "ATTACH", WEIR_STATEMENT_WRITE }, { "DETACH", WEIR_STATEMENT_WRITE }, { "RENAME", WEIR_STATEMENT_WRITE },
	{ "EXCHANGE", WEIR_STATEMENT_WRITE }, { "TRUNCATE", WEIR_STATEMENT_WRITE }, { "UNDROP", WEIR_STATEMENT_WRITE },
	{ "REPLACE", WEIR_STATEMENT_WRITE }, { "OPTIMIZE", WEIR_STATEMENT_WRITE }, { "SYSTEM", WEIR_STATEMENT_WRITE },
	{ "DELETE", WEIR_STATEMENT_WRITE }, { "UPDATE", WEIR_STATEMENT_WRITE }, { "BACKUP", WEIR_STATEMENT_WRITE },
	{ "RESTORE", WEIR_STATEMENT_WRITE }, { "GRANT", WEIR_STATEMENT_WRITE }, { "REVOKE", WEIR_STATEMENT_WRITE },
	{ "MOVE", WEIR_STATEMENT_WRITE }, { "WATCH", WEIR_STATEMENT_WRITE },
	{ "KILL", WEIR_STATEMENT_KILL }, { "SET", WEIR_STATEMENT_SESSION }, { "USE", WEIR_STATEMENT_SESSION },
};

/*
 * Table functions, table and database engines, dictionary sources and backup
 * targets that reach files or other servers.  A name that ends in * stands for
 * all that begin so.
 */
static const char *const outside_words[] = {
	"file", "fileCluster", "filesystem", "url", "urlCluster", "http", "s3*", "gcs*", "oss*", "cosn*", "hdfs*", "azure*",
	"remote", "remoteSecure", "mysql", "postgresql", "mongodb", "mongo", "redis", "sqlite", "odbc", "jdbc",
	"cassandra", "executable*", "iceberg*", "deltaLake*", "hudi*", "paimon*", "ytsaurus", "python", "arrowStream",
	"arrowFlight", "kafka", "rabbitmq", "nats", "fileLog", "externalDistributed", "materializedPostgreSQL",
	"materializedMySQL", "dataLakeCatalog", "disk", "library", "catboostEvaluate", "ai*", "llm*",
};

/* Harmless functions that the engine refuses under readonly = 1. */
static const char *const open_words[] = { "format", "loop", "dictionary", "cluster", "clusterAllReplicas" };

static bool listed(const struct weir_token *t, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		weir_text w = weir_text_of(list[i]), head = t->text;

		if (w.p[w.n - 1] == '*') {
			w.n--;
			if (head.n > w.n)
				head.n = w.n;
		}
		if (weir_text_eq_nocase(head, w))
			return true;
	}
	return false;
}
#define LISTED(t, list) listed(t, list, sizeof(list) / sizeof(*(list)))

/* ---- one pass over all tokens ---- */

/* The last two tokens and the next one, for rules about neighbours. */
struct walk {
	struct weir_lex lex;
	struct weir_token before, last, now, next;
	size_t depth, end; /* brackets open; where the last token ended */
	bool insert;       /* an INSERT is part of it: no data may follow inline */
	bool inner;        /* and it does not stand at the beginning */
};

static void walk_step(struct walk *w)
{
	w->before = w->last;
	w->last = w->now;
	w->now = w->next;
	w->next = weir_lex_next(&w->lex);
	if (weir_token_mark(&w->last, '(') || weir_token_mark(&w->last, '[') || weir_token_mark(&w->last, '{'))
		w->depth++;
	if ((weir_token_mark(&w->now, ')') || weir_token_mark(&w->now, ']') || weir_token_mark(&w->now, '}')) && w->depth)
		w->depth--;
	if (w->now.kind != WEIR_TOKEN_END)
		w->end = w->now.at + w->now.text.n;
}

static void walk_start(struct walk *w, weir_text text)
{
	*w = (struct walk){ .lex = { text, 0 } };
	w->now.kind = w->last.kind = w->before.kind = WEIR_TOKEN_END;
	w->next = weir_lex_next(&w->lex);
	walk_step(w);
}

static bool bad_token(const struct walk *w, struct weir_refusal *no)
{
	if (w->now.kind != WEIR_TOKEN_BAD)
		return false;
	weir_refuse(no, 62, "SYNTAX_ERROR", "Syntax error: failed at position %zu: a quote, a comment or a heredoc that is not closed, "
		"or a character that has no place in a statement", w->now.at + 1);
	return true;
}

/*
 * A name or a string in a place where a table is named, when it is the path of
 * a file: the engine opens such files.  TRIM(BOTH '/' FROM '/a/') is none.
 */
static bool is_path(const struct walk *w)
{
	static const char *const places[] = { "FROM", "JOIN", "IN", "TABLE", "INTO", "EXISTS", "TO" };
	bool place = w->last.kind == WEIR_TOKEN_WORD && LISTED(&w->last, places);

	if ((w->now.kind != WEIR_TOKEN_NAME && w->now.kind != WEIR_TOKEN_STRING) || !memchr(w->now.text.p, '/', w->now.text.n))
		return false;
	if (w->now.kind == WEIR_TOKEN_NAME)
		return place || weir_token_mark(&w->last, '.');
	return (weir_token_is(&w->last, "FROM") || weir_token_is(&w->last, "JOIN")) && w->before.kind != WEIR_TOKEN_STRING;
}

static bool reaches_outside(const struct walk *w)
{
	bool call = weir_token_mark(&w->next, '('), engine;

	if (is_path(w))
		return true;
	if (w->now.kind != WEIR_TOKEN_WORD && w->now.kind != WEIR_TOKEN_NAME)
		return false;
	/* `url`(...) is the same call as url(...). */
	if (w->now.kind == WEIR_TOKEN_NAME) {
		struct weir_token bare = w->now;

		bare.text = (weir_text){ bare.text.p + 1, bare.text.n > 2 ? bare.text.n - 2 : 0 };
		return call && !weir_token_mark(&w->last, '.') && LISTED(&bare, outside_words);
	}
	engine = weir_token_is(&w->last, "ENGINE") || (weir_token_mark(&w->last, '=') && weir_token_is(&w->before, "ENGINE"));
	if (!LISTED(&w->now, outside_words))
		return false;
	/* A table may bear such a name: INSERT INTO file (a), CREATE TABLE db.url (...). */
	if (weir_token_mark(&w->last, '.') || weir_token_is(&w->last, "INTO") || weir_token_is(&w->last, "EXISTS"))
		return false;
	if (weir_token_is(&w->last, "TABLE") && !weir_token_is(&w->before, "DESCRIBE") && !weir_token_is(&w->before, "DESC"))
		return false;
	return call || engine;
}

/* What a second statement is refused with. */
static bool refuse_second(size_t at, struct weir_refusal *no)
{
	weir_refuse(no, 62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed): failed at position %zu (end of query)", at + 1);
	return false;
}

/* The rules that hold for every token of every statement. */
static bool check_token(const struct walk *w, unsigned flags, struct weir_refusal *no)
{
	if (bad_token(w, no))
		return false;
	if (weir_token_mark(&w->now, ';'))
		return refuse_second(w->now.at, no);
	if (weir_token_is(&w->now, "OUTFILE") && weir_token_is(&w->last, "INTO")) {
		weir_refuse(no, 358, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed");
		return false;
	}
	if (weir_token_is(&w->now, "INFILE") && weir_token_is(&w->last, "FROM")) {
		weir_refuse(no, 78, "UNKNOWN_TYPE_OF_QUERY", "Query has infile and was send directly to server");
		return false;
	}
	if (!(flags & WEIR_STATEMENT_OUTSIDE) && reaches_outside(w)) {
		weir_refuse(no, 497, "ACCESS_DENIED", "%.*s reaches outside the database, which weir-chdb allows only with chdb.outside = yes",
			w->now.text.n > 100 ? 100 : (int)w->now.text.n, w->now.text.p);
		return false;
	}
	return true;
}

/*
 * Inside a statement that inserts, what could begin inline data: FORMAT before
 * what could be the name of one, and VALUES in an INSERT that does not stand at
 * the beginning.  Everything behind an empty line in such data would run as
 * SQL, whether or not the name is that of a format.
 */
static bool begins_data(const struct walk *w)
{
	if (weir_token_is(&w->now, "VALUES"))
		return w->inner;
	return weir_token_is(&w->now, "FORMAT") && w->next.kind != WEIR_TOKEN_MARK && w->next.kind != WEIR_TOKEN_END;
}

/* FORMAT name at the very end of INSERT ... SELECT does no harm; everything else that begins data is refused. */
static bool check_insert(struct walk *w, struct weir_refusal *no)
{
	struct weir_lex ahead = w->lex;
	struct weir_token after;

	if (weir_token_is(&w->now, "input") && weir_token_mark(&w->next, '(')) {
		weir_refuse(no, 48, "NOT_IMPLEMENTED", "The table function input is not supported: send the data with INSERT ... FORMAT");
		return false;
	}
	if (!begins_data(w))
		return true;
	after = weir_lex_next(&ahead);
	if (weir_token_is(&w->now, "FORMAT") && (after.kind == WEIR_TOKEN_END || weir_token_mark(&after, ';')))
		return true;
	weir_refuse(no, 62, "SYNTAX_ERROR", "Syntax error: failed at position %zu (%.6s): data cannot follow here, send it with INSERT ... FORMAT; "
		"a column of this name has to be quoted", w->now.at + 1, w->now.text.p);
	return false;
}

static void note_token(const struct walk *w, struct weir_statement *out)
{
	if (w->now.kind != WEIR_TOKEN_WORD)
		return;
	if (weir_token_is(&w->now, "SETTINGS") || (weir_token_mark(&w->next, '(') && LISTED(&w->now, open_words)))
		out->needs_open = true;
	if (weir_token_is(&w->now, "TOTALS") || weir_token_is(&w->now, "ROLLUP") || weir_token_is(&w->now, "CUBE"))
		out->totals = true;
	if (weir_token_is(&w->now, "TEMPORARY") && out->kind == WEIR_STATEMENT_WRITE)
		out->kind = WEIR_STATEMENT_SESSION;
	/* WITH x AS (...) INSERT INTO t SELECT ... */
	if (out->kind == WEIR_STATEMENT_SELECT && !w->depth && weir_token_is(&w->now, "INSERT") && weir_token_is(&w->next, "INTO"))
		out->kind = WEIR_STATEMENT_COPY;
	/* FORMAT x as the last clause, or before SETTINGS; not a column of that name. */
	if (!w->depth && weir_token_is(&w->last, "FORMAT") && !weir_token_mark(&w->before, '.') && !weir_token_mark(&w->before, ',') &&
	    !weir_token_is(&w->before, "AS") && !weir_token_is(&w->before, "BY") && !weir_token_is(&w->before, "SELECT") &&
	    (w->next.kind == WEIR_TOKEN_END || weir_token_mark(&w->next, ';') || weir_token_is(&w->next, "SETTINGS")))
		out->format = w->now.text;
}

/* Nothing but semicolons may follow the first semicolon. */
static bool check_alone(struct walk *w, struct weir_refusal *no)
{
	size_t at = w->now.at;

	while (weir_token_mark(&w->now, ';'))
		walk_step(w);
	if (bad_token(w, no))
		return false;
	return w->now.kind == WEIR_TOKEN_END ? true : refuse_second(at, no);
}

static bool read_rest(struct walk *w, unsigned flags, struct weir_statement *out, struct weir_refusal *no)
{
	size_t end = 0;

	while (w->now.kind != WEIR_TOKEN_END && !weir_token_mark(&w->now, ';')) {
		if (weir_token_is(&w->now, "INSERT") && w->next.kind != WEIR_TOKEN_MARK)
			w->insert = w->inner = true;
		if (!check_token(w, flags, no) || (w->insert && !check_insert(w, no)))
			return false;
		note_token(w, out);
		end = w->end;
		walk_step(w);
	}
	out->text = (weir_text){ w->lex.in.p, end };
	return check_alone(w, no);
}

/* ---- INSERT ---- */

static bool is_name(const struct weir_token *t)
{
	return t->kind == WEIR_TOKEN_WORD || t->kind == WEIR_TOKEN_NAME;
}

/* Steps behind the bracket that w->now opens. */
static bool skip_brackets(struct walk *w, unsigned flags, struct weir_refusal *no)
{
	size_t outer = w->depth;

	do {
		if (!check_token(w, flags, no))
			return false;
		walk_step(w);
	} while (w->now.kind != WEIR_TOKEN_END && (w->depth > outer || !weir_token_mark(&w->now, ')')));
	walk_step(w);
	return true;
}

/* INTO [TABLE] [FUNCTION] name[.name] [(columns)]. *select: it went over into INSERT ... (SELECT ...). */
static bool read_target(struct walk *w, unsigned flags, bool *select, struct weir_refusal *no)
{
	*select = false;
	walk_step(w); /* INSERT */
	if (weir_token_is(&w->now, "INTO"))
		walk_step(w);
	if (weir_token_is(&w->now, "TABLE") && (is_name(&w->next)))
		walk_step(w);
	if (weir_token_is(&w->now, "FUNCTION") && is_name(&w->next))
		walk_step(w);
	while (is_name(&w->now)) {
		if (!check_token(w, flags, no))
			return false;
		walk_step(w);
		if (!weir_token_mark(&w->now, '.'))
			break;
		walk_step(w);
	}
	/* Of a table function there are two brackets: its arguments, then columns. */
	for (int i = 0; i < 2 && weir_token_mark(&w->now, '('); i++) {
		if (weir_token_is(&w->next, "SELECT") || weir_token_is(&w->next, "WITH") || weir_token_mark(&w->next, '(')) {
			*select = true;
			return true;
		}
		if (!skip_brackets(w, flags, no))
			return false;
	}
	return true;
}

/* Where the data begins behind "FORMAT name": blanks and one line end belong to the statement. */
static size_t data_start(weir_text in, size_t at)
{
	while (at < in.n && (in.p[at] == ' ' || in.p[at] == '\t' || in.p[at] == '\f'))
		at++;
	if (at < in.n && in.p[at] == '\r')
		at++;
	if (at < in.n && in.p[at] == '\n')
		at++;
	return at;
}

/* w->now is FORMAT or VALUES. w->next may be the data already and is not looked at for VALUES. */
static bool read_data(struct walk *w, struct weir_statement *out, struct weir_refusal *no)
{
	weir_text in = w->lex.in;

	out->kind = WEIR_STATEMENT_DATA;
	out->tail_at = w->now.at;
	if (weir_token_is(&w->now, "VALUES")) {
		out->format = WEIR_TEXT("Values");
		out->data_at = w->end;
	} else {
		if (!is_name(&w->next)) {
			weir_refuse(no, 62, "SYNTAX_ERROR", "Syntax error: failed at position %zu: the name of a format is missing", w->end + 1);
			return false;
		}
		out->format = w->next.text;
		out->data_at = data_start(in, w->next.at + w->next.text.n);
		if (out->data_at < in.n && in.p[out->data_at] == ';') {
			weir_refuse(no, 62, "SYNTAX_ERROR", "You have ';' symbol before data for INSERT query");
			return false;
		}
	}
	out->text = (weir_text){ in.p, out->data_at };
	if (!out->infile_at)
		out->infile_at = out->tail_at;
	return true;
}

static bool read_insert(struct walk *w, unsigned flags, struct weir_statement *out, struct weir_refusal *no)
{
	static const char *const rows[] = { "SELECT", "WITH", "FROM", "WATCH", "EXPLAIN", "SHOW", "DESCRIBE", "DESC", "EXISTS" };
	bool select;

	if (!read_target(w, flags, &select, no))
		return false;
	while (!select && w->now.kind != WEIR_TOKEN_END && !weir_token_mark(&w->now, ';')) {
		bool named = weir_token_mark(&w->next, '='); /* a setting of that name */

		if (!w->depth && !named) {
			if (weir_token_is(&w->now, "VALUES") || weir_token_is(&w->now, "FORMAT"))
				return read_data(w, out, no);
			if (weir_token_is(&w->now, "SETTINGS"))
				out->infile_at = w->now.at;
			if (w->now.kind == WEIR_TOKEN_WORD && LISTED(&w->now, rows) && !weir_token_is(&w->next, "INFILE"))
				break;
			if (weir_token_mark(&w->now, '('))
				break;
		}
		if (!check_token(w, flags, no))
			return false;
		walk_step(w);
	}
	if (w->now.kind == WEIR_TOKEN_END || weir_token_mark(&w->now, ';')) {
		weir_refuse(no, 62, "SYNTAX_ERROR", "Syntax error: failed at position %zu (end of query): INSERT needs VALUES, FORMAT or SELECT",
			w->end + 1);
		return false;
	}
	w->insert = true;
	return read_rest(w, flags, out, no);
}

/* ---- all ---- */

bool weir_statement_read(weir_text text, unsigned flags, struct weir_statement *out, struct weir_refusal *no)
{
	struct walk w;

	*out = (struct weir_statement){ .kind = WEIR_STATEMENT_SELECT };
	walk_start(&w, text);
	if (bad_token(&w, no))
		return false;
	if (w.now.kind == WEIR_TOKEN_END || weir_token_mark(&w.now, ';')) {
		weir_refuse(no, 62, "SYNTAX_ERROR", "Syntax error: failed at position 1 (end of query): Empty query");
		return false;
	}
	if (weir_token_mark(&w.now, '('))
		return read_rest(&w, flags, out, no);
	for (size_t i = 0; i < sizeof(first_words) / sizeof(*first_words); i++) {
		if (!weir_token_is(&w.now, first_words[i].word))
			continue;
		out->kind = first_words[i].kind;
		if (weir_token_is(&w.now, "INSERT"))
			return read_insert(&w, flags, out, no);
		if (weir_token_is(&w.now, "SYSTEM") && (weir_token_is(&w.next, "SHUTDOWN") || weir_token_is(&w.next, "KILL"))) {
			weir_refuse(no, 497, "ACCESS_DENIED", "SYSTEM SHUTDOWN and SYSTEM KILL are not allowed: stop weir-chdb by SIGTERM");
			return false;
		}
		return read_rest(&w, flags, out, no);
	}
	weir_refuse(no, 62, "SYNTAX_ERROR", "Syntax error: failed at position %zu (%.*s): unknown kind of statement", w.now.at + 1,
		w.now.text.n > 60 ? 60 : (int)w.now.text.n, w.now.text.p);
	return false;
}
