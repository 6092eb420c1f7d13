#include "config.h"
#include "trpc/call.h"

#include "base/num.h"
#include "link/keys.h"
#include "meta/widget.h"
#include "query/realtime.h"
#include "query/pulse.h"
#include "trpc/ask.h"
#include "trpc/reply.h"

/* widget.* (spec/trpc-metadata.md 4.14, spec/queries.md 21.3). */

#define NO_WIDGET "Widget not found"

weir_err weir_do_widget_get(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_widget_of(&c->meta, c->project.id, weir_in_text(c, "type"), &rows);

	if (err)
		return err;
	if (PQntuples(rows))
		weir_reply_row(c, NULL, &weir_record_share_widget, rows, 0, 0);
	else
		weir_sj_null(c->out, NULL);
	return WEIR_OK;
}

static weir_err save(struct weir_call *c, struct weir_widget_saved *in)
{
	PGresult *rows;
	weir_err err;

	in->organization_id = c->organization_id;
	in->project_id = c->project.id;
	err = weir_widget_save(&c->meta, in, &rows);
	return err ? err : weir_reply_first(c, &weir_record_share_widget, rows, NO_WIDGET);
}

weir_err weir_do_widget_toggle(struct weir_call *c)
{
	weir_text type = weir_in_text(c, "type");

	return save(c, &(struct weir_widget_saved){
		.type = type, .sets_open = true, .open = weir_in_flag(c, "enabled"),
		.options = weir_text_is(type, "counter") ? WEIR_TEXT("{\"type\":\"counter\"}")
			: WEIR_TEXT("{\"type\":\"realtime\",\"referrers\":true,\"countries\":true,\"paths\":false}"),
	});
}

weir_err weir_do_widget_update_options(struct weir_call *c)
{
	json_object *options = weir_jsonr_get(c->in, "options");

	return save(c, &(struct weir_widget_saved){
		.type = weir_jsonr_get_text(options, "type"), .options = weir_in_json(c, options), .sets_options = true,
	});
}

/* ------------------------------------------------------------ what anybody sees */

struct shown {
	PGresult *rows;
	struct weir_ask ask;
	json_object *options;
};

/* The public widget of the input's share id, when it is of that type. */
static weir_err open_widget(struct weir_call *c, const char *type, struct shown *w)
{
	weir_err err = weir_widget_public(&c->meta, weir_in_text(c, "shareId"), &w->rows);

	if (!err && !PQntuples(w->rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_WIDGET);
	if (!err)
		err = weir_jsonr_parse(c->meta.mem, weir_pg_text(w->rows, 0, WEIR_SHARE_WIDGET_OPTIONS), 0, &w->options, NULL);
	if (err)
		return err == WEIR_EBADREQ ? WEIR_EINTERNAL : err;
	if (!weir_text_is(weir_jsonr_get_text(w->options, "type"), type))
		return weir_call_fail(c, WEIR_ENOTFOUND, "Invalid widget type");
	c->project.id = weir_pg_text(w->rows, 0, WEIR_SHARE_WIDGET_PROJECT_ID);
	c->project.timezone = weir_pg_text(w->rows, 0, WEIR_SHARE_WIDGET_COUNT + 2);
	w->ask = weir_ask_of(c);
	return WEIR_OK;
}

static void put_number(struct weir_call *c, const char *key, int64_t value)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "projectId", c->project.id);
	weir_sj_int(c->out, key, value);
	weir_sj_end(c->out);
}

weir_err weir_do_widget_counter(struct weir_call *c)
{
	struct shown w;
	int64_t visitors;
	weir_err err = open_widget(c, "counter", &w);

	if (!err)
		err = weir_live_visitors(&w.ask, &visitors);
	if (!err)
		put_number(c, "counter", visitors);
	return err;
}

enum { BADGE_TTL_S = 300 };

