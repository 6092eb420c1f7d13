#ifndef WEIR_INGEST_PERSON_H
#define WEIR_INGEST_PERSON_H
#include "link/clickhouse.h"
#include "link/redis.h"
#include <stdint.h>
/*
 * One person of a project: everything that is stored about a profile, told or
 * erased.
 *
 * A person are the profile and, of the devices that it ever used, what
 * happened there before it was known: rows whose profile is the device.  That
 * are events, sessions, recorded visits, rows of profiles, aliases and
 * memberships of cohorts; of property values those that nobody else has; and
 * in Redis the profile's state, its sessions and dead letters.
 *
 * An erasure goes up to the moment that it was asked for, in steps of some
 * milliseconds, and may be broken off and begun anew at any point.  What was
 * on its way at that moment comes to ClickHouse behind it: so the persons are
 * remembered (ingest/persons.h), and the worker erases again.
 */
struct weir_person {
	weir_text project_id, profile_id;
	int64_t until_ms;
};

typedef struct weir_erasure weir_erasure;
/* conf, redis and ch outlive it; the ids are copied. NULL on no memory. */
weir_erasure *weir_erasure_new(const struct weir_conf *conf, weir_redis *redis, weir_ch *ch, const struct weir_person *person);
void weir_erasure_free(weir_erasure *e);
/* One step. *again_ms: in how many ms the next one has something to do; -1 when nothing is left. After an error it may be tried again. */
WEIR_MUSTCHECK weir_err weir_erasure_step(weir_erasure *e, int64_t *again_ms);
struct weir_erasure_counts {
	uint64_t rows;         /* of ClickHouse */
	uint64_t keys, dead;   /* of Redis: keys and members, dead letters */
};
struct weir_erasure_counts weir_erasure_counts(const weir_erasure *e);

/*
 * Tells everything: fn gets the table's name and lines of JSON, a row each, in
 * pieces of bounded size; its error ends the telling.  until_ms is not looked at.
 */
typedef weir_err (*weir_person_fn)(void *ctx, const char *table, weir_text lines);
WEIR_MUSTCHECK weir_err weir_person_tell(weir_ch *ch, const struct weir_conf *conf, const struct weir_person *person, weir_person_fn fn,
	void *ctx, uint64_t *rows);
#endif
