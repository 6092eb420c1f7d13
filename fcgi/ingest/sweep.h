#ifndef WEIR_INGEST_SWEEP_H
#define WEIR_INGEST_SWEEP_H
#include "base/conf.h"
#include "base/str.h"
#include "link/clickhouse.h"
#include <stdint.h>
/*
 * Deletes rows of one project from all tables of ClickHouse that have such, in
 * steps of some milliseconds: by ALTER TABLE DELETE (on all nodes of
 * clickhouse.cluster), until none is left.  Which rows of which tables go is
 * told by a table of rules in sweep.c.  A step asks before it deletes, so that
 * a sweep may be broken off and begun anew at any point.
 */
enum weir_sweep_kind {
	WEIR_SWEEP_PROJECT,    /* all of it */
	WEIR_SWEEP_PERSON,     /* what people, sessions and values name, up to until_ms */
	WEIR_SWEEP_AGE         /* what happened before until_ms; profiles and groups stay */
};

struct weir_sweep_of {
	enum weir_sweep_kind kind;
	weir_text project_id;
	const weir_text *people, *sessions; /* PERSON: ids of profiles and of sessions */
	size_t people_count, session_count;
	weir_text values;      /* PERSON: "[1,2]", cityHash64 of key and value of properties that nobody else has */
	weir_text days;        /* PERSON: "['2026-11-27']", whose sketches of active users go; the caller makes them anew */
	int64_t until_ms;
};
enum { WEIR_SWEEP_IDS_MAX = 1000 }; /* of people and sessions at a time, for the sake of ClickHouse's limit on one value */

typedef struct weir_sweep weir_sweep;
/* conf and ch outlive it; the rest is copied. NULL on no memory. */
weir_sweep *weir_sweep_new(const struct weir_conf *conf, weir_ch *ch, const struct weir_sweep_of *of);
void weir_sweep_free(weir_sweep *s);
/* One step. *again_ms: in how many ms the next one has something to do; -1 when nothing is left. After an error it may be tried again. */
WEIR_MUSTCHECK weir_err weir_sweep_step(weir_sweep *s, int64_t *again_ms);

struct weir_sweep_counts {
	uint64_t tables, rows; /* that had to be deleted from */
};
struct weir_sweep_counts weir_sweep_counts(const weir_sweep *s);

/* The statement that deletes from a table; where is constant; for tests. cluster "" is none. WEIR_EBADREQ when it is no name. */
WEIR_MUSTCHECK weir_err weir_sweep_statement(const char *cluster, const char *where, weir_str *out);
#endif
