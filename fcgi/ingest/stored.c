/* Which rows ClickHouse has already. */
#include "config.h"
#include "ingest/stored.h"

#include "base/hash.h"
#include "base/id.h"
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	ANSWER_MAX = 16 * 1024 * 1024,
	/* A late event moves a session's start by a quarter of an hour at most (spec/ingest.md 4.5); merges may not have happened. */
	START_MOVES_MS = 60 * 60 * 1000,
	ACCESS_DENIED = 497,
};

/* Of the rows that may be meant: what weir_entry_rows_key computes, as the text of a UUID. */
#define BY_ID(table)                                                                                                                 \
	"SELECT toString(id) FROM " table " WHERE project_id IN {projects:Array(String)}"                                            \
	" AND created_at >= fromUnixTimestamp64Milli({first:Int64}) AND created_at <= fromUnixTimestamp64Milli({last:Int64})"        \
	" AND id IN {ids:Array(UUID)}"
static const char *const rows_sql[WEIR_TABLES] = {
	[WEIR_TABLE_EVENTS] = BY_ID("events"),
	[WEIR_TABLE_BOTS] = BY_ID("events_bots"),
	[WEIR_TABLE_REPLAYS] =
		"SELECT UUIDNumToString(MD5(concat(project_id, '\n', session_id, '\n', toString(chunk_index), '\n',"
		" toString(toUnixTimestamp64Milli(started_at)), '\n', toString(toUnixTimestamp64Milli(ended_at)), '\n',"
		" toString(events_count), '\n', toString(length(payload))))) FROM session_replay_chunks"
		" WHERE project_id IN {projects:Array(String)} AND session_id IN {ids:Array(String)}"
		" AND started_at >= fromUnixTimestamp64Milli({first:Int64}) AND started_at <= fromUnixTimestamp64Milli({last:Int64})",
};
static const char sessions_sql[] =
	"SELECT project_id, id, version, sum(toInt64(sign)) AS held FROM sessions WHERE project_id IN {projects:Array(String)}"
	" AND created_at >= fromUnixTimestamp64Milli({first:Int64}) AND created_at <= fromUnixTimestamp64Milli({last:Int64})"
	" AND id IN {ids:Array(String)} GROUP BY project_id, id, version HAVING held != 0";

static const char busy_sql[] =
	"SELECT count() FROM system.processes WHERE query_kind = 'Insert' AND startsWith(Settings['log_comment'], {mark:String})";
static const char remembers_sql[] =
	"SELECT countIf(startsWith(engine, 'Replicated') OR engine = 'Distributed' OR position(engine_full, 'deduplication_window') > 0)"
	" FROM system.tables WHERE database = currentDatabase() AND name = {name:String}";

static int cmp_text(weir_text a, weir_text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : (a.n > b.n) - (a.n < b.n);
}

static int cmp_text_item(const void *a, const void *b)
{
	return cmp_text(*(const weir_text *)a, *(const weir_text *)b);
}

/* Sorts and leaves every text once. */
static size_t distinct(weir_text *t, size_t n)
{
	size_t kept = 0;

	qsort(t, n, sizeof(*t), cmp_text_item);
	for (size_t i = 0; i < n; i++)
		if (!kept || !weir_text_eq(t[kept - 1], t[i]))
			t[kept++] = t[i];
	return kept;
}

static weir_text int_text(weir_arena *mem, int64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%" PRId64, v);
	return weir_text_dup(mem, weir_text_of(buf));
}

/* Rows of a table in the time and projects given, as tab separated text. */
static weir_err ask(weir_ch *c, weir_arena *mem, const char *sql, weir_text *projects, weir_text *ids, size_t count, int64_t first,
	int64_t last, weir_str *out)
{
	size_t n = distinct(projects, count);
	const struct weir_ch_arg params[] = {
		{ "projects", weir_ch_array(mem, projects, n) },
		{ "ids", weir_ch_array(mem, ids, count) },
		{ "first", int_text(mem, first) },
		{ "last", int_text(mem, last) },
	};
	const struct weir_ch_query q = {
		.sql = sql,
		.params = params,
		.nparams = sizeof(params) / sizeof(*params),
		.format = "TabSeparated",
		.read_only = true,
		.answer_max = ANSWER_MAX,
	};

	if (!params[0].value.p || !params[1].value.p || !params[2].value.p || !params[3].value.p)
		return WEIR_ENOMEM;
	return weir_ch_run(c, &q, out);
}

