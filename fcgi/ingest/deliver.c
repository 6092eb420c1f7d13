/* The call of sql/redis/track.lua. */
#include "config.h"
#include "ingest/deliver.h"

#include "base/log.h"
#include "ingest/entry.h"
#include "ingest/outbox.h"
#include "ingest/recall.h"
#include "ingest/rowpack.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	GENERATION_MAX = 24,
	ASK_MS = 1000,
	SEVERAL_MAX = 1000,
	PACKED_MAX = 8 * 1024 * 1024,
	DIGEST_KEPT = 16,                   /* characters of a digest that a session keeps */
	/* The places in the script's argument list: keys first, the last of them only for requests that may be duplicates. */
	K_STREAM = 0, K_GENERATION, K_FIRST, K_CLOSED, K_SECOND, K_DUPLICATE, KEYS,
	A_GENERATION = 0, A_MODE, A_NOW_MS, A_EVENT, A_STATE, ARGS
};

struct weir_deliverer {
	weir_outbox *outbox;
	weir_recall *recall;
	const struct weir_conf *conf;
	unsigned shards;
	int64_t asked_ms;
	char (*generation)[GENERATION_MAX]; /* by shard; never "", which the script takes for an event of the spool */
	weir_str fixed, state, ids, recent; /* kept from one delivery to the next */
};

weir_deliverer *weir_deliverer_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_deliverer *d = NULL;

	if (conf->session_timeout < 1000 || conf->track_stream_max < 1 || conf->track_duplicate_window < 0) {
		weir_fault_set(fault, "session.timeout must be 1s or more, track.stream_max 1 or more, track.duplicate_window not negative");
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (!d) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	*d = (weir_deliverer){ .conf = conf, .shards = (unsigned)conf->redis_shards };
	weir_str_init(&d->fixed, PACKED_MAX);
	weir_str_init(&d->state, PACKED_MAX);
	weir_str_init(&d->ids, PACKED_MAX);
	weir_str_init(&d->recent, PACKED_MAX);
	d->outbox = weir_outbox_new(conf, fault);
	d->generation = d->outbox ? calloc(d->shards, sizeof(*d->generation)) : NULL;
	d->recall = weir_recall_new(conf->track_spool_dir);
	if (d->outbox && (!d->generation || !d->recall))
		weir_fault_set(fault, "out of memory");
	if (!d->generation || !d->recall) {
		weir_deliverer_free(d);
		return NULL;
	}
	for (unsigned i = 0; i < d->shards; i++)
		d->generation[i][0] = '-';
	return d;
}

weir_outbox *weir_deliverer_outbox(weir_deliverer *d)
{
	return d->outbox;
}

void weir_deliverer_free(weir_deliverer *d)
{
	if (!d)
		return;
	weir_outbox_free(d->outbox);
	weir_recall_free(d->recall);
	weir_str_free(&d->fixed);
	weir_str_free(&d->state);
	weir_str_free(&d->ids);
	weir_str_free(&d->recent);
	free(d->generation);
	free(d);
}

static weir_text number(weir_arena *mem, int64_t v)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t left = v < 0 ? 0 : (uint64_t)v;

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	return weir_text_dup(mem, (weir_text){ at, (size_t)(digits + sizeof(digits) - at) });
}

static bool has_session(const struct weir_delivery *in)
{
	return in->mode == WEIR_DELIVER_EVENT || in->mode == WEIR_DELIVER_BACKDATED;
}

/* Requests that belong to a session are told from duplicates by its list of digests, others by a key. */
static bool own_key(const struct weir_delivery *in)
{
	return in->digest.n && !has_session(in);
}

static weir_text kept_digest(const struct weir_delivery *in)
{
	return in->digest.n > DIGEST_KEPT ? (weir_text){ in->digest.p, DIGEST_KEPT } : in->digest;
}

