#ifndef WEIR_META_SESSION_H
#define WEIR_META_SESSION_H
#include "meta/meta.h"
/*
 * Sessions of people (spec/trpc-metadata.md 2.2).  The cookie holds a random
 * token; the table knows only its SHA-256.  A session lives for 30 days and is
 * extended by whatever is asked in its last 15.
 */
enum { WEIR_SESSION_TOKEN_LEN = 32 };

struct weir_viewer {
	weir_text user_id;             /* {NULL, 0}: signed out */
	weir_text session_id;
	int64_t expires_at;            /* ms */
	PGresult *session;             /* row of record session; NULL for the demo user */
	PGresult *user;                /* row of record user */
	int user_column;               /* where the user's columns begin */
	bool demo;                     /* setting api.demo_user: looks at everything, changes nothing */
};

/*
 * Who holds the token (empty: nobody). Extends or deletes the session as its age asks for.
 * When m->ahead has a recent and comes back unproven, weir_session_proven is due before anything is told to him.
 */
WEIR_MUSTCHECK weir_err weir_session_resolve(const struct weir_meta *m, weir_text token, struct weir_viewer *viewer);
/* Asks PostgreSQL for its word on what came back unproven, unless that was asked before, without waiting for it. */
void weir_session_prove(const struct weir_meta *m);
/* Waits for PostgreSQL's word; *same is false when it differs from what weir_session_resolve went by, which is forgotten. */
WEIR_MUSTCHECK weir_err weir_session_proven(const struct weir_meta *m, bool *same);
/* A fresh session; *row is one row of record session. */
WEIR_MUSTCHECK weir_err weir_session_create(const struct weir_meta *m, weir_text user_id, char token[WEIR_SESSION_TOKEN_LEN + 1],
	PGresult **row);
WEIR_MUSTCHECK weir_err weir_session_delete(const struct weir_meta *m, weir_text session_id);
#endif
