/* Everything about one person: told, or erased. */
#include "config.h"
#include "ingest/person.h"

#include "base/clock.h"
#include "base/num.h"
#include "ingest/deadletter.h"
#include "ingest/people.h"
#include "ingest/sweep.h"
#include "link/changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	MEMORY_MAX = 16 * 1024 * 1024,
	ANSWER_MAX = 4 * 1024 * 1024,
	PIECE_MAX = 256 * 1024 * 1024,  /* of rows that are told at once; one recording may be long */
	DEAD_CHUNK = 50,
	ID_MAX = 64,
	PARAMS = 3,
};
static const weir_text none = { NULL, 0 };

/* What is the person's: its own devices, and rows of the profile or of a device that no profile was known for. */
#define EVENTS_OF_PROJECT "project_id = {project:String} AND created_at <= {until:DateTime64(3, 'UTC')}"
#define DEVICES "SELECT device_id FROM events WHERE " EVENTS_OF_PROJECT " AND profile_id = {profile:String} AND device_id != ''" \
	" AND device_id != {profile:String}"
#define MINE "(profile_id = {profile:String} OR (profile_id = device_id AND device_id IN (" DEVICES ")))"
#define OF_PROJECT "project_id = {project:String}"

/* ------------------------------------------------------------ telling */

static const struct {
	const char *table, *sql;
	int rows;              /* at a time */
} tables[] = {
	{ "profiles", "SELECT * FROM profiles FINAL WHERE " OF_PROJECT " AND id = {profile:String} ORDER BY id", 1000 },
	{ "profile_aliases", "SELECT * FROM profile_aliases WHERE " OF_PROJECT " AND (profile_id = {profile:String} OR alias = {profile:String})"
		" ORDER BY profile_id, alias, created_at", 1000 },
	{ "cohort_members", "SELECT * FROM cohort_members FINAL WHERE " OF_PROJECT " AND profile_id = {profile:String} ORDER BY cohort_id", 1000 },
	{ "groups", "SELECT * FROM groups FINAL WHERE " OF_PROJECT " AND deleted = 0 AND id IN (SELECT arrayJoin(groups) FROM profiles FINAL WHERE "
		OF_PROJECT " AND id = {profile:String}) ORDER BY id", 1000 },
	{ "events", "SELECT * FROM events WHERE " EVENTS_OF_PROJECT " AND " MINE " ORDER BY created_at, id", 10000 },
	{ "sessions", "SELECT * FROM sessions FINAL WHERE " OF_PROJECT " AND (profile_id = {profile:String} OR profile_id IN (" DEVICES "))"
		" ORDER BY created_at, id", 10000 },
	{ "session_replay_chunks", "SELECT * FROM session_replay_chunks WHERE " OF_PROJECT " AND session_id IN (SELECT session_id FROM events WHERE "
		EVENTS_OF_PROJECT " AND " MINE ") ORDER BY session_id, started_at, chunk_index", 20 },
};

/* The bounds of every question, as query/sql.c has them: a person of many rows must not take the server down. */
enum { SETTINGS = 5, NUMBER_MAX = 24 };
static void bounds(const struct weir_conf *conf, char memory[NUMBER_MAX], char half[NUMBER_MAX], struct weir_ch_arg settings[SETTINGS])
{
	snprintf(memory, NUMBER_MAX, "%" PRId64, conf->api_query_memory_max);
	snprintf(half, NUMBER_MAX, "%" PRId64, conf->api_query_memory_max / 2);
	settings[0] = (struct weir_ch_arg){ "max_memory_usage", weir_text_of(memory) };
	settings[1] = (struct weir_ch_arg){ "max_bytes_before_external_group_by", weir_text_of(half) };
	settings[2] = (struct weir_ch_arg){ "max_bytes_before_external_sort", weir_text_of(half) };
	settings[3] = (struct weir_ch_arg){ "cancel_http_readonly_queries_on_client_close", WEIR_TEXT("1") };
	settings[4] = (struct weir_ch_arg){ "session_timezone", WEIR_TEXT("UTC") };
}

