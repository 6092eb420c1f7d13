/* What the worker's jobs compute without any server: statements, patterns of keys, the table of turns. */
#include "config.h"
#include "ingest/sweep.h"
#include "ingest/turn.h"
#include "link/keys.h"

#include "tap.h"

static weir_arena *mem;

static void statements(void)
{
	weir_str out;

	weir_str_init(&out, 4096);
	ok(!weir_sweep_statement("", "project_id = {project:String}", &out) && weir_text_is(weir_str_view(&out), "ALTER TABLE {table:Identifier} DELETE WHERE project_id = {project:String}"),
		"one node is asked by itself");
	weir_str_reset(&out);
	ok(!weir_sweep_statement("main_1", "project_id = {project:String}", &out) && weir_text_is(weir_str_view(&out),
		"ALTER TABLE {table:Identifier} ON CLUSTER 'main_1' DELETE WHERE project_id = {project:String}"), "a cluster on all its nodes");
	weir_str_reset(&out);
	ok(weir_sweep_statement("a' b", "project_id = {project:String}", &out) == WEIR_EBADREQ && !out.len, "what is no name of a cluster comes into no statement");
	weir_str_free(&out);
}

static void patterns(void)
{
	static const struct {
		const char *text, *pattern;
	} rows[] = { { "plain-1", "plain\\-1" }, { "a*b?c", "a\\*b\\?c" }, { "[x]", "\\[x\\]" }, { "back\\slash^", "back\\\\slash\\^" }, { "", "" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ok(weir_text_is(weir_key_pattern(mem, weir_text_of(rows[i].text)), rows[i].pattern), rows[i].text[0] ? rows[i].text : "nothing");
	ok(weir_key_pattern(mem, (weir_text){ "a\0b", 3 }).n == 3, "a zero byte is a byte");
}

static void turns(void)
{
	struct weir_conf conf = { .worker_deletion_interval = 1, .worker_count_interval = 2, .worker_vacuum_interval = 3 };

	ok(!strcmp(weir_turn_name(WEIR_TURN_deletion), "deletion") && weir_turn_interval(&conf, WEIR_TURN_deletion) == 1, "deletion");
	ok(!strcmp(weir_turn_name(WEIR_TURN_counts), "counts") && weir_turn_interval(&conf, WEIR_TURN_counts) == 2, "counts");
	ok(!strcmp(weir_turn_name(WEIR_TURN_vacuum), "vacuum") && weir_turn_interval(&conf, WEIR_TURN_vacuum) == 3, "vacuum");
}

int main(void)
{
	mem = weir_arena_new(1 << 20);
	statements();
	patterns();
	turns();
	weir_arena_free(mem);
	return tap_done();
}
