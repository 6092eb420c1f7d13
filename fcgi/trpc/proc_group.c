#include "config.h"
#include "trpc/call.h"

#include "base/num.h"
#include "ingest/people.h"
#include "ingest/peoplescript.h"
#include "query/circle.h"
#include "query/group.h"
#include "trpc/ask.h"
#include "trpc/profile.h"
#include "trpc/reply.h"

/* group.* (spec/trpc-metadata.md 4.17). */

enum { TAKE_MAX = 1000, PAGES_MAX = 1000000 };

static const struct weir_member group_members[] = {
	{ "id", "id", WEIR_MEMBER_TEXT }, { "projectId", "project_id", WEIR_MEMBER_TEXT }, { "type", "type", WEIR_MEMBER_TEXT },
	{ "name", "name", WEIR_MEMBER_TEXT }, { "properties", "properties", WEIR_MEMBER_TREE }, { "createdAt", "created_ms", WEIR_MEMBER_MS },
	{ "updatedAt", "version_ms", WEIR_MEMBER_MS }, { "memberCount", "member_count", WEIR_MEMBER_NUMBER },
	{ "lastActiveAt", "last_ms", WEIR_MEMBER_MS },
};
enum { ALONE = 7, COUNTED = 9 }; /* members of a group by itself, and in the list */

weir_err weir_do_group_list(struct weir_call *c)
{
	struct weir_groups_ask in = {
		.search = weir_in_text(c, "search"), .type = weir_in_text(c, "type"), .take = weir_in_int(c, "take", 50, 1, TAKE_MAX),
		.page = weir_in_int(c, "cursor", 0, 0, PAGES_MAX),
	};
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows, *first;
	weir_err err = weir_groups(&ask, &in, true, &rows);

	if (err)
		return err;
	first = weir_jsonr_count(rows) ? weir_jsonr_at(rows, 0) : NULL;
	weir_sj_obj(c->out, NULL);
	weir_reply_list(c, "data", group_members, COUNTED, rows);
	weir_sj_obj(c->out, "meta");
	weir_sj_num(c->out, "count", first ? json_object_get_double(weir_jsonr_get(first, "total")) : 0);
	weir_sj_int(c->out, "take", in.take);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static weir_err by_ids(struct weir_call *c, const weir_text *ids, size_t count, json_object **rows)
{
	struct weir_ask ask = weir_ask_of(c);

	return weir_groups(&ask, &(struct weir_groups_ask){ .ids = ids, .id_count = count, .take = (int64_t)count }, false, rows);
}

weir_err weir_do_group_list_by_ids(struct weir_call *c)
{
	json_object *rows = NULL;
	weir_text *ids;
	size_t count;
	weir_err err = weir_in_texts(c, "ids", &ids, &count);

	if (!err && count)
		err = by_ids(c, ids, count, &rows);
	if (!err)
		weir_reply_list(c, NULL, group_members, ALONE, rows);
	return err;
}

/* The group's row, NULL when there is none. */
static weir_err one(struct weir_call *c, json_object **row)
{
	weir_text id = weir_in_text(c, "id");
	json_object *rows;
	weir_err err = by_ids(c, &id, 1, &rows);

	*row = !err && weir_jsonr_count(rows) ? weir_jsonr_at(rows, 0) : NULL;
	return err;
}

weir_err weir_do_group_by_id(struct weir_call *c)
{
	json_object *row;
	weir_err err = one(c, &row);

	if (err)
		return err;
	if (!row) {
		weir_sj_null(c->out, NULL);
		return WEIR_OK;
	}
	weir_sj_obj(c->out, NULL);
	weir_reply_members(c, group_members, ALONE, row);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* ------------------------------------------------------------ changes */

static int64_t ms_in(json_object *row, const char *column)
{
	int64_t ms = 0;

	return weir_num_int(weir_jsonr_get_text(row, column), &ms) ? 0 : ms;
}

/* The stored properties (row may be NULL) with those of the input put over them; the input's alone go into given. */
static weir_err merge(struct weir_call *c, json_object *row, struct weir_pairs *all, struct weir_group_change *change)
{
	json_object *stored = weir_jsonr_get(row, "properties"), *given = weir_jsonr_get(c->in, "properties");
	const char *why = NULL;
	weir_err err = WEIR_OK;

	weir_pairs_init(all, c->meta.mem);
	weir_pairs_init(&change->properties, c->meta.mem);
	weir_pairs_init(&change->replaced, c->meta.mem);
	if (stored) {
		json_object_object_foreach(stored, key, value)
			if (!err)
				err = weir_pairs_set(all, weir_text_of(key), weir_jsonr_text(value));
	}
	if (!err && given)
		err = weir_group_properties(&change->properties, &change->replaced, given, &why);
	for (size_t i = 0; i < change->properties.n && !err; i++)
		err = weir_pairs_set(all, change->properties.v[i].key, change->properties.v[i].value);
	return err == WEIR_ELIMIT ? weir_call_refuse(c, "properties", why ? why : "A group may not hold so many properties") : err;
}

static void put_group(struct weir_call *c, const struct weir_group_row *row)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "id", row->id);
	weir_sj_str(c->out, "projectId", c->project.id);
	weir_sj_str(c->out, "type", row->type);
	weir_sj_str(c->out, "name", row->name);
	weir_sj_obj(c->out, "properties");
	for (size_t i = 0; i < row->count; i++) {
		char *key = weir_strndup(c->meta.mem, row->keys[i].p, row->keys[i].n);

		if (key)
			weir_sj_str(c->out, key, row->values[i]);
	}
	weir_sj_end(c->out);
	weir_sj_date(c->out, "createdAt", row->created_ms);
	weir_sj_date(c->out, "updatedAt", row->version_ms);
	weir_sj_end(c->out);
}