/* One piece; *n tells how many rows it had. */
static weir_err tell_piece(weir_ch *ch, const struct weir_conf *conf, const struct weir_ch_arg *params, size_t table, uint64_t from, weir_str *out, uint64_t *n)
{
	char memory[NUMBER_MAX], half[NUMBER_MAX];
	struct weir_ch_arg settings[SETTINGS];
	struct weir_ch_query q = { .params = params, .nparams = PARAMS, .settings = settings, .nsettings = SETTINGS, .format = "JSONEachRow",
		.read_only = true, .answer_max = PIECE_MAX };
	weir_text lines, line;
	weir_str sql;
	weir_err err;

	bounds(conf, memory, half, settings);
	weir_str_init(&sql, 8192);
	weir_str_puts(&sql, tables[table].sql);
	weir_str_addf(&sql, " LIMIT %d OFFSET %" PRIu64, tables[table].rows, from);
	q.sql = sql.buf;
	weir_str_reset(out);
	err = weir_str_err(&sql);
	if (!err)
		err = weir_ch_run(ch, &q, out);
	weir_str_free(&sql);
	lines = weir_str_view(out);
	for (*n = 0; !err && weir_text_next(&lines, '\n', &line);)
		*n += line.n > 0;
	return err ? err : weir_str_err(out);
}

weir_err weir_person_tell(weir_ch *ch, const struct weir_conf *conf, const struct weir_person *person, weir_person_fn fn, void *ctx, uint64_t *rows)
{
	const struct weir_ch_arg params[PARAMS] = { { "project", person->project_id }, { "profile", person->profile_id },
		{ "until", WEIR_TEXT("2299-12-31 23:59:59.999") } };
	weir_str out;
	weir_err err = WEIR_OK;

	*rows = 0;
	weir_str_init(&out, PIECE_MAX);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && !err; i++) {
		uint64_t from = 0, n = 0;

		do {
			err = tell_piece(ch, conf, params, i, from, &out, &n);
			if (!err && n)
				err = fn(ctx, tables[i].table, weir_str_view(&out));
			from += n;
		} while (!err && n == (uint64_t)tables[i].rows);
		*rows += from;
	}
	weir_str_free(&out);
	return err;
}

/* ------------------------------------------------------------ erasing */

struct weir_erasure {
	const struct weir_conf *conf;
	weir_redis *redis;
	weir_ch *ch;
	weir_arena *mem, *round;       /* round: of what was gathered */
	struct weir_person person;
	unsigned shard;
	enum { STATES, DEAD, DAYS, UNSKETCH, SKETCH, GATHER, SWEEP, LAST, DONE } state;
	weir_sweep *sweep;
	weir_text days;                /* "['2026-11-27']" of the person's events */
	char dead_after[ID_MAX];
	struct weir_erasure_counts counts;
};

weir_erasure *weir_erasure_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, const struct weir_person *person)
{
	weir_erasure *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	*e = (weir_erasure){ .conf = conf, .redis = redis, .ch = ch, .mem = weir_arena_new(MEMORY_MAX), .round = weir_arena_new(MEMORY_MAX) };
	if (e->mem) {
		e->person = (struct weir_person){ weir_text_dup(e->mem, person->project_id), weir_text_dup(e->mem, person->profile_id), person->until_ms };
		e->shard = weir_shard_of(person->project_id, (unsigned)conf->redis_shards);
	}
	if (!e->mem || !e->round || weir_arena_failed(e->mem)) {
		weir_erasure_free(e);
		return NULL;
	}
	return e;
}

void weir_erasure_free(weir_erasure *e)
{
	if (!e)
		return;
	weir_sweep_free(e->sweep);
	weir_arena_free(e->mem);
	weir_arena_free(e->round);
	free(e);
}

struct weir_erasure_counts weir_erasure_counts(const weir_erasure *e)
{
	return e->counts;
}

