/* Deleting rows of one project from all tables. */
#include "config.h"
#include "ingest/sweep.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdlib.h>

enum {
	MEMORY_MAX = 4 * 1024 * 1024,   /* of names and ids */
	ANSWER_MAX = 1 << 20,
	TABLES_MAX = 200,
	PARAMS = 8,
	STEP_MS = 10,                   /* of one step, so that events are not kept waiting */
	POLL_MS = 200,                  /* between looks at a table that is being deleted from */
	RESUBMIT_MS = 5000,
	PATIENCE_MS = 10 * 60 * 1000,   /* with one table */
};

/*
 * Which rows go: the first rule of a kind that names the table, or all tables
 * (NULL), and whose column the table has.  Tables without one are left alone.
 */
#define OF_PROJECT "project_id = {project:String}"
#define OF_PEOPLE OF_PROJECT " AND profile_id IN {people:Array(String)}"
#define UNTIL " <= {until:DateTime64(3, 'UTC')}"
#define BEFORE " < {until:DateTime64(3, 'UTC')}"
#define DAY_BEFORE " < toDate({until:DateTime64(3, 'UTC')}, 'UTC')"
static const struct rule {
	enum weir_sweep_kind kind;
	const char *table, *column, *where;
	bool once;             /* not until none is left: such rows come again with new events */
} rules[] = {
	{ WEIR_SWEEP_PROJECT, NULL, "project_id", OF_PROJECT, false },
	{ WEIR_SWEEP_PERSON, "profiles", "id", OF_PROJECT " AND id IN {people:Array(String)} AND created_at" UNTIL, false },
	{ WEIR_SWEEP_PERSON, "profile_aliases", "alias",
		OF_PROJECT " AND (profile_id IN {people:Array(String)} OR alias IN {people:Array(String)}) AND created_at" UNTIL, false },
	{ WEIR_SWEEP_PERSON, "session_replay_chunks", "session_id", OF_PROJECT " AND session_id IN {sessions:Array(String)} AND started_at" UNTIL, false },
	{ WEIR_SWEEP_PERSON, "event_property_values_mv", "property_value",
		OF_PROJECT " AND cityHash64(property_key, property_value) IN {values:Array(UInt64)}", false },
	/* Its profiles are a sketch that nobody can be taken out of. */
	{ WEIR_SWEEP_PERSON, "dau_mv", "date", OF_PROJECT " AND date IN {days:Array(Date)}", true },
	{ WEIR_SWEEP_PERSON, NULL, "profile_id,created_at", OF_PEOPLE " AND created_at" UNTIL, false },
	{ WEIR_SWEEP_PERSON, NULL, "profile_id", OF_PEOPLE, false },
	{ WEIR_SWEEP_AGE, "events", "created_at", OF_PROJECT " AND created_at" BEFORE, false },
	{ WEIR_SWEEP_AGE, "sessions", "created_at", OF_PROJECT " AND created_at" BEFORE, false },
	{ WEIR_SWEEP_AGE, "events_bots", "created_at", OF_PROJECT " AND created_at" BEFORE, false },
	{ WEIR_SWEEP_AGE, "session_replay_chunks", "started_at", OF_PROJECT " AND started_at" BEFORE, false },
	{ WEIR_SWEEP_AGE, "event_property_values_mv", "created_at", OF_PROJECT " AND created_at" BEFORE, false },
	{ WEIR_SWEEP_AGE, "distinct_event_names_mv", "created_at", OF_PROJECT " AND created_at" BEFORE, false },
	{ WEIR_SWEEP_AGE, "cohort_events_mv", "created_at", OF_PROJECT " AND created_at" DAY_BEFORE, false },
	{ WEIR_SWEEP_AGE, "profile_event_summary_mv", "event_date", OF_PROJECT " AND event_date" DAY_BEFORE, false },
	{ WEIR_SWEEP_AGE, "profile_event_property_summary_mv", "event_date", OF_PROJECT " AND event_date" DAY_BEFORE, false },
	{ WEIR_SWEEP_AGE, "dau_mv", "date", OF_PROJECT " AND date" DAY_BEFORE, false },
};
enum { RULES = sizeof(rules) / sizeof(*rules) };

