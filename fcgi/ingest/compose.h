#ifndef WEIR_INGEST_COMPOSE_H
#define WEIR_INGEST_COMPOSE_H
#include "ingest/agent.h"
#include "ingest/geo.h"
#include "ingest/session.h"
#include "ingest/suspicion.h"
#include "ingest/track_input.h"
#include "ingest/visitor.h"
/*
 * An event row from what a request said: spec/ingest.md 5 and 6.2 put
 * together.  What the session decides stays empty (ingest/entry.h).
 */
struct weir_visit {
	struct weir_event_time when;
	struct weir_agent agent;        /* of the real User-Agent header; overrides are applied here */
	struct weir_place place;
	weir_text sdk_name, sdk_version;
	struct weir_suspicion marks;
};

struct weir_composed {
	struct weir_event event;
	struct weir_session_fixed fixed; /* what a session that begins with this event keeps of it */
};

/*
 * WEIR_ELIMIT when the properties are more than an event may carry, with *why
 * a sentence for the sender; WEIR_ENOMEM.
 */
WEIR_MUSTCHECK weir_err weir_compose(weir_arena *mem, const struct weir_track_event *said, const struct weir_visit *visit,
	weir_text project_id, struct weir_composed *out, const char **why);
#endif
