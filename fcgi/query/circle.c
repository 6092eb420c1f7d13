#include "config.h"
#include "query/circle.h"

#include "base/jsonr.h"
#include "query/events.h"
#include "query/filter.h"

enum { WORDS_MAX = 5 };
#define MONTH_DAYS "30"

static void members_of(weir_sql *q, const struct weir_ask *ask, const weir_text *cohort_ids, size_t count)
{
	weir_sql_add(q, " IN (SELECT profile_id FROM cohort_members WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	weir_sql_add(q, " AND cohort_id IN ");
	weir_sql_strings(q, cohort_ids, count);
	weir_sql_add(q, ")");
}

/* " WHERE ..." for table events or profiles, whose profile is column id there. */
static void where(weir_sql *q, const struct weir_ask *ask, const struct weir_circle *circle, const char *profile_column)
{
	weir_sql_add(q, " WHERE project_id = ");
	weir_sql_string(q, ask->project_id);
	if (circle->kind == WEIR_CIRCLE_GROUP) {
		weir_sql_add(q, " AND has(groups, ");
		weir_sql_string(q, circle->id);
		weir_sql_add(q, ")");
	} else {
		weir_sql_add(q, " AND ");
		weir_sql_const(q, profile_column);
		members_of(q, ask, &circle->id, 1);
	}
}

/* The project's day now. */
static void today(weir_sql *q, const struct weir_ask *ask)
{
	weir_sql_add(q, "toDate(toDateTime(intDiv(");
	weir_sql_int(q, ask->now_ms);
	weir_sql_add(q, ", 1000)))");
}

static weir_err month(const struct weir_ask *ask, const struct weir_circle *circle, bool members, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT count, toString(day) AS date FROM (SELECT toFloat64(count()) AS count, toDate(toDateTime(created_at)) AS day");
	weir_sql_const(&q, members ? " FROM profiles FINAL" : " FROM events");
	where(&q, ask, circle, members ? "id" : "profile_id");
	weir_sql_add(&q, " AND created_at >= toDateTime(");
	today(&q, ask);
	weir_sql_const(&q, " - " MONTH_DAYS ") GROUP BY day ORDER BY day WITH FILL FROM ");
	today(&q, ask);
	weir_sql_const(&q, " - " MONTH_DAYS " TO ");
	today(&q, ask);
	weir_sql_add(&q, " + 1)");
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_circle_list(const struct weir_ask *ask, const struct weir_circle *circle, enum weir_circle_list list, json_object **rows)
{
	static const struct {
		const char *select, *behind;
	} lists[] = {
		[WEIR_CIRCLE_EVENTS] = { "SELECT toFloat64(count()) AS count, name FROM events",
			" AND name NOT IN ('screen_view', 'session_start', 'session_end') GROUP BY name ORDER BY count DESC, name LIMIT 10" },
		[WEIR_CIRCLE_ROUTES] = { "SELECT toFloat64(count()) AS count, path FROM events",
			" AND name = 'screen_view' AND path != '' GROUP BY path ORDER BY count DESC, path LIMIT 10" },
		[WEIR_CIRCLE_DAYS] = { "SELECT toFloat64(count()) AS count, concat(toString(toDate(toDateTime(created_at))), ' 00:00:00') AS date FROM events",
			" GROUP BY date ORDER BY date DESC" },
	};
	weir_sql q;

	if (list >= WEIR_CIRCLE_MONTH)
		return month(ask, circle, list == WEIR_CIRCLE_GROWTH, rows);
	weir_sql_init(&q, ask->mem);
	weir_sql_const(&q, lists[list].select);
	where(&q, ask, circle, "profile_id");
	weir_sql_const(&q, lists[list].behind);
	return weir_sql_finish(ask, &q, rows);
}

weir_err weir_circle_metrics(const struct weir_ask *ask, const struct weir_circle *circle, json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT toFloat64(count()) AS total_events, toString(toUnixTimestamp64Milli(min(created_at))) AS first_ms,"
		" toString(toUnixTimestamp64Milli(max(created_at))) AS last_ms, (SELECT toFloat64(count()) FROM profiles FINAL");
	where(&q, ask, circle, "id");
	weir_sql_add(&q, ") AS profiles FROM events");
	where(&q, ask, circle, "profile_id");
	return weir_sql_finish(ask, &q, rows);
}

/* A word anywhere in what a profile is known by. */
static void search(weir_sql *q, weir_text text)
{
	weir_text word;

	for (int i = 0; i < WORDS_MAX && weir_text_next(&text, ' ', &word); i++) {
		if (!word.n)
			continue;
		weir_sql_add(q, " AND positionCaseInsensitiveUTF8(concat(pr.id, '\\n', pr.email, '\\n', pr.first_name, ' ', pr.last_name), ");
		weir_sql_string(q, word);
		weir_sql_add(q, ") > 0");
	}
}

/* The cohorts of an inCohort or notInCohort filter; without any it says nothing. */
static weir_err cohorts(weir_sql *q, const struct weir_ask *ask, json_object *o, bool in)
{
	json_object *ids = weir_jsonr_get(o, "cohortIds");
	size_t n = weir_jsonr_count(ids);
	weir_text one = weir_jsonr_get_text(o, "cohortId"), *list = weir_alloc_n(q->mem, n + 1, sizeof(*list));

	if (!list)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++)
		list[i] = weir_jsonr_text(weir_jsonr_at(ids, i));
	if (!n && one.n)
		list[n++] = one;
	if (!n)
		return WEIR_OK;
	weir_sql_const(q, in ? " AND pr.id" : " AND pr.id NOT");
	members_of(q, ask, list, n);
	return WEIR_OK;
}

weir_err weir_profile_filters_sql(weir_sql *q, const struct weir_ask *ask, json_object *filters)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < weir_jsonr_count(filters) && !err; i++) {
		json_object *o = weir_jsonr_at(filters, i), *alone;
		weir_text word = weir_jsonr_get_text(o, "operator");

		if (weir_text_is(word, "inCohort") || weir_text_is(word, "notInCohort")) {
			err = cohorts(q, ask, o, weir_text_is(word, "inCohort"));
			continue;
		}
		if (!weir_text_starts(weir_jsonr_get_text(o, "name"), "profile."))
			continue;
		alone = json_object_new_array();
		if (!alone || json_object_array_add(alone, json_object_get(o)))
			err = WEIR_ENOMEM;
		else
			err = weir_filters_sql(q, ask, alone);
		json_object_put(alone);
	}
	return err;
}

weir_err weir_circle_profiles(const struct weir_ask *ask, const struct weir_circle *circle, const struct weir_circle_page *page,
	json_object **rows)
{
	weir_sql q;

	weir_sql_init(&q, ask->mem);
	weir_sql_add(&q, "SELECT " WEIR_PROFILE_SQL ", toFloat64(count() OVER ()) AS total FROM profiles AS pr FINAL");
	where(&q, ask, circle, "id");
	search(&q, page->search);
	weir_sql_fail(&q, weir_profile_filters_sql(&q, ask, page->filters));
	weir_sql_add(&q, " ORDER BY pr.created_at DESC, pr.id LIMIT ");
	weir_sql_int(&q, page->take);
	weir_sql_add(&q, " OFFSET ");
	weir_sql_int(&q, page->page * page->take);
	return weir_sql_finish(ask, &q, rows);
}