struct table {
	weir_text name;    /* that is deleted from */
	weir_text witness; /* where its rows are counted: in a cluster the table over all shards */
	const struct rule *rule;
	int64_t began_ms, submitted_ms; /* monotonic, 0 for not yet */
	bool empty;
};

struct weir_sweep {
	const struct weir_conf *conf;
	weir_ch *ch;
	weir_arena *mem;
	enum weir_sweep_kind kind;
	struct weir_ch_arg params[PARAMS]; /* the first is the table at hand */
	enum { TABLES, ROWS, DONE } state;
	struct table table[TABLES_MAX];
	size_t tables, at;
	size_t left;                        /* tables of this round that have rows */
	struct weir_sweep_counts counts;
};

weir_sweep *weir_sweep_new(const struct weir_conf *conf, weir_ch *ch, const struct weir_sweep_of *of)
{
	weir_sweep *s = calloc(1, sizeof(*s));
	char buf[WEIR_CLOCK_MAX];

	if (!s)
		return NULL;
	*s = (weir_sweep){ .conf = conf, .ch = ch, .mem = weir_arena_new(MEMORY_MAX), .kind = of->kind };
	if (s->mem) {
		const struct weir_ch_arg params[PARAMS] = {
			{ "table", WEIR_TEXT("") }, { "database", weir_text_of(conf->clickhouse_database) },
			{ "project", weir_text_dup(s->mem, of->project_id) }, { "people", weir_ch_array(s->mem, of->people, of->people_count) },
			{ "sessions", weir_ch_array(s->mem, of->sessions, of->session_count) },
			{ "values", of->values.n ? weir_text_dup(s->mem, of->values) : WEIR_TEXT("[]") },
			{ "days", of->days.n ? weir_text_dup(s->mem, of->days) : WEIR_TEXT("[]") },
			{ "until", weir_text_dup(s->mem, weir_clock_sql(of->until_ms, buf)) },
		};

		memcpy(s->params, params, sizeof(params));
	}
	if (!s->mem || weir_arena_failed(s->mem)) {
		weir_sweep_free(s);
		return NULL;
	}
	return s;
}

void weir_sweep_free(weir_sweep *s)
{
	if (!s)
		return;
	weir_arena_free(s->mem);
	free(s);
}

struct weir_sweep_counts weir_sweep_counts(const weir_sweep *s)
{
	return s->counts;
}

/* ------------------------------------------------------------ which tables */

static const struct table *find_table(const struct table *list, size_t count, weir_text name)
{
	for (size_t i = 0; i < count; i++)
		if (weir_text_eq(list[i].name, name))
			return &list[i];
	return NULL;
}

/* The name without what the tables of a cluster's nodes end with. */
static weir_text base_of(const weir_sweep *s, weir_text name)
{
	static const char local[] = "_replicated";

	if (s->conf->clickhouse_cluster[0] && weir_text_ends(name, local))
		name.n -= sizeof(local) - 1;
	return name;
}

/* Whether all of the wanted names, separated by commas, are among the columns. */
static bool has_columns(weir_text columns, const char *wanted)
{
	weir_text list = weir_text_of(wanted), want;

	while (weir_text_next(&list, ',', &want)) {
		weir_text rest = columns, column;
		bool found = false;

		while (!found && weir_text_next(&rest, ',', &column))
			found = weir_text_eq(column, want);
		if (!found)
			return false;
	}
	return true;
}

static const struct rule *rule_of(const weir_sweep *s, weir_text base, weir_text columns)
{
	for (size_t i = 0; i < RULES; i++) {
		const struct rule *r = &rules[i];

		if (r->kind != s->kind || (r->table && !weir_text_is(base, r->table)))
			continue;
		if (has_columns(columns, r->column))
			return r;
	}
	return NULL;
}

