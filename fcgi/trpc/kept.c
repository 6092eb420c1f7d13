#include "config.h"
#include "trpc/kept.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "query/bucket.h"
#include "trpc/api.h"

#include <stdlib.h>
#include <time.h>

enum {
	INPUT_MAX = 1024 * 1024,
	DAY_MS = 86400000,
	DIGEST = 32,
	NAME = 2 * DIGEST + 1,
	POLL_MS = 20,                  /* while another computes the same */
	HOLD_MS = 1000,                /* between two renewals of the lock */
	PEOPLE_MS = 60 * 1000,         /* longest life of what depends on profiles, groups and cohorts, which change without a word */
	AWAY_MS = 5000,                /* Redis is left alone for so long after a failure */
};

static const struct keep {
	bool ranged, bounded;
} keeps[WEIR_KEEP_COUNT] = {
#define X(name, is_ranged, is_bounded) { .ranged = is_ranged, .bounded = is_bounded },
	WEIR_KEEPS(X)
#undef X
};

/* ------------------------------------------------------- what makes them equal */

static int by_key(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static weir_err put_value(weir_json *j, weir_arena *mem, json_object *v, bool root);

static weir_err put_object(weir_json *j, weir_arena *mem, json_object *o, bool root)
{
	size_t n = 0;
	const char **keys = weir_alloc_n(mem, (size_t)json_object_object_length(o) + 1, sizeof(*keys));
	weir_err err = WEIR_OK;

	if (!keys)
		return WEIR_ENOMEM;
	json_object_object_foreach(o, key, value) {
		(void)value;
		/* The share has let the caller in, and tells nothing else. */
		if (!root || strcmp(key, "shareId") != 0)
			keys[n++] = key;
	}
	if (n)
		qsort(keys, n, sizeof(*keys), by_key);
	weir_json_obj(j, NULL);
	for (size_t i = 0; i < n && !err; i++) {
		weir_json_key(j, weir_text_of(keys[i]));
		err = put_value(j, mem, weir_jsonr_get(o, keys[i]), false);
	}
	weir_json_end(j);
	return err;
}

static weir_err put_value(weir_json *j, weir_arena *mem, json_object *v, bool root)
{
	weir_err err = WEIR_OK;

	switch (json_object_get_type(v)) {
	case json_type_object:
		return put_object(j, mem, v, root);
	case json_type_array:
		weir_json_arr(j, NULL);
		for (size_t i = 0; i < weir_jsonr_count(v) && !err; i++)
			err = put_value(j, mem, weir_jsonr_at(v, i), false);
		weir_json_end(j);
		return err;
	case json_type_string:
		weir_json_str(j, NULL, weir_jsonr_text(v));
		return WEIR_OK;
	case json_type_boolean:
		weir_json_bool(j, NULL, json_object_get_boolean(v));
		return WEIR_OK;
	case json_type_int:
	case json_type_double:
		weir_json_num(j, NULL, json_object_get_double(v));
		return WEIR_OK;
	case json_type_null:
		break;
	}
	weir_json_null(j, NULL);
	return WEIR_OK;
}

static weir_err input_text(struct weir_call *c, weir_text *text)
{
	weir_str s;
	weir_json j;
	weir_err err;

	weir_str_init(&s, INPUT_MAX);
	weir_json_init(&j, &s);
	err = put_value(&j, c->meta.mem, c->in, true);
	if (!err)
		err = weir_str_err(&s) ? weir_str_err(&s) : weir_json_done(&j);
	*text = err ? (weir_text){ NULL, 0 } : weir_text_dup(c->meta.mem, weir_str_view(&s));
	weir_str_free(&s);
	return err ? err : text->p ? WEIR_OK : WEIR_ENOMEM;
}

/* Whether a text in the input names what stands in other tables than those of events and sessions. */
static bool is_about_people(json_object *v)
{
	static const char *const words[] = { "profile", "group", "cohort" };
	weir_text text = weir_jsonr_text(v);

	if (json_object_is_type(v, json_type_object)) {
		json_object_object_foreach(v, key, member) {
			if (weir_text_starts(weir_text_of(key), "cohort") || is_about_people(member))
				return true;
		}
	}
	for (size_t i = 0; i < weir_jsonr_count(v); i++)
		if (is_about_people(weir_jsonr_at(v, i)))
			return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (weir_text_starts(text, words[i]))
			return true;
	return false;
}

/* The name of the question; moments: what the range comes to today. */
static weir_err name_of(struct weir_call *c, weir_text timezone, const struct weir_range *moments, weir_text *name)
{
	weir_text end = WEIR_TEXT("\n"), input;
	uint8_t digest[DIGEST];
	char *hex = weir_alloc(c->meta.mem, NAME);
	weir_err err = hex ? input_text(c, &input) : WEIR_ENOMEM;

	if (err)
		return err;
	err = weir_sha256((weir_text[]){ WEIR_TEXT(PACKAGE_VERSION), end, weir_text_of(c->procedure->name), end, c->project.id, end, timezone, end,
		weir_text_of(moments->start), end, weir_text_of(moments->end), end, weir_text_of(c->meta.conf->api_week_start), end, input }, 15, digest);
	if (err)
		return err;
	weir_hex(digest, sizeof(digest), hex);
	*name = (weir_text){ hex, NAME - 1 };
	return WEIR_OK;
}

/* Which days count, and for how long the answer is good when none of them changes. */
static weir_err question_of(struct weir_kept *k, struct weir_call *c)
{
	const struct keep *keep = &keeps[c->procedure->keep];
	const struct weir_conf *conf = c->meta.conf;
	weir_text timezone = weir_known_timezone(c->meta.mem, c->project.timezone), today = WEIR_TEXT("today");
	struct weir_range range, before;
	struct weir_span span, first;
	weir_err err = keep->ranged ? weir_range_of(c->meta.mem, weir_in_text(c, "range"), weir_in_text(c, "startDate"), weir_in_text(c, "endDate"),
		timezone, c->meta.now_ms, &range) : weir_range_of(c->meta.mem, today, (weir_text){ NULL, 0 }, (weir_text){ NULL, 0 }, timezone,
		c->meta.now_ms, &range);

	if (!err)
		err = weir_span_of(c->meta.mem, &range, timezone, &span);
	weir_range_before(&range, &before);
	if (!err)
		err = weir_span_of(c->meta.mem, &before, timezone, &first);
	if (!err)
		err = name_of(c, timezone, &range, &k->question.name);
	if (err)
		return err;
	k->question.project_id = c->project.id;
	k->question.bounded = keep->bounded;
	/* A view's session may have begun the day before. */
	k->question.first = weir_day_of(first.from_ms) - 1;
	k->question.last = weir_day_of(span.to_ms);
	k->life_ms = keep->ranged && span.to_ms <= c->meta.now_ms ? conf->api_cache_closed : conf->api_cache_running;
	if ((!keep->ranged || is_about_people(c->in)) && k->life_ms > PEOPLE_MS)
		k->life_ms = PEOPLE_MS;
	return WEIR_OK;
}

/* ----------------------------------------------------------------- the lookup */

static void sleep_ms(int64_t ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static bool gone(void *request)
{
	return weir_req_gone(request);
}

/* While ClickHouse computes: the lock must not end before it does. */
static bool gone_or_hold(void *ctx)
{
	struct weir_kept *k = ctx;
	int64_t now = weir_monotonic_ms();

	if (now - k->held_ms >= HOLD_MS) {
		k->held_ms = now;
		if (weir_answer_hold(k->call->meta.redis, k->call->meta.conf, k->call->meta.mem, &k->question))
			weir_log(LOG_DEBUG, "kept", "error=\"the lock of a question could not be renewed\"");
	}
	return weir_req_gone(k->call->req);
}

static weir_err ask(struct weir_kept *k, struct weir_call *c)
{
	int64_t patience_ms = weir_monotonic_ms() + c->meta.conf->clickhouse_timeout;
	weir_err err = weir_answer_ask(c->meta.redis, c->meta.conf, c->meta.mem, &k->question, c->meta.now_ms, &k->answer);

	while (!err && k->answer.state == WEIR_ANSWER_WAIT && weir_monotonic_ms() < patience_ms) {
		sleep_ms(POLL_MS);
		if (weir_req_gone(c->req))
			return WEIR_EUNAVAIL;
		err = weir_answer_ask(c->meta.redis, c->meta.conf, c->meta.mem, &k->question, c->meta.now_ms, &k->answer);
	}
	if (err)
		c->api->cache_away_ms = weir_monotonic_ms() + AWAY_MS;
	return WEIR_OK;
}

weir_err weir_kept_ask(struct weir_kept *k, struct weir_call *c, weir_text *answer)
{
	weir_err err;

	*answer = (weir_text){ NULL, 0 };
	if (c->procedure->keep == WEIR_KEEP_none || !c->meta.conf->api_cache || !c->project.id.p || weir_monotonic_ms() < c->api->cache_away_ms)
		return WEIR_OK;
	k->call = c;
	err = question_of(k, c);
	if (err)
		return err == WEIR_ENOMEM ? err : WEIR_OK; /* the procedure says what is wrong with it */
	err = ask(k, c);
	if (err || weir_monotonic_ms() < c->api->cache_away_ms)
		return err;
	if (k->answer.state == WEIR_ANSWER_KEPT)
		*answer = k->answer.body;
	k->asked = k->answer.state == WEIR_ANSWER_MINE;
	if (k->asked) {
		k->held_ms = weir_monotonic_ms();
		weir_ch_watch(c->api->ch, gone_or_hold, k);
	}
	return WEIR_OK;
}

void weir_kept_done(struct weir_kept *k, weir_text body)
{
	struct weir_call *c = k->call;

	if (!k->asked)
		return;
	k->asked = false;
	weir_ch_watch(c->api->ch, gone, c->req);
	if (weir_answer_keep(c->meta.redis, c->meta.conf, c->meta.mem, &k->question, &k->answer, body, k->life_ms))
		c->api->cache_away_ms = weir_monotonic_ms() + AWAY_MS;
}
