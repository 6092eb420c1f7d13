#ifndef WEIR_META_SLACK_H
#define WEIR_META_SLACK_H
#include "meta/meta.h"
/*
 * Installing Slack's app into an integration (spec/trpc-metadata.md 4.12):
 * somebody is sent to Slack with a signed state, and comes back with a code
 * for which Slack hands out a webhook.  The state names him and the
 * integration, so that nobody can be made to finish what another began.
 */
enum { WEIR_SLACK_SECONDS = 600 };

bool weir_slack_configured(const struct weir_conf *conf);
/* Where to send the user's browser; in the arena. */
WEIR_MUSTCHECK weir_err weir_slack_url(const struct weir_meta *m, weir_text user_id, weir_text integration_id, weir_text *url);
/*
 * The user comes back.  On success *organization_id is that of the
 * integration, which is set up now; else *why is a sentence for him (NULL:
 * none), and the details are logged.
 */
WEIR_MUSTCHECK weir_err weir_slack_finish(const struct weir_meta *m, weir_text user_id, weir_text code, weir_text state,
	weir_text *organization_id, const char **why);
#endif
