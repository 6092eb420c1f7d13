#ifndef WEIR_INGEST_NOTICE_TEXT_H
#define WEIR_INGEST_NOTICE_TEXT_H
#include "ingest/rules.h"
/*
 * What a notification says (spec/ingest.md 6.6).  The title is the rule's
 * template, in which these are replaced
 *
 *   $EVENT_NAME  $RULE_NAME  {{rule_name}}
 *   {{name}}, {{properties.plan}} ...   a field of the event (ingest/match.h)
 *   {{profile.email}}, {{profile.properties.a}} ...   of its profile
 *
 * and what is not there becomes "".  Without template: You received a new
 * "NAME" event, or Funnel "RULE" completed.
 */
enum { WEIR_TITLE_MAX = 2000 /* bytes; longer ones are cut and end with an ellipsis */ };

/* Whether the rule's template asks for the profile. */
bool weir_title_wants_profile(const struct weir_rule *rule);
/* e: the event, or the last of the funnel; profile: a row of profiles as JSON, or NULL. A line of UTF-8 in mem; {NULL, 0} on no memory. */
weir_text weir_notice_title(weir_arena *mem, const struct weir_rule *rule, const struct weir_event *e, json_object *profile);
/* "Project: NAME". */
weir_text weir_notice_message(weir_arena *mem, const struct weir_rule *rule);
/* At most max bytes of whole characters, with an ellipsis in the place of the rest; {NULL, 0} on no memory. */
weir_text weir_text_shorten(weir_arena *mem, weir_text t, size_t max);
/* JSON text without the escape of NUL characters, which PostgreSQL's jsonb refuses. */
weir_text weir_json_without_nul(weir_arena *mem, weir_text json);
#endif