/* The number of keys; 0 when the arena is spent. */
static size_t fill_keys(const weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, unsigned shard, weir_text *key)
{
	const struct weir_conf *conf = d->conf;
	weir_text none = { NULL, 0 };

	key[K_STREAM] = weir_key(mem, conf, shard, WEIR_KEY_EVENTS, none, none);
	key[K_GENERATION] = weir_key(mem, conf, shard, WEIR_KEY_GENERATION, none, none);
	key[K_FIRST] = weir_key(mem, conf, shard, WEIR_KEY_SESSION, in->project_id, in->device[0]);
	key[K_CLOSED] = weir_key(mem, conf, shard, WEIR_KEY_CLOSED, in->project_id, in->device[0]);
	key[K_SECOND] = in->device[1].n ? weir_key(mem, conf, shard, WEIR_KEY_SESSION, in->project_id, in->device[1]) : key[K_FIRST];
	if (own_key(in))
		key[K_DUPLICATE] = weir_key(mem, conf, shard, WEIR_KEY_DUPLICATE, in->digest, none);
	return weir_arena_failed(mem) ? 0 : own_key(in) ? KEYS : KEYS - 1;
}

/* The session that this event opens, if it opens one. */
static void pack_session(weir_deliverer *d, const struct weir_delivery *in, weir_text view, weir_text now)
{
	struct weir_session s = {
		.id = in->session_id, .device_id = in->device[0], .project_id = in->project_id,
		.profile_id = in->profile_id.n ? in->profile_id : in->device[0], .created_at = in->event_ms, .ended_at = in->event_ms,
		.is_bounce = true, .entry_origin = in->origin, .entry_path = in->path, .exit_origin = in->origin, .exit_path = in->path,
		.screen_view_count = in->screen_view, .event_count = !in->screen_view, .revenue = (double)in->revenue, .version = 1,
		.groups = in->groups, .last_view = view, .last_view_at = view.n ? in->event_ms : 0,
	};

	weir_str_reset(&d->fixed);
	weir_session_fixed_pack(in->fixed, &d->fixed);
	weir_str_reset(&d->recent);
	if (in->digest.n) {
		weir_str_text(&d->recent, kept_digest(in));
		weir_str_text(&d->recent, now);
	}
	weir_session_pack(&s, weir_str_view(&d->fixed), weir_str_view(&d->recent), &d->state);
}

/* What is to be known of an event that opens no session. */
static void pack_other(weir_deliverer *d, const struct weir_delivery *in)
{
	msgpack_packer pk;

	weir_str_reset(&d->ids);
	weir_str_text(&d->ids, in->session_id);
	weir_str_putc(&d->ids, '\n');
	weir_str_text(&d->ids, in->device[0]);
	weir_rowpack_init(&pk, &d->state);
	weir_pack_time(&pk, in->event_ms);
	weir_pack_text(&pk, weir_str_view(&d->ids));
	weir_pack_text(&pk, in->project_id);
	weir_pack_text(&pk, in->profile_id);
}

/* The script's letter, and what is left out. */
static weir_text mode_of(const struct weir_delivery *in)
{
	static const char modes[][4][3] = {
		[WEIR_DELIVER_EVENT] = { "c", "c1", "c2", "c3" },
		[WEIR_DELIVER_SERVER] = { "s", "s1", "s2", "s3" },
		[WEIR_DELIVER_PAST] = { "p", "p1", "p2", "p3" },
		[WEIR_DELIVER_NOTHING] = { "q", "q", "q", "q" },
		[WEIR_DELIVER_BACKDATED] = { "b", "b1", "b2", "b3" },
	};
	static const char with_profile[][3] = { "C", "C1", "C2", "C3" };
	unsigned skip = in->skip & (WEIR_SKIP_START | WEIR_SKIP_EVENT);

	if (in->mode == WEIR_DELIVER_EVENT && in->profile_id.n)
		return weir_text_of(with_profile[skip]);
	return weir_text_of(modes[in->mode][skip]);
}

