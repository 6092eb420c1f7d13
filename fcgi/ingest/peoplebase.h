#ifndef WEIR_INGEST_PEOPLEBASE_H
#define WEIR_INGEST_PEOPLEBASE_H
#include "ingest/people.h"
#include "link/clickhouse.h"
/*
 * What ClickHouse has of profiles and groups, for states that were begun
 * without it.  One query for many; the newest row of each counts.
 *
 * Errors: those of link/clickhouse.h, WEIR_EBADGATEWAY also for an answer that
 * is not what was asked for.
 */
struct weir_base {
	weir_text project_id, id;
	weir_text row; /* the answer, packed as sql/redis/people.lua adopts it; {NULL, 0} when there is none. Lies in mem */
};

enum { WEIR_BASES_MAX = 2000 }; /* of one call */

WEIR_MUSTCHECK weir_err weir_profile_bases(weir_ch *ch, weir_arena *mem, struct weir_base *bases, size_t count);
WEIR_MUSTCHECK weir_err weir_group_bases(weir_ch *ch, weir_arena *mem, struct weir_base *bases, size_t count);
#endif