/* The only column of a question's answer, into the round's memory. */
static weir_err column(weir_erasure *e, const char *sql, weir_text **values, size_t *count)
{
	char buf[WEIR_CLOCK_MAX];
	const struct weir_ch_arg params[PARAMS] = { { "project", e->person.project_id }, { "profile", e->person.profile_id },
		{ "until", weir_clock_sql(e->person.until_ms, buf) } };
	char memory[NUMBER_MAX], half[NUMBER_MAX];
	struct weir_ch_arg settings[SETTINGS];
	struct weir_ch_query q = { .sql = sql, .params = params, .nparams = PARAMS, .settings = settings, .nsettings = SETTINGS,
		.format = "TabSeparatedRaw", .read_only = true, .answer_max = ANSWER_MAX };
	weir_text lines, line;
	weir_str out;
	weir_err err;

	bounds(e->conf, memory, half, settings);
	*count = 0;
	*values = weir_alloc_n(e->round, WEIR_SWEEP_IDS_MAX, sizeof(**values));
	if (!*values)
		return WEIR_ENOMEM;
	weir_str_init(&out, ANSWER_MAX);
	err = weir_ch_run(e->ch, &q, &out);
	lines = weir_str_view(&out);
	while (!err && *count < WEIR_SWEEP_IDS_MAX && weir_text_next(&lines, '\n', &line))
		if (line.n) {
			(*values)[*count] = weir_text_dup(e->round, line);
			err = (*values)[(*count)++].p ? WEIR_OK : WEIR_ENOMEM;
		}
	weir_str_free(&out);
	return err;
}

static weir_err redis(weir_erasure *e, redisReply **r, size_t argc, const weir_text *argv)
{
	for (size_t i = 0; i < argc; i++)
		if (!argv[i].p)
			return WEIR_ENOMEM;
	return weir_redis_do(e->redis, r, argc, argv);
}

/* A command that answers how many things it took away. */
static weir_err take(weir_erasure *e, size_t argc, const weir_text *argv)
{
	redisReply *r = NULL;
	weir_err err = redis(e, &r, argc, argv);

	if (err)
		return err;
	if (r->type == REDIS_REPLY_INTEGER)
		e->counts.keys += (uint64_t)r->integer;
	freeReplyObject(r);
	return WEIR_OK;
}

static weir_text key(weir_erasure *e, const char *name, weir_text a, weir_text b)
{
	return weir_key(e->round, e->conf, e->shard, name, a, b);
}

/* "PREFIXa:b", as members of sorted sets are. */
static weir_text member(weir_erasure *e, const char *prefix, weir_text a, weir_text b)
{
	weir_text out = none;
	weir_str s;

	weir_str_init(&s, 64 * 1024);
	weir_str_puts(&s, prefix);
	weir_str_text(&s, a);
	weir_str_putc(&s, ':');
	weir_str_text(&s, b);
	if (!weir_str_err(&s))
		out = weir_text_dup(e->round, weir_str_view(&s));
	weir_str_free(&s);
	return out;
}

/* The state of a profile; that of a device is one where nobody is known. */
static weir_err forget_profile(weir_erasure *e, weir_text id)
{
	weir_text project = e->person.project_id;
	weir_err err = take(e, 3, (weir_text[]){ WEIR_TEXT("UNLINK"), key(e, WEIR_KEY_PROFILE_STATE, project, id), key(e, WEIR_KEY_PROFILE, project, id) });

	return err ? err : take(e, 3, (weir_text[]){ WEIR_TEXT("ZREM"), key(e, WEIR_KEY_DIRTY, none, none), member(e, "u:", project, id) });
}

/* Whether a device's live session is somebody else's. */
static weir_err is_others(weir_erasure *e, weir_text device, bool *others)
{
	struct weir_session s;
	redisReply *r = NULL;
	weir_err err = redis(e, &r, 2, (weir_text[]){ WEIR_TEXT("GET"), key(e, WEIR_KEY_SESSION, e->person.project_id, device) });

	*others = false;
	if (err)
		return err;
	if (r->type == REDIS_REPLY_STRING && !weir_session_unpack(e->round, weir_reply_text(r), &s))
		*others = !weir_text_eq(s.profile_id, e->person.profile_id) && !weir_text_eq(s.profile_id, device);
	freeReplyObject(r);
	return WEIR_OK;
}

