#ifndef WEIR_INGEST_CHANGED_H
#define WEIR_INGEST_CHANGED_H
#include "ingest/rows.h"
#include "link/changes.h"
/*
 * The days that the rows of a batch lie in, by project (link/changes.h):
 * collected while they are made, told when ClickHouse has taken them and
 * before the entries are settled, so that a crash tells them again.
 */
typedef struct {
	struct weir_changed_day *item;
	weir_arena *mem;               /* of their texts; made when it is needed */
	size_t count, alloc;
	size_t *place;                 /* hash table of numbers of items + 1 */
	size_t places;
} weir_changed;

void weir_changed_free(weir_changed *c);
void weir_changed_clear(weir_changed *c);
/* The day of a moment. */
WEIR_MUSTCHECK weir_err weir_changed_add(weir_changed *c, weir_text project_id, int64_t ms);
/* Those of all events and sessions of an entry. */
WEIR_MUSTCHECK weir_err weir_changed_rows(weir_changed *c, const struct weir_entry_rows *rows);
/* Tells them, and clears the list when that went well. */
WEIR_MUSTCHECK weir_err weir_changed_tell(weir_changed *c, weir_redis *redis, const struct weir_conf *conf, unsigned shard);
#endif
