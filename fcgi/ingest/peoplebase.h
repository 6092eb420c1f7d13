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

enum weir_base_kind { WEIR_BASE_PROFILE, WEIR_BASE_GROUP };
/* A question for many of one kind, on its way. */
struct weir_bases {
	struct weir_ch_job job;
	/* private */
	struct weir_ch_arg params[2];
	struct weir_base *base, **sorted;
	size_t count;
	enum weir_base_kind kind;
	weir_arena *mem;
	weir_str answer;
};

/* Makes the job that asks for count (not 0) bases, which stay the caller's; *b must not move after it. */
WEIR_MUSTCHECK weir_err weir_bases_ask(weir_arena *mem, enum weir_base_kind kind, struct weir_base *base, size_t count, struct weir_bases *b);
/* Asks and waits. */
WEIR_MUSTCHECK weir_err weir_bases_fetch(weir_ch *ch, weir_arena *mem, enum weir_base_kind kind, struct weir_base *base, size_t count);
/* After the job: the rows that it brought. Frees what the question held. */
WEIR_MUSTCHECK weir_err weir_bases_read(struct weir_bases *b);
#endif
