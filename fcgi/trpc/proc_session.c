#include "config.h"
#include "trpc/session.h"

#include "base/jsonscan.h"
#include "query/sessions.h"
#include "trpc/ask.h"
#include "trpc/place.h"
#include "trpc/profile.h"
#include "trpc/reply.h"

/* session.* (spec/queries.md 18). */

static const struct weir_member members[] = {
	{ "id", "id", WEIR_MEMBER_TEXT },
	{ "profileId", "profile_id", WEIR_MEMBER_TEXT },
	{ "eventCount", "event_count", WEIR_MEMBER_NUMBER },
	{ "screenViewCount", "screen_view_count", WEIR_MEMBER_NUMBER },
	{ "entryPath", "entry_path", WEIR_MEMBER_TEXT },
	{ "entryOrigin", "entry_origin", WEIR_MEMBER_TEXT },
	{ "exitPath", "exit_path", WEIR_MEMBER_TEXT },
	{ "exitOrigin", "exit_origin", WEIR_MEMBER_TEXT },
	{ "createdAt", "created_ms", WEIR_MEMBER_MS },
	{ "endedAt", "ended_ms", WEIR_MEMBER_MS },
	{ "referrer", "referrer", WEIR_MEMBER_TEXT },
	{ "referrerName", "referrer_name", WEIR_MEMBER_TEXT },
	{ "referrerType", "referrer_type", WEIR_MEMBER_TEXT },
	{ "os", "os", WEIR_MEMBER_TEXT },
	{ "osVersion", "os_version", WEIR_MEMBER_TEXT },
	{ "browser", "browser", WEIR_MEMBER_TEXT },
	{ "browserVersion", "browser_version", WEIR_MEMBER_TEXT },
	{ "device", "device", WEIR_MEMBER_TEXT },
	{ "brand", "brand", WEIR_MEMBER_TEXT },
	{ "model", "model", WEIR_MEMBER_TEXT },
	{ "country", "country", WEIR_MEMBER_TEXT },
	{ "region", "region", WEIR_MEMBER_TEXT },
	{ "city", "city", WEIR_MEMBER_TEXT },
	{ "longitude", "longitude", WEIR_MEMBER_TREE },
	{ "latitude", "latitude", WEIR_MEMBER_TREE },
	{ "isBounce", "is_bounce", WEIR_MEMBER_TREE },
	{ "projectId", "project_id", WEIR_MEMBER_TEXT },
	{ "deviceId", "device_id", WEIR_MEMBER_TEXT },
	{ "duration", "duration", WEIR_MEMBER_NUMBER },
	{ "utmMedium", "utm_medium", WEIR_MEMBER_TEXT },
	{ "utmSource", "utm_source", WEIR_MEMBER_TEXT },
	{ "utmCampaign", "utm_campaign", WEIR_MEMBER_TEXT },
	{ "utmContent", "utm_content", WEIR_MEMBER_TEXT },
	{ "utmTerm", "utm_term", WEIR_MEMBER_TEXT },
	{ "revenue", "revenue", WEIR_MEMBER_NUMBER },
	{ "hasReplay", "has_replay", WEIR_MEMBER_TREE },
	{ "groups", "groups", WEIR_MEMBER_TREE },
};
enum { MEMBERS = sizeof(members) / sizeof(*members) };

void weir_session_put(struct weir_call *c, const char *key, json_object *row)
{
	weir_sj_obj(c->out, key);
	weir_reply_members(c, members, MEMBERS, row);
	weir_sj_end(c->out);
}

weir_err weir_do_session_list(struct weir_call *c)
{
	struct weir_sessions_ask ask = {
		.base = weir_ask_of(c), .profile_id = weir_jsonr_get_text(c->in, "profileId"), .search = weir_jsonr_get_text(c->in, "search"),
		.filters = weir_jsonr_get(c->in, "filters"), .take = json_object_get_int64(weir_jsonr_get(c->in, "take")),
	};
	struct weir_page_profiles profiles;
	json_object *rows = NULL;
	size_t n;
	weir_err err = weir_place_read(c, &ask.stretch);

	ask.take = ask.take < 1 ? 1 : ask.take > WEIR_SESSIONS_MAX ? WEIR_SESSIONS_MAX : ask.take;
	if (!err)
		err = weir_sessions_page(&ask, &rows);
	if (err)
		return err;
	n = weir_jsonr_count(rows);
	n = n > (size_t)ask.take ? (size_t)ask.take : n;
	err = weir_profiles_of(&ask.base, rows, n, &profiles);
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "items");
	for (size_t i = 0; i < n && !err; i++) {
		weir_sj_obj(c->out, NULL);
		weir_reply_members(c, members, MEMBERS, weir_jsonr_at(rows, i));
		err = weir_profile_put(c, "profile", &profiles, weir_jsonr_at(rows, i));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "meta");
	if (!weir_place_put_next(c, rows, n))
		weir_sj_undefined(c->out, "next");
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_session_by_id(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *row;
	weir_err err = weir_session_by_id(&ask, weir_jsonr_get_text(c->in, "sessionId"), &row);

	if (err)
		return err;
	if (!row)
		return weir_call_fail(c, WEIR_ENOTFOUND, "Session not found");
	weir_session_put(c, NULL, row);
	return WEIR_OK;
}

weir_err weir_do_session_distinct_values(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_session_values(&ask, weir_jsonr_get_text(c->in, "field"), &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++)
		weir_sj_str(c->out, NULL, weir_jsonr_get_text(weir_jsonr_at(rows, i), "value"));
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* A recorded page is nested as deeply as its elements are; the text is passed on as it is. */
static bool is_list(weir_text payload)
{
	enum { DEPTH_MAX = 4000 };
	weir_text t = weir_text_trim(payload);
	size_t at;

	return t.n && t.p[0] == '[' && weir_jsonscan(t, DEPTH_MAX, &at) == WEIR_SCAN_OK;
}

/* Pieces that cannot be read are left out, their numbers with them. */
weir_err weir_do_session_replay_chunks_from(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	int64_t from = json_object_get_int64(weir_jsonr_get(c->in, "fromIndex"));
	json_object *rows;
	size_t n;
	weir_err err = weir_replay_chunks(&ask, weir_jsonr_get_text(c->in, "sessionId"), from, &rows);

	if (err)
		return err;
	n = weir_jsonr_count(rows);
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < n && i < WEIR_REPLAY_PAGE; i++) {
		weir_text payload = weir_jsonr_get_text(weir_jsonr_at(rows, i), "payload");

		if (!is_list(payload))
			continue;
		weir_sj_obj(c->out, NULL);
		weir_sj_int(c->out, "chunkIndex", from + (int64_t)i);
		weir_sj_raw(c->out, "events", payload);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_bool(c->out, "hasMore", n > WEIR_REPLAY_PAGE);
	weir_sj_end(c->out);
	return WEIR_OK;
}
