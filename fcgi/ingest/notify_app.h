#ifndef WEIR_INGEST_NOTIFY_APP_H
#define WEIR_INGEST_NOTIFY_APP_H
#include "ingest/notice.h"
#include "link/redis.h"
/*
 * The dashboard's notification: a row of table notifications with the job's
 * id, and the row in superjson on channel notification:created, which is what
 * WebSockets of /live/notifications are fed from (spec/ingest.md 9.5).  The
 * row is there once however often the job is done; the word is given each
 * time.  WEIR_EBADREQ when PostgreSQL refuses the row; errors of
 * link/postgres.h and link/redis.h.
 */
WEIR_MUSTCHECK weir_err weir_notify_app(weir_pg *pg, weir_redis *redis, weir_arena *mem, const struct weir_job *job);
#endif
