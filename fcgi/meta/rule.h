#ifndef WEIR_META_RULE_H
#define WEIR_META_RULE_H
#include "meta/meta.h"
/* Notification rules and what they have brought (spec/trpc-metadata.md 4.11). */

enum { WEIR_NOTIFICATIONS_MAX = 5000 };
/* Rows of record notification, newest first, the latest WEIR_NOTIFICATIONS_MAX; behind each the names of its integration and its rule. */
WEIR_MUSTCHECK weir_err weir_notification_list(const struct weir_meta *m, weir_text project_id, PGresult **rows);

struct weir_rules_read {
	PGresult *rules;               /* rows of record rule, newest first */
	PGresult *integrations;        /* rows of record integration, the id of its rule behind each */
};
/* The rules of a project; one round trip. */
WEIR_MUSTCHECK weir_err weir_rule_list(const struct weir_meta *m, weir_text project_id, struct weir_rules_read *out);

struct weir_rule_saved {
	weir_text id;                  /* empty: a new one */
	weir_text project_id, name;
	weir_text template;            /* empty stores NULL */
	weir_text config;              /* JSON */
	bool to_app, to_mail;
	const weir_text *integrations; /* ids of the project's organization */
	size_t count;
};
/* How many of these ids are integrations of the organization. */
WEIR_MUSTCHECK weir_err weir_rule_integrations(const struct weir_meta *m, weir_text organization_id, const weir_text *ids, size_t count,
	int64_t *known);
/* One row of record rule, or none when there is no such rule. Tells the worker. */
WEIR_MUSTCHECK weir_err weir_rule_save(const struct weir_meta *m, const struct weir_rule_saved *in, PGresult **rows);
WEIR_MUSTCHECK weir_err weir_rule_delete(const struct weir_meta *m, weir_text id, PGresult **rows);
#endif
