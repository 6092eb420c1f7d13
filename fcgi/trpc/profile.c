#include "config.h"
#include "trpc/profile.h"

#include "base/num.h"
#include "ingest/flatten.h"

static bool is_identified(json_object *event)
{
	weir_text profile = weir_jsonr_get_text(event, "profile_id");

	return profile.n && !weir_text_eq(profile, weir_jsonr_get_text(event, "device_id"));
}

weir_err weir_profiles_of(const struct weir_ask *ask, json_object *events, size_t count, struct weir_page_profiles *out)
{
	weir_text *ids = weir_alloc_n(ask->mem, count + 1, sizeof(*ids));
	size_t n = 0;

	*out = (struct weir_page_profiles){ .events = events, .count = count };
	if (!ids)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		json_object *event = weir_jsonr_at(events, i);
		bool known = !is_identified(event);

		for (size_t k = 0; k < n && !known; k++)
			known = weir_text_eq(ids[k], weir_jsonr_get_text(event, "profile_id"));
		if (!known)
			ids[n++] = weir_jsonr_get_text(event, "profile_id");
	}
	return n ? weir_profiles_by_id(ask, ids, n, &out->rows) : WEIR_OK;
}

static json_object *row_of(const struct weir_page_profiles *p, json_object *event)
{
	for (size_t i = 0; p->rows && is_identified(event) && i < weir_jsonr_count(p->rows); i++) {
		json_object *row = weir_jsonr_at(p->rows, i);

		if (weir_text_eq(weir_jsonr_get_text(row, "id"), weir_jsonr_get_text(event, "profile_id")))
			return row;
	}
	return NULL;
}

static bool is_external(json_object *row)
{
	return weir_jsonr_truthy(weir_jsonr_get(row, "is_external"));
}

/* An identified profile that the event's session has on this page. */
static json_object *of_session(const struct weir_page_profiles *p, json_object *event)
{
	weir_text session = weir_jsonr_get_text(event, "session_id");

	for (size_t i = 0; session.n && i < p->count; i++) {
		json_object *other = weir_jsonr_at(p->events, i), *row;

		if (!weir_text_eq(session, weir_jsonr_get_text(other, "session_id")))
			continue;
		row = row_of(p, other);
		if (is_external(row))
			return row;
	}
	return NULL;
}

static void put_stub(struct weir_call *c, json_object *event)
{
	static const char *const empty[] = { "email", "avatar", "firstName", "lastName" };

	weir_sj_str(c->out, "id", weir_jsonr_get_text(event, "profile_id"));
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++)
		weir_sj_strz(c->out, empty[i], "");
	weir_sj_date(c->out, "createdAt", c->meta.now_ms);
	weir_sj_date(c->out, "lastSeenAt", c->meta.now_ms);
	weir_sj_str(c->out, "projectId", c->project.id);
	weir_sj_bool(c->out, "isExternal", false);
	weir_sj_obj(c->out, "properties");
	weir_sj_end(c->out);
	weir_sj_arr(c->out, "groups");
	weir_sj_end(c->out);
}

static weir_err put_properties(struct weir_call *c, json_object *row)
{
	json_object *flat = weir_jsonr_get(row, "properties"), *tree;
	struct weir_pairs pairs;
	weir_err err = WEIR_OK;

	weir_pairs_init(&pairs, c->meta.mem);
	if (flat) {
		json_object_object_foreach(flat, key, value)
			if (!err)
				err = weir_pairs_set(&pairs, weir_text_of(key), weir_jsonr_text(value));
	}
	if (!err)
		err = weir_unflatten(c->meta.mem, &pairs, &tree);
	if (!err)
		weir_sj_tree(c->out, "properties", tree);
	return err;
}

static void put_ms(struct weir_call *c, const char *key, json_object *row, const char *column)
{
	int64_t ms;

	weir_sj_date(c->out, key, weir_num_int(weir_jsonr_get_text(row, column), &ms) ? INT64_MIN : ms);
}

static weir_err put_row(struct weir_call *c, json_object *row, bool starred)
{
	weir_str first;
	weir_err err;

	weir_str_init(&first, 1024 * 1024);
	weir_str_puts(&first, starred ? "* " : "");
	weir_str_text(&first, weir_jsonr_get_text(row, "first_name"));
	weir_sj_str(c->out, "firstName", weir_str_view(&first));
	err = weir_str_err(&first);
	weir_str_free(&first);
	weir_sj_str(c->out, "lastName", weir_jsonr_get_text(row, "last_name"));
	weir_sj_bool(c->out, "isExternal", is_external(row));
	if (!err)
		err = put_properties(c, row);
	put_ms(c, "createdAt", row, "created_ms");
	put_ms(c, "lastSeenAt", row, "seen_ms");
	weir_sj_str(c->out, "projectId", c->project.id);
	weir_sj_str(c->out, "id", weir_jsonr_get_text(row, "id"));
	weir_sj_str(c->out, "email", weir_jsonr_get_text(row, "email"));
	weir_sj_str(c->out, "avatar", weir_jsonr_get_text(row, "avatar"));
	weir_sj_tree(c->out, "groups", weir_jsonr_get(row, "groups"));
	return err;
}

weir_err weir_profile_put(struct weir_call *c, const char *key, const struct weir_page_profiles *profiles, json_object *event)
{
	json_object *row = row_of(profiles, event), *other = is_external(row) ? NULL : of_session(profiles, event);
	weir_err err = WEIR_OK;

	weir_sj_obj(c->out, key);
	if (other)
		err = put_row(c, other, true);
	else if (row)
		err = put_row(c, row, false);
	else
		put_stub(c, event);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_profile_members(struct weir_call *c, json_object *row)
{
	return put_row(c, row, false);
}

weir_err weir_profile_page(struct weir_call *c, json_object *rows, int64_t take)
{
	json_object *first = weir_jsonr_count(rows) ? weir_jsonr_at(rows, 0) : NULL;
	weir_err err = WEIR_OK;

	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "data");
	for (size_t i = 0; i < weir_jsonr_count(rows) && !err; i++) {
		weir_sj_obj(c->out, NULL);
		err = put_row(c, weir_jsonr_at(rows, i), false);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "meta");
	weir_sj_num(c->out, "count", first ? json_object_get_double(weir_jsonr_get(first, "total")) : 0);
	weir_sj_int(c->out, "pageCount", take);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return err;
}

weir_err weir_reply_profile(struct weir_call *c, const char *key, json_object *row)
{
	weir_err err;

	weir_sj_obj(c->out, key);
	err = put_row(c, row, false);
	weir_sj_end(c->out);
	return err;
}
