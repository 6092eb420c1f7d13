#include "config.h"
#include "trpc/chart.h"

#include "base/clock.h"
#include "query/funnel.h"

/* chart.conversion (spec/queries.md 10): of who took the first step, how many took the second, over time. */

enum { STEPS = 2, KEY_MAX = 1024 * 1024, DECIMALS = 2 };

struct point {
	int64_t bucket;
	double total, conversions;
};

struct series {
	weir_text id;
	const weir_text *values;
	struct point *points;
	size_t count, alloc;
};

struct period {
	struct series *items;
	size_t count;
};

static weir_text shown(weir_text value)
{
	return value.n ? value : WEIR_TEXT("(not set)");
}

static weir_err key_of(weir_arena *mem, const struct weir_funnel *f, const weir_text *values, weir_text *key)
{
	weir_str text;
	weir_err err;

	weir_str_init(&text, KEY_MAX);
	if (!f->breakdowns.count)
		weir_str_puts(&text, "conversion");
	for (size_t i = 0; i < f->breakdowns.count; i++) {
		if (i)
			weir_str_putc(&text, '|');
		weir_str_text(&text, shown(values[i]));
	}
	err = weir_str_err(&text);
	*key = weir_text_dup(mem, weir_str_view(&text));
	weir_str_free(&text);
	return err ? err : key->p ? WEIR_OK : WEIR_ENOMEM;
}

static struct series *series_of(struct period *p, weir_text id, const weir_text *values)
{
	for (size_t i = 0; i < p->count; i++)
		if (weir_text_eq(p->items[i].id, id))
			return &p->items[i];
	p->items[p->count] = (struct series){ .id = id, .values = values };
	return &p->items[p->count++];
}

/* Rows come by bucket, so only the last point can be the row's. */
static weir_err add(weir_arena *mem, struct series *s, const struct weir_funnel_row *row)
{
	struct point *point = s->count ? &s->points[s->count - 1] : NULL;

	if (!point || point->bucket != row->bucket) {
		if (s->count == s->alloc) {
			size_t more = s->alloc ? s->alloc * 2 : 32;
			struct point *points = weir_alloc_n(mem, more, sizeof(*points));

			if (!points)
				return WEIR_ENOMEM;
			if (s->count)
				memcpy(points, s->points, s->count * sizeof(*points));
			s->points = points;
			s->alloc = more;
		}
		point = &s->points[s->count++];
		*point = (struct point){ .bucket = row->bucket };
	}
	point->total += row->count;
	if (row->level == STEPS)
		point->conversions += row->count;
	return WEIR_OK;
}

/* Series by their first appearance, at most limit of them, each with all its points. */
static weir_err read_period(struct weir_call *c, const struct weir_funnel *f, const struct weir_statement *s, struct period *p)
{
	static const weir_text none[WEIR_BREAKDOWNS_MAX];
	double limit = json_object_get_double(weir_jsonr_get(c->in, "limit"));
	struct weir_funnel_rows rows;
	weir_err err = weir_funnel_read(f, weir_str_view(&s->rows), &rows);

	*p = (struct period){ err ? NULL : weir_alloc_n(c->meta.mem, rows.count + 1, sizeof(*p->items)), 0 };
	if (err || !p->items)
		return err ? err : WEIR_ENOMEM;
	if (!f->breakdowns.count)
		series_of(p, WEIR_TEXT("conversion"), none);
	for (size_t i = 0; i < rows.count && !err; i++) {
		weir_text key;

		err = key_of(c->meta.mem, f, rows.items[i].values, &key);
		if (!err)
			err = add(c->meta.mem, series_of(p, key, rows.items[i].values), &rows.items[i]);
	}
	if (f->breakdowns.count && limit >= 1 && (double)p->count > limit)
		p->count = (size_t)limit;
	return err;
}

static double rate_of(const struct point *p)
{
	return p->total > 0 ? weir_round(100 * p->conversions / p->total, DECIMALS) : 0;
}

/* The bucket's text; keys of dates are those of UTC, others moments. */
static weir_err put_date(struct weir_call *c, const struct weir_buckets *dates, int64_t bucket)
{
	size_t at = weir_bucket_find(dates, bucket);
	int64_t ms;

	if (at == dates->count)
		return WEIR_EBADGATEWAY;
	weir_sj_str(c->out, "date", dates->texts[at]);
	/* The dashboard takes the wall clock for UTC. */
	if (!weir_clock_parse_js(dates->texts[at], &ms))
		weir_sj_int(c->out, "timestamp", ms);
	return WEIR_OK;
}