/* Sessions that back-dated events opened, and when they end. */
static weir_err forget_open(weir_erasure *e, weir_text device)
{
	weir_text project = e->person.project_id, open = key(e, WEIR_KEY_OPEN, project, device), place = member(e, "", project, device);
	redisReply *r = NULL;
	weir_err err = redis(e, &r, 2, (weir_text[]){ WEIR_TEXT("HKEYS"), open });

	for (size_t i = 0; !err && place.p && r->type == REDIS_REPLY_ARRAY && i < r->elements; i++) {
		weir_text id = weir_reply_text(r->element[i]), both;
		weir_str s;

		weir_str_init(&s, 64 * 1024);
		weir_str_text(&s, id);
		weir_str_putc(&s, ' ');
		weir_str_text(&s, place);
		both = weir_text_dup(e->round, weir_str_view(&s));
		weir_str_free(&s);
		err = take(e, 3, (weir_text[]){ WEIR_TEXT("ZREM"), key(e, WEIR_KEY_BACK, none, none), both });
	}
	if (r)
		freeReplyObject(r);
	return err ? err : take(e, 2, (weir_text[]){ WEIR_TEXT("UNLINK"), open });
}

static weir_err forget_device(weir_erasure *e, weir_text device)
{
	weir_text project = e->person.project_id;
	bool others;
	weir_err err = is_others(e, device, &others);

	if (err || others)
		return err;
	err = forget_profile(e, device);
	if (!err)
		err = take(e, 4, (weir_text[]){ WEIR_TEXT("UNLINK"), key(e, WEIR_KEY_SESSION, project, device), key(e, WEIR_KEY_CLOSED, project, device),
			key(e, WEIR_KEY_ENDED, project, device) });
	if (!err)
		err = take(e, 3, (weir_text[]){ WEIR_TEXT("ZREM"), key(e, WEIR_KEY_CLOCK, none, none), member(e, "", project, device) });
	return err ? err : forget_open(e, device);
}

static weir_err forget_devices(weir_erasure *e, const weir_text *devices, size_t count)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < count && !err; i++)
		err = forget_device(e, devices[i]);
	return err;
}

/* Redis first: what is not there any more cannot come to ClickHouse behind the deletion. */
static weir_err forget_states(weir_erasure *e)
{
	weir_text project = e->person.project_id, profile = e->person.profile_id, *devices;
	redisReply *r = NULL;
	size_t count;
	weir_err err = redis(e, &r, 2, (weir_text[]){ WEIR_TEXT("GET"), key(e, WEIR_KEY_PROFILE, project, profile) });

	if (!err && r->type == REDIS_REPLY_STRING)
		err = forget_device(e, weir_reply_text(r));
	if (r)
		freeReplyObject(r);
	if (!err)
		err = forget_profile(e, profile);
	/* Of a visitor that never told a name the device itself is the profile. */
	if (!err)
		err = forget_device(e, profile);
	if (!err)
		err = column(e, "SELECT device_id FROM (" DEVICES " GROUP BY device_id ORDER BY max(created_at) DESC) LIMIT 1000", &devices, &count);
	if (!err)
		err = forget_devices(e, devices, count);
	if (!err)
		e->state = DEAD;
	return err;
}

/* ------------------------------------------------------------ dead letters */

struct dead_walk {
	weir_erasure *e;
	size_t seen;
};

static bool is_mine(const weir_erasure *e, weir_text project, weir_text profile)
{
	return weir_text_eq(project, e->person.project_id) && weir_text_eq(profile, e->person.profile_id);
}

static bool is_of_person(const struct dead_walk *w, const struct weir_dead *dead)
{
	const weir_text states[] = { dead->entry.s, dead->entry.o };
	struct weir_profile p;
	struct weir_event ev;
	struct weir_session s;

	if (dead->entry.kind == 'u')
		return dead->entry.s.p && !weir_profile_unpack(w->e->round, dead->entry.s, &p) && is_mine(w->e, p.project_id, p.id);
	if (dead->entry.kind == 'g')
		return false;
	if (dead->entry.ev.p && !weir_event_unpack(w->e->round, dead->entry.ev, &ev) && is_mine(w->e, ev.project_id, ev.profile_id))
		return true;
	for (size_t i = 0; i < 2; i++)
		if (states[i].p && !weir_session_unpack(w->e->round, states[i], &s) && is_mine(w->e, s.project_id, s.profile_id))
			return true;
	return false;
}

static weir_err look_at_dead(void *ctx, const struct weir_dead *dead)
{
	struct dead_walk *w = ctx;
	bool mine = is_of_person(w, dead);
	weir_err err = mine ? weir_dead_remove(w->e->redis, w->e->conf, w->e->shard, dead->id) : WEIR_OK;

	w->seen++;
	snprintf(w->e->dead_after, ID_MAX, "%.*s", (int)dead->id.n, dead->id.p);
	w->e->counts.dead += mine && !err;
	return err == WEIR_ENOTFOUND ? WEIR_OK : err;
}

