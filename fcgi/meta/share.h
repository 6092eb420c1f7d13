#ifndef WEIR_META_SHARE_H
#define WEIR_META_SHARE_H
#include "meta/access.h"
/* Pages that are open to visitors without an account (spec/trpc-metadata.md 3, 4.9). */
enum weir_share_kind {
	WEIR_SHARE_overview,
	WEIR_SHARE_dashboard,
	WEIR_SHARE_report,
	WEIR_SHARE_COUNT
};
extern const char *const weir_share_words[WEIR_SHARE_COUNT];

struct weir_share {
	bool found, open;              /* open: public */
	enum weir_share_kind kind;
	weir_text id;
	weir_text password;            /* hash; {NULL, 0} when none is asked for */
	weir_text subject;             /* id of the dashboard or report; of the project for an overview */
	struct weir_project_view project;
};
WEIR_MUSTCHECK weir_err weir_share_get(const struct weir_meta *m, enum weir_share_kind kind, weir_text id, struct weir_share *share);
/*
 * The report, when it is what is shared or lies on the dashboard that is: a
 * JSON object with the members of the charts' inputs ("projectId",
 * "chartType", "series" ...), those that are not set left out; else {NULL, 0}.
 */
WEIR_MUSTCHECK weir_err weir_share_report(const struct weir_meta *m, const struct weir_share *share, weir_text report_id, weir_text *json);

/*
 * What the cookie of somebody who has given the password holds, before it is
 * signed (meta/secret.h): the share, until when, and a trace of the password,
 * so that a new one ends it.
 */
enum { WEIR_SHARE_DAYS = 7 };
WEIR_MUSTCHECK weir_err weir_share_ticket(const struct weir_meta *m, const struct weir_share *share, weir_text *ticket);
/* Whether the cookie's value is a signed ticket for this share that still counts. */
WEIR_MUSTCHECK weir_err weir_share_ticket_good(const struct weir_meta *m, const struct weir_share *share, weir_text cookie, bool *good);
#endif
