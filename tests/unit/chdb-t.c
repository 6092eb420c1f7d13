/* weir-chdb without its engine: statements, formats, errors, arguments, bodies, the spool. */
#include "config.h"

#include "auth.h"
#include "body.h"
#include "errors.h"
#include "formats.h"
#include "request.h"
#include "spool.h"
#include "statement.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

/* ---- statements ---- */

static const struct {
	const char *text;
	enum weir_statement_kind kind;
} kinds[] = {
	{ "SELECT 1", WEIR_STATEMENT_SELECT },
	{ "  /* a */ -- b\n # c\n select 1", WEIR_STATEMENT_SELECT },
	{ "(SELECT 1) UNION ALL (SELECT 2)", WEIR_STATEMENT_SELECT },
	{ "FROM t SELECT a", WEIR_STATEMENT_SELECT },
	{ "WITH 1 AS x SELECT x", WEIR_STATEMENT_SELECT },
	{ "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", WEIR_STATEMENT_COPY },
	{ "EXPLAIN SELECT 1", WEIR_STATEMENT_SHOW },
	{ "DESC TABLE t", WEIR_STATEMENT_SHOW },
	{ "INSERT INTO t SELECT 1", WEIR_STATEMENT_COPY },
	{ "INSERT INTO t (a, b) SELECT 1, 2", WEIR_STATEMENT_COPY },
	{ "INSERT INTO t (SELECT 1)", WEIR_STATEMENT_COPY },
	{ "INSERT INTO t (a) (SELECT 1)", WEIR_STATEMENT_COPY },
	{ "INSERT INTO t SETTINGS async_insert = 0 SELECT 1", WEIR_STATEMENT_COPY },
	{ "INSERT INTO values SELECT 1", WEIR_STATEMENT_COPY },
	{ "INSERT INTO t WITH 1 AS x SELECT x FORMAT CSV ;", WEIR_STATEMENT_COPY },
	{ "INSERT INTO t SELECT format, (t.format), `format` FROM x WHERE format = 1 AND \"format\" IN (SELECT * FROM values('a Int8', 1))", WEIR_STATEMENT_COPY },
	{ "create table t (a Int8) engine = Memory", WEIR_STATEMENT_WRITE },
	{ "CREATE TEMPORARY TABLE t (a Int8)", WEIR_STATEMENT_SESSION },
	{ "KILL QUERY WHERE 1", WEIR_STATEMENT_KILL },
	{ "SET a = 1", WEIR_STATEMENT_SESSION },
	{ "USE d", WEIR_STATEMENT_SESSION },
	/* One statement, whatever its strings and comments hold. */
	{ "SELECT 'a;b', `c;d`, \"e;f\", $$g;h$$, $x$i;j$x$ /* ; /* ; */ ; */ -- ;", WEIR_STATEMENT_SELECT },
	{ "SELECT 'it''s; \\'; ' // ; \n, 1;;  ; -- end", WEIR_STATEMENT_SELECT },
	{ "SELECT x'3B', b'00111011', '\xc2\xa0', `\xc3\xa9` -- \xc3\xa9", WEIR_STATEMENT_SELECT },
	{ "SELECT 1$a, a$b;", WEIR_STATEMENT_SELECT },
	/* Tables may bear the names of functions. */
	{ "INSERT INTO file (a) SELECT 1", WEIR_STATEMENT_COPY },
	{ "CREATE TABLE d.url (a Int8) ENGINE = Memory", WEIR_STATEMENT_WRITE },
	{ "CREATE TABLE IF NOT EXISTS url (a Int8) ENGINE = Memory", WEIR_STATEMENT_WRITE },
	{ "SELECT file, url FROM t WHERE url = '/a/b' AND trim(BOTH '/' FROM '/a/') = 'a'", WEIR_STATEMENT_SELECT },
	{ "SELECT urlHash(url), domain(url) AS \"a/b\" FROM t", WEIR_STATEMENT_SELECT },
};

