#ifndef WEIR_CHDB_CALL_H
#define WEIR_CHDB_CALL_H
#include "request.h"
#include "spool.h"
#include <pthread.h>
/*
 * One query on its way: the thread of the HTTP side (front) reads the request
 * and sends the answer, a thread of the pool (back) runs it.  Both hold a
 * reference; the last to let go frees it.
 *
 *   front: weir_call_new, fills rq, hands it to the pool, waits
 *   back:  weir_call_write*, weir_call_finish or weir_call_fail
 *   front: weir_call_head (how the answer begins), weir_call_read*
 *
 * The head is settled when the answer has ended or when more than
 * WEIR_CALL_HOLD bytes wait: until then an error still becomes a status, after
 * that it is written into the body as a server does it, and the connection is
 * broken off.
 */
enum { WEIR_CALL_HOLD = 1 << 20, WEIR_CALL_MEMORY = 4 << 20, WEIR_CALL_TAG = 16 };

struct weir_call_head {
	int status;
	int code;                 /* X-ClickHouse-Exception-Code, 0: none */
	const char *content_type;
	const char *format;       /* X-ClickHouse-Format, NULL: none */
	bool gzip;
	uint64_t length;          /* of the whole body; UINT64_MAX: it goes on */
	char summary[512];
	char tag[WEIR_CALL_TAG + 1];
};

struct weir_call {
	struct weir_request rq;
	uint64_t number;          /* of the process, from 1 */
	int64_t start_us;
	/* How to continue the front when it waits. Called with the lock held. */
	void (*wake)(void *front);
	void *front;

	pthread_mutex_t lock;
	pthread_cond_t room;      /* the front has read something, or gone */
	struct weir_spool *spool;
	struct weir_call_head head;
	bool head_ready, ended, broken;
	bool slow;                /* the client reads more slowly than the query writes: the disk is used */
	bool gone;                /* the client went away, or the process stops */
	bool killed;              /* the watch is to end it in the engine; the pool's lock guards it */
	bool found;               /* the watch has ended it */
	bool waits;               /* the front is suspended until wake */
	int refs;
	struct weir_call *next;   /* pool queue, or list of the watch */
};

/* dir, spool_max: of the spool. NULL on out of memory. Has one reference, the front's. */
struct weir_call *weir_call_new(const char *dir, uint64_t spool_max);
void weir_call_ref(struct weir_call *c);
void weir_call_unref(struct weir_call *c);

/* ---- back ---- */
bool weir_call_is_gone(struct weir_call *c);
/*
 * Adds to the body.  When memory is full it waits a moment for the client, then
 * goes to the disk; when that is full too, until the client has read.  False
 * when the client is gone or has not read for half a minute.
 */
bool weir_call_write(struct weir_call *c, weir_text data);
/* The same with data that r holds: r is handed over and freed when that has been sent, mostly without a copy. */
bool weir_call_take(struct weir_call *c, weir_text data, weir_result *r);
/* The answer is complete. summary: JSON for X-ClickHouse-Summary. */
void weir_call_finish(struct weir_call *c, const char *summary);
/*
 * It went wrong. While the head is open the error becomes the answer; later
 * tail (the error in the form of a broken answer, compressed if need be) is
 * added and the connection broken off.  Does nothing when the answer is complete.
 */
void weir_call_fail(struct weir_call *c, int status, int code, weir_text text, weir_text tail, const char *summary);
/* Whether an error would still become the answer. */
bool weir_call_is_open(struct weir_call *c);

/* ---- front ---- */
/* False: not settled, and wake will be called. */
bool weir_call_head_or_wait(struct weir_call *c, void (*suspend)(void *front));
/* > 0 bytes, 0 after suspend (wake follows), -1 at the end, -2 when it was broken off. */
ssize_t weir_call_read(struct weir_call *c, char *out, size_t max, void (*suspend)(void *front));
/* The client is gone: whoever writes learns it. */
void weir_call_abandon(struct weir_call *c);
#endif
