#ifndef WEIR_INGEST_AUTH_H
#define WEIR_INGEST_AUTH_H
#include "ingest/client.h"
/*
 * Whether a request may send events, by the rules of spec/ingest.md 2.1 in
 * their order.  Unlike the reference, a secret counts only when it is right
 * (11 item 1): a wrong one gives no more rights than none.
 *
 * Verifying a secret is slow on purpose (scrypt); verdicts are remembered for
 * five minutes under a digest of the stored and the given secret, so a changed
 * secret is verified anew and no clear text stays in memory.
 */
struct weir_auth_ask {
	weir_text client_id;           /* from the headers, else the body; "" for none */
	weir_text secret;              /* likewise */
	weir_text origin;              /* the Origin header */
	weir_text ip;                  /* the visitor's address */
	weir_text profile_id;          /* payload.profileId when it is a string */
	bool revenue;                  /* properties.__revenue is there and not null */
};

struct weir_auth_verdict {
	const struct weir_client *client; /* valid until the next call; NULL when refused before it was known */
	bool secret_ok;                /* a right secret was given: no bot checks, no marks */
	const char *refusal;           /* NULL: accepted; else the sentence for the 401 */
};

typedef struct weir_auth weir_auth;

/* clients stays the caller's and must live as long. NULL on no memory. */
weir_auth *weir_auth_new(weir_clients *clients);
void weir_auth_free(weir_auth *a);
/* An error means that nothing could be found out: WEIR_EUNAVAIL, WEIR_ENOMEM, WEIR_EINTERNAL. */
WEIR_MUSTCHECK weir_err weir_auth_ingest(weir_auth *a, const struct weir_auth_ask *ask, int64_t now_ms, struct weir_auth_verdict *v);
/* The rules for POST /import/events (spec/ingest.md 2.4). */
WEIR_MUSTCHECK weir_err weir_auth_import(weir_auth *a, const struct weir_auth_ask *ask, int64_t now_ms, struct weir_auth_verdict *v);
#endif
