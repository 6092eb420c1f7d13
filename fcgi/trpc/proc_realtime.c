#include "config.h"
#include "trpc/call.h"

#include "query/events.h"
#include "query/pulse.h"
#include "query/realtime.h"
#include "trpc/ask.h"
#include "trpc/event.h"
#include "trpc/reply.h"

#include <math.h>

/* realtime.* (spec/queries.md 21.2): the last thirty minutes. */

static weir_err list(struct weir_call *c, enum weir_live_list which)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_live_list(&ask, which, &rows);

	if (!err)
		weir_sj_tree(c->out, NULL, rows);
	return err;
}

weir_err weir_do_realtime_paths(struct weir_call *c)
{
	return list(c, WEIR_LIVE_PATHS);
}

weir_err weir_do_realtime_referrals(struct weir_call *c)
{
	return list(c, WEIR_LIVE_REFERRALS);
}

weir_err weir_do_realtime_geo(struct weir_call *c)
{
	return list(c, WEIR_LIVE_GEO);
}

/* A point of the map; those of the same cluster are counted where its largest one is. */
struct point {
	json_object *row;
	double lat, lon, count;
	bool taken;
};
enum { POINTS_MAX = 500 };

/* The largest points take in all within the radius (degrees); returns how many are left. */
static size_t cluster(struct point *points, size_t n, double radius)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		points[i].count = json_object_get_double(weir_jsonr_get(points[i].row, "count"));
		points[i].taken = false;
	}
	for (size_t i = 0; i < n; i++) {
		if (points[i].taken)
			continue;
		left++;
		for (size_t k = i + 1; k < n; k++) {
			if (points[k].taken || hypot(points[k].lat - points[i].lat, points[k].lon - points[i].lon) > radius)
				continue;
			points[k].taken = true;
			points[i].count += points[k].count;
		}
	}
	return left;
}

weir_err weir_do_realtime_coordinates(struct weir_call *c)
{
	static const double radii[] = { 0.5, 1, 3, 10 };
	static const char *const members[] = { "country", "city", "long", "lat" };
	struct weir_ask ask = weir_ask_of(c);
	struct point *points;
	json_object *rows;
	size_t n, left, put = 0;
	weir_err err = weir_live_coordinates(&ask, &rows);

	if (err)
		return err;
	left = n = weir_jsonr_count(rows);
	points = weir_alloc_n(c->meta.mem, n + 1, sizeof(*points));
	if (!points)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		json_object *row = weir_jsonr_at(rows, i);

		points[i] = (struct point){
			.row = row, .lat = json_object_get_double(weir_jsonr_get(row, "lat")), .lon = json_object_get_double(weir_jsonr_get(row, "long")),
			.count = json_object_get_double(weir_jsonr_get(row, "count")),
		};
	}
	for (size_t i = 0; left > POINTS_MAX && i < sizeof(radii) / sizeof(*radii); i++)
		left = cluster(points, n, radii[i]);
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < n && put < POINTS_MAX; i++) {
		if (points[i].taken)
			continue;
		put++;
		weir_sj_obj(c->out, NULL);
		for (size_t k = 0; k < sizeof(members) / sizeof(*members); k++)
			weir_sj_tree(c->out, members[k], weir_jsonr_get(points[i].row, members[k]));
		weir_sj_num(c->out, "count", points[i].count);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* The last events, with what tells where somebody is. */
weir_err weir_do_realtime_active_sessions(struct weir_call *c)
{
	static const char shown[] = "{\"id\":false,\"createdAt\":true,\"referrer\":true,\"referrerName\":true,\"country\":true,\"region\":true,"
		"\"os\":true,\"osVersion\":true,\"browser\":true,\"browserVersion\":true,\"device\":true,\"origin\":true,\"name\":true}";
	struct weir_events_ask ask = { .base = weir_ask_of(c) };
	struct weir_event_look look = { .whole = false };
	json_object *rows;
	weir_err err = weir_jsonr_parse(c->meta.mem, weir_text_of(shown), 0, &look.visibility, NULL);
	size_t n;

	if (!err)
		err = weir_events_since(&ask, c->meta.now_ms - WEIR_PULSE_MINUTES * (int64_t)60000, &rows);
	if (err)
		return err;
	n = weir_jsonr_count(rows) > WEIR_EVENTS_PAGE ? WEIR_EVENTS_PAGE : weir_jsonr_count(rows);
	err = weir_event_look(c, &ask.base, rows, n, &look);
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < n && !err; i++)
		err = weir_event_put(c, NULL, weir_jsonr_at(rows, i), &look);
	weir_sj_end(c->out);
	return err;
}

