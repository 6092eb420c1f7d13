#ifndef WEIR_REST_CONNECT_H
#define WEIR_REST_CONNECT_H
#include "rest/rest.h"
/*
 * Where other services send people back to who have connected one of their
 * projects or organizations with it.
 *
 *   GET /webhook/slack   integration.createOrUpdateSlack has sent them (spec/trpc-metadata.md 4.12)
 *   GET /gsc/callback    gsc.initiateOAuth has (2.7)
 *
 * They end at the dashboard's page about it; failures at its page
 * /login?error=TEXT&correlationId=ID.
 */

/* True when the path is one of these, and the answer is written. */
bool weir_connect_serve(struct weir_rest *rest, struct weir_req *r);
#endif
