#ifndef WEIR_TRPC_RATE_H
#define WEIR_TRPC_RATE_H
#include "trpc/call.h"
/*
 * How often an address may call a procedure: a counter per procedure and
 * address in Redis with a fixed window (spec/trpc-metadata.md 2.8; the
 * reference shares one counter, so that signing in blocks resetting).  With
 * Redis away nothing is limited.
 */
#define WEIR_RATES(X)                 \
	X(none, 0, 0, false)          \
	X(sign_in, 3, 30, false)      \
	X(get_invite, 5, 30, false)   \
	X(totp, 5, 60, false)         \
	X(recovery, 3, 60, false)     \
	X(totp_user, 20, 600, false)  \
	X(reset, 3, 60, false)        \
	X(reset_late, 3, 60, true)

struct weir_rate {
	int max;
	int seconds;
	bool late;             /* counted only when the input is valid */
};

#define X(name, max, seconds, late) WEIR_RATE_##name,
enum weir_rate_class { WEIR_RATES(X) WEIR_RATE_COUNT };
#undef X
extern const struct weir_rate weir_rates[WEIR_RATE_COUNT];

/*
 * Counts something else that there may be too much of, such as codes for one
 * user from whatever address; errors as below.
 */
WEIR_MUSTCHECK weir_err weir_rate_count(struct weir_call *c, const struct weir_rate *rate, const char *what, weir_text whose);
/* Counts the call; WEIR_ERATE with its sentence when there were too many. */
WEIR_MUSTCHECK weir_err weir_rate_check(struct weir_call *c);
#endif
