#ifndef WEIR_LINK_ANSWERS_H
#define WEIR_LINK_ANSWERS_H
#include "link/changes.h"
/*
 * Answers to questions about a project, kept in Redis until rows of the days
 * that they are about change (link/changes.h), or for a time that the caller
 * says.  Of equal questions at the same time, in whatever processes, one is
 * computed and the others wait for it.  A project that no worker has written
 * to has only the latter: its rows come from elsewhere, and nobody would tell
 * when there are more.
 *
 *   {PREFIX:SHARD}:a:PROJECT:NAME      hash: number of changes, ms, the answer
 *   {PREFIX:SHARD}:a:PROJECT:NAME-now  who computes it; lives some seconds, and is renewed meanwhile
 *   {PREFIX:SHARD}:answers:end         sorted set of the answers by the ms when they end
 *   {PREFIX:SHARD}:answers:bytes       hash: the size of each, and their sum
 *   {PREFIX:SHARD}:answers             hash: figures
 *
 * All answers together take no more than api.cache_memory; those that would
 * end first go first.
 */
#define WEIR_KEY_ANSWER "a"
#define WEIR_KEY_ANSWERS "answers"

enum { WEIR_ANSWER_LOCK_MS = 5000, WEIR_ANSWER_TOKEN = 33, WEIR_ANSWER_BYTES_MAX = 4 * 1024 * 1024 };

struct weir_question {
	weir_text project_id;  /* from the access check */
	weir_text name;        /* whatever makes questions equal, as a digest */
	bool bounded;          /* it depends on rows of the days from first to last alone */
	int64_t first, last;   /* UTC days */
};

struct weir_answer {
	enum { WEIR_ANSWER_KEPT, WEIR_ANSWER_MINE, WEIR_ANSWER_WAIT } state;
	weir_text body;        /* WEIR_ANSWER_KEPT; in the arena */
	char number[24];       /* WEIR_ANSWER_MINE: for weir_answer_keep */
	char since[24];        /* server ms of the first question; "" before it */
	char token[WEIR_ANSWER_TOKEN];
};

/*
 * Asks for the kept answer.  MINE: the caller computes it, and calls
 * weir_answer_keep in any case.  WAIT: another does; to be asked again a
 * little later with the same answer, which is zeroed before the first call.
 */
WEIR_MUSTCHECK weir_err weir_answer_ask(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const struct weir_question *q,
	int64_t now_ms, struct weir_answer *answer);
/* Renews the right to compute, for questions that take longer than WEIR_ANSWER_LOCK_MS. */
WEIR_MUSTCHECK weir_err weir_answer_hold(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const struct weir_question *q);
/* body is kept for ms; body.n 0: nothing is, somebody else may try. */
WEIR_MUSTCHECK weir_err weir_answer_keep(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const struct weir_question *q,
	const struct weir_answer *answer, weir_text body, int64_t ms);

struct weir_answer_figures {
	int64_t kept, joined, computed, evicted; /* since Redis has been there */
	int64_t bytes, count;                    /* now */
};
WEIR_MUSTCHECK weir_err weir_answer_read_figures(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, unsigned shard,
	struct weir_answer_figures *f);
#endif