static const struct {
	const char *text;
	int code;
} refused[] = {
	{ "", 62 }, { " -- nothing\n", 62 }, { ";", 62 }, { "exit", 62 }, { "\\i /etc/passwd", 62 }, { "?? tell me", 62 }, { "1 + 1", 62 },
	{ "SELECT 1; SELECT 2", 62 }, { "SELECT 1;; DROP TABLE t", 62 }, { "SELECT 1; /* a */ x", 62 },
	{ "SELECT 'a''; DROP TABLE t", 62 }, { "SELECT 'a", 62 }, { "SELECT `a", 62 }, { "SELECT /* /* */ 1", 62 },
	{ "SELECT 'a\\\\'; DROP TABLE t", 62 }, { "SELECT 1 // ' \n; DROP TABLE t -- '", 62 }, { "SELECT $a b$ ; $a b$", 62 },
	{ "SELECT $a$ ; DROP TABLE t", 62 }, { "SELECT \xe2\x80\x98;\xe2\x80\x99", 62 }, { "SELECT x'4\\'; DROP TABLE t -- '", 62 },
	{ "SELECT 1 \\G", 62 }, { "SELECT 1\xc2\xa0", 62 }, { "\xef\xbb\xbfSELECT 1", 62 },
	{ "INSERT INTO t", 62 }, { "INSERT INTO t (a, b)", 62 }, { "INSERT INTO t FORMAT", 62 }, { "INSERT INTO t FORMAT CSV; DROP TABLE t", 62 },
	{ "INSERT INTO t SELECT 1; DROP TABLE t", 62 }, { "INSERT INTO t (a; DROP TABLE t) VALUES (1)", 62 },
	{ "INSERT INTO t SETTINGS a = 1; DROP TABLE t", 62 },
	/* Inline data would end at the empty line, and the rest would run. */
	{ "INSERT INTO t SELECT 1 FORMAT CSV 1\n\nDROP TABLE t", 62 }, { "INSERT INTO t SELECT * FORMAT CSV\n\nDROP TABLE t", 62 },
	{ "INSERT INTO t SELECT 1. FORMAT FROM x\n\nDROP TABLE t", 62 }, { "INSERT INTO t (SELECT 1) FORMAT CSV 1", 62 }, { "INSERT INTO t SELECT 1 AS AS FORMAT CSV 1\n\nDROP TABLE t", 62 }, { "INSERT INTO t SELECT a FORMAT/**/CSV SETTINGS a = 1\n\nDROP TABLE t", 62 },
	{ "WITH 1 AS x INSERT INTO t VALUES (1)\n\nDROP TABLE t", 62 }, { "WITH 1 AS x INSERT INTO t FORMAT CSV\n\nDROP TABLE t", 62 },
	{ "WITH 1 AS x INSERT t VALUES (1)\n\nDROP TABLE t", 62 }, { "EXPLAIN INSERT INTO t VALUES (1)\n\nDROP TABLE t", 62 },
	{ "INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV", 48 },
	{ "SELECT 1 INTO OUTFILE '/tmp/x'", 358 }, { "SELECT 1 INTO /* */ OUTFILE '/tmp/x'", 358 },
	{ "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT TSV", 78 },
	{ "SELECT * FROM file('/etc/passwd')", 497 }, { "SELECT file('/etc/passwd')", 497 }, { "SELECT FILE /* */ ('x')", 497 },
	{ "SELECT * FROM `file`('/etc/passwd')", 497 }, { "SELECT * FROM s3Cluster('x')", 497 }, { "INSERT INTO FUNCTION url('http://x') SELECT 1", 497 },
	{ "INSERT INTO FUNCTION file('x') VALUES (1)", 497 }, { "INSERT INTO t SELECT * FROM remote('x', a.b)", 497 },
	{ "CREATE TABLE t (a Int8) ENGINE = File(CSV)", 497 }, { "CREATE DATABASE d ENGINE = Filesystem", 497 },
	{ "CREATE TABLE t (a Int8) ENGINE MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '/')", 497 },
	{ "DESCRIBE TABLE url('http://x')", 497 }, { "CREATE TABLE t AS url('http://x')", 497 }, { "SELECT * FROM default.`/etc/passwd`", 497 },
	{ "SELECT * FROM `/etc/passwd`", 497 }, { "SELECT a FROM '/etc/passwd'", 497 }, { "BACKUP TABLE t TO File('/tmp/x')", 497 },
	{ "SYSTEM SHUTDOWN", 497 }, { "system /* */ kill", 497 },
};