/* A query that counts: whether the count is not 0. */
static weir_err ask_count(weir_ch *c, const char *sql, const char *name, weir_text value, bool *some)
{
	const struct weir_ch_arg param = { name, value };
	const struct weir_ch_query q = { .sql = sql, .params = &param, .nparams = 1, .format = "TabSeparated", .read_only = true };
	weir_str answer;
	uint64_t count = 0;
	weir_err err;

	weir_str_init(&answer, ANSWER_MAX);
	err = weir_ch_run(c, &q, &answer);
	if (!err && weir_num_uint(weir_text_trim(weir_str_view(&answer)), &count))
		err = WEIR_EBADGATEWAY;
	*some = !err && count;
	weir_str_free(&answer);
	return err;
}

weir_err weir_stored_is_busy(weir_ch *c, weir_text mark, bool *busy)
{
	weir_err err = ask_count(c, busy_sql, "mark", mark, busy);

	return err == WEIR_EBADGATEWAY && weir_ch_exception(c) == ACCESS_DENIED ? WEIR_OK : err;
}

weir_err weir_stored_remembers(weir_ch *c, const char *table, bool *remembers)
{
	return ask_count(c, remembers_sql, "name", weir_text_of(table), remembers);
}

/* --------------------------------------------------------------------- rows */

static int cmp_key(const void *a, const void *b)
{
	const struct weir_row_key *const *x = a, *const *y = b;

	return memcmp((*x)->id, (*y)->id, 16);
}

static weir_err mark(struct weir_row_key **sorted, size_t count, weir_text answer)
{
	weir_text line;

	while (weir_text_next(&answer, '\n', &line)) {
		struct weir_row_key key, *wanted = &key, **found;

		if (!line.n)
			continue;
		if (weir_uuid_parse(line, key.id))
			return WEIR_EBADGATEWAY;
		found = bsearch(&wanted, sorted, count, sizeof(wanted), cmp_key);
		/* A chunk that was sent twice has two entries with one key. */
		while (found && found > sorted && !cmp_key(found - 1, &wanted))
			found--;
		for (; found && found < sorted + count && !cmp_key(found, &wanted); found++)
			(*found)->present = true;
	}
	return WEIR_OK;
}

weir_err weir_stored_rows(weir_ch *c, weir_arena *mem, enum weir_table t, struct weir_row_key *keys, size_t count)
{
	weir_text *projects, *ids;
	struct weir_row_key **sorted;
	int64_t first = INT64_MAX, last = INT64_MIN;
	weir_str answer;
	weir_err err;

	if (!count)
		return WEIR_OK;
	projects = weir_alloc_n(mem, count, sizeof(*projects));
	ids = weir_alloc_n(mem, count, sizeof(*ids));
	sorted = weir_alloc_n(mem, count, sizeof(*sorted));
	if (!projects || !ids || !sorted)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		ids[i] = keys[i].look;
		projects[i] = keys[i].project_id;
		sorted[i] = &keys[i];
		keys[i].present = false;
		first = keys[i].at < first ? keys[i].at : first;
		last = keys[i].at > last ? keys[i].at : last;
	}
	qsort(sorted, count, sizeof(*sorted), cmp_key);
	weir_str_init(&answer, ANSWER_MAX);
	err = ask(c, mem, rows_sql[t], projects, ids, count, first, last, &answer);
	if (!err)
		err = mark(sorted, count, weir_str_view(&answer));
	weir_str_free(&answer);
	return err;
}

/* ----------------------------------------------------------------- sessions */

/* Undoes the backslashes of the TabSeparated format, in place. */
static weir_text unescape(weir_text t, char *p)
{
	static const char from[] = "0abfnrt\\'", to[] = "\0\a\b\f\n\r\t\\'";
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++) {
		const char *at = t.p[i] == '\\' && i + 1 < t.n ? memchr(from, t.p[i + 1], sizeof(from) - 1) : NULL;

		p[n++] = at ? to[at - from] : t.p[i];
		i += at != NULL;
	}
	return (weir_text){ p, n };
}

struct state {
	weir_text project_id, id;
	struct weir_held held;
};

static int cmp_state(const void *a, const void *b)
{
	const struct state *x = a, *y = b;
	int r = cmp_text(x->id, y->id);

	return r ? r : cmp_text(x->project_id, y->project_id);
}

