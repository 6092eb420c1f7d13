#ifndef WEIR_INGEST_AGENT_H
#define WEIR_INGEST_AGENT_H
#include "base/arena.h"
#include "base/err.h"
#include <json-c/json.h>
#include <stdint.h>
/*
 * User agents (spec/ingest.md 5.1): operating system, browser and device of
 * the text that a browser or SDK sends about itself.  The rules are rows of
 * data/agent-*.tsv, compiled once by weir_agents_new; results are cached in
 * the process.  An absent part is "" (never NULL).  A user agent that names
 * none of them, or a single product token ("curl/8.4"), is a server:
 * is_server is true, device "server", everything else "".
 */
struct weir_agent {
	weir_text os, os_version, browser, browser_version, device, brand, model;
	bool is_server;
};

typedef struct weir_agents weir_agents;

enum {
	WEIR_AGENT_MAX = 500 /* bytes of a user agent that are looked at; the rest is ignored */
};

/* cache_entries: setting track.agent_cache; 0 switches the cache off. NULL on out of memory or a broken rule (logged). */
weir_agents *weir_agents_new(size_t cache_entries);
void weir_agents_free(weir_agents *g);
/* ua NULL or empty: the server result. Texts of *out live in the arena. */
WEIR_MUSTCHECK weir_err weir_agent_parse(weir_agents *g, weir_arena *a, weir_text ua, int64_t now_ms, struct weir_agent *out);
/*
 * What the event says about itself goes first: __os, __osVersion, __browser,
 * __browserVersion, __device, __brand, __model, where they are non-empty
 * strings.  Servers stay servers.  The texts then belong to properties.
 */
void weir_agent_override(struct weir_agent *agent, json_object *properties);
/* "mobile", "tablet" or "desktop" where the rules know no device; model may be empty. */
weir_text weir_agent_device(weir_agents *g, weir_text ua, weir_text model);
#endif