/*
 * To Redis, which decides while it knows the group and brings it to ClickHouse
 * in its time, and to ClickHouse right away, so that the next question sees it.
 */
static weir_err store(struct weir_call *c, json_object *row, weir_text type, weir_text name)
{
	struct weir_group_change change = { .project_id = c->project.id, .id = weir_in_text(c, "id"), .type = type, .name = name };
	struct weir_group_row written = { .id = change.id, .type = type, .name = name };
	struct weir_ask ask = weir_ask_of(c);
	struct weir_pairs all;
	weir_text *keys, *values;
	int64_t version = ms_in(row, "version_ms");
	weir_err err = merge(c, row, &all, &change);

	if (err)
		return err;
	keys = weir_alloc_n(c->meta.mem, all.n + 1, sizeof(*keys));
	values = weir_alloc_n(c->meta.mem, all.n + 1, sizeof(*values));
	if (!keys || !values)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < all.n; i++) {
		keys[i] = all.v[i].key;
		values[i] = all.v[i].value;
	}
	written.keys = keys;
	written.values = values;
	written.count = all.n;
	written.created_ms = row ? ms_in(row, "created_ms") : c->meta.now_ms - c->meta.now_ms % 1000;
	written.version_ms = version >= c->meta.now_ms ? version + 1 : c->meta.now_ms;
	err = weir_people_change_group(c->meta.redis, c->meta.conf, c->meta.mem, written.version_ms, &change);
	if (!err)
		err = weir_group_write(&ask, &written);
	if (!err)
		put_group(c, &written);
	return err;
}

weir_err weir_do_group_create(struct weir_call *c)
{
	json_object *row;
	weir_err err = one(c, &row);

	return err ? err : store(c, row, weir_in_text(c, "type"), weir_in_text(c, "name"));
}

static weir_err no_group(struct weir_call *c)
{
	weir_str text;

	weir_str_init(&text, 64 * 1024);
	weir_str_puts(&text, "Group ");
	weir_str_text(&text, weir_in_text(c, "id"));
	weir_str_puts(&text, " not found");
	c->message = weir_text_dup(c->meta.mem, weir_str_view(&text));
	weir_str_free(&text);
	return WEIR_ENOTFOUND;
}

weir_err weir_do_group_update(struct weir_call *c)
{
	weir_text type = weir_in_text(c, "type"), name = weir_in_text(c, "name");
	json_object *row;
	weir_err err = one(c, &row);

	if (err)
		return err;
	return row ? store(c, row, type.n ? type : weir_jsonr_get_text(row, "type"), name.n ? name : weir_jsonr_get_text(row, "name")) : no_group(c);
}

weir_err weir_do_group_delete(struct weir_call *c)
{
	struct weir_group_row gone = { .deleted = true };
	struct weir_ask ask = weir_ask_of(c);
	json_object *row;
	weir_err err = one(c, &row);

	if (err || !row)
		return err ? err : no_group(c);
	gone.id = weir_jsonr_get_text(row, "id");
	gone.type = weir_jsonr_get_text(row, "type");
	gone.name = weir_jsonr_get_text(row, "name");
	gone.created_ms = ms_in(row, "created_ms");
	gone.version_ms = ms_in(row, "version_ms") >= c->meta.now_ms ? ms_in(row, "version_ms") + 1 : c->meta.now_ms;
	err = weir_people_forget_group(c->meta.redis, c->meta.conf, c->meta.mem, c->project.id, gone.id);
	if (!err)
		err = weir_group_write(&ask, &gone);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_members(c, group_members, ALONE, row);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* ------------------------------------------------------------ what there is */

static void put_texts(struct weir_call *c, json_object *rows, const char *column)
{
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++)
		weir_sj_str(c->out, NULL, weir_jsonr_get_text(weir_jsonr_at(rows, i), column));
	weir_sj_end(c->out);
}

weir_err weir_do_group_types(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_group_types(&ask, &rows);

	if (!err)
		put_texts(c, rows, "type");
	return err;
}

weir_err weir_do_group_properties(struct weir_call *c)
{
	struct weir_ask ask = weir_ask_of(c);
	json_object *rows;
	weir_err err = weir_group_keys(&ask, &rows);

	if (!err)
		put_texts(c, rows, "key");
	return err;
}
