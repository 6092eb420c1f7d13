#ifndef WEIR_TRPC_KEPT_H
#define WEIR_TRPC_KEPT_H
#include "link/answers.h"
#include "trpc/call.h"
/*
 * Answers of procedures that are kept (link/answers.h, spec/queries.md 3.4).
 * data/procedures.tsv says which are, and how:
 *
 *   range    it is about the events and sessions of the input's range and of the one before: kept while these stay as they are
 *   project  it has a range, but other days count too: kept until the project gets any new rows
 *   day      it has no range of its own, and may look at the last days: the same, until the day ends
 *
 * What makes questions equal: the procedure, the project, its time zone, the
 * moments that the range comes to, the input that the schema has cleaned
 * (members in order, without the share that it came by) and the version of
 * this program.  The caller doesn't: who may ask has been decided before, and
 * no such procedure tells one more than another.
 *
 * Redis away: everything is computed, and Redis is left alone for some seconds.
 */
/* How an answer comes about; zeroed at first. */
struct weir_kept {
	bool asked;                    /* and to be computed; weir_kept_done takes it */
	struct weir_question question;
	struct weir_answer answer;
	int64_t life_ms;
	int64_t held_ms;               /* monotonic: when the lock was renewed */
	struct weir_call *call;
};

/*
 * The kept answer, whole, or {NULL, 0} when it has to be computed: then
 * weir_kept_done follows in any case.  The call has passed all its checks.
 * WEIR_EUNAVAIL: the client has gone while it waited for another's answer.
 */
WEIR_MUSTCHECK weir_err weir_kept_ask(struct weir_kept *k, struct weir_call *c, weir_text *answer);
/* body: what has been computed; n is 0 when that failed. */
void weir_kept_done(struct weir_kept *k, weir_text body);
#endif
