/* Changes of profiles and groups, and their states. */
#include "config.h"
#include "ingest/people.h"

#include "base/num.h"
#include "ingest/flatten.h"
#include "ingest/rowpack.h"

#include <stdio.h>

/* ----------------------------------------------------------- properties said */

/* One object of properties on its way into flat ones. */
struct walk {
	struct weir_pairs *properties, *replaced;
	const char **why;
	bool group;
	int depth;
};

static weir_err refuse(const struct walk *w, const char *why)
{
	*w->why = why;
	return WEIR_ELIMIT;
}

static weir_err put(const struct walk *w, struct weir_pairs *list, weir_text key, weir_text value)
{
	weir_err err = weir_pairs_set(list, key, value);

	return err == WEIR_ELIMIT ? refuse(w, "properties are too many or too long") : err;
}

static weir_err put_number(const struct walk *w, weir_text key, double v)
{
	char buf[WEIR_NUM_MAX];
	weir_text text = weir_text_dup(w->properties->arena, weir_num_js(v, buf));

	return text.p ? put(w, w->properties, key, text) : WEIR_ENOMEM;
}

static weir_err put_scalar(const struct walk *w, weir_text key, json_object *v)
{
	weir_text text = weir_jsonr_text(v);

	switch (json_object_get_type(v)) {
	case json_type_boolean:
		return put(w, w->properties, key, json_object_get_boolean(v) ? WEIR_TEXT("true") : WEIR_TEXT("false"));
	case json_type_int:
	case json_type_double:
		return put_number(w, key, json_object_get_double(v));
	default:
		break;
	}
	if (!text.n) /* null or "" */
		return w->group ? put(w, w->replaced, key, WEIR_TEXT("")) : WEIR_OK;
	return w->group ? weir_flatten_text(w->properties, key, text, w->why) : put(w, w->properties, key, text);
}

static weir_err walk_value(struct walk *w, weir_text key, json_object *v);

static weir_err join(const struct walk *w, weir_text prefix, weir_text name, weir_text *key)
{
	char *p;

	*key = name;
	if (!prefix.n)
		return WEIR_OK;
	if (prefix.n + name.n > WEIR_PAIRS_BYTES)
		return refuse(w, "properties are too many or too long");
	p = weir_alloc(w->properties->arena, prefix.n + 1 + name.n);
	if (!p)
		return WEIR_ENOMEM;
	memcpy(p, prefix.p, prefix.n);
	p[prefix.n] = '.';
	if (name.n)
		memcpy(p + prefix.n + 1, name.p, name.n);
	*key = (weir_text){ p, prefix.n + 1 + name.n };
	return WEIR_OK;
}

static weir_err walk_object(struct walk *w, weir_text prefix, json_object *o, const char *const *skip)
{
	weir_err err = WEIR_OK;

	json_object_object_foreach(o, name, member) {
		const char *const *s = skip;
		weir_text key;

		while (s && *s && strcmp(*s, name) != 0)
			s++;
		if (s && *s)
			continue;
		err = join(w, prefix, weir_text_of(name), &key);
		if (!err)
			err = walk_value(w, key, member);
		if (err)
			break;
	}
	return err;
}

static weir_err walk_array(struct walk *w, weir_text prefix, json_object *o)
{
	weir_err err = put(w, w->replaced, prefix, WEIR_TEXT(""));

	for (size_t i = 0; !err && i < weir_jsonr_count(o); i++) {
		char index[24];
		weir_text name = weir_text_dup(w->properties->arena, (weir_text){ index, (size_t)snprintf(index, sizeof(index), "%zu", i) });
		weir_text key;

		err = name.p ? join(w, prefix, name, &key) : WEIR_ENOMEM;
		if (!err)
			err = walk_value(w, key, weir_jsonr_at(o, i));
	}
	return err;
}

