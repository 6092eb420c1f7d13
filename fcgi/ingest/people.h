#ifndef WEIR_INGEST_PEOPLE_H
#define WEIR_INGEST_PEOPLE_H
#include "ingest/event.h"
#include <json-c/json.h>
/*
 * What Redis knows about profiles and groups, and what requests change about
 * it (spec/ingest.md 7.3, 7.6).
 *
 *   {weir:0}:u:PROJECT:PROFILE   a profile's state, {weir:0}:g:PROJECT:GROUP a group's
 *   {weir:0}:dirty               sorted set of those that ClickHouse does not have, "u:PROJECT:PROFILE" by the server ms
 *                                of the first change that it lacks
 *
 * Redis decides as long as a state is there; sql/redis/people.lua makes every
 * change in one step, so that none is lost and an increment right after an
 * identify finds its profile.  weir-worker writes dirty states to ClickHouse
 * (ingest/peopleflush.h); a state that is written and not changed for an hour
 * goes.  The next change then begins a state that is not based: it holds what
 * was changed since, and is merged with ClickHouse's row when the worker has
 * read it.  So no request waits for ClickHouse, except an increment of a
 * profile that Redis does not know, which may have to answer 404.
 *
 * Properties are flat, "a.b" for {"a":{"b":..}}, and their values texts as
 * JavaScript spells them.  A value takes the place of an object of its name
 * and of everything in it, an array that of what was there; objects are
 * merged.  Nothing is erased by null or "".
 *
 * A state is a MessagePack array, numbered as Lua numbers it:
 *
 *   profile   1 last_seen_at ms, higher with every change  2 based  3 project_id  4 id  5 is_external  6 created_at ms
 *             7 first_name  8 last_name  9 email  10 avatar  11 groups  12 properties, key, value, key ...
 *             13 when a session of it was last counted, ms
 *             not based: 12 has a number where an increment waits for the row's value
 *             14 keys whose values in the row go, with all below them
 *             15 properties that count only when the row is not of a visitor's own program (a server's place and agent)
 *   group     1 version ms  2 based  3 project_id  4 id  5 created_at ms  6 type  7 name  8 properties
 *             9 as 14 above
 */
#define WEIR_KEY_DIRTY "dirty"
#define WEIR_KEY_PROFILE_STATE "u"
#define WEIR_KEY_GROUP_STATE "g"

struct weir_profile_change {
	weir_text project_id, id;
	bool is_external;
	weir_text first_name, last_name, email, avatar; /* "" says nothing */
	weir_texts groups;                              /* joined to those that it has */
	struct weir_pairs properties;
	struct weir_pairs replaced;                     /* by key: arrays, whose old elements go */
};

struct weir_group_change {
	weir_text project_id, id, type, name;
	struct weir_pairs properties;
	struct weir_pairs replaced;                     /* arrays as above, and what null or "" takes away */
};

/*
 * Adds an object's members to properties and replaced, which the caller has
 * initialised; skip as in weir_flatten.  A profile's texts are kept as they
 * are (the reference keeps nested objects as JSON text; reads turn dots into
 * objects again), a group's go the way of an event's properties
 * (spec/ingest.md 5.5).  WEIR_ELIMIT with *why a sentence for the sender,
 * WEIR_ENOMEM.
 */
WEIR_MUSTCHECK weir_err weir_profile_properties(struct weir_pairs *properties, struct weir_pairs *replaced, json_object *o,
	const char *const *skip, const char **why);
WEIR_MUSTCHECK weir_err weir_group_properties(struct weir_pairs *properties, struct weir_pairs *replaced, json_object *o, const char **why);

/* As sql/redis/people.lua takes them. */
void weir_profile_change_pack(const struct weir_profile_change *c, weir_str *out);
void weir_group_change_pack(const struct weir_group_change *c, weir_str *out);
void weir_adjust_pack(weir_text project_id, weir_text id, weir_text property, double by, weir_str *out);

/* A state that may be written to ClickHouse. */
struct weir_profile {
	weir_text project_id, id;
	bool based;
	bool is_external;
	weir_text first_name, last_name, email, avatar;
	weir_map properties;                            /* only when based or plain */
	bool plain;                                     /* not based, and what it is when there is no row to merge it with */
	weir_texts groups;
	int64_t created_at, last_seen_at;               /* ms */
};

struct weir_group {
	weir_text project_id, id;
	bool based;
	weir_text type, name;
	weir_map properties;
	int64_t created_at, version;                    /* ms */
};

/* Texts are views into in. WEIR_EBADREQ when it is none. */
WEIR_MUSTCHECK weir_err weir_profile_unpack(weir_arena *mem, weir_text in, struct weir_profile *p);
WEIR_MUSTCHECK weir_err weir_group_unpack(weir_arena *mem, weir_text in, struct weir_group *g);
/* The state that a session's event begins; properties as they are. */
void weir_profile_touched_pack(weir_text project_id, weir_text id, bool is_external, weir_map properties, int64_t now_ms, weir_str *out);

/* Rows as ClickHouse has them, in the form that the script adopts. */
void weir_profile_row_pack(const struct weir_profile *p, weir_str *out);
void weir_group_row_pack(const struct weir_group *g, weir_str *out);

/* The row as a JSON object with the table's column names, for people and tests. */
void weir_profile_json(weir_json *j, const char *key, const struct weir_profile *p);
void weir_group_json(weir_json *j, const char *key, const struct weir_group *g);
#endif
