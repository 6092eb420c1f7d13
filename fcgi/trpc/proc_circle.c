#include "config.h"
#include "trpc/call.h"

#include "query/circle.h"
#include "trpc/ask.h"
#include "trpc/profile.h"
#include "trpc/reply.h"

/* What the members of groups and cohorts do (spec/trpc-metadata.md 4.17, 4.18): the procedures that both have. */

enum { TAKE_MAX = 1000, PAGES_MAX = 1000000 };

static const struct weir_member by_name[] = { { "count", "count", WEIR_MEMBER_NUMBER }, { "name", "name", WEIR_MEMBER_TEXT } };
static const struct weir_member by_path[] = { { "count", "count", WEIR_MEMBER_NUMBER }, { "path", "path", WEIR_MEMBER_TEXT } };
static const struct weir_member by_date[] = { { "count", "count", WEIR_MEMBER_NUMBER }, { "date", "date", WEIR_MEMBER_TEXT } };

static struct weir_circle group(const struct weir_call *c)
{
	return (struct weir_circle){ WEIR_CIRCLE_GROUP, weir_in_text(c, "id") };
}

static struct weir_circle cohort(const struct weir_call *c)
{
	return (struct weir_circle){ WEIR_CIRCLE_COHORT, weir_in_text(c, "cohortId") };
}

static weir_err list(struct weir_call *c, struct weir_circle circle, enum weir_circle_list what, const struct weir_member members[2])
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_circle_list(&ask, &circle, what, &rows);

	if (!err)
		weir_reply_list(c, NULL, members, 2, rows);
	return err;
}

/* The lists: whose, the procedure, what is listed, its members. */
#define LISTS(X) \
	X(group, most_events, EVENTS, by_name) \
	X(group, popular_routes, ROUTES, by_path) \
	X(group, activity, DAYS, by_date) \
	X(group, member_growth, GROWTH, by_date) \
	X(cohort, most_events, EVENTS, by_name) \
	X(cohort, popular_routes, ROUTES, by_path) \
	X(cohort, events_per_day, MONTH, by_date)

#define X(whose, procedure, what, members) \
	weir_err weir_do_##whose##_##procedure(struct weir_call *c) \
	{ \
		return list(c, whose(c), WEIR_CIRCLE_##what, members); \
	}
LISTS(X)
#undef X

weir_err weir_do_group_metrics(struct weir_call *c)
{
	static const struct weir_member members[] = {
		{ "totalEvents", "total_events", WEIR_MEMBER_NUMBER }, { "uniqueProfiles", "profiles", WEIR_MEMBER_NUMBER },
		{ "firstSeen", "first_ms", WEIR_MEMBER_MS }, { "lastSeen", "last_ms", WEIR_MEMBER_MS },
	};
	struct weir_circle circle = group(c);
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_circle_metrics(&ask, &circle, &rows);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_members(c, members, 4, weir_jsonr_count(rows) ? weir_jsonr_at(rows, 0) : NULL);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err profiles(struct weir_call *c, struct weir_circle circle)
{
	struct weir_circle_page page = {
		.search = weir_in_text(c, "search"), .filters = weir_jsonr_get(c->in, "filters"), .take = weir_in_int(c, "take", 50, 1, TAKE_MAX),
		.page = weir_in_int(c, "cursor", 0, 0, PAGES_MAX),
	};
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_circle_profiles(&ask, &circle, &page, &rows);

	return err ? err : weir_profile_page(c, rows, page.take);
}

weir_err weir_do_group_list_profiles(struct weir_call *c)
{
	return profiles(c, (struct weir_circle){ WEIR_CIRCLE_GROUP, weir_in_text(c, "groupId") });
}

weir_err weir_do_cohort_list_profiles(struct weir_call *c)
{
	return profiles(c, cohort(c));
}
