#ifndef LIFECYCLE_H
#define LIFECYCLE_H
/* What the files of the session tests share; lifecycle.c has main. */
#define TAP_SHARED
#include "base/arena.h"
#include "base/conf.h"
#include "ingest/compose.h"
#include "ingest/deliver.h"
#include "link/redis.h"
#include "tap.h"

#define NOW INT64_C(1785585600000) /* 2026-08-01 12:00:00 */
#define TIMEOUT INT64_C(1800000)
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

/* Made in main. */
extern struct weir_conf conf;
extern weir_deliverer *deliverer;
extern weir_redis *redis;
extern weir_arena *mem;

/* ------------------------------------------------------------------ lifecycle-world.c */

/* The fields of an entry of the stream. */
struct entry {
	weir_text k, ev, s, o, f; /* in mem; {NULL, 0} when absent */
};

/* An event of project p1 and how it comes in; what is not said is empty, now is at. */
struct send {
	const char *name, *profile, *device, *second, *session, *path;
	int64_t at, now;
	bool server, past, back;
	const char *digest;
	unsigned skip;
};

/* The reply to a command; when it fails the tests are over. */
redisReply *redis_do(size_t argc, const weir_text *argv);

/* A command of up to three words whose reply nobody needs. */
void redis_words(const char *a, const char *b, const char *c);

/* Is there such a key? */
bool exists(const char *key);

/* How many entries the stream has. */
long long stream_length(void);

/* The entry with these fields and values. */
struct entry entry_of(const redisReply *fields);

/* The newest entry. */
struct entry newest(void);

/* Is the newest entry of this kind? */
bool is_kind(const char *kind);

/* The session in an entry's s or o; one with a strange id when it cannot be read. */
struct weir_session session_of(weir_text packed);

/* Delivers, a second time if the first one noticed a change. */
struct weir_receipt deliver(const struct weir_delivery *d);

/* Composes the event, completes the delivery with it and delivers. */
struct weir_receipt send_composed(const struct weir_track_event *said, const struct weir_visit *visit, struct weir_delivery d);

/* The same for a short description. */
struct weir_receipt sent(struct send s);

/* Ends what has timed out at this time, as weir-worker does; how many sessions that were. */
long long reap(int64_t now);

/* ------------------------------------------------------------------ the tests */

/* lifecycle-vectors.c: all vectors of worker_lifecycle and session_resolution in the file. */
void vectors(const char *path);

/* lifecycle-rules.c: when a session ends. */
void closing(void);

/* What the event after the timeout does. */
void boundary(void);

/* A visit that goes on while the salts change. */
void salts(void);

/* Server events, and events from the past. */
void servers(void);

/* Duplicates, changes that are noticed, a full stream. */
void refusals(void);

/* Events that come long after their time. */
void backdated(void);

/* What a filter leaves out. */
void skipping(void);

/* How long a page was looked at. */
void page_times(void);

/* Many at once. */
void several(void);

/* lifecycle-agreement.c: states and rows agree, whatever comes. */
void agreement(void);

/* lifecycle-together.c: calls that are made in one step. */
void together(void);

/* lifecycle-spool.c: answers without Redis. */
void answered(void);
#endif
