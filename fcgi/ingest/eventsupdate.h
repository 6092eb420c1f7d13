#ifndef WEIR_INGEST_EVENTSUPDATE_H
#define WEIR_INGEST_EVENTSUPDATE_H
#include "link/clickhouse.h"
/*
 * Lightweight UPDATEs of events that are stored.  In a cluster the rows lie in
 * the local tables: a Distributed table takes no UPDATE, so that every node is
 * told.  A node that shares its shard with others writes what they write, to
 * the same effect.
 */
/* Runs "UPDATE events" and rest, a constant with {name:Type} values. WEIR_EBADREQ for a cluster name that migrate would not take. */
WEIR_MUSTCHECK weir_err weir_events_update(const struct weir_conf *conf, weir_ch *ch, const char *rest, const struct weir_ch_arg *params,
	size_t nparams);
#endif
