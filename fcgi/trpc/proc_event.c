#include "config.h"
#include "trpc/call.h"

#include "base/num.h"
#include "query/events.h"
#include "query/pages.h"
#include "query/sessions.h"
#include "trpc/ask.h"
#include "trpc/event.h"
#include "trpc/reply.h"
#include "trpc/session.h"

/* event.* but for pages (spec/queries.md 17). */

static weir_err read_input(struct weir_call *c, struct weir_events_ask *ask)
{
	json_object *names = weir_jsonr_get(c->in, "events");
	weir_text *list;

	*ask = (struct weir_events_ask){
		.base = weir_ask_of(c), .filters = weir_jsonr_get(c->in, "filters"),
		.profile_id = weir_jsonr_get_text(c->in, "profileId"), .session_id = weir_jsonr_get_text(c->in, "sessionId"),
		.group_id = weir_jsonr_get_text(c->in, "groupId"), .cohort_id = weir_jsonr_get_text(c->in, "cohortId"),
		.name_count = weir_jsonr_count(names),
	};
	list = weir_alloc_n(c->meta.mem, ask->name_count + 1, sizeof(*list));
	for (size_t i = 0; list && i < ask->name_count; i++)
		list[i] = weir_jsonr_text(weir_jsonr_at(names, i));
	ask->names = list;
	return list ? weir_place_read(c, &ask->stretch) : WEIR_ENOMEM;
}

weir_err weir_do_event_events(struct weir_call *c)
{
	struct weir_events_ask ask;
	json_object *rows = NULL;
	weir_err err = read_input(c, &ask);

	if (!err)
		err = weir_events_page(&ask, &rows);
	return err ? err : weir_event_page_put(c, &ask.base, rows);
}

/* The names that are conversions, of those that the input names when it does. */
static weir_err conversion_names(struct weir_call *c, struct weir_events_ask *ask)
{
	bool chosen = weir_jsonr_get(c->in, "events") != NULL;
	PGresult *metas = NULL;
	weir_text *list;
	size_t n = 0;
	weir_err err = weir_event_meta_conversions(&c->meta, c->project.id, &metas);

	if (err)
		return err;
	list = weir_alloc_n(c->meta.mem, (size_t)PQntuples(metas) + 1, sizeof(*list));
	for (int i = 0; list && i < PQntuples(metas); i++) {
		weir_text name = weir_pg_text(metas, i, WEIR_EVENT_META_NAME);
		bool wanted = !chosen;

		for (size_t k = 0; k < ask->name_count && !wanted; k++)
			wanted = weir_text_eq(ask->names[k], name);
		if (wanted)
			list[n++] = name;
	}
	ask->names = list;
	ask->name_count = n;
	return list ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_do_event_conversions(struct weir_call *c)
{
	struct weir_events_ask ask;
	json_object *rows = NULL;
	weir_err err = read_input(c, &ask);

	if (!err)
		err = conversion_names(c, &ask);
	if (!err && ask.name_count) {
		err = weir_events_page(&ask, &rows);
		return err ? err : weir_event_page_put(c, &ask.base, rows);
	}
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "data");
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "meta");
	weir_sj_null(c->out, "next");
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_event_conversion_names(struct weir_call *c)
{
	return weir_reply_conversions(c);
}

/* The event that the input names, with what is to be said of it. */
static weir_err one_event(struct weir_call *c, const struct weir_ask *ask, json_object **row, struct weir_event_look *look)
{
	json_object *rows = NULL;
	int64_t near = INT64_MIN;
	bool given;
	weir_err err = weir_place_date(c, "createdAt", &given, &near);

	if (!err)
		err = weir_event_by_id(ask, weir_jsonr_get_text(c->in, "id"), near, &rows);
	if (err)
		return err;
	if (!weir_jsonr_count(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, "Event not found");
	*row = weir_jsonr_at(rows, 0);
	*look = (struct weir_event_look){ .whole = true };
	return weir_event_look(c, ask, rows, 1, look);
}

weir_err weir_do_event_by_id(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	struct weir_event_look look;
	json_object *row;
	weir_err err = one_event(c, &ask, &row, &look);

	return err ? err : weir_event_put(c, NULL, row, &look);
}

weir_err weir_do_event_details(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	struct weir_event_look look;
	json_object *row, *session = NULL;
	weir_err err = one_event(c, &ask, &row, &look);

	if (!err && weir_jsonr_get_text(row, "session_id").n)
		err = weir_session_by_id(&ask, weir_jsonr_get_text(row, "session_id"), &session);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	err = weir_event_put(c, "event", row, &look);
	if (session)
		weir_session_put(c, "session", session);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_do_event_bots(struct weir_call *c)
{
	static const char *const members[] = { "id", "project_id", "name", "type", "path", "created_at" };
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	int64_t count, ms;
	weir_err err = weir_bots(&ask, json_object_get_int64(weir_jsonr_get(c->in, "limit")), json_object_get_int64(weir_jsonr_get(c->in, "cursor")),
		&rows, &count);

	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		json_object *row = weir_jsonr_at(rows, i);

		weir_sj_obj(c->out, NULL);
		for (size_t k = 0; k < sizeof(members) / sizeof(*members); k++)
			weir_sj_tree(c->out, members[k], weir_jsonr_get(row, members[k]));
		weir_sj_date(c->out, "createdAt", weir_num_int(weir_jsonr_get_text(row, "created_ms"), &ms) ? INT64_MIN : ms);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_int(c->out, "count", count);
	weir_sj_end(c->out);
	return WEIR_OK;
}