/* Anybody may ask, and thirty days are much to count: Redis remembers the answer for five minutes.  Without Redis it is counted. */
static weir_err badge_visitors(struct weir_call *c, const struct weir_ask *ask, int64_t *visitors)
{
	weir_text key = weir_key(c->meta.mem, c->meta.conf, 0, "badge", c->project.id, (weir_text){ NULL, 0 });
	weir_text get[] = { WEIR_TEXT("GET"), key }, set[] = { WEIR_TEXT("SET"), key, { NULL, 0 }, WEIR_TEXT("EX"), weir_pg_int_param(c->meta.mem, BADGE_TTL_S) };
	redisReply *reply = NULL;
	bool known = false;
	weir_err err = key.p ? WEIR_OK : WEIR_ENOMEM;

	if (!err && !weir_redis_do(c->meta.redis, &reply, 2, get)) {
		known = !weir_num_int(weir_reply_text(reply), visitors);
		freeReplyObject(reply);
	}
	if (err || known)
		return err;
	err = weir_pulse_month(ask, visitors);
	set[2] = weir_pg_int_param(c->meta.mem, err ? 0 : *visitors);
	if (!err && set[2].p && !weir_redis_do(c->meta.redis, &reply, 5, set))
		freeReplyObject(reply);
	return err;
}

weir_err weir_do_widget_badge(struct weir_call *c)
{
	struct shown w;
	int64_t visitors;
	weir_err err = open_widget(c, "counter", &w);

	if (!err)
		err = badge_visitors(c, &w.ask, &visitors);
	if (!err)
		put_number(c, "visitors", visitors);
	return err;
}

/* The lists, each with the option that switches it on; else it is empty. */
static const struct {
	const char *key, *label;
} tops[WEIR_PULSE_TOPS] = {
	[WEIR_PULSE_COUNTRY] = { "countries", "country" }, [WEIR_PULSE_REFERRER] = { "referrers", "referrer" }, [WEIR_PULSE_PATH] = { "paths", "path" },
};

static void put_tops(struct weir_call *c, const struct weir_pulse *pulse)
{
	for (size_t i = 0; i < WEIR_PULSE_TOPS; i++) {
		const struct weir_member members[] = { { tops[i].label, "label", WEIR_MEMBER_TEXT }, { "count", "count", WEIR_MEMBER_NUMBER } };

		weir_reply_list(c, tops[i].key, members, 2, pulse->top[i]);
	}
}

weir_err weir_do_widget_realtime(struct weir_call *c)
{
	static const struct weir_member minutes[] = {
		{ "minute", "minute", WEIR_MEMBER_TEXT }, { "sessionCount", "sessionCount", WEIR_MEMBER_NUMBER },
		{ "visitorCount", "visitorCount", WEIR_MEMBER_NUMBER }, { "timestamp", "timestamp", WEIR_MEMBER_NUMBER },
		{ "time", "time", WEIR_MEMBER_TEXT },
	};
	bool wanted[WEIR_PULSE_TOPS];
	struct weir_pulse pulse;
	struct shown w;
	weir_err err = open_widget(c, "realtime", &w);

	for (size_t i = 0; i < WEIR_PULSE_TOPS; i++)
		wanted[i] = !err && weir_jsonr_truthy(weir_jsonr_get(w.options, tops[i].key));
	if (!err)
		err = weir_pulse_now(&w.ask, wanted, &pulse);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "projectId", c->project.id);
	weir_sj_int(c->out, "liveCount", pulse.sessions);
	weir_sj_obj(c->out, "project");
	weir_sj_str(c->out, "domain", weir_pg_text(w.rows, 0, WEIR_SHARE_WIDGET_COUNT));
	weir_sj_str(c->out, "name", weir_pg_text(w.rows, 0, WEIR_SHARE_WIDGET_COUNT + 1));
	weir_sj_end(c->out);
	weir_reply_list(c, "histogram", minutes, sizeof(minutes) / sizeof(*minutes), pulse.minutes);
	put_tops(c, &pulse);
	weir_sj_end(c->out);
	return WEIR_OK;
}
