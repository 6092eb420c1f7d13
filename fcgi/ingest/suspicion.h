#ifndef WEIR_INGEST_SUSPICION_H
#define WEIR_INGEST_SUSPICION_H
#include "base/arena.h"
#include "base/err.h"
#include "ingest/visitor.h"
#include "ingest/geo.h"
/*
 * Marks for events that may come from a program (spec/ingest.md 3.4).  Marks
 * never block.  The caller leaves this out for servers and for clients that
 * gave the right secret, and removes the sender's own __bot and __bot_reasons.
 */
struct weir_suspicion {
	weir_text reasons; /* __bot_reasons: comma-joined, "" when there is none */
	bool bot;          /* __bot = "1": reasons of two kinds */
};
WEIR_MUSTCHECK weir_err weir_suspicion_of(weir_arena *a, weir_text ua, struct weir_headers headers, const struct weir_network *network,
	struct weir_suspicion *out);
#endif
