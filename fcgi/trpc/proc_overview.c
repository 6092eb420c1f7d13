#include "config.h"
#include "trpc/overview.h"

#include "base/clock.h"
#include "meta/event_meta.h"
#include "query/realtime.h"
#include "trpc/ask.h"
#include "trpc/reply.h"

/* overview.* (spec/queries.md 14). */

weir_err weir_overview_read(struct weir_call *c, struct weir_overview_ask *o)
{
	weir_err err;

	*o = (struct weir_overview_ask){
		.base = weir_ask_of(c), .filters = weir_jsonr_get(c->in, "filters"), .interval = weir_jsonr_get_text(c->in, "interval"),
	};
	err = weir_range_of(c->meta.mem, weir_jsonr_get_text(c->in, "range"), weir_jsonr_get_text(c->in, "startDate"),
		weir_jsonr_get_text(c->in, "endDate"), o->base.timezone, c->meta.now_ms, &o->range);
	if (!err)
		err = weir_span_of(c->meta.mem, &o->range, o->base.timezone, &o->span);
	return err == WEIR_EBADREQ ? weir_call_refuse(c, "startDate", "Invalid date") : err;
}

/* The names of metrics, in the answer and in the rows. */
static const struct metric {
	const char *name, *previous;
	bool revenue;
} metrics[] = {
	{ "bounce_rate", "prev_bounce_rate", false },
	{ "unique_visitors", "prev_unique_visitors", false },
	{ "total_screen_views", "prev_total_screen_views", false },
	{ "avg_session_duration", "prev_avg_session_duration", false },
	{ "views_per_session", "prev_views_per_session", false },
	{ "total_sessions", "prev_total_sessions", false },
	{ "total_revenue", "prev_total_revenue", true },
};
enum { METRICS = sizeof(metrics) / sizeof(*metrics) };

/* null stands where there were rows that say nothing, such as views of unknown length. */
static void put_value(struct weir_call *c, const char *key, json_object *row, const char *metric)
{
	json_object *v = weir_jsonr_get(row, metric);

	if (row && !v)
		weir_sj_null(c->out, key);
	else
		weir_sj_num(c->out, key, json_object_get_double(v));
}

static void put_totals(struct weir_call *c, const struct weir_period *now, const struct weir_period *before)
{
	weir_sj_obj(c->out, "metrics");
	for (size_t i = 0; i < METRICS; i++) {
		json_object *row = metrics[i].revenue ? now->revenue_total : now->visits_total;

		weir_sj_num(c->out, metrics[i].name, json_object_get_double(weir_jsonr_get(row, metrics[i].name)));
	}
	for (size_t i = 0; i < METRICS; i++) {
		json_object *row = metrics[i].revenue ? before->revenue_total : before->visits_total;
		double v = json_object_get_double(weir_jsonr_get(row, metrics[i].name));

		if (v != 0)
			weir_sj_num(c->out, metrics[i].previous, v);
		else
			weir_sj_null(c->out, metrics[i].previous);
	}
	weir_sj_end(c->out);
}

/* A bucket's text, with what it lacks when it is a day's alone. */
static void put_date(struct weir_call *c, const char *key, weir_text text, const char *midnight)
{
	enum { DAY_LEN = 10 };
	weir_str s;

	weir_str_init(&s, 64);
	weir_str_text(&s, text);
	if (text.n == DAY_LEN)
		weir_str_puts(&s, midnight);
	weir_sj_str(c->out, key, weir_str_view(&s));
	weir_str_free(&s);
}