/* Lines "name TAB engine TAB columns". */
static weir_err read_tables(weir_sweep *s, weir_text lines)
{
	struct table spread[TABLES_MAX];
	size_t nspread = 0;
	weir_text line;

	s->tables = 0;
	while (weir_text_next(&lines, '\n', &line)) {
		weir_text rest = line, name, engine, columns;
		const struct rule *rule;

		if (!weir_text_next(&rest, '\t', &name) || !weir_text_next(&rest, '\t', &engine) || !weir_text_next(&rest, '\t', &columns))
			continue;
		name = weir_text_dup(s->mem, name);
		if (!name.p)
			return WEIR_ENOMEM;
		if ((nspread == TABLES_MAX) || s->tables == TABLES_MAX)
			return WEIR_ELIMIT;
		rule = rule_of(s, base_of(s, name), columns);
		if (weir_text_is(engine, "Distributed"))
			spread[nspread++].name = name;
		else if (rule)
			s->table[s->tables++] = (struct table){ .name = name, .witness = name, .rule = rule };
	}
	for (size_t i = 0; s->conf->clickhouse_cluster[0] && i < s->tables; i++) {
		const struct table *whole = find_table(spread, nspread, base_of(s, s->table[i].name));

		if (whole)
			s->table[i].witness = whole->name;
	}
	return WEIR_OK;
}

static weir_err find_tables(weir_sweep *s)
{
	struct weir_ch_query q = { .params = s->params, .nparams = PARAMS, .format = "TabSeparatedRaw", .read_only = true, .answer_max = ANSWER_MAX,
		.sql = "SELECT t.name, t.engine, c.columns FROM system.tables AS t INNER JOIN"
		       " (SELECT table, arrayStringConcat(groupArray(name), ',') AS columns FROM system.columns WHERE database = {database:String} GROUP BY table"
		       " HAVING has(groupArray(name), 'project_id')) AS c ON c.table = t.name"
		       " WHERE t.database = {database:String} AND t.name NOT LIKE '.inner%'"
		       " AND (t.engine LIKE '%MergeTree' OR t.engine IN ('MaterializedView', 'Distributed')) ORDER BY t.name" };
	weir_str out;
	weir_err err;

	weir_str_init(&out, ANSWER_MAX);
	err = weir_ch_run(s->ch, &q, &out);
	if (!err)
		err = weir_str_err(&out);
	if (!err)
		err = read_tables(s, weir_str_view(&out));
	weir_str_free(&out);
	if (!err)
		s->state = ROWS;
	return err;
}

/* ------------------------------------------------------------ their rows */

/* One number that a query about the current table answers. */
static weir_err ask(weir_sweep *s, const char *sql, const char *where, uint64_t *answer)
{
	struct weir_ch_query q = { .params = s->params, .nparams = PARAMS, .format = "TabSeparatedRaw", .read_only = true, .answer_max = 4096 };
	weir_str text, out;
	weir_err err;

	s->params[0].value = s->table[s->at].witness;
	weir_str_init(&text, 4096);
	weir_str_init(&out, 4096);
	weir_str_puts(&text, sql);
	weir_str_puts(&text, where);
	err = weir_str_err(&text);
	q.sql = text.buf;
	if (!err)
		err = weir_ch_run(s->ch, &q, &out);
	if (!err && weir_num_uint(weir_text_trim(weir_str_view(&out)), answer))
		err = WEIR_EBADGATEWAY;
	weir_str_free(&text);
	weir_str_free(&out);
	return err;
}

weir_err weir_sweep_statement(const char *cluster, const char *where, weir_str *out)
{
	for (const char *c = cluster; *c; c++)
		if (!weir_is_alpha((unsigned char)*c) && !weir_is_digit((unsigned char)*c) && *c != '_')
			return WEIR_EBADREQ;
	weir_str_puts(out, "ALTER TABLE {table:Identifier} ");
	/* Its syntax takes no parameter here. */
	if (cluster[0])
		weir_str_addf(out, "ON CLUSTER '%s' ", cluster);
	weir_str_puts(out, "DELETE WHERE ");
	weir_str_puts(out, where);
	return weir_str_err(out);
}

