#ifndef WEIR_META_GSC_H
#define WEIR_META_GSC_H
#include <json-c/json.h>
#include "meta/oauth.h"
/*
 * A project's connection to Google Search Console (spec/trpc-metadata.md 2.7,
 * 4.21); its tokens are sealed with api.encryption_key and in no answer.  Rows
 * are of record gsc_connection.
 */

WEIR_MUSTCHECK weir_err weir_gsc_get(const struct weir_meta *m, weir_text project_id, PGresult **rows);
/* The site whose figures are to be fetched from now on; none without a connection. */
WEIR_MUSTCHECK weir_err weir_gsc_select(const struct weir_meta *m, weir_text project_id, weir_text site_url, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_gsc_disconnect(const struct weir_meta *m, weir_text project_id);

/* Whether the settings have a client at Google and a key to seal its tokens with. */
bool weir_gsc_configured(const struct weir_conf *conf);
/* An address to send the browser to, and two secrets for its cookies. */
WEIR_MUSTCHECK weir_err weir_gsc_begin(const struct weir_meta *m, struct weir_oauth_start *start);
/* Back with a code: the connection is made, or has new tokens. WEIR_EBADGATEWAY when Google gives none (logged). */
WEIR_MUSTCHECK weir_err weir_gsc_finish(const struct weir_meta *m, weir_text project_id, weir_text code, weir_text verifier);

/* What a question needs; in the arena. */
struct weir_gsc_link {
	weir_text site;                /* may be empty */
	weir_text bearer;
};
/* Renews the token when it has ended. WEIR_ENOTFOUND: there is no connection; WEIR_EFORBID: its tokens cannot be read; WEIR_EBADGATEWAY. */
WEIR_MUSTCHECK weir_err weir_gsc_open(const struct weir_meta *m, weir_text project_id, struct weir_gsc_link *link);
/* Google's list of {siteUrl, permissionLevel}; NULL for none. */
WEIR_MUSTCHECK weir_err weir_gsc_sites(const struct weir_meta *m, const struct weir_gsc_link *link, json_object **entries);

struct weir_gsc_question {
	weir_text first, last;         /* YYYY-MM-DD, both count */
	const char *dimension[2];      /* "date", "page", "query"; NULL for none */
	const char *by;                /* the dimension that must have the value; NULL: all */
	weir_text value;
	int64_t limit, from;           /* rows; 25 000 at most */
};
/* Rows {keys: [texts], clicks, impressions, ctr, position}; NULL for none. */
WEIR_MUSTCHECK weir_err weir_gsc_ask(const struct weir_meta *m, const struct weir_gsc_link *link, const struct weir_gsc_question *q,
	json_object **rows);

/*
 * For the worker: the next connection behind that project whose figures are
 * older than age_ms, or are to be fetched for the first time.  None, or one
 * row: project id, backfillStatus.
 */
WEIR_MUSTCHECK weir_err weir_gsc_due(const struct weir_meta *m, int64_t age_ms, weir_text after, PGresult **row);
struct weir_gsc_outcome {
	const char *status;            /* of lastSyncStatus: "success", "error", "token_expired"; NULL: not at an end yet */
	const char *why;               /* NULL: it went well */
	const char *backfill;          /* of backfillStatus; NULL leaves it */
};
/* A backfillStatus that is "pending" because another site was chosen meanwhile stays, unless it is "running" that is noted. */
WEIR_MUSTCHECK weir_err weir_gsc_note(const struct weir_meta *m, weir_text project_id, const struct weir_gsc_outcome *out);
#endif
