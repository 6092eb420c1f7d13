#ifndef WEIR_INGEST_DELIVER_H
#define WEIR_INGEST_DELIVER_H
#include "base/conf.h"
#include "ingest/outbox.h"
#include "ingest/session.h"
/*
 * Hands an event over (ingest/outbox.h): one round trip to Redis, where sql/redis/track.lua
 * checks that nothing the caller believes is out of date, tells duplicates,
 * finds, extends, opens or closes the session and appends to the stream, all
 * or nothing (fcgi/ingest/entry.h has the keys and the entries).
 *
 *   kept       the event will be in ClickHouse; the ids are those it will have
 *   again      the same request came a moment ago; the ids are that one's
 *   stale      clients, projects or salts have changed since the caller read
 *              them: read them again, make the delivery again, try again
 *   full       too many events wait; nothing was kept
 *
 * While Redis does not take it, or too many events wait there, the event is
 * kept on the disk instead; it is "kept" all the same, and the ids are those
 * that can be told without Redis.
 *
 * WEIR_EUNAVAIL: neither of both takes it.
 */
enum weir_delivery_mode {
	WEIR_DELIVER_EVENT,      /* belongs to the session of its device */
	WEIR_DELIVER_SERVER,     /* belongs to its profile's session, when there is one */
	WEIR_DELIVER_PAST,       /* belongs to none */
	WEIR_DELIVER_NOTHING,    /* only asks which session is live */
	WEIR_DELIVER_BACKDATED   /* belongs to its device's session of that time; never to one of a later time */
};

/* Rows that the entry does not bring, because a filter of the project takes them out (spec/ingest.md 6.4). */
enum weir_skip { WEIR_SKIP_START = 1, WEIR_SKIP_EVENT = 2 };

struct weir_delivery {
	enum weir_delivery_mode mode;
	int64_t event_ms, now_ms;
	weir_text project_id;
	weir_text device[2];         /* candidates; the second may be empty, both for an event without device */
	weir_text session_id;        /* what a new session of the first candidate would be called */
	weir_text profile_id;        /* may be empty */
	bool screen_view;
	weir_text path, origin;
	uint64_t revenue;
	weir_texts groups;
	const struct weir_session_fixed *fixed; /* what a new session keeps; NULL for modes that open none */
	weir_text event;             /* packed weir_event */
	unsigned skip;               /* of enum weir_skip */
	weir_text digest;            /* of the request, for telling duplicates; empty: don't.  An event of a session is told from the
	                              * last requests of its own device, anything else from all that came under the same digest */
};

enum weir_delivered { WEIR_DELIVERED_KEPT, WEIR_DELIVERED_AGAIN, WEIR_DELIVERED_STALE, WEIR_DELIVERED_FULL };

struct weir_receipt {
	enum weir_delivered what;
	weir_text device_id, session_id; /* in the arena, or those of the delivery */
	int live;                        /* which candidate has a live session: 1, 2; 0 for none */
};

/*
 * A back-dated event joins the live session of one of its devices when its
 * time lies within session.timeout of it; else the nearest of the device's
 * other sessions that are still known (the sixteen that ended last, for
 * weir_closed_life_ms, and those that back-dated events opened).  Later than
 * the live session it ends that and begins one, as any event does; earlier
 * than that, it begins a session of its own beside it, of which a device may
 * have eight: then the oldest is ended.  A session that has ended and is
 * extended gets no second session_end.
 */
typedef struct weir_deliverer weir_deliverer;

weir_deliverer *weir_deliverer_new(const struct weir_conf *conf, struct weir_fault *fault);
void weir_deliverer_free(weir_deliverer *d);
/* The way to Redis that the process has, for other scripts; the deliverer's. */
weir_outbox *weir_deliverer_outbox(weir_deliverer *d);
WEIR_MUSTCHECK weir_err weir_deliver(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, struct weir_receipt *out);
/*
 * The same for up to a thousand at once, in one round trip, in order.  Each has
 * a receipt and an error of its own; the error returned is that of the whole
 * (WEIR_ENOMEM, WEIR_ELIMIT), and then nothing was done.
 */
WEIR_MUSTCHECK weir_err weir_deliver_several(weir_deliverer *d, weir_arena *mem, const struct weir_delivery *in, size_t count,
	struct weir_receipt *out, weir_err *errs);
/*
 * Hands over a row that is no event: kind and packed form are those of
 * ingest/entry.h ('r' with weir_replay_row_pack, 't' with weir_bot_row_pack).
 * Answers kept, stale or full; there are no ids.  Errors as above.
 */
WEIR_MUSTCHECK weir_err weir_deliver_row(weir_deliverer *d, weir_arena *mem, weir_text project_id, char kind, weir_text packed,
	int64_t now_ms, struct weir_receipt *out);
/*
 * True when a generation differs from the one last seen: what the caller
 * believes may be out of date.  Asks Redis once a second at most; false when
 * it can't be asked.
 */
bool weir_deliverer_outdated(weir_deliverer *d, weir_arena *mem, int64_t now_ms);
/* For a process that nothing arrives at (ingest/outbox.h). */
void weir_deliverer_idle(weir_deliverer *d);
#endif
