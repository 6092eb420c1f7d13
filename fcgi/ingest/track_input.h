#ifndef WEIR_INGEST_TRACK_INPUT_H
#define WEIR_INGEST_TRACK_INPUT_H
#include "base/arena.h"
#include "base/jsonr.h"
#include "base/str.h"
#include "ingest/event.h"
/*
 * The body of POST /track, checked against the schema of its type
 * (spec/ingest.md 1.1).  The schemas are one table of fields; what is wrong is
 * told in the words that SDK authors know, all of it at once:
 *
 *   body/payload/name Invalid input: expected string, received undefined, body/clientId ...
 */
enum weir_track_type {
	WEIR_TRACK_EVENT,
	WEIR_TRACK_IDENTIFY,
	WEIR_TRACK_INCREMENT,
	WEIR_TRACK_DECREMENT,
	WEIR_TRACK_ALIAS,
	WEIR_TRACK_GROUP,
	WEIR_TRACK_ASSIGN_GROUP,
	WEIR_TRACK_REPLAY,
	WEIR_TRACK_TYPES
};

struct weir_track_input {
	enum weir_track_type type;
	json_object *payload;
	weir_text client_id, client_secret; /* {NULL, 0} when absent */
};

/* What an event says, beyond its properties. */
struct weir_track_event {
	weir_text name;
	weir_text profile_id;               /* of __identify, else of the payload; "" when neither says one */
	weir_texts groups;
	json_object *properties;            /* NULL when absent */
	uint64_t revenue;                   /* of an event named revenue, else 0 */
};

/*
 * WEIR_EBADREQ: the sentences are in issues (as many as fit).  body is NULL
 * for JSON's null, and when there was none at all, which absent tells.  Texts
 * are views into the tree.
 */
WEIR_MUSTCHECK weir_err weir_track_input_read(weir_arena *mem, json_object *body, bool absent, struct weir_track_input *in,
	weir_str *issues);
/* String(v) of a profile id; "" for what JavaScript takes for none, {NULL, 0} on no memory. */
weir_text weir_track_profile_id(weir_arena *mem, json_object *v);
/* The payload of a WEIR_TRACK_EVENT that was read before; errors as above, and WEIR_ENOMEM. */
WEIR_MUSTCHECK weir_err weir_track_event_read(weir_arena *mem, json_object *payload, struct weir_track_event *e, weir_str *issues);
#endif