static weir_err fill_args(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, unsigned shard, weir_text *arg)
{
	uint8_t id[16];
	weir_text view = { (const char *)id, in->screen_view && weir_event_packed_id(in->event, id) ? sizeof(id) : 0 };
	weir_err err;

	arg[A_GENERATION] = weir_text_of(d->generation[shard]);
	arg[A_MODE] = mode_of(in);
	arg[A_NOW_MS] = number(mem, in->now_ms);
	weir_str_reset(&d->state);
	if (has_session(in))
		pack_session(d, in, view, arg[A_NOW_MS]);
	else
		pack_other(d, in);
	arg[A_EVENT] = in->event;
	arg[A_STATE] = weir_str_view(&d->state);
	err = weir_str_err(&d->fixed) ? weir_str_err(&d->fixed) : weir_str_err(&d->state);
	err = err ? err : weir_str_err(&d->ids) ? weir_str_err(&d->ids) : weir_str_err(&d->recent);
	return err ? err : weir_arena_failed(mem) ? WEIR_ENOMEM : WEIR_OK;
}

static void put_reply(void *reply)
{
	freeReplyObject(reply);
}

static void learn(weir_deliverer *d, unsigned shard, weir_text generation)
{
	if (generation.n < GENERATION_MAX) {
		memcpy(d->generation[shard], generation.p, generation.n);
		d->generation[shard][generation.n] = '\0';
	}
}

/* SESSION, a line end, DEVICE; a session id holds no line end. */
static weir_err read_ids(weir_text ids, struct weir_receipt *out)
{
	const char *cut = ids.n ? memchr(ids.p, '\n', ids.n) : NULL;

	if (!cut)
		return WEIR_EINTERNAL;
	out->session_id = (weir_text){ ids.p, (size_t)(cut - ids.p) };
	out->device_id = (weir_text){ cut + 1, ids.n - out->session_id.n - 1 };
	return WEIR_OK;
}

static weir_text behind(weir_text t, size_t n)
{
	return t.n > n ? (weir_text){ t.p + n, t.n - n } : (weir_text){ NULL, 0 };
}

static weir_err read_receipt(weir_deliverer *d, unsigned shard, const struct weir_delivery *in, weir_text word, struct weir_receipt *out)
{
	switch (word.n ? *word.p : 0) {
	case 's':
		learn(d, shard, behind(word, 1));
		out->what = WEIR_DELIVERED_STALE;
		return WEIR_OK;
	case 'f':
		out->what = WEIR_DELIVERED_FULL;
		return WEIR_OK;
	case 'a':
		out->what = WEIR_DELIVERED_AGAIN;
		return read_ids(behind(word, 1), out);
	case 'n':
		out->what = WEIR_DELIVERED_KEPT;
		out->session_id = in->session_id;
		out->device_id = in->device[0];
		return WEIR_OK;
	case 'k':
		out->what = WEIR_DELIVERED_KEPT;
		out->live = word.n > 1 ? word.p[1] - '0' : 0;
		return read_ids(behind(word, 2), out);
	default:
		weir_log(LOG_ERR, "deliver", "error=\"the script gave no answer that is known\"");
		return WEIR_EINTERNAL;
	}
}

static weir_err row_for_later(struct weir_call *call)
{
	call->args[0] = WEIR_TEXT("");
	return WEIR_OK;
}

static bool lives_in_session(const struct weir_delivery *in)
{
	return has_session(in) || in->mode == WEIR_DELIVER_NOTHING;
}

