/* The words of admin/template.h, filled in for one node and for a cluster. */
#include "config.h"
#include "admin/template.h"

#include "tap.h"

/* The statements of text, each ended by "|". */
static const char *filled(const char *text, const char *cluster)
{
	static char all[4096];
	weir_text rest = weir_text_of(text);
	weir_str out;
	weir_err err;
	size_t n = 0;

	weir_str_init(&out, 2048);
	*all = 0;
	while (weir_template_next(&rest, cluster, &out, &err) && !err)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s|", out.buf);
	if (err)
		snprintf(all + n, sizeof(all) - n, "error");
	weir_str_free(&out);
	return all;
}

int main(void)
{
	static const char table[] = "-- a comment; with a semicolon;\nCREATE TABLE @table(t)@cluster (a Int8)\n\nENGINE = @engine(X, sign, version) SETTINGS s = 1@window;\n"
		"@distributed(t, f(a, b));\n";

	is(filled(table, ""), "CREATE TABLE t (a Int8)\nENGINE = X(sign, version) SETTINGS s = 1, non_replicated_deduplication_window = 1000|",
		"one node");
	is(filled(table, "c1"), "CREATE TABLE t_replicated ON CLUSTER 'c1' (a Int8)\nENGINE = ReplicatedX('/clickhouse/{database}/c1/tables/{shard}/v1/t', "
		"'{replica}', sign, version) SETTINGS s = 1|CREATE TABLE IF NOT EXISTS t ON CLUSTER 'c1' AS t_replicated ENGINE = "
		"Distributed('c1', currentDatabase(), t_replicated, f(a, b))|", "a cluster");
	is(filled("@single A;\n@clustered B;\nC;\n", ""), " A|C|", "statements for one node only");
	is(filled("@single A;\n@clustered B;\nC;\n", "c"), " B|C|", "statements for a cluster only");
	is(filled("E = @engine(MergeTree);", ""), "E = MergeTree|", "an engine without arguments");
	is(filled("E = @everywhere(R, v);", "c"), "E = ReplicatedR('/clickhouse/{database}/c/tables/all/v1/weir_migrations', '{shard}-{replica}', v)|",
		"an engine whose replicas are all nodes");
	is(filled("A 'x;\ny';\nB", ""), "A 'x|y'|B|", "a statement ends with its line's semicolon, the last one without");
	is(filled("A @nonsense;", ""), "error", "an unknown word is an error");
	is(filled("A @table;", ""), "error", "a word without its argument is an error");
	is(filled("A @engine(X;", ""), "error", "an open parenthesis is an error");
	is(filled("-- nothing\n\n", ""), "", "comments are no statements");
	ok(weir_template_name("main_1") && weir_template_name("X"), "names");
	ok(!weir_template_name("") && !weir_template_name("a'b") && !weir_template_name("a-b") && !weir_template_name("a b"), "no names");
	return tap_done();
}
