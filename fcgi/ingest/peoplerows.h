#ifndef WEIR_INGEST_PEOPLEROWS_H
#define WEIR_INGEST_PEOPLEROWS_H
#include "base/arena.h"
#include "base/err.h"
#include "ingest/native.h"
/* States of profiles and groups (ingest/people.h) as rows of the tables profiles and groups. */
enum weir_people_table { WEIR_PROFILES, WEIR_GROUPS };

/* Columns for rows of the table; NULL on no memory. */
weir_native *weir_people_rows_new(enum weir_people_table table);
/* The statement that a block of them belongs to. */
const char *weir_people_insert(enum weir_people_table table);
/*
 * Adds a packed state as a row.  own: there is no row that it had to be merged
 * with.  *refusal, a constant, tells why it is none, and then none was added;
 * NULL otherwise.  mem is for the unpacking.  WEIR_EBADREQ when it cannot be
 * read.
 */
WEIR_MUSTCHECK weir_err weir_people_row(weir_native *rows, enum weir_people_table table, weir_arena *mem, weir_text state, bool own,
	const char **refusal);
#endif
