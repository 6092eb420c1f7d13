#ifndef WEIR_TRPC_OVERVIEW_H
#define WEIR_TRPC_OVERVIEW_H
#include "query/overview.h"
#include "trpc/call.h"
/* What the procedures of an overview have in common. */

/* Project, filters, interval and range of the input; refuses dates that are none. */
WEIR_MUSTCHECK weir_err weir_overview_read(struct weir_call *c, struct weir_overview_ask *o);
/* A bucket's text "2026-08-01 00:00:00" as "2026-08-01T00:00:00.000Z": the project's clock, whatever its zone. */
void weir_put_stamp(struct weir_call *c, const char *key, weir_text text);
#endif
