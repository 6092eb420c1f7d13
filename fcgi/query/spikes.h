#ifndef WEIR_QUERY_SPIKES_H
#define WEIR_QUERY_SPIKES_H
#include "query/overview.h"
/* Buckets in which one referrer sent far more than it uses to (spec/queries.md 15). */
struct weir_spike {
	weir_text referrer;
	size_t bucket;                 /* of the range's buckets */
	double sessions, baseline, ratio, share, score;
	bool is_new;
};

enum { WEIR_SPIKES_MAX = 30, WEIR_SPIKE_OTHERS = 3 };
struct weir_spikes {
	struct weir_buckets buckets;
	struct {
		struct weir_spike best, others[WEIR_SPIKE_OTHERS];
		size_t other_count;
	} items[WEIR_SPIKES_MAX];      /* by bucket */
	size_t count;
};
WEIR_MUSTCHECK weir_err weir_referrer_spikes(const struct weir_overview_ask *o, struct weir_spikes *out);
#endif
