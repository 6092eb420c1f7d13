/* Changes of profiles and groups to Redis. */
#include "config.h"
#include "ingest/peoplesend.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingest/peoplebase.h"
#include "link/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	PACKED_MAX = 16 * 1024 * 1024,
	PATIENCE_MS = 1000,          /* with ClickHouse */
	REST_MS = 5000,              /* after it was away */
	ARGS = 4,
};

/* In the place of a row. */
#define NOT_ASKED WEIR_TEXT("?")

struct weir_people_sender {
	const struct weir_conf *conf;
	weir_outbox *outbox;
	struct weir_conf ch_conf;    /* conf with less patience */
	weir_ch *ch;                 /* made at the first question */
	int64_t rest_until_ms;       /* monotonic */
	weir_str packed;             /* kept from one change to the next */
};

weir_people_sender *weir_people_sender_new(const struct weir_conf *conf, weir_outbox *outbox)
{
	weir_people_sender *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conf = conf;
	s->outbox = outbox;
	s->ch_conf = *conf;
	if (s->ch_conf.clickhouse_timeout > PATIENCE_MS)
		s->ch_conf.clickhouse_timeout = PATIENCE_MS;
	weir_str_init(&s->packed, PACKED_MAX);
	return s;
}

void weir_people_sender_free(weir_people_sender *s)
{
	if (!s)
		return;
	weir_ch_free(s->ch);
	weir_str_free(&s->packed);
	free(s);
}

static void put_reply(void *reply)
{
	freeReplyObject(reply);
}

/* A change of one state, in s->packed. */
struct change {
	const char *op;
	const char *kind;            /* of the state */
	weir_text project_id, id;
	weir_text base;              /* of an adjustment */
};

/* What ClickHouse said is out of date by then; the worker asks it again. */
static weir_err forget_base(struct weir_call *call)
{
	call->args[3] = WEIR_TEXT("");
	return WEIR_OK;
}

/* The script's word, in the arena; "" when the change is kept for later. */
static weir_err make(weir_people_sender *s, weir_arena *mem, int64_t now_ms, const struct change *c,
	const struct weir_people_question *question, weir_text *word)
{
	unsigned shard = weir_shard_of(c->project_id, (unsigned)s->conf->redis_shards);
	weir_text none = { NULL, 0 }, argv[2 + ARGS];
	struct weir_call call = { .script = WEIR_SCRIPT_PEOPLE, .shard = shard, .nkeys = 2, .nargs = ARGS, .keys = argv, .args = argv + 2,
		.for_later = forget_base };
	char now[24];
	weir_err err = weir_str_err(&s->packed);

	*word = WEIR_TEXT("");
	snprintf(now, sizeof(now), "%" PRId64, now_ms);
	argv[0] = weir_key(mem, s->conf, shard, WEIR_KEY_DIRTY, none, none);
	argv[1] = weir_key(mem, s->conf, shard, c->kind, c->project_id, c->id);
	argv[2] = weir_text_of(c->op);
	argv[3] = weir_text_of(now);
	argv[4] = weir_str_view(&s->packed);
	argv[5] = c->base;
	if (err || weir_arena_failed(mem))
		return err ? err : WEIR_ENOMEM;
	if (question)
		return weir_deliver_asked(question->deliverer, mem, question->delivery, &call, question->receipt, word);
	err = weir_outbox_send(s->outbox, &call, 1);
	if (err || call.kept)
		return err;
	if (weir_arena_defer(mem, put_reply, call.reply))
		return WEIR_ENOMEM;
	*word = weir_reply_text(call.reply);
	return word->n ? WEIR_OK : WEIR_EINTERNAL;
}

static weir_err outcome(weir_err err, weir_text word)
{
	if (err)
		return err;
	switch (word.n ? *word.p : 'k') {
	case 'k':
	case 'd':
		return WEIR_OK;
	case 'n':
		return WEIR_EBADREQ;
	case 'b':
		return WEIR_ELIMIT;
	default:
		weir_log(LOG_ERR, "people", "error=\"the script gave no answer that is known\"");
		return WEIR_EINTERNAL;
	}
}

weir_err weir_people_put(weir_people_sender *s, weir_arena *mem, int64_t now_ms, const struct weir_profile_change *c,
	const struct weir_people_question *question)
{
	const struct change change = { "put", WEIR_KEY_PROFILE_STATE, c->project_id, c->id, WEIR_TEXT("") };
	weir_text word = WEIR_TEXT("");

	weir_str_reset(&s->packed);
	weir_profile_change_pack(c, &s->packed);
	return outcome(make(s, mem, now_ms, &change, question, &word), word);
}

weir_err weir_people_put_group(weir_people_sender *s, weir_arena *mem, int64_t now_ms, const struct weir_group_change *c,
	const struct weir_people_question *question)
{
	const struct change change = { "group", WEIR_KEY_GROUP_STATE, c->project_id, c->id, WEIR_TEXT("") };
	weir_text word = WEIR_TEXT("");

	weir_str_reset(&s->packed);
	weir_group_change_pack(c, &s->packed);
	return outcome(make(s, mem, now_ms, &change, question, &word), word);
}

/* ------------------------------------------------------------- adjusting */

/* The row of ClickHouse; "" when it cannot be asked, WEIR_ENOTFOUND when there is none. */
static weir_err ask_base(weir_people_sender *s, weir_arena *mem, const struct weir_adjustment *a, weir_text *row)
{
	struct weir_base base = { .project_id = a->project_id, .id = a->id };
	struct weir_fault fault;
	weir_err err;

	*row = WEIR_TEXT("");
	if (weir_monotonic_ms() < s->rest_until_ms)
		return WEIR_OK;
	if (!s->ch && !(s->ch = weir_ch_new(&s->ch_conf, &fault))) {
		weir_log(LOG_WARNING, "people", "error=\"%s\"", fault.text);
		return WEIR_OK;
	}
	err = weir_bases_fetch(s->ch, mem, WEIR_BASE_PROFILE, &base, 1);
	if (err) {
		s->rest_until_ms = weir_monotonic_ms() + REST_MS;
		weir_log(LOG_WARNING, "people", "increments wait for the worker: error=\"%.300s\"", weir_ch_error(s->ch));
		return err == WEIR_ENOMEM ? err : WEIR_OK;
	}
	if (!base.row.p)
		return WEIR_ENOTFOUND;
	*row = base.row;
	return WEIR_OK;
}

/* Only an increment of a profile that Redis does not know has to ask ClickHouse, and then is made once more. */
weir_err weir_people_adjust(weir_people_sender *s, weir_arena *mem, int64_t now_ms, const struct weir_adjustment *a,
	const struct weir_people_question *question)
{
	struct change change = { "adjust", WEIR_KEY_PROFILE_STATE, a->project_id, a->id, NOT_ASKED };
	weir_text word = WEIR_TEXT("");
	weir_err err;

	weir_str_reset(&s->packed);
	weir_adjust_pack(a->project_id, a->id, a->property, a->by, &s->packed);
	err = make(s, mem, now_ms, &change, question, &word);
	if (err || !weir_text_is(word, "u"))
		return outcome(err, word);
	err = ask_base(s, mem, a, &change.base);
	/* What makes the profile may be among the calls that Redis has not taken yet. */
	if (err == WEIR_ENOTFOUND && weir_outbox_waits(s->outbox))
		err = WEIR_OK;
	return err ? err : outcome(make(s, mem, now_ms, &change, NULL, &word), word);
}