/* What can be told without Redis: the session that this host last saw, else the one that would begin now. */
static weir_err answer_alone(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, struct weir_receipt *out)
{
	char id[WEIR_RECALL_ID_MAX];
	size_t len = 0;

	*out = (struct weir_receipt){ .what = WEIR_DELIVERED_KEPT, .device_id = in->device[0], .session_id = in->session_id };
	for (int i = 0; i < 2 && lives_in_session(in) && !out->live; i++)
		if (weir_recall_find(d->recall, in->project_id, in->device[i], in->event_ms, d->conf->session_timeout, id, &len)) {
			out->live = i + 1;
			out->device_id = in->device[i];
			out->session_id = weir_text_dup(mem, (weir_text){ id, len });
		}
	if (!out->live && in->mode == WEIR_DELIVER_NOTHING)
		out->session_id = WEIR_TEXT("");
	return weir_arena_failed(mem) ? WEIR_ENOMEM : WEIR_OK;
}

static void note(weir_deliverer *d, const struct weir_delivery *in, const struct weir_receipt *out)
{
	if (out->what == WEIR_DELIVERED_KEPT && has_session(in))
		weir_recall_note(d->recall, in->project_id, out->device_id, out->session_id, in->event_ms);
}

/* What the deliverer's buffers hold goes into the arena, since the next delivery uses them again. */
static weir_err keep_args(weir_arena *mem, weir_text *arg)
{
	arg[A_STATE] = weir_text_dup(mem, arg[A_STATE]);
	return arg[A_STATE].p ? WEIR_OK : WEIR_ENOMEM;
}

/* A delivery on its way, for the case that Redis does not take it. */
struct errand {
	weir_deliverer *d;
	weir_arena *mem;
	const struct weir_delivery *in;
	struct weir_receipt *out;            /* filled when the call is made into one for later */
};

/* The call as it had been with the ids of the answer for those of a new session. */
static weir_err call_for_ids(const struct errand *e, struct weir_call *call)
{
	struct weir_delivery in = *e->in;
	weir_err err;

	in.digest = WEIR_TEXT("");
	in.session_id = e->out->session_id;
	if (e->out->live == 2) {
		in.device[0] = e->in->device[1];
		in.device[1] = e->in->device[0];
	}
	call->nkeys = fill_keys(e->d, e->mem, &in, call->shard, call->keys);
	err = call->nkeys ? fill_args(e->d, e->mem, &in, call->shard, call->args) : WEIR_ENOMEM;
	return err ? err : keep_args(e->mem, call->args);
}

/*
 * What weir-worker is to call when Redis is back: nobody waits for an answer then, and nothing of it is out of date.  The
 * answer goes out now, and the event belongs to the session that it names.
 */
static weir_err for_later(struct weir_call *call)
{
	static const char answered[][3] = { "r", "r1", "r2", "r3" };
	const struct errand *e = call->ctx;
	weir_err err = answer_alone(e->d, e->mem, e->in, e->out);

	if (!err && has_session(e->in)) {
		note(e->d, e->in, e->out);
		if (e->out->live)
			err = call_for_ids(e, call);
		call->args[A_MODE] = weir_text_of(answered[e->in->skip & (WEIR_SKIP_START | WEIR_SKIP_EVENT)]);
	}
	call->args[A_GENERATION] = WEIR_TEXT("");
	if (call->nkeys == KEYS)
		call->nkeys--;
	return err;
}

static weir_err prepare(struct errand *e, struct weir_call *call, weir_text *argv)
{
	unsigned shard = weir_shard_of(e->in->project_id, e->d->shards);

	*call = (struct weir_call){ .script = WEIR_SCRIPT_TRACK, .shard = shard, .keys = argv, .args = argv + KEYS, .nargs = ARGS,
		.question = e->in->mode == WEIR_DELIVER_NOTHING, .for_later = for_later, .ctx = e };
	call->nkeys = fill_keys(e->d, e->mem, e->in, shard, call->keys);
	return call->nkeys ? fill_args(e->d, e->mem, e->in, shard, call->args) : WEIR_ENOMEM;
}