static void put_series(struct weir_call *c, const struct weir_period *now, const struct weir_period *before)
{
	weir_sj_arr(c->out, "series");
	for (size_t k = 0; k < now->buckets.count; k++) {
		weir_sj_obj(c->out, NULL);
		put_date(c, "date", now->buckets.texts[k], " 00:00:00");
		for (size_t i = 0; i < METRICS; i++)
			put_value(c, metrics[i].name, metrics[i].revenue ? now->revenue[k] : now->visits[k], metrics[i].name);
		for (size_t i = 0; i < METRICS && k < before->buckets.count; i++)
			put_value(c, metrics[i].previous, metrics[i].revenue ? before->revenue[k] : before->visits[k], metrics[i].name);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

weir_err weir_do_overview_stats(struct weir_call *c)
{
	struct weir_overview_ask now, before;
	struct weir_period periods[2];
	weir_err err = weir_overview_read(c, &now);

	if (err)
		return err;
	before = now;
	weir_range_before(&now.range, &before.range);
	err = weir_span_of(c->meta.mem, &before.range, before.base.timezone, &before.span);
	if (!err)
		err = weir_overview_stats(&now, &before, periods);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	put_totals(c, &periods[0], &periods[1]);
	put_series(c, &periods[0], &periods[1]);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* Lists whose rows are the answer. */
static weir_err list(struct weir_call *c, weir_err (*ask)(struct weir_call *c, const struct weir_overview_ask *o, json_object **rows))
{
	struct weir_overview_ask o;
	json_object *rows;
	weir_err err = weir_overview_read(c, &o);

	if (!err)
		err = ask(c, &o, &rows);
	if (!err)
		weir_sj_tree(c->out, NULL, rows);
	return err;
}

static weir_err pages(struct weir_call *c, const struct weir_overview_ask *o, json_object **rows)
{
	json_object *limit = weir_jsonr_get(c->in, "limit");

	return weir_top_pages(o, weir_jsonr_get_text(c->in, "mode"), limit ? json_object_get_int64(limit) : WEIR_TOP_MAX, rows);
}

weir_err weir_do_overview_top_pages(struct weir_call *c)
{
	if (!weir_text_is(weir_jsonr_get_text(c->in, "mode"), "bot"))
		return list(c, pages);
	/* Robots have neither sessions nor views. */
	weir_sj_arr(c->out, NULL);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err generic(struct weir_call *c, const struct weir_overview_ask *o, json_object **rows)
{
	return weir_top_generic(o, weir_jsonr_get_text(c->in, "column"), rows);
}

weir_err weir_do_overview_top_generic(struct weir_call *c)
{
	return list(c, generic);
}

static weir_err events(struct weir_call *c, const struct weir_overview_ask *o, json_object **rows)
{
	static const char *const usual[] = { "session_start", "session_end", "screen_view" };
	json_object *given = weir_jsonr_get(c->in, "excludeEvents");
	size_t n = given ? weir_jsonr_count(given) : sizeof(usual) / sizeof(*usual);
	weir_text *exclude = weir_alloc_n(c->meta.mem, n + 1, sizeof(*exclude));

	if (!exclude)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++)
		exclude[i] = given ? weir_jsonr_text(weir_jsonr_at(given, i)) : weir_text_of(usual[i]);
	return weir_top_events(o, exclude, n, rows);
}

weir_err weir_do_overview_top_events(struct weir_call *c)
{
	return list(c, events);
}

static weir_err links(struct weir_call *c, const struct weir_overview_ask *o, json_object **rows)
{
	(void)c;
	return weir_top_links(o, rows);
}

weir_err weir_do_overview_top_link_out(struct weir_call *c)
{
	return list(c, links);
}

/* Places without a region or city leave the member out. */
weir_err weir_do_overview_map(struct weir_call *c)
{
	static const char *const names[] = { "country", "region", "city" }, *const numbers[] = { "lat", "lng", "count" };
	struct weir_overview_ask o;
	json_object *rows;
	weir_err err = weir_overview_read(c, &o);

	if (!err)
		err = weir_visit_map(&o, &rows);
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		json_object *row = weir_jsonr_at(rows, i);

		weir_sj_obj(c->out, NULL);
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			if (weir_jsonr_get_text(row, names[k]).n)
				weir_sj_str(c->out, names[k], weir_jsonr_get_text(row, names[k]));
		for (size_t k = 0; k < sizeof(numbers) / sizeof(*numbers); k++)
			weir_sj_num(c->out, numbers[k], json_object_get_double(weir_jsonr_get(row, numbers[k])));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

static bool same(json_object *a, json_object *b)
{
	return json_object_equal(weir_jsonr_get(a, "name"), weir_jsonr_get(b, "name"))
		&& json_object_equal(weir_jsonr_get(a, "prefix"), weir_jsonr_get(b, "prefix"));
}

static void put_numbers(struct weir_call *c, json_object *row, bool total)
{
	static const struct {
		const char *name, *total;
	} numbers[] = { { "sessions", "total_sessions" }, { "pageviews", "total_pageviews" }, { "revenue", "total_revenue" } };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		weir_sj_num(c->out, numbers[i].name, json_object_get_double(weir_jsonr_get(row, total ? numbers[i].total : numbers[i].name)));
}

void weir_put_stamp(struct weir_call *c, const char *key, weir_text text)
{
	int64_t ms;
	char buf[WEIR_CLOCK_MAX];

	if (weir_clock_parse_js(text, &ms))
		weir_sj_str(c->out, key, text);
	else
		weir_sj_str(c->out, key, weir_clock_iso(ms, buf));
}

/* The rows of one name from number i on; returns where the next begin. */
static size_t put_item(struct weir_call *c, const struct weir_buckets *buckets, json_object *rows, size_t i, bool prefix)
{
	json_object *first = weir_jsonr_at(rows, i), *row = first;

	weir_sj_obj(c->out, NULL);
	weir_sj_tree(c->out, "name", weir_jsonr_get(first, "name"));
	if (prefix)
		weir_sj_tree(c->out, "prefix", weir_jsonr_get(first, "prefix"));
	weir_sj_arr(c->out, "data");
	for (; row && same(row, first); row = ++i < weir_jsonr_count(rows) ? weir_jsonr_at(rows, i) : NULL) {
		size_t at = weir_bucket_find(buckets, json_object_get_int64(weir_jsonr_get(row, "key")));

		if (at == buckets->count)
			continue;
		weir_sj_obj(c->out, NULL);
		weir_put_stamp(c, "date", buckets->texts[at]);
		put_numbers(c, row, false);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "total");
	put_numbers(c, first, true);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return i;
}

weir_err weir_do_overview_top_generic_series(struct weir_call *c)
{
	weir_text column = weir_jsonr_get_text(c->in, "column");
	struct weir_overview_ask o;
	struct weir_buckets buckets;
	json_object *rows;
	weir_err err = weir_overview_read(c, &o);

	if (!err)
		err = weir_buckets_of(c->meta.mem, weir_interval_of(c->meta.conf, o.interval), &o.range, o.base.timezone, &buckets);
	if (!err)
		err = weir_top_series(&o, column, &rows);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "items");
	for (size_t i = 0; i < weir_jsonr_count(rows);)
		i = put_item(c, &buckets, rows, i, weir_top_has_prefix(column));
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_overview_live_visitors(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	int64_t visitors;
	weir_err err = weir_live_visitors(&ask, &visitors);

	if (!err)
		weir_sj_int(c->out, NULL, visitors);
	return err;
}

/* {referrer, count} of the rows of that minute; at NULL: of all. */
static void put_referrers(struct weir_call *c, json_object *rows, json_object *at)
{
	weir_sj_arr(c->out, "referrers");
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		json_object *row = weir_jsonr_at(rows, i);

		if (!json_object_equal(weir_jsonr_get(row, "timestamp"), at))
			continue;
		weir_sj_obj(c->out, NULL);
		weir_sj_tree(c->out, "referrer", weir_jsonr_get(row, "referrer"));
		weir_sj_tree(c->out, "count", weir_jsonr_get(row, "count"));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
}

weir_err weir_do_overview_live_data(struct weir_call *c)
{
	static const char *const members[] = { "minute", "sessionCount", "visitorCount", "timestamp", "time" };
	struct weir_ask ask = weir_ask_of(c);
	struct weir_live live;
	weir_err err = weir_live_minutes(&ask, &live);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_int(c->out, "totalSessions", live.sessions);
	weir_sj_arr(c->out, "minuteCounts");
	for (size_t i = 0; i < weir_jsonr_count(live.minutes); i++) {
		json_object *row = weir_jsonr_at(live.minutes, i);

		weir_sj_obj(c->out, NULL);
		for (size_t k = 0; k < sizeof(members) / sizeof(*members); k++)
			weir_sj_tree(c->out, members[k], weir_jsonr_get(row, members[k]));
		put_referrers(c, live.referrers, weir_jsonr_get(row, "timestamp"));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	put_referrers(c, live.referrers, NULL);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_overview_top_conversions(struct weir_call *c)
{
	return weir_reply_conversions(c);
}
