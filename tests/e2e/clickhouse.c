/* link/clickhouse.h against weir-chdb; clickhouse.t starts it. argv: an address where nobody listens. */
#include "config.h"
#include "base/clock.h"
#include "link/clickhouse.h"

#include "tap.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static weir_arena *mem;
static weir_ch *ch;

static const char *ask(const char *sql, const char *name, weir_text value, weir_err *err)
{
	static weir_str out;
	const struct weir_ch_arg param = { name, value };
	const struct weir_ch_query q = { .sql = sql, .params = &param, .nparams = name ? 1 : 0, .format = "TabSeparatedRaw", .read_only = true };

	if (!out.max)
		weir_str_init(&out, 64 << 20);
	weir_str_reset(&out);
	*err = weir_ch_run(ch, &q, &out);
	if (out.len && out.buf[out.len - 1] == '\n')
		out.buf[--out.len] = '\0';
	return out.buf;
}

static void parameters(void)
{
	const weir_text items[] = { WEIR_TEXT("it's"), WEIR_TEXT("a\\b"), WEIR_TEXT("tab\tline\n"), WEIR_TEXT("") };
	weir_err err;
	char *large = malloc(100001);
	const char *got;

	is(ask("SELECT {v:String}", "v", WEIR_TEXT("a'b\\c\td\n&e=%f {x} \xc3\xa9"), &err), "a'b\\c\td\n&e=%f {x} \xc3\xa9", "a text comes through as it is");
	ok(!err, "without an error");
	is(ask("SELECT hex({v:String})", "v", WEIR_TEXT("a\0b"), &err), "610062", "with NUL as well");
	is(ask("SELECT arrayStringConcat({v:Array(String)}, '|')", "v", weir_ch_array(mem, items, 4), &err), "it's|a\\b|tab\tline\n|", "an array comes through");
	is(ask("SELECT {v:Int64} + 1", "v", WEIR_TEXT("-9000000000"), &err), "-8999999999", "a number too");
	memset(large, 'x', 100000);
	large[100000] = '\0';
	got = ask("SELECT length({v:String})", "v", weir_text_of(large), &err);
	is(got, "100000", "a long one travels as a form");
	free(large);
}

/* A client that asks the node first, and then the one that the others ask. */
static weir_ch *client_before(const char *node)
{
	struct weir_fault fault;
	struct weir_conf conf, both;
	char urls[512];
	weir_ch *c;

	if (weir_conf_load(&conf, NULL, &fault))
		exit(1);
	both = conf;
	snprintf(urls, sizeof(urls), "%s, %s/", node, conf.clickhouse_url);
	both.clickhouse_url = urls;
	c = weir_ch_new(&both, &fault);
	weir_conf_free(&conf);
	if (!c)
		exit(1);
	return c;
}

static void failures(const char *nobody)
{
	struct weir_fault fault;
	struct weir_conf conf, away;
	struct weir_ch_query q = { .sql = "SELECT repeat('x', 100000)", .format = "TabSeparated", .answer_max = 1000 };
	weir_str out;
	weir_ch *good = ch;
	weir_err err;
	int64_t from;

	ask("SELECT nonsense", NULL, WEIR_TEXT(""), &err);
	ok(err == WEIR_EBADGATEWAY && weir_ch_exception(ch) == 47 && strstr(weir_ch_error(ch), "nonsense"), "an exception has its code and text");
	ask("CREATE TABLE refused (a Int8) ENGINE = Memory", NULL, WEIR_TEXT(""), &err);
	ok(err == WEIR_EBADGATEWAY && weir_ch_exception(ch) == 164, "a read cannot change anything");
	weir_str_init(&out, 1 << 20);
	ok(weir_ch_run(ch, &q, &out) == WEIR_ELIMIT && out.len <= 1000, "an answer larger than allowed is broken off");
	ch = client_before(nobody);
	is(ask("SELECT 7", NULL, WEIR_TEXT(""), &err), "7", "a node that is away is passed over");
	weir_ch_free(ch);
	if (weir_conf_load(&conf, NULL, &fault))
		exit(1);
	away = conf;
	away.clickhouse_url = nobody;
	ch = weir_ch_new(&away, &fault);
	from = weir_monotonic_ms();
	ask("SELECT 7", NULL, WEIR_TEXT(""), &err);
	ok(err == WEIR_EUNAVAIL && weir_monotonic_ms() - from < 5000, "without any node it is said so, and soon");
	weir_ch_free(ch);
	away.clickhouse_url = conf.clickhouse_url;
	away.clickhouse_timeout = 300;
	ch = weir_ch_new(&away, &fault);
	ask("SELECT sleepEachRow(0.1) FROM numbers(30) SETTINGS max_block_size = 1", NULL, WEIR_TEXT(""), &err);
	ok(err == WEIR_ETIMEOUT, "a deadline is kept");
	weir_ch_free(ch);
	away.clickhouse_url = "ftp://x";
	ok(!weir_ch_new(&away, &fault) && strstr(fault.text, "ftp://x"), "an address of another kind is refused");
	ch = good;
	weir_conf_free(&conf);
	weir_str_free(&out);
}