static weir_err walk_value(struct walk *w, weir_text key, json_object *v)
{
	weir_err err;

	if (w->depth == WEIR_FLATTEN_DEPTH)
		return refuse(w, "properties are nested too deeply");
	w->depth++;
	if (json_object_is_type(v, json_type_object))
		err = walk_object(w, key, v, NULL);
	else if (json_object_is_type(v, json_type_array))
		err = walk_array(w, key, v);
	else
		err = put_scalar(w, key, v);
	w->depth--;
	return err;
}

weir_err weir_profile_properties(struct weir_pairs *properties, struct weir_pairs *replaced, json_object *o, const char *const *skip,
	const char **why)
{
	struct walk w = { .properties = properties, .replaced = replaced, .why = why };

	return json_object_is_type(o, json_type_object) ? walk_object(&w, WEIR_TEXT(""), o, skip) : WEIR_OK;
}

weir_err weir_group_properties(struct weir_pairs *properties, struct weir_pairs *replaced, json_object *o, const char **why)
{
	struct walk w = { .properties = properties, .replaced = replaced, .why = why, .group = true };

	return json_object_is_type(o, json_type_object) ? walk_object(&w, WEIR_TEXT(""), o, NULL) : WEIR_OK;
}

/* -------------------------------------------------------------------- packing */

static void pack_bool(msgpack_packer *pk, bool v)
{
	if (v)
		msgpack_pack_true(pk);
	else
		msgpack_pack_false(pk);
}

static void pack_all(msgpack_packer *pk, const weir_text *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		weir_pack_text(pk, t[i]);
}

static void pack_keys(msgpack_packer *pk, const struct weir_pairs *p)
{
	msgpack_pack_array(pk, p->n);
	for (size_t i = 0; i < p->n; i++)
		weir_pack_text(pk, p->v[i].key);
}

void weir_profile_change_pack(const struct weir_profile_change *c, weir_str *out)
{
	const weir_text ids[] = { c->project_id, c->id }, names[] = { c->first_name, c->last_name, c->email, c->avatar };
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 10);
	pack_all(&pk, ids, 2);
	pack_bool(&pk, c->is_external);
	pack_all(&pk, names, 4);
	weir_pack_texts(&pk, c->groups);
	weir_pack_map(&pk, (weir_map){ c->properties.v, c->properties.n });
	pack_keys(&pk, &c->replaced);
}

void weir_group_change_pack(const struct weir_group_change *c, weir_str *out)
{
	const weir_text texts[] = { c->project_id, c->id, c->type, c->name };
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 6);
	pack_all(&pk, texts, 4);
	weir_pack_map(&pk, (weir_map){ c->properties.v, c->properties.n });
	pack_keys(&pk, &c->replaced);
}

void weir_adjust_pack(weir_text project_id, weir_text id, weir_text property, double by, weir_str *out)
{
	const weir_text texts[] = { project_id, id, property };
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 4);
	pack_all(&pk, texts, 3);
	msgpack_pack_double(&pk, by);
}

void weir_profile_touched_pack(weir_text project_id, weir_text id, bool is_external, weir_map properties, int64_t now_ms, weir_str *out)
{
	const weir_text ids[] = { project_id, id };
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 15);
	weir_pack_time(&pk, now_ms);
	pack_bool(&pk, false);
	pack_all(&pk, ids, 2);
	pack_bool(&pk, is_external);
	weir_pack_time(&pk, now_ms);
	for (int i = 7; i <= 10; i++)
		weir_pack_text(&pk, WEIR_TEXT(""));
	msgpack_pack_array(&pk, 0);
	weir_pack_map(&pk, properties);
	weir_pack_time(&pk, now_ms);
	msgpack_pack_array(&pk, 0);
	msgpack_pack_array(&pk, 0);
}

void weir_profile_row_pack(const struct weir_profile *p, weir_str *out)
{
	const weir_text names[] = { p->first_name, p->last_name, p->email, p->avatar };
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 9);
	pack_bool(&pk, p->is_external);
	weir_pack_time(&pk, p->created_at);
	weir_pack_time(&pk, p->last_seen_at);
	pack_all(&pk, names, 4);
	weir_pack_texts(&pk, p->groups);
	weir_pack_map(&pk, p->properties);
}