static void put_key(struct weir_call *c, const struct weir_funnel *f, const struct series *s)
{
	weir_sj_str(c->out, "id", s->id);
	weir_sj_arr(c->out, "breakdowns");
	for (size_t i = 0; i < f->breakdowns.count; i++)
		weir_sj_str(c->out, NULL, shown(s->values[i]));
	weir_sj_end(c->out);
}

static weir_err put_series(struct weir_call *c, const struct weir_funnel *f, const struct weir_buckets *dates, const struct series *s,
	size_t number, const struct series *before)
{
	weir_err err = WEIR_OK;

	weir_sj_obj(c->out, NULL);
	put_key(c, f, s);
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < s->count && !err; i++) {
		weir_sj_obj(c->out, NULL);
		err = put_date(c, dates, s->points[i].bucket);
		weir_sj_num(c->out, "total", s->points[i].total);
		weir_sj_num(c->out, "conversions", s->points[i].conversions);
		weir_sj_num(c->out, "rate", rate_of(&s->points[i]));
		if (f->breakdowns.count)
			weir_sj_int(c->out, "dataIndex", (int64_t)i);
		weir_sj_int(c->out, "serieIndex", (int64_t)number);
		weir_sj_int(c->out, "index", (int64_t)i);
		weir_sj_obj(c->out, "serie");
		put_key(c, f, s);
		weir_sj_end(c->out);
		if (before && i < before->count)
			weir_sj_num(c->out, "previousRate", rate_of(&before->points[i]));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return err;
}

static weir_err put_period(struct weir_call *c, const char *key, const struct weir_funnel *f, const struct weir_range *range,
	const struct period *p, const struct period *before)
{
	const struct weir_report *r = f->report;
	struct weir_buckets dates;
	weir_err err = weir_buckets_of(c->meta.mem, weir_interval_of(c->meta.conf, weir_jsonr_get_text(c->in, "interval")), range, r->ask.timezone, &dates);

	weir_sj_arr(c->out, key);
	for (size_t i = 0; i < p->count && !err; i++)
		err = put_series(c, f, &dates, &p->items[i], i, before && i < before->count ? &before->items[i] : NULL);
	weir_sj_end(c->out);
	return err;
}

static weir_err answer(struct weir_call *c, const struct weir_funnel *f, const struct weir_plan *plan)
{
	bool previous = f->report->previous;
	struct period now, before = { .count = 0 };
	weir_err err = read_period(c, f, plan->items[0], &now);

	if (!err && previous)
		err = read_period(c, f, plan->items[1], &before);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	err = put_period(c, "current", f, &f->report->range, &now, previous ? &before : NULL);
	if (!err && previous)
		err = put_period(c, "previous", f, &f->report->before, &before, NULL);
	if (!previous)
		weir_sj_null(c->out, "previous");
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_chart_conversion(struct weir_call *c)
{
	json_object *options = weir_jsonr_get(c->in, "options");
	struct weir_report report;
	struct weir_funnel f;
	struct weir_plan plan;
	weir_err err = weir_call_report(c, &report);

	if (!err && report.event_count != STEPS)
		return weir_call_fail(c, WEIR_EBADREQ, "events must be an array of two events");
	if (!err)
		err = weir_funnel_of(&report, weir_jsonr_get(c->in, "breakdowns"), weir_jsonr_get_text(options, "funnelGroup"),
			json_object_get_double(weir_jsonr_get(options, "funnelWindow")), &f);
	if (err)
		return err;
	/* One event alone is no conversion. */
	f.same_moment = !weir_text_eq(weir_jsonr_get_text(report.events[0], "name"), weir_jsonr_get_text(report.events[1], "name"));
	weir_plan_init(&plan, &report.ask);
	err = weir_conversion_compile(&f, false, &plan);
	if (!err && report.previous)
		err = weir_conversion_compile(&f, true, &plan);
	if (!err)
		err = weir_plan_run(&plan);
	if (!err)
		err = answer(c, &f, &plan);
	weir_plan_free(&plan);
	return err;
}
