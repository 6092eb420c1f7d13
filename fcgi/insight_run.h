#ifndef WEIR_FCGI_INSIGHT_RUN_H
#define WEIR_FCGI_INSIGHT_RUN_H
#include "meta/insight.h"
#include "query/insight.h"
/*
 * The insights of one project: every module in every window is asked for
 * (query/insight.h), one question after the other while the caller goes on with
 * its own work, then all is stored at once (meta/insight.h).  For weir-worker
 * and weirctl.
 */
struct insight_run;

/* NULL on no memory. */
struct insight_run *insight_run_new(void);
/* Breaks off what is being asked. */
void insight_run_free(struct insight_run *r);
/* Begins with a project, whose texts are copied; what was found of another one goes. */
WEIR_MUSTCHECK weir_err insight_run_begin(struct insight_run *r, const struct weir_insight_project *project, int64_t today, int64_t now_ms);
/*
 * Moves on without waiting for ClickHouse. *again_ms: when to call again, -1
 * when all has been asked.  A failure that is the question's own (*of_one: it
 * takes too long, or too much memory) leaves that module and window out; the
 * next call goes on behind it.  After any other one there is nothing to go on
 * with.
 */
WEIR_MUSTCHECK weir_err insight_run_step(struct insight_run *r, weir_ch *ch, const struct weir_conf *conf, int64_t *again_ms, bool *of_one);
/* What was found so far, in the order of modules and windows; valid until the next step. */
const struct weir_finding *insight_run_found(const struct insight_run *r, size_t *count);
/* Stores it; the errors of weir_insight_store. */
WEIR_MUSTCHECK weir_err insight_run_store(const struct insight_run *r, const struct weir_meta *m, struct weir_insight_counts *counts);
weir_text insight_run_project(const struct insight_run *r);
#endif