/* The text, with what is data between brackets: "INSERT INTO t|| FORMAT CSV[1]". */
static const struct {
	const char *text, *head, *tail, *format, *data;
} inserts[] = {
	{ "INSERT INTO t VALUES (1);", "INSERT INTO t ", "VALUES", "Values", " (1);" },
	{ "INSERT INTO t (a, b)VALUES(1, 'x;y')", "INSERT INTO t (a, b)", "VALUES", "Values", "(1, 'x;y')" },
	{ "insert into `a b`.\"c\" (x) format csv \t\r\n1\n\n; DROP TABLE t", "insert into `a b`.\"c\" (x) ", "format csv \t\r\n", "csv",
		"1\n\n; DROP TABLE t" },
	{ "INSERT INTO TABLE t FORMAT Native\n\n\x01", "INSERT INTO TABLE t ", "FORMAT Native\n", "Native", "\n\x01" },
	{ "INSERT INTO t SETTINGS a = 1, format = 2 FORMAT TSV", "INSERT INTO t ", "SETTINGS a = 1, format = 2 FORMAT TSV", "TSV", "" },
	{ "INSERT INTO format FORMAT TSV x", "INSERT INTO format ", "FORMAT TSV ", "TSV", "x" },
	{ "INSERT INTO values VALUES 'open", "INSERT INTO values ", "VALUES", "Values", " 'open" },
	{ "INSERT INTO t (* EXCEPT(b)) FORMAT JSONEachRow{\"a\":1}", "INSERT INTO t (* EXCEPT(b)) ", "FORMAT JSONEachRow", "JSONEachRow", "{\"a\":1}" },
	{ "INSERT INTO t/* FORMAT a */FORMAT/**/TSV\n", "INSERT INTO t/* FORMAT a */", "FORMAT/**/TSV\n", "TSV", "" },
};

/* A statement as the name of its test: on one line. */
static const char *name_of(const char *text)
{
	static char buf[300];

	snprintf(buf, sizeof(buf), "%s", *text ? text : "(empty)");
	for (char *p = buf; *p; p++)
		if ((unsigned char)*p < ' ' || *p == '#')
			*p = '.';
	return buf;
}

static void test_statements(void)
{
	struct weir_statement st;
	struct weir_refusal no;
	char buf[200];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		ok(weir_statement_read(weir_text_of(kinds[i].text), 0, &st, &no) && st.kind == kinds[i].kind, name_of(kinds[i].text));
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		ok(!weir_statement_read(weir_text_of(refused[i].text), 0, &st, &no) && no.code == refused[i].code, name_of(refused[i].text));
	for (size_t i = 0; i < sizeof(inserts) / sizeof(*inserts); i++) {
		weir_text t = weir_text_of(inserts[i].text);
		bool good = weir_statement_read(t, 0, &st, &no) && st.kind == WEIR_STATEMENT_DATA;

		ok(good && weir_text_is((weir_text){ t.p, st.infile_at }, inserts[i].head) &&
			weir_text_is((weir_text){ t.p + st.infile_at, st.data_at - st.infile_at }, inserts[i].tail) &&
			weir_text_is(st.format, inserts[i].format) && weir_text_is((weir_text){ t.p + st.data_at, t.n - st.data_at }, inserts[i].data),
			name_of(inserts[i].text));
	}
	ok(weir_statement_read(WEIR_TEXT("SELECT * FROM file('x')"), WEIR_STATEMENT_OUTSIDE, &st, &no), "outside is allowed when it is");
	ok(weir_statement_read(WEIR_TEXT("SELECT 1 ; -- x"), 0, &st, &no) && weir_text_is(st.text, "SELECT 1"), "the text ends before the semicolon");
	ok(!weir_statement_read((weir_text){ "SELECT 1\0; DROP TABLE t", 23 }, 0, &st, &no) && no.code == 62, "a NUL is refused");
	for (size_t i = 0; i < 150; i++)
		buf[i] = i % 2 ? '(' : 'x';
	ok(!weir_statement_read((weir_text){ buf, 150 }, 0, &st, &no), "brackets that do not close are nothing special");
}

