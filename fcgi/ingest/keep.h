#ifndef WEIR_INGEST_KEEP_H
#define WEIR_INGEST_KEEP_H
#include "base/conf.h"
/* How long a project's events are kept: setting worker.keep_events, "shop=90d, *=730d". */

/* False, with *fault, when an item of the list cannot be read. */
bool weir_keep_check(const struct weir_conf *conf, struct weir_fault *fault);
/* In ms; -1 for ever. The project's own item counts before that of all, "*". */
int64_t weir_keep_of(const struct weir_conf *conf, weir_text project_id);
#endif
