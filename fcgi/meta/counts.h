#ifndef WEIR_META_COUNTS_H
#define WEIR_META_COUNTS_H
#include "link/clickhouse.h"
#include "meta/meta.h"
/*
 * How many events there are (spec/ingest.md 6.7), read from ClickHouse and
 * written to PostgreSQL where it has changed:
 *
 *   projects.eventsCount                         all of the project
 *   organizations.subscriptionPeriodEventsCount  of the organization's projects, in the running period of its
 *                                                subscription; without one, or with api.self_hosted, all of them
 *   organizations.subscriptionPeriodEventsCountExceededAt
 *                                                now, when the count is first beyond the limit; never with api.self_hosted
 *
 * The columns are int4: larger counts are stored as 2147483647.
 */
struct weir_counts {
	enum { WEIR_COUNTS_PROJECTS, WEIR_COUNTS_ORGANIZATIONS, WEIR_COUNTS_PERIODS, WEIR_COUNTS_DONE } state;
	char after[256];               /* the last project, or organization, that was looked at */
	int64_t changed;               /* rows so far */
};

/* One step: some projects or organizations. Begins with a zeroed state; ends with WEIR_COUNTS_DONE. */
WEIR_MUSTCHECK weir_err weir_counts_step(struct weir_counts *c, const struct weir_meta *m, weir_ch *ch);
#endif
