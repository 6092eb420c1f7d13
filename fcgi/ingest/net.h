#ifndef WEIR_INGEST_NET_H
#define WEIR_INGEST_NET_H
#include "ingest/session.h"
/*
 * The session rows of a batch, netted: a state that the batch both brings (+1)
 * and takes back (-1) is not written at all, so that a visit of fifty events
 * in one batch costs one or two rows (spec/ingest.md 7.2, area session_squash
 * of the vectors).  States are told apart by project, session id and version.
 *
 * Keeps its own copies of the packed sessions, in memory that a reset gives
 * back but for a first part.
 */
typedef struct weir_net weir_net;

weir_net *weir_net_new(void);
void weir_net_free(weir_net *n);
void weir_net_reset(weir_net *n);

/* packed is what s was read from; s's id and project_id are views into it. */
WEIR_MUSTCHECK weir_err weir_net_add(weir_net *n, const struct weir_session *s, int sign, weir_text packed);

/* What is left, in the order of coming: at starts at 0; false at the end. */
struct weir_net_row {
	weir_text packed, id, project_id;
	uint64_t version;
	int sign;
	int64_t created_at;
};
bool weir_net_next(const weir_net *n, size_t *at, struct weir_net_row *row);
size_t weir_net_count(const weir_net *n);
/* Bytes held for what is left. */
size_t weir_net_bytes(const weir_net *n);
#endif