static void test_formats(void)
{
	static const struct {
		const char *text, *format;
		bool open, totals;
	} list[] = {
		{ "SELECT 1 FORMAT JSON", "JSON", false, false },
		{ "SELECT 1 format JSONEachRow SETTINGS a = 1", "JSONEachRow", true, false },
		{ "SELECT 1 SETTINGS a = 1 FORMAT CSV ;", "CSV", true, false },
		{ "SELECT 1 AS format", "", false, false },
		{ "SELECT format FROM t", "", false, false },
		{ "SELECT a FROM t ORDER BY format DESC", "", false, false },
		{ "SELECT * FROM (SELECT 1 FORMAT JSON)", "", false, false },
		{ "SELECT a, count() FROM t GROUP BY a WITH TOTALS", "", false, true },
		{ "SELECT * FROM format(CSV, '1')", "", true, false },
	};
	struct weir_statement st;
	struct weir_refusal no;

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		ok(weir_statement_read(weir_text_of(list[i].text), 0, &st, &no) && weir_text_is(st.format, list[i].format) &&
			st.needs_open == list[i].open && st.totals == list[i].totals, list[i].text);
	is(weir_format_find(WEIR_TEXT("jsoneachrow"))->name, "JSONEachRow", "formats are found without case");
	ok(!weir_format_find(WEIR_TEXT("nope")), "an unknown one is not");
	is(weir_format_strip(weir_format_find(WEIR_TEXT("TSVWithNamesAndTypes")), WEIR_TEXT("a\nb\n1\n")).p, "1\n", "two header lines");
	is(weir_format_strip(weir_format_find(WEIR_TEXT("CSVWithNames")), WEIR_TEXT("\"a\nb\",\"c\"\"\n\"\n1,2\n")).p, "1,2\n", "line ends in names of CSV");
}

/* ---- errors ---- */

static void test_errors(void)
{
	static const struct {
		const char *engine, *text;
		int code, status;
	} list[] = {
		{ "Code: 60. DB::Exception: Unknown table 'x'. (UNKNOWN_TABLE)", "Code: 60. DB::Exception: Unknown table 'x'. (UNKNOWN_TABLE) (version 1.2)\n", 60, 404 },
		{ "Code: 107. DB::Exception: Code: 107. DB::Exception: No (version) here. (FILE_DOESNT_EXIST) (version 26.5). (FILE_DOESNT_EXIST)",
			"Code: 107. DB::Exception: No (version) here. (FILE_DOESNT_EXIST) (version 1.2)\n", 107, 500 },
		{ "Code: 62. DB::Exception: Syntax error: 1 /* weir 1 a */. (SYNTAX_ERROR)", "Code: 62. DB::Exception: Syntax error: 1. (SYNTAX_ERROR) (version 1.2)\n", 62, 400 },
		{ "Code: 241. DB::Exception: Limit. (MEMORY_LIMIT_EXCEEDED) (version 26.5). (MEMORY_LIMIT_EXCEEDED) (version 26.5). (MEMORY_LIMIT_EXCEEDED)",
			"Code: 241. DB::Exception: Limit. (MEMORY_LIMIT_EXCEEDED) (version 1.2)\n", 241, 500 },
		{ "something else", "Code: 1002. DB::Exception: something else (version 1.2)\n", 1002, 500 },
		{ "", "Code: 1002. DB::Exception:  (version 1.2)\n", 1002, 500 },
		{ "Code: x", "Code: x (version 1.2)\n", 1002, 500 },
	};
	weir_str s;

	weir_str_init(&s, 4096);
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		weir_str_reset(&s);
		ok(weir_error_text(list[i].engine, WEIR_TEXT(" /* weir 1 a */"), false, "1.2", &s) == list[i].code, "the number of the error");
		is(s.buf, list[i].text, "its text");
		ok(weir_error_status(weir_str_view(&s)) == list[i].status, "its status");
	}
	weir_str_reset(&s);
	weir_error_own(516, "AUTHENTICATION_FAILED", "no", "1.2", &s);
	is(s.buf, "Code: 516. DB::Exception: no. (AUTHENTICATION_FAILED) (version 1.2)\n", "an error of our own");
	weir_str_free(&s);
}