/* A node that answers each connection with text and hangs up; what it is asked is not read. */
static pid_t rude_node(const char *text, char url[64])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	if (s < 0 || bind(s, (struct sockaddr *)&at, n) || listen(s, 16) || getsockname(s, (struct sockaddr *)&at, &n))
		exit(1);
	snprintf(url, 64, "http://127.0.0.1:%d/", ntohs(at.sin_port));
	pid = fork();
	if (pid) {
		close(s);
		return pid;
	}
	for (;;) {
		char request[4096];
		int c = accept(s, NULL, NULL);

		if (c >= 0 && read(c, request, sizeof(request)) > 0)
			(void)!send(c, text, strlen(text), MSG_NOSIGNAL);
		if (c >= 0)
			close(c);
	}
}

/* Areas ch-errors/ of the vectors, as far as a program without that library can meet them. */
static void broken(void)
{
	static const struct {
		const char *id, *answer;
		bool again;
	} nodes[] = {
		{ "ch-errors/ECONNRESET", "", true },
		{ "ch-errors/message: Premature close", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", true },
		{ "a part of an answer", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n7", false },
	};
	weir_ch *good = ch;

	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		char url[64], what[128];
		weir_err err;
		pid_t pid = rude_node(nodes[i].answer, url);
		const char *got;

		ch = client_before(url);
		got = ask("SELECT 7", NULL, WEIR_TEXT(""), &err);
		snprintf(what, sizeof(what), "%s: a read is %s", nodes[i].id, nodes[i].again ? "asked of the next node" : "not asked again");
		ok(nodes[i].again ? !err && !strcmp(got, "7") : err == WEIR_EUNAVAIL, what);
		weir_ch_free(ch);
		ch = client_before(url);
		snprintf(what, sizeof(what), "%s: what writes is not", nodes[i].id);
		ok(weir_ch_command(ch, "CREATE TABLE twice (a Int8) ENGINE = Memory", NULL) == WEIR_EUNAVAIL, what);
		weir_ch_free(ch);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	ch = good;
}

/* A read that is asked again after its beginning knows what it asks, whatever became of the caller's job. */
static void again_later(void)
{
	struct weir_ch_job job = { .query = { .sql = "SELECT {n:Int64}", .params = &(struct weir_ch_arg){ "n", { "7", 1 } }, .nparams = 1,
					   .format = "TabSeparated", .read_only = true } };
	char url[64];
	pid_t pid = rude_node("", url);
	weir_ch *two = client_before(url);
	weir_ch_flight *f;
	weir_str out;

	weir_str_init(&out, 1 << 20);
	job.out = &out;
	f = weir_ch_ask_start(two, &job, 1);
	memset(&job, 0xf0, sizeof(job));
	while (f && !weir_ch_flight_step(f, 50))
		;
	weir_ch_ask_end(f, &job);
	ok(!job.err && !strcmp(out.buf, "7\n"), "so is one that is on its way while the caller does something else");
	weir_str_free(&out);
	weir_ch_free(two);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* ch-errors/EAI_AGAIN: a name that nobody knows is as good as a node that is away. */
static void nameless(void)
{
	weir_ch *good = ch;
	weir_err err;

	ch = client_before("http://no.such.host.invalid:8123/");
	is(ask("SELECT 7", NULL, WEIR_TEXT(""), &err), "7", "ch-errors/EAI_AGAIN: a node without an address is passed over");
	weir_ch_free(ch);
	ch = good;
}

static void inserts(void)
{
	static const char insert[] = "INSERT INTO t (a) FORMAT TabSeparated";
	struct weir_ch_load load[2] = {
		{ .statement = insert, .data = WEIR_TEXT("3\n\nDROP TABLE t"), .token = "third" },
		{ .statement = "INSERT INTO missing (a) FORMAT TabSeparated", .data = WEIR_TEXT("1\n"), .token = "x" },
	};
	weir_ch_flight *f;
	weir_err err;

	ok(!weir_ch_command(ch, "CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10", NULL),
		"a table is made");
	for (int i = 0; i < 2; i++)
		ok(!weir_ch_insert(ch, insert, WEIR_TEXT("1\n2\n"), "first"), "rows are sent");
	is(ask("SELECT count() FROM t", NULL, WEIR_TEXT(""), &err), "2", "the same token twice stores them once");
	f = weir_ch_load_start(ch, load, 2);
	while (f && !weir_ch_flight_step(f, 50))
		;
	weir_ch_load_end(f, load);
	ok(load[0].err == WEIR_EBADGATEWAY && load[0].exception == 27, "data that is no row is refused, and never taken as a statement");
	ok(load[1].err == WEIR_EBADGATEWAY && load[1].exception == 60, "each INSERT has an outcome of its own");
	is(ask("SELECT count() FROM t", NULL, WEIR_TEXT(""), &err), "2", "nothing of them is stored");
}

static void several(void)
{
	struct weir_ch_job jobs[12];
	weir_str out[12];
	char want[16];
	json_object *rows;
	int good = 1;

	for (int i = 0; i < 12; i++) {
		static const struct weir_ch_arg numbers[] = { { "n", { "0", 1 } }, { "n", { "1", 1 } }, { "n", { "2", 1 } } };

		weir_str_init(&out[i], 1 << 20);
		jobs[i] = (struct weir_ch_job){ .query = { .sql = "SELECT {n:Int64}", .params = &numbers[i % 3], .nparams = 1, .format = "TabSeparated" },
			.out = &out[i] };
	}
	jobs[5].query.sql = "SELECT nonsense";
	weir_ch_run_all(ch, jobs, 12);
	for (int i = 0; i < 12; i++) {
		snprintf(want, sizeof(want), "%d\n", i % 3);
		good &= i == 5 ? jobs[i].err == WEIR_EBADGATEWAY : !jobs[i].err && !strcmp(out[i].buf, want);
		weir_str_free(&out[i]);
	}
	ok(good, "several run at the same time, each with its own answer");
	ok(!weir_ch_rows(ch, mem, &(struct weir_ch_query){ .sql = "SELECT number AS n, toFixedString('', 2) AS c FROM numbers(3)" }, &rows) &&
		json_object_array_length(rows) == 3 &&
		json_object_get_string_len(json_object_object_get(json_object_array_get_idx(rows, 2), "c")) == 2, "rows come as a tree, NUL and all");
}

int main(int argc, char **argv)
{
	struct weir_fault fault;
	struct weir_conf conf;

	if (argc != 2 || weir_conf_load(&conf, NULL, &fault) || !(ch = weir_ch_new(&conf, &fault))) {
		puts("Bail out! no settings");
		return 1;
	}
	mem = weir_arena_new(64 << 20);
	if (weir_ch_command(ch, "CREATE DATABASE IF NOT EXISTS weir", ""))
		printf("Bail out! %s\n", weir_ch_error(ch));
	parameters();
	failures(argv[1]);
	broken();
	again_later();
	nameless();
	inserts();
	several();
	weir_ch_free(ch);
	weir_conf_free(&conf);
	weir_arena_free(mem);
	return tap_done();
}
