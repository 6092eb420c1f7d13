/* Calls of scripts: to Redis, or into the spool. */
#include "config.h"
#include "ingest/outbox.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "ingest/spool.h"
#include "link/keys.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	SHARDS_MAX = 1024,
	CHUNK_MAX = 100,               /* calls of one step */
	LANES = 10,                    /* steps of one round trip */
	ATTEMPTS = 2,                  /* a server may have forgotten a script, a clock may have been set */
	SOURCE_MAX = 256 * 1024,
	KEY_MAX = 4096,
	ROUND_MAX = 8 * 1024 * 1024,   /* the lists of one round trip */
	FAREWELL_MAX = 200,            /* keys that are removed at the end */
	PROBE_MS = 100,
	PAUSE_FIRST_MS = 100,          /* after a failure; doubles up to the longest */
	PAUSE_MAX_MS = 1600,
	LOG_MS = 1000,
	DIGITS = 24
};

/* Calls are numbered per lane; a lane whose last call is in doubt gets a new token. */
struct lane {
	char token[sizeof(((struct weir_doubt *)0)->token)];
	uint64_t counter;
	weir_text key;                 /* last:TOKEN in the shard it was last used for, in memory of its own */
	unsigned shard;
	weir_arena *mem;               /* of the key */
};

struct weir_outbox {
	const struct weir_conf *conf;
	weir_redis *redis;
	struct weir_script script[WEIR_SCRIPT_COUNT];
	weir_str source[WEIR_SCRIPT_COUNT];
	struct lane lane[LANES];
	unsigned renewals;             /* makes tokens of one process different */
	char name[2 * 8 + 1];          /* random part of the tokens */
	weir_arena *round;
	weir_spool *spool;
	struct weir_spool_page *page;  /* tells all processes of the host whether Redis is left alone */
	bool power;                    /* only a Redis that survives a power cut is used */
	uint64_t checked;              /* the connection on which that was found */
	int64_t logged_ms;
};

/* ------------------------------------------------------------ opening, closing */

static void renew(weir_outbox *o, struct lane *lane)
{
	snprintf(lane->token, sizeof(lane->token), "%s-%u", o->name, o->renewals++);
	lane->counter = 0;
	lane->key = (weir_text){ NULL, 0 };
}

static bool prepare(weir_outbox *o)
{
	uint8_t random[8];

	weir_random(random, sizeof(random));
	weir_hex(random, sizeof(random), o->name);
	o->round = weir_arena_new(ROUND_MAX);
	for (size_t i = 0; i < LANES; i++) {
		renew(o, &o->lane[i]);
		o->lane[i].mem = weir_arena_new(KEY_MAX);
		if (!o->lane[i].mem)
			return false;
	}
	for (size_t i = 0; i < WEIR_SCRIPT_COUNT; i++) {
		enum weir_script_id id = (enum weir_script_id)i;

		weir_script_outbox(id, o->conf, &o->source[i]);
		if (weir_str_err(&o->source[i]))
			return false;
		o->script[i] = (struct weir_script){ .name = weir_script_name(id), .source = o->source[i].buf };
	}
	return o->round;
}

static const char not_durable[] = "durable = power needs a Redis with \"appendonly yes\" and \"appendfsync always\"; redis.url names one that %s";

static const char *durable_fault(weir_err err)
{
	return err == WEIR_EFORBID ? "has something else" : "does not tell its settings (CONFIG GET must be allowed)";
}

/* A Redis that is away is no reason not to start: the spool takes what comes. */
static bool starts_durable(weir_outbox *o, struct weir_fault *fault)
{
	weir_err err = o->power ? weir_redis_durable(o->redis) : WEIR_OK;

	if (err && err != WEIR_EUNAVAIL) {
		weir_fault_set(fault, not_durable, durable_fault(err));
		return false;
	}
	o->checked = weir_redis_connection(o->redis);
	return true;
}

