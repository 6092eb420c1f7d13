#include "config.h"
#include "rest/bridge.h"
#include "rest/insights.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "query/circle.h"
#include "query/group.h"
#include "query/loyalty.h"

/* How profiles come back, and the groups that they belong to (spec/queries.md 11, 20). */

/* ------------------------------------------------------------ coming back */

static void put_label(struct weir_rest_call *c, int64_t days)
{
	static const struct {
		int64_t days;
		const char *label;
	} known[] = { { 1, "DAU" }, { 7, "WAU" }, { 30, "MAU" } };
	weir_str text;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].days == days) {
			weir_json_strz(&c->json, "label", known[i].label);
			return;
		}
	weir_str_init(&text, 64);
	weir_str_addf(&text, "%lldd active", (long long)days);
	weir_json_str(&c->json, "label", weir_str_view(&text));
	weir_str_free(&text);
}

weir_err weir_rest_insights_active_users(struct weir_rest_call *c)
{
	enum { DAYS_USUAL = 7 };
	int64_t days = weir_rest_int(c, "days", DAYS_USUAL, WEIR_ROLLING_DAYS_MAX);
	struct weir_ask ask = weir_rest_ask(c);
	json_object *rows;
	weir_err err = weir_rolling_users(&ask, days, &rows);

	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_int(&c->json, "window_days", days);
	put_label(c, days);
	weir_rest_tree(&c->json, "series", rows);
	weir_json_end(&c->json);
	return WEIR_OK;
}

weir_err weir_rest_insights_retention(struct weir_rest_call *c)
{
	struct weir_ask ask = weir_rest_ask(c);
	json_object *rows;
	weir_err err = weir_weekly_retention(&ask, &rows);

	if (!err)
		weir_rest_tree(&c->json, NULL, rows);
	return err;
}

/* A list of "*": any event. */
static weir_err put_any(json_object *in, const char *name)
{
	json_object *list = json_object_new_array();
	weir_err err = weir_rest_member(in, name, list);

	return err ? err : json_object_array_add(list, json_object_new_string("*")) ? WEIR_ENOMEM : WEIR_OK;
}

static weir_err put_day(struct weir_rest_call *c, json_object *in, const char *name, int64_t days_ago)
{
	weir_text day;
	weir_err err = weir_rest_day(c, days_ago, &day);

	return err ? err : weir_rest_member(in, name, json_object_new_string_len(day.p, (int)day.n));
}

weir_err weir_rest_insights_cohorts(struct weir_rest_call *c)
{
	enum { WEEKS = 12, DAYS_OF_WEEK = 7 };
	json_object *in = weir_rest_keep(c, json_object_new_object());
	weir_text answer;
	weir_err err = weir_rest_member(in, "interval", json_object_new_string("week"));

	if (!err)
		err = weir_rest_member(in, "range", json_object_new_string("custom"));
	if (!err)
		err = put_any(in, "firstEvent");
	if (!err)
		err = put_any(in, "secondEvent");
	if (!err)
		err = put_day(c, in, "startDate", WEEKS * DAYS_OF_WEEK);
	if (!err)
		err = put_day(c, in, "endDate", 0);
	if (!err)
		err = weir_rest_procedure(c, "chart.cohort", in, &answer);
	if (!err)
		weir_json_raw(&c->json, NULL, answer);
	return err;
}

/* ------------------------------------------------------------ how long ago */

/* Up to how many days a profile belongs there; the last one has all others. */
static const struct {
	double days;
	const char *name;
} ages[] = {
	{ 7, "active_last_7_days" }, { 14, "active_8_to_14_days" }, { 30, "active_15_to_30_days" }, { 60, "inactive_31_to_60_days" },
	{ 0, "churned_60_plus_days" },
};
enum { AGES = sizeof(ages) / sizeof(*ages) };

static double member(json_object *rows, size_t i, const char *name)
{
	return json_object_get_double(weir_jsonr_get(weir_jsonr_at(rows, i), name));
}

static void put_ages(weir_json *j, json_object *rows)
{
	double counts[AGES] = { 0 }, all = 0;

	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		size_t k = 0;

		while (k < AGES - 1 && member(rows, i, "days") > ages[k].days)
			k++;
		counts[k] += member(rows, i, "users");
		all += member(rows, i, "users");
	}
	weir_json_obj(j, "summary");
	weir_json_num(j, "total_identified_users", all);
	for (size_t k = 0; k < AGES; k++)
		weir_json_num(j, ages[k].name, counts[k]);
	weir_json_end(j);
}

