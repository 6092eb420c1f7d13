#include "config.h"
#include "rest/insights.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "base/zone.h"
#include "query/chart.h"
#include "query/overview.h"
#include "query/pages.h"
#include "query/people.h"
#include "query/realtime.h"
#include "query/sessions.h"

/* GET /insights/{projectId}/... (spec/ingest.md 9.3, spec/queries.md 25): the figures of the overview, for programs. */

enum { DAY_LEN = 10, ROWS_USUAL = 20, ROWS_MAX = 100, PAGES_USUAL = 50 };

void weir_rest_tree(weir_json *j, const char *key, json_object *value)
{
	if (value)
		weir_json_raw(j, key, weir_text_of(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
	else
		weir_json_null(j, key);
}

int64_t weir_rest_int(struct weir_rest_call *c, const char *name, int64_t usual, int64_t most)
{
	json_object *v = weir_jsonr_get(c->in, name);
	int64_t n = v ? json_object_get_int64(v) : usual;

	return n < 1 ? 1 : n > most ? most : n;
}

weir_err weir_rest_day(struct weir_rest_call *c, int64_t days_ago, weir_text *day)
{
	static const int64_t day_ms = 86400000;
	const struct weir_zone *zone;
	char buf[WEIR_CLOCK_MAX];
	int64_t ms = c->meta.now_ms - days_ago * day_ms;
	weir_err err = weir_zone_load(c->meta.mem, weir_known_timezone(c->meta.mem, c->project.timezone), &zone);

	if (err)
		return err;
	*day = weir_text_dup(c->meta.mem, (weir_text){ weir_clock_sql(ms + (int64_t)weir_zone_offset(zone, ms) * 1000, buf).p, DAY_LEN });
	return day->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_rest_range(struct weir_rest_call *c, const struct weir_ask *ask, const char *usual, struct weir_range *range)
{
	enum { DAYS_USUAL = 30 };
	weir_text word = weir_jsonr_get_text(c->in, "range"), start = weir_jsonr_get_text(c->in, "startDate"), end = weir_jsonr_get_text(c->in, "endDate");
	bool by_days = !word.n && (!usual || start.n || end.n);
	weir_err err = by_days && !start.n ? weir_rest_day(c, DAYS_USUAL, &start) : WEIR_OK;

	if (!err && by_days && !end.n)
		err = weir_rest_day(c, 0, &end);
	if (!err)
		err = weir_range_of(c->meta.mem, word.n ? word : weir_text_of(usual), start, end, ask->timezone, c->meta.now_ms, range);
	if (err != WEIR_EBADREQ)
		return err;
	c->error = "Error";
	return weir_rest_fail(c, err, "querystring/startDate Invalid date");
}

static weir_err read_overview(struct weir_rest_call *c, const char *usual, struct weir_overview_ask *o)
{
	weir_text interval = weir_jsonr_get_text(c->in, "interval");
	weir_err err;

	*o = (struct weir_overview_ask){
		.base = weir_rest_ask(c), .filters = weir_jsonr_get(c->in, "filters"), .interval = interval.n ? interval : WEIR_TEXT("day"),
	};
	err = weir_rest_range(c, &o->base, usual, &o->range);
	return err ? err : weir_span_of(c->meta.mem, &o->range, o->base.timezone, &o->span);
}

static const char *const metrics[] = {
	"bounce_rate", "unique_visitors", "total_sessions", "avg_session_duration", "total_screen_views", "views_per_session", "total_revenue",
};
enum { METRICS = sizeof(metrics) / sizeof(*metrics), REVENUE = METRICS - 1 };

static void put_metrics(weir_json *j, json_object *visits, json_object *revenue)
{
	for (size_t i = 0; i < METRICS; i++) {
		json_object *row = i == REVENUE ? revenue : visits, *v = weir_jsonr_get(row, metrics[i]);

		if (row && !v)
			weir_json_null(j, metrics[i]);
		else
			weir_json_num(j, metrics[i], json_object_get_double(v));
	}
}

/* Days as days, unless they come from a range's word or with their time. */
static void put_end(struct weir_rest_call *c, const char *name, const char *wall)
{
	bool whole = weir_jsonr_get_text(c->in, "range").n || weir_jsonr_get_text(c->in, name).n > DAY_LEN;

	weir_json_str(&c->json, name, (weir_text){ wall, whole ? WEIR_WALL_LEN : DAY_LEN });
}

static weir_err overview(struct weir_rest_call *c, const char *usual, const char *summary, bool with_range)
{
	struct weir_overview_ask now, before;
	struct weir_period periods[2];
	weir_err err = read_overview(c, usual, &now);

	if (err)
		return err;
	before = now;
	weir_range_before(&now.range, &before.range);
	err = weir_span_of(c->meta.mem, &before.range, before.base.timezone, &before.span);
	if (!err)
		err = weir_overview_stats(&now, &before, periods);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_obj(&c->json, summary);
	put_metrics(&c->json, periods[0].visits_total, periods[0].revenue_total);
	weir_json_end(&c->json);
	weir_json_arr(&c->json, "series");
	for (size_t i = 0; i < periods[0].buckets.count; i++) {
		weir_json_obj(&c->json, NULL);
		weir_json_str(&c->json, "date", periods[0].buckets.texts[i]);
		put_metrics(&c->json, periods[0].visits[i], periods[0].revenue[i]);
		weir_json_end(&c->json);
	}
	weir_json_end(&c->json);
	if (with_range) {
		weir_json_str(&c->json, "interval", now.interval);
		put_end(c, "startDate", now.range.start);
		put_end(c, "endDate", now.range.end);
	}
	weir_json_end(&c->json);
	return WEIR_OK;
}

weir_err weir_rest_insights_overview(struct weir_rest_call *c)
{
	return overview(c, NULL, "summary", true);
}

weir_err weir_rest_insights_metrics(struct weir_rest_call *c)
{
	return overview(c, "7d", "metrics", false);
}

weir_err weir_rest_insights_live(struct weir_rest_call *c)
{
	struct weir_ask ask = weir_rest_ask(c);
	int64_t visitors;
	weir_err err = weir_live_visitors(&ask, &visitors);

	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_int(&c->json, "visitors", visitors);
	weir_json_end(&c->json);
	return WEIR_OK;
}

static weir_err top_pages(struct weir_rest_call *c, const char *usual, weir_text mode)
{
	struct weir_overview_ask o;
	json_object *rows;
	weir_err err = read_overview(c, usual, &o);

	if (!err)
		err = weir_top_pages(&o, mode, weir_rest_int(c, "limit", WEIR_TOP_MAX, WEIR_TOP_MAX), &rows);
	if (!err)
		weir_rest_tree(&c->json, NULL, rows);
	return err;
}

weir_err weir_rest_insights_top_pages(struct weir_rest_call *c)
{
	return top_pages(c, NULL, WEIR_TEXT("page"));
}

weir_err weir_rest_insights_pages(struct weir_rest_call *c)
{
	return top_pages(c, "7d", WEIR_TEXT("page"));
}

weir_err weir_rest_insights_entry_exit(struct weir_rest_call *c)
{
	weir_text mode = weir_jsonr_get_text(c->in, "mode");

	return top_pages(c, NULL, mode.n ? mode : WEIR_TEXT("entry"));
}

static weir_err top(struct weir_rest_call *c, const char *usual, weir_text column)
{
	struct weir_overview_ask o;
	json_object *rows;
	weir_err err = read_overview(c, usual, &o);

	if (!err)
		err = weir_top_generic(&o, column, &rows);
	if (!err)
		weir_rest_tree(&c->json, NULL, rows);
	return err;
}

/* The last part of the path is the column. */
weir_err weir_rest_insights_column(struct weir_rest_call *c)
{
	return top(c, "7d", weir_text_of(strrchr(c->route->path, '/') + 1));
}

weir_err weir_rest_insights_traffic(struct weir_rest_call *c)
{
	static const struct {
		const char *path, *column;
	} usual[] = { { "referrers", "referrer_name" }, { "geo", "country" }, { "devices", "device" } };
	weir_text column = weir_jsonr_get_text(c->in, "breakdown");

	for (size_t i = 0; !column.n && i < sizeof(usual) / sizeof(*usual); i++)
		if (!strcmp(strrchr(c->route->path, '/') + 1, usual[i].path))
			column = weir_text_of(usual[i].column);
	return top(c, NULL, column);
}

/* -------------------------------------------------------- how pages do */

static int compare_rows(const void *a, const void *b, const char *by)
{
	double x = json_object_get_double(weir_jsonr_get(*(json_object *const *)a, by)),
		y = json_object_get_double(weir_jsonr_get(*(json_object *const *)b, by));

	return (x > y) - (x < y);
}

#define COMPARE(name) \
	static int by_##name(const void *a, const void *b) \
	{ \
		return compare_rows(a, b, #name); \
	}
COMPARE(sessions)
COMPARE(pageviews)
COMPARE(bounce_rate)
COMPARE(avg_duration)
#undef COMPARE

static const struct {
	const char *name;
	int (*compare)(const void *a, const void *b);
} orders[] = {
	{ "sessions", by_sessions }, { "pageviews", by_pageviews }, { "bounce_rate", by_bounce_rate }, { "avg_duration", by_avg_duration },
};

static void put_page(weir_json *j, json_object *row)
{
	static const char *const members[] = { "origin", "path", "title", "sessions", "pageviews", "avg_duration", "bounce_rate" };
	enum { HIGH_BOUNCE = 70, LOW_MINUTES = 1, GOOD_BOUNCE = 40, GOOD_MINUTES = 2 };
	double bounce = json_object_get_double(weir_jsonr_get(row, "bounce_rate")), minutes = json_object_get_double(weir_jsonr_get(row, "avg_duration"));

	weir_json_obj(j, NULL);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		weir_rest_tree(j, members[i], weir_jsonr_get(row, members[i]));
	weir_json_obj(j, "seo_signals");
	weir_json_bool(j, "high_bounce", bounce > HIGH_BOUNCE);
	weir_json_bool(j, "low_engagement", minutes < LOW_MINUTES);
	weir_json_bool(j, "good_landing_page", bounce < GOOD_BOUNCE && minutes > GOOD_MINUTES);
	weir_json_end(j);
	weir_json_end(j);
}

weir_err weir_rest_insights_performance(struct weir_rest_call *c)
{
	enum { SHOWN_MAX = 500 };
	struct weir_pages_ask ask = { .base = weir_rest_ask(c), .search = weir_jsonr_get_text(c->in, "search"), .take = WEIR_TOP_MAX };
	bool up = weir_text_is(weir_jsonr_get_text(c->in, "sortOrder"), "asc");
	weir_text by = weir_jsonr_get_text(c->in, "sortBy");
	int64_t limit = weir_rest_int(c, "limit", PAGES_USUAL, SHOWN_MAX);
	json_object *rows;
	size_t n, shown;
	weir_err err = weir_rest_range(c, &ask.base, NULL, &ask.range);

	if (!err)
		err = weir_span_of(c->meta.mem, &ask.range, ask.base.timezone, &ask.span);
	if (!err)
		err = weir_pages(&ask, &rows);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		if (by.n ? weir_text_is(by, orders[i].name) : !i)
			json_object_array_sort(rows, orders[i].compare);
	n = weir_jsonr_count(rows);
	shown = n > (size_t)limit ? (size_t)limit : n;
	weir_json_obj(&c->json, NULL);
	weir_json_int(&c->json, "total_pages", (int64_t)n);
	weir_json_int(&c->json, "shown", (int64_t)shown);
	weir_json_arr(&c->json, "pages");
	for (size_t i = 0; i < shown; i++)
		put_page(&c->json, weir_jsonr_at(rows, up ? i : n - 1 - i));
	weir_json_end(&c->json);
	weir_json_end(&c->json);
	return WEIR_OK;
}

/* -------------------------------------------------------- rows as they are stored */

/* A row as ClickHouse shows it: moments, which are held as ms, as texts in UTC. */
static void put_raw(weir_json *j, json_object *row)
{
	static const struct {
		const char *held, *name;
	} moments[] = { { "created_ms", "created_at" }, { "ended_ms", "ended_at" }, { "seen_ms", "last_seen_at" }, { "imported_s", "imported_at" } };
	char buf[WEIR_CLOCK_MAX];

	weir_json_obj(j, NULL);
	json_object_object_foreach(row, key, value) {
		const char *name = NULL;
		int64_t ms;

		for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++)
			if (!strcmp(key, moments[i].held))
				name = moments[i].name;
		if (!name) {
			weir_rest_tree(j, key, value);
			continue;
		}
		if (weir_num_int(weir_jsonr_text(value), &ms))
			weir_json_null(j, name);
		else
			weir_json_str(j, name, weir_clock_sql(strcmp(key, "imported_s") ? ms : ms * 1000, buf));
	}
	weir_json_end(j);
}

void weir_rest_raws(weir_json *j, const char *key, json_object *rows, int64_t limit)
{
	weir_json_arr(j, key);
	for (size_t i = 0; i < weir_jsonr_count(rows) && i < (size_t)limit; i++)
		put_raw(j, weir_jsonr_at(rows, i));
	weir_json_end(j);
}

/* Equality with a parameter as the filter that it means; none when the parameter is not there. */
static weir_err equals(struct weir_rest_call *c, json_object *filters, const char *param, const char *field)
{
	weir_text value = weir_jsonr_get_text(c->in, param);
	json_object *f, *values;
	bool bad;

	if (!value.n)
		return WEIR_OK;
	f = json_object_new_object();
	values = json_object_new_array();
	bad = !f || !values || json_object_array_add(values, json_object_new_string_len(value.p, (int)value.n))
		|| json_object_object_add(f, "name", json_object_new_string(field))
		|| json_object_object_add(f, "operator", json_object_new_string("is")) || json_object_object_add(f, "value", values);
	return bad || json_object_array_add(filters, f) ? WEIR_ENOMEM : WEIR_OK;
}

static void drop(void *node)
{
	json_object_put(node);
}

/* The filters of the query string, and one for each of the parameters. */
static weir_err read_filters(struct weir_rest_call *c, json_object **out)
{
	static const struct {
		const char *param, *field;
	} params[] = {
		{ "path", "path" }, { "country", "country" }, { "city", "city" }, { "device", "device" }, { "browser", "browser" }, { "os", "os" },
		{ "referrer", "referrer" }, { "referrerName", "referrer_name" }, { "referrerType", "referrer_type" },
	};
	json_object *given = weir_jsonr_get(c->in, "filters");
	weir_err err = WEIR_OK;

	*out = json_object_new_array();
	if (!*out || weir_arena_defer(c->meta.mem, drop, *out))
		return WEIR_ENOMEM;
	for (size_t i = 0; i < weir_jsonr_count(given) && !err; i++)
		err = json_object_array_add(*out, json_object_get(weir_jsonr_at(given, i))) ? WEIR_ENOMEM : WEIR_OK;
	for (size_t i = 0; i < sizeof(params) / sizeof(*params) && !err; i++)
		err = equals(c, *out, params[i].param, params[i].field);
	return err;
}

/* The days that dates name, as the stretch of a list. */
static weir_err read_stretch(struct weir_rest_call *c, const struct weir_ask *ask, struct weir_stretch *s)
{
	struct weir_range range;
	struct weir_span span;
	weir_err err = weir_rest_range(c, ask, NULL, &range);

	if (!err)
		err = weir_span_of(c->meta.mem, &range, ask->timezone, &span);
	if (!err)
		*s = (struct weir_stretch){ .has_dates = true, .start_ms = span.from_ms, .end_ms = span.to_ms - 1 };
	return err;
}

static weir_err names_of(struct weir_rest_call *c, const char *member, weir_text **names, size_t *count)
{
	json_object *given = weir_jsonr_get(c->in, member);
	bool several = json_object_is_type(given, json_type_array);

	*count = several ? weir_jsonr_count(given) : given ? 1 : 0;
	*names = weir_alloc_n(c->meta.mem, *count + 1, sizeof(**names));
	for (size_t i = 0; *names && i < *count; i++)
		(*names)[i] = weir_jsonr_text(several ? weir_jsonr_at(given, i) : given);
	return *names ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_rest_insights_events(struct weir_rest_call *c)
{
	struct weir_events_ask ask = {
		.base = weir_rest_ask(c), .profile_id = weir_jsonr_get_text(c->in, "profileId"), .session_id = weir_jsonr_get_text(c->in, "sessionId"),
		.limit = weir_rest_int(c, "limit", ROWS_USUAL, ROWS_MAX),
	};
	weir_text *names;
	json_object *rows;
	weir_err err = names_of(c, "eventNames", &names, &ask.name_count);

	ask.names = names;
	if (!err)
		err = read_filters(c, &ask.filters);
	if (!err)
		err = read_stretch(c, &ask.base, &ask.stretch);
	if (!err)
		err = weir_events_since(&ask, INT64_MIN, &rows);
	if (!err)
		weir_rest_raws(&c->json, NULL, rows, ask.limit);
	return err;
}

static weir_err sessions(struct weir_rest_call *c, weir_text profile_id)
{
	struct weir_sessions_ask ask = { .base = weir_rest_ask(c), .profile_id = profile_id, .take = weir_rest_int(c, "limit", ROWS_USUAL, ROWS_MAX) };
	json_object *rows;
	weir_err err = read_filters(c, &ask.filters);

	if (!err)
		err = read_stretch(c, &ask.base, &ask.stretch);
	if (!err)
		err = weir_sessions_page(&ask, &rows);
	if (!err)
		weir_rest_raws(&c->json, NULL, rows, ask.take);
	return err;
}

weir_err weir_rest_insights_sessions(struct weir_rest_call *c)
{
	return sessions(c, weir_jsonr_get_text(c->in, "profileId"));
}

weir_err weir_rest_insights_profile_sessions(struct weir_rest_call *c)
{
	return sessions(c, c->params[1]);
}

weir_err weir_rest_insights_profiles(struct weir_rest_call *c)
{
	struct weir_people_ask ask = {
		.base = weir_rest_ask(c), .search = weir_jsonr_get_text(c->in, "name"), .take = weir_rest_int(c, "limit", ROWS_USUAL, ROWS_MAX),
		.email = weir_jsonr_get_text(c->in, "email"), .performed = weir_jsonr_get_text(c->in, "performedEvent"),
		.inactive_days = json_object_get_int64(weir_jsonr_get(c->in, "inactiveDays")),
		.min_sessions = json_object_get_int64(weir_jsonr_get(c->in, "minSessions")),
		.oldest_first = weir_text_is(weir_jsonr_get_text(c->in, "sortOrder"), "asc"),
	};
	json_object *rows;
	int64_t total;
	weir_err err = read_filters(c, &ask.filters);

	if (!err)
		err = weir_people(&ask, &rows, &total);
	if (!err)
		weir_rest_raws(&c->json, NULL, rows, ask.take);
	return err;
}

weir_err weir_rest_insights_profile(struct weir_rest_call *c)
{
	struct weir_events_ask recent = { .base = weir_rest_ask(c), .profile_id = c->params[1], .limit = weir_rest_int(c, "eventLimit", ROWS_USUAL, ROWS_MAX) };
	json_object *profiles, *rows;
	weir_err err = weir_profiles_by_id(&recent.base, &c->params[1], 1, &profiles);

	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	if (!weir_jsonr_count(profiles)) {
		c->req->status = 404;
		weir_json_strz(&c->json, "error", "Profile not found");
		weir_json_str(&c->json, "profileId", c->params[1]);
		weir_json_end(&c->json);
		return WEIR_OK;
	}
	err = weir_events_page(&recent, &rows);
	weir_json_key(&c->json, WEIR_TEXT("profile"));
	put_raw(&c->json, weir_jsonr_at(profiles, 0));
	if (!err)
		weir_rest_raws(&c->json, "recentEvents", rows, recent.limit);
	weir_json_end(&c->json);
	return err;
}

weir_err weir_rest_insights_profile_metrics(struct weir_rest_call *c)
{
	static const struct {
		const char *name, *member;
	} members[] = {
		{ "sessions", "sessions" }, { "screenViews", "screenViews" }, { "totalEvents", "totalEvents" }, { "conversionEvents", "conversionEvents" },
		{ "uniqueDaysActive", "uniqueDaysActive" }, { "avgSessionDurationMin", "durationAvg" }, { "p90SessionDurationMin", "durationP90" },
		{ "avgEventsPerSession", "avgEventsPerSession" }, { "bounceRate", "bounceRate" }, { "revenue", "revenue" },
	};
	struct weir_ask ask = weir_rest_ask(c);
	json_object *events, *profile;
	struct weir_person_times times;
	char buf[WEIR_CLOCK_MAX];
	weir_err err = weir_person_metrics(&ask, c->params[1], &events, &profile);

	if (err)
		return err;
	times = weir_person_times(events, profile);
	weir_json_obj(&c->json, NULL);
	weir_json_str(&c->json, "profileId", c->params[1]);
	if (profile) {
		weir_json_str(&c->json, "firstSeen", weir_clock_iso(times.first_ms, buf));
		weir_json_str(&c->json, "lastSeen", weir_clock_iso(times.last_ms, buf));
	} else {
		weir_json_null(&c->json, "firstSeen");
		weir_json_null(&c->json, "lastSeen");
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		weir_rest_tree(&c->json, members[i].name, weir_jsonr_get(events, members[i].member));
	weir_json_num(&c->json, "avgTimeBetweenSessionsSec", times.between_s);
	weir_json_end(&c->json);
	return WEIR_OK;
}