weir_outbox *weir_outbox_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_outbox *o;

	if (conf->redis_shards < 1 || conf->redis_shards > SHARDS_MAX) {
		weir_fault_set(fault, "redis.shards must be 1 to %d", SHARDS_MAX);
		return NULL;
	}
	o = calloc(1, sizeof(*o));
	if (!o) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	*o = (weir_outbox){ .conf = conf, .power = weir_text_is(weir_text_of(conf->durable), "power") };
	for (size_t i = 0; i < WEIR_SCRIPT_COUNT; i++)
		weir_str_init(&o->source[i], SOURCE_MAX);
	weir_fault_set(fault, "out of memory");
	if (prepare(o) && (o->redis = weir_redis_new(conf, fault)) && (o->spool = weir_spool_new(conf, fault))) {
		o->page = weir_spool_page(o->spool);
		if (starts_durable(o, fault))
			return o;
	}
	weir_outbox_free(o);
	return NULL;
}

/* What was heard of need not be remembered: one key for each lane and shard at most, and mostly one in all. */
static void say_farewell(weir_outbox *o)
{
	weir_text none = { NULL, 0 }, argv[FAREWELL_MAX + 1] = { WEIR_TEXT("UNLINK") };
	size_t argc = 1;

	weir_arena_reset(o->round);
	for (size_t i = 0; i < LANES; i++)
		for (unsigned shard = 0; o->lane[i].counter && shard < (unsigned)o->conf->redis_shards && argc <= FAREWELL_MAX; shard++) {
			argv[argc] = weir_key(o->round, o->conf, shard, WEIR_KEY_LAST, weir_text_of(o->lane[i].token), none);
			argc += argv[argc].p != NULL;
		}
	if (argc > 1)
		weir_redis_farewell(o->redis, argc, argv);
}

void weir_outbox_free(weir_outbox *o)
{
	if (!o)
		return;
	if (o->redis)
		say_farewell(o);
	weir_redis_free(o->redis);
	weir_spool_free(o->spool);
	for (size_t i = 0; i < LANES; i++)
		weir_arena_free(o->lane[i].mem);
	for (size_t i = 0; i < WEIR_SCRIPT_COUNT; i++)
		weir_str_free(&o->source[i]);
	weir_arena_free(o->round);
	free(o);
}

/* ------------------------------------------------------------ whether Redis is tried */

static void leave_alone(weir_outbox *o)
{
	int64_t pause = 2 * atomic_load(&o->page->redis_pause_ms);

	pause = pause < PAUSE_FIRST_MS ? PAUSE_FIRST_MS : pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause;
	atomic_store(&o->page->redis_pause_ms, pause);
	atomic_store(&o->page->redis_rests_until_ms, weir_monotonic_ms() + pause);
}

/*
 * One process at a time looks whether Redis is back, for all.  A time too far
 * away is from before the machine was started.
 */
static bool may_try(weir_outbox *o)
{
	int64_t until = atomic_load(&o->page->redis_rests_until_ms), now;

	if (!until)
		return true;
	now = weir_monotonic_ms();
	if (now < until && until - now <= PAUSE_MAX_MS)
		return false;
	if (!atomic_compare_exchange_strong(&o->page->redis_rests_until_ms, &until, now + PAUSE_MAX_MS))
		return false;
	if (!weir_redis_probe(o->redis, PROBE_MS)) {
		leave_alone(o);
		return false;
	}
	atomic_store(&o->page->redis_rests_until_ms, 0);
	return true;
}

static void note_outcome(weir_outbox *o, weir_err err)
{
	if (err == WEIR_EUNAVAIL) {
		leave_alone(o);
	} else if (atomic_load(&o->page->redis_pause_ms)) {
		atomic_store(&o->page->redis_pause_ms, 0);
		weir_log(LOG_NOTICE, "outbox", "Redis takes events again");
	}
}