weir_err weir_rest_insights_engagement(struct weir_rest_call *c)
{
	struct weir_ask ask = weir_rest_ask(c);
	json_object *rows;
	weir_err err = weir_last_seen(&ask, &rows);

	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	put_ages(&c->json, rows);
	weir_rest_tree(&c->json, "distribution", rows);
	weir_json_end(&c->json);
	return WEIR_OK;
}

/* ------------------------------------------------------------ groups */

weir_err weir_rest_insights_group_types(struct weir_rest_call *c)
{
	struct weir_ask ask = weir_rest_ask(c);
	json_object *rows;
	weir_err err = weir_group_types(&ask, &rows);

	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	weir_json_arr(&c->json, "types");
	for (size_t i = 0; i < weir_jsonr_count(rows); i++)
		weir_json_str(&c->json, NULL, weir_jsonr_get_text(weir_jsonr_at(rows, i), "type"));
	weir_json_end(&c->json);
	weir_json_end(&c->json);
	return WEIR_OK;
}

static void put_moment(weir_json *j, const char *key, weir_text held)
{
	char buf[WEIR_CLOCK_MAX];
	int64_t ms;

	if (weir_num_int(held, &ms))
		weir_json_null(j, key);
	else
		weir_json_str(j, key, weir_clock_iso(ms, buf));
}

static void put_group(weir_json *j, const char *key, json_object *row)
{
	static const struct {
		const char *name, *column;
	} members[] = { { "id", "id" }, { "projectId", "project_id" }, { "type", "type" }, { "name", "name" }, { "properties", "properties" } };

	weir_json_obj(j, key);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		weir_rest_tree(j, members[i].name, weir_jsonr_get(row, members[i].column));
	put_moment(j, "createdAt", weir_jsonr_get_text(row, "created_ms"));
	put_moment(j, "updatedAt", weir_jsonr_get_text(row, "version_ms"));
	weir_json_end(j);
}

weir_err weir_rest_insights_groups(struct weir_rest_call *c)
{
	enum { GROUPS_USUAL = 20, GROUPS_MAX = 100 };
	struct weir_groups_ask in = {
		.search = weir_jsonr_get_text(c->in, "search"), .type = weir_jsonr_get_text(c->in, "type"),
		.take = weir_rest_int(c, "limit", GROUPS_USUAL, GROUPS_MAX),
	};
	struct weir_ask ask = weir_rest_ask(c);
	json_object *rows;
	weir_err err = weir_groups(&ask, &in, false, &rows);

	if (err)
		return err;
	weir_json_arr(&c->json, NULL);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++)
		put_group(&c->json, NULL, weir_jsonr_at(rows, i));
	weir_json_end(&c->json);
	return WEIR_OK;
}

static void put_no_group(struct weir_rest_call *c)
{
	c->req->status = 404;
	weir_json_obj(&c->json, NULL);
	weir_json_strz(&c->json, "error", "Group not found");
	weir_json_str(&c->json, "groupId", c->params[1]);
	weir_json_end(&c->json);
}

weir_err weir_rest_insights_group(struct weir_rest_call *c)
{
	enum { MEMBERS_USUAL = 10, MEMBERS_MAX = 50 };
	struct weir_circle circle = { WEIR_CIRCLE_GROUP, c->params[1] };
	struct weir_circle_page page = { .take = weir_rest_int(c, "memberLimit", MEMBERS_USUAL, MEMBERS_MAX) };
	struct weir_ask ask = weir_rest_ask(c);
	json_object *groups, *members;
	weir_err err = weir_groups(&ask, &(struct weir_groups_ask){ .ids = &c->params[1], .id_count = 1, .take = 1 }, false, &groups);

	if (!err && !weir_jsonr_count(groups)) {
		put_no_group(c);
		return WEIR_OK;
	}
	if (!err)
		err = weir_circle_profiles(&ask, &circle, &page, &members);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	put_group(&c->json, "group", weir_jsonr_at(groups, 0));
	weir_json_num(&c->json, "member_count", weir_jsonr_count(members) ? member(members, 0, "total") : 0);
	for (size_t i = 0; i < weir_jsonr_count(members); i++)
		json_object_object_del(weir_jsonr_at(members, i), "total");
	weir_rest_raws(&c->json, "members", members, page.take);
	weir_json_end(&c->json);
	return WEIR_OK;
}
