#ifndef WEIR_INGEST_MATCH_H
#define WEIR_INGEST_MATCH_H
#include "base/arena.h"
#include "ingest/event.h"
#include <json-c/json.h>
/*
 * Conditions on events: a project's event filters (projects.filters) and the
 * events of notification rules (notification_rules.config), spec/ingest.md 6.6.
 *
 *   { "name": "screen_view" or "*", "filters": [{ "name", "operator", "value" }] }
 *
 * holds for an event of that name for which all filters hold.  A filter names
 * a field of the event, spelled as in its payload (referrerName; referrer_name
 * as well), "properties.a.b", or has_profile.  What the event lacks counts as
 * "".  Texts are compared without white space around them; a value that is a
 * number or true is compared as its text.  A filter without values holds,
 * unless its operator needs none (isNull, isNotNull); an operator that is
 * unknown and an expression that cannot be compiled never hold.
 */
struct weir_condition;

struct weir_conditions {
	const struct weir_condition *item;
	size_t count;
};

/*
 * Compiles the conditions of a JSON array whose member "type" is `type` (NULL
 * takes all); others are left out.  What is not an array gives none.  All
 * memory, also that of expressions, goes with the arena's reset.  WEIR_ENOMEM.
 */
WEIR_MUSTCHECK weir_err weir_conditions_compile(weir_arena *mem, json_object *list, const char *type, struct weir_conditions *out);

/* The first condition that holds for the event from place `from` on; count when there is none. Not for two threads at once. */
size_t weir_conditions_find(const struct weir_conditions *c, size_t from, const struct weir_event *e);
/* Whether the condition at that place holds. */
bool weir_condition_holds(const struct weir_conditions *c, size_t at, const struct weir_event *e);

/*
 * A field of the event as text: "name", "profileId", "properties.plan",
 * "createdAt" (ISO 8601) ...; {NULL, 0} when the event has no such field, and
 * when it is empty where that means absent.  Points into the event or buf.
 */
enum { WEIR_FIELD_MAX = 64 };
weir_text weir_event_field(const struct weir_event *e, weir_text name, char buf[WEIR_FIELD_MAX]);
/* The event as the payload of a notification: an object with the reference's names. */
void weir_event_payload(weir_json *j, const char *key, const struct weir_event *e);
#endif
