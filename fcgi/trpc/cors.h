#ifndef WEIR_TRPC_CORS_H
#define WEIR_TRPC_CORS_H
#include "base/conf.h"
#include "link/req.h"
/*
 * Which pages may call /trpc with the cookies of a signed-in user: the
 * dashboard (api.dashboard_url) and api.cors_origins, letter by letter
 * (spec/trpc-metadata.md 1.6).
 */

/* Adds the headers for the request's origin; true when it was a preflight and is answered. */
bool weir_cors(const struct weir_conf *conf, struct weir_req *r);
#endif
