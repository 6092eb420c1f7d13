#ifndef WEIR_INGEST_CALL_H
#define WEIR_INGEST_CALL_H
#include "ingest/scripts.h"
#include "link/redis.h"
/* The call of a script: what ingest/outbox.h sends, ingest/spool.h keeps and ingest/respool.h makes later. */

/* A call whose answer was not heard: the number it was sent under. */
struct weir_doubt {
	char token[40];           /* "" for none */
	uint64_t counter;
	int64_t deadline_ms;      /* Redis' clock: later than this it is not executed any more */
};

struct weir_call {
	/* what is called; keys and arguments are views that live until the call returns */
	enum weir_script_id script;
	unsigned shard;
	size_t nkeys, nargs;
	weir_text *keys, *args;
	bool question;            /* asks only: is never kept for later */
	/*
	 * Changes keys and arguments in place into those of a call that weir-worker makes later; NULL: they are the same.
	 * An error (WEIR_ENOMEM) keeps the call, and those kept with it, from being kept.
	 */
	weir_err (*for_later)(struct weir_call *call);
	void *ctx;                /* for_later's own */
	/* what became of it */
	weir_err err;             /* WEIR_OK: executed or kept; WEIR_EUNAVAIL: neither; others: Redis refuses the call itself */
	redisReply *reply;        /* the caller's; NULL unless executed */
	bool kept;                /* waits in the spool */
	struct weir_doubt doubt;  /* private to the outbox and the spool */
};

enum { WEIR_CALL_ARGS_MAX = 200 }; /* keys and arguments together */
#endif
