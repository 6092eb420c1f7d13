/* The call of sql/redis/track.lua. */
#include "config.h"
#include "ingest/deliver.h"

#include "base/log.h"
#include "ingest/entry.h"
#include "ingest/rowpack.h"
#include "redis_scripts.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	GENERATION_MAX = 24,
	SHARDS_MAX = 1024,
	ASK_MS = 1000,
	GROUPS_MAX = 4 * 1024 * 1024,
	/* The places in the script's argument list, keys first. */
	K_STREAM = 0, K_FIRST, K_SECOND, K_CLOSED, K_CLOCK, K_POINTER, K_DUPLICATE, K_GENERATION, KEYS,
	A_GENERATION = KEYS, A_MODE, A_EVENT_MS, A_NOW_MS, A_TIMEOUT, A_STREAM_MAX, A_WINDOW, A_PROJECT, A_DEVICE, A_DEVICE_2,
	A_SESSION, A_PROFILE, A_VIEW, A_PATH, A_ORIGIN, A_REVENUE, A_GROUPS, A_FIXED, A_EVENT, A_PREFIX, A_CLOSED_LIFE, ARGS
};

struct weir_deliverer {
	weir_redis *redis;
	const struct weir_conf *conf;
	struct weir_script script;
	unsigned shards;
	int64_t asked_ms;
	char (*generation)[GENERATION_MAX]; /* by shard; "" before it was first told */
	char timeout[GENERATION_MAX], stream_max[GENERATION_MAX], window[GENERATION_MAX], closed_life[GENERATION_MAX];
};

weir_deliverer *weir_deliverer_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_deliverer *d = NULL;

	if (conf->redis_shards < 1 || conf->redis_shards > SHARDS_MAX) {
		weir_fault_set(fault, "redis.shards must be 1 to %d", SHARDS_MAX);
		return NULL;
	}
	if (conf->session_timeout < 1000 || conf->track_stream_max < 1 || conf->track_duplicate_window < 0) {
		weir_fault_set(fault, "session.timeout must be 1s or more, track.stream_max 1 or more, track.duplicate_window not negative");
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (d) {
		*d = (weir_deliverer){ .conf = conf, .shards = (unsigned)conf->redis_shards,
			.script = { .name = "track", .source = WEIR_LUA_TRACK } };
		d->generation = calloc(d->shards, sizeof(*d->generation));
	}
	if (!d || !d->generation) {
		weir_fault_set(fault, "out of memory");
		free(d);
		return NULL;
	}
	d->redis = weir_redis_new(conf, fault);
	if (!d->redis) {
		weir_deliverer_free(d);
		return NULL;
	}
	snprintf(d->timeout, sizeof(d->timeout), "%lld", (long long)conf->session_timeout);
	snprintf(d->stream_max, sizeof(d->stream_max), "%lld", (long long)conf->track_stream_max);
	snprintf(d->window, sizeof(d->window), "%lld", (long long)conf->track_duplicate_window);
	snprintf(d->closed_life, sizeof(d->closed_life), "%lld", (long long)weir_closed_life_ms(conf->session_timeout));
	return d;
}

void weir_deliverer_free(weir_deliverer *d)
{
	if (!d)
		return;
	weir_redis_free(d->redis);
	free(d->generation);
	free(d);
}

static weir_text number(weir_arena *mem, uint64_t v)
{
	char digits[24], *at = digits + sizeof(digits);

	do
		*--at = (char)('0' + v % 10);
	while (v /= 10);
	return weir_text_dup(mem, (weir_text){ at, (size_t)(digits + sizeof(digits) - at) });
}

static weir_text pack_groups(weir_arena *mem, weir_texts groups)
{
	msgpack_packer pk;
	weir_text packed = { NULL, 0 };
	weir_str s;

	if (!groups.count)
		return WEIR_TEXT("\x90");
	weir_str_init(&s, GROUPS_MAX);
	weir_rowpack_init(&pk, &s);
	weir_pack_texts(&pk, groups);
	if (!weir_str_err(&s))
		packed = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return packed;
}