/* How many countries the places are in, or cities; what is not named counts for nothing. */
static size_t distinct(const struct weir_live_place *places, size_t n, bool city)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		weir_text t = city ? places[i].city : places[i].country;
		bool known = !t.n;

		for (size_t k = 0; k < i && !known; k++)
			known = weir_text_eq(city ? places[k].city : places[k].country, t)
				&& (!city || weir_text_eq(places[k].country, places[i].country));
		count += !known;
	}
	return count;
}

static enum weir_live_scope scope_of(weir_text word)
{
	if (weir_text_is(word, "country"))
		return WEIR_LIVE_COUNTRY;
	return weir_text_is(word, "coordinate") ? WEIR_LIVE_POINT : WEIR_LIVE_CITY;
}

static weir_err read_places(struct weir_call *c, struct weir_live_place **places, size_t *count)
{
	json_object *list = weir_jsonr_get(c->in, "locations");

	*count = weir_jsonr_count(list);
	*places = weir_alloc_n(c->meta.mem, *count + 1, sizeof(**places));
	for (size_t i = 0; *places && i < *count; i++) {
		json_object *o = weir_jsonr_at(list, i);

		(*places)[i] = (struct weir_live_place){
			weir_jsonr_get_text(o, "country"), weir_jsonr_get_text(o, "city"), json_object_get_double(weir_jsonr_get(o, "lat")),
			json_object_get_double(weir_jsonr_get(o, "long")), weir_jsonr_get(o, "lat") && weir_jsonr_get(o, "long"),
		};
	}
	return *places ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err put_recent(struct weir_call *c, const struct weir_ask *ask, json_object *rows)
{
	static const struct weir_member seen[] = {
		{ "id", "id", WEIR_MEMBER_TEXT }, { "sessionId", "session_id", WEIR_MEMBER_TEXT }, { "createdAt", "created_ms", WEIR_MEMBER_MS },
		{ "latestPath", "path", WEIR_MEMBER_TEXT }, { "latestEvent", "name", WEIR_MEMBER_TEXT }, { "city", "city", WEIR_MEMBER_TEXT },
		{ "country", "country", WEIR_MEMBER_TEXT },
	};
	static const struct {
		const char *member, *column;
	} names[] = { { "firstName", "first_name" }, { "lastName", "last_name" }, { "email", "email" }, { "avatar", "avatar" } };
	struct weir_page_profiles profiles;
	weir_err err = weir_profiles_of(ask, rows, weir_jsonr_count(rows), &profiles);

	weir_sj_arr(c->out, "recentProfiles");
	for (size_t i = 0; i < weir_jsonr_count(rows) && !err; i++) {
		json_object *row = weir_jsonr_at(rows, i), *person = NULL;
		weir_text id = weir_jsonr_get_text(row, "profile_id");

		for (size_t k = 0; profiles.rows && k < weir_jsonr_count(profiles.rows); k++)
			if (weir_text_eq(weir_jsonr_get_text(weir_jsonr_at(profiles.rows, k), "id"), id))
				person = weir_jsonr_at(profiles.rows, k);
		weir_sj_obj(c->out, NULL);
		weir_reply_members(c, seen, sizeof(seen) / sizeof(*seen), row);
		if (id.n)
			weir_sj_str(c->out, "profileId", id);
		else
			weir_sj_null(c->out, "profileId");
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			weir_sj_str(c->out, names[k].member, person ? weir_jsonr_get_text(person, names[k].column) : WEIR_TEXT(""));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_realtime_map_badge_details(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	struct weir_live_details d;
	struct weir_live_place *places;
	json_object *sums;
	size_t count;
	weir_err err = read_places(c, &places, &count);

	if (!err)
		err = weir_live_details(&ask, scope_of(weir_jsonr_get_text(c->in, "detailScope")), places, count, &d);
	if (err)
		return err;
	sums = weir_jsonr_at(d.summary, 0);
	weir_sj_obj(c->out, NULL);
	weir_sj_obj(c->out, "summary");
	weir_sj_tree(c->out, "totalSessions", weir_jsonr_get(sums, "totalSessions"));
	weir_sj_tree(c->out, "totalProfiles", weir_jsonr_get(sums, "totalProfiles"));
	weir_sj_int(c->out, "totalLocations", (int64_t)count);
	weir_sj_int(c->out, "totalCountries", (int64_t)distinct(places, count, false));
	weir_sj_int(c->out, "totalCities", (int64_t)distinct(places, count, true));
	weir_sj_end(c->out);
	weir_sj_tree(c->out, "topReferrers", d.referrers);
	weir_sj_tree(c->out, "topPaths", d.paths);
	weir_sj_tree(c->out, "topEvents", d.events);
	err = put_recent(c, &ask, d.profiles);
	weir_sj_end(c->out);
	return err;
}