static weir_err submit(weir_sweep *s)
{
	/* The statement is answered at once; how far it is, the rows tell. */
	const struct weir_ch_arg settings[] = { { "mutations_sync", WEIR_TEXT("0") }, { "distributed_ddl_task_timeout", WEIR_TEXT("0") } };
	struct weir_ch_query q = { .params = s->params, .nparams = PARAMS, .settings = settings, .nsettings = 2, .answer_max = ANSWER_MAX };
	weir_str sql, out;
	weir_err err;

	s->params[0].value = s->table[s->at].name;
	weir_str_init(&sql, 4096);
	weir_str_init(&out, ANSWER_MAX);
	err = weir_sweep_statement(s->conf->clickhouse_cluster, s->table[s->at].rule->where, &sql);
	q.sql = sql.buf;
	if (!err)
		err = weir_ch_run(s->ch, &q, &out);
	weir_str_free(&sql);
	weir_str_free(&out);
	return err;
}

/* Whether a mutation of the project's rows has not ended. */
static weir_err is_running(weir_sweep *s, bool *running)
{
	uint64_t n = 0;
	weir_err err = ask(s, "SELECT count() FROM system.mutations WHERE database = {database:String} AND NOT is_done"
		" AND position(command, concat('project_id = ''', {project:String}, '''')) > 0", "", &n);

	*running = n > 0;
	return err;
}

/* Rows that came meanwhile are deleted by one more mutation, when those before it have ended. */
static weir_err delete_rows(weir_sweep *s, struct table *t, uint64_t rows)
{
	bool running = false;
	int64_t now = weir_monotonic_ms();
	weir_err err = WEIR_OK;

	if (!t->began_ms)
		t->began_ms = now;
	if (now - t->began_ms > PATIENCE_MS)
		return WEIR_ETIMEOUT;
	if (t->submitted_ms && now - t->submitted_ms < (t->rule->once ? POLL_MS : RESUBMIT_MS))
		return WEIR_OK;
	if (t->submitted_ms)
		err = is_running(s, &running);
	t->empty = !err && !running && t->submitted_ms && t->rule->once;
	if (!err && !running && !t->empty)
		err = submit(s);
	if (err)
		return err;
	if (!t->submitted_ms) {
		s->counts.tables++;
		s->counts.rows += rows;
	}
	t->submitted_ms = now;
	return WEIR_OK;
}

/* Round by round through all tables, so that they are deleted from at the same time. */
static weir_err clear_tables(weir_sweep *s, int64_t *again_ms)
{
	int64_t end = weir_monotonic_ms() + STEP_MS;
	weir_err err = WEIR_OK;

	for (; s->at < s->tables && weir_monotonic_ms() < end; s->at++) {
		struct table *t = &s->table[s->at];
		uint64_t rows = 0;

		if (t->empty)
			continue;
		err = ask(s, "SELECT count() FROM {table:Identifier} WHERE ", t->rule->where, &rows);
		if (!err && rows)
			err = delete_rows(s, t, rows);
		if (err)
			return err;
		t->empty = t->empty || !rows;
		s->left += !t->empty;
	}
	if (s->at < s->tables)
		return WEIR_OK;
	if (s->left)
		*again_ms = POLL_MS;
	else
		s->state = DONE;
	s->at = s->left = 0;
	return WEIR_OK;
}

weir_err weir_sweep_step(weir_sweep *s, int64_t *again_ms)
{
	weir_err err = WEIR_OK;

	*again_ms = 0;
	if (s->state == TABLES)
		err = find_tables(s);
	else if (s->state == ROWS)
		err = clear_tables(s, again_ms);
	if (!err && s->state == DONE)
		*again_ms = -1;
	return err;
}
