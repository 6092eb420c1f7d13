#ifndef WEIR_INGEST_AGENT_RULES_H
#define WEIR_INGEST_AGENT_RULES_H
#include "ingest/agent.h"
/*
 * The tables of data/agent-*.tsv at work.  A row names texts of which a match
 * must contain one; they rule out nearly all patterns without running them.
 * A pattern is compiled when it is first needed, and for the machine (JIT)
 * when it has been needed often, so that a CGI process starts at once.
 * Matching is bounded; a user agent that exceeds the bound does not match.
 */
struct weir_agent_rules;

struct weir_agent_rules *weir_agent_rules_new(void);
void weir_agent_rules_free(struct weir_agent_rules *r);
/* Compiles every pattern; false when one is broken (logged). For the tests. */
bool weir_agent_rules_check(struct weir_agent_rules *r);
/* Parts of a user agent by the tables and the fix-ups; {NULL, 0} or "" where there is none. is_server is not decided here. */
WEIR_MUSTCHECK weir_err weir_agent_read(struct weir_agent_rules *r, weir_arena *a, weir_text ua, struct weir_agent *out);
weir_text weir_agent_form(struct weir_agent_rules *r, weir_text ua, weir_text model);
#endif