static weir_err clear_dead(weir_erasure *e)
{
	struct dead_walk w = { .e = e };
	weir_err err = weir_dead_each(e->redis, e->conf, e->shard, e->dead_after[0] ? weir_text_of(e->dead_after) : none, DEAD_CHUNK, look_at_dead, &w);

	if (!err && w.seen < DEAD_CHUNK)
		e->state = DAYS;
	return err;
}

/* ------------------------------------------------------------ ClickHouse */

/* Each answers at most WEIR_SWEEP_IDS_MAX; what is deleted is in no later answer. */
#define LIMIT " LIMIT 1000"
static const char devices_sql[] =
	"SELECT DISTINCT device_id FROM events WHERE " EVENTS_OF_PROJECT " AND profile_id = {profile:String} AND device_id != ''"
	" AND device_id != {profile:String} AND (device_id IN (SELECT profile_id FROM events WHERE " EVENTS_OF_PROJECT
	" AND profile_id = device_id AND profile_id IN (" DEVICES ")) OR device_id IN (SELECT profile_id FROM sessions WHERE " EVENTS_OF_PROJECT
	" AND profile_id IN (" DEVICES ")) OR device_id IN (SELECT id FROM profiles WHERE " EVENTS_OF_PROJECT " AND id IN (" DEVICES ")))" LIMIT;
static const char sessions_sql[] =
	"SELECT DISTINCT session_id FROM session_replay_chunks WHERE " OF_PROJECT " AND started_at <= {until:DateTime64(3, 'UTC')}"
	" AND session_id IN (SELECT session_id FROM events WHERE " EVENTS_OF_PROJECT " AND " MINE
	" UNION ALL SELECT id FROM sessions WHERE " EVENTS_OF_PROJECT " AND profile_id = {profile:String})" LIMIT;
/* Of dau_mv, whose days are those of the server's zone. */
#define DAY "toDate(created_at, serverTimezone())"
static const char days_sql[] = "SELECT toString(groupUniqArray(toString(" DAY "))) FROM events WHERE " EVENTS_OF_PROJECT " AND " MINE;
static const char sketch_sql[] = "INSERT INTO dau_mv (date, project_id, profile_id) SELECT " DAY " AS day, project_id, uniqState(profile_id)"
	" FROM events WHERE " OF_PROJECT " AND day IN {days:Array(Date)} AND NOT (" EVENTS_OF_PROJECT " AND " MINE ") GROUP BY day, project_id";
#define PAIRS(whose) "SELECT k, v FROM (SELECT arrayJoin(properties) AS pair, pair.1 AS k, pair.2 AS v FROM events WHERE " whose ")"
static const char values_sql[] =
	"SELECT DISTINCT cityHash64(property_key, property_value) FROM event_property_values_mv WHERE " OF_PROJECT
	" AND (property_key, property_value) IN (" PAIRS(EVENTS_OF_PROJECT " AND " MINE) ") AND (property_key, property_value) NOT IN ("
	PAIRS(OF_PROJECT " AND NOT (" EVENTS_OF_PROJECT " AND " MINE ")") " WHERE (k, v) IN (" PAIRS(EVENTS_OF_PROJECT " AND " MINE) "))" LIMIT;

/* "[1,2]" of numbers as ClickHouse wrote them. */
static weir_text list_of(weir_erasure *e, const weir_text *values, size_t count)
{
	weir_text out = none;
	weir_str s;

	weir_str_init(&s, 64 * 1024);
	weir_str_putc(&s, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			weir_str_putc(&s, ',');
		weir_str_text(&s, values[i]);
	}
	weir_str_putc(&s, ']');
	if (!weir_str_err(&s))
		out = weir_text_dup(e->round, weir_str_view(&s));
	weir_str_free(&s);
	return out;
}

static weir_err begin_sweep(weir_erasure *e, struct weir_sweep_of *of)
{
	of->kind = WEIR_SWEEP_PERSON;
	of->project_id = e->person.project_id;
	of->until_ms = e->person.until_ms;
	e->sweep = weir_sweep_new(e->conf, e->ch, of);
	return e->sweep ? WEIR_OK : WEIR_ENOMEM;
}

