#include "config.h"
#include "trpc/call.h"

#include "query/pages.h"
#include "trpc/ask.h"

/* event.pages and its relatives (spec/queries.md 16). */

static weir_err read_ask(struct weir_call *c, struct weir_pages_ask *ask)
{
	weir_text none = { NULL, 0 };
	weir_err err;

	*ask = (struct weir_pages_ask){
		.base = weir_ask_of(c), .interval = weir_jsonr_get_text(c->in, "interval"), .search = weir_jsonr_get_text(c->in, "search"),
		.take = json_object_get_int64(weir_jsonr_get(c->in, "take")),
	};
	err = weir_range_of(c->meta.mem, weir_jsonr_get_text(c->in, "range"), none, none, ask->base.timezone, c->meta.now_ms, &ask->range);
	return err ? err : weir_span_of(c->meta.mem, &ask->range, ask->base.timezone, &ask->span);
}

static weir_err answer(struct weir_call *c, const struct weir_pages_ask *ask)
{
	json_object *rows;
	weir_err err = weir_pages(ask, &rows);

	if (!err)
		weir_sj_tree(c->out, NULL, rows);
	return err;
}

weir_err weir_do_event_pages(struct weir_call *c)
{
	struct weir_pages_ask ask;
	weir_err err = read_ask(c, &ask);

	return err ? err : answer(c, &ask);
}

/* The stretch of the same length before it. */
weir_err weir_do_event_previous_pages(struct weir_call *c)
{
	struct weir_pages_ask ask;
	weir_err err = read_ask(c, &ask);

	if (err)
		return err;
	ask.span = (struct weir_span){ 2 * ask.span.from_ms - ask.span.to_ms, ask.span.from_ms };
	return answer(c, &ask);
}

static void put_point(struct weir_call *c, weir_text origin, weir_text path, weir_text date, json_object *row)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "origin", origin);
	weir_sj_str(c->out, "path", path);
	weir_sj_str(c->out, "date", date);
	weir_sj_num(c->out, "pageviews", json_object_get_double(weir_jsonr_get(row, "pageviews")));
	weir_sj_num(c->out, "sessions", json_object_get_double(weir_jsonr_get(row, "sessions")));
	weir_sj_end(c->out);
}

/* All pages together: what happened, without the buckets where nothing did. */
weir_err weir_do_event_pages_timeseries(struct weir_call *c)
{
	struct weir_pages_ask ask;
	struct weir_buckets buckets;
	weir_text none = { NULL, 0 };
	json_object *rows;
	weir_err err = read_ask(c, &ask);

	if (!err)
		err = weir_buckets_of(c->meta.mem, weir_interval_of(c->meta.conf, ask.interval), &ask.range, ask.base.timezone, &buckets);
	if (!err)
		err = weir_pages_series(&ask, none, none, &rows);
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		json_object *row = weir_jsonr_at(rows, i);
		size_t at = weir_bucket_find(&buckets, json_object_get_int64(weir_jsonr_get(row, "key")));

		if (at < buckets.count)
			put_point(c, weir_jsonr_get_text(row, "origin"), weir_jsonr_get_text(row, "path"), buckets.texts[at], row);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_event_page_timeseries(struct weir_call *c)
{
	weir_text origin = weir_jsonr_get_text(c->in, "origin"), path = weir_jsonr_get_text(c->in, "path");
	struct weir_pages_ask ask;
	struct weir_buckets buckets;
	json_object *rows;
	size_t next = 0;
	weir_err err = read_ask(c, &ask);

	if (!err)
		err = weir_buckets_of(c->meta.mem, weir_interval_of(c->meta.conf, ask.interval), &ask.range, ask.base.timezone, &buckets);
	if (!err)
		err = weir_pages_series(&ask, origin, path, &rows);
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < buckets.count; i++) {
		json_object *row = next < weir_jsonr_count(rows) ? weir_jsonr_at(rows, next) : NULL;

		if (row && json_object_get_int64(weir_jsonr_get(row, "key")) == buckets.keys[i])
			next++;
		else
			row = NULL;
		put_point(c, origin, path, buckets.texts[i], row);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_event_origin(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_origins(&ask, &rows);

	if (!err)
		weir_sj_tree(c->out, NULL, rows);
	return err;
}
