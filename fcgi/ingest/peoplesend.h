#ifndef WEIR_INGEST_PEOPLESEND_H
#define WEIR_INGEST_PEOPLESEND_H
#include "base/conf.h"
#include "ingest/deliver.h"
#include "ingest/people.h"
/*
 * weir-track's side of profiles and groups: one call of sql/redis/people.lua
 * for each change (ingest/people.h), which goes the way of everything that has
 * to be kept (ingest/outbox.h).
 *
 * Only an increment of a profile that Redis does not know asks ClickHouse,
 * with little patience and, after a failure, not again for some seconds; the
 * increment is then kept, to be added to the row when weir-worker has read it.
 *
 * Errors: WEIR_OK the change is kept; WEIR_ELIMIT the profile or group would
 * be too big; WEIR_EUNAVAIL, WEIR_ENOMEM.
 */
typedef struct weir_people_sender weir_people_sender;

/* conf and outbox must live as long. NULL on no memory. */
weir_people_sender *weir_people_sender_new(const struct weir_conf *conf, weir_outbox *outbox);
void weir_people_sender_free(weir_people_sender *s);

/*
 * What goes with a change in one step: a question about the visitor whose
 * answer, in *receipt, decides whether the change is made
 * (weir_deliver_asked).  Where one may be given, NULL asks nothing.
 */
struct weir_people_question {
	weir_deliverer *deliverer;
	const struct weir_delivery *delivery;
	struct weir_receipt *receipt;
};

WEIR_MUSTCHECK weir_err weir_people_put(weir_people_sender *s, weir_arena *mem, int64_t now_ms, const struct weir_profile_change *c,
	const struct weir_people_question *question);
WEIR_MUSTCHECK weir_err weir_people_put_group(weir_people_sender *s, weir_arena *mem, int64_t now_ms, const struct weir_group_change *c,
	const struct weir_people_question *question);

struct weir_adjustment {
	weir_text project_id, id, property; /* property: "a.b" is b in a */
	double by;
};
/*
 * Adds to a property: a missing one counts as 0, a text as the number that it
 * begins with.  Also WEIR_ENOTFOUND: there is no such profile; WEIR_EBADREQ:
 * the value is no number.
 */
WEIR_MUSTCHECK weir_err weir_people_adjust(weir_people_sender *s, weir_arena *mem, int64_t now_ms, const struct weir_adjustment *a,
	const struct weir_people_question *question);
#endif
