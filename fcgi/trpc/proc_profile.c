#include "config.h"
#include "trpc/call.h"

#include "query/people.h"
#include "trpc/ask.h"
#include "trpc/profile.h"

/* profile.* (spec/queries.md 19). */

static int64_t bounded(json_object *in, const char *member)
{
	int64_t v = json_object_get_int64(weir_jsonr_get(in, member));

	return v < 1 ? 1 : v > WEIR_PEOPLE_MAX ? WEIR_PEOPLE_MAX : v;
}

weir_err weir_do_profile_by_id(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	weir_text id = weir_jsonr_get_text(c->in, "profileId");
	json_object *rows = NULL;
	weir_err err = id.n ? weir_profiles_by_id(&ask, &id, 1, &rows) : WEIR_OK;

	if (err)
		return err;
	if (!rows || !weir_jsonr_count(rows)) {
		weir_sj_null(c->out, NULL);
		return WEIR_OK;
	}
	weir_sj_obj(c->out, NULL);
	err = weir_profile_members(c, weir_jsonr_at(rows, 0));
	weir_sj_end(c->out);
	return err;
}

/* {data: profiles, meta: {count, pageCount}}; counted: each profile has its number of events. */
static weir_err put_page(struct weir_call *c, json_object *rows, bool counted, int64_t count, int64_t take)
{
	weir_err err = WEIR_OK;

	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < weir_jsonr_count(rows) && !err; i++) {
		json_object *row = weir_jsonr_at(rows, i);

		weir_sj_obj(c->out, NULL);
		if (counted)
			weir_sj_tree(c->out, "count", weir_jsonr_get(row, "count"));
		err = weir_profile_members(c, row);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "meta");
	weir_sj_int(c->out, "count", count);
	weir_sj_int(c->out, "pageCount", take);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_profile_list(struct weir_call *c)
{
	struct weir_people_ask ask = {
		.base = weir_ask_of(c), .search = weir_jsonr_get_text(c->in, "search"), .filters = weir_jsonr_get(c->in, "filters"),
		.chosen = weir_jsonr_get(c->in, "isExternal") != NULL, .external = weir_jsonr_truthy(weir_jsonr_get(c->in, "isExternal")),
		.take = bounded(c->in, "take"), .page = json_object_get_int64(weir_jsonr_get(c->in, "cursor")),
	};
	json_object *rows;
	int64_t total;
	weir_err err = weir_people(&ask, &rows, &total);

	return err ? err : put_page(c, rows, false, total, ask.take);
}

weir_err weir_do_profile_power_users(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	int64_t take = bounded(c->in, "take");
	json_object *rows;
	weir_err err = weir_power_users(&ask, take, json_object_get_int64(weir_jsonr_get(c->in, "cursor")), &rows);

	return err ? err : put_page(c, rows, true, (int64_t)weir_jsonr_count(rows), take);
}

weir_err weir_do_profile_metrics(struct weir_call *c)
{
	static const char *const members[] = {
		"screenViews", "sessions", "durationAvg", "durationP90", "totalEvents", "uniqueDaysActive", "bounceRate", "avgEventsPerSession",
		"conversionEvents", "revenue",
	};
	struct weir_ask ask = weir_ask_of(c);
	json_object *events, *profile;
	struct weir_person_times times;
	weir_err err = weir_person_metrics(&ask, weir_jsonr_get_text(c->in, "profileId"), &events, &profile);

	if (err)
		return err;
	times = weir_person_times(events, profile);
	weir_sj_obj(c->out, NULL);
	weir_sj_date(c->out, "lastSeen", times.last_ms);
	weir_sj_date(c->out, "firstSeen", times.first_ms);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		weir_sj_tree(c->out, members[i], weir_jsonr_get(events, members[i]));
	weir_sj_num(c->out, "avgTimeBetweenSessions", times.between_s);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err list(struct weir_call *c, enum weir_person_list which)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_person_list(&ask, weir_jsonr_get_text(c->in, "profileId"), which, &rows);

	if (!err)
		weir_sj_tree(c->out, NULL, rows);
	return err;
}

weir_err weir_do_profile_activity(struct weir_call *c)
{
	return list(c, WEIR_PERSON_DAYS);
}

weir_err weir_do_profile_most_events(struct weir_call *c)
{
	return list(c, WEIR_PERSON_EVENTS);
}

weir_err weir_do_profile_popular_routes(struct weir_call *c)
{
	return list(c, WEIR_PERSON_ROUTES);
}

/* Columns and properties, the shortest name first. */
weir_err weir_do_profile_properties(struct weir_call *c)
{
	static const char *const columns[] = { "id", "email", "last_name", "first_name" };
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_str name;
	weir_err err = weir_people_keys(&ask, &rows);

	if (err)
		return err;
	weir_str_init(&name, 1024 * 1024);
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		weir_sj_strz(c->out, NULL, columns[i]);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		weir_str_reset(&name);
		weir_str_puts(&name, "properties.");
		weir_str_text(&name, weir_jsonr_get_text(weir_jsonr_at(rows, i), "key"));
		weir_sj_str(c->out, NULL, weir_str_view(&name));
	}
	weir_sj_end(c->out);
	err = weir_str_err(&name);
	weir_str_free(&name);
	return err;
}

weir_err weir_do_profile_values(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_people_values(&ask, weir_jsonr_get_text(c->in, "property"), &rows);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "values");
	for (size_t i = 0; i < weir_jsonr_count(rows); i++)
		weir_sj_str(c->out, NULL, weir_jsonr_get_text(weir_jsonr_at(rows, i), "value"));
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return WEIR_OK;
}
