#ifndef WEIR_META_IMPORT_H
#define WEIR_META_IMPORT_H
#include "meta/meta.h"
/* Imports from other services: what is to be imported, and how far it is (spec/trpc-metadata.md 4.13). Rows are of record import. */

WEIR_MUSTCHECK weir_err weir_import_list(const struct weir_meta *m, weir_text project_id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_import_get(const struct weir_meta *m, weir_text id, PGresult **rows);
/* A pending one with a fresh job id; config is JSON. */
WEIR_MUSTCHECK weir_err weir_import_create(const struct weir_meta *m, weir_text project_id, weir_text config, PGresult **rows);
/* A failed one becomes pending again, with another job id; none when it has not failed. */
WEIR_MUSTCHECK weir_err weir_import_retry(const struct weir_meta *m, weir_text id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_import_delete(const struct weir_meta *m, weir_text id, PGresult **rows);

/*
 * For the worker, which runs one at a time: the oldest that waits, or that one
 * was at when it was killed; it becomes "processing" and begins from nothing.
 * None, or one row, its columns followed by the organization of its project.
 */
WEIR_MUSTCHECK weir_err weir_import_next(const struct weir_meta *m, PGresult **rows);

struct weir_import_state {
	weir_text id, job_id;
	const char *step;              /* "loading", "creating_sessions" ...: column currentStep */
	weir_text message, batch;      /* for people; the day that it is at */
	int64_t total, processed;      /* rows read; rows that are stored */
};
/* How far it is. *there: false when it was deleted meanwhile, or is somebody else's. */
WEIR_MUSTCHECK weir_err weir_import_progress(const struct weir_meta *m, const struct weir_import_state *state, bool *there);
/* The end: completed with complaint empty or about single rows, or failed because of it. */
WEIR_MUSTCHECK weir_err weir_import_end_of(const struct weir_meta *m, const struct weir_import_state *state, bool failed, weir_text complaint);
#endif