static weir_err check_durable(weir_outbox *o)
{
	weir_err err = weir_redis_durable(o->redis);
	int64_t now = weir_monotonic_ms();

	if (!err) {
		o->checked = weir_redis_connection(o->redis);
		return WEIR_OK;
	}
	if (err != WEIR_EUNAVAIL && (!o->logged_ms || now - o->logged_ms >= LOG_MS)) {
		char text[sizeof(((struct weir_fault *)0)->text)];

		o->logged_ms = now;
		snprintf(text, sizeof(text), not_durable, durable_fault(err));
		weir_log(LOG_ERR, "outbox", "events go to the spool: %s", text);
	}
	return WEIR_EUNAVAIL;
}

/* ------------------------------------------------------------ one call */

static weir_text decimal(char buf[DIGITS], uint64_t v)
{
	char *at = buf + DIGITS;

	do
		*--at = (char)('0' + v % 10);
	while (v /= 10);
	return (weir_text){ at, (size_t)(buf + DIGITS - at) };
}

static weir_err key_of(weir_outbox *o, struct lane *lane, unsigned shard, weir_text *key)
{
	weir_text none = { NULL, 0 };

	if (!lane->key.p || lane->shard != shard) {
		weir_arena_reset(lane->mem);
		lane->key = weir_key(lane->mem, o->conf, shard, WEIR_KEY_LAST, weir_text_of(lane->token), none);
		lane->shard = shard;
	}
	*key = lane->key;
	return lane->key.p ? WEIR_OK : WEIR_ENOMEM;
}

/* What sql/redis/outbox.lua gets beside the calls' own keys and arguments. */
struct behind {
	char counter[DIGITS], deadline[DIGITS];
	uint8_t shape[CHUNK_MAX][2];
};

enum { BEHIND = 4 };                   /* one key, three arguments */

/* Several calls as one list, keys first; returns how long it is. */
static size_t fill(weir_text last, const struct weir_call *call, size_t count, uint64_t first, int64_t deadline_ms, struct behind *b,
	weir_text *argv, size_t *nkeys)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < call[i].nkeys; k++)
			argv[n++] = call[i].keys[k];
	argv[n++] = last;
	*nkeys = n;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < call[i].nargs; k++)
			argv[n++] = call[i].args[k];
		b->shape[i][0] = (uint8_t)call[i].nkeys;
		b->shape[i][1] = (uint8_t)call[i].nargs;
	}
	argv[n++] = (weir_text){ (const char *)b->shape, count * sizeof(b->shape[0]) };
	argv[n++] = decimal(b->counter, first);
	argv[n++] = decimal(b->deadline, (uint64_t)deadline_ms);
	return n;
}

static bool is_late(const redisReply *r)
{
	return weir_text_is(weir_reply_text(r), "l");
}

static void set_doubt(struct weir_call *call, const struct lane *lane, uint64_t counter, int64_t deadline_ms)
{
	memcpy(call->doubt.token, lane->token, sizeof(call->doubt.token));
	call->doubt.counter = counter;
	call->doubt.deadline_ms = deadline_ms;
}

static weir_err deadline(weir_outbox *o, int64_t *deadline_ms)
{
	weir_err err = weir_redis_clock(o->redis, deadline_ms);

	if (!err && o->power && o->checked != weir_redis_connection(o->redis))
		err = check_durable(o);
	*deadline_ms += o->conf->redis_timeout;
	return err;
}

/* The usual case, with nothing allocated. */
static weir_err send_one(weir_outbox *o, struct weir_call *call)
{
	struct lane *lane = &o->lane[0];
	weir_text argv[WEIR_CALL_ARGS_MAX + BEHIND], last;
	struct behind b;
	size_t argc, nkeys;
	int64_t deadline_ms;
	weir_err err = WEIR_OK;

	for (int i = 0; i < ATTEMPTS && !err && !call->reply; i++) {
		err = deadline(o, &deadline_ms);
		if (!err)
			err = key_of(o, lane, call->shard, &last);
		if (err)
			return err;
		argc = fill(last, call, 1, ++lane->counter, deadline_ms, &b, argv, &nkeys);
		err = weir_redis_eval(o->redis, &o->script[call->script], &call->reply, nkeys, argc, argv);
		if (err == WEIR_EUNAVAIL && weir_redis_in_doubt(o->redis)) {
			set_doubt(call, lane, lane->counter, deadline_ms);
			renew(o, lane);
		}
		if (!err && is_late(call->reply)) {
			freeReplyObject(call->reply);
			call->reply = NULL;
			weir_redis_clock_forget(o->redis);
		}
	}
	return err ? err : call->reply ? WEIR_OK : WEIR_EUNAVAIL;
}