static weir_err collect(const struct errand *e, struct weir_call *call)
{
	weir_err err = call->err;

	if (call->kept)
		return err;
	*e->out = (struct weir_receipt){ .what = WEIR_DELIVERED_FULL };
	if (err == WEIR_EUNAVAIL && e->in->mode == WEIR_DELIVER_NOTHING)
		return answer_alone(e->d, e->mem, e->in, e->out);
	if (!err && weir_arena_defer(e->mem, put_reply, call->reply))
		err = WEIR_ENOMEM;
	else if (!err)
		err = read_receipt(e->d, call->shard, e->in, weir_reply_text(call->reply), e->out);
	if (!err)
		note(e->d, e->in, e->out);
	return err;
}

static bool is_full(const struct weir_call *call)
{
	return weir_text_is(weir_reply_text(call->reply), "f");
}

weir_err weir_deliver(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, struct weir_receipt *out)
{
	weir_text argv[KEYS + ARGS];
	struct errand errand = { d, mem, in, out };
	struct weir_call call;
	weir_err err = prepare(&errand, &call, argv);

	*out = (struct weir_receipt){ .what = WEIR_DELIVERED_FULL };
	if (err)
		return err;
	if (!weir_outbox_send(d->outbox, &call, 1))
		weir_outbox_defer(d->outbox, &call, 1, is_full);
	return collect(&errand, &call);
}

static weir_text *put_texts(weir_text *at, const weir_text *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*at++ = list[i];
	return at;
}

/* A question with a change behind it. */
struct asked {
	struct errand errand;
	const struct weir_call *change;
};

/* Of both the change alone is made later. */
static weir_err change_for_later(struct weir_call *call)
{
	const struct asked *a = call->ctx;
	weir_err err = answer_alone(a->errand.d, a->errand.mem, a->errand.in, a->errand.out);

	call->script = a->change->script;
	call->keys += call->nkeys - a->change->nkeys;
	call->nkeys = a->change->nkeys;
	call->args += call->nargs - a->change->nargs;
	call->nargs = a->change->nargs;
	call->ctx = a->change->ctx;
	return err || !a->change->for_later ? err : a->change->for_later(call);
}

static weir_err read_asked(const struct errand *e, const struct weir_call *call, weir_text *word)
{
	const redisReply *said = call->reply;

	if (said->type == REDIS_REPLY_ARRAY && said->elements == 2) {
		*word = weir_reply_text(said->element[1]);
		said = said->element[0];
		if (!word->n)
			return WEIR_EINTERNAL;
	}
	return read_receipt(e->d, call->shard, e->in, weir_reply_text(said), e->out);
}

weir_err weir_deliver_asked(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, const struct weir_call *change,
	struct weir_receipt *out, weir_text *word)
{
	weir_text first[KEYS + ARGS], both[WEIR_CALL_ARGS_MAX], *at = both;
	struct asked asked = { { d, mem, in, out }, change };
	struct weir_call question, call;
	weir_err err = prepare(&asked.errand, &question, first);

	*out = (struct weir_receipt){ .what = WEIR_DELIVERED_FULL };
	*word = WEIR_TEXT("");
	if (!err && (change->shard != question.shard || KEYS + ARGS + change->nkeys + change->nargs > WEIR_CALL_ARGS_MAX))
		err = WEIR_EINTERNAL;
	if (err)
		return err;
	call = (struct weir_call){ .script = WEIR_SCRIPT_ASKED, .shard = question.shard, .nkeys = question.nkeys + change->nkeys,
		.nargs = question.nargs + change->nargs, .for_later = change_for_later, .ctx = &asked };
	call.keys = at;
	at = put_texts(put_texts(at, question.keys, question.nkeys), change->keys, change->nkeys);
	call.args = at;
	put_texts(put_texts(at, question.args, question.nargs), change->args, change->nargs);
	err = weir_outbox_send(d->outbox, &call, 1);
	if (err || call.kept)
		return err;
	return weir_arena_defer(mem, put_reply, call.reply) ? WEIR_ENOMEM : read_asked(&asked.errand, &call, word);
}

