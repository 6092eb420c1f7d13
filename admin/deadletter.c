/* weirctl deadletter: what ClickHouse refused, shown, replayed and dropped. */
#include "config.h"
#include "ctl.h"

#include "base/clock.h"
#include "base/num.h"
#include "ingest/deadletter.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 100, ID_MAX = 64 };

/* One walk over the dead streams, for every command here. */
struct walk {
	struct ctl *ctl;
	unsigned shard;
	int64_t left;                  /* entries that may still be shown */
	bool details;                  /* show: the whole entry for people too */
	char last[ID_MAX];
	size_t on_page;
	char (*ids)[ID_MAX];           /* of one page, for --all */
};

static unsigned shards(const struct ctl *ctl)
{
	return ctl->conf.redis_shards > 0 ? (unsigned)ctl->conf.redis_shards : 1;
}

static int failed(struct ctl *ctl, const char *what, weir_err err)
{
	return ctl_failed(what, err, weir_redis_error(ctl->redis));
}

static void print_line(const struct weir_dead *dead, unsigned shard)
{
	char at[WEIR_CLOCK_MAX];
	weir_text when = weir_clock_sql(dead->at_ms, at);

	printf("%.*s  shard %u  %.*s  %.*s\n    %.*s\n", (int)dead->id.n, dead->id.p, shard, (int)when.n, when.p, (int)dead->table.n,
		dead->table.p ? dead->table.p : "", (int)dead->error.n, dead->error.p ? dead->error.p : "");
}

static weir_err print_details(const struct weir_dead *dead)
{
	weir_str text;
	weir_json j;
	weir_err err;

	weir_str_init(&text, 16 << 20);
	weir_json_init(&j, &text);
	err = weir_dead_json(&j, NULL, dead);
	if (!err)
		err = weir_json_done(&j);
	if (!err)
		printf("    %s\n", text.buf);
	weir_str_free(&text);
	return err;
}

static weir_err show_one(struct walk *w, const struct weir_dead *dead)
{
	if (w->ctl->json)
		return weir_dead_json(&w->ctl->out, NULL, dead);
	print_line(dead, w->shard);
	return w->details ? print_details(dead) : WEIR_OK;
}

static weir_err seen(void *ctx, const struct weir_dead *dead)
{
	struct walk *w = ctx;

	if (dead->id.n >= ID_MAX || w->on_page >= PAGE)
		return WEIR_EINTERNAL;
	memcpy(w->last, dead->id.p, dead->id.n);
	w->last[dead->id.n] = 0;
	memcpy(w->ids[w->on_page++], w->last, ID_MAX);
	w->left--;
	return WEIR_OK;
}

static weir_err listed(void *ctx, const struct weir_dead *dead)
{
	struct walk *w = ctx;
	weir_err err = seen(ctx, dead);

	return err ? err : show_one(w, dead);
}

static int64_t count_option(const struct ctl *ctl)
{
	const char *z = ctl_option(ctl, "count");
	int64_t n = 50;

	if (z && (weir_num_int(weir_text_of(z), &n) || n < 1))
		return -1;
	return n;
}

/* Pages of a shard until it ends, limit is reached or fn fails. */
static weir_err each_of_shard(struct walk *w, weir_dead_fn fn)
{
	weir_err err = WEIR_OK;

	*w->last = 0;
	do {
		size_t count = w->left < PAGE ? (size_t)w->left : PAGE;

		w->on_page = 0;
		if (count)
			err = weir_dead_each(w->ctl->redis, &w->ctl->conf, w->shard, weir_text_of(*w->last ? w->last : NULL), count, fn, w);
	} while (!err && w->on_page == PAGE && w->left > 0);
	return err;
}

int ctl_dead_list(struct ctl *ctl)
{
	static char ids[PAGE][ID_MAX];
	struct walk w = { .ctl = ctl, .ids = ids, .left = count_option(ctl) };
	int64_t total = 0, wanted = w.left;
	weir_err err = WEIR_OK;

	if (w.left < 0) {
		ctl_complain("--count takes a number");
		return CTL_USAGE;
	}
	if (!ctl_redis(ctl))
		return CTL_CONFIG;
	weir_json_arr(&ctl->out, NULL);
	for (w.shard = 0; w.shard < shards(ctl) && !err; w.shard++) {
		int64_t n = 0;

		err = weir_dead_count(ctl->redis, &ctl->conf, w.shard, &n);
		total += n;
		if (!err && w.left > 0)
			err = each_of_shard(&w, listed);
	}
	weir_json_end(&ctl->out);
	if (err)
		return failed(ctl, "the dead letters cannot be read", err);
	if (ctl->json)
		return ctl_answer(ctl, CTL_OK);
	if (!total)
		puts("There are no dead letters.");
	else if (total > wanted)
		printf("%lld of %lld are shown; --count shows more.\n", (long long)(wanted - w.left), (long long)total);
	return CTL_OK;
}

/* ------------------------------------------------------- show, replay, drop */

