#ifndef WEIR_CHDB_DESK_H
#define WEIR_CHDB_DESK_H
#include "base/conf.h"
#include "request.h"
/*
 * The engine sessions that one thread of the pool keeps.  A session is wanted
 * with certain settings, a database and a level of readonly; one that is like
 * that already is used again, else a new one is made so.  Nothing that one
 * request sets is seen by another.
 */
enum weir_level {
	WEIR_LEVEL_WRITE,  /* anything */
	WEIR_LEVEL_OPEN,   /* readonly = 2: reads, may change settings in the statement */
	WEIR_LEVEL_READ,   /* readonly = 1 */
};

struct weir_desk;

/* NULL on out of memory. */
struct weir_desk *weir_desk_new(const struct weir_conf *conf);
/* Closes the sessions. */
void weir_desk_free(struct weir_desk *d);
/*
 * A session for the request.  NULL when the engine refuses the database or a
 * setting: *error then holds its text (weir_result_free), or is NULL when no
 * session could be made at all.
 */
weir_session *weir_desk_take(struct weir_desk *d, const struct weir_request *rq, enum weir_level level, weir_result **error);
/* Gives it back after use; when it is spoilt it is closed. */
void weir_desk_give(struct weir_desk *d, weir_session *s, bool spoilt);
#endif
