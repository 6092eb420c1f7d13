#ifndef WEIR_REST_OAUTH_H
#define WEIR_REST_OAUTH_H
#include "rest/rest.h"
/*
 * Signing in with an account elsewhere (spec/trpc-metadata.md 2.7).
 *
 *   GET /oauth/PROVIDER/callback   where github, google and oidc send people back to
 *   GET /oauth/PROVIDER            sends people there, for a plain link: what auth.signInOAuth answers as JSON, as a redirect
 *   GET /oauth/providers           which of them are set up: {"providers":[{"id","name","url"}]}
 *
 * Failures end at the dashboard's page /login?error=TEXT&correlationId=ID; the
 * id stands in the log.
 */

/* True when the path is one of these, and the answer is written. */
bool weir_oauth_serve(struct weir_rest *rest, struct weir_req *r);
#endif