void weir_group_row_pack(const struct weir_group *g, weir_str *out)
{
	const weir_text texts[] = { g->type, g->name };
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 5);
	weir_pack_time(&pk, g->created_at);
	weir_pack_time(&pk, g->version);
	pack_all(&pk, texts, 2);
	weir_pack_map(&pk, g->properties);
}

/* -------------------------------------------------------------------- reading */

static weir_err unpacked(const struct weir_unpack *u)
{
	return u->bad ? u->err : WEIR_OK;
}

/* Whether nothing of the state waits for a row: increments, removals, what a server says. */
static bool unpack_plain(struct weir_unpack u, weir_map *properties)
{
	weir_map texts = weir_unpack_map(&u); /* fails at a number */
	size_t waiting;

	weir_unpack_int(&u);
	waiting = weir_unpack_array(&u);
	waiting += weir_unpack_array(&u);
	if (u.bad || waiting)
		return false;
	*properties = texts;
	return true;
}

weir_err weir_profile_unpack(weir_arena *mem, weir_text in, struct weir_profile *p)
{
	struct weir_unpack u;

	*p = (struct weir_profile){ 0 };
	weir_unpack_init(&u, mem, in);
	if (weir_unpack_array(&u) < 15)
		return WEIR_EBADREQ;
	p->last_seen_at = weir_unpack_int(&u);
	p->based = weir_unpack_bool(&u);
	p->project_id = weir_unpack_text(&u);
	p->id = weir_unpack_text(&u);
	p->is_external = weir_unpack_bool(&u);
	p->created_at = weir_unpack_int(&u);
	p->first_name = weir_unpack_text(&u);
	p->last_name = weir_unpack_text(&u);
	p->email = weir_unpack_text(&u);
	p->avatar = weir_unpack_text(&u);
	p->groups = weir_unpack_texts(&u);
	if (p->based)
		p->properties = weir_unpack_map(&u);
	else if (!u.bad)
		p->plain = unpack_plain(u, &p->properties);
	return unpacked(&u);
}

weir_err weir_group_unpack(weir_arena *mem, weir_text in, struct weir_group *g)
{
	struct weir_unpack u;

	*g = (struct weir_group){ 0 };
	weir_unpack_init(&u, mem, in);
	if (weir_unpack_array(&u) < 9)
		return WEIR_EBADREQ;
	g->version = weir_unpack_int(&u);
	g->based = weir_unpack_bool(&u);
	g->project_id = weir_unpack_text(&u);
	g->id = weir_unpack_text(&u);
	g->created_at = weir_unpack_int(&u);
	g->type = weir_unpack_text(&u);
	g->name = weir_unpack_text(&u);
	g->properties = weir_unpack_map(&u);
	return unpacked(&u);
}

void weir_profile_json(weir_json *j, const char *key, const struct weir_profile *p)
{
	weir_json_obj(j, key);
	weir_row_json_text(j, "id", p->id);
	weir_row_json_text(j, "project_id", p->project_id);
	weir_row_json_text(j, "first_name", p->first_name);
	weir_row_json_text(j, "last_name", p->last_name);
	weir_row_json_text(j, "email", p->email);
	weir_row_json_text(j, "avatar", p->avatar);
	weir_row_json_map(j, "properties", p->properties);
	weir_json_bool(j, "is_external", p->is_external);
	weir_row_json_time(j, "created_at", p->created_at);
	weir_row_json_time(j, "last_seen_at", p->last_seen_at);
	weir_row_json_texts(j, "groups", p->groups);
	weir_json_end(j);
}

void weir_group_json(weir_json *j, const char *key, const struct weir_group *g)
{
	weir_json_obj(j, key);
	weir_row_json_text(j, "id", g->id);
	weir_row_json_text(j, "project_id", g->project_id);
	weir_row_json_text(j, "type", g->type);
	weir_row_json_text(j, "name", g->name);
	weir_row_json_map(j, "properties", g->properties);
	weir_row_json_time(j, "created_at", g->created_at);
	weir_row_json_count(j, "version", (uint64_t)g->version);
	weir_json_end(j);
}
