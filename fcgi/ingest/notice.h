#ifndef WEIR_INGEST_NOTICE_H
#define WEIR_INGEST_NOTICE_H
#include "ingest/rules.h"
#include "ingest/stream.h"
/*
 * From events to jobs of notification (ingest/notify.h does them).
 *
 * While a batch's rows are made, its events are held against the rules of
 * their projects; what matches becomes a job that travels with the batch and
 * is queued by the very script that settles the batch (sql/redis/settle.lua).
 * A batch that is repeated brings its jobs again, but only the settling
 * counts, so that an event makes one job per rule whatever dies on the way.
 */
enum weir_job_kind {
	WEIR_JOB_MATCH,   /* an event has matched a rule; payload: the packed event */
	WEIR_JOB_FUNNEL,  /* a session of a project with funnel rules has ended; payload: the packed session_end */
	WEIR_JOB_APP,     /* a row of notifications, and word to the dashboard; payload: JSON for the column, as for the next two */
	WEIR_JOB_POST,    /* target: id of an integration */
	WEIR_JOB_MAIL,    /* target: an address */
	WEIR_JOB_KINDS
};

struct weir_job {
	weir_text id;           /* UUID, made of what it is about: the same thing has the same id; not part of the packed form */
	enum weir_job_kind kind;
	weir_text rule, project, target, title, message, payload;
	int64_t created_ms;     /* wall clock */
	uint64_t tries;         /* that have failed */
};

/* Appends the job as it lies in Redis; errors latch in out. */
void weir_job_pack(const struct weir_job *job, weir_str *out);
/* The texts are views into in. WEIR_EBADREQ when it is no job of this version. */
WEIR_MUSTCHECK weir_err weir_job_unpack(weir_arena *mem, weir_text in, struct weir_job *job);
/* The id of what becomes of `from` for a target: a UUID in mem; {NULL, 0} on no memory. */
weir_text weir_job_id(weir_arena *mem, const char *what, weir_text from, weir_text target);

/* The jobs of one batch. */
typedef struct {
	const weir_rules *rules; /* NULL: nothing is looked for */
	weir_arena *mem;         /* of the items */
	struct weir_notice *item;
	size_t count, alloc;
	size_t lost;             /* beyond the bounds of a batch; told in the log when the batch is cleared */
} weir_notices;

WEIR_MUSTCHECK weir_err weir_notices_init(weir_notices *n);
void weir_notices_free(weir_notices *n);
void weir_notices_clear(weir_notices *n);
/* Holds the events of one entry against the rules; imported ones are of the past and notify nobody. Jobs that find no memory are lost, with a word in the log: events go first. */
void weir_notices_see(weir_notices *n, struct weir_entry_id id, const struct weir_event *event, size_t events);
#endif