/* False when the arena is spent. */
static bool fill_keys(const weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, unsigned shard, weir_text *key)
{
	const struct weir_conf *conf = d->conf;
	weir_text none = { NULL, 0 };

	key[K_STREAM] = weir_key(mem, conf, shard, WEIR_KEY_EVENTS, none, none);
	key[K_FIRST] = weir_key(mem, conf, shard, WEIR_KEY_SESSION, in->project_id, in->device[0]);
	key[K_SECOND] = in->device[1].n ? weir_key(mem, conf, shard, WEIR_KEY_SESSION, in->project_id, in->device[1]) : key[K_FIRST];
	key[K_CLOSED] = weir_key(mem, conf, shard, WEIR_KEY_CLOSED, in->project_id, in->device[0]);
	key[K_CLOCK] = weir_key(mem, conf, shard, WEIR_KEY_CLOCK, none, none);
	key[K_POINTER] = weir_key(mem, conf, shard, WEIR_KEY_PROFILE, in->project_id, in->profile_id);
	key[K_DUPLICATE] = weir_key(mem, conf, shard, WEIR_KEY_DUPLICATE, in->digest, none);
	key[K_GENERATION] = weir_key(mem, conf, shard, WEIR_KEY_GENERATION, none, none);
	return !weir_arena_failed(mem);
}

static bool fill_args(const weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, unsigned shard, weir_text *arg)
{
	static const char modes[] = "cspq";

	arg[A_GENERATION] = weir_text_of(d->generation[shard]);
	arg[A_MODE] = (weir_text){ &modes[in->mode], 1 };
	arg[A_EVENT_MS] = number(mem, (uint64_t)in->event_ms);
	arg[A_NOW_MS] = number(mem, (uint64_t)in->now_ms);
	arg[A_TIMEOUT] = weir_text_of(d->timeout);
	arg[A_STREAM_MAX] = weir_text_of(d->stream_max);
	arg[A_WINDOW] = in->digest.n ? weir_text_of(d->window) : WEIR_TEXT("0");
	arg[A_PROJECT] = in->project_id;
	arg[A_DEVICE] = in->device[0];
	arg[A_DEVICE_2] = in->device[1];
	arg[A_SESSION] = in->session_id;
	arg[A_PROFILE] = in->profile_id;
	arg[A_VIEW] = in->screen_view ? WEIR_TEXT("1") : WEIR_TEXT("0");
	arg[A_PATH] = in->path;
	arg[A_ORIGIN] = in->origin;
	arg[A_REVENUE] = in->revenue ? number(mem, in->revenue) : WEIR_TEXT("0");
	arg[A_GROUPS] = pack_groups(mem, in->groups);
	arg[A_FIXED] = in->fixed;
	arg[A_EVENT] = in->event;
	arg[A_PREFIX] = (weir_text){ arg[K_CLOCK].p, arg[K_CLOCK].n - strlen(WEIR_KEY_CLOCK) };
	arg[A_CLOSED_LIFE] = weir_text_of(d->closed_life);
	return arg[A_GROUPS].p && !weir_arena_failed(mem);
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

static weir_err read_receipt(weir_deliverer *d, unsigned shard, const redisReply *r, struct weir_receipt *out)
{
	weir_text word = r->type == REDIS_REPLY_ARRAY && r->elements ? weir_reply_text(r->element[0]) : WEIR_TEXT("");

	if (weir_text_is(word, "stale") && r->elements == 2) {
		learn(d, shard, weir_reply_text(r->element[1]));
		out->what = WEIR_DELIVERED_STALE;
	} else if (weir_text_is(word, "full")) {
		out->what = WEIR_DELIVERED_FULL;
	} else if (r->type == REDIS_REPLY_ARRAY && r->elements >= 3) {
		out->what = weir_text_is(word, "ok") ? WEIR_DELIVERED_KEPT : WEIR_DELIVERED_AGAIN;
		out->session_id = weir_reply_text(r->element[1]);
		out->device_id = weir_reply_text(r->element[2]);
		out->live = r->elements > 3 ? (int)r->element[3]->integer : 0;
	} else {
		weir_log(LOG_ERR, "deliver", "error=\"the script gave no answer that is known\"");
		return WEIR_EINTERNAL;
	}
	return WEIR_OK;
}

weir_err weir_deliver(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, struct weir_receipt *out)
{
	unsigned shard = weir_shard_of(in->project_id, d->shards);
	weir_text arg[ARGS];
	redisReply *reply;
	weir_err err;

	*out = (struct weir_receipt){ .what = WEIR_DELIVERED_FULL };
	if (!fill_keys(d, mem, in, shard, arg) || !fill_args(d, mem, in, shard, arg))
		return WEIR_ENOMEM;
	err = weir_redis_eval(d->redis, &d->script, &reply, KEYS, ARGS, arg);
	if (err)
		return err;
	if (weir_arena_defer(mem, put_reply, reply))
		return WEIR_ENOMEM;
	return read_receipt(d, shard, reply, out);
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

		if (!argv[1].p || weir_redis_do(d->redis, &reply, 2, argv))
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