/* One field of a line; no trimming, unlike weir_text_next. */
static weir_text cut(weir_text *line)
{
	const char *tab = line->n ? memchr(line->p, '\t', line->n) : NULL;
	weir_text field = { line->p, tab ? (size_t)(tab - line->p) : line->n };

	line->p += field.n + (tab != NULL);
	line->n -= field.n + (tab != NULL);
	return field;
}

static weir_err read_states(weir_arena *mem, weir_str *answer, struct state **states, size_t *count)
{
	size_t lines = 0, n = 0;
	weir_text rest = weir_str_view(answer);

	for (size_t i = 0; i < rest.n; i++)
		lines += rest.p[i] == '\n';
	*states = weir_alloc_n(mem, lines + 1, sizeof(**states));
	if (!*states)
		return WEIR_ENOMEM;
	while (rest.n && n < lines) {
		weir_text line = { rest.p, (size_t)((const char *)memchr(rest.p, '\n', rest.n) - rest.p) };
		struct state *s = &(*states)[n++];
		weir_text project = cut(&line), id = cut(&line), version = cut(&line);

		rest.n -= (size_t)(line.p + line.n + 1 - rest.p);
		rest.p = line.p + line.n + 1;
		s->project_id = unescape(project, answer->buf + (project.p - answer->buf));
		s->id = unescape(id, answer->buf + (id.p - answer->buf));
		if (weir_num_uint(version, &s->held.version) || weir_num_int(line, &s->held.sum))
			return WEIR_EBADGATEWAY;
	}
	*count = n;
	qsort(*states, n, sizeof(**states), cmp_state);
	return WEIR_OK;
}

bool weir_session_row_missing(const struct weir_held *held, size_t count, uint64_t version, int sign)
{
	int64_t sum = 0;
	bool higher = false;

	for (size_t i = 0; i < count; i++) {
		if (held[i].version == version)
			sum = held[i].sum;
		higher |= held[i].version > version && held[i].sum > 0;
	}
	if (sign > 0)
		return sum < 0 || (!sum && !higher);
	return sum > 0 || (!sum && !higher);
}

/* The states of a row's session, as an array of versions. */
static weir_err states_of(weir_arena *mem, const struct state *states, size_t count, const struct weir_net_row *row,
	struct weir_held **held, size_t *nheld)
{
	const struct state key = { .project_id = row->project_id, .id = row->id };
	const struct state *found = count ? bsearch(&key, states, count, sizeof(*states), cmp_state) : NULL;
	size_t first, last;

	*nheld = 0;
	if (!found)
		return WEIR_OK;
	first = last = (size_t)(found - states);
	while (first && !cmp_state(&states[first - 1], &key))
		first--;
	while (last + 1 < count && !cmp_state(&states[last + 1], &key))
		last++;
	*held = weir_alloc_n(mem, last - first + 1, sizeof(**held));
	if (!*held)
		return WEIR_ENOMEM;
	for (size_t i = first; i <= last; i++)
		(*held)[(*nheld)++] = states[i].held;
	return WEIR_OK;
}

weir_err weir_stored_sessions(weir_ch *c, weir_arena *mem, const struct weir_net_row *rows, size_t count, bool *missing)
{
	weir_text *projects, *ids;
	struct state *states = NULL;
	size_t nstates = 0;
	int64_t first = INT64_MAX, last = INT64_MIN;
	weir_str answer;
	weir_err err;

	if (!count)
		return WEIR_OK;
	projects = weir_alloc_n(mem, count, sizeof(*projects));
	ids = weir_alloc_n(mem, count, sizeof(*ids));
	if (!projects || !ids)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		projects[i] = rows[i].project_id;
		ids[i] = rows[i].id;
		first = rows[i].created_at < first ? rows[i].created_at : first;
		last = rows[i].created_at > last ? rows[i].created_at : last;
	}
	weir_str_init(&answer, ANSWER_MAX);
	err = ask(c, mem, sessions_sql, projects, ids, count, first - START_MOVES_MS, last + START_MOVES_MS, &answer);
	if (!err)
		err = read_states(mem, &answer, &states, &nstates);
	for (size_t i = 0; i < count && !err; i++) {
		struct weir_held *held = NULL;
		size_t nheld;

		err = states_of(mem, states, nstates, &rows[i], &held, &nheld);
		missing[i] = !err && weir_session_row_missing(held, nheld, rows[i].version, rows[i].sign);
	}
	weir_str_free(&answer);
	return err;
}