/*
 * Sketches of the days' active users are made without the person while its
 * events are still there: whoever is broken off finds the same days again.
 */
static weir_err find_days(weir_erasure *e)
{
	weir_text *days;
	size_t count;
	weir_err err;

	weir_arena_reset(e->round);
	err = column(e, days_sql, &days, &count);
	if (err)
		return err;
	e->state = GATHER;
	if (!count || weir_text_is(days[0], "[]"))
		return WEIR_OK;
	e->days = weir_text_dup(e->mem, days[0]);
	e->state = UNSKETCH;
	return e->days.p ? begin_sweep(e, &(struct weir_sweep_of){ .days = e->days }) : WEIR_ENOMEM;
}

static weir_err sketch(weir_erasure *e)
{
	char buf[WEIR_CLOCK_MAX], memory[NUMBER_MAX], half[NUMBER_MAX];
	const struct weir_ch_arg params[] = { { "project", e->person.project_id }, { "profile", e->person.profile_id },
		{ "until", weir_clock_sql(e->person.until_ms, buf) }, { "days", e->days } };
	struct weir_ch_arg settings[SETTINGS];
	struct weir_ch_query q = { .sql = sketch_sql, .params = params, .nparams = sizeof(params) / sizeof(*params), .settings = settings,
		.nsettings = SETTINGS, .answer_max = ANSWER_MAX };
	weir_str out;
	weir_err err;

	bounds(e->conf, memory, half, settings);
	weir_str_init(&out, ANSWER_MAX);
	err = weir_ch_run(e->ch, &q, &out);
	weir_str_free(&out);
	if (!err)
		e->state = GATHER;
	return err;
}

/* What hangs on the profile's events goes before they do: without them it could not be found. */
static weir_err gather(weir_erasure *e)
{
	weir_text *devices, *sessions, *values;
	struct weir_sweep_of of = { .people = &e->person.profile_id, .people_count = 1 };
	size_t value_count;
	weir_err err;

	weir_arena_reset(e->round);
	err = column(e, devices_sql, &devices, &of.people_count);
	if (!err)
		err = column(e, sessions_sql, &sessions, &of.session_count);
	if (!err)
		err = column(e, values_sql, &values, &value_count);
	if (!err)
		err = forget_devices(e, devices, of.people_count);
	if (err)
		return err;
	e->state = of.people_count + of.session_count + value_count ? SWEEP : LAST;
	of.people = devices;
	of.sessions = sessions;
	of.values = list_of(e, values, value_count);
	if (e->state == LAST)
		of = (struct weir_sweep_of){ .people = &e->person.profile_id, .people_count = 1 };
	return begin_sweep(e, &of);
}

static weir_err sweep(weir_erasure *e, int64_t *again_ms)
{
	weir_err err = weir_sweep_step(e->sweep, again_ms);

	if (err || *again_ms >= 0)
		return err;
	/* What was computed of the rows must not be told any more. */
	if (weir_sweep_counts(e->sweep).rows)
		err = weir_changes_all(e->redis, e->conf, e->person.project_id, weir_now_ms());
	if (err)
		return err;
	*again_ms = 0;
	e->counts.rows += weir_sweep_counts(e->sweep).rows;
	weir_sweep_free(e->sweep);
	e->sweep = NULL;
	e->state = e->state == LAST ? DONE : e->state == UNSKETCH ? SKETCH : GATHER;
	return WEIR_OK;
}

weir_err weir_erasure_step(weir_erasure *e, int64_t *again_ms)
{
	weir_err err = WEIR_OK;

	*again_ms = 0;
	switch (e->state) {
	case STATES:
		err = forget_states(e);
		break;
	case DEAD:
		err = clear_dead(e);
		break;
	case DAYS:
		err = find_days(e);
		break;
	case SKETCH:
		err = sketch(e);
		break;
	case GATHER:
		err = gather(e);
		break;
	case UNSKETCH:
	case SWEEP:
	case LAST:
		err = sweep(e, again_ms);
		break;
	case DONE:
		break;
	}
	if (!err && e->state == DONE)
		*again_ms = -1;
	return err;
}
