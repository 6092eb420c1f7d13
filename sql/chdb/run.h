#ifndef WEIR_CHDB_RUN_H
#define WEIR_CHDB_RUN_H
#include "call.h"
#include "desk.h"
/*
 * Runs one call on the thread that calls it: unpacks the body, reads the
 * statement, takes a session, asks the engine and writes the answer.  Always
 * ends the call's answer, be it with an error.
 */
void weir_run(struct weir_desk *desk, const struct weir_conf *conf, struct weir_call *c);
/* Ends the call's answer with an error of our own. */
void weir_run_refuse(struct weir_call *c, int code, const char *name, const char *text);
/* The comment behind a statement by which it is found again in system.processes. */
enum { WEIR_RUN_MARK = 200 };
weir_text weir_run_mark(const struct weir_call *c, char out[WEIR_RUN_MARK]);
#endif
