#ifndef WEIR_INGEST_NAME_RULE_H
#define WEIR_INGEST_NAME_RULE_H
#include "base/text.h"
/* Names that an event cannot have (spec/ingest.md 1.1). */

/* session_start and session_end are made by the server alone. */
bool weir_name_is_reserved(weir_text name);
/* Over 80 UTF-16 units, more than one line, or the marks of a vulnerability scanner. */
bool weir_name_is_blocked(weir_text name);
#endif