/* ------------------------------------------------------------ several */

/* Calls of one script and one shard, made in one step: all of them or none. */
struct chunk {
	struct lane *lane;
	struct weir_call *call;
	size_t count;
	uint64_t first;                    /* number of the first call */
	struct weir_redis_command *command;
};

static bool is_open(const struct weir_call *call)
{
	return call->err == WEIR_EUNAVAIL && !call->reply && !call->doubt.token[0];
}

/* How many calls from the first on are made in one step. */
static size_t chunk_size(const struct weir_call *calls, size_t count)
{
	size_t n = 1;

	while (n < count && n < CHUNK_MAX && is_open(&calls[n]) && calls[n].script == calls[0].script && calls[n].shard == calls[0].shard)
		n++;
	return n;
}

static weir_err fill_chunk(weir_outbox *o, struct chunk *c, int64_t deadline_ms)
{
	struct weir_script *script = &o->script[c->call->script];
	weir_err err = script->sha[0] ? WEIR_OK : weir_redis_load(o->redis, script);
	size_t most = 3 + BEHIND, nkeys, argc;
	weir_text *argv, last = { NULL, 0 };
	struct behind *b;
	char *number;

	for (size_t i = 0; i < c->count; i++)
		most += c->call[i].nkeys + c->call[i].nargs;
	argv = weir_alloc_n(o->round, most, sizeof(*argv));
	b = weir_alloc(o->round, sizeof(*b));
	number = weir_alloc(o->round, DIGITS);
	if (!err)
		err = argv && b && number ? key_of(o, c->lane, c->call->shard, &last) : WEIR_ENOMEM;
	if (err)
		return err;
	c->first = c->lane->counter + 1;
	c->lane->counter += c->count;
	argc = fill(last, c->call, c->count, c->first, deadline_ms, b, argv + 3, &nkeys);
	argv[0] = WEIR_TEXT("EVALSHA");
	argv[1] = weir_text_of(script->sha);
	argv[2] = decimal(number, nkeys);
	*c->command = (struct weir_redis_command){ .argc = argc + 3, .argv = argv };
	return WEIR_OK;
}

static void settle(struct weir_call *call, redisReply *reply)
{
	call->reply = reply;
	call->err = weir_reply_err(reply);
	if (call->err && reply) {
		freeReplyObject(reply);
		call->reply = NULL;
	}
}

/* What became of the calls. True when the same is worth another try. */
static bool settle_chunk(weir_outbox *o, struct chunk *c, int64_t deadline_ms)
{
	redisReply *reply = c->command->reply;
	weir_err err = c->command->err;
	bool list = c->count > 1, again = false;

	if (!err && is_late(reply)) {
		weir_redis_clock_forget(o->redis);
		again = true;
	} else if (err && weir_redis_is_unknown_script(c->command->error)) {
		o->script[c->call->script].sha[0] = '\0';
		again = true;
	} else if (err == WEIR_EUNAVAIL && weir_redis_in_doubt(o->redis)) {
		for (size_t i = 0; i < c->count; i++)
			set_doubt(&c->call[i], c->lane, c->first + i, deadline_ms);
		renew(o, c->lane);
	} else if (!err && list && (reply->type != REDIS_REPLY_ARRAY || reply->elements != c->count)) {
		weir_log(LOG_ERR, "outbox", "error=\"the script did not answer every call\"");
		err = WEIR_EINTERNAL;
	}
	for (size_t i = 0; i < c->count && !again; i++)
		if (err) {
			c->call[i].err = err;
		} else if (list) {
			settle(&c->call[i], reply->element[i]);
			reply->element[i] = NULL;
		} else {
			settle(c->call, reply);
			reply = NULL;
		}
	if (reply)
		freeReplyObject(reply);
	return again;
}