/* ---- arguments ---- */

static void arg(struct weir_request *rq, const char *name, const char *value)
{
	weir_request_arg(rq, weir_text_of(name), weir_text_of(value));
}

static void test_request(void)
{
	struct weir_params params;
	struct weir_request rq;
	weir_str s;

	weir_str_init(&s, 4096);
	ok(!weir_request_init(&rq) && rq.query_id.n == 36, "a request has an id");
	arg(&rq, "query", "SELECT 1");
	arg(&rq, "database", "d");
	arg(&rq, "max_threads", "2");
	arg(&rq, "readonly", "1");
	arg(&rq, "session_timezone", "a'b\\c");
	arg(&rq, "param_x", "a;b");
	arg(&rq, "wait_end_of_query", "1");
	weir_request_set(&rq, &s);
	is(s.buf, "SET max_threads = '2', session_timezone = 'a\\'b\\\\c'", "settings become one SET, quoted");
	ok(rq.wait_end && weir_text_is(rq.readonly, "1") && weir_text_is(rq.database, "d"), "what the interface itself understands is none");
	ok(weir_request_params(&rq, &params) && params.count == 1 && !strcmp(params.names[0], "x") && params.value_lens[0] == 3, "parameters");
	ok(!rq.no.code, "nothing was wrong");
	arg(&rq, "a'b", "1");
	ok(rq.no.code == 115, "a name that is none is an unknown setting");
	weir_request_free(&rq);

	ok(!weir_request_init(&rq), "dialects");
	arg(&rq, "dialect", "kusto");
	ok(rq.no.code == 48, "another dialect is refused");
	weir_request_free(&rq);

	ok(!weir_request_init(&rq), "ids");
	arg(&rq, "query_id", "a\r\nb");
	ok(rq.no.code == 36, "an id that would break a header is refused");
	weir_request_free(&rq);

	ok(!weir_request_init(&rq), "forms");
	rq.boundary = WEIR_TEXT("BB");
	weir_request_form(&rq, WEIR_TEXT("--BB\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT 1\r\n--BB\r\n"
		"Content-Disposition: form-data; name=\"param_a\"; filename=\"x\"\r\nContent-Type: a/b\r\n\r\n\r\n--\r\n--BB--\r\n"));
	ok(!rq.no.code && weir_text_is(rq.query, "SELECT 1") && rq.param_count == 1 && weir_text_is(rq.params[0].value, "\r\n--"), "parts of a form");
	weir_request_form(&rq, WEIR_TEXT("--BB\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT 1"));
	ok(rq.no.code == 36, "a form that is cut off is refused");
	weir_request_free(&rq);
	weir_str_free(&s);
}

static void test_auth(void)
{
	struct weir_conf conf = { .chdb_user = "u", .chdb_password = "p:w" };
	struct weir_request rq = { .has_user = false };
	struct weir_refusal no;

	ok(!weir_auth_check(&conf, &(struct weir_credentials){ 0 }, &rq, &no) && no.code == 194, "credentials are needed");
	ok(weir_auth_check(&conf, &(struct weir_credentials){ .authorization = "basic dTpwOnc=" }, &rq, &no), "basic, with a colon in the password");
	ok(!weir_auth_check(&conf, &(struct weir_credentials){ .authorization = "Basic dTpw" }, &rq, &no) && no.code == 516, "a wrong password");
	ok(!weir_auth_check(&conf, &(struct weir_credentials){ .authorization = "Basic ***" }, &rq, &no) && no.code == 516, "no base64");
	ok(!weir_auth_check(&conf, &(struct weir_credentials){ .authorization = "Bearer x" }, &rq, &no) && no.code == 516, "another scheme");
	ok(weir_auth_check(&conf, &(struct weir_credentials){ .user = "u", .key = "p:w" }, &rq, &no), "headers");
	ok(!weir_auth_check(&conf, &(struct weir_credentials){ .user = "u" }, &rq, &no), "headers without a key");
	conf.chdb_user = "";
	ok(weir_auth_check(&conf, &(struct weir_credentials){ 0 }, &rq, &no), "no user is configured: everybody may");
}

