#ifndef WEIR_INGEST_PERSONS_H
#define WEIR_INGEST_PERSONS_H
#include "ingest/person.h"
/* Persons whom the worker erases, in a sorted set of their shard by the moment up to which. */

enum { WEIR_PERSON_MEMORY_MS = 24 * 3600 * 1000 };
/* Asks for an erasure by the worker, up to person->until_ms. */
WEIR_MUSTCHECK weir_err weir_person_remember(weir_redis *redis, const struct weir_conf *conf, const struct weir_person *person);
/* The remembered persons of a shard, into mem: at most max, oldest first. Those from before WEIR_PERSON_MEMORY_MS are forgotten. */
WEIR_MUSTCHECK weir_err weir_person_remembered(weir_redis *redis, const struct weir_conf *conf, unsigned shard, int64_t now_ms, weir_arena *mem,
	struct weir_person *persons, size_t max, size_t *count);
#endif
