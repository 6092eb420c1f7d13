#ifndef WEIR_LINK_REDIS_H
#define WEIR_LINK_REDIS_H
#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include <hiredis/hiredis.h>
/*
 * One connection to Redis, opened at first use and again after a failure.
 * Setting redis.url: redis://[[USER]:PASSWORD@]HOST:PORT[/DB] or
 * unix:///PATH[?db=N&password=P].  Every call has the deadline redis.timeout.
 *
 * Errors: WEIR_EUNAVAIL when Redis cannot be reached, is loading, read-only,
 * out of memory or times out (the connection is dropped); WEIR_EINTERNAL when
 * it refuses the command.  Both are logged once a second at most.
 */
typedef struct weir_redis weir_redis;

/* Copies what it needs from conf; does not connect yet. NULL with *fault filled on a bad URL or no memory. */
weir_redis *weir_redis_new(const struct weir_conf *conf, struct weir_fault *fault);
void weir_redis_free(weir_redis *c);

/*
 * Sends one command and waits for the reply, which the caller releases with
 * freeReplyObject.  An error reply is turned into an error and released.
 * A command that may have been executed is never sent twice.
 */
WEIR_MUSTCHECK weir_err weir_redis_do(weir_redis *c, redisReply **reply, size_t argc, const weir_text *argv);
/* The same in words: weir_redis_cmd(c, &r, "XLEN", key, NULL); every argument a NUL-terminated string, NULL ends the list. */
WEIR_MUSTCHECK weir_err weir_redis_cmd(weir_redis *c, redisReply **reply, ...) __attribute__((sentinel));

/* One command of several; reply is the caller's to release, NULL unless err is WEIR_OK. */
struct weir_redis_command {
	size_t argc;
	const weir_text *argv;
	redisReply *reply;
	weir_err err;
	char error[160];       /* text of the error reply; "" for none */
};
/*
 * Sends all commands, then reads all replies: one round trip.  An error reply
 * is the err of its command alone; when the connection is lost, that is the
 * err of every command without a reply, and what is returned.
 */
WEIR_MUSTCHECK weir_err weir_redis_pipe(weir_redis *c, struct weir_redis_command *commands, size_t count);
/*
 * The same for commands with large replies: take gets each as it is read, in
 * order, and only for the call.  After an error of a reply or of take the
 * replies behind it are read and thrown away; the first error is returned, and
 * is that of its command.
 */
WEIR_MUSTCHECK weir_err weir_redis_each(weir_redis *c, struct weir_redis_command *commands, size_t count,
	weir_err (*take)(void *ctx, const redisReply *reply), void *ctx);
/* After a failure: true when something was sent whose reply never came, so that nobody knows whether it was executed. */
bool weir_redis_in_doubt(const weir_redis *c);

/* Changes with every new connection; 0 while there is none. */
uint64_t weir_redis_connection(const weir_redis *c);
/*
 * WEIR_OK when the server answers no command that a power cut could take back:
 * appendonly is on and appendfsync is always.  WEIR_EFORBID when it does;
 * WEIR_EINTERNAL when it doesn't say.
 */
WEIR_MUSTCHECK weir_err weir_redis_durable(weir_redis *c);

/* True when a fresh connection answers PING, with timeout_ms for each step; what follows uses that connection. */
bool weir_redis_probe(weir_redis *c, int64_t timeout_ms);
/*
 * Redis' clock: asked once for each connection and led on by the monotonic
 * clock, until weir_redis_clock_forget, which makes it be asked for again.
 */
WEIR_MUSTCHECK weir_err weir_redis_clock(weir_redis *c, int64_t *now_ms);
void weir_redis_clock_forget(weir_redis *c);
/* Sends a command whose reply nobody reads and closes the connection; does nothing when there is none. For the end of a process. */
void weir_redis_farewell(weir_redis *c, size_t argc, const weir_text *argv);

/* A server-side script: EVALSHA, and SCRIPT LOAD once when the server does not know it. */
struct weir_script {
	const char *name;      /* for the log */
	const char *source;    /* constant from gen/redis_scripts.h */
	char sha[41];          /* filled at first use */
};
/* argv holds nkeys keys, then the arguments. */
WEIR_MUSTCHECK weir_err weir_redis_eval(weir_redis *c, struct weir_script *s, redisReply **reply, size_t nkeys, size_t argc,
	const weir_text *argv);
/* Makes the script known and fills in its digest, for callers that send EVALSHA themselves. */
WEIR_MUSTCHECK weir_err weir_redis_load(weir_redis *c, struct weir_script *s);
/* The text of the last error reply or connection failure; for logs and doctor. */
const char *weir_redis_error(const weir_redis *c);

weir_text weir_reply_text(const redisReply *r); /* {NULL, 0} unless a string or status */
/* What an error reply inside another one means (see above); WEIR_OK for any other reply. */
WEIR_MUSTCHECK weir_err weir_reply_err(const redisReply *r);
/* True for the error text of a server that has forgotten a script; nothing was executed. */
bool weir_redis_is_unknown_script(const char *error);
#endif
