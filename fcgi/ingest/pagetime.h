#ifndef WEIR_INGEST_PAGETIME_H
#define WEIR_INGEST_PAGETIME_H
#include "ingest/stream.h"
#include "link/clickhouse.h"
/*
 * Time on page, the last part of its way: events.duration of screen views that
 * were stored before anyone knew how long they were looked at.
 *
 * The time is known with the next screen view of the session or with its end
 * (ingest/rows.h).  While the screen view is in the same batch it goes into the
 * row (ingest/pagelist.h); else it is noted in Redis, in the hash
 * {PREFIX:SHARD}:views, in the step that settles the entry that tells it: by
 * then the screen view's row is in ClickHouse.
 *
 *   field  id of the screen view, 16 bytes
 *   value  MessagePack values one after the other: project, ms of the view, ms spent
 *
 * Every worker.views_age many of them are written at once by a lightweight
 * UPDATE, and forgotten unless another time has been noted since.  Whatever
 * dies in between, the statement comes again with the same values.  Queries see
 * the new values at once; ClickHouse merges them into the rows later.
 */
/*
 * Writes what is noted, in a few statements; *more tells that some is left
 * that could be written.  WEIR_ECONFLICT without the lease, WEIR_EBADGATEWAY
 * when ClickHouse refuses (weir_ch_error tells why; nothing is forgotten), and
 * the errors of link/redis.h and link/clickhouse.h.  *written is added to.
 */
WEIR_MUSTCHECK weir_err weir_pagetime_write(const struct weir_conf *conf, weir_stream *stream, weir_ch *ch, int64_t *written, bool *more);
#endif
