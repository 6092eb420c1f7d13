#ifndef WEIR_FCGI_INSIGHTS_H
#define WEIR_FCGI_INSIGHTS_H
#include "worker.h"
/*
 * Finding out what has changed about projects (fcgi/insight_run.h), once for
 * each day and project after 02:00 UTC, then clearing away what is older than
 * worker.insight_retention.  A worker that was not running at 02:00 does it as
 * soon as it is.  ClickHouse is asked while events are stored; no step waits
 * for it.
 *
 * How far the day has come stands in Redis, in hash {PREFIX:0}:insights: day
 * (number since 1970), after (the last project that was looked at) and done (0
 * or 1), so that another worker goes on where one was broken off.  A day that
 * is done twice changes nothing.
 */
struct insights;
/* NULL on no memory. */
struct insights *insights_new(void);
void insights_free(struct insights *s);
/* A step. *again_ms as in jobs.c; left alone when the day is done. */
WEIR_MUSTCHECK weir_err insights_step(struct insights *s, struct worker *w, int64_t *again_ms);
#endif