/* One round trip for the open calls, as many as fit; *next is behind the last of them. */
static weir_err send_round(weir_outbox *o, struct weir_call *calls, size_t count, size_t *next, bool *again)
{
	struct weir_redis_command commands[LANES];
	struct chunk chunks[LANES];
	size_t n = 0, at = *next;
	int64_t deadline_ms;
	weir_err err = deadline(o, &deadline_ms);

	weir_arena_reset(o->round);
	for (; at < count && n < LANES && !err; n++) {
		while (at < count && !is_open(&calls[at]))
			at++;
		if (at == count)
			break;
		chunks[n] = (struct chunk){ .lane = &o->lane[n], .call = &calls[at], .command = &commands[n] };
		chunks[n].count = chunk_size(&calls[at], count - at);
		err = fill_chunk(o, &chunks[n], deadline_ms);
		at += chunks[n].count;
	}
	*next = at;
	if (err || !n)
		return err;
	err = weir_redis_pipe(o->redis, commands, n);
	for (size_t i = 0; i < n; i++)
		*again |= settle_chunk(o, &chunks[i], deadline_ms);
	return err;
}

static void send_many(weir_outbox *o, struct weir_call *calls, size_t count)
{
	weir_err err = WEIR_OK;
	bool again = true;

	for (int attempt = 0; attempt < ATTEMPTS && again && !err; attempt++) {
		again = false;
		for (size_t next = 0; next < count && !err;)
			err = send_round(o, calls, count, &next, &again);
	}
}

/* ------------------------------------------------------------ the spool */

static weir_err first_err(const struct weir_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (calls[i].err)
			return calls[i].err;
	return WEIR_OK;
}

weir_err weir_outbox_send(weir_outbox *o, struct weir_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (calls[i].nkeys + calls[i].nargs > WEIR_CALL_ARGS_MAX)
			return WEIR_EINTERNAL;
		calls[i].err = WEIR_EUNAVAIL;
		calls[i].reply = NULL;
		calls[i].kept = false;
		calls[i].doubt.token[0] = '\0';
	}
	if (may_try(o)) {
		if (count == 1)
			calls[0].err = send_one(o, calls);
		else
			send_many(o, calls, count);
		note_outcome(o, first_err(calls, count));
	}
	if (!first_err(calls, count))
		weir_spool_release(o->spool);
	else if (!weir_spool_append(o->spool, calls, count))
		weir_log(LOG_DEBUG, "outbox", "neither Redis nor the spool takes events");
	return first_err(calls, count);
}

void weir_outbox_defer(weir_outbox *o, struct weir_call *calls, size_t count, bool (*full)(const struct weir_call *))
{
	bool any = false;

	for (size_t i = 0; i < count; i++)
		if (calls[i].reply && full(&calls[i])) {
			calls[i].err = WEIR_EUNAVAIL;
			any = true;
		}
	if (any && !weir_spool_append(o->spool, calls, count))
		weir_log(LOG_DEBUG, "outbox", "too much waits, and the spool takes nothing");
	for (size_t i = 0; i < count; i++)
		if (calls[i].reply && calls[i].kept) {
			freeReplyObject(calls[i].reply);
			calls[i].reply = NULL;
		} else if (calls[i].reply) {
			calls[i].err = WEIR_OK;
		}
}

bool weir_outbox_waits(const weir_outbox *o)
{
	return weir_spool_waits(o->spool);
}

weir_err weir_outbox_ask(weir_outbox *o, redisReply **reply, size_t argc, const weir_text *argv)
{
	weir_err err;

	*reply = NULL;
	if (!may_try(o))
		return WEIR_EUNAVAIL;
	err = weir_redis_do(o->redis, reply, argc, argv);
	note_outcome(o, err);
	return err;
}

void weir_outbox_idle(weir_outbox *o)
{
	weir_spool_release(o->spool);
}
