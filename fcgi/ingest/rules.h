#ifndef WEIR_INGEST_RULES_H
#define WEIR_INGEST_RULES_H
#include "ingest/match.h"
#include "link/postgres.h"
/*
 * The notification rules of all projects, and the integrations that they use,
 * as PostgreSQL had them when they were last read (spec/ingest.md 6.6,
 * spec/trpc-metadata.md 6).  weir-worker reads them at its start, when the
 * generation in Redis has changed, and once a minute.
 */
struct weir_integration {
	weir_text id, name;
	json_object *config; /* DISCORD_CONFIG, WEBHOOK_CONFIG, or what Slack gave */
};

struct weir_rule {
	weir_text id, project_id, project_name, organization_id, name;
	weir_text template;                  /* "" for the default title */
	bool funnel, to_app, to_email;
	struct weir_conditions events;       /* funnel: one after the other; else any of them */
	const weir_text *integration;        /* ids */
	size_t integrations;
};

typedef struct weir_rules weir_rules;

/* NULL on no memory. Knows nothing before the first weir_rules_read. */
weir_rules *weir_rules_new(void);
void weir_rules_free(weir_rules *r);
/* On any error what was known stays. Pointers handed out before are no longer valid after WEIR_OK. */
WEIR_MUSTCHECK weir_err weir_rules_read(weir_rules *r, weir_pg *pg);
/* Whether a read has succeeded yet. */
bool weir_rules_known(const weir_rules *r);

/* Whether there is any rule. */
bool weir_rules_some(const weir_rules *r);
/* A project's rules; *count is 0 when it has none. Cheap. */
const struct weir_rule *weir_rules_of(const weir_rules *r, weir_text project_id, size_t *count);
/* NULL when there is none of that id. */
const struct weir_rule *weir_rule_by_id(const weir_rules *r, weir_text project_id, weir_text id);
const struct weir_integration *weir_integration_by_id(const weir_rules *r, weir_text id);
#endif
