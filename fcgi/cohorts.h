#ifndef WEIR_FCGI_COHORTS_H
#define WEIR_FCGI_COHORTS_H
#include "base/id.h"
#include "worker.h"
/* Working out anew who belongs to the cohorts, one at a time (query/cohort.h). A failure is logged and the next one is gone on with. */
struct cohorts {
	char after[WEIR_UUID_LEN + 1]; /* the last one that was looked at */
	int64_t computed, failed;
};
/* One cohort; *more: there may be another one. Begins with a zeroed state. */
WEIR_MUSTCHECK weir_err cohorts_step(struct cohorts *c, struct worker *w, bool *more);
#endif