weir_err weir_deliver_several(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, size_t count, struct weir_receipt *out,
	weir_err *errs)
{
	struct weir_call *calls = weir_alloc_n(mem, count, sizeof(*calls));
	weir_text *argv = weir_alloc_n(mem, count, (KEYS + ARGS) * sizeof(*argv));
	struct errand *errands = weir_alloc_n(mem, count, sizeof(*errands));
	weir_err err = count > SEVERAL_MAX ? WEIR_ELIMIT : calls && argv && errands ? WEIR_OK : WEIR_ENOMEM;

	for (size_t i = 0; i < count && !err; i++) {
		weir_text *mine = argv + i * (KEYS + ARGS);

		errands[i] = (struct errand){ d, mem, &in[i], &out[i] };
		err = prepare(&errands[i], &calls[i], mine);
		if (!err)
			err = keep_args(mem, mine + KEYS);
	}
	if (err)
		return err;
	if (weir_outbox_send(d->outbox, calls, count))
		weir_log(LOG_DEBUG, "deliver", "not all of %zu events were kept", count);
	weir_outbox_defer(d->outbox, calls, count, is_full);
	for (size_t i = 0; i < count; i++)
		errs[i] = collect(&errands[i], &calls[i]);
	return WEIR_OK;
}

weir_err weir_deliver_row(weir_deliverer *d, weir_arena *mem, weir_text project_id, char kind, weir_text packed, int64_t now_ms,
	struct weir_receipt *out)
{
	unsigned shard = weir_shard_of(project_id, d->shards);
	weir_text none = { NULL, 0 };
	weir_text keys[] = { weir_key(mem, d->conf, shard, WEIR_KEY_EVENTS, none, none), weir_key(mem, d->conf, shard, WEIR_KEY_GENERATION, none, none) };
	weir_text args[] = { weir_text_of(d->generation[shard]), { &kind, 1 }, packed };
	struct weir_call call = { .script = WEIR_SCRIPT_ROW, .shard = shard, .keys = keys, .nkeys = 2, .args = args, .nargs = 3,
		.for_later = row_for_later };
	const struct weir_delivery nothing = { .mode = WEIR_DELIVER_PAST };
	weir_err err;

	(void)now_ms; /* the entry's id has the time */
	*out = (struct weir_receipt){ .what = WEIR_DELIVERED_FULL };
	if (weir_arena_failed(mem))
		return WEIR_ENOMEM;
	if (!weir_outbox_send(d->outbox, &call, 1))
		weir_outbox_defer(d->outbox, &call, 1, is_full);
	err = call.err;
	if (!err && (call.kept || weir_text_is(weir_reply_text(call.reply), "k")))
		out->what = WEIR_DELIVERED_KEPT;
	else if (!err)
		err = read_receipt(d, shard, &nothing, weir_reply_text(call.reply), out);
	freeReplyObject(call.reply);
	return err;
}

bool weir_deliverer_outdated(weir_deliverer *d, weir_arena *mem, int64_t now_ms)
{
	weir_text none = { NULL, 0 };
	bool changed = false;

	if (now_ms >= d->asked_ms && now_ms - d->asked_ms < ASK_MS)
		return false;
	d->asked_ms = now_ms;
	for (unsigned shard = 0; shard < d->shards; shard++) {
		weir_text argv[2] = { WEIR_TEXT("GET"), weir_key(mem, d->conf, shard, WEIR_KEY_GENERATION, none, none) };
		redisReply *reply;
		weir_text now;

		if (!argv[1].p || weir_outbox_ask(d->outbox, &reply, 2, argv))
			return changed;
		now = reply->type == REDIS_REPLY_STRING ? weir_reply_text(reply) : WEIR_TEXT("0");
		if (!weir_text_is(now, d->generation[shard])) {
			changed = true;
			learn(d, shard, now);
		}
		freeReplyObject(reply);
	}
	return changed;
}

void weir_deliverer_idle(weir_deliverer *d)
{
	weir_outbox_idle(d->outbox);
}
