#ifndef WEIR_INGEST_CLIENT_H
#define WEIR_INGEST_CLIENT_H
#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"
#include "ingest/match.h"
#include <stdint.h>
/*
 * Who may send events: a client with its project, from PostgreSQL by id, and
 * the salts of device ids.  Both are remembered in the process: a client for
 * track.client_ttl, an unknown id for track.client_negative_ttl, salts for a
 * minute.  weir_clients_forget makes all of it be asked for again; it is called
 * when the generation in Redis has changed (link/generation.h, meta/watch.h).
 *
 * While PostgreSQL is away, what was known goes on being believed for a day,
 * so that events of known clients are still taken; then WEIR_EUNAVAIL.
 */
enum weir_client_type { WEIR_CLIENT_READ, WEIR_CLIENT_WRITE, WEIR_CLIENT_ROOT };

struct weir_client {
	weir_text id;
	weir_text secret;              /* stored form (base/hash.h); {NULL, 0} when it has none */
	enum weir_client_type type;
	bool ignore_cors_and_secret;
	bool allow_unsafe_revenue;
	weir_text project_id;          /* {NULL, 0} for a client of the whole organization */
	const weir_text *origins;      /* the project's cors */
	size_t origin_count;
	const weir_text *blocked_ips, *blocked_profiles; /* the project's filters */
	size_t blocked_ip_count, blocked_profile_count;
	struct weir_conditions event_filters; /* events that the project does not want (spec/ingest.md 6.4) */
};

enum { WEIR_SALT_MAX = 128 };

struct weir_salts {
	char current[WEIR_SALT_MAX + 1];
	char previous[WEIR_SALT_MAX + 1]; /* "" when there is but one */
};

typedef struct weir_clients weir_clients;

weir_clients *weir_clients_new(const struct weir_conf *conf, struct weir_fault *fault);
void weir_clients_free(weir_clients *c);
/*
 * *out is NULL for an id that nobody has; it stays valid until the next call.
 * id must be of the form of a client id (base/id.h).
 */
WEIR_MUSTCHECK weir_err weir_clients_find(weir_clients *c, weir_text id, int64_t now_ms, const struct weir_client **out);
/* WEIR_EUNAVAIL also when there is no salt yet. */
WEIR_MUSTCHECK weir_err weir_clients_salts(weir_clients *c, int64_t now_ms, const struct weir_salts **out);
void weir_clients_forget(weir_clients *c);
#endif