/* The id before this one, so that a walk behind it begins with it. */
static bool before(const char *id, char out[ID_MAX])
{
	const char *dash = strchr(id, '-');
	uint64_t ms, seq;

	if (!dash || weir_num_uint((weir_text){ id, (size_t)(dash - id) }, &ms) || weir_num_uint(weir_text_of(dash + 1), &seq))
		return false;
	if (!seq && !ms)
		return false;
	snprintf(out, ID_MAX, "%llu-%llu", (unsigned long long)(seq ? ms : ms - 1), (unsigned long long)(seq ? seq - 1 : UINT64_MAX));
	return true;
}

static weir_err shown(void *ctx, const struct weir_dead *dead)
{
	struct walk *w = ctx;

	if (!weir_text_is(dead->id, w->last))
		return WEIR_OK;
	w->on_page = 1;
	return show_one(w, dead);
}

static weir_err show_id(struct walk *w, const char *id)
{
	char from[ID_MAX];
	weir_err err;

	if (strlen(id) >= ID_MAX || !before(id, from))
		return WEIR_EBADREQ;
	snprintf(w->last, sizeof(w->last), "%s", id);
	w->on_page = 0;
	err = weir_dead_each(w->ctl->redis, &w->ctl->conf, w->shard, weir_text_of(from), 1, shown, w);
	return err ? err : w->on_page ? WEIR_OK : WEIR_ENOTFOUND;
}

static weir_err replay_id(struct walk *w, const char *id)
{
	return weir_dead_replay(w->ctl->redis, &w->ctl->conf, w->shard, weir_text_of(id));
}

static weir_err drop_id(struct walk *w, const char *id)
{
	return weir_dead_remove(w->ctl->redis, &w->ctl->conf, w->shard, weir_text_of(id));
}

/* In whichever shard it is. */
static weir_err in_some_shard(struct walk *w, const char *id, weir_err (*act)(struct walk *w, const char *id))
{
	weir_err err = WEIR_ENOTFOUND;

	for (w->shard = 0; w->shard < shards(w->ctl) && err == WEIR_ENOTFOUND; w->shard++)
		err = act(w, id);
	return err;
}

static int each_operand(struct ctl *ctl, weir_err (*act)(struct walk *w, const char *id), size_t *done)
{
	struct walk w = { .ctl = ctl, .details = true };
	int status = CTL_OK;

	for (int i = 0; i < ctl->operand_count; i++) {
		weir_err err = in_some_shard(&w, ctl->operands[i], act);

		if (err == WEIR_ENOTFOUND || err == WEIR_EBADREQ) {
			ctl_complain("there is no dead letter %s; \"weirctl deadletter list\" shows them", ctl->operands[i]);
			status = CTL_FAILED;
		} else if (err) {
			return failed(ctl, ctl->operands[i], err);
		} else {
			++*done;
		}
	}
	return status;
}

/*
 * What stands in the streams now; what comes back while this runs (a letter
 * that is refused again) waits for the next time.
 */
static weir_err every_one(struct ctl *ctl, weir_err (*act)(struct walk *w, const char *id), size_t *done)
{
	static char ids[PAGE][ID_MAX];
	weir_err err = WEIR_OK;

	for (unsigned shard = 0; shard < shards(ctl) && !err; shard++) {
		struct walk w = { .ctl = ctl, .ids = ids, .shard = shard };
		int64_t here = 0;

		err = weir_dead_count(ctl->redis, &ctl->conf, shard, &here);
		while (!err && here > 0) {
			w.left = here < PAGE ? here : PAGE;
			w.on_page = 0;
			err = weir_dead_each(ctl->redis, &ctl->conf, shard, weir_text_of(NULL), (size_t)w.left, seen, &w);
			if (!w.on_page)
				break;
			here -= (int64_t)w.on_page;
			for (size_t i = 0; i < w.on_page && !err; i++) {
				err = act(&w, ids[i]);
				*done += !err;
				err = err == WEIR_ENOTFOUND ? WEIR_OK : err; /* somebody else was faster */
			}
		}
	}
	return err;
}

static int act_on(struct ctl *ctl, weir_err (*act)(struct walk *w, const char *id), const char *word)
{
	bool all = ctl_option(ctl, "all") != NULL;
	size_t done = 0;
	int status;

	if (all == (ctl->operand_count > 0)) {
		ctl_complain("%s wants the ids of dead letters, or --all", ctl->command->name);
		return CTL_USAGE;
	}
	if (!ctl_redis(ctl))
		return CTL_CONFIG;
	if (all) {
		weir_err err = every_one(ctl, act, &done);

		status = err ? failed(ctl, word, err) : CTL_OK;
	} else {
		status = each_operand(ctl, act, &done);
	}
	if (!ctl->json) {
		printf("%zu %s\n", done, word);
		return status;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_uint(&ctl->out, word, done);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, status);
}

int ctl_dead_show(struct ctl *ctl)
{
	size_t done = 0;
	int status;

	if (!ctl_redis(ctl))
		return CTL_CONFIG;
	weir_json_arr(&ctl->out, NULL);
	status = each_operand(ctl, show_id, &done);
	weir_json_end(&ctl->out);
	return ctl->json ? ctl_answer(ctl, status) : status;
}

int ctl_dead_replay(struct ctl *ctl) { return act_on(ctl, replay_id, "replayed"); }
int ctl_dead_drop(struct ctl *ctl) { return act_on(ctl, drop_id, "dropped"); }