/* ---- bodies ---- */

static void test_body(void)
{
	static char plain[300000];
	unsigned char packed[4096];
	z_stream z = { .zalloc = Z_NULL };
	struct weir_body in, out;
	weir_text t;

	weir_body_init(&in);
	weir_body_init(&out);
	ok(!weir_body_map(&in, &t) && !t.n, "an empty body");
	z.next_in = (unsigned char *)plain;
	z.avail_in = sizeof(plain);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	ok(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK && deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib works");
	deflateEnd(&z);
	ok(!weir_body_add(&in, (weir_text){ (char *)packed, z.total_out }), "a packed body");
	ok(!weir_body_unpack(&in, WEIR_CODING_GZIP, sizeof(plain), &out) && out.n == sizeof(plain), "is unpacked");
	weir_body_free(&out);
	ok(weir_body_unpack(&in, WEIR_CODING_GZIP, sizeof(plain) - 1, &out) == WEIR_ELIMIT, "up to the limit");
	weir_body_free(&out);
	ok(!weir_body_add(&in, (weir_text){ (char *)packed, z.total_out }) && !weir_body_unpack(&in, WEIR_CODING_GZIP, 2 * sizeof(plain), &out) &&
		out.n == 2 * sizeof(plain), "two members one after the other");
	weir_body_free(&out);
	weir_body_free(&in);
	ok(!weir_body_add(&in, (weir_text){ (char *)packed, z.total_out - 5 }) && weir_body_unpack(&in, WEIR_CODING_GZIP, 1 << 20, &out) == WEIR_EBADREQ,
		"a cut body is refused");
	weir_body_free(&out);
	weir_body_free(&in);
	ok(weir_coding_of(NULL) == WEIR_CODING_NONE && weir_coding_of("GZip ") == WEIR_CODING_GZIP && weir_coding_of("br") == WEIR_CODING_UNKNOWN,
		"names of encodings");
}

/* ---- the spool ---- */

static int released;

static void release(void *owner)
{
	(void)owner;
	released++;
}

static void test_spool(void)
{
	struct weir_spool *s = weir_spool_new(".", 100, 1000);
	char out[2000], fill[300];
	bool same = true;

	for (size_t i = 0; i < sizeof(fill); i++)
		fill[i] = (char)i;
	ok(!weir_spool_add(s, WEIR_TEXT("abc")) && !weir_spool_take(s, WEIR_TEXT("defgh"), NULL, release), "small things wait in memory");
	ok(!weir_spool_add(s, (weir_text){ fill, 300 }) && !weir_spool_add(s, WEIR_TEXT("x")), "large ones on disk, and what follows them too");
	ok(weir_spool_is_full(s), "it says when memory is full");
	ok(weir_spool_waiting(s) == 309 && weir_spool_total(s) == 309, "they are counted");
	ok(weir_spool_read(s, out, 4) == 4 && !memcmp(out, "abcd", 4) && !released, "read in pieces");
	ok(weir_spool_read(s, out, 2000) == 305 && !memcmp(out, "efgh", 4) && !memcmp(out + 4, fill, 300) && out[304] == 'x' && released == 1,
		"across memory and disk, in order");
	ok(!weir_spool_read(s, out, 10), "then nothing is there");
	ok(!weir_spool_is_full(s), "and there is room again");
	for (int i = 0; i < 100; i++)
		same = same && !weir_spool_add(s, (weir_text){ fill, 300 }) && weir_spool_read(s, out, 2000) == 300;
	ok(same, "what has been read makes room");
	ok(!weir_spool_add(s, (weir_text){ fill, 300 }) && !weir_spool_add(s, (weir_text){ fill, 300 }) && !weir_spool_add(s, (weir_text){ fill, 300 }) &&
		weir_spool_add(s, (weir_text){ fill, 300 }) == WEIR_ELIMIT, "a full one says so");
	ok(!weir_spool_take(s, WEIR_TEXT(""), NULL, release) && released == 2, "an empty piece is let go at once");
	weir_spool_free(s);
}

int main(void)
{
	test_statements();
	test_formats();
	test_errors();
	test_request();
	test_auth();
	test_body();
	test_spool();
	return tap_done();
}
