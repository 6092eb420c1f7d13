#ifndef WEIR_META_CLIENT_H
#define WEIR_META_CLIENT_H
#include "base/id.h"
#include "meta/meta.h"
/* Clients: what an SDK or a program signs in with (spec/trpc-metadata.md 4.4, spec/ingest.md 2). */

struct weir_client_new {
	weir_text name;
	weir_text type;                /* "read", "write" or "root"; empty means write */
	weir_text project_id;          /* empty: a client of the whole organization */
	weir_text organization_id;
	weir_text id, secret;          /* both empty: made here; given when an operator brings his own */
};

struct weir_client_made {
	char id[WEIR_UUID_LEN + 1];
	weir_text secret;              /* in clear, shown once; only its hash is stored */
	PGresult *rows;                /* one row of record client */
};

/* Inserts the client and tells the responders. WEIR_EBADREQ when id is no client id; WEIR_ECONFLICT when it exists. */
WEIR_MUSTCHECK weir_err weir_client_create(const struct weir_meta *m, const struct weir_client_new *in, struct weir_client_made *made);
/* Rows of record client, oldest first: a project's, or an organization's when project_id is empty, or all when both are. */
WEIR_MUSTCHECK weir_err weir_client_list(const struct weir_meta *m, weir_text organization_id, weir_text project_id, PGresult **rows);
/* One row of record client, or none; the id is a UUID. Changes are told to the responders. */
WEIR_MUSTCHECK weir_err weir_client_get(const struct weir_meta *m, weir_text id, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_client_rename(const struct weir_meta *m, weir_text id, weir_text name, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_client_delete(const struct weir_meta *m, weir_text id, PGresult **rows);
/* A fresh secret in the place of the old one; *secret is in clear, in the arena. */
WEIR_MUSTCHECK weir_err weir_client_renew(const struct weir_meta *m, weir_text id, weir_text *secret, PGresult **rows);
#endif
